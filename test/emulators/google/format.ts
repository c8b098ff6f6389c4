import { currencyPattern, dateOfSerial, type Locale } from './locale.ts'
import type { NumberFormat, Scalar } from './model.ts'

/** What a cell shows: a number by its format and the spreadsheet's locale, a boolean in its language, text as it is. */
export function display(value: Scalar, format: NumberFormat | undefined, locale: Locale): string {
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return value ? locale.yes : locale.no
  if (!format || format.type === 'TEXT') return general(value, locale)
  const pattern = format.pattern || defaultPattern(format.type, locale)
  if (isMoment(format)) return displayMoment(value, pattern)
  return displayNumber(value, pattern, locale)
}

/** True when a number under this format is a day or a time. */
export function isMoment(format: NumberFormat | undefined): boolean {
  return format?.type === 'DATE' || format?.type === 'TIME' || format?.type === 'DATE_TIME'
}

function defaultPattern(type: NumberFormat['type'], locale: Locale): string {
  switch (type) {
    case 'PERCENT':
      return '0.00%'
    case 'CURRENCY':
      return currencyPattern(locale, true)
    case 'SCIENTIFIC':
      return '0.00E+00'
    case 'DATE':
      return locale.datePattern
    case 'TIME':
      return locale.timePattern
    case 'DATE_TIME':
      return `${locale.datePattern} ${locale.timePattern}`
    default:
      return '#,##0.00'
  }
}

/** "Automatic": no grouping, ten decimals at most, scientific from 10^15 on (where digits are lost). */
function general(value: number, locale: Locale): string {
  const size = Math.abs(value)
  if (size !== 0 && (size >= 1e15 || size < 1e-9)) {
    const [digits = '', power = '0'] = value.toExponential(5).split('e')
    const exponent = Number(power)
    const sign = exponent < 0 ? '-' : '+'
    return `${localised(String(Number(digits)), locale)}E${sign}${String(Math.abs(exponent)).padStart(2, '0')}`
  }
  const whole = Math.trunc(size).toString().length
  return localised(String(Number(value.toFixed(Math.max(0, Math.min(10, 15 - whole))))), locale)
}

function localised(digits: string, locale: Locale): string {
  return digits.replace('.', locale.decimal)
}

/** Takes a pattern apart: text in quotes, brackets or after a backslash is literal. */
const patternPart =
  /"([^"]*)"|\\(.)|\[\$([^\]-]*)[^\]]*\]|\[[^\]]*\]|_(.)|([0#?][0#?,.]*(?:E[+-]0+)?|\.0+)|(.)/gu

function displayNumber(value: number, pattern: string, locale: Locale): string {
  const sections = splitSections(pattern)
  const negative = value < 0 && sections[1] !== undefined
  const section = (value === 0 && sections[2]) || (negative ? sections[1] : sections[0]) || ''
  const scaled = section.includes('%') ? value * 100 : value
  let done = false
  let shown = ''
  for (const [, quoted, escaped, symbol, padding, digits, other] of section.matchAll(patternPart)) {
    if (digits !== undefined && !done) {
      shown += displayDigits(Math.abs(scaled), digits, locale)
      done = true
    } else shown += quoted ?? escaped ?? symbol ?? (padding ? ' ' : undefined) ?? other ?? ''
  }
  return value < 0 && !negative ? `-${shown}` : shown
}

function splitSections(pattern: string): string[] {
  return pattern.match(/(?:"[^"]*"|[^;"])+/g) ?? []
}

function displayDigits(size: number, digits: string, locale: Locale): string {
  const power = /E([+-])(0+)$/.exec(digits)
  if (power) {
    const decimals = (digits.split('.')[1] ?? '').replace(/E.*/, '').length
    const [mantissa = '', exponent = '0'] = size.toExponential(decimals).split('e')
    const sign = Number(exponent) < 0 ? '-' : power[1] === '+' ? '+' : ''
    const shown = String(Math.abs(Number(exponent))).padStart(power[2]?.length ?? 1, '0')
    return `${localised(mantissa, locale)}E${sign}${shown}`
  }
  const [wholePattern = '', partPattern = ''] = digits.split('.')
  const most = partPattern.length
  const least = partPattern.replace(/[^0]/g, '').length
  const [whole = '0', part = ''] = size.toFixed(most).split('.')
  const kept = part.replace(/0+$/, '').padEnd(least, '0')
  const padded = whole.padStart(wholePattern.replace(/[^0]/g, '').length, '0')
  const bare = padded === '0' && !wholePattern.includes('0') ? '' : padded
  const grouped = wholePattern.includes(',') ? bare.replace(/\B(?=(\d{3})+$)/g, locale.group) : bare
  return kept ? `${grouped}${locale.decimal}${kept}` : grouped
}

const momentPart = /"([^"]*)"|\\(.)|(y+|m+|d+|h+|s+|am\/pm)|(.)/giu
const monthNames = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]

function displayMoment(serial: number, pattern: string): string {
  const date = dateOfSerial(serial)
  const parts = [...pattern.matchAll(momentPart)]
  const half = /am\/pm/i.test(pattern)
  return parts
    .map(([, quoted, escaped, field, other], index) => {
      if (field === undefined) return quoted ?? escaped ?? other ?? ''
      const fields = (at: number, step: number): string | undefined => {
        for (let i = at + step; i >= 0 && i < parts.length; i += step) {
          const name = parts[i]?.[3]
          if (name !== undefined) return name.toLowerCase()[0]
        }
        return undefined
      }
      const minutes = fields(index, -1) === 'h' || fields(index, 1) === 's'
      return momentField(date, field.toLowerCase(), { half, minutes })
    })
    .join('')
}

function momentField(date: Date, field: string, context: { half: boolean; minutes: boolean }): string {
  const padded = (n: number) => String(n).padStart(Math.min(field.length, 2), '0')
  switch (field[0]) {
    case 'y':
      return field.length > 2
        ? String(date.getUTCFullYear())
        : String(date.getUTCFullYear() % 100).padStart(2, '0')
    case 'm':
      if (context.minutes) return padded(date.getUTCMinutes())
      if (field.length > 2) {
        const name = monthNames[date.getUTCMonth()] ?? ''
        return field.length === 3 ? name.slice(0, 3) : name
      }
      return padded(date.getUTCMonth() + 1)
    case 'd':
      return padded(date.getUTCDate())
    case 'h':
      return padded(context.half ? ((date.getUTCHours() + 11) % 12) + 1 : date.getUTCHours())
    case 's':
      return padded(date.getUTCSeconds())
    default:
      return date.getUTCHours() < 12 ? 'AM' : 'PM'
  }
}
