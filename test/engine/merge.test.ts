import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { SqlValue } from '../../db/database.ts'
import {
  compare,
  max,
  min,
  newest,
  ours,
  type Rule,
  stateMachine,
  theirs,
  threeWay,
  whenChanged,
} from '../../sync/engine/merge.ts'

const number = fc.oneof(fc.integer(), fc.constant(null))
const value: fc.Arbitrary<SqlValue> = fc.oneof(number, fc.string())

/** A row of one value and its time, so that rules that look at another column can be asked too. */
interface Stated {
  v: SqlValue
  at: number
}
const merge = (rule: Rule, mine: Stated | null, other: Stated, base?: SqlValue): Stated => {
  const verdict = rule.merge({
    ours: mine?.v ?? null,
    theirs: other.v,
    ourRow: mine && { ...mine },
    theirRow: { ...other },
    ...(base === undefined ? {} : { base }),
  })
  if ('conflict' in verdict) throw new Error(verdict.conflict)
  return { v: verdict.value, at: mine ? Math.max(mine.at, other.at) : other.at }
}

const states = ['new', 'seen', 'done']
const rules: [Rule, fc.Arbitrary<SqlValue>][] = [
  [max, number],
  [min, number],
  [newest('at'), value],
  [stateMachine(states), fc.constantFrom(...states)],
  [theirs, value],
  [ours, value],
  [whenChanged, value],
]

describe.each(rules)('the rule %o', (rule, values) => {
  const stated = fc.record({ v: values, at: fc.integer({ min: 0, max: 5 }) })

  test('changes nothing when the same proposal comes twice', () => {
    fc.assert(
      fc.property(stated, stated, (mine, other) => {
        const once = merge(rule, mine, other)
        expect(merge(rule, once, other).v).toEqual(once.v)
      }),
    )
  })

  if (rule.commutes)
    test('comes to the same in whatever order proposals come', () => {
      fc.assert(
        fc.property(
          fc.array(stated, { minLength: 1, maxLength: 5 }),
          fc.infiniteStream(fc.nat()),
          (all, keys) => {
            const order = all.map((item) => ({ item, key: keys.next().value as number }))
            const shuffled = order.sort((a, b) => a.key - b.key).map(({ item }) => item)
            const fold = (list: Stated[]) =>
              list.reduce<Stated | null>((mine, other) => merge(rule, mine, other), null)?.v
            expect(fold(shuffled)).toEqual(fold(all))
          },
        ),
      )
    })
})

test('the larger number is the larger, and the smaller the smaller', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer(), (a, b) => {
      expect(merge(max, { v: a, at: 0 }, { v: b, at: 0 }).v).toBe(Math.max(a, b))
      expect(merge(min, { v: a, at: 0 }, { v: b, at: 0 }).v).toBe(Math.min(a, b))
    }),
  )
})

test('the larger and the smaller number can be taken in any grouping', () => {
  const of = (rule: Rule, a: SqlValue, b: SqlValue) => merge(rule, { v: a, at: 0 }, { v: b, at: 0 }).v
  fc.assert(
    fc.property(fc.constantFrom(max, min), number, number, number, (rule, a, b, c) => {
      expect(of(rule, of(rule, a, b), c)).toBe(of(rule, a, of(rule, b, c)))
    }),
  )
})

test('of two values of one time the same stands, whichever came first; of two times the later', () => {
  const stated = fc.record({ v: value, at: fc.constantFrom(1, 2) })
  fc.assert(
    fc.property(stated, stated, (a, b) => {
      const stands = merge(newest('at'), a, b).v
      expect(stands).toBe(merge(newest('at'), b, a).v)
      if (a.at !== b.at) expect(stands).toBe(a.at > b.at ? a.v : b.v)
    }),
  )
})

test('absent is not zero: null never wins over a number, and a number always over null', () => {
  fc.assert(
    fc.property(fc.integer(), (n) => {
      for (const rule of [max, min]) {
        expect(merge(rule, { v: n, at: 0 }, { v: null, at: 1 }).v).toBe(n)
        expect(merge(rule, { v: null, at: 0 }, { v: n, at: 1 }).v).toBe(n)
      }
    }),
  )
})

test.each([
  [1, 1, 1, 1],
  [1, 2, 1, 2],
  [1, 1, 2, 2],
  [1, 3, 3, 3],
  [1, 1, null, null],
  [1, null, 1, null],
  [null, null, 2, 2],
  [null, 2, null, 2],
])('three ways, base %i, ours %i, theirs %i gives %i', (base, mine, other, expected) => {
  expect(merge(threeWay, { v: mine, at: 0 }, { v: other, at: 0 }, base).v).toBe(expected)
})

test('three ways, both sides are treated alike, and only two different changes are a conflict', () => {
  const few = fc.constantFrom<SqlValue>(null, 0, 1, 'a')
  fc.assert(
    fc.property(few, few, few, (base, a, b) => {
      const verdict = (ours: SqlValue, theirs: SqlValue) =>
        threeWay.merge({ base, ours, theirs, ourRow: null, theirRow: {} })
      expect(verdict(a, b)).toEqual(verdict(b, a))
      expect('conflict' in verdict(a, b)).toBe(a !== base && b !== base && a !== b)
    }),
  )
})

test('what the remote changed since it was last agreed stands; what it left alone never moves ours', () => {
  fc.assert(
    fc.property(value, value, value, (base, mine, other) => {
      const stands = merge(whenChanged, { v: mine, at: 0 }, { v: other, at: 0 }, base).v
      expect(stands).toBe(other === base ? mine : other)
    }),
  )
})

test('what is ours is only filled where nobody ever said anything', () => {
  fc.assert(
    fc.property(value, value, (mine, other) => {
      expect(merge(ours, { v: mine, at: 0 }, { v: other, at: 0 }).v).toBe(mine === null ? other : mine)
      expect(merge(theirs, { v: mine, at: 0 }, { v: other, at: 0 }).v).toBe(other)
    }),
  )
})

test('a state machine never goes back, and a state it does not know is a conflict', () => {
  const rule = stateMachine(states)
  fc.assert(
    fc.property(fc.constantFrom(...states), fc.constantFrom(...states), (mine, other) => {
      const next = merge(rule, { v: mine, at: 0 }, { v: other, at: 0 }).v
      expect(states.indexOf(String(next))).toBeGreaterThanOrEqual(states.indexOf(mine))
    }),
  )
  expect(rule.merge({ ours: 'new', theirs: 'odd', ourRow: null, theirRow: {} })).toHaveProperty('conflict')
})

test('values have one total order, as SQLite sorts them', () => {
  fc.assert(
    fc.property(value, value, value, (a, b, c) => {
      expect(Math.sign(compare(a, b))).toBe(-Math.sign(compare(b, a)) + 0)
      if (compare(a, b) <= 0 && compare(b, c) <= 0) expect(compare(a, c)).toBeLessThanOrEqual(0)
    }),
  )
})
