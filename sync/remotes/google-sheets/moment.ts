/** Wall clocks of a sheet: days since 1899-12-30, with the time of day as a fraction. */

const DAY = 86_400_000
/** Serial number of 1970-01-01 */
const EPOCH = 25_569

/** `2026-03-01` → 46082; null: there is no such day. */
export function serialOfDay(day: string): number | null {
  const time = Date.parse(`${day}T00:00:00Z`)
  return isDay(day) && !Number.isNaN(time) && new Date(time).toISOString().startsWith(day)
    ? time / DAY + EPOCH
    : null
}

/** 46082 → `2026-03-01`; null: it is no day, or one that has no four digits for its year. */
export function dayOfSerial(serial: number): string | null {
  if (!Number.isInteger(serial)) return null
  const text = isoOf((serial - EPOCH) * DAY)?.slice(0, 10)
  return text !== undefined && isDay(text) ? text : null
}

const isDay = (text: string): boolean => /^\d{4}-\d\d-\d\d$/.test(text)

function isoOf(time: number): string | undefined {
  return Math.abs(time) > 8.64e15 ? undefined : new Date(time).toISOString()
}

/** The serial number of a moment on the wall clock of a time zone. */
export const serialOfTime = (time: number, zone: string): number =>
  (time + offsetAt(time, zone)) / DAY + EPOCH

/**
 * The moments that a serial number can mean on the wall clock of a time zone: none or two where clocks change, else one.
 * Milliseconds are exact until the year 9999.
 */
export function timesOfSerial(serial: number, zone: string): readonly number[] {
  const wall = Math.round((serial - EPOCH) * DAY)
  if (isoOf(wall) === undefined) return []
  const offsets = new Set([-DAY, 0, DAY].map((step) => offsetAt(wall + step, zone)))
  return [...offsets].map((offset) => wall - offset).filter((time) => time + offsetAt(time, zone) === wall)
}

/** `2026-10-25T02:30:00.000+01:00`: the wall clock of a time zone, and how far it is from UTC. */
export function isoInZone(time: number, zone: string): string {
  const offset = offsetAt(time, zone)
  // Before time zones were agreed on, offsets have seconds, which ISO doesn't write.
  if (offset % 60_000 !== 0) return new Date(time).toISOString()
  const minutes = Math.abs(offset) / 60_000
  const two = (n: number) => String(n).padStart(2, '0')
  const wall = new Date(time + offset).toISOString().slice(0, -1)
  return `${wall}${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
}

/** A moment written as ISO-8601 with its offset; null: it is not, or there is no such moment. */
export function timeOfIso(text: string): number | null {
  const found = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?) ?(Z|[+-]\d\d:\d\d)$/i.exec(
    text.trim(),
  )
  if (!found || serialOfDay(found[1] ?? '') === null) return null
  const time = Date.parse(`${found[1]}T${found[2]}${found[3]?.toUpperCase()}`)
  return Number.isNaN(time) ? null : time
}

/** A zone's formatter never changes, and making one costs as much as a thousand readings. */
const formats = new Map<string, Intl.DateTimeFormat>()

/** Milliseconds that a zone's wall clock is ahead of UTC. A zone that isn't known counts as UTC. */
function offsetAt(time: number, zone: string): number {
  const format = formats.get(zone) ?? formatOf(zone)
  formats.set(zone, format)
  const part = (name: Intl.DateTimeFormatPartTypes) =>
    Number(parts.find(({ type }) => type === name)?.value ?? 0)
  const parts = format.formatToParts(time)
  const wall = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  )
  return wall - Math.floor(time / 1_000) * 1_000
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const whole = {
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
    hourCycle: 'h23',
    calendar: 'iso8601',
    numberingSystem: 'latn',
  } as const
  try {
    return new Intl.DateTimeFormat('en', { ...whole, timeZone: zone || 'UTC' })
  } catch {
    return new Intl.DateTimeFormat('en', { ...whole, timeZone: 'UTC' })
  }
}
