import type { Row, SqlValue } from '../../db/database.ts'
import type { PinRow, StoredConflict } from './changes.ts'
import type { TableDeclaration } from './declare.ts'
import { digest } from './digest.ts'
import { setDeleted, setRow } from './set-row.ts'
import { takenOf } from './unique.ts'
import { draftFor, liveRow, rowKey, settleConflict, type Work } from './work.ts'

/** A change that is undone, as the history has it. */
export interface Past {
  readonly tbl: string
  readonly key: string
  readonly op: string
  readonly before: Row | null
  readonly after: Row
}

/** One row over all that is undone: its columns before the first change, and after the last one. */
interface Span {
  readonly table: TableDeclaration
  readonly key: string
  /** The row was made by it */
  readonly made: boolean
  readonly before: Row
  readonly after: Row
}

/** What an undo leaves as it is, and why. */
export interface Skip {
  readonly about: string
  readonly reason: string
}

/**
 * Undoes changes: columns that nobody touched since return to what they were; those that were become a conflict of their row, to
 * be settled by a person. Rows that it made are deleted, rows that it deleted come back, conflicts that it settled are open
 * again, and those that it opened (`opened`) are closed. Pure but for the work.
 */
export function undo(
  work: Work,
  past: readonly Past[],
  conflicts: { readonly settled: readonly StoredConflict[]; readonly opened: readonly StoredConflict[] },
): Skip[] {
  const skips: Skip[] = []
  // Values are given up before they are claimed, whatever the order of the rows.
  const spans = [...spansOf(work, past)].sort((a, b) => Number(b.made) - Number(a.made))
  for (const span of spans) skips.push(...undoRow(work, span))
  for (const change of past.filter(({ op }) => op === 'pin' || op === 'unpin')) undoPin(work, change)
  for (const conflict of conflicts.opened)
    if (conflict.resolvedAt === null) settleConflict(work, conflict, 'undone')
  for (const conflict of conflicts.settled)
    if (conflict.resolvedAt !== null) settleConflict(work, conflict, null)
  return skips
}

function spansOf(work: Work, past: readonly Past[]): Iterable<Span> {
  const spans = new Map<string, Span>()
  for (const { tbl, key, op, before, after } of past) {
    const table = work.tables.get(tbl)
    if (!table || !['insert', 'update', 'delete'].includes(op)) continue
    const known = spans.get(rowKey(tbl, key))
    spans.set(rowKey(tbl, key), {
      table,
      key,
      made: known?.made ?? op === 'insert',
      before: { ...before, ...known?.before },
      after: { ...known?.after, ...after },
    })
  }
  return spans.values()
}

const BECAUSE = { rule: 'undo' }

function undoRow(work: Work, span: Span): Skip[] {
  const { table, key, made, before, after } = span
  const about = `${table.name} ${key}`
  const draft = draftFor(work, table, key)
  const row = draft.before
  if (!row) return [{ about, reason: 'the row is not there any more' }]
  if (made) return unmake(work, span, row)
  const because = { ...BECAUSE, origin: work.actor }
  const columns = Object.keys(after).filter((column) => column !== 'deleted_at')
  const changed = columns.filter((column) => !same(after[column], before[column]))
  const back = changed.filter((column) => same(row[column], after[column]))
  const touched = changed.filter(
    (column) => !back.includes(column) && !same(row[column], before[column]) && isSaid(table, column),
  )
  const isGoneSince =
    row.deleted_at != null && !('deleted_at' in after && same(row.deleted_at, after.deleted_at))
  if (isGoneSince) {
    open(work, span, Object.fromEntries(changed.map((column) => [column, before[column] ?? null])), {
      op: 'update',
      detail: 'it was deleted since',
      ours: null,
    })
    return []
  }
  const values = Object.fromEntries(back.map((column) => [column, before[column] ?? null]))
  const revives = row.deleted_at != null && (before.deleted_at ?? null) === null && 'deleted_at' in after
  const [taken] = takenOf(work.claims, table, key, revives ? { ...row, ...values } : values)
  if (taken) {
    open(work, span, values, {
      op: revives ? 'insert' : 'update',
      kind: 'unique',
      col: taken.column,
      holder: taken.holder,
      detail: `Unique field '${taken.column}' conflicts with existing remote document`,
      ours: { [taken.column]: row[taken.column] ?? null },
    })
    return []
  }
  if (revives) setDeleted(work, table, key, null, because)
  setRow(work, table, key, values, because)
  if ('deleted_at' in after && after.deleted_at === null && before.deleted_at != null)
    setDeleted(work, table, key, work.now, because)
  if (touched.length > 0)
    open(work, span, Object.fromEntries(touched.map((column) => [column, before[column] ?? null])), {
      op: 'update',
      detail: `${touched.join(', ')} was changed since`,
      ours: Object.fromEntries(touched.map((column) => [column, row[column] ?? null])),
    })
  return []
}

/** A row that was made goes, if nobody said anything of it since. */
function unmake(work: Work, span: Span, row: Row): Skip[] {
  const { table, key, after } = span
  if (row.deleted_at != null && !same(after.deleted_at, row.deleted_at))
    return [{ about: `${table.name} ${key}`, reason: 'the row was deleted since' }]
  if (row.deleted_at != null) return []
  const touched = table.columns.filter(
    (column) => isSaid(table, column) && column !== table.key && !same(row[column], after[column]),
  )
  if (touched.length === 0) {
    setDeleted(work, table, key, work.now, { ...BECAUSE, origin: work.actor })
    return []
  }
  open(work, span, null, {
    op: 'delete',
    detail: `${touched.join(', ')} was changed since the row was made`,
    ours: Object.fromEntries(touched.map((column) => [column, row[column] ?? null])),
  })
  return []
}

/** Columns that somebody says, and not only what follows from an edit. */
const isSaid = ({ device, merge }: TableDeclaration, column: string): boolean =>
  device ? column in device.columns : column in merge

const same = (a: SqlValue | undefined, b: SqlValue | undefined) => (a ?? null) === (b ?? null)

function open(
  work: Work,
  { table, key, after }: Span,
  theirs: Row | null,
  of: {
    readonly op: 'insert' | 'update' | 'delete'
    readonly kind?: string
    readonly col?: string
    readonly holder?: string
    readonly detail: string
    readonly ours: Row | null
  },
): void {
  const kind = of.kind ?? 'undo'
  const columns = Object.keys(theirs ?? {})
  draftFor(work, table, key).conflicts.push({
    id: `c_${digest(JSON.stringify([table.name, key, kind, theirs, of.ours]))}`,
    part: null,
    tbl: table.name,
    key,
    col: of.col ?? (columns.length === 1 ? (columns[0] ?? null) : null),
    kind,
    base: JSON.stringify(Object.fromEntries(columns.map((column) => [column, after[column] ?? null]))),
    ours: of.ours && JSON.stringify(of.ours),
    theirs: theirs && JSON.stringify(theirs),
    detail: `undo: ${of.detail}`,
    recommendations: ['Undo it all the same, or keep what stands now.'],
    op: of.op,
    ...(of.holder !== undefined && { holder: of.holder }),
    origin: work.actor,
    saidAt: work.now,
  })
}

/** A pin that was set is released, one that was released is set again, where it still is as it was left. */
function undoPin(work: Work, { tbl, key, op, before, after }: Past): void {
  const table = work.tables.get(tbl)
  const [col] = Object.keys(after)
  if (!table || col === undefined) return
  const pins = work.pins.get(rowKey(tbl, key)) ?? new Map<string, PinRow>()
  const present = pins.get(col)
  const value = before?.[col] ?? null
  if (op === 'pin' && (!present || !same(present.value, after[col]))) return
  if (op === 'unpin' && present) return
  const pin: PinRow | null =
    value === null
      ? null
      : { tbl, key, col, value, source: 'api', actor: work.actor, note: 'undone', until: null, at: work.now }
  if (present && !pin) work.pinChanges.push({ op: 'release', pin: present })
  if (pin) work.pinChanges.push({ op: 'set', pin })
  if (!present && !pin) return
  const row = liveRow(draftFor(work, table, key))
  work.changes.push({
    table,
    key,
    op: pin ? 'pin' : 'unpin',
    before: { [col]: present?.value ?? null, version: row?.version ?? 0 },
    after: { [col]: pin?.value ?? null },
    columns: [col],
    why: { [col]: [work.actor, 'undo'] },
  })
}
