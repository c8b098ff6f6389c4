import type { Row, SqlValue } from '../../db/database.ts'
import type { DeviceColumn, DeviceDeclaration } from './declare.ts'

/** Why a device can't say these values; null: it can. */
export function wrongValue({ columns, label }: DeviceDeclaration, values: Row): string | null {
  for (const [name, value] of Object.entries(values)) {
    const column = Object.hasOwn(columns, name) ? columns[name] : undefined
    if (!column) return `${label} has no column ${name}`
    if (!column.write) return `${name} can't be set`
    const wrong = wrongCell(column, value)
    if (wrong !== null) return `${name}: ${wrong}`
  }
  return null
}

/** Why a column can't hold the value; null: it can. */
export const wrongCell = (column: DeviceColumn, value: SqlValue): string | null =>
  value === null ? (column.required ? 'it is never empty' : null) : wrongScalar(column, value)

const LONGEST = 20_000

function wrongScalar({ type, max = LONGEST, values }: DeviceColumn, value: SqlValue): string | null {
  if (type === 'text' || type === 'url') {
    if (typeof value !== 'string') return `${shortened(JSON.stringify(value))} is not a text`
    if (value.length > max) return `a text of ${value.length} characters; at most ${max}`
    if (!value.isWellFormed()) return 'a text with half a character'
    if (type === 'url' && !isWebAddress(value)) return `"${shortened(value)}" is not an address`
    return values && !values.includes(value) ? `"${shortened(value)}" is none of ${values.join(', ')}` : null
  }
  if (typeof value !== 'number' || !Number.isFinite(value))
    return `${shortened(JSON.stringify(value))} is not a number`
  if (type !== 'real' && !Number.isSafeInteger(value)) return `${value} is not a whole number`
  return type === 'time' && (value < FIRST_TIME || value > LAST_TIME) ? `${value} is not a time` : null
}

/** What somebody sent, as an answer quotes it: answers are kept, and a thousand of them fit into one row. */
export const shortened = (text: string, most = 100): string =>
  text.length > most ? `${text.slice(0, most)}…` : text

/** Milliseconds of the first and the last time that ISO-8601 writes with four digits of a year. */
const FIRST_TIME = -62_167_219_200_000
const LAST_TIME = 253_402_300_799_999

function isWebAddress(text: string): boolean {
  return /^https?:\/\//i.test(text) && URL.canParse(text)
}
