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

test('what was deleted more than a day ago counts no more', () => {
  const all: Deletions = [
    [0, 5],
    [80_000_000, 3],
  ]
  expect(recentDeletions(all, 90_000_000)).toEqual([[80_000_000, 3]])
})
