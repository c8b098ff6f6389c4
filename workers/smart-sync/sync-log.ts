import type { Row } from '../../db/database.ts'
import type { SyncLog } from '../../sync/protocol/sync-logs.ts'

/** A sync of all devices that has not ended after this, in milliseconds, did not: the next one may begin. */
export const LEASE = 60_000

type Counts = Record<string, number>

const iso = (at: unknown): string => new Date(Number(at)).toISOString()
const counts = (text: unknown): Counts => JSON.parse(String(text)) as Counts

/** A row of `sync_logs` as it travels. One that ran out of its lease was cut off, and says so. */
export function syncLogView(row: Row, now: number): SyncLog {
  const cut = row.status === 'running' && Number(row.lease_until) <= now
  const end = cut ? row.lease_until : row.finished_at
  const [pushed, pulled, conflicts] = [counts(row.pushed), counts(row.pulled), counts(row.conflicts)]
  return {
    id: String(row.id),
    startTime: iso(row.started_at),
    endTime: end == null ? null : iso(end),
    status: cut ? 'failed' : (row.status as SyncLog['status']),
    trigger: row.trigger as SyncLog['trigger'],
    collections: [...new Set([pushed, pulled, conflicts].flatMap((each) => Object.keys(each)))],
    localToRemote: pushed,
    remoteToLocal: pulled,
    conflicts,
    durationSeconds: end == null ? null : Math.max(0, Number(end) - Number(row.started_at)) / 1_000,
    device: row.name == null ? (row.device as string | null) : String(row.name),
    error: cut ? 'It was cut off. The next one may begin.' : (row.error as string | null),
  }
}

/** The sum of counts, of these collections only; 0 where nothing was said. */
export const summed = (all: readonly Counts[], collections: readonly string[]): Counts =>
  Object.fromEntries(collections.map((name) => [name, all.reduce((sum, each) => sum + (each[name] ?? 0), 0)]))
