import type { Row, SqlValue } from '../../db/database.ts'
import type { PinRow, StoredConflict } from './changes.ts'
import type { TableDeclaration } from './declare.ts'
import { digest } from './digest.ts'
import { setDeleted, setRow } from './set-row.ts'
import { takenOf } from './unique.ts'
import { draftFor, rowKey, settleConflict, type Work } from './work.ts'

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
  // A pin keeps its value until it is released; the rows come after.
  for (const change of past.filter(({ op }) => op === 'pin' || op === 'unpin').toReversed())
    skips.push(...undoPin(work, change))
  // Values are given up before they are claimed, whatever the order of the rows.
  const spans = [...spansOf(work, past)].sort((a, b) => Number(b.made) - Number(a.made))
  for (const span of spans) skips.push(...undoRow(work, span))
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
  const isGone = row.deleted_at != null
  const hadGone = (before.deleted_at ?? null) !== null
  const isGoneByIt = isGone && 'deleted_at' in after && same(row.deleted_at, after.deleted_at)
  if (isGone && !isGoneByIt) {
    const said = changed.filter((column) => isSaid(table, column))
    if (hadGone || said.length === 0) return [{ about, reason: 'the row was deleted since' }]
    open(work, span, pick(before, said), { op: 'update', detail: 'it was deleted since', ours: null })
    return []
  }
  const values = pick(before, back)
  const revives = isGoneByIt && !hadGone
  const whole = revives ? { ...row, ...values } : values
  const taken = takenOf(work.claims, table, key, whole)
  for (const { column, holder } of revives ? taken.slice(0, 1) : taken) {
    const waits = revives ? pick(values, back.filter((one) => isSaid(table, one))) : {}
    open(work, span, { ...waits, ...pick(whole, [column]) }, {
      op: revives ? 'insert' : 'update',
      kind: 'unique',
      col: column,
      holder,
      detail: `Unique field '${column}' conflicts with existing remote document`,
      ours: pick(row, [column]),
    })
    delete values[column]
  }
  if (revives && taken.length > 0) return []
  if (revives) setDeleted(work, table, key, null, because)
  setRow(work, table, key, values, because)
  if ('deleted_at' in after && after.deleted_at === null && before.deleted_at != null)
    setDeleted(work, table, key, work.now, because)
  if (touched.length > 0)
    open(work, span, pick(before, touched), {
      op: 'update',
      detail: `${touched.join(', ')} was changed since`,
      ours: pick(row, touched),
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
    ours: pick(row, touched),
  })
  return []
}

/** Columns that somebody says, and not only what follows from an edit. */
const isSaid = ({ device, merge }: TableDeclaration, column: string): boolean =>
  device ? column in device.columns : column in merge

const pick = (row: Row, columns: readonly string[]): Row =>
  Object.fromEntries(columns.map((column) => [column, row[column] ?? null]))

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
  const id = `c_${digest(JSON.stringify([table.name, key, kind, theirs]))}`
  // Asked already, and not answered yet.
  if (work.open.get(rowKey(table.name, key))?.some((conflict) => conflict.id === id)) return
  const draft = draftFor(work, table, key)
  draft.conflicts.push({
    id,
    part: null,
    tbl: table.name,
    key,
    col: of.col ?? (columns.length === 1 ? (columns[0] ?? null) : null),
    kind,
    base: JSON.stringify(pick(after, columns)),
    ours: of.ours && JSON.stringify(of.ours),
    theirs: theirs && JSON.stringify(theirs),
    detail: `undo: ${of.detail}`,
    recommendations: ['Undo it all the same, or keep what stands now.'],
    op: of.op,
    ...(of.holder !== undefined && { holder: of.holder }),
    origin: work.actor,
    saidAt: work.now,
  })
  for (const [column, value] of Object.entries(theirs ?? { deleted_at: 1 }))
    draft.refused[column] = { value, origin: work.actor, rule: 'conflict' }
}

/** A pin that was set is released, one that was released is set again, where it still is as it was left. */
function undoPin(work: Work, { tbl, key, op, before, after }: Past): Skip[] {
  const table = work.tables.get(tbl)
  const [col] = Object.keys(after)
  if (!table || col === undefined) return []
  const id = rowKey(tbl, key)
  const pins = work.pins.get(id) ?? new Map<string, PinRow>()
  const present = pins.get(col)
  const value = before?.[col] ?? null
  if (op === 'pin' && (!present || !same(present.value, after[col]))) return []
  if (op === 'unpin' && (present || value === null)) return []
  const row = work.drafts.get(id)?.draft.after ?? work.rows.get(id) ?? null
  const about = `${tbl} ${key}`
  if (!row || row.deleted_at != null) return [{ about, reason: 'the row is not there any more' }]
  const [taken] = value === null ? [] : takenOf(work.claims, table, key, { [col]: value })
  if (taken) return [{ about, reason: `the pinned ${col} "${value}" is another row's by now` }]
  const pin: PinRow | null =
    value === null
      ? null
      : { tbl, key, col, value, source: 'api', actor: work.actor, note: 'undone', until: null, at: work.now }
  if (pin) {
    work.pins.set(id, pins.set(col, pin))
    work.pinChanges.push({ op: 'set', pin })
  } else if (present) {
    pins.delete(col)
    work.pinChanges.push({ op: 'release', pin: present })
  }
  work.changes.push({
    table,
    key,
    op: pin ? 'pin' : 'unpin',
    before: { [col]: present?.value ?? null, version: row.version ?? 0 },
    after: { [col]: value },
    columns: [col],
    why: { [col]: [work.actor, 'undo'] },
  })
  const draft = work.drafts.get(id)?.draft
  if (draft && pin) (draft.pins as Map<string, PinRow>).set(col, pin)
  else (draft?.pins as Map<string, PinRow> | undefined)?.delete(col)
  if (pin) setRow(work, table, key, { [col]: value }, { ...BECAUSE, origin: work.actor })
  return []
}
