import { query, type Row } from '../../db/database.ts'
import type { PinRow } from './changes.ts'
import { WAY } from './identify.ts'
import type { ListState } from './list-state.ts'
import { isAsBefore, type PageIndex } from './page-index.ts'
import type { Deferred, PageEntry } from './plan.ts'
import type { Answer, Page } from './ports.ts'
import type { RowsAhead } from './rows-ahead.ts'
import type { Step } from './run.ts'
import type { TableCopy } from './table-copy.ts'

/** What is known of a list while a run reads it: D1's memory of its pages, in this instance. Losing it costs time only. */
export interface ListScratch {
  /** Page number -> its rows as they were read last, and as JSON with its warnings, as D1 holds them */
  readonly pages: Map<number, StoredPage>
  /** Digest of a match key -> where it was seen last */
  readonly where: Map<string, { readonly page: number; readonly entry: PageEntry }>
  /** Row key -> which of the list's rows stands for it, for links that add no rows */
  readonly claims: Map<string, { readonly name: string; readonly way: number }>
  /** Digests that this pass has shown -> page */
  readonly seen: Map<string, number>
  readonly deferred: Map<string, Deferred>
  /** Rows that were missing when the list was read last: their keys, and since when */
  readonly missing: StoredPage
  /** Pages on their way or here, by number; 0: the rows that wait */
  readonly ahead: Map<number, Fetched>
  /** Pins and open conflicts as they stand at a version of the lane: they are read again when somebody else moved it */
  standing: (Standing & { readonly version: number }) | null
  /** Stored rows that commits brought along for the pages behind them */
  readonly stored: StoredRows
  /** Conflicts that this pass has shown; null where an earlier instance saw a part of the pass */
  shown: Set<string> | null
}

/** Stored rows that pages need not ask for, if nobody has moved the lane since. */
export interface StoredRows {
  /** Of the page that comes next */
  ahead: RowsAhead | null
  /** Times in a row that reading them ahead came to nothing */
  vain: number
  /** Of the whole table, or on the way to it */
  copy: TableCopy | null
  /** The table was found to be too large to be copied */
  large: boolean
}

/** Pins of the table, and ids of the part's open conflicts. */
export interface Standing {
  readonly pins: readonly PinRow[]
  readonly open: ReadonlySet<string>
}

export interface StoredPage {
  readonly entries: readonly PageEntry[]
  readonly rows: string
  readonly warnings: string
}

/** A page on its way. `answer` is there when `arrived` has settled. */
export interface Fetched {
  readonly arrived: Promise<void>
  answer: Answer<Page> | null
  /** Position -> why the remote gave no details */
  failed: ReadonlyMap<number, string>
  error: unknown
  /** Of the page that is here, once somebody asked for it. What it says of the last time may be older than its merge. */
  index: PageIndex | null
}

/** The page under which link_pages keeps what was missing. */
export const MISSING = 'missing'

export const noPage: StoredPage = { entries: [], rows: '[]', warnings: '[]' }

/** Name of a page in link_pages. */
export const pageName = (part: string, page: number | typeof MISSING): string => `${part}/${page}`

/** Reads what D1 remembers of the list, and what this pass has seen already, if another instance began it. */
export async function openList(
  { engine, link, run }: Step,
  part: string,
  state: ListState,
): Promise<ListScratch> {
  const [stored, waiting] = await engine.database.batch([
    {
      sql: 'SELECT page, rows, warnings FROM link_pages WHERE link = ?1 AND scope = ?2',
      params: [link.name, run.scope],
    },
    {
      sql: 'SELECT name, kind, row, reason FROM link_deferred WHERE link = ?1 AND scope = ?2 AND part = ?3',
      params: [link.name, run.scope, part],
    },
  ])
  const pages = new Map<number, StoredPage>()
  let missing = noPage
  for (const { page, rows, warnings } of stored?.rows ?? []) {
    const held: StoredPage = {
      entries: JSON.parse(String(rows)) as PageEntry[],
      rows: String(rows),
      warnings: String(warnings),
    }
    const name = String(page).slice(part.length + 1)
    if (name === MISSING) missing = held
    else pages.set(Number(name), held)
  }
  const where: ListScratch['where'] = new Map()
  const claims: ListScratch['claims'] = new Map()
  for (const [page, { entries }] of [...pages].sort(([a], [b]) => a - b))
    for (const entry of entries) note({ where, claims }, page, entry)
  return {
    pages,
    where,
    claims,
    seen: seenBefore(state, pages),
    deferred: new Map((waiting?.rows ?? []).map((row) => [String(row.name), deferredOf(row)])),
    missing,
    ahead: new Map(),
    standing: null,
    stored: { ahead: null, vain: 0, copy: null, large: false },
    shown: state.next === 1 && state.head === 0 ? new Set() : null,
  }
}

/** Rows that the list showed when it was read last. */
export async function knownRows({ engine, link, run }: Step, part: string): Promise<number> {
  const [row] = await query<{ known: number }>(
    engine.database,
    `SELECT count(DISTINCT e.value ->> 1) AS known FROM link_pages p, json_each(p.rows) e
      WHERE p.link = ?1 AND p.scope = ?2 AND p.page != ?3`,
    link.name,
    run.scope,
    pageName(part, MISSING),
  )
  return Number(row?.known ?? 0)
}

/** Pages of this pass that were done before this instance took the run up. */
function seenBefore(state: ListState, pages: ReadonlyMap<number, StoredPage>): Map<string, number> {
  const seen = new Map<string, number>()
  if (state.reading === 'chosen') return seen
  for (let page = state.start; page < state.next; page++)
    for (const entry of pages.get(page)?.entries ?? []) seen.set(entry[1], page)
  return seen
}

const deferredOf = (row: Row): Deferred => ({
  name: String(row.name),
  kind: String(row.kind) as Deferred['kind'],
  row: JSON.parse(String(row.row)) as Row,
  reason: String(row.reason),
})

/** Remembers where a row of the list stands, and which row here it stands for. */
export function note(
  { where, claims }: Pick<ListScratch, 'where' | 'claims'>,
  page: number,
  entry: PageEntry,
): void {
  const [key, name, , rest] = entry
  const before = where.get(name)?.entry[0]
  if (before !== undefined && claims.get(before)?.name === name) claims.delete(before)
  where.set(name, { page, entry })
  if (key !== '' && rest.startsWith(WAY)) claims.set(key, { name, way: Number(rest.slice(WAY.length)) })
}

/**
 * A page that is read and does not show a row which stood there last: nobody holds what that row stood for, until it is
 * seen elsewhere.
 */
export function release({ where, claims, pages }: ListScratch, page: number, index: PageIndex): void {
  for (const [key, name] of pages.get(page)?.entries ?? [])
    if (!index.names.has(name) && where.get(name)?.page === page && claims.get(key)?.name === name)
      claims.delete(key)
}

/** A pass begins anew. */
export function forgetPass(list: ListScratch): void {
  list.seen.clear()
  list.ahead.clear()
  list.shown = new Set()
}

/** Names of a page's rows in the order in which they stand there. */
export const namesOf = (index: PageIndex): string[] =>
  [
    ...[...index.rows.values()].map(({ name, row }) => [row.position, name] as const),
    ...[...index.unread].map(([name, position]) => [position, name] as const),
  ]
    .sort(([a], [b]) => a - b)
    .map(([, name]) => name)

/** The same of a page as it was read last. */
export const namesIn = ({ entries }: StoredPage): string[] =>
  [...entries].sort((a, b) => a[2] - b[2]).map((entry) => entry[1])

/** Rows that no run has read, or that show something else than the last time. */
export const news = (index: PageIndex) => [...index.rows.values()].filter((indexed) => !isAsBefore(indexed))
