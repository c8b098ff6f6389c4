import type { Trigger } from '../protocol/runs.ts'
import type { Schedule } from './declare.ts'

/** `full`: read everything. `check`: ask the remote first. */
export type Due = { readonly run: 'full' | 'check' } | { readonly skip: string }

export interface DueInput {
  readonly trigger: Trigger
  /** The caller wants everything read */
  readonly forced: boolean
  readonly schedule: Schedule
  readonly now: number
  /** Time zones of the parts */
  readonly zones: readonly string[]
  /** null: never run */
  readonly state: {
    readonly lastFullAt: number | null
    /** When the remote was last read, or last said that nothing changed */
    readonly lastGoodAt: number | null
    readonly nextDueAt: number
  } | null
}

/** Whether to run, and how thoroughly. Only what comes by itself is ever told to skip: a person who asks is always served. */
export function due({ trigger, forced, schedule, now, zones, state }: DueInput): Due {
  if (trigger === 'cron' && state && now < state.nextDueAt)
    return { skip: `not due before ${new Date(state.nextDueAt).toISOString()}` }
  const fresh = freshness(trigger, schedule, now, state?.lastGoodAt ?? null)
  if (fresh !== null) return { skip: fresh }
  if (forced || state?.lastFullAt == null) return { run: 'full' }
  const last = state.lastFullAt
  if (now - last >= schedule.full) return { run: 'full' }
  if (schedule.daily && zones.some((zone) => dayIn(zone, now) !== dayIn(zone, last))) return { run: 'full' }
  return { run: 'check' }
}

/** Why an event (a login, a reconnect, a read) starts nothing; null where it starts a run, or is no such event. */
function freshness(
  trigger: Trigger,
  schedule: Schedule,
  now: number,
  lastGoodAt: number | null,
): string | null {
  if (trigger !== 'login' && trigger !== 'reconnect' && trigger !== 'read') return null
  const limit = { login: schedule.login, reconnect: schedule.reconnect, read: schedule.lazy }[trigger]
  if (limit === undefined) return `a ${trigger} does not start this`
  if (lastGoodAt === null || now - lastGoodAt >= limit) return null
  return `fresh: last brought up to date at ${new Date(lastGoodAt).toISOString()}, less than ${inWords(limit)} ago`
}

/** A time span for people: 10 min, 2 h, 3 days. */
function inWords(ms: number): string {
  const minutes = ms / 60_000
  if (minutes < 60) return `${Number(minutes.toFixed(1))} min`
  const hours = minutes / 60
  return hours < 48 ? `${Number(hours.toFixed(1))} h` : `${Number((hours / 24).toFixed(1))} days`
}

/**
 * When to look again. A tenth of the interval is slack, so that a cron of the same interval always finds the link
 * due. After trouble the wait doubles from one minute, up to the interval.
 */
export function nextDue(schedule: Schedule, startedAt: number, failuresInARow: number): number {
  const usual = schedule.check * 0.9
  const wait = failuresInARow === 0 ? usual : Math.min(usual, 60_000 * 2 ** (failuresInARow - 1))
  return Math.round(startedAt + wait)
}

/** The calendar day at `at` in a time zone, as YYYY-MM-DD. */
export function dayIn(zone: string, at: number): string {
  let format = formats.get(zone)
  if (!format) {
    format = new Intl.DateTimeFormat('en-CA', { timeZone: zone, dateStyle: 'short' })
    formats.set(zone, format)
  }
  return format.format(at)
}

/** Making a formatter costs 0.1 ms; a run of 20 parts asks for the same few zones. */
const formats = new Map<string, Intl.DateTimeFormat>()
