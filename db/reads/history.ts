import { type Database, query, type Row } from '../database.ts'

/** Where a row's history begins: its lane's version at its last change. */
interface Head {
  readonly lane: string
  readonly version: number
}

/** Whose the rows of a table are: those of a project's owner, of the user that they name, or everybody's. */
export type Belonging = 'project' | 'user' | 'all'

/** The entry that the last page ended at. */
export interface HistoryCursor {
  readonly version: number
  readonly n: number
}

const HEAD = {
  project: (table: string, key: string) =>
    `SELECT t.version, p.workspace_id AS scope FROM ${table} t JOIN projects p ON p.id = t.project_id
      WHERE t.${key} = ?1 AND (?2 IS NULL OR p.owner = ?2)`,
  user: (table: string, key: string) =>
    `SELECT version, user_id AS scope FROM ${table} WHERE ${key} = ?1 AND (?2 IS NULL OR user_id = ?2)`,
  all: (table: string, key: string) => `SELECT version, '' AS scope FROM ${table} WHERE ${key} = ?1`,
}

/** The version of a row that `owner` (null: anybody) may see, and the scope of its lane. Deleted rows have one too. */
export async function readHead(
  database: Database,
  table: { readonly name: string; readonly key: string; readonly belongs: Belonging },
  id: string,
  owner: string | null,
): Promise<{ version: number; scope: string } | undefined> {
  const sql = HEAD[table.belongs](table.name, table.key)
  const params = table.belongs === 'all' ? [id] : [id, owner]
  const [row] = await query<{ version: number; scope: string }>(database, sql, ...params)
  return row
}

/**
 * The changes of one row, newest first, found along its chain: each entry names the row's version before it. One
 * recursive query walks as many versions as a page can show, from the cursor on: a page deep down costs what the first
 * one does, and no row's history is too long to be read to its end. A hop reads the rows of one commit.
 */
export const readHistory = (
  database: Database,
  head: Head,
  table: string,
  key: string,
  limit: number,
  before: HistoryCursor | null,
): Promise<Row[]> =>
  query<Row>(
    database,
    `WITH RECURSIVE chain (version, hop) AS (
        SELECT ?2, 0
        UNION
        SELECT h.prev_version, chain.hop + 1 FROM chain JOIN history h
          ON h.lane = ?1 AND h.version = chain.version AND h.tbl = ?3 AND h.key = ?4
          WHERE h.prev_version > 0 AND chain.hop < ?7)
      SELECT h.* FROM (SELECT DISTINCT version FROM chain) c CROSS JOIN history h
        ON h.lane = ?1 AND h.version = c.version AND h.tbl = ?3 AND h.key = ?4
      WHERE (h.version, h.n) < (?5, ?6) ORDER BY h.version DESC, h.n DESC LIMIT ?7`,
    head.lane,
    before?.version ?? head.version,
    table,
    key,
    before?.version ?? Number.MAX_SAFE_INTEGER,
    before?.n ?? 0,
    limit,
  )
