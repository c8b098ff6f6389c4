import { type Database, query, type Row } from '../database.ts'

/** Users of the ERP by id, after the one that the last page ended at. */
export const readErpUsers = (database: Database, after: string | null, limit: number): Promise<Row[]> =>
  query<Row>(
    database,
    `SELECT id, name, login, active, updated_at FROM erp_users WHERE id > coalesce(?1, '') ORDER BY id LIMIT ?2`,
    after,
    limit,
  )

/** One user of the ERP, without the password. */
export async function readErpUser(database: Database, id: string): Promise<Row | undefined> {
  const sql = 'SELECT id, name, login, active, updated_at FROM erp_users WHERE id = ?1'
  const [row] = await query<Row>(database, sql, id)
  return row
}
