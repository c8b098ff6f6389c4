import type * as z from 'zod'
import type { Row } from '../../db/database.ts'
import { ALL, type Narrowed, type ReferenceRows, type ReferenceTable } from '../../db/reads/reference.ts'
import type { PeekAnswer } from '../../sync/protocol/lane.ts'
import { DynamicRate, EmployeeSetting, Rank } from '../../sync/protocol/reference.ts'
import { referenceLink, SHARED } from '../shared/names.ts'
import { iso } from './views.ts'

/** A reference table as the doors know it. `T`: a row as it travels. */
export interface Reference<T extends ReferenceView> {
  readonly what: string
  readonly table: ReferenceTable
  readonly schema: z.ZodType<T>
  /** Which rows may be called so */
  readonly called: (name: string) => Promise<Narrowed>
  /** The one of them that is meant */
  readonly find: (rows: readonly T[], name: string, id: string) => T | undefined
  /** Id of a new row that is called so */
  readonly newId: (name: string) => Promise<string>
  /** A column that says what the row is called: no two rows have the same */
  readonly named?: keyof T & string
}

/** What every row says of itself. */
export type ReferenceView = Pick<
  EmployeeSetting,
  'id' | 'last_synced_at' | 'last_modified_at' | 'source' | 'sync_status' | 'version'
>

export const employeeSettings: Reference<EmployeeSetting> = {
  what: 'employee',
  table: tableOf('employee_settings'),
  schema: EmployeeSetting,
  called: async (name) => ({ where: 't.id = ?4', params: [name] }),
  find: (rows, name) => rows.find(({ id }) => id === name),
  newId: async (name) => name,
}

export const dynamicRates: Reference<DynamicRate> = {
  what: 'rate',
  table: tableOf('dynamic_rates'),
  schema: DynamicRate,
  called: async (name) => ({ where: 't.id IN (?4, ?5)', params: [name, await idFrom(name)] }),
  find: (rows, name, id) => rows.find((row) => row.id === name) ?? rows.find((row) => row.id === id),
  newId: idFrom,
}

export const ranks: Reference<Rank> = {
  what: 'rank',
  table: tableOf('ranks'),
  schema: Rank,
  called: async () => ALL,
  find: (rows, name) => rows.find(({ id }) => id === name) ?? rows.find((row) => row.name === name),
  newId: idFrom,
  named: 'name',
}

/** The row whose range holds the amount. */
export const rateAt = (rows: readonly DynamicRate[], at: number): DynamicRate | undefined =>
  rows.find(({ range_from, range_to }) => range_from <= at && (range_to === null || at < range_to))

export const rankAt = (rows: readonly Rank[], at: number): Rank | undefined =>
  rows.find(({ min_amount, max_amount }) => min_amount <= at && (max_amount === null || at < max_amount))

/** Rows of the database as they travel. */
export const storedViews = <T extends ReferenceView>(
  { table }: Reference<T>,
  { rows, syncedAt }: Pick<ReferenceRows, 'rows' | 'syncedAt'>,
): T[] =>
  rows.map(
    (row) =>
      ({
        id: String(row.id),
        ...shown(table, row),
        last_synced_at: syncedAt === null ? null : iso(syncedAt),
        last_modified_at: iso(row.updated_at),
        source: row.origin === 'google-sheets' ? 'sheets' : 'local',
        sync_status: row.disputed === 1 ? 'conflict' : row.pending === 1 ? 'pending' : 'synced',
        version: Number(row.version),
      }) as unknown as T,
  )

/** Rows of the sheet as they travel; those that lack what is never empty are left out. */
export const sheetViews = <T extends ReferenceView>(
  { table, schema, named }: Reference<T>,
  { rows }: Extract<PeekAnswer, { type: 'read' }>,
): T[] =>
  rows.flatMap(({ ref, values }, at) => {
    const view = schema.safeParse({
      // Until it is in the database, a row is called as the sheet calls it.
      id: String(ref ?? values[table.key] ?? (named && values[named]) ?? `row ${at + 1}`),
      ...shown(table, values),
      last_synced_at: null,
      last_modified_at: null,
      source: 'sheets',
      sync_status: 'synced',
      version: 0,
    })
    return view.success ? [view.data] : []
  })

const shown = ({ owns }: ReferenceTable, row: Row): Row =>
  Object.fromEntries(owns.map((column) => [column, row[column] ?? null]))

function tableOf(name: string): ReferenceTable {
  const tie = referenceLink.ties[name]
  if (!tie) throw new Error(`${referenceLink.name} has no tab ${name}`)
  const { table, owns } = tie
  return {
    name,
    key: table.key,
    columns: [table.key, ...owns, 'version', 'updated_at', 'origin'],
    owns,
    link: referenceLink.name,
    scope: SHARED,
    setting: referenceLink.config?.schedule ?? '',
  }
}

/** Characters of a ULID */
const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/

/**
 * The id of a new row that its caller names: a ULID is one, of anything else one is made that is always the same. So the same
 * request, sent again, is about the same row.
 */
export async function idFrom(name: string): Promise<string> {
  if (ULID.test(name)) return name
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(name)))
  return [...hash.slice(0, 26)].map((byte, at) => DIGITS[at === 0 ? byte % 8 : byte % 32]).join('')
}
