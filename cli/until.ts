import { refusal } from './failure.ts'

const UNITS = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 } as const

/** A moment in the future, as people write it, in ISO-8601: a day or time (UTC unless it says a zone), or `7d` from now. */
export function untilOf(text: string, now: number): string {
  const at = momentOf(text.trim(), now)
  if (Number.isNaN(at)) throw bad(`${JSON.stringify(text)} is no time.`)
  if (at <= now) throw bad(`${new Date(at).toISOString()} has passed.`)
  return new Date(at).toISOString()
}

function momentOf(text: string, now: number): number {
  const [, amount, unit] = /^(\d{1,4})([mhdw])$/.exec(text) ?? []
  if (amount && unit) return now + Number(amount) * UNITS[unit as keyof typeof UNITS]
  const [, day, time = 'T00:00', zone = 'Z'] =
    /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?(Z|[+-]\d\d:\d\d)?$/.exec(text) ?? []
  return day ? Date.parse(`${day}${time}${zone}`) : Number.NaN
}

const bad = (detail: string) =>
  refusal('bad_time', {
    title: 'Not a time to come',
    detail,
    mend: 'Write a day or time like 2026-12-31 or 2026-12-31T18:00:00Z, or a time from now like 30m, 12h, 7d, 2w.',
  })
