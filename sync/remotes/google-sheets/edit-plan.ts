import type { RemoteContext, RemoteEdit, Warning, WriteReport } from '../../engine/ports.ts'
import { place, quoteTitle } from './a1.ts'
import { ID, ID_HEADER } from './both-layout.ts'
import { type Both, type BothRow, bothRow, bothRows } from './both-rows.ts'
import { writeValue } from './cell-types.ts'
import type { Layout } from './layout.ts'
import { newRows } from './new-rows.ts'
import { noteText, ownIn, withOwn } from './note.ts'
import { type Changed, isSame, type RowFinder, rowFinder } from './row-finder.ts'
import { cellAt, isComputed, type Tab, textOf } from './tab.ts'
import type { Job, Op } from './write-job.ts'
import type { Plan } from './write-loop.ts'
import { isKept } from './write-plan.ts'
import type { GridRequest } from './write-request.ts'

export type Edited = Pick<RemoteContext, 'columns'> & { readonly both: Both }

export interface EditPlan extends Plan {
  /** Ids of edits of which nothing is left to do */
  readonly done: readonly string[]
  readonly theirs: WriteReport['theirs']
  readonly warnings: readonly Warning[]
}

/** What becomes of one edit on this tab. Without ops it is done. */
type Verdict =
  | { readonly type: 'ops'; readonly ops: readonly Op[] }
  | { readonly type: 'theirs'; readonly where: string; readonly raw: string }
  | { readonly type: 'refused'; readonly warning: Warning }

/** Which cells and rows of this tab are to be written for the edits that are not done yet. */
export function planEdits(
  tab: Tab,
  layout: Layout,
  of: Edited,
  edits: readonly RemoteEdit[],
  job: Job,
): EditPlan {
  const { columns, both } = of
  const finder = rowFinder(bothRows(tab, layout, columns, both).rows, both, changedBy(edits))
  const room = idRoom(tab, layout, of)
  const look: Look = { tab, layout, of, job, finder, idAt: room.at }
  const ops: Op[] = []
  const done: string[] = []
  const theirs: { where: string; raw: string }[] = []
  const warnings: Warning[] = []
  const wanted: Extract<RemoteEdit, { type: 'row' }>[] = []
  for (const edit of edits) {
    if (edit.type === 'row') {
      if (job.done.has(edit.id) || finder.has(edit.ref, edit.values)) done.push(edit.id)
      else wanted.push(edit)
      continue
    }
    const verdict = judge(edit, look)
    if (verdict.type === 'theirs') theirs.push({ where: verdict.where, raw: verdict.raw })
    else if (verdict.type === 'refused') warnings.push(verdict.warning)
    else if (verdict.ops.length === 0) done.push(edit.id)
    else ops.push(...verdict.ops)
  }
  const added = newRows(tab, layout, columns, wanted, room)
  const needsIds = added.rows.some(({ cells }) => cells.has(room.at)) || ops.some(({ fresh }) => fresh)
  return {
    layout,
    keys: keysOf(layout, of),
    ops: needsIds ? [...room.ops, ...ops] : ops,
    first: needsIds ? room.first : [],
    rows: added.rows,
    done,
    theirs,
    warnings: [...warnings, ...added.warnings],
  }
}

/** Position → what the edits of cells and ids put into that row. */
function changedBy(edits: readonly RemoteEdit[]): ReadonlyMap<number, Changed> {
  const changed = new Map<number, Changed>()
  for (const edit of edits) {
    if (edit.type !== 'cell' && edit.type !== 'ref') continue
    const { position } = edit.at
    const before = changed.get(position) ?? { values: {} }
    if (edit.type === 'ref') changed.set(position, { ...before, ref: edit.ref, instead: edit.at.ref })
    else
      changed.set(position, {
        ...before,
        values: { ...before.values, [edit.column]: edit.value === '' ? null : edit.value },
      })
  }
  return changed
}

/** By which columns rows are told apart: their ids where they have some, else all that they show. */
const keysOf = (layout: Layout, { columns, both }: Edited): readonly string[] =>
  !both.rowIds ? both.match : layout.columns.has(ID) ? [ID] : Object.keys(columns)

/** Where the column of ids is, or is to be: a new one behind all that is used, so that nothing is ever overwritten. */
export interface IdRoom {
  readonly at: number
  readonly fresh: boolean
  readonly first: readonly GridRequest[]
  readonly ops: readonly Op[]
}

function idRoom({ sheetId, rows }: Tab, layout: Layout, { both }: Edited): IdRoom {
  const at = layout.columns.get(ID)
  if (at !== undefined || !both.rowIds) return { at: at ?? -1, fresh: false, first: [], ops: [] }
  const end = Math.max(0, ...rows.map((cells) => cells.length))
  const range = { sheetId, dimension: 'COLUMNS', startIndex: end, endIndex: end + 1 }
  return {
    at: end,
    fresh: true,
    first: [{ insertDimension: { range, inheritFromBefore: end > 0 } }, hidden(sheetId, end)],
    ops: [
      {
        row: layout.header,
        column: end,
        layer: 'value',
        value: { stringValue: ID_HEADER },
        change: ID,
        fresh: true,
      },
    ],
  }
}

/** Hides a column. It stays unprotected: people may sort and delete its rows. */
export const hidden = (sheetId: number, column: number): GridRequest => ({
  updateDimensionProperties: {
    range: { sheetId, dimension: 'COLUMNS', startIndex: column, endIndex: column + 1 },
    properties: { hiddenByUser: true },
    fields: 'hiddenByUser',
  },
})

interface Look {
  readonly tab: Tab
  readonly layout: Layout
  readonly of: Edited
  readonly job: Job
  readonly finder: RowFinder
  readonly idAt: number
}

type RowEdit = Exclude<RemoteEdit, { type: 'row' }>

const nothing: Verdict = { type: 'ops', ops: [] }

function judge(edit: RowEdit, look: Look): Verdict {
  const { tab, layout, of, job, finder } = look
  if (job.done.has(edit.id)) return nothing
  const begun = edit.type === 'clear' ? job.clearing.get(edit.id) : undefined
  const row = begun === undefined ? finder.seen(edit.at) : bothRow(tab, begun, layout, of.columns)
  if (!row) return edit.type === 'clear' && finder.isGone(edit.at) ? nothing : gone(edit, look)
  if (edit.type === 'clear') return clear(edit, row, look, begun !== undefined)
  if (edit.type === 'ref') return ref(edit, row, look)
  return edit.type === 'note' ? note(edit, row, look) : cell(edit, row, look)
}

function cell(edit: Extract<RowEdit, { type: 'cell' }>, row: BothRow, look: Look): Verdict {
  const { tab, layout, of } = look
  const column = layout.columns.get(edit.column)
  if (column === undefined) return gone(edit, look)
  const at = layout.header + 1 + row.position
  const stands = cellAt(tab, at, column)
  const now = row.values[edit.column]
  const value = edit.value === '' ? null : edit.value
  if (now === value) return nothing
  if (now === undefined || now !== (edit.seen ?? null) || row.locked.includes(edit.column))
    return theirsAt(look, at, column)
  const written = writeValue(value, of.columns[edit.column]?.type ?? '', stands, tab)
  if ('reason' in written) return refused(look, at, column, `The value can’t stand here: ${written.reason}`)
  return unlessKept(look, [{ row: at, column, layer: 'value', value: written.entered, change: edit.id }])
}

/** Only ever of a row that shows exactly what was read, and carries the id that it carried then, or its name. */
function clear(edit: Extract<RowEdit, { type: 'clear' }>, row: BothRow, look: Look, begun: boolean): Verdict {
  const { tab, layout, of } = look
  const at = layout.header + 1 + row.position
  if (!begun && of.both.rowIds && row.ref !== edit.at.ref) return theirsAt(look, at, Math.max(0, look.idAt))
  const names = [...layout.columns.keys()].filter((name) => name !== ID)
  const computed = (name: string) => isComputed(cellAt(tab, at, layout.columns.get(name) ?? 0))
  const shown = Object.fromEntries(
    names.flatMap((name) =>
      name in row.values && !computed(name) ? [[name, row.values[name] ?? null]] : [],
    ),
  )
  const expected = Object.fromEntries(
    Object.entries(edit.at.shows).filter(
      ([name]) => layout.columns.has(name) && !computed(name) && !(begun && shown[name] === null),
    ),
  )
  const kept = begun ? Object.fromEntries(Object.entries(shown).filter(([, value]) => value !== null)) : shown
  const other = names.find((name) => name in row.unread && !computed(name))
  const formula = of.both.rowIds ? undefined : of.both.match.find(computed)
  if (other !== undefined || formula !== undefined || !isSame(kept, expected))
    return theirsAt(
      look,
      at,
      layout.columns.get(other ?? formula ?? names.find((name) => kept[name] !== expected[name]) ?? '') ?? 0,
    )
  const op = (column: number, layer: Op['layer'], value: Op['value']): Op => ({
    row: at,
    column,
    layer,
    value,
    change: `${edit.id} ${column} ${layer}`,
    clears: edit.id,
  })
  const ops = [...layout.columns].flatMap(([name, column]) => {
    const stands = cellAt(tab, at, column)
    const own = ownIn(stands.note)
    const left = withOwn(stands.note, null)
    return [
      ...(textOf(stands) === '' || computed(name) ? [] : [op(column, 'value', null)]),
      ...(own === null ? [] : [op(column, 'note', left ? { stringValue: left } : null)]),
    ]
  })
  return unlessKept(look, ops)
}

function ref(edit: Extract<RowEdit, { type: 'ref' }>, row: BothRow, look: Look): Verdict {
  const { layout, idAt } = look
  const at = layout.header + 1 + row.position
  if (row.ref === edit.ref) return nothing
  if (row.ref !== edit.at.ref || idAt < 0) return theirsAt(look, at, Math.max(0, idAt))
  const fresh = !layout.columns.has(ID)
  return unlessKept(look, [
    {
      row: at,
      column: idAt,
      layer: 'value',
      value: { stringValue: edit.ref },
      change: edit.id,
      ...(fresh && { fresh }),
    },
  ])
}

function note(edit: Extract<RowEdit, { type: 'note' }>, row: BothRow, look: Look): Verdict {
  const { tab, layout, of } = look
  const column = layout.columns.get(edit.column)
  if (column === undefined) return edit.note === null ? nothing : gone(edit, look)
  const at = layout.header + 1 + row.position
  const stands = cellAt(tab, at, column).note
  // Whoever typed another value there has answered.
  const answered = edit.note !== null && (row.values[edit.column] ?? null) !== edit.note.shows
  if (answered && !(edit.column in row.unread)) return theirsAt(look, at, column)
  const own = edit.note && noteText(edit.note, of.columns[edit.column]?.type ?? '', tab)
  if (own === ownIn(stands)) return nothing
  const text = withOwn(stands, own)
  return unlessKept(look, [
    { row: at, column, layer: 'note', value: text ? { stringValue: text } : null, change: edit.id },
  ])
}

/** A row is emptied whole or not at all. */
function unlessKept(look: Look, ops: readonly Op[]): Verdict {
  const kept = ops.find(({ row, column }) => isKept(look.tab, row, column))
  if (!kept) return { type: 'ops', ops }
  const where = place(look.tab.title, kept.row, kept.column)
  return {
    type: 'refused',
    warning: { kind: 'protected', message: 'The cell is protected and was not written', where },
  }
}

const theirsAt = ({ tab }: Look, row: number, column: number): Verdict => {
  const stands = cellAt(tab, row, column)
  const raw = stands.userEnteredValue?.formulaValue ?? textOf(stands)
  return { type: 'theirs', where: place(tab.title, row, column), raw }
}

const refused = ({ tab }: Look, row: number, column: number, message: string): Verdict => ({
  type: 'refused',
  warning: { kind: 'not_writable', message, where: place(tab.title, row, column) },
})

const gone = (edit: RowEdit, { tab, of: { columns } }: Look): Verdict => ({
  type: 'refused',
  warning: {
    kind: 'row_gone',
    message:
      `The row that stood at ${place(tab.title, edit.at.position + 1)} moved or changed meanwhile` +
      `${'column' in edit ? `, or its column “${columns[edit.column]?.header ?? edit.column}” did` : ''}` +
      '; the next run looks again',
    where: quoteTitle(tab.title),
  },
})
