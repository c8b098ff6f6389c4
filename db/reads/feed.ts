import type { Row, SqlValue, Statement } from '../database.ts'
import { OFFERED } from './collections.ts'

/** A table as a page of the feed shows it. */
export interface FeedTable {
  readonly name: string
  readonly key: string
  /** Columns in their order; `time` columns hold milliseconds and are shown as ISO-8601 */
  readonly columns: readonly { readonly name: string; readonly time: boolean }[]
}

/** A page: its rows are JSON of the database, handed on as it is. */
export interface FeedPage {
  /** The lane's last commit; 0: it has none */
  readonly version: number
  /** Drawn anew when the server is restored */
  readonly generation: string
  /** The highest settled number of the device; 0: none; null: it is somebody else's */
  readonly last: number | null
  /** What the page reaches to: a version, or the last key shown; null where it is the last page */
  readonly until: string | null
  /** Live rows of the lane; null where they were not counted */
  readonly total: number | null
  /** The collections that devices sync, as JSON of an array; null: all */
  readonly offered: string | null
  /** Conflicts that were settled in what the page reaches over: elements of a JSON array of (id, table, key) */
  readonly resolved: string
  /** The same of rows of the device that wait whole in a conflict again */
  readonly reopened: string
  /** By table, in the order given: elements of a JSON array of rows, and of one of deleted keys, with commas between */
  readonly tables: readonly { readonly rows: string; readonly deleted: string }[]
}

export interface FeedQuery {
  readonly lane: string
  readonly tables: readonly FeedTable[]
  readonly incarnation: string
  /** Whose device it is */
  readonly owner: string
  /** Origin of the device's own commits, which are not shown to it; '' shows all */
  readonly own: string
  /** Keys by table: rows that are shown as they stand, changed or not */
  readonly also: Readonly<Record<string, readonly string[]>>
  /** Rows of a page */
  readonly limit: number
}

/** Columns of a page: the key first. */
export const columnsOf = ({ key, columns }: FeedTable): string[] => [key, ...columns.map(({ name }) => name)]

/** JSON of a row as devices know it. */
const shown = ({ key, columns }: FeedTable, t: string): string => {
  const cells = columns.map(({ name, time }) =>
    time ? `strftime('%Y-%m-%dT%H:%M:%fZ', ${t}.${name} / 1000.0, 'unixepoch')` : `${t}.${name}`,
  )
  return `json_array(${[`${t}.${key}`, ...cells].join(', ')})`
}

// Each statement answers (tbl, gone, json): some rows of the page together. A page in one value would be above the 2,000,000
// bytes that D1 allows one, and one that is answered row by row takes five times as long. What has no `tbl` says how the lane stands.

const standing = (until: string, total = 'NULL'): string => `SELECT NULL AS tbl, 0 AS gone, json_array(
    coalesce((SELECT version FROM lanes WHERE lane = ?1), 0),
    coalesce((SELECT value ->> '$' FROM config WHERE key = 'generation'), '1'),
    (SELECT CASE count(*) WHEN 0 THEN 0 ELSE max(CASE owner WHEN ?3 THEN last END) END
      FROM device_lanes WHERE incarnation = ?2 AND lane = ?1),
    ${until}, ${total},
    (${OFFERED})) AS json`

/** In place of `gone`: not rows, but conflicts that were settled, and those that are open again */
const RESOLVED = 2
const REOPENED = 3

/** Bytes of one value, and of a page of a first reading; the row that goes beyond is still in it. */
const CHUNK = 500_000
const PAGE = 4_000_000

/** Rows (tbl, gone, json) of one table, in their order, several a value. */
const chunked = (rows: string): string =>
  `SELECT tbl, gone, group_concat(json, ',' ORDER BY nth) AS json FROM (
    SELECT *, row_number() OVER () AS nth, sum(octet_length(json)) OVER (ROWS UNBOUNDED PRECEDING) / ${CHUNK} AS chunk FROM (${rows}))
  GROUP BY tbl, gone, chunk`

/** Rows of keys, as they stand. */
const rowsOf = (table: FeedTable, i: number, keys: string): string =>
  `SELECT ${i} AS tbl, t.deleted_at IS NOT NULL AS gone,
    CASE WHEN t.deleted_at IS NULL THEN ${shown(table, 't')} ELSE json_quote(t.${table.key}) END AS json
  FROM ${keys} k CROSS JOIN ${table.name} t ON t.${table.key} = k.key`

/** A question that was settled, and is asked again, waits. */
const isOpen = (and = '') =>
  `EXISTS (SELECT 1 FROM conflicts c WHERE c.id = after ->> 'conflict' AND c.resolved_at IS NULL ${and})`

/**
 * What changed after a version, a statement a table: each row as it stands now, once, and the conflicts that were settled. A page
 * reaches to the end of a commit, so that the next one begins at a version. Own edits that were taken as they were are left out;
 * refused ones are not.
 */
export function feedStatements(of: FeedQuery, after: number): Statement[] {
  // The version that a page reaches to: of the `limit`th history row; the one before where that commit is cut in two.
  const reach = `SELECT CASE WHEN count(*) <= ?6 THEN max(version)
      WHEN min(version) = max(version) THEN max(version)
      ELSE (SELECT max(h.version) FROM history h WHERE h.lane = ?1 AND h.version > ?4 AND h.version < max(first.version)) END
    FROM (SELECT version FROM history WHERE lane = ?1 AND version > ?4 ORDER BY version, n LIMIT ?6 + 1) first`
  return of.tables.map((table, i) => ({
    sql: `WITH reach AS MATERIALIZED (SELECT (${reach}) AS version),
      said AS MATERIALIZED (SELECT key, CASE WHEN op = 'resolve' AND NOT ${isOpen()} THEN ${RESOLVED}
          WHEN op = 'reopen' AND ${isOpen("AND c.op = 'insert' AND c.origin = ?5")} THEN ${REOPENED} END AS told,
          CASE WHEN op IN ('resolve', 'reopen') THEN json_array(after ->> 'conflict', tbl, key) END AS conflict
        FROM history
        WHERE lane = ?1 AND version > ?4 AND version <= (SELECT version FROM reach) AND tbl = '${table.name}'
          AND NOT (origin = ?5 AND op IN ('insert', 'update', 'delete'))),
      changed AS MATERIALIZED (SELECT key FROM said UNION SELECT value FROM json_each(?7))
      ${standing('(SELECT version FROM reach)')} UNION ALL ${chunked(rowsOf(table, i, 'changed'))}
      UNION ALL ${chunked(`SELECT DISTINCT ${i} AS tbl, told AS gone, conflict AS json FROM said WHERE told IS NOT NULL`)}`,
    params: [of.lane, of.incarnation, of.owner, after, of.own, of.limit, alsoOf(of, table)],
  }))
}

/**
 * Live rows of one table in the order of their keys, after a key: a page of a first reading. The very first one counts too how
 * many there are to come.
 */
export function snapshotStatements(of: FeedQuery, i: number, after: string): Statement[] {
  const table = of.tables[i]
  if (!table) throw new Error(`${of.lane} has no table ${i}`)
  const { name, key } = table
  const live = `FROM ${name} WHERE deleted_at IS NULL AND ${key} >`
  const until = `CASE WHEN EXISTS (SELECT 1 ${live} (SELECT max(k) FROM page)) THEN (SELECT max(k) FROM page) END`
  const total = of.tables.map((each) => `(SELECT count(*) FROM ${each.name} WHERE deleted_at IS NULL)`)
  return [
    {
      sql: `WITH live AS MATERIALIZED (
          SELECT ${key} AS k, ${shown(table, 't')} AS json FROM (SELECT * ${live} ?4 ORDER BY ${key} LIMIT ?5) t),
        sized AS MATERIALIZED (SELECT *, sum(octet_length(json)) OVER (ORDER BY k ROWS UNBOUNDED PRECEDING) AS bytes FROM live),
        page AS (SELECT * FROM sized WHERE bytes - octet_length(json) < ${PAGE})
        ${standing(until, i === 0 && after === '' ? total.join(' + ') : 'NULL')}
        UNION ALL SELECT ${i}, 0, group_concat(json, ',' ORDER BY k) FROM page GROUP BY bytes / ${CHUNK}`,
      params: [of.lane, of.incarnation, of.owner, after, of.limit],
    },
    ...of.tables.flatMap((other, j) =>
      of.also[other.name]
        ? [
            {
              sql: chunked(rowsOf(other, j, '(SELECT value AS key FROM json_each(?1))')),
              params: [alsoOf(of, other)],
            },
          ]
        : [],
    ),
  ]
}

const alsoOf = ({ also }: FeedQuery, { name }: FeedTable): string => JSON.stringify(also[name] ?? [])

/** Live rows of a table from a key on, to compare; `until` is the key of the first one that is not shown. */
export function rowsStatement(
  lane: string,
  table: FeedTable,
  { from, limit }: { from: string; limit: number },
): Statement {
  const live = `FROM ${table.name} WHERE ${table.key} >= ?4 AND deleted_at IS NULL ORDER BY ${table.key}`
  const rows = `SELECT 0 AS tbl, 0 AS gone, ${shown(table, 't')} AS json FROM (SELECT * ${live} LIMIT ?5) t`
  return {
    sql: `${standing(`(SELECT ${table.key} ${live} LIMIT 1 OFFSET ?5)`)} UNION ALL ${chunked(rows)}`,
    params: [lane, '', '', from, limit],
  }
}

/** The page that the rows of these statements' answers make. */
export function feedPage(found: readonly Row[], tables: number): FeedPage {
  const lane = found.find(({ tbl }) => tbl === null)
  const [version, generation, last, until, total, offered] = JSON.parse(String(lane?.json)) as SqlValue[]
  const jsonOf = (table: number | null, gone: number) =>
    found
      .filter((row) => (table === null ? row.tbl !== null : row.tbl === table) && row.gone === gone)
      .map(({ json }) => String(json))
      .join(',')
  return {
    version: Number(version),
    generation: String(generation),
    last: last === null ? null : Number(last),
    until: until == null ? null : String(until),
    total: total == null ? null : Number(total),
    offered: offered == null ? null : String(offered),
    resolved: jsonOf(null, RESOLVED),
    reopened: jsonOf(null, REOPENED),
    tables: Array.from({ length: tables }, (_, i) => ({ rows: jsonOf(i, 0), deleted: jsonOf(i, 1) })),
  }
}
