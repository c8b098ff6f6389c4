import fc from 'fast-check'
import type { SheetPolicy } from '../../sync/protocol/config.ts'
import type { Fault } from './replica.ts'
import type { ActKind } from './sheet-story.ts'

// What happens in a world in which devices, people at a tab and an admin change one table.

const peoples = {
  type: 7,
  'type wrong': 1,
  sort: 2,
  'sort past ids': 1,
  insert: 2,
  remove: 2,
  copy: 1,
  'copy and leave': 1,
  cut: 1,
  'blank id': 1,
  rename: 1,
  undo: 1,
  'drop note': 1,
  answer: 1,
} as const satisfies Partial<Record<ActKind, number>>

const others = {
  'bot edits': 2,
  'bot edits late': 1,
  'bot deletes': 1,
  resolve: 4,
  'odd cell': 2,
  'device edits': 7,
  'device deletes': 2,
  'device inserts': 2,
  'both insert': 1,
  'both edit': 5,
  'one deletes': 3,
  'odd edit': 3,
  'device syncs': 12,
  'undo run': 2,
  'undo commit': 2,
  'undo answer': 2,
  pin: 2,
  unpin: 2,
  sync: 6,
  'sync fully': 1,
  replace: 1,
} as const

export type PeoplesKind = keyof typeof peoples
export type OthersKind = keyof typeof others
export type MixedKind = PeoplesKind | OthersKind

export interface MixedAct {
  readonly kind: MixedKind
  readonly who: number
  readonly a: number
  readonly b: number
  /** At the next call of the remote, if a run is made before anything else */
  readonly during: boolean
  /** What a device's requests meet */
  readonly faults: readonly Fault[]
}

export interface MixedStory {
  readonly shape: number
  readonly policy: SheetPolicy
  /** Rows that stand in the tab from the beginning */
  readonly rows: number
  readonly acts: readonly MixedAct[]
  /** One a call of the remote, again and again: 0 the quota is used up, 1 no answer, 2 an answer that is lost; others: nothing */
  readonly faults: readonly number[]
  /** Batches at which the lane dies, before D1 has them or before the answer is here */
  readonly deaths: readonly { readonly at: number; readonly when: 'before' | 'after' }[]
  /** How conflicts that are left are answered in the end */
  readonly last: number
}

const fault: fc.Arbitrary<Fault> = fc.oneof(
  { arbitrary: fc.constant<Fault>({ type: 'none' }), weight: 5 },
  fc
    .constantFrom('request lost', 'answer lost', 'killed before', 'killed after', 'twice')
    .map((type): Fault => ({ type })),
  fc.nat(5).map((back): Fault => ({ type: 'echo', back })),
)

const act: fc.Arbitrary<MixedAct> = fc.record({
  kind: fc.oneof(
    ...Object.entries({ ...peoples, ...others }).map(([kind, weight]) => ({
      arbitrary: fc.constant(kind as MixedKind),
      weight,
    })),
  ),
  who: fc.nat(1),
  a: fc.nat(99),
  b: fc.nat(99),
  during: fc.boolean(),
  faults: fc.array(fault, { maxLength: 3 }),
})

export const mixedStories: fc.Arbitrary<MixedStory> = fc.record({
  shape: fc.nat(1),
  policy: fc.constantFrom('sheet', 'database', 'newest', 'manual'),
  rows: fc.nat(3),
  acts: fc.array(act, { minLength: 8, maxLength: 30, size: 'max' }),
  faults: fc.array(fc.nat(9), { minLength: 7, maxLength: 11 }),
  deaths: fc.array(fc.record({ at: fc.nat(250), when: fc.constantFrom('before', 'after') }), {
    maxLength: 8,
  }),
  last: fc.nat(999),
})
