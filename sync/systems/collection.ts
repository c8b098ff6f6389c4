import { getTableColumns, getTableName, type Column as SchemaColumn } from 'drizzle-orm'
import type { SQLiteTable } from 'drizzle-orm/sqlite-core'
import type { Row } from '../../db/database.ts'
import {
  type Decision,
  type DeviceColumn,
  type EditContext,
  type TableDeclaration,
  table,
} from '../engine/declare.ts'
import { max, type Rule, threeWay } from '../engine/merge.ts'
import { SyncConfig } from '../protocol/collections.ts'
import { DEVICE_LIMITS } from '../protocol/device.ts'

/** A device's clock may be ahead by this; an edit further in the future counts as made when it arrived. */
const CLOCK_SLACK = 5 * 60_000

type Column<T extends SQLiteTable> = keyof T['_']['columns'] & string

/**
 * Declares a collection: a table that devices keep whole, edit field by field, and may name unique fields of. Its columns, their types
 * and limits follow from the schema; `types` says where an integer is money or a time. Two edits of one field are settled
 * by `conflictResolutionStrategy` (config `sync.collections`).
 */
export function collection<T extends SQLiteTable>(
  schema: T,
  options: {
    readonly label: string
    /** Field -> column of the schema that holds what is compared; a partial unique index is on it */
    readonly unique?: Partial<Record<Column<T>, Column<T>>>
    readonly types?: Partial<Record<Column<T>, DeviceColumn['type']>>
    readonly merge?: Partial<Record<Column<T>, Rule>>
  },
): TableDeclaration {
  const unique = Object.entries(options.unique ?? {}) as [Column<T>, Column<T>][]
  const hidden = new Set<string>(['id', 'edited_at', ...SYNC, ...unique.map(([, stored]) => stored)])
  const fields = Object.values(getTableColumns(schema)).filter(({ name }) => !hidden.has(name))
  const name = getTableName(schema)
  return table(schema, {
    key: 'id' as Column<T>,
    merge: {
      ...Object.fromEntries(fields.map((field) => [field.name, threeWay])),
      edited_at: max,
      ...options.merge,
    } as Partial<Record<Column<T>, Rule>>,
    unique: unique.map(([column, stored]) => ({ column, stored })),
    device: {
      label: options.label,
      lane: () => name,
      columns: Object.fromEntries(
        fields.map((field): [string, DeviceColumn] => [
          field.name,
          {
            type: options.types?.[field.name as Column<T>] ?? typeOf(field),
            write: true,
            required: field.notNull,
            ...(lengthOf(field) !== undefined && { max: lengthOf(field) }),
            ...(field.enumValues && field.enumValues.length > 0 && { values: field.enumValues }),
          },
        ]),
      ),
      key: (called) => (called.trim() === '' || called.length > DEVICE_LIMITS.key ? null : called),
      config: 'sync.collections',
      admit: (values, context) => admit(fields, values, context),
      disputed,
      holds,
    },
  })
}

/** Columns of every synced table, which no device names. */
const SYNC = ['version', 'updated_at', 'deleted_at', 'origin']

const typeOf = ({ dataType, columnType }: SchemaColumn): DeviceColumn['type'] =>
  columnType === 'SQLiteReal' ? 'real' : dataType === 'number' ? 'integer' : 'text'

const lengthOf = (field: SchemaColumn): number | undefined =>
  'length' in field && typeof field.length === 'number' ? field.length : undefined

/** A new row has what is never empty; the edit's time is its own, unless its clock is ahead. */
function admit(
  fields: readonly SchemaColumn[],
  values: Row,
  { row, at, now }: EditContext,
): { values: Row } | { reject: string } {
  const missing = fields.find(({ name, notNull }) => row === null && notNull && values[name] == null)
  if (missing) return { reject: `${missing.name} is missing` }
  return { values: { ...values, edited_at: timeOf(at, now) } }
}

const timeOf = (at: number | null, now: number): number => (at === null || at > now + CLOCK_SLACK ? now : at)

function disputed(
  _column: string,
  _theirs: Row,
  { config, row, at, now }: EditContext & { row: Row },
): Decision {
  const policy = SyncConfig.parse(config ?? {}).conflictResolutionStrategy
  if (policy === 'newest')
    return {
      take: timeOf(at, now) >= Number(row.edited_at ?? row.updated_at ?? 0),
      rule: 'newest(edited_at)',
    }
  if (policy !== 'manual') return { take: policy === 'keep_local', rule: policy }
  return {
    conflict: 'changed on both sides to different values',
    recommendations: [
      'Keep the local value.',
      'Discard the local change and use the remote value.',
      'Combine both values into a new one.',
    ],
  }
}

/** A row that changed since the device saw it is not deleted unseen. */
function holds(row: Row, { base }: EditContext): string | null {
  const changed = Object.keys(base).filter((column) => column in row && base[column] !== row[column])
  return changed.length === 0 ? null : `${changed.join(', ')} was changed meanwhile`
}
