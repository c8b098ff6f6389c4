import type {
  DeviceMutation,
  DevicePushAnswer,
  MutationResult,
  PageTable,
  PullAnswer,
} from '../../../sync/protocol/device.ts'

// What a device decides when it speaks docs/protocol.md. No I/O, clock or randomness: whoever keeps the copy stores what these
// functions answer, each answer in one transaction.
//
//   waiting → sending (has a number, in a batch whose bytes are kept) → settled | rejected
//      ↑_________|  gap, forked, or the batch was not taken

export type Scalar = string | number | null
export type Values = Readonly<Record<string, Scalar>>

/** What a device remembers of a lane beside its rows and its outbox. */
export interface Copy {
  readonly lane: string
  readonly incarnation: string
  /** The number that the next mutation gets */
  readonly next: number
  readonly cursor: string | null
  /** Which reading of everything the rows come from; rows of an older one are gone when this one ends */
  readonly reading: number
  /** That reading is not complete yet */
  readonly isReading: boolean
  readonly batch: Batch | null
}

/** What is being sent. A repeat sends `body` again, byte by byte. */
export interface Batch {
  readonly first: number
  readonly ids: readonly number[]
  readonly body: string
}

/** One mutation in the outbox, or acknowledged lately. `id` grows with each; `n` is its number at the server. */
export interface Entry {
  readonly id: number
  readonly state: 'waiting' | 'sending' | 'settled' | 'rejected'
  readonly mutation: DeviceMutation
  readonly incarnation?: string
  readonly n?: number
  /** When it was settled, in milliseconds */
  readonly settledAt?: number
  /** What the server answered, where that was more than `applied` */
  readonly result?: MutationResult
}

/** What happens to the rows. */
export type Effect =
  /** The row is as the mutation says, but for what the server set */
  | { readonly type: 'edit'; readonly mutation: DeviceMutation; readonly result?: MutationResult }
  | { readonly type: 'page'; readonly table: PageTable; readonly reading: number }
  /** Rows of an earlier reading are gone, but for those with unsent edits */
  | { readonly type: 'sweep'; readonly reading: number; readonly keep: readonly string[] }

export interface Change {
  readonly copy: Copy
  readonly entries: readonly Entry[]
  readonly effects: readonly Effect[]
}

/** A mutation that was acknowledged is offered again to a restored server for this long, in milliseconds. */
export const REMEMBERED = 30 * 86_400_000

export const newCopy = (lane: string, incarnation: string): Copy => ({
  lane,
  incarnation,
  next: 1,
  cursor: null,
  reading: 1,
  isReading: true,
  batch: null,
})

/** Numbers what waits, at most `most`, and freezes its bytes. What was frozen before goes first; a reading is finished first. */
export function freeze(copy: Copy, entries: readonly Entry[], most: number): Change {
  const chosen = entries
    .filter(({ state }) => state === 'waiting')
    .sort((a, b) => a.id - b.id)
    .slice(0, most)
  if (copy.batch || copy.isReading || chosen.length === 0) return unchanged(copy)
  const { lane, incarnation, next: first, cursor } = copy
  const mutations = chosen.map(({ mutation }) => mutation)
  const body = JSON.stringify({ lane, incarnation, first, ...(cursor === null ? {} : { cursor }), mutations })
  return {
    copy: { ...copy, batch: { first, ids: chosen.map(({ id }) => id), body } },
    entries: chosen.map((entry, i) => ({ ...entry, state: 'sending', incarnation, n: first + i })),
    effects: [],
  }
}

export type DeviceRequest =
  | { readonly method: 'GET'; readonly path: string; readonly copy: Copy }
  | { readonly method: 'POST'; readonly path: string; readonly body: string; readonly copy: Copy }

/** The one request that is next: the frozen batch, the next page of a reading, or a look for what is new. */
export function requestOf(copy: Copy): DeviceRequest {
  const { lane, incarnation, cursor, batch } = copy
  if (batch) return { method: 'POST', path: '/api/push', body: batch.body, copy }
  if (cursor !== null && !copy.isReading) {
    const body = JSON.stringify({ lane, incarnation, cursor, mutations: [] })
    return { method: 'POST', path: '/api/push', body, copy }
  }
  const query = [`lane=${encodeURIComponent(lane)}`]
  if (cursor !== null) query.push(`cursor=${encodeURIComponent(cursor)}`)
  return { method: 'GET', path: `/api/pull?${query.join('&')}`, copy }
}

/** Whether an answer to what was asked from `asked` still fits: another tab may have been faster. */
export const fits = (copy: Copy, asked: Copy): boolean =>
  copy.incarnation === asked.incarnation &&
  copy.next === asked.next &&
  copy.cursor === asked.cursor &&
  copy.reading === asked.reading &&
  copy.batch?.body === asked.batch?.body

/** Takes the answer to a push or a pull. `entries`: outbox and acknowledged ones; `incarnation`: a new one. */
export function take(
  copy: Copy,
  entries: readonly Entry[],
  answer: DevicePushAnswer | PullAnswer,
  now: number,
  incarnation: string,
): Change {
  const pushed = 'last' in answer ? settle(copy, entries, answer, now) : unchanged(copy)
  const read = turn(pushed.copy, merged(entries, pushed.entries), answer)
  // This copy was restored: it has said more than it knows. The page leaves out rows that it changed then, so it reads them again.
  const isRestored = 'last' in answer && answer.last >= pushed.copy.next && !copy.isReading
  const anew = { incarnation, next: 1, ...(answer.resnapshot ? {} : { cursor: copy.cursor }) }
  return {
    copy: isRestored ? { ...read.copy, ...anew } : read.copy,
    entries: pushed.entries,
    effects: [...pushed.effects, ...read.effects],
  }
}

/** Whether there is nothing left to ask, after an answer to what was asked from `asked`. */
export const isDone = (copy: Copy, entries: readonly Entry[], asked: Copy, answer: PullAnswer): boolean =>
  copy.incarnation === asked.incarnation &&
  !answer.more &&
  !answer.resnapshot &&
  !copy.isReading &&
  copy.batch === null &&
  entries.every(({ state }) => state !== 'waiting')

/**
 * 409 gap: the server knows this incarnation up to `expected` - 1 only. It was restored, and what follows is offered again; or
 * this copy was, and goes on as a new one.
 */
export function afterGap(
  copy: Copy,
  entries: readonly Entry[],
  expected: number,
  now: number,
  incarnation: string,
): Change {
  const again = acknowledgedFrom(copy, entries, expected, now)
  const first = copy.batch?.first ?? copy.next
  const isComplete = new Set(again.map(({ n }) => n)).size === first - expected
  const back = [...again, ...sending(entries)].map(waiting)
  const known = isComplete ? { next: expected } : { incarnation, next: 1 }
  return { copy: { ...copy, ...known, batch: null }, entries: back, effects: [] }
}

/** 409 forked: this copy goes on as a new one, with all that it has not sent. */
export const afterFork = (copy: Copy, entries: readonly Entry[], incarnation: string): Change => ({
  copy: { ...copy, incarnation, next: 1, batch: null },
  entries: sending(entries).map(waiting),
  effects: [],
})

/** The request as a whole was not understood: nothing of it was taken, and it may be put together anew. */
export const thaw = (copy: Copy, entries: readonly Entry[]): Change => ({
  copy: { ...copy, batch: null },
  entries: sending(entries).map(waiting),
  effects: [],
})

function settle(copy: Copy, entries: readonly Entry[], answer: DevicePushAnswer, now: number): Change {
  const { batch } = copy
  if (!batch) return copy.isReading ? unchanged(copy) : offerAgain(copy, entries, answer.last, now)
  const results = new Map(answer.results?.map((result) => [result.n, result]))
  const sent = entries.filter(({ id }) => batch.ids.includes(id)).sort((a, b) => a.id - b.id)
  const done = sent.filter(({ n = Number.POSITIVE_INFINITY }) => n <= answer.last)
  const rest = sent.filter((entry) => !done.includes(entry))
  const resultOf = ({ n = 0 }: Entry) => results.get(n)
  return {
    copy: { ...copy, batch: null, next: batch.first + done.length },
    entries: [...done.map((entry) => settled(entry, resultOf(entry), now)), ...rest.map(waiting)],
    effects: done
      .filter((entry) => resultOf(entry)?.status !== 'rejected')
      .map((entry) => editOf(entry.mutation, resultOf(entry))),
  }
}

/** A restored server has forgotten what it acknowledged. */
function offerAgain(copy: Copy, entries: readonly Entry[], last: number, now: number): Change {
  if (last >= copy.next - 1) return unchanged(copy)
  const again = acknowledgedFrom(copy, entries, last + 1, now)
  return { copy: { ...copy, next: last + 1 }, entries: again.map(waiting), effects: [] }
}

/** Rows and cursor of a page, and what a reading that ends leaves behind. */
function turn(copy: Copy, entries: readonly Entry[], page: PullAnswer): Omit<Change, 'entries'> {
  if (page.resnapshot)
    return {
      copy: { ...copy, cursor: null, isReading: true, reading: copy.reading + 1 },
      effects: [],
    }
  const pages: Effect[] = (page.tables ?? []).map((table) => ({
    type: 'page',
    table,
    reading: copy.reading,
  }))
  const cursor = page.cursor ?? copy.cursor
  if (!copy.isReading || page.more) return { copy: { ...copy, cursor }, effects: pages }
  const keep = entries
    .filter(({ state }) => state === 'waiting' || state === 'sending')
    .map(({ mutation }) => mutation.key)
  return {
    copy: { ...copy, cursor, isReading: false },
    effects: [...pages, { type: 'sweep', reading: copy.reading, keep }],
  }
}

/** Acknowledged lately under a number from `n` on, in the order of numbers. */
const acknowledgedFrom = (copy: Copy, entries: readonly Entry[], n: number, now: number): Entry[] =>
  entries
    .filter(
      (entry) =>
        (entry.state === 'settled' || entry.state === 'rejected') &&
        entry.incarnation === copy.incarnation &&
        (entry.n ?? 0) >= n &&
        now - (entry.settledAt ?? 0) <= REMEMBERED,
    )
    .sort((a, b) => (a.n ?? 0) - (b.n ?? 0))

const sending = (entries: readonly Entry[]) => entries.filter(({ state }) => state === 'sending')

const waiting = ({ id, mutation }: Entry): Entry => ({ id, mutation, state: 'waiting' })

const settled = (entry: Entry, result: MutationResult | undefined, now: number): Entry => ({
  ...entry,
  state: result?.status === 'rejected' ? 'rejected' : 'settled',
  settledAt: now,
  ...(result ? { result } : {}),
})

const editOf = (mutation: DeviceMutation, result: MutationResult | undefined): Effect => ({
  type: 'edit',
  mutation,
  ...(result ? { result } : {}),
})

const unchanged = (copy: Copy): Change => ({ copy, entries: [], effects: [] })

/** `entries` with those of `newer` in the place of the same ids. */
export function merged(entries: readonly Entry[], newer: readonly Entry[]): Entry[] {
  const byId = new Map(entries.map((entry) => [entry.id, entry]))
  for (const entry of newer) byId.set(entry.id, entry)
  return [...byId.values()]
}
