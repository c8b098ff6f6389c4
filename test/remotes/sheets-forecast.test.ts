import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { forecast, type ScheduledLink } from '../../sync/remotes/google-sheets/forecast.ts'

const MINUTE = 60_000

const link = (name: string, minutes: number, over: Partial<ScheduledLink> = {}): ScheduledLink => ({
  name,
  check: minutes * MINUTE,
  found: 0.1,
  usual: { read: 2, write: 1 },
  most: { read: 4, write: 2 },
  ...over,
})
const many = (n: number, minutes: number) => Array.from({ length: n }, (_, i) => link(`w${i}`, minutes))

describe('the forecast of Google’s quota', () => {
  it('of nothing is nothing', () => {
    expect(forecast([])).toEqual({
      limits: { read: 60, write: 60 },
      expected: { read: 0, write: 0 },
      worst: { read: 0, write: 0 },
      links: [],
    })
  })

  test.each<
    [string, readonly ScheduledLink[], { expected: number; worst: number; over: string[]; fits: number[] }]
  >([
    ['one workbook every 5 minutes', [link('a', 5)], { expected: 0.04, worst: 0.8, over: [], fits: [] }],
    ['50 workbooks every 5 minutes', many(50, 5), { expected: 2, worst: 40, over: [], fits: [] }],
    ['75 of them: just all', many(75, 5), { expected: 3, worst: 60, over: [], fits: [] }],
    [
      '100 of them: at worst too many, and every 7 minutes would do',
      many(100, 5),
      { expected: 4, worst: 80, over: many(100, 5).map(({ name }) => name), fits: Array(100).fill(7) },
    ],
    [
      'one that looks each minute and calls a lot, beside small ones: that one alone is too often',
      [link('large', 1, { most: { read: 70, write: 0 } }), ...many(10, 5)],
      { expected: 0.6, worst: 78, over: ['large'], fits: [2] },
    ],
    [
      'checks that were never made yet: each may find something',
      [link('new', 5, { found: null })],
      { expected: 0.4, worst: 0.8, over: [], fits: [] },
    ],
    [
      'checks that never find anything',
      [link('still', 5, { found: 0 })],
      { expected: 0, worst: 0.8, over: [], fits: [] },
    ],
  ])('%s', (_, links, { expected, worst, over, fits }) => {
    const all = forecast(links)
    expect(all.expected.read).toBeCloseTo(expected)
    expect(all.worst.read).toBeCloseTo(worst)
    expect(all.links.filter(({ exceeds }) => exceeds).map(({ name }) => name)).toEqual(over)
    expect(all.links.flatMap((each) => each.fits ?? [])).toEqual(fits)
  })

  it('shows a link’s share of the kind that it uses most of', () => {
    const [reads, writes] = forecast([
      link('reads', 1, { most: { read: 6, write: 3 } }),
      link('writes', 1, { most: { read: 1, write: 12 } }),
    ]).links
    expect([reads?.worstShare, writes?.worstShare]).toEqual([0.1, 0.2])
    expect(writes?.expectedShare).toBeCloseTo(0.2 / 60)
  })

  it('proposes intervals that together fit, and only to those that are too often', () => {
    const calls = fc.record({
      read: fc.integer({ min: 0, max: 200 }),
      write: fc.integer({ min: 0, max: 200 }),
    })
    const links = fc.array(fc.record({ minutes: fc.integer({ min: 1, max: 600 }), calls }), { maxLength: 60 })
    fc.assert(
      fc.property(links, (generated) => {
        const asked = generated.map(({ minutes, calls: most }, i) =>
          link(`l${i}`, minutes, { most, usual: most, found: 1 }),
        )
        const before = forecast(asked)
        const fitted = asked.map((each, i) => ({
          ...each,
          check: (before.links[i]?.fits ?? each.check / MINUTE) * MINUTE,
        }))
        const after = forecast(fitted)
        for (const kind of ['read', 'write'] as const)
          expect(after.worst[kind]).toBeLessThanOrEqual(60 + 1e-6)
        for (const [i, { fits, exceeds }] of before.links.entries()) {
          expect(exceeds).toBe(fits !== null)
          if (fits !== null) expect(fits).toBeGreaterThan((asked[i]?.check ?? 0) / MINUTE)
        }
        const fine = before.worst.read <= 60 && before.worst.write <= 60
        expect(before.links.some(({ exceeds }) => exceeds)).toBe(!fine)
      }),
    )
  })
})
