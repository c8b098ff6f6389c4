import { getTableColumns, getTableName, type Column as SchemaColumn } from 'drizzle-orm'
import type { SQLiteTable } from 'drizzle-orm/sqlite-core'
import type { Row } from '../../db/database.ts'
import { type DeviceColumn, type DeviceDeclaration, type EditedTable, table } from '../engine/declare.ts'
import { max, type Rule, threeWay } from '../engine/merge.ts'
import { DEVICE_LIMITS } from '../protocol/device.ts'
import { admit, disputed, holds } from './collection-rules.ts'

type Column<T extends SQLiteTable> = keyof T['_']['columns'] & string

/**
 * Declares a collection: a table that devices keep whole, edit field by field, and may name unique fields of. Its columns, their types,
 * limits and defaults follow from the schema; `types` says where an integer is money, or a text an address. Two edits of one field are
 * settled by `conflictResolutionStrategy` (config `sync.collections`). Throws where devices can't keep a column of the schema.
 */
export function collection<T extends SQLiteTable>(
  schema: T,
  options: {
    readonly label: string
    /** Field -> column of the schema that holds what is compared; a partial unique index is on it */
    readonly unique?: Partial<Record<Column<T>, Column<T>>>
    /** Unique fields that are compared as they are: capitals and blanks count */
    readonly exact?: readonly Column<T>[]
    readonly types?: Partial<Record<Column<T>, DeviceColumn['type']>>
    readonly merge?: Partial<Record<Column<T>, Rule>>
    /** Its lane, where it shares one with other tables that are written together */
    readonly lane?: string
    /** `false`: no device is offered a copy */
    readonly offered?: false
    readonly whole?: (rows: readonly Row[]) => string | null
  },
): EditedTable {
  const unique = Object.entries(options.unique ?? {}) as [Column<T>, Column<T>][]
  const hidden = new Set<string>(['id', 'edited_at', ...SYNC, ...unique.map(([, stored]) => stored)])
  const columns = getTableColumns(schema)
  const fields = Object.values(columns).filter(({ name }) => !hidden.has(name))
  const longestKey = (columns.id && lengthOf(columns.id)) ?? DEVICE_LIMITS.key
  const name = getTableName(schema)
  if (fields.length > MOST) throw new Error(`${name}: ${fields.length} fields; at most ${MOST}`)
  const device: DeviceDeclaration = {
    label: options.label,
    lane: () => options.lane ?? name,
    ...(options.offered === false ? { offered: false } : { config: 'sync.collections' }),
    columns: Object.fromEntries(
      fields.map((field): [string, DeviceColumn] => [
        field.name,
        {
          type: options.types?.[field.name as Column<T>] ?? typeOf(name, field),
          write: true,
          required: field.notNull,
          ...(lengthOf(field) !== undefined && { max: lengthOf(field) }),
          ...(field.columnType === 'SQLiteBoolean' && { flag: true }),
          ...(field.enumValues && field.enumValues.length > 0 && { values: field.enumValues }),
        },
      ]),
    ),
    key: (called) =>
      called.trim() === '' || called.length > longestKey || !called.isWellFormed() ? null : called,
    admit: (values, context) => admit(fields, new Set(unique.map(([column]) => column)), values, context),
    disputed,
    holds,
  }
  return table(schema, {
    key: 'id' as Column<T>,
    merge: {
      ...Object.fromEntries(fields.map((field) => [field.name, threeWay])),
      edited_at: max,
      ...options.merge,
    } as Partial<Record<Column<T>, Rule>>,
    unique: unique.map(([column, stored]) => ({
      column,
      stored,
      ...(options.exact?.includes(column) && { exact: true as const }),
    })),
    device,
    ...(options.whole && { whole: options.whole }),
  })
}

/** Columns of every synced table, which no device names. */
const SYNC = ['version', 'updated_at', 'deleted_at', 'origin']

/**
 * Fields of a collection: a row is shown by one `json_array`, and functions of D1 take 32 arguments, of which one is the key.
 * https://developers.cloudflare.com/d1/platform/limits/
 */
const MOST = 31

const TYPES: Readonly<Record<string, DeviceColumn['type']>> = {
  SQLiteText: 'text',
  SQLiteInteger: 'integer',
  SQLiteBoolean: 'integer',
  SQLiteTimestamp: 'time',
  SQLiteReal: 'real',
}

function typeOf(table: string, field: SchemaColumn): DeviceColumn['type'] {
  const type = TYPES[field.columnType]
  const inSeconds = type === 'time' && 'mode' in field && field.mode !== 'timestamp_ms'
  if (!type || inSeconds)
    throw new Error(
      `${table}.${field.name}: devices keep text, whole numbers, real numbers and times in milliseconds`,
    )
  return type
}

const lengthOf = (field: SchemaColumn): number | undefined =>
  'length' in field && typeof field.length === 'number' ? field.length : undefined
