import type { SyncReportInput } from '../../sync/protocol/sync-logs.ts'
import type { Moved, SyncReport } from './sync.ts'

/** What a sync of one file came to; times in milliseconds. */
export interface Outcome {
  readonly began: number
  readonly ended: number
  readonly report: SyncReport | null
  /** Why it failed */
  readonly error: string | null
}

/** A sync that found nothing is not worth a request of its own. */
export const isNews = ({ report, error }: Outcome): boolean =>
  error !== null || Object.keys(report?.tables ?? {}).length > 0

/** Syncs of this machine as the server's log has them: one entry, whatever the number of files. */
export function reportOf(
  outcomes: readonly Outcome[],
  { id, nudge }: { readonly id: string; readonly nudge?: string | undefined },
): SyncReportInput {
  const errors = outcomes.flatMap(({ error }) => error ?? [])
  const counted = (what: keyof Moved) => {
    const counts: Record<string, number> = {}
    for (const { report } of outcomes)
      for (const [table, moved] of Object.entries(report?.tables ?? {}))
        counts[table] = (counts[table] ?? 0) + moved[what]
    return counts
  }
  return {
    id,
    ...(nudge !== undefined && { nudge }),
    startTime: new Date(Math.min(...outcomes.map(({ began }) => began))).toISOString(),
    endTime: new Date(Math.max(...outcomes.map(({ ended }) => ended))).toISOString(),
    status: errors.length > 0 ? 'failed' : 'completed',
    localToRemote: counted('went'),
    remoteToLocal: counted('came'),
    conflicts: counted('conflicts'),
    ...(errors.length > 0 && { error: errors.join(' ').slice(0, 1_000) }),
  }
}
