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
  readonly state: { readonly lastFullAt: number | null; readonly nextDueAt: number } | null
}

/** Whether to run, and how thoroughly. Only the cron is ever told to skip: a person is always served. */
export function due({ trigger, forced, schedule, now, zones, state }: DueInput): Due {
  if (trigger === 'cron' && state && now < state.nextDueAt)
    return { skip: `not due before ${new Date(state.nextDueAt).toISOString()}` }
  if (forced || state?.lastFullAt == null) return { run: 'full' }
  const last = state.lastFullAt
  if (now - last >= schedule.full) return { run: 'full' }
  if (schedule.daily && zones.some((zone) => dayIn(zone, now) !== dayIn(zone, last))) return { run: 'full' }
  return { run: 'check' }
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
