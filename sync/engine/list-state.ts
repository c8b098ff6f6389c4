import type { Probe } from './declare.ts'
import { type Deletions, mayDelete } from './guard.ts'

// The decisions of a run that reads a list page by page: pure functions of where it stands and of what a page showed.

/**
 * Where such a run stands; part of its checkpoint.
 *
 *   all:    1, 2, … n ──(recentFirst: a look at the front)──► rows moved meanwhile? ──yes──► another pass
 *                                                                │ no
 *                                                                ▼
 *   known:  1, 2, … until a page holds nothing new ───────────► close: judge what vanished (after a quiet pass of all)
 *   chosen: some pages ──other rows than last time──► all        ▲
 *             └──────── nothing but changed fields ──────────────┘
 */
export interface ListState {
  readonly reading: 'all' | 'known' | 'chosen'
  readonly pass: number
  /** Next page of the pass */
  readonly next: number
  /** Where the pass began: above 1 only in a run that goes on where a broken one stopped */
  readonly start: number
  /** `chosen`: pages left */
  readonly chosen: readonly number[]
  /** Page of the look at the front that ends a pass over a list with the newest first; 0: not there yet */
  readonly head: number
  /** Pages and rows of the list, as the latest page said; null before the first */
  readonly pages: number | null
  readonly total: number | null
  /** What was observed in this pass */
  readonly observed: Pass
  /** What the pass before came to: a list that is odd in the same way twice does not move, it is odd */
  readonly before: Pass | null
  /** Rows that the list showed when it was read last, before this run */
  readonly known: number
  /** Pages read in this run, for progress */
  readonly done: number
  readonly over: Over | null
}

interface Pass {
  /** Rows of the list when the pass began */
  readonly first: number | null
  readonly fell: boolean
  readonly grew: boolean
  readonly stamp: string | null
  readonly restamped: boolean
  /** Rows that another page of the pass had shown already */
  readonly repeats: number
  /** Rows that the pass has shown, each once, and those that can't be told apart (no key, or one key twice on a page) */
  readonly distinct: number
  readonly nameless: number
  /** Rows that no run has seen before; `atHead`: of these, those seen by the look at the front */
  readonly fresh: number
  readonly atHead: number
}

/**
 * How the reading ended. `quiet`: all was read and nothing moved. `early`: what was left is known. `chosen`: the pages
 * that were to be looked at. `restless`: rows moved to the last; the next check reads everything. `odd`: the list
 * contradicts itself in the same way twice (its total is wrong, or a key stands on two pages).
 */
export type Over = 'quiet' | 'early' | 'chosen' | 'restless' | 'odd'

/** What one page showed, compared with this pass and with what is known of the list. */
export interface Seen {
  readonly page: number
  readonly pages: number
  readonly total: number
  readonly stamp: string | null
  /** Rows of the page, rejected ones included */
  readonly rows: number
  /** Of these: without a readable key, or with a key that stands twice on the page */
  readonly nameless: number
  readonly repeats: number
  readonly fresh: number
  /** Rows that this pass had not shown, or that differ from what is known */
  readonly news: number
  /** Exactly the rows of the page before */
  readonly sameAsLast: boolean
  /** The same rows in the same order as when this page was read the last time */
  readonly sameRows: boolean
  /** All rows are known, unchanged, and old enough not to be asked about again */
  readonly settled: boolean
  /** Rows that the pass has shown, with this page */
  readonly distinct: number
}

/** What is known of a list between runs; link_state.list. */
export interface ListMemory {
  readonly pages: number
  readonly total: number
  /** `rolling`: where the rotation goes on */
  readonly rotation: number
  /** The last reading was not conclusive: the next check reads everything */
  readonly again: boolean
  /** A run ended because the remote was away: the next one goes on from here */
  readonly resume: { readonly hash: string; readonly state: ListState; readonly at: number } | null
}

/** Passes over one list in one run. A list that moves all the time is left to the next check. */
const MOST_PASSES = 4
/** Pages of one list: 100,000 rows of 20. A list that says more is taken to have no end. */
const MOST_PAGES = 5_000

const newPass = (stamp: string | null = null): Pass => ({
  first: null,
  fell: false,
  grew: false,
  stamp,
  restamped: false,
  repeats: 0,
  distinct: 0,
  nameless: 0,
  fresh: 0,
  atHead: 0,
})

/** A reading that begins. `chosen` may be empty for the other two. */
export const beginReading = (
  reading: ListState['reading'],
  known: number,
  stamp: string | null,
  chosen: readonly number[] = [],
): ListState => ({
  reading,
  pass: 1,
  next: 1,
  start: 1,
  chosen,
  head: 0,
  pages: null,
  total: null,
  observed: newPass(stamp),
  before: null,
  known,
  done: 0,
  over: chosen.length === 0 && reading === 'chosen' ? 'chosen' : null,
})

/** Goes on where a run stopped whose remote was away. Rows may have moved since, so nothing is judged by this pass. */
export const resumeReading = (state: ListState, known: number, stamp: string | null): ListState => ({
  ...beginReading('all', known, stamp),
  next: state.next,
  start: Math.max(2, state.next),
  pages: state.pages,
  total: state.total,
})

/** The first, the last, and `count` further pages in rotation: every page is looked at within ⌈pages / count⌉ checks. */
export function choosePages(memory: ListMemory, count: number): readonly number[] {
  const inner = Math.max(0, memory.pages - 2)
  const rolled = Array.from(
    { length: Math.min(count, inner) },
    (_, i) => 2 + ((Math.max(0, memory.rotation - 2) + i) % inner),
  )
  return [...new Set([1, ...rolled, Math.max(1, memory.pages)])]
}

/** Where the rotation goes on after a check. */
export const rotated = (memory: ListMemory, count: number): number => {
  const inner = Math.max(1, memory.pages - 2)
  return 2 + ((Math.max(0, memory.rotation - 2) + count) % inner)
}

/** Checks within which any change on any page is found. */
export const rollingBound = (pages: number, count: number): number => Math.max(1, Math.ceil(pages / count))

/** Pages to fetch, in the order in which they are wanted. */
export function upcoming(state: ListState, count: number): readonly number[] {
  if (state.over) return []
  if (state.reading === 'chosen') return state.chosen.slice(0, count)
  if (state.head > 0) return [state.head]
  // A list may have become shorter since it said how long it is: the page that is next tells.
  const last = Math.max(state.pages ?? 0, state.next)
  return Array.from({ length: Math.min(count, last - state.next + 1) }, (_, i) => state.next + i)
}

/**
 * Why a page can't be believed; null where it can. A forced run takes a shorter list for what it says; its deletions are
 * still under the guard.
 */
export function refusalOf(
  state: ListState,
  seen: Seen,
  recent: Deletions,
  forced: boolean,
): { reason: string; mend: string } | null {
  const { known } = state
  const mend = 'Look at the list in the remote; the next run tries again. Nothing was deleted.'
  if (seen.total < known && !forced && !mayDelete(known, known - seen.total, recent))
    return {
      reason: `The list says it has ${seen.total} rows; it had ${known}, and so many don't vanish at once`,
      mend: `If they were really removed, read everything by a forced run. Nothing was deleted.`,
    }
  if (seen.rows === 0 && (seen.page < seen.pages || seen.total > 0) && seen.page <= seen.pages)
    return { reason: `Page ${seen.page} of ${seen.pages} is empty`, mend }
  if (repeatsPage(state, seen) && state.pass > 1)
    return { reason: `Page ${seen.page} repeats the page before it`, mend }
  const size = Math.max(1, seen.rows)
  const enough = Math.ceil(seen.total / size) + 2
  if (seen.pages > MOST_PAGES || (seen.page < seen.pages && seen.page > enough))
    return { reason: `The list has no end: ${seen.total} rows, and more than ${seen.page} pages`, mend }
  return null
}

/** Once, rows may have moved by a whole page; twice, it is the remote that shows one page under two numbers. */
const repeatsPage = (state: ListState, seen: Seen): boolean =>
  seen.sameAsLast && seen.page > 1 && state.head === 0 && seen.total === state.total

/** Where the run stands after a page. */
export function afterPage(state: ListState, seen: Seen, probe: Probe, memory: ListMemory | null): ListState {
  const here = observe(state, seen)
  if (here.reading === 'chosen') {
    // Rows that came, went or moved shift others from page to page: then everything is read.
    if (!seen.sameRows || seen.total !== memory?.total)
      return { ...nextPass(here), reading: 'all', pass: 1, before: null }
    const chosen = here.chosen.filter((page) => page !== seen.page)
    return { ...here, chosen, over: chosen.length === 0 ? 'chosen' : null }
  }
  if (repeatsPage(state, seen)) return { ...nextPass(here), reading: 'all' }
  if (here.head > 0) {
    const further = seen.news > 0 && here.head < seen.pages
    return further ? { ...here, head: here.head + 1 } : endPass(here, probe)
  }
  if (here.reading === 'known' && seen.settled && seen.total === here.known + here.observed.fresh)
    return { ...here, over: 'early' }
  if (seen.page < seen.pages) return { ...here, next: seen.page + 1 }
  const looksAtFront = probe === 'recentFirst' && here.done > 1
  const done = { ...here, next: seen.page + 1 }
  return looksAtFront ? { ...done, head: 1 } : endPass(done, probe)
}

function observe(state: ListState, seen: Seen): ListState {
  const { observed: pass } = state
  const { total } = state
  return {
    ...state,
    pages: seen.pages,
    total: seen.total,
    done: state.done + 1,
    observed: {
      first: pass.first ?? seen.total,
      fell: pass.fell || (pass.first !== null && total !== null && seen.total < total),
      grew: pass.grew || (pass.first !== null && total !== null && seen.total > total),
      stamp: pass.stamp ?? seen.stamp,
      restamped: pass.restamped || (seen.stamp !== null && pass.stamp !== null && seen.stamp !== pass.stamp),
      repeats: pass.repeats + (state.head > 0 ? 0 : seen.repeats),
      distinct: seen.distinct,
      nameless: pass.nameless + (state.head > 0 ? 0 : seen.nameless),
      fresh: pass.fresh + seen.fresh,
      atHead: pass.atHead + (state.head > 0 ? seen.fresh : 0),
    },
  }
}

/** The pass has seen its last page: is that the list, or did rows move while it was read? */
function endPass(state: ListState, probe: Probe): ListState {
  const { observed: pass, before } = state
  if (state.start > 1) return { ...state, over: 'restless' }
  if (!hasMoved(state, probe)) return { ...state, over: 'quiet' }
  const asBefore =
    before !== null &&
    !pass.fell &&
    !pass.grew &&
    before.distinct === pass.distinct &&
    before.repeats === pass.repeats &&
    before.nameless === pass.nameless &&
    before.first === pass.first
  if (asBefore) return { ...state, over: 'odd' }
  return state.pass >= MOST_PASSES ? { ...state, over: 'restless' } : nextPass(state)
}

const nextPass = (state: ListState): ListState => ({
  ...state,
  pass: state.pass + 1,
  next: 1,
  start: 1,
  chosen: [],
  head: 0,
  before: state.observed,
  observed: newPass(),
})

/**
 * Whether rows may have moved between pages while they were read, so that one may have been missed. Rows that left and
 * others that came between the same two calls leave no trace in totals and keys; then only a stamp tells, or the front of
 * a list that has the newest first. A list that offers neither is read once more by the next check (`conclusive`).
 */
function hasMoved({ observed: pass, total }: ListState, probe: Probe): boolean {
  if (pass.fell || pass.distinct + pass.nameless !== total) return true
  // What is new stands at the front, and shifts the rest from page to page: that alone loses nothing.
  if (probe === 'recentFirst') return (pass.first ?? 0) + pass.atHead !== total
  return pass.grew || pass.repeats > 0 || (pass.restamped && pass.fresh > 0)
}

/** Whether the next check may trust this reading, or reads everything again. */
export const conclusive = ({ over, observed: pass }: ListState, probe: Probe): boolean =>
  over === 'restless' ? false : over === 'quiet' && probe === 'rolling' ? pass.fresh === 0 : true
