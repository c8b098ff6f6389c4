import type * as z from 'zod'
import type { SyncStatus } from '../sync/protocol/sync-logs.ts'
import { clean, Refusal } from './failure.ts'
import { count, duration, number, relative } from './print.ts'
import type { Paint, Paper } from './terminal.ts'

type Status = z.infer<typeof SyncStatus>

/** How the collections stand; or why that can't be told, which is no failure of whoever asked for something else too. */
export function statusInWords(found: Status | Refusal, paper: Paper): string[] {
  const { paint, now } = paper
  const line = (title: string, text: string) => `${paint.dim(title.padEnd(9))}  ${text}`
  if (found instanceof Refusal) return [paint.bold('Collections'), ...untold(found, paper)]
  const { lastSyncTime, lastSyncStatus, lastSyncDuration, unresolvedConflicts: open } = found
  return [
    paint.bold('Collections'),
    line('devices', found.isOnline ? `${paint.green('on line')}` : 'none on line'),
    line('sync', found.isSyncing ? paint.cyan('under way') : 'none under way'),
    line(
      'last sync',
      lastSyncTime === null
        ? 'none yet; begin one: tidemark sync --devices'
        : [
            `${clock(lastSyncTime)} (${relative(lastSyncTime, now)}),`,
            paintSync(paint, lastSyncStatus)(lastSyncStatus ?? ''),
            ...(lastSyncDuration === null ? [] : [`in ${seconds(lastSyncDuration)}`]),
          ].join(' '),
    ),
    line('syncs', `${number(found.totalSyncsCompleted)} completed`),
    line(
      'conflicts',
      `${number(found.totalConflicts)} so far, ${open === 0 ? 'none' : paint.yellow(number(open))} open`,
    ),
    ...(open > 0
      ? [
          paint.yellow(
            `! ${count(open, 'conflict')} ${open === 1 ? 'needs' : 'need'} a person; see: tidemark conflicts`,
          ),
        ]
      : []),
  ]
}

/** The same for a program: null where it can't be told, and why. */
export const toldOf = <T>(found: T | Refusal) => ({
  collections: found instanceof Refusal ? null : found,
  problem: found instanceof Refusal ? found.problem : null,
})

/** What could not be asked, and why. */
export const untold = ({ problem }: Refusal, { paint }: Paper): string[] => [
  paint.dim(
    problem.status === 401 || problem.status === 403
      ? `not shown: ${clean(problem.detail)}`
      : `The server could not be asked: ${clean(problem.detail)}`,
  ),
]

export function paintSync(paint: Paint, status: string | null): (text: string) => string {
  if (status === 'completed') return paint.green
  if (status === 'failed') return paint.red
  return status === 'running' ? paint.cyan : paint.dim
}

/** 2025-10-19 10:30:00 UTC */
export const clock = (at: string) => `${at.slice(0, 19).replace('T', ' ')} UTC`

const hundredths = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 2 })

/** 15.23 s; from a minute on as other durations */
export const seconds = (n: number) => (n < 60 ? `${hundredths.format(n)} s` : duration(n * 1_000))
