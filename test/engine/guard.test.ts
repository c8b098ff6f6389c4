import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Deletions, mayDelete, recentDeletions } from '../../sync/engine/guard.ts'

test.each([
  [10, 1, true],
  [10, 2, false],
  [24, 1, true],
  [25, 5, true],
  [25, 6, false],
  [100, 20, true],
  [100, 21, false],
  [10_000, 50, true],
  [10_000, 51, false],
])('of %i rows, %i may go: %s', (known, wanted, expected) => {
  expect(mayDelete(known, wanted, [])).toBe(expected)
})

test('many small deletions within a day come to no more than one large one could', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 2_000 }),
      fc.array(fc.integer({ min: 1, max: 60 })),
      (rows, wishes) => {
        let known = rows
        let recent: Deletions = []
        let gone = 0
        for (const wanted of wishes) {
          if (wanted > known || !mayDelete(known, wanted, recent)) continue
          recent = [...recent, [0, wanted]]
          known -= wanted
          gone += wanted
        }
        expect(gone === 0 || mayDelete(rows, gone, [])).toBe(true)
      },
    ),
  )
})

test('small deletions may come to as much as one large one could', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2_000 }), (rows) => {
      const most = rows < 25 ? 1 : Math.min(50, Math.floor(rows * 0.2))
      for (let gone = 0; gone < most; gone++) expect(mayDelete(rows - gone, 1, [[0, gone]])).toBe(true)
    }),
  )
})

test('in no 24 hours more goes than the guard lets go at once, however it is spread', () => {
  const HOUR = 3_600_000
  const wish = fc.record({
    gap: fc.integer({ min: 0, max: 30 * HOUR }),
    wanted: fc.integer({ min: 1, max: 60 }),
  })
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2_000 }), fc.array(wish, { maxLength: 60 }), (rows, wishes) => {
      let known = rows
      let now = 0
      let recent: Deletions = []
      const gone: { at: number; wanted: number; before: number }[] = []
      for (const { gap, wanted } of wishes) {
        now += gap
        recent = recentDeletions(recent, now)
        if (wanted > known || !mayDelete(known, wanted, recent)) continue
        gone.push({ at: now, wanted, before: known })
        recent = [...recent, [now, wanted]]
        known -= wanted
      }
      for (const { at, before } of gone) {
        const day = gone.filter((other) => other.at >= at && other.at < at + 24 * HOUR)
        const sum = day.reduce((total, other) => total + other.wanted, 0)
        expect(sum).toBeLessThanOrEqual(Math.min(50, before < 25 ? 1 : Math.floor(before * 0.2)))
      }
    }),
  )
})

test('what was deleted more than a day ago counts no more', () => {
  const all: Deletions = [
    [0, 5],
    [80_000_000, 3],
  ]
  expect(recentDeletions(all, 90_000_000)).toEqual([[80_000_000, 3]])
})
