import type { Row, SqlValue } from '../../db/database.ts'
import type { TableDeclaration } from './declare.ts'
import { digest } from './digest.ts'
import { setDeleted, setRow } from './set-row.ts'
import type { Skip, Span } from './undo.ts'
import type { Taken } from './unique.ts'
import type { Move } from './unique-moves.ts'
import { draftFor, rowKey, type Work } from './work.ts'

/** What an undo would make of a row, beside the unique values that others hold. */
export interface Aim extends Move {
  readonly span: Span
  /** The row as it stands, deleted or not; null: it is nowhere */
  readonly row: Row | null
  /** Columns that return, with their values */
  readonly values: Row
  readonly becomes: 'deleted' | 'live' | 'as it is'
  /** Columns that somebody changed since */
  readonly touched: readonly string[]
  readonly skips: readonly Skip[]
}

/** Compares a row as it stands with what the undone change left, column by column. */
export function aimOf(work: Work, span: Span): Aim {
  const { table, key, made, before, after } = span
  const draft = draftFor(work, table, key)
  const row = draft.before && draft.after
  const nothing: Aim = {
    span,
    table,
    key,
    row,
    before: null,
    after: null,
    values: {},
    becomes: 'as it is',
    touched: [],
    skips: [],
  }
  const skip = (reason: string): Aim => ({ ...nothing, skips: [{ about: `${table.name} ${key}`, reason }] })
  if (!row) return skip('the row is not there any more')
  const isGone = row.deleted_at != null
  if (made) {
    if (isGone) return same(after.deleted_at, row.deleted_at) ? nothing : skip('the row was deleted since')
    const touched = table.columns.filter(
      (column) => isSaid(table, column) && column !== table.key && !same(row[column], after[column]),
    )
    return { ...nothing, becomes: 'deleted', touched, before: touched.length === 0 ? row : null }
  }
  const changed = Object.keys(after).filter(
    (column) => column !== 'deleted_at' && !same(after[column], before[column]),
  )
  const wasGone = before.deleted_at != null
  const isGoneByIt = isGone && 'deleted_at' in after && same(row.deleted_at, after.deleted_at)
  if (isGone && !isGoneByIt) {
    const said = changed.filter((column) => isSaid(table, column))
    return wasGone || said.length === 0 ? skip('the row was deleted since') : { ...nothing, touched: said }
  }
  const back = changed.filter((column) => same(row[column], after[column]) && !draft.pins.has(column))
  const pinned = changed.filter((column) => draft.pins.has(column) && !same(row[column], before[column]))
  const values = pick(before, back)
  const revives = isGoneByIt && !wasGone
  const goes = !isGone && wasGone && 'deleted_at' in after && after.deleted_at == null
  return {
    ...nothing,
    before: isGone ? null : row,
    after: goes || (isGone && !revives) ? null : { ...row, ...values, deleted_at: null },
    values,
    becomes: revives ? 'live' : goes ? 'deleted' : 'as it is',
    touched: changed.filter(
      (column) =>
        !back.includes(column) &&
        !pinned.includes(column) &&
        !same(row[column], before[column]) &&
        isSaid(table, column),
    ),
    skips: pinned.map((column) => ({ about: `${table.name} ${key}`, reason: `${column} is pinned` })),
  }
}

/** Returns what nobody touched, and asks about the rest. `taken`: unique values of the aim that other rows hold. */
export function undoRow(work: Work, aim: Aim, taken: readonly Taken[]): readonly Skip[] {
  const { span, row, becomes, touched, skips } = aim
  const { table, key, made, before } = span
  if (!row) return skips
  const because = { origin: work.actor, rule: 'undo' }
  if (made && touched.length > 0)
    open(work, span, null, {
      op: 'delete',
      detail: `${touched.join(', ')} was changed since the row was made`,
      ours: pick(row, touched),
    })
  else if (made && becomes === 'deleted') setDeleted(work, table, key, work.now, because)
  if (made) return skips
  const values = { ...aim.values }
  for (const { column, holder } of becomes === 'live' ? taken.slice(0, 1) : taken) {
    const said = Object.keys(values).filter((one) => isSaid(table, one))
    const waits = becomes === 'live' ? pick(values, said) : {}
    open(
      work,
      span,
      { ...waits, [column]: aim.after?.[column] ?? null },
      {
        op: becomes === 'live' ? 'insert' : 'update',
        kind: 'unique',
        col: column,
        holder,
        detail: `Unique field '${column}' conflicts with existing remote document`,
        ours: pick(row, [column]),
      },
    )
    delete values[column]
  }
  if (becomes === 'live' && taken.length > 0) return skips
  setRow(work, table, key, values, because)
  if (becomes === 'live') setDeleted(work, table, key, null, because)
  if (becomes === 'deleted') setDeleted(work, table, key, work.now, because)
  if (touched.length > 0)
    open(work, span, pick(before, touched), {
      op: 'update',
      detail: row.deleted_at == null ? `${touched.join(', ')} was changed since` : 'it was deleted since',
      ours: row.deleted_at == null ? pick(row, touched) : null,
    })
  return skips
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
