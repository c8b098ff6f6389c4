import { type Database, query, type Row } from '../database.ts'

/**
 * Whose conflicts: `owner` null sees all; else those of projects that this user owns, and those of `own` links in the
 * user's scope, and of devices in `tables`: pairs of a table and the lane that this user keeps it in. Conflicts of `shared`
 * links are for those who see all.
 */
export interface ConflictReader {
  readonly owner: string | null
  readonly own: readonly string[]
  readonly shared: readonly string[]
  readonly tables: readonly (readonly [table: string, lane: string])[]
}

/** A part is a project's id in a link of projects only: elsewhere another thing may have the same id. */
const seen = `(?1 IS NULL
  OR (link = '' AND EXISTS (SELECT 1 FROM json_each(?4) j WHERE tbl = j.value ->> 0 AND lane = j.value ->> 1))
  OR (scope = ?1 AND link IN (SELECT value FROM json_each(?2)))
  OR (part IN (SELECT id FROM projects WHERE owner = ?1)
    AND link NOT IN (SELECT value FROM json_each(?2) UNION ALL SELECT value FROM json_each(?3))))`

const params = ({ owner, own, shared, tables }: ConflictReader) =>
  [owner, JSON.stringify(own), JSON.stringify(shared), JSON.stringify(tables)] as const

/**
 * Conflicts newest first, of those that the reader may see. `before` is the id that the last page ended at; an id that
 * the reader may not see ends the list, as an unknown one does.
 */
export const readConflicts = (
  database: Database,
  reader: ConflictReader,
  page: { readonly open: boolean; readonly before: string | null; readonly limit: number },
): Promise<Row[]> =>
  query<Row>(
    database,
    `SELECT * FROM conflicts WHERE ${seen} AND (?5 = 0 OR resolved_at IS NULL)
      AND (?6 IS NULL OR (opened_at, id) < (SELECT opened_at, id FROM conflicts WHERE id = ?6 AND ${seen}))
      ORDER BY opened_at DESC, id DESC LIMIT ?7`,
    ...params(reader),
    page.open ? 1 : 0,
    page.before,
    page.limit,
  )

/** One conflict, if the reader may see it. */
export async function readConflict(
  database: Database,
  reader: ConflictReader,
  id: string,
): Promise<Row | undefined> {
  const sql = `SELECT * FROM conflicts WHERE ${seen} AND id = ?5`
  const [row] = await query<Row>(database, sql, ...params(reader), id)
  return row
}
