import type { MetricName } from '../../sync/protocol/smart-sync.ts'

export const METRICS = ['followers', 'likes', 'comments', 'videos', 'views'] as const satisfies MetricName[]

/** Absent is not zero: it is a dash. */
const ABSENT = '–'

const whole = new Intl.NumberFormat('en-GB')
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 })
const signed = new Intl.NumberFormat('en', {
  notation: 'compact',
  maximumSignificantDigits: 3,
  signDisplay: 'exceptZero',
})
const signedWhole = new Intl.NumberFormat('en-GB', { signDisplay: 'exceptZero' })

/** Every digit. */
export const exact = (value: number | null) => (value === null ? ABSENT : whole.format(value))

/** Every digit below 10,000, three beyond. */
export const compact = (value: number | null) => {
  if (value === null) return ABSENT
  return Math.abs(value) < 10_000 ? whole.format(value) : short.format(value)
}

/** A change, with its sign; a true minus. */
export const change = (value: number | null) => {
  if (value === null) return ABSENT
  return minus((Math.abs(value) < 1_000 ? signedWhole : signed).format(value))
}
export const exactChange = (value: number | null) =>
  value === null ? ABSENT : minus(signedWhole.format(value))

/** A scalar as it stands in a column. */
export const scalar = (value: string | number | null) => {
  if (value === null) return 'nothing'
  return typeof value === 'number' ? exact(value) : value
}

/** `one` or `many` with its number: 1 account, 2 accounts. */
export const count = (n: number, one: string, many = `${one}s`) => `${exact(n)} ${n === 1 ? one : many}`

const dayAndTime = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
})
const dayOnly = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' })
const dayAndYear = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeZone: 'UTC' })

export const dateTime = (time: string | number) => dayAndTime.format(new Date(time))
/** A calendar day (a snapshot's), whatever the reader's time zone. */
export const day = (iso: string) => dayOnly.format(new Date(iso))
export const fullDay = (iso: string) => dayAndYear.format(new Date(iso))

/** `4 min ago`, `in 26 min`; beyond 30 days the date. */
export function relative(time: string | number, now: number): string {
  const seconds = Math.round((new Date(time).getTime() - now) / 1000)
  const size = Math.abs(seconds)
  if (size < 45) return seconds > 15 ? 'in less than a minute' : 'just now'
  const [n, unit] =
    size < 3_600
      ? [size / 60, 'min']
      : size < 86_400
        ? [size / 3_600, 'h']
        : [size / 86_400, Math.round(size / 86_400) === 1 ? 'day' : 'days']
  if (size > 30 * 86_400) return dateTime(time)
  const text = `${Math.max(1, Math.round(Number(n)))} ${unit}`
  return seconds < 0 ? `${text} ago` : `in ${text}`
}

/** Milliseconds in words that are short enough for a list. */
export function duration(ms: number): string {
  if (ms < 950) return `${Math.max(0, Math.round(ms))} ms`
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`
  const minutes = Math.floor(ms / 60_000)
  const seconds = Math.round((ms % 60_000) / 1000)
  if (minutes < 60) return seconds ? `${minutes} min ${seconds} s` : `${minutes} min`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

export const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

const minus = (text: string) => text.replace('-', '−')
