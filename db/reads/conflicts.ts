import { type Database, query, type Row } from '../database.ts'

/** Conflicts of the projects that a user owns; null sees all, those of no project too. */
const seen = `(?1 IS NULL OR part IN (SELECT id FROM projects WHERE owner = ?1))`

/**
 * Conflicts newest first, of the projects that `owner` may see. `before` is the id that the last page ended at; an id
 * that the owner may not see ends the list, as an unknown one does.
 */
export const readConflicts = (
  database: Database,
  filter: {
    readonly owner: string | null
    readonly open: boolean
    readonly before: string | null
    readonly limit: number
  },
): Promise<Row[]> =>
  query<Row>(
    database,
    `SELECT * FROM conflicts WHERE ${seen} AND (?2 = 0 OR resolved_at IS NULL)
      AND (?3 IS NULL OR (opened_at, id) < (SELECT opened_at, id FROM conflicts WHERE id = ?3 AND ${seen}))
      ORDER BY opened_at DESC, id DESC LIMIT ?4`,
    filter.owner,
    filter.open ? 1 : 0,
    filter.before,
    filter.limit,
  )

/** One conflict, if `owner` may see it. */
export async function readConflict(
  database: Database,
  id: string,
  owner: string | null,
): Promise<Row | undefined> {
  const [row] = await query<Row>(database, `SELECT * FROM conflicts WHERE ${seen} AND id = ?2`, owner, id)
  return row
}
