import { type Column, is, SQL } from 'drizzle-orm'
import type { Row, SqlValue } from '../../db/database.ts'
import type { Decision, EditContext } from '../engine/declare.ts'
import { folded } from '../engine/unique.ts'
import { SyncConfig } from '../protocol/sync-config.ts'

/** A device's clock may be ahead by this; an edit further in the future counts as made when it arrived. */
const CLOCK_SLACK = 5 * 60_000

/** A new row has what is never empty; an edit that moves a field says when it was made, unless its clock is ahead. */
export function admit(
  fields: readonly Column[],
  unique: ReadonlySet<string>,
  given: Row,
  context: EditContext,
): { values: Row } | { reject: string } {
  const { row, at, now } = context
  const values: Row = { ...given }
  for (const field of fields) {
    const { name, notNull, columnType } = field
    const usual = row === null && !(name in values) ? defaultOf(field) : undefined
    if (usual !== undefined) values[name] = usual
    if (!(name in values) && (row !== null || !notNull)) continue
    const value = values[name] ?? null
    if (notNull && value === null) return { reject: `${name} is missing` }
    if (unique.has(name) && notNull && folded(value) === null) return { reject: `${name}: it is never empty` }
    if (columnType === 'SQLiteBoolean' && value !== null && value !== 0 && value !== 1)
      return { reject: `${name}: ${value} is neither 0 nor 1` }
  }
  if (moves(values, context)) values.edited_at = timeOf(at, now)
  return { values }
}

/** `newest` is by the last edit of the row, whichever field it was: what another field's edit overtakes is in the history. */
export function disputed(
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
export function holds(row: Row, { base }: EditContext): string | null {
  const changed = Object.keys(base).filter((column) => column in row && base[column] !== row[column])
  if (changed.length === 0) return null
  return `${changed.join(', ')} ${changed.length === 1 ? 'was' : 'were'} changed meanwhile`
}

/** What a new row has in this field where its edit is silent; undefined: nothing. */
const defaultOf = (field: Column): SqlValue | undefined =>
  field.default === undefined || is(field.default, SQL)
    ? undefined
    : (field.mapToDriverValue(field.default) as SqlValue)

/** Whether the edit says anything new of the row. Where none of it is taken, the engine leaves out what it implies. */
const moves = (values: Row, { row, base }: EditContext): boolean =>
  row === null ||
  Object.entries(values).some(
    ([name, value]) => value !== (row[name] ?? null) && !(name in base && value === base[name]),
  )

const timeOf = (at: number | null, now: number): number => (at === null || at > now + CLOCK_SLACK ? now : at)
