import { type Database, query, type Row } from '../database.ts'

/**
 * Runs newest first. `owner` null: all; else only runs of workspaces in which that user owns a project. `project`:
 * runs that touched it. `before`: the id that the last page ended at.
 */
export const readRuns = (
  database: Database,
  filter: {
    readonly owner: string | null
    readonly project: string | null
    readonly before: string | null
    readonly limit: number
  },
): Promise<Row[]> =>
  query<Row>(
    database,
    `SELECT r.* FROM runs r WHERE (?1 IS NULL OR r.id < ?1)
      AND (?2 IS NULL OR EXISTS (SELECT 1 FROM projects p WHERE p.workspace_id = r.scope AND p.owner = ?2))
      AND (?3 IS NULL OR EXISTS (SELECT 1 FROM json_each(r.report, '$.parts') e WHERE e.value ->> 'id' = ?3))
      ORDER BY r.id DESC LIMIT ?4`,
    filter.before,
    filter.owner,
    filter.project,
    filter.limit,
  )

/** One run, if `owner` may see it. */
export async function readRun(
  database: Database,
  id: string,
  owner: string | null,
): Promise<Row | undefined> {
  const [row] = await query<Row>(
    database,
    `SELECT r.* FROM runs r WHERE r.id = ?1
      AND (?2 IS NULL OR EXISTS (SELECT 1 FROM projects p WHERE p.workspace_id = r.scope AND p.owner = ?2))`,
    id,
    owner,
  )
  return row
}

/** Runs by id, in no order. */
export const readRunsById = (database: Database, ids: readonly string[]): Promise<Row[]> =>
  query<Row>(
    database,
    'SELECT r.* FROM json_each(?1) j CROSS JOIN runs r ON r.id = j.value',
    JSON.stringify(ids),
  )

/** Ids of the projects that a user owns. */
export async function ownedProjects(database: Database, owner: string): Promise<Set<string>> {
  const rows = await query<{ id: string }>(database, 'SELECT id FROM projects WHERE owner = ?1', owner)
  return new Set(rows.map(({ id }) => id))
}
