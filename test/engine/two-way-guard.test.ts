import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { pageGuard } from '../../sync/engine/two-way-guard.ts'

type Of = Parameters<typeof pageGuard>[0]

const page = (over: Partial<Of>): Of => ({
  shown: 0,
  known: 0,
  found: 0,
  fresh: 0,
  partName: 'Ranks',
  otherTarget: false,
  ...over,
})

describe('a page', () => {
  test.each<[string, Partial<Of>, string | null]>([
    ['that was never agreed with', { shown: 12, fresh: 12 }, null],
    ['that is empty and always was', {}, null],
    ['as it was', { shown: 12, known: 12, found: 12 }, null],
    ['with new rows', { shown: 40, known: 12, found: 12, fresh: 28 }, null],
    ['that lost most rows, with nothing in their place', { shown: 1, known: 12, found: 1 }, null],
    ['whose rows are all there in none that counts', { shown: 3, known: 12, found: 0 }, null],
    ['that was emptied', { known: 12 }, 'emptied'],
    ['whose only row went', { known: 1 }, 'emptied'],
    ['with other rows', { shown: 30, known: 12, fresh: 30 }, 'replaced'],
    ['with other rows and few of the old', { shown: 10, known: 12, found: 5, fresh: 5 }, 'replaced'],
    ['with other rows beside half of the old', { shown: 11, known: 12, found: 6, fresh: 5 }, null],
    ['with one row in place of many', { shown: 1, known: 12, fresh: 1 }, 'replaced'],
    ['whose two rows gave way', { shown: 2, known: 2, fresh: 2 }, 'replaced'],
    ['with one of two rows', { shown: 2, known: 2, found: 1, fresh: 1 }, null],
    ['with one of three rows', { shown: 2, known: 3, found: 1, fresh: 1 }, 'replaced'],
    ['whose only row was rewritten', { shown: 1, known: 1, fresh: 1 }, null],
    ['whose only row gave way to many', { shown: 30, known: 1, fresh: 30 }, null],
    ['of another workbook', { shown: 12, known: 12, found: 12, otherTarget: true }, 'copied'],
    ['of another workbook, emptied', { known: 12, otherTarget: true }, 'copied'],
    ['of another workbook, with other rows', { shown: 9, known: 12, fresh: 9, otherTarget: true }, 'copied'],
    ['of another workbook, where no row was known', { shown: 9, fresh: 9, otherTarget: true }, null],
  ])('%s', (_which, of, kind) => {
    expect(pageGuard(page(of))?.kind ?? null).toBe(kind)
  })

  test('that is held says why, with numbers', () => {
    expect([
      pageGuard(page({ known: 1 }))?.detail,
      pageGuard(page({ known: 12 }))?.detail,
      pageGuard(page({ known: 12, found: 2, shown: 3, fresh: 1 }))?.detail,
      pageGuard(page({ known: 12, shown: 30, fresh: 30 }))?.detail,
      pageGuard(page({ known: 1, shown: 1, otherTarget: true }))?.detail,
      pageGuard(page({ known: 12, shown: 12, otherTarget: true }))?.detail,
    ]).toEqual([
      'Ranks shows no row any more, and 1 row is here; it was kept',
      'Ranks shows no row any more, and 12 rows are here; they were kept',
      '10 of 12 rows are gone from Ranks, and 1 new one stands there, as after an import; nothing was taken, and the rows here were kept',
      '12 of 12 rows are gone from Ranks, and 30 new ones stand there, as after an import; nothing was taken, and the rows here were kept',
      'Ranks is in another workbook than the one that 1 row here is kept in; nothing is read from it or written to it until an admin claims it',
      'Ranks is in another workbook than the one that 12 rows here are kept in; nothing is read from it or written to it until an admin claims it',
    ])
  })

  const any = fc
    .record({
      known: fc.nat(60),
      fresh: fc.nat(60),
      double: fc.nat(5),
      lost: fc.nat(60),
      otherTarget: fc.boolean(),
    })
    .map(({ known, fresh, double, lost, otherTarget }) => {
      const found = Math.max(0, known - lost)
      return page({ known, found, fresh, shown: found + fresh + double, otherTarget })
    })

  test('that still shows half of the known rows in its own workbook is never held', () => {
    fc.assert(
      fc.property(any, (of) => {
        if (of.otherTarget || of.found * 2 < of.known) return
        expect(pageGuard(of)).toBeNull()
      }),
    )
  })

  test('is held for one reason: another workbook first, then nothing shown, then others in place of most', () => {
    fc.assert(
      fc.property(any, (of) => {
        const kind = pageGuard(of)?.kind ?? null
        if (of.known === 0) expect(kind).toBeNull()
        else if (of.otherTarget) expect(kind).toBe('copied')
        else if (of.shown === 0) expect(kind).toBe('emptied')
        else if (of.fresh === 0) expect(kind).toBeNull()
        else if (of.found === 0 && of.known > 1) expect(kind).toBe('replaced')
      }),
      { numRuns: 1_000 },
    )
  })

  test('is not let go because fewer known rows are on it', () => {
    fc.assert(
      fc.property(any, fc.nat(60), (of, more) => {
        const held = pageGuard(of)
        const worse = { ...of, found: Math.max(0, of.found - more) }
        if (held && held.kind !== 'emptied') expect(pageGuard(worse)?.kind).toBe(held.kind)
      }),
    )
  })
})
