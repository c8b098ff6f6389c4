import type { Context } from 'hono'
import { Refusal } from '../shared/app.ts'
import { askLane } from '../shared/lanes.ts'
import { referenceLink, SHARED } from '../shared/names.ts'
import { cache, type PushPull } from './env.ts'
import { type Reference, type ReferenceView, sheetViews } from './reference-tables.ts'

/** An answer is kept for so long, in seconds: an older one is not better than none. */
const KEPT = 86_400
/** The same answer is kept again after this, in milliseconds, so that its age says when it was last true. */
const AGAIN = 60_000
/** Addresses whose last answer an instance remembers to have kept */
const MOST = 1_000
const KEPT_AT = 'x-kept-at'

/** Address -> what was kept there last; a hint only, another instance may have kept more. */
const kept = new WeakMap<object, Map<string, { readonly tag: string; readonly at: number }>>()

/** Keeps a good answer for the day on which there is none. The reader does not wait for this. */
export function keep(c: Context<PushPull>, shown: unknown, tag: string): void {
  const store = cache(c.env)
  const known = kept.get(store) ?? new Map<string, { tag: string; at: number }>()
  kept.set(store, known)
  const address = addressOf(c)
  const last = known.get(address)
  const now = Date.now()
  if (last && last.tag === tag && now - last.at < AGAIN) return
  if (known.size >= MOST) known.clear()
  known.set(address, { tag, at: now })
  const headers = {
    'content-type': 'application/json',
    'cache-control': `public, max-age=${KEPT}`,
    [KEPT_AT]: String(now),
  }
  const stored = store.put(address, new Response(JSON.stringify(shown), { headers }))
  c.executionCtx.waitUntil(stored.catch((error: unknown) => failed('read.not_kept', error)))
}

/**
 * What can be said where D1 can't (`rows` null): the last good answer to the same question, or to the whole table; else what the
 * sheet shows. And where nobody has read the sheet yet: what it shows, and what was written here meanwhile (`rows`), or that alone.
 * Refused where there is none of them.
 */
export async function fallback<T extends ReferenceView, A extends T | T[]>(
  c: Context<PushPull>,
  of: Reference<T>,
  choose: (rows: T[]) => A,
  rows: readonly T[] | null,
) {
  const known = rows === null ? await remembered(c, of, choose) : null
  if (known) {
    c.header('tidemark-source', 'cache')
    c.header('age', String(known.age))
    return answer(c, known.shown)
  }
  const seen = await look(c, of)
  if ('rows' in seen) {
    c.header('tidemark-source', 'sheet')
    return answer(c, choose(together(of, rows ?? [], seen.rows)))
  }
  if (rows !== null && rows.length > 0) {
    c.header('tidemark-source', 'd1')
    return answer(c, choose([...rows]))
  }
  throw new Refusal({
    type: 'unavailable',
    detail:
      rows === null
        ? `The database can’t be reached, and the sheet neither: ${seen.reason}`
        : `The sheet was not read yet, and can’t be read now: ${seen.reason}`,
    kept: 'Nothing was changed. What was written before is kept.',
    mend: seen.mend,
    retryAfter: 30,
  })
}

function answer<A extends ReferenceView | ReferenceView[]>(c: Context<PushPull>, shown: A) {
  // Whoever comes again shall hear what is true by then.
  c.header('cache-control', 'private, no-store')
  return c.json(shown, 200)
}

/** What was written here, and what the sheet shows beside it. */
function together<T extends ReferenceView>(
  { named }: Reference<T>,
  here: readonly T[],
  there: readonly T[],
): T[] {
  const isHere = (row: T) =>
    here.some((own) => own.id === row.id || (named !== undefined && own[named] === row[named]))
  return [...here, ...there.filter((row) => !isHere(row))]
}

interface Kept<A> {
  readonly shown: A
  /** Seconds */
  readonly age: number
}

async function remembered<T extends ReferenceView, A extends T | T[]>(
  c: Context<PushPull>,
  { table }: Reference<T>,
  choose: (rows: T[]) => A,
): Promise<Kept<A> | null> {
  const exact = await fromCache<A>(c, addressOf(c))
  if (exact) return exact
  const all = await fromCache<T[]>(c, `${HOST}/api/reference/${table.name}`)
  return all && { shown: choose(all.shown), age: all.age }
}

async function fromCache<A>(c: Context<PushPull>, address: string): Promise<Kept<A> | null> {
  try {
    const found = await cache(c.env).match(address)
    const at = Number(found?.headers.get(KEPT_AT))
    const age = Math.max(0, Math.round((Date.now() - at) / 1_000))
    return found && age <= KEPT ? { shown: (await found.json()) as A, age } : null
  } catch (error) {
    failed('read.no_cache', error)
    return null
  }
}

/** The table as its tab shows it now. */
async function look<T extends ReferenceView>(
  c: Context<PushPull>,
  of: Reference<T>,
): Promise<{ readonly rows: T[] } | { readonly reason: string; readonly mend: string }> {
  const { name } = referenceLink
  const lane = referenceLink.lane(SHARED)
  try {
    const seen = await askLane(c.env.LANE, lane, (stub) => stub.peek(lane, name, SHARED, of.table.name))
    return seen.type === 'read' ? { rows: sheetViews(of, seen) } : seen
  } catch (error) {
    if (error instanceof Refusal) throw error
    failed('read.no_sheet', error)
    return { reason: 'the lane that reads it does not answer.', mend: 'Ask again in half a minute.' }
  }
}

const HOST = 'https://reference.tidemark.internal'

/** One address for one question, whoever asks: all who may read read the same. */
const addressOf = (c: Context): string => {
  const { pathname, searchParams } = new URL(c.req.url)
  const at = searchParams.get('at')
  return `${HOST}${pathname}${at === null ? '' : `?at=${encodeURIComponent(at)}`}`
}

const failed = (event: string, error: unknown): void =>
  console.error(JSON.stringify({ event, error: String(error) }))
