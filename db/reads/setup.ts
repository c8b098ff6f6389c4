import { type Database, query, type Row } from '../database.ts'

export interface WorkspaceRow {
  readonly id: string
  readonly name: string
  readonly spreadsheet_id: string
}

/** Workspaces by id, after the one that the last page ended at. */
export const readWorkspaces = (
  database: Database,
  after: string | null,
  limit: number,
): Promise<WorkspaceRow[]> =>
  query<WorkspaceRow>(
    database,
    `SELECT id, name, spreadsheet_id FROM workspaces WHERE id > coalesce(?1, '') ORDER BY id LIMIT ?2`,
    after,
    limit,
  )

export async function readWorkspace(database: Database, id: string): Promise<WorkspaceRow | undefined> {
  const sql = 'SELECT id, name, spreadsheet_id FROM workspaces WHERE id = ?1'
  const [row] = await query<WorkspaceRow>(database, sql, id)
  return row
}

/** What an operator has set, by key. */
export const readSettings = (database: Database): Promise<Row[]> =>
  query<Row>(database, 'SELECT * FROM config ORDER BY key')

export async function readSetting(database: Database, key: string): Promise<Row | undefined> {
  const [row] = await query<Row>(database, 'SELECT * FROM config WHERE key = ?1', key)
  return row
}
