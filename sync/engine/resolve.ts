import type { Row, SqlValue } from '../../db/database.ts'
import type { Failure } from '../protocol/failures.ts'
import type { Strategy } from '../protocol/lane.ts'
import type { StoredConflict } from './changes.ts'
import type { EditContext, TableDeclaration } from './declare.ts'
import { DELETIONS, isGuard } from './guard-kinds.ts'
import { setDeleted, setRow } from './set-row.ts'
import { type Sides, sidesOf } from './sides.ts'
import { suggestion } from './suggest.ts'
import { takenOf } from './unique.ts'
import { draftFor, liveRow, settleConflict, type Work } from './work.ts'
import { wrongValue } from './wrong-value.ts'

/** How a person settles a conflict. */
export interface Resolution {
  readonly strategy: Strategy
  readonly newValue?: SqlValue | undefined
  readonly values?: Row | undefined
  readonly notes: string
}

/** Kinds that a resolution can settle; the others close by themselves when the remote is corrected. */
const SETTLED_BY_HAND: ReadonlySet<string> = new Set(['unique', 'merge', 'deleted', 'delete', 'undo'])

/**
 * Settles a conflict as a person says: `keep_local` and `rename_local` take the edit that waits (with a new value),
 * `keep_remote` leaves what stands, `merge` takes values of the person's own. Pure but for the work; a failure leaves the work
 * as it was.
 */
export function resolve(work: Work, conflict: StoredConflict, how: Resolution): Failure | null {
  const table = work.tables.get(conflict.tbl)
  if (table && isGuard(conflict)) return approve(work, table, conflict, how)
  if (!table || !SETTLED_BY_HAND.has(conflict.kind))
    return refused(
      `A conflict of the kind ${conflict.kind} can't be settled here.`,
      'Correct it in the remote: it closes by itself at the next run.',
    )
  const wanted = wantedOf(table, conflict, sidesOf(conflict, table), how)
  if ('type' in wanted) return wanted
  const failure = apply(work, table, conflict, wanted, how)
  if (failure) return failure
  settleConflict(work, conflict, how.strategy, how.notes)
  return null
}

/** Rows that a conflict is about, beside the one that it names. */
export const rowsOf = ({ kind, theirs }: StoredConflict): string[] =>
  kind === DELETIONS ? (JSON.parse(String(theirs ?? '[]')) as string[]) : []

/** A person's word on what a guard stopped. Rows that are named go, or stay; of what else it stopped, the next run does as was said. */
function approve(
  work: Work,
  table: TableDeclaration,
  conflict: StoredConflict,
  { strategy, notes }: Resolution,
): Failure | null {
  if (strategy !== 'keep_local' && strategy !== 'keep_remote')
    return refused('Take it as the remote shows it (keep_local), or keep what is here (keep_remote).')
  const origin = notes === '' ? work.actor : `${work.actor}: ${notes}`
  if (strategy === 'keep_local')
    for (const key of rowsOf(conflict))
      if (liveRow(draftFor(work, table, key)))
        setDeleted(work, table, key, work.now, { origin, rule: 'approved' })
  settleConflict(work, conflict, strategy, notes)
  return null
}

/** What the row is to be. */
type Wanted =
  | { readonly to: 'values'; readonly values: Row }
  | { readonly to: 'deleted' }
  | { readonly to: 'as it stands' }

function wantedOf(
  table: TableDeclaration,
  { kind, col }: StoredConflict,
  { theirs }: Sides,
  { strategy, newValue, values }: Resolution,
): Wanted | Failure {
  const field = col ?? Object.keys(theirs ?? {})[0] ?? null
  const renamed: Row = newValue === undefined || field === null ? {} : { [field]: newValue }
  if (strategy === 'keep_remote') return { to: 'as it stands' }
  if (strategy === 'rename_local') {
    if (kind !== 'unique') return refused('Only a unique value that is taken can be renamed.')
    if (newValue === undefined || newValue === null) return refused(`Say the new ${field}.`, NEW_VALUE)
    return { to: 'values', values: { ...theirs, ...renamed } }
  }
  if (strategy === 'keep_local')
    return theirs === null ? { to: 'deleted' } : { to: 'values', values: { ...theirs, ...renamed } }
  const said = { ...renamed, ...values }
  if (Object.keys(said).length === 0)
    return refused('A merge needs the values of the merged row.', 'Give `values`, or one `newValue`.')
  const unknown = Object.keys(said).find((column) => !Object.hasOwn(table.merge, column))
  if (unknown !== undefined) return refused(`${table.name} has no column ${unknown}.`)
  return { to: 'values', values: { ...(kind === 'merge' ? {} : theirs), ...said } }
}

function apply(
  work: Work,
  table: TableDeclaration,
  conflict: StoredConflict,
  wanted: Wanted,
  { strategy, notes }: Resolution,
): Failure | null {
  const { key } = conflict
  const because = { origin: notes === '' ? work.actor : `${work.actor}: ${notes}`, rule: strategy }
  const draft = draftFor(work, table, key)
  const row = liveRow(draft)
  if (wanted.to === 'deleted') {
    if (row) setDeleted(work, table, key, work.now, because)
    return null
  }
  if (wanted.to === 'as it stands') {
    // A row that only its device has goes there too: it is told as a row that was deleted.
    if (conflict.op === 'insert' && draft.before === null) {
      const { theirs } = sidesOf(conflict, table)
      // Deleted first: it never holds its unique value.
      setDeleted(work, table, key, work.now, because)
      setRow(work, table, key, admittedOr(work, table, conflict, theirs ?? {}), because)
    }
    return null
  }
  if (table.device) {
    const wrong = wrongValue(table.device, wanted.values)
    if (wrong !== null) return refused(`${wrong}.`)
  }
  // A row that comes back is what it was, with what is said now.
  const full =
    row === null && draft.before !== null
      ? { ...saidOf(table, draft.after), ...wanted.values }
      : wanted.values
  const [taken] = takenOf(work.claims, table, key, full)
  if (taken) {
    const value = full[taken.column] ?? null
    return {
      type: 'conflict',
      detail: `${taken.column} "${value}" is taken by another row.`,
      mend: `Give a \`newValue\` that is free, for example ${suggestion(table, taken.column, { key, value, attempt: 1 })}.`,
    }
  }
  const admitted = admit(work, table, conflict, full, row)
  if ('reject' in admitted) return refused(`${admitted.reject}.`)
  setRow(work, table, key, admitted.values, because)
  // It comes back last: with its old name it may not be here for a moment.
  if (row === null && draft.before !== null) setDeleted(work, table, key, null, because)
  return null
}

/** Columns that somebody says, and not only what follows from them. */
const saidOf = ({ device }: TableDeclaration, row: Row): Row =>
  device
    ? Object.fromEntries(Object.keys(device.columns).map((column) => [column, row[column] ?? null]))
    : row

const admittedOr = (work: Work, table: TableDeclaration, conflict: StoredConflict, values: Row): Row => {
  const admitted = admit(work, table, conflict, values, null)
  return 'values' in admitted ? admitted.values : values
}

/** The values with what the declaration says that they imply. */
function admit(
  work: Work,
  { device }: TableDeclaration,
  { key }: StoredConflict,
  values: Row,
  row: Row | null,
): { readonly values: Row } | { readonly reject: string } {
  if (!device) return { values }
  const config = device.config === undefined ? null : (work.config.get(device.config) ?? null)
  const of: EditContext = { key, now: work.now, actor: work.actor, at: null, config, row, base: {} }
  return device.admit(values, of)
}

const NEW_VALUE = 'Give a `newValue` that no other row has.'

const refused = (detail: string, mend?: string): Failure => ({
  type: 'bad_request',
  detail,
  kept: 'The conflict stays open, and nothing was changed.',
  ...(mend !== undefined && { mend }),
})
