import { type Database, type Row, type SqlValue, type Statement, statement } from '../database.ts'

/** A table that is kept in a tab, as its rows are read: its columns, and those that the tab shows. */
export interface ReferenceTable {
  readonly name: string
  readonly key: string
  readonly columns: readonly string[]
  readonly owns: readonly string[]
  readonly link: string
  readonly scope: string
  /** Key in `config` that says which workbook it is */
  readonly setting: string
}

/** Which rows: all (`where` is empty), or those that it names by parameters from ?4 on. */
export interface Narrowed {
  readonly where: string
  readonly params: readonly SqlValue[]
}

export const ALL: Narrowed = { where: '', params: [] }

/** What one statement says of a table: when its workbook was last read, whether there is one, and the rows. */
export interface ReferenceRows {
  /** The last run in which no tab failed; null: none yet */
  readonly syncedAt: number | null
  /** Its own tab was merged, whatever became of the others */
  readonly merged: boolean
  readonly linked: boolean
  /** With `pending` and `disputed`, 0 or 1 */
  readonly rows: readonly Row[]
}

/**
 * Live rows by key, each with whether the tab shows less than it says (`pending`) and whether something of it waits for a person
 * (`disputed`). What stands without a row is said too: then one row comes, with an empty key.
 */
export function referenceRows(table: ReferenceTable, { where, params }: Narrowed): Statement {
  const { name, key, columns, owns } = table
  const differs = owns
    .map(
      (column) =>
        `(json_type(b.base, '$.${column}') IS NOT NULL AND b.base ->> '$.${column}' IS NOT t.${column})`,
    )
    .join(' OR ')
  return statement(
    `SELECT s.synced_at, s.merged, s.linked, ${columns.map((column) => `t.${column}`).join(', ')},
        s.linked AND (b.base IS NULL OR ${differs}) AS pending,
        EXISTS (SELECT 1 FROM conflicts c WHERE c.tbl = '${name}' AND c.key = t.${key} AND c.resolved_at IS NULL) AS disputed
      FROM (SELECT (SELECT last_good_at FROM link_state WHERE link = ?1 AND scope = ?2) AS synced_at,
          (SELECT coalesce(inbox ->> '$.${name}', 0) > 0 FROM link_state WHERE link = ?1 AND scope = ?2) AS merged,
          EXISTS (SELECT 1 FROM config WHERE key = ?3 AND value ->> 'spreadsheet_id' IS NOT NULL) AS linked) s
      LEFT JOIN ${name} t ON t.deleted_at IS NULL${where && ` AND ${where}`}
      LEFT JOIN link_rows b ON b.link = ?1 AND b.scope = ?2 AND b.part = '${name}' AND b.key = t.${key}
      ORDER BY t.${key}`,
    table.link,
    table.scope,
    table.setting,
    ...params,
  )
}

/** What the statement answered. */
export function rowsOf({ key }: ReferenceTable, answered: readonly Row[]): ReferenceRows {
  const [first] = answered
  return {
    syncedAt: first?.synced_at == null ? null : Number(first.synced_at),
    merged: first?.merged === 1 || first?.synced_at != null,
    linked: first?.linked === 1,
    rows: answered.filter((row) => row[key] !== null),
  }
}

/** One statement, one batch. */
export async function readReference(
  database: Database,
  table: ReferenceTable,
  narrowed: Narrowed,
): Promise<ReferenceRows> {
  const [found] = await database.batch([referenceRows(table, narrowed)])
  return rowsOf(table, found?.rows ?? [])
}
