import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Row, SqlValue } from '../../db/database.ts'
import { digest } from '../../sync/engine/digest.ts'
import {
  type KnownRow,
  type Match,
  matchLeft,
  matchRows,
  type SeenRow,
} from '../../sync/engine/two-way-identify.ts'

// Which row is which, after people rearranged a sheet.

/** A row of a page: its id, and its cells a, b, c … */
type Line = readonly [id: string | null, ...cells: SqlValue[]]

const COLUMNS = ['a', 'b', 'c', 'd']
const valuesOf = (cells: readonly SqlValue[]): Row =>
  Object.fromEntries(COLUMNS.map((column, at) => [column, cells[at] ?? null]))
const contentOf = (cells: readonly SqlValue[]): string => digest(JSON.stringify(valuesOf(cells)))

const seen = (lines: readonly Line[]): SeenRow[] =>
  lines.map(([id, ...cells], position) => ({
    position,
    name: id === null ? null : digest(id),
    content: contentOf(cells),
    values: valuesOf(cells),
  }))

const knownOf = (lines: readonly Line[], gone: readonly string[] = []): KnownRow[] =>
  lines.map(([id, ...cells], position) => ({
    key: String(id),
    name: digest(String(id)),
    position,
    content: contentOf(cells),
    gone: gone.includes(String(id)),
  }))

const basesOf = (lines: readonly Line[]) => {
  const bases = new Map(lines.map(([id, ...cells]) => [String(id), valuesOf(cells)]))
  return (key: string) => bases.get(key)
}

function identify(
  before: readonly Line[],
  page: readonly Line[],
  { rowIds = true, gone = [] as readonly string[] } = {},
): ReadonlyMap<number, Match> {
  return matchLeft(matchRows(seen(page), knownOf(before, gone), rowIds), basesOf(before), COLUMNS, rowIds)
}

/** `key verdict` of each row, in the order of the page */
const told = (...asked: Parameters<typeof identify>): string[] => {
  const matches = identify(...asked)
  return asked[1].map((_, at) => {
    const { key, verdict } = matches.get(at) ?? {}
    return key ? `${key} ${verdict}` : String(verdict)
  })
}

const keysOf = (...asked: Parameters<typeof identify>): (string | null)[] => {
  const matches = identify(...asked)
  return asked[1].map((_, at) => matches.get(at)?.key ?? null)
}

const ann: Line = ['1', 'Ann', 20, 5, 'x']
const bob: Line = ['2', 'Bob', 30, 6, 'y']
const cyd: Line = ['3', 'Cyd', 40, 7, 'z']
const dan: Line = ['4', 'Dan', 50, 8, 'w']
const all = [ann, bob, cyd, dan]

/** The same cells under another id */
const under = (id: string | null, [, ...cells]: Line): Line => [id, ...cells]
const edited = (line: Line, at: number, value: SqlValue): Line => line.with(at + 1, value) as unknown as Line

describe('a row with an id in a hidden column', () => {
  test.each<[string, Line[], string[]]>([
    ['nothing changed', all, ['1 same', '2 same', '3 same', '4 same']],
    ['a cell was edited', [ann, edited(bob, 1, 31), cyd], ['1 same', '2 same', '3 same']],
    ['all of a row was typed over', [ann, ['2', 'New', 9, 9, 'q'], cyd], ['1 same', '2 same', '3 same']],
    [
      'a row was typed over with what another shows still',
      [ann, under('2', ann), cyd, dan],
      ['1 same', '2 same', '3 same', '4 same'],
    ],
    [
      'a row was typed over with what another showed, which vanished',
      [under('1', bob), cyd, dan],
      ['1 same', '3 same', '4 same'],
    ],
    [
      'a row was typed over with what another showed, and that was edited',
      [under('1', bob), edited(bob, 1, 31), cyd, dan],
      ['1 same', '2 same', '3 same', '4 same'],
    ],
    [
      'a row was typed over with what another showed, and that became something new',
      [under('1', bob), ['2', 'New', 9, 9, 'q'], cyd, dan],
      ['1 same', '2 same', '3 same', '4 same'],
    ],
    ['an id was blanked', [ann, under(null, bob), cyd], ['1 same', '2 found', '3 same']],
    [
      'an id was blanked and a cell edited',
      [ann, under(null, edited(bob, 1, 31)), cyd],
      ['1 same', '2 found', '3 same'],
    ],
    ['an id was typed over', [ann, under('mine', bob), cyd], ['1 same', '2 found', '3 same']],
    ['a row was added without an id', [ann, [null, 'New', 9, 9, 'q'], bob], ['1 same', 'new', '2 same']],
    ['a row was added under an unknown id', [ann, ['9', 'New', 9, 9, 'q'], bob], ['1 same', 'new', '2 same']],
    ['only its cells were copied', [ann, bob, under(null, ann)], ['1 same', '2 same', 'new']],
    [
      'only its cells were copied, and the original edited',
      [edited(ann, 1, 21), under(null, ann)],
      ['1 same', 'new'],
    ],
    [
      'two swapped their cells',
      [under('1', bob), under('2', ann), cyd],
      ['2 permuted', '1 permuted', '3 same'],
    ],
    [
      'two swapped their cells and one was edited',
      [under('1', bob), under('2', edited(ann, 1, 21)), cyd],
      ['2 permuted', '1 permuted', '3 same'],
    ],
    [
      'all were sorted and two of them edited',
      [under('1', bob), under('2', edited(cyd, 1, 41)), under('3', dan), under('4', edited(ann, 3, 'v'))],
      ['2 permuted', '3 permuted', '4 permuted', '1 permuted'],
    ],
    [
      'all were sorted and neighbours edited',
      [under('1', bob), under('2', edited(cyd, 1, 41)), under('3', edited(dan, 0, 'D.')), under('4', ann)],
      ['2 permuted', '3 permuted', '4 permuted', '1 permuted'],
    ],
    [
      'cells were deleted and the others pushed up',
      [under('1', bob), under('2', cyd), under('3', dan), ['4', null, null, null, null]],
      ['2 permuted', '3 permuted', '4 permuted', 'new'],
    ],
    [
      'cells were inserted and the others pushed down',
      [['1', 'New', 9, 9, 'q'], under('2', ann), under('3', bob), under('4', cyd), under(null, dan)],
      ['new', '1 permuted', '2 permuted', '3 permuted', '4 found'],
    ],
    ['it was copied', [ann, bob, ann], ['1 same', '2 same', 'copied']],
    ['it was copied over another', [ann, ann, cyd], ['1 same', 'copied', '3 same']],
    [
      'it was moved and a copy left in its place',
      [ann, bob, cyd, ann],
      ['1 same', '2 same', '3 same', 'copied'],
    ],
    ['it was copied and the copy edited', [edited(ann, 1, 21), bob, ann], ['copied', '2 same', '1 same']],
    [
      'it was copied and both edited',
      [edited(ann, 1, 21), bob, edited(ann, 1, 22)],
      ['1 same', '2 same', 'copied'],
    ],
    [
      'it was copied, both moved and edited: the most alike keeps it',
      [[null, 'New', 9, 9, 'q'], edited(edited(ann, 1, 21), 2, 3), edited(ann, 1, 22)],
      ['new', 'copied', '1 same'],
    ],
    ['it was copied from below over another', [bob, bob, cyd], ['copied', '2 same', '3 same']],
    [
      'its id was typed over another, which stands there too and was edited',
      [ann, under('1', bob), edited(bob, 1, 31)],
      ['1 same', 'copied', '2 same'],
    ],
    [
      'two swapped their cells, and one was copied with its id',
      [under('1', bob), under('2', ann), cyd, under('1', bob)],
      ['2 permuted', '1 permuted', '3 same', 'copied'],
    ],
    [
      'two swapped their cells, and one was copied without its id',
      [under(null, bob), under('1', bob), under('2', ann), cyd],
      ['new', '2 permuted', '1 permuted', '3 same'],
    ],
    [
      'two swapped their cells and both were edited',
      [under('1', edited(bob, 1, 31)), under('2', edited(ann, 1, 21)), cyd],
      ['1 same', '2 same', '3 same'],
    ],
    [
      'two swapped their cells and both were edited, and two more did unedited',
      [under('1', bob), under('2', ann), under('3', edited(dan, 1, 51)), under('4', edited(cyd, 1, 41))],
      ['2 permuted', '1 permuted', '4 permuted', '3 permuted'],
    ],
    [
      'two swapped their cells and two others were edited',
      [under('1', bob), under('2', ann), edited(cyd, 1, 51), edited(dan, 1, 41)],
      ['2 permuted', '1 permuted', '3 same', '4 same'],
    ],
    [
      'two swapped their cells and both were edited, and two more did, one edited',
      [
        under('1', bob),
        under('2', edited(ann, 1, 21)),
        under('3', edited(dan, 1, 51)),
        under('4', edited(cyd, 1, 41)),
      ],
      ['2 permuted', '1 permuted', '4 permuted', '3 permuted'],
    ],
    [
      'two swapped their cells and both were edited, and another looks as one did that vanished',
      [under('1', bob), under('3', edited(dan, 1, 51)), under('4', edited(cyd, 1, 41))],
      ['1 same', '3 same', '4 same'],
    ],
    [
      'two rows show what the next one showed, and the last vanished',
      [under('1', bob), under('2', cyd), dan],
      ['2 permuted', '3 permuted', '4 same'],
    ],
    [
      'its id was filled down over others',
      [ann, under('1', bob), under('1', cyd), dan],
      ['1 same', '2 permuted', '3 permuted', '4 same'],
    ],
    [
      'cells were sorted, and one id blanked',
      [under('1', bob), under(null, cyd), under('3', ann)],
      ['2 permuted', '3 found', '1 permuted'],
    ],
  ])('%s', (_what, page, verdicts) => {
    expect(told(all, page)).toEqual(verdicts)
  })

  test('of two is pushed down by one that was inserted', () => {
    const page: Line[] = [['1', 'New', 9, 9, 'q'], under('2', ann), under(null, bob)]
    expect(told([ann, bob], page)).toEqual(['new', '1 permuted', '2 found'])
  })

  test('that is as much like its own as like another keeps its id, unless another shows its own', () => {
    const three: Line[] = [
      ['1', 'a1', 'b1'],
      ['2', 'a2', 'b2'],
      ['3', 'a3', 'b3'],
    ]
    const half: Line = ['2', 'a1', 'b2']
    expect(told(three, [['1', 'a2', 'b2'], half])).toEqual(['2 permuted', '1 permuted'])
    expect(
      told(three, [
        ['1', 'a2', 'b2'],
        ['2', 'a3', 'b2'],
        ['3', 'a1', 'b3'],
      ]),
    ).toEqual(['1 same', '2 same', '3 same'])
  })

  test('that shows too little in common with another is not that one', () => {
    expect(told([['1', 'Ann', null, null, null]], [[null, 'Zed', null, null, null]])).toEqual(['new'])
    expect(told([['1', 'Ann', '', null, 'x']], [[null, 'Ann', null, null, 'y']])).toEqual(['1 found'])
    expect(told([['1', 'Ann', 1, 2, 'x']], [[null, 'Ann', 8, 9, 'x']])).toEqual(['1 found'])
    expect(told([['1', 'Ann', 1, 2, 'x']], [[null, 'Ann', 8, 9, 'y']])).toEqual(['new'])
  })

  test('that differs from the next in one cell is edited where it shows what that showed', () => {
    const levels: Line[] = [1, 2, 3, 4].map((n) => [String(n), 'wage', n])
    const raised = levels.map(([id, label, n]): Line => [id, label as string, Number(n) + 1])
    expect(told(levels, raised)).toEqual(['1 same', '2 same', '3 same', '4 same'])
    const single: Line[] = [1, 2, 3, 4].map((n) => [String(n), n])
    expect(told(single, [...single.map(([id, n]): Line => [id, Number(n) + 1])])).toEqual([
      '1 same',
      '2 same',
      '3 same',
      '4 same',
    ])
  })

  test('returns by its id, whatever it shows, and by its content where no row that is here showed the same', () => {
    const gone = ['2']
    expect(told(all, [ann, bob], { gone })).toEqual(['1 same', '2 returned'])
    expect(told(all, [ann, edited(bob, 1, 31)], { gone })).toEqual(['1 same', '2 returned'])
    expect(told(all, [ann, under(null, bob)], { gone })).toEqual(['1 same', '2 found'])
    const twin = under('5', bob)
    expect(told([...all, twin], [ann, under(null, bob)], { gone })).toEqual(['1 same', '5 found'])
    expect(told([ann, bob, under('5', ann)], [under('1', bob), under('2', ann)], { gone: ['5'] })).toEqual([
      '2 permuted',
      '1 permuted',
    ])
    // What went is not brought back by a likeness.
    expect(told(all, [under('1', bob), under('2', edited(ann, 1, 21))], { gone: ['1'] })).toEqual([
      '1 returned',
      '2 same',
    ])
    expect(told(all, [ann, under(null, edited(bob, 1, 31))], { gone })).toEqual(['1 same', 'new'])
  })

  test('that shows what several showed is no evidence of a sort, and found in the nearest place without an id', () => {
    const twins = [ann, bob, under('5', bob), cyd]
    expect(told(twins, [under('1', bob), bob, edited(under('5', bob), 1, 31), cyd])).toEqual([
      '1 same',
      '2 same',
      '5 same',
      '3 same',
    ])
    expect(told(twins, [ann, under(null, bob), under(null, bob), cyd])).toEqual([
      '1 same',
      '2 found',
      '5 found',
      '3 same',
    ])
    expect(told(twins, [ann, cyd, under(null, bob)])).toEqual(['1 same', '3 same', '5 found'])
    const like = under(null, edited(bob, 1, 31))
    expect(told(twins, [ann, cyd, [null, 'New'], like])).toEqual(['1 same', '3 same', 'new', '5 found'])
    const swapped = [under('1', bob), under('2', ann), edited(under('5', bob), 1, 31), cyd]
    expect(told(twins, swapped)).toEqual(['2 permuted', '1 permuted', '5 same', '3 same'])
  })

  test('is asked for its base only where its id and whole content don’t say', () => {
    const asked: string[] = []
    const page = [ann, edited(bob, 1, 31), under(null, cyd), under(null, edited(dan, 1, 51))]
    const left = matchRows(seen(page), knownOf(all), true)
    const baseOf = (key: string) => {
      asked.push(key)
      return basesOf(all)(key)
    }
    matchLeft(left, baseOf, COLUMNS, true)
    expect(new Set(asked)).toEqual(new Set(['4']))
    const sorted = matchRows(seen([under('1', bob), under('2', cyd), under('3', ann)]), knownOf(all), true)
    expect(sorted.rows).toEqual([])
    const copied = [under('1', bob), under('2', ann), under('1', bob)]
    expect(matchRows(seen(copied), knownOf(all), true).rows).toEqual([])
    const twin = knownOf([ann, bob, under('5', ann)], ['5'])
    expect(matchRows(seen(copied), twin, true).rows).toEqual([])
  })

  test('whose base is not known keeps its id, and is like no other', () => {
    const swapped = [under('1', bob), under('2', edited(ann, 1, 21)), under(null, edited(cyd, 1, 41))]
    const up = [under('1', bob), under('2', cyd), under('3', dan)]
    const without = (page: Line[], unknown: readonly string[]) => {
      const baseOf = (key: string) => (unknown.includes(key) ? undefined : basesOf(all)(key))
      const matches = matchLeft(matchRows(seen(page), knownOf(all), true), baseOf, COLUMNS, true)
      return page.map((_, at) => matches.get(at)?.key ?? null)
    }
    expect(without(swapped, [])).toEqual(['2', '1', '3'])
    expect(without(swapped, ['2'])).toEqual(['1', '2', '3'])
    expect(without(swapped, ['1', '2', '3'])).toEqual(['1', '2', null])
    expect(without(up, [])).toEqual(['2', '3', '4'])
    expect(without(up, ['1', '2', '3'])).toEqual(['1', '2', '3'])
  })
})

describe('a row that its match columns name', () => {
  const rowIds = false
  // The id is a cell of the sheet here, so a row that shows another one shows another content.
  test.each<[string, Line[], string[]]>([
    ['is the one of its name, whatever else it shows', [['2', 'New', 9], ann], ['2 same', '1 same']],
    [
      'is another under a new name in its place',
      [ann, under('9', bob), cyd],
      ['1 same', '2 renamed', '3 same'],
    ],
    [
      'is another under a new name elsewhere, if it alone shares most',
      [ann, cyd, dan, under('9', edited(bob, 1, 31))],
      ['1 same', '3 same', '4 same', '2 renamed'],
    ],
    ['is new if it shares less than half', [ann, ['9', 'Bob', 9, 9, 'q'], cyd], ['1 same', 'new', '3 same']],
    ['counts in its place', [bob, bob, cyd], ['double', '2 same', '3 same']],
    [
      'counts first if none stands in its place',
      [cyd, dan, bob, bob],
      ['3 same', '4 same', '2 same', 'double'],
    ],
    [
      'counts first if nobody knew it',
      [ann, ['9', 'New', 9, 9, 'q'], ['9', 'New', 9, 9, 'q']],
      ['1 same', 'new', 'double'],
    ],
    ['is found if its name was blanked', [ann, under(null, bob), cyd], ['1 same', '2 found', '3 same']],
    ['is new if nothing names it', [ann, [null, 'New', 9], bob], ['1 same', 'new', '2 same']],
  ])('%s', (_what, page, verdicts) => {
    expect(told(all, page, { rowIds })).toEqual(verdicts)
  })

  test('is new if several share as much with it, unless one stood in its place', () => {
    const alike = [ann, bob, under('5', bob)]
    const typed = under('9', edited(bob, 1, 31))
    expect(told(alike, [typed, ann], { rowIds })).toEqual(['new', '1 same'])
    expect(told(alike, [ann, typed], { rowIds })).toEqual(['1 same', '2 renamed'])
    expect(told(all, [under('8', bob), ann, cyd, under('9', bob)], { rowIds })).toEqual([
      'new',
      '1 same',
      '3 same',
      'new',
    ])
  })

  test('is the one that shares most before the one that stood in its place', () => {
    const before = [ann, bob, cyd, edited(under('5', bob), 3, 'q')]
    const page: Line[] = [ann, cyd, ['8', 'New'], under('9', bob)]
    expect(told(before, page, { rowIds })).toEqual(['1 same', '3 same', 'new', '2 renamed'])
  })

  test('is the one that is here where one of the same name went', () => {
    const [here, went] = knownOf([bob, under('5', bob)], ['5']) as [KnownRow, KnownRow]
    for (const known of [
      [here, { ...went, name: here.name }],
      [
        { ...here, position: 1 },
        { ...went, name: here.name, position: 0 },
      ],
    ])
      expect(matchRows(seen([bob]), known, rowIds).matches.get(0)).toEqual({ key: '2', verdict: 'same' })
  })

  test('returns under its name, and under no other', () => {
    const gone = ['2']
    expect(told(all, [ann, edited(bob, 1, 31)], { rowIds, gone })).toEqual(['1 same', '2 returned'])
    expect(told(all, [ann, under('9', bob)], { rowIds, gone })).toEqual(['1 same', 'new'])
  })
})

/** Rows any two of which differ in two columns or more; c is often the same, or empty */
const table = (min = 2, max = 12) =>
  fc.array(fc.constantFrom(null, 'p', 'q', ''), { minLength: min, maxLength: max }).chain((thirds) =>
    fc
      .shuffledSubarray(
        thirds.map((_, n) => n),
        { minLength: thirds.length },
      )
      .map((order): Line[] => thirds.map((third, n) => [`k${n}`, `a${n}`, order[n] ?? null, third])),
  )

const shuffled = <T>(items: readonly T[]) =>
  fc
    .shuffledSubarray([...items.keys()], { minLength: items.length })
    .map((at) => at.map((n) => items[n] as T))

const idsOf = (lines: readonly Line[]) => lines.map(([id]) => id)
const withIds = (ids: readonly (string | null)[], lines: readonly Line[]): Line[] =>
  lines.map((line, at) => under(ids[at] ?? null, line))

describe('in any page', () => {
  const sorted = table().chain((rows) => fc.record({ rows: fc.constant(rows), page: shuffled(rows) }))

  test('rows that are sorted whole stay who they are', () => {
    fc.assert(
      fc.property(sorted, fc.boolean(), ({ rows, page }, rowIds) => {
        expect(told(rows, page, { rowIds })).toEqual(idsOf(page).map((id) => `${id} same`))
      }),
    )
  })

  test('rows that are sorted without their ids stay who they are', () => {
    fc.assert(
      fc.property(sorted, ({ rows, page }) => {
        expect(told(rows, withIds(idsOf(rows), page))).toEqual(
          page.map(([id], at) => `${id} ${id === rows[at]?.[0] ? 'same' : 'permuted'}`),
        )
      }),
    )
  })

  test('rows that are sorted without their ids, and a cell edited, stay who they are', () => {
    const typed = fc.constantFrom<SqlValue>('typed', 'a0', 'a1', 0, 1, null)
    fc.assert(
      fc.property(sorted, fc.nat(), fc.nat(1), typed, ({ rows, page }, which, column, value) => {
        const at = which % page.length
        const after = page.with(at, edited(page[at] as Line, column, value))
        expect(keysOf(rows, withIds(idsOf(rows), after))).toEqual(idsOf(page))
      }),
      { numRuns: 1_000 },
    )
  })

  test('copies are copies, wherever they stand, and the rest stays', () => {
    const copies = fc.array(fc.tuple(fc.nat(), fc.nat()), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(table(), copies, (rows, places) => {
        let page = rows
        for (const [from, to] of places)
          page = page.toSpliced(to % (page.length + 1), 0, page[from % page.length] as Line)
        const verdicts = told(rows, page)
        expect(verdicts.filter((verdict) => verdict !== 'copied').toSorted()).toEqual(
          rows.map(([id]) => `${id} same`).toSorted(),
        )
        for (const [at, verdict] of verdicts.entries())
          if (verdict !== 'copied') expect(verdict).toBe(`${page[at]?.[0]} same`)
      }),
    )
  })

  test('blanked ids are found, in whatever order the rows are', () => {
    fc.assert(
      fc.property(
        sorted,
        fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
        ({ rows, page }, blank) => {
          const after = page.map((line, at) => (blank[at] ? under(null, line) : line))
          expect(told(rows, after)).toEqual(page.map(([id], at) => `${id} ${blank[at] ? 'found' : 'same'}`))
        },
      ),
    )
  })

  test('rows that are put in between disturb nobody', () => {
    const added = fc.array(
      fc.tuple(
        fc.nat(),
        fc.constantFrom<Line>([null], [null, 'new', 99, 'new'], ['alien', 'other', 98, 'o']),
      ),
      { maxLength: 6 },
    )
    fc.assert(
      fc.property(table(), added, (rows, places) => {
        let page: Line[] = rows
        for (const [at, line] of places) page = page.toSpliced(at % (page.length + 1), 0, line)
        expect(told(rows, page)).toEqual(page.map(([id]) => (id?.startsWith('k') ? `${id} same` : 'new')))
      }),
    )
  })

  // Few values, so that contents stand several times and ids travel, are lost and doubled.
  const cell = fc.constantFrom<SqlValue>('x', 'y', 1, null)
  const line = fc.tuple(
    fc.constantFrom(null, 'k0', 'k1', 'k2', 'k3', 'k4', 'no'),
    cell,
    cell,
    cell,
  ) as fc.Arbitrary<Line>
  const chaos = fc.record({
    before: fc
      .array(fc.tuple(cell, cell, cell), { maxLength: 5 })
      .map((rows) => rows.map((cells, n): Line => [`k${n}`, ...cells])),
    page: fc.array(line, { maxLength: 8 }),
    gone: fc.subarray(['k0', 'k1', 'k2', 'k3', 'k4']),
    rowIds: fc.boolean(),
  })

  test('every row has a verdict, no key is given twice, and what shows its own id and content alone is the same', () => {
    fc.assert(
      fc.property(chaos, ({ before, page, gone, rowIds }) => {
        const matches = identify(before, page, { rowIds, gone })
        expect([...matches.keys()].toSorted((a, b) => a - b)).toEqual([...page.keys()])
        const keys = [...matches.values()].flatMap(({ key }) => key ?? [])
        expect(new Set(keys).size).toBe(keys.length)
        for (const { key, verdict } of matches.values())
          expect(key === null, verdict).toBe(['new', 'copied', 'double'].includes(verdict))
        for (const [at, [id, ...cells]] of page.entries()) {
          const known = before.find(([key]) => key === id)
          if (!known || page.filter(([other]) => other === id).length > 1) continue
          if (contentOf(known.slice(1) as SqlValue[]) === contentOf(cells))
            expect(matches.get(at)).toEqual({
              key: id,
              verdict: gone.includes(String(id)) ? 'returned' : 'same',
            })
        }
      }),
      { numRuns: 3_000 },
    )
  })

  test('the order in which rows are handed in says nothing', () => {
    fc.assert(
      fc.property(
        chaos.chain((world) =>
          fc.record({
            world: fc.constant(world),
            rows: shuffled(seen(world.page)),
            known: shuffled(knownOf(world.before, world.gone)),
          }),
        ),
        ({ world, rows, known }) => {
          const { before, rowIds } = world
          const matches = matchLeft(matchRows(rows, known, rowIds), basesOf(before), COLUMNS, rowIds)
          expect(new Map(matches)).toEqual(new Map(identify(before, world.page, world)))
        },
      ),
      { numRuns: 1_000 },
    )
  })

  test('one page edited in one row, whatever is typed there, moves nobody', () => {
    fc.assert(
      fc.property(
        table(),
        fc.nat(),
        fc.tuple(cell, cell, cell),
        fc.nat(),
        fc.boolean(),
        (rows, at, typed, like, copy) => {
          const which = at % rows.length
          const id = rows[which]?.[0] ?? null
          const after = rows.with(which, copy ? under(id, rows[like % rows.length] as Line) : [id, ...typed])
          expect(told(rows, after)).toEqual(rows.map(([key]) => `${key} same`))
        },
      ),
    )
  })
})

/** Comparisons a row, where each with each would be 10,000 */
const FEW = 10

/** What rows showed before, and how often it was asked for. */
function counted(lines: readonly Line[]) {
  const of = basesOf(lines)
  let times = 0
  const baseOf = (key: string) => {
    times++
    return of(key)
  }
  return { baseOf, asked: () => times }
}

describe('10,000 rows', () => {
  const many = Array.from(
    { length: 10_000 },
    (_, n): Line => [`k${n}`, `name ${n}`, n * 7, n % 10, n % 3 ? 'yes' : null],
  )
  const backwards = many.toReversed()
  const ids = idsOf(many)

  test.each<[string, Line[], (string | null)[]]>([
    ['as they were', many, ids],
    ['sorted whole', backwards, idsOf(backwards)],
    ['sorted without their ids', withIds(ids, backwards), idsOf(backwards)],
    [
      'sorted without their ids, one edited',
      withIds(ids, backwards.with(17, edited(backwards[17] as Line, 1, -1))),
      idsOf(backwards),
    ],
    ['all blanked', withIds([], backwards), idsOf(backwards)],
    ['all edited', many.map((line) => edited(line, 1, -1)), ids],
    ['all copied', [...many, ...many], [...ids, ...many.map(() => null)]],
    ['all blanked and edited', many.map((line) => under(null, edited(line, 1, -1))), ids],
    [
      'pushed down by one',
      [['k0', 'new', -1, 'x', 'x'], ...withIds([...ids.slice(1), null], many)],
      [null, ...ids],
    ],
  ])('%s are told apart, each compared with a few others', (_how, page, keys) => {
    const { baseOf, asked } = counted(many)
    const matches = matchLeft(matchRows(seen(page), knownOf(many), true), baseOf, COLUMNS, true)
    expect(page.map((_, at) => matches.get(at)?.key ?? null)).toEqual(keys)
    expect(asked()).toBeLessThan(FEW * page.length)
  })

  test('that were blanked and sorted, or sorted without their ids, are found although most were edited', () => {
    const often = backwards.map((line, at) => (at % 10 ? edited(line, 1, -1) : line))
    expect(keysOf(many, withIds([], often))).toEqual(idsOf(often))
    expect(keysOf(many, withIds(ids, often))).toEqual(idsOf(often))
  })

  test('in which two values are all that there is are not compared each with each', () => {
    const alike = many.map(([id], n): Line => [id, n % 2, 'same', n])
    expect(
      keysOf(
        alike,
        withIds(
          [],
          alike.map((line) => edited(line, 2, -1)),
        ),
      ),
    ).toEqual(ids)
    const page = withIds([], alike.map((line) => edited(line, 2, -1)).toReversed())
    const { baseOf, asked } = counted(alike)
    const matches = matchLeft(matchRows(seen(page), knownOf(alike), true), baseOf, COLUMNS, true)
    expect(new Set([...matches.values()].map(({ key }) => key))).toEqual(new Set([null]))
    expect(asked()).toBeLessThan(FEW * page.length)
  })

  test('that all show the same, without ids, are found in their order', () => {
    const alike = many.map(([id]): Line => [id, 'same', 1])
    expect(keysOf(alike, withIds([], alike))).toEqual(ids)
  })
})

test('the id of a row that is gone, pasted over another: what the row shows says which one it is', () => {
  const page = [ann, cyd, under('2', dan)]
  expect(told(all, page, { gone: ['2'] })).toEqual(['1 same', '3 same', '4 permuted'])
  // Content that is anybody's new one leaves the id its say.
  expect(told(all, [ann, cyd, dan, under('2', edited(bob, 1, 31))], { gone: ['2'] })[3]).toBe('2 returned')
})

test('ids that were sorted past their rows after one was pasted over another: what the rows show says who they are', () => {
  const eve: Line = ['5', 'Eve', 60, 9, 'v']
  const fay: Line = ['6', 'Fay', 70, 10, 'u']
  // The id 3 is nowhere, and 2 stands twice.
  const page = [
    under('1', fay),
    under('2', eve),
    under('2', dan),
    under('4', cyd),
    under('5', bob),
    under('6', ann),
  ]
  expect(keysOf([ann, bob, cyd, dan, eve, fay], page)).toEqual(['6', '5', '4', '3', '2', '1'])
})
