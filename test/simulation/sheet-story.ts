import fc from 'fast-check'
import type { SheetPolicy } from '../../sync/protocol/config.ts'

// What happens in a generated world: people, a bot and an admin act, runs go, calls fail, instances die.

const weights = {
  type: 7,
  'type wrong': 1,
  sort: 2,
  'sort past ids': 1,
  insert: 3,
  'insert half': 1,
  remove: 2,
  copy: 1,
  'copy and leave': 1,
  cut: 1,
  'blank id': 1,
  rename: 1,
  undo: 2,
  'drop note': 1,
  answer: 1,
  'bot edits': 6,
  'bot edits late': 2,
  'bot inserts': 2,
  'bot deletes': 1,
  resolve: 2,
  sync: 4,
  'sync fully': 1,
  replace: 1,
} as const

export type ActKind = keyof typeof weights

/** Somebody does something; `a` and `b` choose the row and the rest. */
export interface Act {
  readonly kind: ActKind
  readonly who: number
  readonly a: number
  readonly b: number
  /** At the next call of the remote, if a run is made before anything else */
  readonly during: boolean
}

export interface Story {
  /** Which of the tables */
  readonly shape: number
  readonly policy: SheetPolicy
  /** Rows that stand in the tab from the beginning */
  readonly rows: number
  readonly acts: readonly Act[]
  /** One a call, again and again: 0 the quota is used up, 1 no answer, 2 an answer that is lost; others: nothing */
  readonly faults: readonly number[]
  /** How conflicts that are left are answered in the end */
  readonly last: number
}

const act: fc.Arbitrary<Act> = fc.record({
  kind: fc.oneof(
    ...Object.entries(weights).map(([kind, weight]) => ({
      arbitrary: fc.constant(kind as ActKind),
      weight,
    })),
  ),
  who: fc.nat(1),
  a: fc.nat(99),
  b: fc.nat(99),
  during: fc.boolean(),
})

export const stories: fc.Arbitrary<Story> = fc.record({
  shape: fc.nat(2),
  policy: fc.constantFrom('sheet', 'database', 'newest', 'manual'),
  rows: fc.nat(5),
  acts: fc.array(act, { minLength: 3, maxLength: 16, size: 'max' }),
  faults: fc.array(fc.nat(9), { minLength: 7, maxLength: 11 }),
  last: fc.nat(999),
})
