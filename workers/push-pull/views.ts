import type { Row } from '../../db/database.ts'
import type { AccountRow } from '../../db/reads/accounts.ts'
import { metrics } from '../../db/schema.ts'
import type { HistoryEntry } from '../../sync/protocol/records.ts'
import type { Account, Pin, Project } from '../../sync/protocol/smart-sync.ts'

type Metrics = Record<(typeof metrics)[number], number | null>

export const iso = (at: unknown): string => new Date(Number(at)).toISOString()
const maybeIso = (at: unknown): string | null => (at == null ? null : iso(at))

const metricsOf = (row: Row): Metrics =>
  Object.fromEntries(metrics.map((m) => [m, (row[m] ?? null) as number | null])) as Metrics

/** An account as it travels. */
export function accountView(row: AccountRow): Account {
  const pins = JSON.parse(row.pins) as (Omit<Pin, 'until' | 'at'> & { until: number | null; at: number })[]
  return {
    id: row.id,
    project_id: row.project_id,
    platform: String(row.platform),
    profile_url: String(row.profile_url),
    username: row.username as string | null,
    ...metricsOf(row),
    version: Number(row.version),
    updated_at: iso(row.updated_at),
    origin: String(row.origin),
    pins: pins.map((pin) => ({ ...pin, until: maybeIso(pin.until), at: iso(pin.at) })),
  }
}

/** A project as it travels. */
export const projectView = (row: Row): Project => ({
  id: String(row.id),
  workspace_id: String(row.workspace_id),
  name: String(row.name),
  tab: String(row.tab),
  active: row.active === 1,
  time_zone: String(row.time_zone),
  owner: row.owner as string | null,
  write_back: row.write_back === 1,
  accounts: Number(row.accounts),
  totals: metricsOf(row),
})

/** A change as it travels, a line a column. */
export function historyView(row: Row): HistoryEntry {
  const before = JSON.parse(String(row.before ?? '{}')) as Row
  const after = JSON.parse(String(row.after ?? '{}')) as Row
  const why = JSON.parse(String(row.why ?? '{}')) as Record<string, [string, string]>
  return {
    lane: String(row.lane),
    version: Number(row.version),
    op: row.op as HistoryEntry['op'],
    at: iso(row.at),
    origin: String(row.origin),
    actor: String(row.actor),
    run_id: row.run_id as string | null,
    changes: Object.keys(after).map((column) => ({
      column,
      before: before[column] ?? null,
      after: after[column] ?? null,
      origin: why[column]?.[0] ?? String(row.origin),
      rule: why[column]?.[1] ?? '',
    })),
  }
}
