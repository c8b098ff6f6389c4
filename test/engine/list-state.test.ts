import { describe, expect, test } from 'vitest'
import {
  afterPage,
  beginReading,
  choosePages,
  conclusive,
  type ListMemory,
  type ListState,
  type Over,
  refusalOf,
  resumeReading,
  rollingBound,
  rotated,
  type Seen,
  upcoming,
} from '../../sync/engine/list-state.ts'

// What a page of a list means for the reading, case by case. Whole readings are in list-run and list-drift.

/** A page of a list of 9 rows, 3 a page, all known and unchanged. */
const seen = (page: number, over: Partial<Seen> = {}): Seen => ({
  page,
  pages: 3,
  total: 9,
  stamp: null,
  rows: 3,
  nameless: 0,
  repeats: 0,
  fresh: 0,
  news: 0,
  sameAsLast: false,
  sameRows: true,
  settled: true,
  distinct: 3 * page,
  ...over,
})
const memory: ListMemory = { pages: 3, total: 9, rotation: 2, again: false, resume: null }
const everything = beginReading('all', 9, null)
const read = (
  from: ListState,
  pages: readonly Seen[],
  probe: 'stamp' | 'recentFirst' | 'rolling' = 'rolling',
) => pages.reduce((state, page) => afterPage(state, page, probe, memory), from)
const three = (over: Partial<Seen> = {}) => [1, 2, 3].map((page) => seen(page, over))

describe('a page is refused', () => {
  const why = (over: Partial<Seen>, from: Partial<ListState> = {}, forced = false) =>
    refusalOf({ ...everything, ...from }, seen(2, over), [], forced)?.reason ?? null

  test.each<[string, Partial<Seen>, string]>([
    ['that is empty in the middle', { rows: 0 }, 'Page 2 of 3 is empty'],
    ['that is empty and the last of a list with rows', { rows: 0, pages: 2 }, 'Page 2 of 2 is empty'],
    [
      'of a list that says it has too many',
      { pages: 5_001 },
      'The list has no end: 9 rows, and more than 2 pages',
    ],
    [
      'beyond where its rows must end, with more to come',
      { page: 6, pages: 7 },
      'The list has no end: 9 rows, and more than 6 pages',
    ],
    [
      'of a list that lost more than the guard lets go',
      { total: 7 },
      'The list says it has 7 rows; it had 9',
    ],
  ])('%s', (_, over, reason) => {
    expect(why(over)).toContain(reason)
  })

  test.each<[string, Partial<Seen>]>([
    ['that lies beyond the last', { page: 4, rows: 0 }],
    ['that is the only one of an empty list', { page: 1, pages: 1, rows: 0, total: 0 }],
    ['of a list that lost what the guard lets go', { total: 8 }],
    ['two beyond where its rows seem to end', { page: 5, pages: 7 }],
    ['of a list with as many pages as there may be', { pages: 5_000 }],
  ])('but not one %s', (_, over) => {
    expect(why(over, over.total === 0 ? { known: 0 } : {})).toBeNull()
  })

  test('for its total only where nobody forces it', () => {
    expect(why({ total: 2 }, {}, true)).toBeNull()
  })

  test('that repeats the one before it at the second time; at the first, all is read once more', () => {
    const twice = seen(2, { sameAsLast: true })
    const first = read(everything, [seen(1)])
    expect(refusalOf(first, twice, [], false)).toBeNull()
    const again = read(first, [twice])
    expect(again).toMatchObject({ pass: 2, next: 1, over: null })
    const second = read(again, [seen(1)])
    expect(refusalOf(second, twice, [], false)?.reason).toBe('Page 2 repeats the page before it')
    // Rows came meanwhile: they may have moved by just a page.
    expect(refusalOf(second, { ...twice, total: 12 }, [], false)).toBeNull()
  })
})

describe('a reading of everything', () => {
  const ends = (...passes: readonly (readonly Seen[])[]): Over | null => read(everything, passes.flat()).over

  test('in which nothing moved ends quietly', () => {
    expect(ends(three())).toBe('quiet')
  })

  test.each<[string, Partial<Seen>]>([
    ['showed fewer rows than there are', { distinct: 8 }],
    ['showed rows twice', { repeats: 1, distinct: 9 }],
    ['became longer', { total: 10, distinct: 10 }],
    ['became shorter', { total: 8, distinct: 8 }],
  ])('that %s is begun once more', (_, over) => {
    expect(read(everything, [seen(1), seen(2), seen(3, over)])).toMatchObject({
      pass: 2,
      next: 1,
      over: null,
    })
  })

  test('that shows new rows while its stamp changes is begun once more; known ones may stay', () => {
    const before = [1, 2].map((page) => seen(page, { stamp: 'a' }))
    const last = seen(3, { stamp: 'b' })
    expect(read(everything, [...before, last], 'stamp').over).toBe('quiet')
    expect(read(everything, [...before, { ...last, fresh: 1 }], 'stamp')).toMatchObject({
      pass: 2,
      over: null,
    })
  })

  test('counts rows without a key as rows', () => {
    expect(ends([seen(1), seen(2), seen(3, { nameless: 1, distinct: 8 })])).toBe('quiet')
  })

  test('that is odd in the same way twice is taken for what it is', () => {
    const odd = [seen(1), seen(2), seen(3, { distinct: 8 })]
    expect(ends(odd, odd)).toBe('odd')
  })

  test.each<[string, Partial<Seen>]>([
    ['shows another number of rows', { distinct: 7 }],
    ['shows other repeats', { distinct: 8, repeats: 2 }],
    ['shows other rows without a key', { distinct: 8, nameless: 2 }],
    ['becomes longer meanwhile', { distinct: 8, total: 10 }],
    ['becomes shorter meanwhile', { distinct: 8, total: 7 }],
  ])('that is odd again, but %s, is begun once more', (_, over) => {
    const odd = [seen(1), seen(2), seen(3, { distinct: 8 })]
    const again = [seen(1), seen(2), seen(3, over)]
    expect(read(everything, [...odd, ...again])).toMatchObject({ pass: 3, over: null })
  })

  test('is given up after four passes, and the next check reads everything', () => {
    const moved = [8, 7, 6, 5].map((distinct) => [seen(1), seen(2), seen(3, { distinct })])
    expect(ends(...moved.slice(0, 3))).toBeNull()
    expect(ends(...moved)).toBe('restless')
  })

  test('that went on where another stopped judges nothing', () => {
    const resumed = resumeReading(read(everything, [seen(1)]), 9, null)
    expect(resumed).toMatchObject({ next: 2, start: 2, pages: 3 })
    expect(read(resumed, [seen(2), seen(3)]).over).toBe('restless')
  })

  test('always has a next page, also of a list that became shorter than it was read', () => {
    expect(upcoming(everything, 3)).toEqual([1])
    expect(upcoming({ ...everything, pages: 3 }, 2)).toEqual([1, 2])
    expect(upcoming({ ...everything, pages: 3, next: 3 }, 2)).toEqual([3])
    expect(upcoming({ ...everything, pages: 3, next: 4 }, 2)).toEqual([4])
    expect(upcoming({ ...everything, pages: 0 }, 2)).toEqual([1])
    expect(upcoming({ ...everything, pages: 3, over: 'quiet' }, 2)).toEqual([])
  })
})

describe('a list with the newest first', () => {
  const known = beginReading('known', 9, null)

  test('is read until a page is settled and the total adds up', () => {
    expect(read(known, [seen(1)], 'recentFirst').over).toBe('early')
    expect(read(known, [seen(1, { settled: false })], 'recentFirst').over).toBeNull()
    expect(read(known, [seen(1, { total: 8 })], 'recentFirst').over).toBeNull()
    const grown = { total: 10, pages: 4 }
    expect(read(known, [seen(1, { ...grown, fresh: 1 })], 'recentFirst').over).toBe('early')
    expect(read(known, [seen(1, grown)], 'recentFirst').over).toBeNull()
  })

  test('is looked at once more at its front when all was read, page after page while they show news', () => {
    const through = read(everything, three(), 'recentFirst')
    expect(upcoming(through, 3)).toEqual([1])
    expect(read(through, [seen(1, { distinct: 9 })], 'recentFirst').over).toBe('quiet')
    const news = read(through, [seen(1, { news: 1, distinct: 9 })], 'recentFirst')
    expect(upcoming(news, 3)).toEqual([2])
    // Never beyond its last page.
    const all = [1, 2, 3].map((page) => seen(page, { news: 1, distinct: 9 }))
    expect(read(through, all, 'recentFirst').over).toBe('quiet')
  })

  test('that has one page is not looked at twice', () => {
    const page = seen(1, { pages: 1, total: 3 })
    expect(read(everything, [page], 'recentFirst').over).toBe('quiet')
  })

  test('may grow at its front, where the look sees what came; elsewhere it is read again', () => {
    const through = read(everything, three(), 'recentFirst')
    const came = seen(1, { total: 10, distinct: 10, pages: 4 })
    expect(read(through, [{ ...came, fresh: 1 }], 'recentFirst').over).toBe('quiet')
    expect(read(through, [came], 'recentFirst')).toMatchObject({ pass: 2, over: null })
  })
})

describe('a look at some pages', () => {
  const some = beginReading('chosen', 9, null, [1, 3])

  test('ends when they are as they were', () => {
    expect(read(some, [seen(1), seen(3)]).over).toBe('chosen')
    expect(beginReading('chosen', 9, null, []).over).toBe('chosen')
  })

  test.each<[string, Partial<Seen>]>([
    ['other rows', { sameRows: false }],
    ['another total', { total: 10 }],
  ])('that finds %s turns into a reading of everything', (_, over) => {
    expect(read(some, [seen(1, over)])).toMatchObject({ reading: 'all', pass: 1, next: 1, before: null })
  })

  test.each([
    [1, 1],
    [2, 1],
    [7, 2],
    [30, 10],
    [33, 10],
  ])('of %i pages, %i at a time, has seen each of them within its bound', (pages, count) => {
    const looked = new Set<number>()
    let now: ListMemory = { ...memory, pages }
    for (let check = 0; check < rollingBound(pages, count); check++) {
      const chosen = choosePages(now, count)
      expect(chosen.length).toBeLessThanOrEqual(count + 2)
      for (const page of chosen) looked.add(page)
      now = { ...now, rotation: rotated(now, count) }
    }
    expect([...looked].sort((a, b) => a - b)).toEqual(Array.from({ length: pages }, (_, i) => i + 1))
  })
})

test.each<[Over, 'stamp' | 'recentFirst' | 'rolling', number, boolean]>([
  ['quiet', 'rolling', 0, true],
  ['quiet', 'rolling', 1, false],
  ['quiet', 'stamp', 1, true],
  ['quiet', 'recentFirst', 1, true],
  ['odd', 'rolling', 1, true],
  ['early', 'recentFirst', 1, true],
  ['restless', 'stamp', 0, false],
])('a reading that ends %s by %s with %i new rows is conclusive: %s', (over, probe, fresh, trusted) => {
  const state: ListState = { ...everything, over, observed: { ...everything.observed, fresh } }
  expect(conclusive(state, probe)).toBe(trusted)
})
