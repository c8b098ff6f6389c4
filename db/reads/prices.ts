import { type Database, query, type Row } from '../database.ts'
import { pattern, type RowsPage } from './erp.ts'

/** The change that the last page ended at. */
export interface ChangeCursor {
  readonly version: number
  readonly n: number
}

/** Changes of one product's row that are looked through for its prices. A product changes a few times a year. */
const HOPS = 2_000

const columns = 'c.product_id, p.name, c.old, c.new, c.at, c.run_id, c.version, c.n'

/** Changes of prices, newest first: the end of the history, read backwards. */
export const readPriceChanges = (
  database: Database,
  before: ChangeCursor | null,
  limit: number,
): Promise<Row[]> =>
  query<Row>(
    database,
    `SELECT ${columns} FROM price_changes c LEFT JOIN products p ON p.id = c.product_id
      WHERE (c.version, c.n) < (?1, ?2) ORDER BY c.version DESC, c.n DESC LIMIT ?3`,
    before?.version ?? Number.MAX_SAFE_INTEGER,
    before?.n ?? 0,
    limit,
  )

/** The same of one product, found along the chain of its row's changes and not among those of all. */
export const readPriceChangesOf = (
  database: Database,
  product: string,
  before: ChangeCursor | null,
  limit: number,
): Promise<Row[]> =>
  query<Row>(
    database,
    `WITH RECURSIVE chain (version, hop) AS (
        SELECT coalesce(?2, (SELECT version FROM products WHERE id = ?1)), 0
        UNION
        SELECT h.prev_version, chain.hop + 1 FROM chain JOIN history h
          ON h.lane = 'products' AND h.version = chain.version AND h.tbl = 'products' AND h.key = ?1
          WHERE h.prev_version > 0 AND chain.hop < ${HOPS})
      SELECT ${columns} FROM (SELECT DISTINCT version FROM chain) v
        CROSS JOIN price_changes c ON c.version = v.version AND c.product_id = ?1
        LEFT JOIN products p ON p.id = c.product_id
      WHERE ?2 IS NULL OR (c.version, c.n) < (?2, ?3) ORDER BY c.version DESC, c.n DESC LIMIT ?4`,
    product,
    before?.version ?? null,
    before?.n ?? null,
    limit,
  )

/** Prices that wait for a product, by name. `link`: whose they are; `name` of a row is where the next page begins. */
export const readUnmatchedPrices = (
  database: Database,
  link: string,
  { q, after, limit }: RowsPage,
): Promise<Row[]> =>
  query<Row>(
    database,
    `SELECT d.name AS id, d.row ->> '$.name' AS name, d.row ->> '$.id' AS product_id, d.row ->> '$.price' AS price,
        d.kind, d.reason, d.since FROM link_deferred d
      WHERE d.link = ?1 AND (?2 IS NULL OR d.row ->> '$.name' LIKE ?2 ESCAPE '\\')
        AND (?3 IS NULL OR (coalesce(d.row ->> '$.name', ''), d.name) >
          (SELECT coalesce(row ->> '$.name', ''), name FROM link_deferred WHERE link = ?1 AND name = ?3))
      ORDER BY coalesce(d.row ->> '$.name', ''), d.name LIMIT ?4`,
    link,
    pattern(q),
    after,
    limit,
  )
