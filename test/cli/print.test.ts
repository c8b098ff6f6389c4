import { describe, expect, it } from 'vitest'
import { addressOf } from '../../cli/config.ts'
import { Refusal } from '../../cli/failure.ts'
import {
  change,
  displayWidth,
  duration,
  number,
  relative,
  shorten,
  sparkline,
  table,
} from '../../cli/print.ts'
import { paperFor, type Surroundings } from '../../cli/terminal.ts'
import { untilOf } from '../../cli/until.ts'

const NOW = Date.UTC(2026, 10, 21, 9)
const SECOND = 1_000
const HOUR = 3_600 * SECOND
const DAY = 24 * HOUR
const plain = paperFor({ isTTY: false } as NodeJS.WriteStream, { env: {}, now: () => NOW } as Surroundings)

describe('printing', () => {
  it.each([
    ['abc', 3],
    ['海藻', 4],
    ['é', 1],
    ['👩‍👩‍👧', 2],
    ['❤️', 2],
    ['\u001b[31mred\u001b[39m', 3],
    ['한글 ｆｕｌｌ', 13],
    ['', 0],
  ])('%j is %i columns wide', (text, width) => {
    expect(displayWidth(text)).toBe(width)
  })

  it('shortens by columns, between characters', () => {
    expect(shorten('harbour', 7)).toBe('harbour')
    expect(shorten('harbour', 5)).toBe('harb…')
    expect(shorten('海藻の森', 6)).toBe('海藻…')
  })

  it('aligns by columns; the widest that may give way does, where a screen is narrow', () => {
    const rows = [
      { name: '海藻の森', note: 'a long note that nobody reads', n: 1_234 },
      { name: 'Salt', note: '', n: 7 },
    ]
    const columns = [
      { title: 'name', cell: (row: (typeof rows)[0]) => row.name },
      { title: 'note', cell: (row: (typeof rows)[0]) => row.note, shrinks: true as const },
      { title: 'n', cell: (row: (typeof rows)[0]) => number(row.n), align: 'right' as const },
      { title: 'empty', cell: () => '' },
    ]
    expect(table(columns, rows, plain)).toEqual([
      'name      note                               n',
      '海藻の森  a long note that nobody reads  1,234',
      'Salt                                         7',
    ])
    const narrow = table(columns, rows, { ...plain, width: 30 })
    expect(narrow).toEqual([
      'name      note               n',
      '海藻の森  a long note …  1,234',
      'Salt                         7',
    ])
    expect(narrow.every((line) => displayWidth(line) <= 30)).toBe(true)
    expect(Math.max(...table(columns, rows, { ...plain, width: 5 }).map(displayWidth))).toBe(27)
  })

  it('tells times from now', () => {
    const cases = [
      [-10 * SECOND, 'just now'],
      [30 * SECOND, 'in less than a minute'],
      [-60 * SECOND, '1 min ago'],
      [-50 * 60 * SECOND, '50 min ago'],
      [5 * HOUR, 'in 5 h'],
      [-DAY, '1 day ago'],
      [-29 * DAY, '29 days ago'],
      [-40 * DAY, '12 Oct 2026'],
    ] as const
    for (const [offset, words] of cases) expect(relative(NOW + offset, NOW)).toBe(words)
  })

  it('tells durations, numbers and changes', () => {
    expect([12, 1_240, 42_000, 61_000, 3_725_000].map(duration)).toEqual([
      '12 ms',
      '1.2 s',
      '42 s',
      '1 min 1 s',
      '1 h 2 min',
    ])
    expect([number(null), number(0), number(1_234_567)]).toEqual(['–', '0', '1,234,567'])
    expect([change(null), change(0), change(12), change(-1_200)]).toEqual(['–', '0', '+12', '−1,200'])
  })

  it('draws a line of blocks with gaps', () => {
    expect(sparkline([0, null, 50, 100])).toBe('▁ ▅█')
    expect(sparkline([7, 7])).toBe('▄▄')
  })
})

describe('what people type', () => {
  it.each([
    ['7d', '2026-11-28T09:00:00.000Z'],
    ['90m', '2026-11-21T10:30:00.000Z'],
    ['2w', '2026-12-05T09:00:00.000Z'],
    ['2026-12-31', '2026-12-31T00:00:00.000Z'],
    ['2026-12-31T18:00', '2026-12-31T18:00:00.000Z'],
    ['2026-12-31T18:00:00+02:00', '2026-12-31T16:00:00.000Z'],
  ])('%s is %s', (text, iso) => {
    expect(untilOf(text, NOW)).toBe(iso)
  })
  it.each(['', '7', 'd7', '0d', '-7d', 'tomorrow', '2026-11-21', '2026-13-01', '31.12.2026'])(
    '%j is no time to come',
    (text) => {
      expect(() => untilOf(text, NOW)).toThrow(Refusal)
    },
  )

  it.each([
    ['https://tidemark.example.com/', 'https://tidemark.example.com'],
    ['tidemark.example.com', 'https://tidemark.example.com'],
    ['localhost:8787', 'http://localhost:8787'],
    ['http://127.0.0.1:8787/projects/a?b#c', 'http://127.0.0.1:8787'],
  ])('%s is the address %s', (text, url) => {
    expect(addressOf(text)).toEqual({ url })
  })
  it.each(['', 'ftp://x.example', 'https://ada:secret@x.example', 'https://'])('%j is no address', (text) => {
    expect(() => addressOf(text)).toThrow(Refusal)
  })
})
