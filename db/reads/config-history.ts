import { type Database, query, type Row } from '../database.ts'

/** Changes of a setting, newest first. `before`: time and number that the last page ended at. */
export const readConfigHistory = (
  database: Database,
  key: string,
  before: readonly [at: number, n: number] | null,
  limit: number,
): Promise<Row[]> =>
  query<Row>(
    database,
    `SELECT * FROM config_history WHERE key = ?1 AND (?2 IS NULL OR (at, n) < (?2, ?3))
      ORDER BY at DESC, n DESC LIMIT ?4`,
    key,
    before?.[0] ?? null,
    before?.[1] ?? null,
    limit,
  )
