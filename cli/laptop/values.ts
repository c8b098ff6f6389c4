import type { DeviceType } from '../../sync/protocol/device.ts'

/** A value as SQLite gives it: whole numbers as bigint, so that none is rounded on the way. */
export type Raw = null | number | bigint | string | Uint8Array
export type Wire = string | number | null

/** How a column of the file keeps what travels: decided when the file is attached, by its type and by what it holds. */
export type Holds =
  | 'text'
  | 'number'
  | 'units'
  | 'amount'
  | 'amountText'
  | 'iso'
  | 'sql'
  | 'seconds'
  | 'milliseconds'

/** A value of the file that can't travel: what it says, for a person. */
export interface Unreadable {
  readonly unreadable: string
}
export const isUnreadable = (value: Wire | Unreadable): value is Unreadable =>
  typeof value === 'object' && value !== null

/** A value of the file as it travels. `currency`: of the same row, where it has one. */
export function wireOf(type: DeviceType, holds: Holds, raw: Raw, currency: Wire): Wire | Unreadable {
  if (raw === null) return null
  if (raw instanceof Uint8Array) return { unreadable: `${raw.length} bytes` }
  const value = plain(raw)
  if (value === undefined) return unreadable(raw)
  if (type === 'text' || type === 'url') return String(value)
  if (type === 'time') return timeOf(value, holds) ?? unreadable(raw)
  const number = typeof value === 'number' ? value : numberIn(value)
  if (number === null || !Number.isFinite(number)) return unreadable(raw)
  if (type === 'real') return number
  if (type === 'integer' || holds === 'units')
    return Number.isSafeInteger(number) ? number + 0 : unreadable(raw)
  return unitsOf(number, currency) ?? unreadable(raw)
}

/** What stands in the file for a value that travelled. */
export function fileOf(type: DeviceType, holds: Holds, value: Wire, currency: Wire): Raw {
  if (value === null) return null
  if (type === 'time') return fileTime(String(value), holds)
  if (type !== 'money' || typeof value !== 'number' || holds === 'units') return stored(value, type)
  const digits = digitsOf(currency)
  if (holds === 'amountText') return (value / 10 ** digits).toFixed(digits)
  return value / 10 ** digits
}

/** Whole numbers of integer columns go in as such: a number with a fraction would be kept as REAL. */
const stored = (value: string | number, type: DeviceType): Raw =>
  typeof value === 'number' && type !== 'real' && Number.isSafeInteger(value) ? BigInt(value) : value

const unreadable = (raw: Raw): Unreadable => ({ unreadable: String(raw).slice(0, 200) })

function plain(raw: number | bigint | string): number | string | undefined {
  if (typeof raw !== 'bigint') return raw
  const number = Number(raw)
  return Number.isSafeInteger(number) ? number : undefined
}

const numberIn = (text: string) => (/^\s*-?\d+(\.\d+)?\s*$/.test(text) ? Number(text) : null)

/** An amount in the smallest unit; null: it has more digits than its currency. Noise of binary fractions is none. */
function unitsOf(amount: number, currency: Wire): number | null {
  const scale = 10 ** digitsOf(currency)
  const units = Math.round(amount * scale) + 0
  const noise = 1e-9 * Math.max(1, Math.abs(amount))
  return Number.isSafeInteger(units) && Math.abs(amount - units / scale) <= noise ? units : null
}

const digits = new Map<string, number>()

/** Digits after the point: 2 for USD and whatever is unknown, 0 for JPY. */
function digitsOf(currency: Wire): number {
  const code = String(currency ?? 'USD').toUpperCase()
  if (!/^[A-Z]{3}$/.test(code)) return 2
  const known = digits.get(code)
  if (known !== undefined) return known
  const style = { style: 'currency', currency: code } as const
  const found = new Intl.NumberFormat('en', style).resolvedOptions().maximumFractionDigits ?? 2
  digits.set(code, found)
  return found
}

const TIME = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d(?:\.\d+)?)?)?\s*(Z|[+-]\d\d:?\d\d)?$/

function timeOf(value: string | number, holds: Holds): string | null {
  if (typeof value === 'number') {
    const ms = holds === 'milliseconds' ? value : value * 1000
    return holds === 'seconds' || holds === 'milliseconds' ? isoOf(Math.round(ms)) : null
  }
  const [, day, clock = '00:00', seconds = ':00', zone = 'Z'] = TIME.exec(value.trim()) ?? []
  if (!day) return null
  const at = Date.parse(`${day}T${clock}${seconds.slice(0, 7)}${zone.replace(/^([+-]\d\d)(\d\d)$/, '$1:$2')}`)
  // 30 February is no day, though Date.parse makes 2 March of it.
  return zone === 'Z' && isoOf(at)?.slice(0, 10) !== day ? null : isoOf(at)
}

const isoOf = (ms: number) => (Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : null)

function fileTime(iso: string, holds: Holds): Raw {
  const ms = Date.parse(iso)
  if (Number.isNaN(ms)) return iso
  if (holds === 'milliseconds') return BigInt(ms)
  if (holds === 'seconds') return ms % 1000 === 0 ? BigInt(ms / 1000) : ms / 1000
  if (holds === 'iso') return new Date(ms).toISOString()
  return new Date(ms)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.000Z$|Z$/, '')
}

/** How a column keeps a type: by its declared type, then by what a sample of it holds. */
export function holdsOf(type: DeviceType, declared: string, sample: readonly Raw[]): Holds {
  const held = sample.filter((raw) => raw !== null)
  if (type === 'money') {
    if (/INT/i.test(declared)) return held.some((raw) => typeof raw === 'number') ? 'amount' : 'units'
    return /CHAR|CLOB|TEXT/i.test(declared) || held.some((raw) => typeof raw === 'string')
      ? 'amountText'
      : 'amount'
  }
  if (type === 'time') {
    const numbers = held.filter((raw) => typeof raw === 'bigint' || typeof raw === 'number').map(Number)
    if (numbers.length > 0 || (held.length === 0 && /INT|REAL/i.test(declared)))
      return numbers.some((n) => Math.abs(n) > 1e11) ? 'milliseconds' : 'seconds'
    return held.length > 0 && held.every((raw) => typeof raw === 'string' && raw.includes('T'))
      ? 'iso'
      : 'sql'
  }
  return type === 'integer' || type === 'real' ? 'number' : 'text'
}
