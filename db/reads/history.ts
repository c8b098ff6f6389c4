import { type Database, query, type Row } from '../database.ts'

/** Where a row's history begins: its lane's version at its last change. */
interface Head {
  readonly lane: string
  readonly version: number
}

/** The entry that the last page ended at. */
export interface HistoryCursor {
  readonly version: number
  readonly n: number
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
