import type { DeviceTableView } from '../../sync/protocol/device.ts'
import { refusal } from '../failure.ts'
import { named, type Sqlite } from './file.ts'
import type { Definition, LinkColumn } from './link.ts'
import { holdsOf, type Raw } from './values.ts'

interface FileColumn {
  readonly name: string
  readonly type: string
  readonly omitted: string
}

/** Which columns of the file's table keep which shared ones, and which names its rows. */
export function definitionOf(
  db: Sqlite,
  table: string,
  view: DeviceTableView,
  wantedKey?: string,
): Definition {
  const columns = columnsOf(db, table)
  if (columns.length === 0) throw noTable(db, table)
  const pairs = view.columns.flatMap((shared) => {
    const local = found(columns, [shared.name, ...(shared.aliases ?? [])])
    return local ? [{ shared, local }] : []
  })
  const unique = uniqueColumns(db, table)
  const key = keyOf({ columns, pairs, unique, view, wantedKey, table })
  const called = pairs.find(({ local }) => local.name === key)?.shared.name
  const holdsToo = called === undefined || called === view.key ? null : called
  const taken = new Set([key])
  const linked = pairs.flatMap(({ shared, local }): LinkColumn[] => {
    if (taken.has(local.name) || shared.name === view.key) return []
    taken.add(local.name)
    const holds = holdsOf(shared.type, local.type, sampleOf(db, table, local.name))
    return [
      {
        name: shared.name,
        local: local.name,
        type: shared.type,
        write: shared.write,
        holds,
        omitted: local.omitted,
      },
    ]
  })
  if (linked.length === 0) throw nothingShared(table, view)
  return { key, holdsToo, columns: linked }
}

function columnsOf(db: Sqlite, table: string): FileColumn[] {
  return db
    .prepare(`SELECT name, type, dflt_value AS "default", hidden FROM pragma_table_xinfo(?)`)
    .all(table)
    .filter(({ hidden }) => hidden === 0)
    .map((row) => ({
      name: String(row.name),
      type: String(row.type),
      omitted: constant(row.default === null ? 'NULL' : String(row.default)),
    }))
}

/** A default that is the same each time; any other is a new value, not an omission. */
const constant = (sql: string) => (/^(NULL|[+-]?\d+(\.\d+)?|'(?:[^']|'')*')$/i.test(sql) ? sql : 'NULL')

/** The first name that the table has, upper and lower case alike, as SQLite sees them. */
function found(columns: readonly FileColumn[], names: readonly string[]): FileColumn | undefined {
  for (const name of names) {
    const column = columns.find((each) => each.name.toLowerCase() === name.toLowerCase())
    if (column) return column
  }
  return undefined
}

/** Columns of which each value stands in one row at most. */
function uniqueColumns(db: Sqlite, table: string): Set<string> {
  const one = db
    .prepare(
      `SELECT min(c.name) AS name FROM pragma_index_list(?) i, pragma_index_info(i.name) c
       WHERE i."unique" = 1 AND i.partial = 0 GROUP BY i.name HAVING count(*) = 1 AND count(c.name) = 1`,
    )
    .all(table)
  const primary = db.prepare('SELECT name FROM pragma_table_info(?) WHERE pk > 0').all(table)
  return new Set([...one, ...(primary.length === 1 ? primary : [])].map(({ name }) => String(name)))
}

function keyOf(asked: {
  readonly columns: readonly FileColumn[]
  readonly pairs: readonly {
    readonly shared: DeviceTableView['columns'][number]
    readonly local: FileColumn
  }[]
  readonly unique: ReadonlySet<string>
  readonly view: DeviceTableView
  readonly wantedKey: string | undefined
  readonly table: string
}): string {
  const { columns, pairs, unique, view, wantedKey, table } = asked
  const declared = view.columns.find(({ name }) => name === view.key)
  // `id INTEGER PRIMARY KEY` counts the file's own rows; what names a shared row is a text.
  const own = found(
    columns.filter(({ type }) => !/INT/i.test(type) || declared?.type === 'integer'),
    [view.key, ...(declared?.aliases ?? [])],
  )
  const addresses = pairs.filter(({ shared }) => shared.type === 'url').map(({ local }) => local)
  const candidates = wantedKey ? [found(columns, [wantedKey])] : [own, ...addresses]
  const key = candidates.find((column) => column !== undefined && unique.has(column.name))
  if (key) return key.name
  const named = candidates.find((column) => column !== undefined)
  throw refusal('no_key', {
    title: 'No column names the rows',
    detail: named
      ? `${named.name} of ${table} may stand in several rows, so it can't tell them apart.`
      : `${table} has no column for ${view.key} of ${view.name}.`,
    mend: named
      ? `Make it unique: CREATE UNIQUE INDEX ${table}_${named.name} ON ${table}(${named.name}); or name another column with --key.`
      : 'Name the column with --key.',
  })
}

const sampleOf = (db: Sqlite, table: string, column: string): Raw[] => {
  const statement = db.prepare(
    `SELECT ${named(column)} AS value FROM ${named(table)} WHERE ${named(column)} IS NOT NULL LIMIT 100`,
  )
  statement.setReadBigInts(true)
  return statement.all().map(({ value }) => value as Raw)
}

function noTable(db: Sqlite, table: string) {
  const names = db
    .prepare(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'tidemark_%'",
    )
    .all()
    .map(({ name }) => String(name))
  return refusal('no_table', {
    title: 'There is no such table',
    detail: `The file has ${names.length > 0 ? names.join(', ') : 'no tables'}, and not ${table}.`,
    mend: 'Name one of them with --table.',
  })
}

const nothingShared = (table: string, view: DeviceTableView) =>
  refusal('nothing_shared', {
    title: 'Nothing in common',
    detail: `${table} has none of the columns of ${view.name}: ${view.columns.map(({ name }) => name).join(', ')}.`,
    mend: 'Name the right table with --table, and the shared one with --as.',
  })
