import { type Database, query, type Row } from '../database.ts'

/**
 * Whose runs: `owner` null sees all; else runs of `link` that touch a project of this user, runs of `own` links in the
 * user's scope, and runs of `shared` links.
 */
export interface RunReader {
  readonly owner: string | null
  readonly link: string
  readonly own: readonly string[]
  readonly shared: readonly string[]
}

/** Which of them: null is any. `before`: the id that the last page ended at. */
export interface RunPage {
  readonly project: string | null
  readonly link: string | null
  readonly scope: string | null
  readonly before: string | null
  readonly limit: number
}

/** Whether run `r` touches a project: as its report says, or, before it has one, as it was asked to. */
const touches = (project: string): string => `CASE WHEN json_array_length(r.report, '$.parts') > 0
  THEN EXISTS (SELECT 1 FROM json_each(r.report, '$.parts') e WHERE e.value ->> 'id' = ${project})
  ELSE r.params ->> '$.parts' IS NULL
    OR EXISTS (SELECT 1 FROM json_each(r.params, '$.parts') e WHERE e.value = ${project}) END`

const seen = `(?1 IS NULL OR (r.link = ?2 AND EXISTS
  (SELECT 1 FROM projects p WHERE p.workspace_id = r.scope AND p.owner = ?1 AND ${touches('p.id')}))
  OR (r.scope = ?1 AND r.link IN (SELECT value FROM json_each(?3)))
  OR r.link IN (SELECT value FROM json_each(?4)))`

const params = ({ owner, link, own, shared }: RunReader) =>
  [owner, link, JSON.stringify(own), JSON.stringify(shared)] as const

/** Runs newest first. `project`: runs that touch it. */
export const readRuns = (database: Database, reader: RunReader, page: RunPage): Promise<Row[]> =>
  query<Row>(
    database,
    `SELECT r.* FROM runs r WHERE ${seen} AND (?6 IS NULL OR r.id < ?6)
      AND (?8 IS NULL OR r.link = ?8) AND (?9 IS NULL OR r.scope = ?9)
      AND (?5 IS NULL OR (r.link = ?2 AND r.scope = (SELECT workspace_id FROM projects WHERE id = ?5)
        AND ${touches('?5')}))
      ORDER BY r.id DESC LIMIT ?7`,
    ...params(reader),
    page.project,
    page.before,
    page.limit,
    page.link,
    page.scope,
  )

/** One run, if the reader may see it. */
export async function readRun(database: Database, reader: RunReader, id: string): Promise<Row | undefined> {
  const sql = `SELECT r.* FROM runs r WHERE ${seen} AND r.id = ?5`
  const [row] = await query<Row>(database, sql, ...params(reader), id)
  return row
}

/** Runs by id, oldest first. */
export const readRunsById = (database: Database, ids: readonly string[]): Promise<Row[]> =>
  query<Row>(
    database,
    'SELECT r.* FROM json_each(?1) j CROSS JOIN runs r ON r.id = j.value ORDER BY r.id',
    JSON.stringify(ids),
  )

/** Ids of the projects that a user owns. */
export async function ownedProjects(database: Database, owner: string): Promise<Set<string>> {
  const rows = await query<{ id: string }>(database, 'SELECT id FROM projects WHERE owner = ?1', owner)
  return new Set(rows.map(({ id }) => id))
}
