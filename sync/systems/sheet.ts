import { type Row, statement } from '../../db/database.ts'
import {
  type DeviceColumn,
  type EditedTable,
  type LinkDeclaration,
  link,
  type Tie,
  type TwoWayPolicy,
} from '../engine/declare.ts'
import type { Part, RemoteColumn } from '../engine/ports.ts'
import { SheetLink, type SheetPolicy } from '../protocol/config.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** How a table stands in its tab. All of it follows from what devices are told of the table, unless it is said here. */
interface InTab {
  /** Column -> how it stands there: another header, further ones, another type */
  readonly columns?: Readonly<Record<string, Partial<RemoteColumn>>>
  /** Columns that name a row for good. Absent: ids are kept in a hidden column */
  readonly match?: readonly string[]
  /** Where `match` is not shown but follows from what is: how, and from which columns */
  readonly complete?: (values: Row, part: Part) => Row
  readonly from?: readonly string[]
}

/** What a table shows in a tab that is called like it. */
export function tab(table: EditedTable, { columns = {}, match, complete, from }: InTab = {}): Tie {
  const named = match?.includes(table.key) && !complete ? [table.key] : []
  const shown = Object.entries(table.device.columns).filter(([, { write }]) => write)
  const own: Record<string, RemoteColumn> = Object.fromEntries([
    ...named.map((key): [string, RemoteColumn] => [
      key,
      { ...inSheet(key, { type: 'text' }), type: 'text', ...columns[key] },
    ]),
    ...shown.map(([name, column]): [string, RemoteColumn] => {
      const { aliases = [] } = column
      const usual = inSheet(name, column)
      return [name, { ...usual, aliases: [...usual.aliases, ...aliases], ...columns[name] }]
    }),
  ])
  for (const name of from ?? match ?? []) if (own[name]) own[name] = { ...own[name], required: true }
  return {
    table,
    owns: shown.map(([name]) => name),
    match: match ?? [],
    rowIds: match === undefined,
    columns: own,
    ...(complete && { complete }),
    ...(from && { named: from }),
  }
}

/**
 * Links tables of one lane to the tabs of one workbook, both ways. `name` is the link's, `<name>.sheet`, and the key under
 * which an operator says which workbook it is, `sheets.<name>`; nothing is synced before.
 */
export function sheet(name: string, ...tabs: readonly [Tie, ...Tie[]]): LinkDeclaration {
  const [first] = tabs
  const ties = Object.fromEntries(tabs.map((tie) => [tie.table.name, tie]))
  const config = `sheets.${name}`
  const parts = JSON.stringify(tabs.map(({ table }) => ({ id: table.name, name: table.device.label })))
  return link(`${name}.sheet`, first.table, 'google-sheets', {
    owns: first.owns,
    match: first.match,
    columns: first.columns,
    ties,
    writes: [],
    lane: () => first.table.device.lane(null),
    priority: 6,
    schedule: { check: 5 * MINUTE, full: 24 * HOUR, daily: true },
    config: { schedule: config },
    scopes: {
      per: 'shared',
      list: statement(
        `SELECT 'shared' AS scope WHERE EXISTS
          (SELECT 1 FROM config WHERE key = ?1 AND value ->> 'spreadsheet_id' IS NOT NULL)`,
        config,
      ),
      target: () =>
        statement(
          `SELECT value ->> 'spreadsheet_id' AS spreadsheet_id FROM config
            WHERE key = ?1 AND value ->> 'spreadsheet_id' IS NOT NULL`,
          config,
        ),
      parts: () =>
        statement(
          `SELECT p.value ->> 'id' AS id, p.value ->> 'name' AS name, 'UTC' AS time_zone,
              coalesce(t.value, p.value ->> 'name') AS tab
            FROM config c CROSS JOIN json_each(?2) p
            LEFT JOIN json_each(c.value, '$.tabs') t ON t.key = p.value ->> 'id'
            WHERE c.key = ?1 ORDER BY p.key`,
          config,
          parts,
        ),
    },
    policy: (settings, table) => {
      const { policy, policies } = SheetLink.parse(settings)
      return POLICIES[policies[table] ?? policy]
    },
    deletes: 'guarded',
  })
}

const POLICIES: Readonly<Record<SheetPolicy, TwoWayPolicy>> = {
  sheet: 'theirs',
  database: 'ours',
  newest: 'newest',
  manual: 'manual',
}

/** `hourly_wage` stands under “Hourly wage”. */
const inSheet = (name: string, { type, flag }: Pick<DeviceColumn, 'type' | 'flag'>): RemoteColumn => ({
  header: name.charAt(0).toUpperCase() + name.slice(1).replaceAll('_', ' '),
  aliases: [name],
  type: flag ? 'boolean' : TYPES[type],
})

/** How a sheet's cell is read and written for what devices are told of a column. */
const TYPES: Readonly<Record<DeviceColumn['type'], string>> = {
  text: 'string',
  url: 'string',
  integer: 'integer',
  real: 'number',
  money: 'money',
  time: 'datetime',
}
