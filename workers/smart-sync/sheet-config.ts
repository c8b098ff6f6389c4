import type * as z from 'zod'
import type { ConfigKey } from '../../sync/protocol/config.ts'
import { ConfigValues, configValue, SheetLink } from '../../sync/protocol/config.ts'
import type { Failure } from '../../sync/protocol/failures.ts'
import { Refusal } from '../shared/app.ts'
import { type BothWayLink, bothWayLinks, sheetName, tableNames } from '../shared/names.ts'

/** The link both ways whose workbook a setting names; null: it is another kind of setting. A link that nobody declares is refused. */
export function sheetOfSetting(key: ConfigKey): BothWayLink | null {
  if (!key.startsWith('sheets.')) return null
  return sheetNamed(key.slice('sheets.'.length))
}

/** A link both ways by what operators call it; one that nobody declares is refused. */
export function sheetNamed(name: string): BothWayLink {
  const declared = bothWayLinks.find((link) => sheetName(link) === name)
  if (declared) return declared
  const known = bothWayLinks.map(sheetName).join(', ')
  throw new Refusal({
    type: 'not_found',
    detail: `No tables are linked to a sheet under the name ${name}.`,
    mend: `Use one of these: ${known}.`,
  })
}

/** What a setting takes; of a link that nobody declares, nothing. */
export function settingOf(key: ConfigKey): z.ZodType<object> {
  sheetOfSetting(key)
  return configValue(key)
}

/** What a setting says of tables that can't be, as a slip must not look as if it were set: one that its link doesn't have, or a tab for two. */
export function wrongTables(key: ConfigKey, value: object): Failure | null {
  if (key === BACKUPS) return unknown({ key, of: key }, backedUp(value), tableNames)
  const link = sheetOfSetting(key)
  if (!link) return null
  const { tabs, policies } = SheetLink.parse(value)
  const named = Object.entries({ tabs, policies }).flatMap(([field, tables]) =>
    Object.keys(tables).map((table) => ({ path: `${field}.${table}`, table })),
  )
  return unknown({ key, of: link.name }, named, Object.keys(link.ties)) ?? sharedTab(key, link, tabs)
}

interface Named {
  /** Where in the value */
  readonly path: string
  readonly table: string
}

function unknown(
  { key, of }: { readonly key: ConfigKey; readonly of: string },
  named: readonly Named[],
  known: readonly string[],
): Failure | null {
  const errors = named
    .filter(({ table }) => !known.includes(table))
    .map(({ path, table }) => ({ path, message: `${table} is no table of ${of}` }))
  if (errors.length === 0) return null
  return {
    type: 'bad_request',
    detail: `${key} names tables that it does not have. They are ${known.join(', ')}.`,
    errors,
  }
}

/** Two tables in one tab would take each other's rows for strangers. */
function sharedTab(key: ConfigKey, { ties }: BothWayLink, tabs: SheetLink['tabs']): Failure | null {
  const titles = Object.values(ties).map(({ table }) => ({
    table: table.name,
    title: tabs[table.name] ?? table.device.label,
  }))
  // Tabs are found by their titles whatever the capitals are.
  const folded = (title: string) => title.trim().toLowerCase()
  const clash = titles.find(
    ({ title }, at) => titles.findIndex((other) => folded(other.title) === folded(title)) < at,
  )
  if (!clash) return null
  return {
    type: 'bad_request',
    detail: `${key} puts two tables into the tab ${clash.title}. Each needs its own.`,
    errors: [{ path: `tabs.${clash.table}`, message: 'another table has this tab' }],
  }
}

const BACKUPS = 'backups.sheet'
const backedUp = (value: object): Named[] =>
  ConfigValues[BACKUPS].parse(value).tables.map((table, at) => ({ path: `tables.${at}`, table }))
