import { type Database, query, type Row } from '../database.ts'

/** Where a row's history begins: its lane's version at its last change. */
interface Head {
  readonly lane: string
  readonly version: number
}

/**
 * The changes of one row, newest first, found along its chain: each entry names the row's version before it. A hop
 * reads the rows of one commit. `before` is the version that the last page ended at.
 */
export async function readHistory(
  database: Database,
  head: Head,
  table: string,
  key: string,
  limit: number,
  before: number | null,
): Promise<Row[]> {
  // One recursive query walks the chain: a round trip a hop would be a round trip a change.
  return query<Row>(
    database,
    `WITH RECURSIVE chain (version, hop) AS (
        SELECT ?2, 0
        UNION
        SELECT h.prev_version, chain.hop + 1 FROM chain JOIN history h
          ON h.lane = ?1 AND h.version = chain.version AND h.tbl = ?3 AND h.key = ?4
          WHERE h.prev_version > 0 AND chain.hop < ?6 + ?7)
      SELECT h.* FROM (SELECT DISTINCT version FROM chain) c CROSS JOIN history h
        ON h.lane = ?1 AND h.version = c.version AND h.tbl = ?3 AND h.key = ?4
      WHERE ?5 IS NULL OR h.version < ?5 ORDER BY h.version DESC, h.n DESC LIMIT ?6`,
    head.lane,
    head.version,
    table,
    key,
    before,
    limit,
    HOPS,
  )
}

/** Further hops that a page may walk past what was shown already. */
const HOPS = 1_000
