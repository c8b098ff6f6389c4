import type { SqlValue } from '../../../db/database.ts'
import { scaled } from './decimal.ts'
import { LONGEST_TEXT, MOST_MONEY } from './limits.ts'

/** What stood in a cell, under the type of its column. `null` as a value: the cell is empty. */
export type CellReading = { readonly value: SqlValue } | { readonly reason: string }

/** Reads a cell of one dialect. `type`: text, whole, money (cents), percent (hundredths), decimal, date, time (ms). */
export type ReadCell = (cell: unknown, type: string) => CellReading

/** A cell of JSON: numbers are numbers, dates ISO texts; absent and null are empty. */
export const readJsonCell: ReadCell = (cell, type) => {
  if (cell === undefined || cell === null) return { value: null }
  if (typeof cell === 'string' && (type === 'text' || cell.trim() === '')) return text(cell)
  if (type === 'text') return unreadable(`${kindOf(cell)} is not a text`)
  if (type === 'date' || type === 'time') {
    if (typeof cell !== 'string') return unreadable(`${kindOf(cell)} is not a ${type}`)
    return type === 'date' ? date(ISO_DATE.exec(cell)) : time(ISO_TIME.exec(cell))
  }
  if (typeof cell !== 'number') return unreadable(`${kindOf(cell)} is not a number`)
  // The shortest text that means this number; 1e21 and 1e-7 have exponents and don't pass.
  const [, sign = '', whole, fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(String(cell)) ?? []
  if (Object.is(cell, -0)) return unreadable('minus zero is not a number of anybody')
  return whole === undefined ? unreadable('the number is not exact') : number(type, sign, whole, fraction)
}

/** A cell of a page: text as people see it, numbers as 1.234,50, money as € 1.234,50, dates as 21/11/2026. */
export const readHtmlCell: ReadCell = (cell, type) => {
  const shown = text(String(cell))
  if (type === 'text' || !('value' in shown) || shown.value === null) return shown
  const seen = String(shown.value)
  if (type === 'date') return date(SHOWN_DATE.exec(seen))
  if (type === 'time') return time(SHOWN_TIME.exec(seen))
  const [, before = '', , sign = '', whole, fraction = ''] = SHOWN_NUMBER.exec(seen) ?? []
  const currency = SHOWN_NUMBER.exec(seen)?.[2]
  if (whole === undefined || (before !== '' && sign !== '')) return unreadable('it is not a number')
  if (currency !== undefined && type !== 'money') return unreadable('an amount of money is not a number')
  return number(type, before + sign, whole.replaceAll('.', ''), fraction)
}

// Groups of three or none at all: 1.234 is a thousand, and 1.23 is nothing.
const SHOWN_NUMBER = /^(-?)(?:(€)\s*)?(-?)(0|[1-9]\d{0,2}(?:\.\d{3})+|[1-9]\d*)(?:,(\d+))?$/
type Parts = { readonly groups?: Record<string, string> } | null
const ISO_DATE = /^(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)$/
const ISO_TIME =
  /^(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)T(?<clock>\d\d:\d\d:\d\d)(?:\.\d{1,9})?(?:Z|\+00:?00)$/
const SHOWN_DATE = /^(?<day>\d\d)\/(?<month>\d\d)\/(?<year>\d{4})$/
const SHOWN_TIME = /^(?<day>\d\d)\/(?<month>\d\d)\/(?<year>\d{4})\s+(?<clock>\d\d:\d\d:\d\d)$/

function text(cell: string): CellReading {
  if (cell.length > LONGEST_TEXT && cell.trim().length > LONGEST_TEXT)
    return unreadable(`the text is longer than ${LONGEST_TEXT} characters`)
  // Pages show no surrounding space, and a half of a surrogate pair is no text in any of them.
  return { value: cell.trim().toWellFormed() || null }
}

function number(type: string, sign: string, whole: string, fraction: string): CellReading {
  const value = exact(type, sign, whole, fraction)
  if (value !== null) return { value }
  return unreadable(
    type === 'whole' ? 'it is not an exact whole number' : 'it is not an exact number of this kind',
  )
}

function exact(type: string, sign: string, whole: string, fraction: string): number | null {
  if (type === 'whole') return scaled(sign, whole, fraction, 0)
  if (type === 'percent') return scaled(sign, whole, fraction, 2)
  if (type === 'money') return Number(whole) > MOST_MONEY ? null : scaled(sign, whole, fraction, 2)
  if (type !== 'decimal') throw new Error(`The ERP knows no columns of type ${type}`)
  const decimal = Number(`${sign}${whole}.${fraction || '0'}`)
  return Math.abs(decimal) > Number.MAX_SAFE_INTEGER || Object.is(decimal, -0) ? null : decimal
}

function date(parts: Parts): CellReading {
  const { year, month, day } = parts?.groups ?? {}
  const iso = `${year}-${month}-${day}`
  return millisecondsOf(`${iso}T00:00:00`) === null
    ? unreadable('it is not a day of the calendar')
    : { value: iso }
}

/** Whole seconds: a page shows no more, and both dialects tell the same. */
function time(parts: Parts): CellReading {
  const { year, month, day, clock } = parts?.groups ?? {}
  const value = millisecondsOf(`${year}-${month}-${day}T${clock}`)
  return value === null ? unreadable('it is not a moment of the calendar') : { value }
}

/** null: there is no such moment (the 31st of February, 24:00). */
function millisecondsOf(iso: string): number | null {
  const time = Date.parse(`${iso}Z`)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(iso) ? time : null
}

const kindOf = (cell: unknown): string =>
  Array.isArray(cell) ? 'a list' : typeof cell === 'object' ? 'an object' : `a ${typeof cell}`

const unreadable = (reason: string): CellReading => ({ reason })
