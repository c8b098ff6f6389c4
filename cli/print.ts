import { stripVTControlCharacters } from 'node:util'
import type { Paper } from './terminal.ts'

/** Absent is not zero: it is a dash. */
const ABSENT = '–'

const whole = new Intl.NumberFormat('en-GB')
const signed = new Intl.NumberFormat('en-GB', { signDisplay: 'exceptZero' })
const date = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeZone: 'UTC' })

/** Every digit. */
export const number = (value: number | null) => (value === null ? ABSENT : whole.format(value))

/** A change with its sign; a true minus. */
export const change = (value: number | null) =>
  value === null ? ABSENT : signed.format(value).replace('-', '−')

/** A scalar as it stands in a column. */
export const scalar = (value: string | number | null) => (typeof value === 'string' ? value : number(value))

/** 1 account, 2 accounts */
export const count = (n: number, one: string, many = `${one}s`) => `${number(n)} ${n === 1 ? one : many}`

/** 812 bytes, 1.2 MB */
export function size(bytes: number): string {
  if (bytes < 1_000) return count(bytes, 'byte')
  const power = Math.min(3, Math.floor(Math.log10(bytes) / 3))
  const n = bytes / 1_000 ** power
  return `${n < 9.95 ? n.toFixed(1) : Math.round(n)} ${['kB', 'MB', 'GB'][power - 1]}`
}

/** `4 min ago`, `in 26 min`; beyond 30 days the date (UTC). */
export function relative(time: string | number, now: number): string {
  const ms = new Date(time).getTime() - now
  const size = Math.abs(ms)
  if (size < 45_000) return ms > 5_000 ? 'in less than a minute' : 'just now'
  if (size > 30 * DAY) return date.format(new Date(time))
  const [unit, length] = size < HOUR ? ['min', MINUTE] : size < DAY ? ['h', HOUR] : ['day', DAY]
  const n = Math.max(1, Math.round(size / Number(length)))
  const text = `${n} ${unit}${unit === 'day' && n > 1 ? 's' : ''}`
  return ms < 0 ? `${text} ago` : `in ${text}`
}

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

export function duration(ms: number): string {
  if (ms < 950) return `${Math.max(0, Math.round(ms))} ms`
  if (ms < MINUTE) return `${(ms / 1000).toFixed(ms < 9_950 ? 1 : 0)} s`
  const seconds = Math.round(ms / 1000)
  if (ms < HOUR) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`
}

/** One block a value, from the lowest to the highest; a gap where there is none. */
export function sparkline(values: readonly (number | null)[]): string {
  const known = values.filter((value) => value !== null)
  const low = Math.min(...known)
  const span = Math.max(...known) - low
  return values
    .map((value) => {
      if (value === null) return ' '
      return BLOCKS[span === 0 ? 3 : Math.round(((value - low) / span) * (BLOCKS.length - 1))]
    })
    .join('')
}

const BLOCKS = '▁▂▃▄▅▆▇█'

export interface Column<Row> {
  readonly title: string
  readonly cell: (row: Row) => string
  readonly align?: 'right'
  /** Gives way, with …, where the screen is too narrow */
  readonly shrinks?: true
  /** Colours of a cell, put on when it has its width */
  readonly paint?: (text: string, row: Row) => string
}

/** Aligned by display width; two spaces between columns, none at the end. A column that is empty in all rows is left out. */
export function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[], paper: Paper): string[] {
  const filled = columns
    .map((column) => ({ ...column, cells: rows.map((row) => column.cell(row)) }))
    .filter(({ cells }) => cells.some((text) => text !== ''))
  const widths = filled.map(({ title, cells }) => Math.max(...[title, ...cells].map(displayWidth)))
  shrink(
    widths,
    filled.map(({ shrinks }) => shrinks === true),
    paper.width,
  )
  const line = (texts: readonly string[], paint: (text: string, i: number) => string) => {
    const last = texts.findLastIndex((text) => text !== '')
    const upToLast = texts.slice(0, last + 1)
    return upToLast
      .map((text, i) => {
        const align = filled[i]?.align ?? (i === last ? 'none' : 'left')
        return paint(fitted(text, widths[i] ?? 0, align), i)
      })
      .join('  ')
  }
  const titles = filled.map(({ title }) => title)
  return [
    line(titles, paper.paint.dim),
    ...rows.map((row, n) =>
      line(
        filled.map(({ cells }) => cells[n] ?? ''),
        (text, i) => filled[i]?.paint?.(text, row) ?? text,
      ),
    ),
  ]
}

function shrink(widths: number[], shrinks: readonly boolean[], available: number): void {
  const over = () => widths.reduce((sum, width) => sum + width + 2, -2) - available
  while (over() > 0) {
    const widest = widths.reduce(
      (best, width, i) => (shrinks[i] && width > Math.max(NARROWEST, widths[best] ?? 0) ? i : best),
      -1,
    )
    if (widest < 0) return
    widths[widest] = (widths[widest] ?? 0) - 1
  }
}

/** Of a column that gives way: below this its text says nothing. */
const NARROWEST = 10

/** Shortened to the width, or filled up to it on the side that `align` leaves. */
function fitted(text: string, width: number, align: 'left' | 'right' | 'none'): string {
  const short = shorten(text, width)
  const space = ' '.repeat(Math.max(0, width - displayWidth(short)))
  if (align === 'none') return short
  return align === 'right' ? space + short : short + space
}

/** The text, or its beginning and …, in so many columns. */
export function shorten(text: string, width: number): string {
  if (displayWidth(text) <= width) return text
  let kept = ''
  for (const { segment } of graphemes.segment(text)) {
    if (displayWidth(kept + segment) > width - 1) break
    kept += segment
  }
  return `${kept}…`
}

const graphemes = new Intl.Segmenter()

/** Columns that a terminal uses: two for East Asian wide characters and emoji, none for marks and colours. */
export function displayWidth(text: string): number {
  const plain = stripVTControlCharacters(text)
  if (/^[\x20-\x7e]*$/.test(plain)) return plain.length
  let width = 0
  for (const { segment } of graphemes.segment(plain))
    width += WIDE.test(segment) ? 2 : ZERO.test(segment) ? 0 : 1
  return width
}

// The ranges of Unicode's EastAsianWidth.txt with W or F, joined where nothing but unassigned code points lies between.
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f200}-\u{1f2ff}\u{20000}-\u{3fffd}]|^\p{Emoji_Presentation}|^\p{Extended_Pictographic}\ufe0f/u
const ZERO = /^[\p{Mn}\p{Me}\p{Cf}]+$/u
