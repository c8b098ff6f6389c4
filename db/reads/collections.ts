import { type Database, query, type Row, statement } from '../database.ts'

/** A collection as its reads need it. */
export interface CollectionTable {
  readonly name: string
  /** Names of its fields */
  readonly fields: readonly string[]
}

/** One row: the collections that devices sync, as JSON of an array; no row or null: all. */
export const OFFERED = `SELECT value ->> '$.collectionsToSync' AS offered FROM config WHERE key = 'sync.collections'`

/** What `OFFERED` says. */
export async function readOffered(database: Database): Promise<string | null> {
  const [row] = await query<{ offered: string | null }>(database, OFFERED)
  return row?.offered ?? null
}

/** By collection, in the order given: live rows and open conflicts; and what `OFFERED` says. */
export async function readCollections(
  database: Database,
  names: readonly string[],
): Promise<{ counts: readonly Row[]; offered: string | null }> {
  // A statement each: D1 takes no more than five SELECTs in one.
  const count = (name: string) =>
    statement(
      `SELECT (SELECT count(*) FROM ${name} WHERE deleted_at IS NULL) AS documents,
        (SELECT count(*) FROM conflicts WHERE tbl = ?1 AND resolved_at IS NULL) AS conflicts`,
      name,
    )
  const [set, ...counted] = await database.batch([statement(OFFERED), ...names.map(count)])
  const offered = (set?.rows[0]?.offered ?? null) as string | null
  return { counts: counted.flatMap(({ rows }) => rows), offered }
}

/**
 * Live rows by key, after the one that the last page ended at, or the one named: its fields, and how it came to be. `local`: a
 * device's edit made it what it is. Whether a conflict is open on it is not stored with it.
 */
export const readDocuments = (
  database: Database,
  { name, fields }: CollectionTable,
  page: { readonly id: string | null; readonly after: string | null; readonly limit: number },
): Promise<Row[]> =>
  query<Row>(
    database,
    `SELECT id, ${fields.join(', ')}, coalesce(edited_at, updated_at) AS updatedAt, updated_at AS syncedAt,
        CASE WHEN origin LIKE 'device:%' THEN 'local' ELSE 'remote' END AS origin,
        CASE WHEN EXISTS (SELECT 1 FROM conflicts WHERE tbl = ?1 AND key = t.id AND resolved_at IS NULL)
          THEN 'conflict' ELSE 'synced' END AS syncStatus
      FROM ${name} t WHERE deleted_at IS NULL AND id > ?2 ${page.id === null ? '' : 'AND id = ?4'} ORDER BY id LIMIT ?3`,
    name,
    page.after ?? '',
    page.limit,
    // A text of its own: with "any, or this one" D1 would look through all rows.
    ...(page.id === null ? [] : [page.id]),
  )
