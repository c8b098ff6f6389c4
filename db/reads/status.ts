import type { Database, Row } from '../database.ts'

export interface SyncStatus {
  readonly projects: number
  readonly active: number
  readonly conflicts: number
  readonly run: { readonly id: string; readonly status: string; readonly finished_at: number | null } | null
  readonly nextDue: number | null
  /** null: never asked; else what troubles each scope, null where nothing does */
  readonly troubles: readonly (string | null)[]
}

/** What the status answer says, in one batch. */
export async function readSyncStatus(database: Database, link: string): Promise<SyncStatus> {
  const [projects, conflicts, run, state] = await database.batch([
    { sql: 'SELECT count(*) AS total, coalesce(sum(active), 0) AS active FROM projects', params: [] },
    { sql: 'SELECT count(*) AS open FROM conflicts WHERE resolved_at IS NULL', params: [] },
    {
      sql: 'SELECT id, status, finished_at FROM runs WHERE link = ?1 ORDER BY id DESC LIMIT 1',
      params: [link],
    },
    {
      sql: `SELECT next_due_at, trouble FROM link_state WHERE link = ?1
        AND EXISTS (SELECT 1 FROM projects p WHERE p.workspace_id = scope AND p.active = 1)`,
      params: [link],
    },
  ])
  const first = (rows: readonly Row[] | undefined) => rows?.[0]
  const last = first(run?.rows)
  const due = (state?.rows ?? []).map((row) => Number(row.next_due_at))
  return {
    projects: Number(first(projects?.rows)?.total ?? 0),
    active: Number(first(projects?.rows)?.active ?? 0),
    conflicts: Number(first(conflicts?.rows)?.open ?? 0),
    run: last
      ? {
          id: String(last.id),
          status: String(last.status),
          finished_at: last.finished_at === null ? null : Number(last.finished_at),
        }
      : null,
    nextDue: due.length === 0 ? null : Math.min(...due),
    troubles: (state?.rows ?? []).map((row) => (row.trouble === null ? null : String(row.trouble))),
  }
}
