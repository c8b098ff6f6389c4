import type { Row, SqlValue, Statement } from '../database.ts'

/** A table as a page of the feed shows it. */
export interface FeedTable {
  readonly name: string
  readonly key: string
  /** Columns in their order; `time` columns hold milliseconds and are shown as ISO-8601 */
  readonly columns: readonly { readonly name: string; readonly time: boolean }[]
}

/** Rows of a page, as JSON of the database: it is handed on as it is. */
export interface FeedPage {
  /** The lane's last commit; 0: it has none */
  readonly version: number
  /** Drawn anew when the server is restored */
  readonly generation: string
  /** The highest settled number of the device; 0: none */
  readonly last: number
  /** What the page reaches to: a version, or the last key shown; null where it is the last page */
  readonly until: string | null
  /** Live rows of the lane; null where it was not counted */
  readonly total: number | null
  /** JSON arrays by table, in the order given; null where nothing is to be shown */
  readonly tables: readonly { readonly rows: string | null; readonly deleted: string | null }[]
}

export interface FeedQuery {
  readonly lane: string
  readonly tables: readonly FeedTable[]
  readonly incarnation: string
  /** Origin of the device's own commits, which are not shown to it; '' shows all */
  readonly own: string
  /** Keys by table: rows that are shown as they stand, changed or not */
  readonly also: Readonly<Record<string, readonly string[]>>
  readonly limit: number
}

/** Columns of a page: the key first. */
export const columnsOf = ({ key, columns }: FeedTable): string[] => [key, ...columns.map(({ name }) => name)]

const shown = ({ key, columns }: FeedTable, t: string): string =>
  [
    `${t}.${key}`,
    ...columns.map(({ name, time }) =>
      time ? `strftime('%Y-%m-%dT%H:%M:%fZ', ${t}.${name} / 1000.0, 'unixepoch')` : `${t}.${name}`,
    ),
  ].join(', ')

const STANDING = `coalesce((SELECT version FROM lanes WHERE lane = ?1), 0) AS version,
  coalesce((SELECT value ->> '$' FROM config WHERE key = 'generation'), '1') AS generation,
  coalesce((SELECT last FROM device_lanes WHERE incarnation = ?2 AND lane = ?1), 0) AS last`

/**
 * What changed after a version, in one statement: each row as it stands now, once. A page reaches to the end of a commit, so
 * that the next one begins at a version. Own edits that were taken as they were are left out; refused ones are not.
 */
export function feedStatement(of: FeedQuery, after: number): Statement {
  // The version that a page reaches to: of the `limit`th history row; the one before where that commit is cut in two.
  const reach = `SELECT CASE WHEN count(*) <= ?5 THEN max(version)
      WHEN min(version) = max(version) THEN max(version)
      ELSE (SELECT max(h.version) FROM history h WHERE h.lane = ?1 AND h.version > ?3 AND h.version < max(first.version)) END
    FROM (SELECT version FROM history WHERE lane = ?1 AND version > ?3 ORDER BY version, n LIMIT ?5 + 1) first`
  const changed = (table: FeedTable, i: number) =>
    `k${i} AS MATERIALIZED (SELECT DISTINCT key FROM history
      WHERE lane = ?1 AND version > ?3 AND version <= (SELECT version FROM reach) AND tbl = '${table.name}'
        AND NOT (origin = ?4 AND op IN ('insert', 'update', 'delete'))
      UNION SELECT value FROM json_each(?6, '$.${table.name}'))`
  const rows = (table: FeedTable, i: number) =>
    `(SELECT json_group_array(json_array(${shown(table, 't')})) FROM k${i} k CROSS JOIN ${table.name} t ON t.${table.key} = k.key
      WHERE t.deleted_at IS NULL) AS rows${i},
    (SELECT json_group_array(k.key) FROM k${i} k CROSS JOIN ${table.name} t ON t.${table.key} = k.key
      WHERE t.deleted_at IS NOT NULL) AS deleted${i}`
  return {
    sql: `WITH reach AS MATERIALIZED (SELECT (${reach}) AS version), ${of.tables.map(changed).join(', ')}
      SELECT ${STANDING}, (SELECT version FROM reach) AS until, ${of.tables.map(rows).join(', ')}`,
    params: [of.lane, of.incarnation, after, of.own, of.limit, JSON.stringify(of.also)],
  }
}

/**
 * Live rows of one table in the order of their keys, after a key: a page of a first reading. The very first one counts too how
 * many there are to come.
 */
export function snapshotStatement(of: FeedQuery, table: number, after: string): Statement {
  const shownTable = of.tables[table]
  if (!shownTable) throw new Error(`${of.lane} has no table ${table}`)
  const { name, key } = shownTable
  const live = `FROM ${name} WHERE ${key} > ?3 AND deleted_at IS NULL ORDER BY ${key}`
  const total = of.tables.map(({ name }) => `(SELECT count(*) FROM ${name} WHERE deleted_at IS NULL)`)
  return {
    sql: `SELECT ${STANDING}, ${table === 0 && after === '' ? total.join(' + ') : 'NULL'} AS total,
      CASE WHEN EXISTS (SELECT 1 ${live} LIMIT 1 OFFSET ?4) THEN (SELECT ${key} ${live} LIMIT 1 OFFSET ?4 - 1) END AS until,
      (SELECT json_group_array(json_array(${shown(shownTable, 't')})) FROM (SELECT * ${live} LIMIT ?4) t) AS rows0, '[]' AS deleted0`,
    params: [of.lane, of.incarnation, after, of.limit],
  }
}

/** Live rows of a table from a key on, to compare; `until` is the key of the first one that is not shown. */
export function rowsStatement(
  lane: string,
  table: FeedTable,
  { from, limit }: { from: string; limit: number },
): Statement {
  const live = `FROM ${table.name} WHERE ${table.key} >= ?3 AND deleted_at IS NULL ORDER BY ${table.key}`
  return {
    sql: `SELECT ${STANDING}, (SELECT ${table.key} ${live} LIMIT 1 OFFSET ?4) AS until,
      (SELECT json_group_array(json_array(${shown(table, 't')})) FROM (SELECT * ${live} LIMIT ?4) t) AS rows0, '[]' AS deleted0`,
    params: [lane, '', from, limit],
  }
}

/** A page of any of these; without a row there is nothing of that lane. */
export function feedPage(row: Row | undefined): FeedPage {
  const text = (value: SqlValue | undefined) => (value == null || value === '[]' ? null : String(value))
  const tables: { rows: string | null; deleted: string | null }[] = []
  for (let i = 0; row && `rows${i}` in row; i++)
    tables.push({ rows: text(row[`rows${i}`]), deleted: text(row[`deleted${i}`]) })
  return {
    version: Number(row?.version ?? 0),
    generation: String(row?.generation ?? '1'),
    last: Number(row?.last ?? 0),
    until: row?.until == null ? null : String(row.until),
    total: row?.total == null ? null : Number(row.total),
    tables,
  }
}
