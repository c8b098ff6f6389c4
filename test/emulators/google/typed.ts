import { currencyPattern, groupPattern, type Locale, serialOf } from './locale.ts'
import type { NumberFormat, Scalar } from './model.ts'

/** What an entry becomes: a value or a formula, and the number format it brings along. */
export interface Entry {
  readonly value?: Scalar
  readonly formula?: string
  readonly format?: NumberFormat
}

export interface EntryContext {
  readonly locale: Locale
  /** The cell's format before */
  readonly format?: NumberFormat | undefined
  /** For dates typed without a year */
  readonly year: number
}

/**
 * Reads text as Sheets does when a person types it (USER_ENTERED). `1.5` is a number in en_US and the first of May
 * in de_DE; `007` is 7; `+49 30` is a broken formula; an apostrophe or a text format keeps text as it is.
 */
export function parseTyped(text: string, context: EntryContext): Entry {
  if (context.format?.type === 'TEXT') return { value: text }
  if (text.startsWith("'")) return { value: text.slice(1) }
  if (text.startsWith('=') && text.length > 1) return { formula: text }
  const trimmed = text.trim()
  const entry =
    truth(trimmed, context.locale) ??
    (/\d/.test(trimmed) ? (number(trimmed, context) ?? moment(trimmed, context)) : null)
  if (entry) return entry
  if (/^\+\S/.test(text)) return { formula: `=${text}` }
  return { value: text }
}

function truth(text: string, locale: Locale): Entry | null {
  const upper = text.toUpperCase()
  if (upper === locale.yes || upper === 'TRUE') return { value: true }
  if (upper === locale.no || upper === 'FALSE') return { value: false }
  return null
}

const numberShapes = new Map<Locale, RegExp>()

function numberShape(locale: Locale): RegExp {
  const known = numberShapes.get(locale)
  if (known) return known
  const group = groupPattern(locale)
  const symbol = `[${locale.currency}]`
  const shape = new RegExp(
    `^(?<paren>\\()?(?<sign>[-+])?\\s*(?<before>${symbol})?\\s*(?<sign2>[-+])?` +
      `(?<whole>\\d{1,3}(?:${group}\\d{3})+|\\d+)?(?:[${locale.decimal}](?<part>\\d*))?` +
      `(?<power>[eE][-+]?\\d+)?\\s*(?<after>${symbol})?(?<percent>\\s*%)?(?<close>\\))?$`,
    'u',
  )
  numberShapes.set(locale, shape)
  return shape
}

function number(text: string, { locale, format }: EntryContext): Entry | null {
  const found = numberShape(locale).exec(text)?.groups
  if (!found || (!found.whole && !found.part) || Boolean(found.paren) !== Boolean(found.close)) return null
  if (found.sign && found.sign2) return null
  const whole = (found.whole ?? '').replace(/\D/g, '')
  const negative = found.paren || found.sign === '-' || found.sign2 === '-'
  const size = Number(`${whole || '0'}.${found.part || '0'}${found.power ?? ''}`)
  // Sheets keeps fifteen significant digits of what is typed.
  const value = Number((negative ? -size : size).toPrecision(15))
  if (!Number.isFinite(value)) return null
  const cents = Boolean(found.part)
  if (found.percent) {
    return { value: value / 100, format: { type: 'PERCENT', pattern: cents ? '0.00%' : '0%' } }
  }
  if (found.before || found.after) {
    return { value, format: { type: 'CURRENCY', pattern: currencyPattern(locale, cents) } }
  }
  if (found.power) return { value, format: { type: 'SCIENTIFIC', pattern: '0.00E+00' } }
  // A bare number typed into a percentage is a percentage.
  if (format?.type === 'PERCENT') return { value: value / 100 }
  if (found.whole && found.whole.length > whole.length) {
    return { value, format: { type: 'NUMBER', pattern: cents ? '#,##0.00' : '#,##0' } }
  }
  return { value }
}

const clockPattern = /^(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\s*([ap]m))?$/i
const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

function moment(text: string, context: EntryContext): Entry | null {
  const clock = timeOfDay(text)
  if (clock !== null) return { value: clock, format: { type: 'TIME', pattern: context.locale.timePattern } }
  const [datePart = '', timePart] = splitAtTime(text)
  const iso = /^\d{4}-/.test(datePart)
  const day = calendarDay(datePart, context)
  if (day === null) return null
  const pattern = iso ? 'yyyy-mm-dd' : context.locale.datePattern
  if (timePart === undefined) return { value: day, format: { type: 'DATE', pattern } }
  const time = timeOfDay(timePart)
  if (time === null) return null
  const timePattern = iso ? 'hh:mm:ss' : context.locale.timePattern
  return { value: day + time, format: { type: 'DATE_TIME', pattern: `${pattern} ${timePattern}` } }
}

function splitAtTime(text: string): [string, string?] {
  const found = /^(.+?)[ T](\d{1,2}:\d{2}.*)$/.exec(text)
  return found ? [found[1] ?? '', found[2] ?? ''] : [text]
}

function timeOfDay(text: string): number | null {
  const found = clockPattern.exec(text)
  if (!found) return null
  const half = found[4]?.toLowerCase()
  const typed = Number(found[1])
  const hours = half ? (typed % 12) + (half === 'pm' ? 12 : 0) : typed
  const minutes = Number(found[2])
  const seconds = Number(found[3] ?? 0)
  if (hours > 23 || minutes > 59 || seconds > 59) return null
  return (hours * 3600 + minutes * 60 + seconds) / 86_400
}

function calendarDay(text: string, { locale, year }: EntryContext): number | null {
  const iso = /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})$/.exec(text)
  if (iso) return serialOf(Number(iso[1]), Number(iso[2]), Number(iso[3]))
  const named = /^(?:([A-Za-z]{3,9})[ -]?(\d{1,2})|(\d{1,2})[ -]?([A-Za-z]{3,9}))(?:,? ?-?(\d{4}))?$/.exec(
    text,
  )
  if (named) {
    const name = (named[1] ?? named[4] ?? '').toLowerCase()
    const month = months.findIndex((m) => name.startsWith(m)) + 1
    return month === 0 ? null : serialOf(Number(named[5] ?? year), month, Number(named[2] ?? named[3]))
  }
  const separators = locale.datePattern.includes('.') ? '[./-]' : '[/-]'
  const shape = new RegExp(`^(\\d{1,2})(${separators})(\\d{1,2})(?:\\2(\\d{4}|\\d{2})?)?$`)
  const found = shape.exec(text)
  if (!found) return null
  const [first, second] = [Number(found[1]), Number(found[3])]
  const years = found[4] === undefined ? year : Number(found[4])
  const full = years < 100 ? years + 2000 : years
  return locale.dateOrder === 'mdy' ? serialOf(full, first, second) : serialOf(full, second, first)
}
