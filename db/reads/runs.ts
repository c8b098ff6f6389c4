import { type Database, query, type Row } from '../database.ts'

/** Whose runs: null sees all; else runs of `link` that touch a project of this user, and nothing of other links. */
export interface RunReader {
  readonly owner: string | null
  readonly link: string
}

/** Whether run `r` touches a project: as its report says, or, before it has one, as it was asked to. */
const touches = (project: string): string => `CASE WHEN json_array_length(r.report, '$.parts') > 0
  THEN EXISTS (SELECT 1 FROM json_each(r.report, '$.parts') e WHERE e.value ->> 'id' = ${project})
  ELSE r.params ->> '$.parts' IS NULL
    OR EXISTS (SELECT 1 FROM json_each(r.params, '$.parts') e WHERE e.value = ${project}) END`

const seen = `(?1 IS NULL OR (r.link = ?2 AND EXISTS
  (SELECT 1 FROM projects p WHERE p.workspace_id = r.scope AND p.owner = ?1 AND ${touches('p.id')})))`

/** Runs newest first. `project`: runs that touch it. `before`: the id that the last page ended at. */
export const readRuns = (
  database: Database,
  { owner, link }: RunReader,
  page: { readonly project: string | null; readonly before: string | null; readonly limit: number },
): Promise<Row[]> =>
  query<Row>(
    database,
    `SELECT r.* FROM runs r WHERE ${seen} AND (?4 IS NULL OR r.id < ?4)
      AND (?3 IS NULL OR (r.link = ?2 AND r.scope = (SELECT workspace_id FROM projects WHERE id = ?3)
        AND ${touches('?3')}))
      ORDER BY r.id DESC LIMIT ?5`,
    owner,
    link,
    page.project,
    page.before,
    page.limit,
  )

/** One run, if the reader may see it. */
export async function readRun(
  database: Database,
  { owner, link }: RunReader,
  id: string,
): Promise<Row | undefined> {
  const [row] = await query<Row>(
    database,
    `SELECT r.* FROM runs r WHERE ${seen} AND r.id = ?3`,
    owner,
    link,
    id,
  )
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
