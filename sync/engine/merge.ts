import type { Row, SqlValue } from '../../db/database.ts'

/** What a rule is told about one column. `base` is what both sides agreed on last, where that is known. */
export interface MergeInput {
  readonly base?: SqlValue
  readonly ours: SqlValue
  readonly theirs: SqlValue
  /** The whole rows, for rules that look at another column */
  readonly ourRow: Row | null
  readonly theirRow: Row
}

/** The value to keep, or why a person must say. */
export type Verdict = { readonly value: SqlValue } | { readonly conflict: string }

/**
 * A merge rule for one column: a pure function of its inputs. An absent or unreadable proposal never reaches a
 * rule, and null in `ours` means that nobody ever said: absent is not zero. The laws that each rule promises
 * are tested with generated cases (test/engine/merge.test.ts).
 */
export interface Rule {
  readonly name: string
  /** Order of arrival does not matter */
  readonly commutes: boolean
  readonly merge: (input: MergeInput) => Verdict
}

const take = (value: SqlValue): Verdict => ({ value })

/** The remote is the truth for this column. */
export const theirs: Rule = { name: 'theirs', commutes: false, merge: (i) => take(i.theirs) }

/** Tidemark is the truth; the remote only fills what is empty. */
export const ours: Rule = { name: 'ours', commutes: false, merge: (i) => take(i.ours ?? i.theirs) }

/** The larger number. SQLite's max(NULL, 3) is NULL; this one is 3. */
export const max: Rule = { name: 'max', commutes: true, merge: (i) => take(extreme(i, (a, b) => a > b)) }

/** The smaller number. */
export const min: Rule = { name: 'min', commutes: true, merge: (i) => take(extreme(i, (a, b) => a < b)) }

function extreme({ ours, theirs }: MergeInput, better: (a: number, b: number) => boolean): SqlValue {
  if (typeof theirs !== 'number') return ours
  if (typeof ours !== 'number') return theirs
  return better(theirs, ours) ? theirs : ours
}

/** The value of the row whose column `by` is later; a tie is settled by the larger value, so that order does not matter. */
export const newest = (by: string): Rule => ({
  name: `newest(${by})`,
  commutes: true,
  merge: ({ ours, theirs, ourRow, theirRow }) => {
    if (ourRow === null) return take(theirs)
    const a = ourRow[by] ?? null
    const b = theirRow[by] ?? null
    if (compare(a, b) !== 0) return take(compare(b, a) > 0 ? theirs : ours)
    return take(compare(theirs, ours) > 0 ? theirs : ours)
  },
})

/** Changed on one side only: that side. On both to the same: nothing. On both and different: a person says. */
export const threeWay: Rule = {
  name: 'threeWay',
  commutes: false,
  merge: ({ base = null, ours, theirs }) => {
    if (ours === theirs || theirs === base) return take(ours)
    if (ours === base) return take(theirs)
    return { conflict: 'changed on both sides to different values' }
  },
}

/** The remote's value, if the remote changed it since it was last agreed; else ours stands. */
export const whenChanged: Rule = {
  name: 'whenChanged',
  commutes: false,
  merge: ({ base = null, ours, theirs }) => take(theirs === base ? ours : theirs),
}

/** Moves forward through `order`, never back. A state outside the order is a conflict. */
export const stateMachine = (order: readonly SqlValue[]): Rule => ({
  name: 'stateMachine',
  commutes: true,
  merge: ({ ours, theirs }) => {
    const to = order.indexOf(theirs)
    if (to < 0) return { conflict: `unknown state ${JSON.stringify(theirs)}` }
    return take(order.indexOf(ours) < to ? theirs : ours)
  },
})

/** A total order over SQL values, as SQLite sorts them: null, numbers, text. */
export function compare(a: SqlValue, b: SqlValue): number {
  const rank = (v: SqlValue) => (v === null ? 0 : typeof v === 'number' ? 1 : 2)
  if (rank(a) !== rank(b)) return rank(a) - rank(b)
  if (a === b || a === null || b === null) return 0
  return a < b ? -1 : 1
}
