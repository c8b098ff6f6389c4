import type { RemoteColumn, RemoteEdit, Warning } from '../../engine/ports.ts'
import { quoteTitle } from './a1.ts'
import { writeValue } from './cell-types.ts'
import type { IdRoom } from './edit-plan.ts'
import type { Layout } from './layout.ts'
import { cellAt, type Entered, type NumberFormat, type Tab } from './tab.ts'
import type { NewRow } from './write-job.ts'

type Columns = Readonly<Record<string, RemoteColumn>>
type RowEdit = Extract<RemoteEdit, { type: 'row' }>

/** Rows to stand behind all others. They look like the last row there; days and shares never look like bare numbers. */
export function newRows(
  tab: Tab,
  layout: Layout,
  columns: Columns,
  edits: readonly RowEdit[],
  { at: idAt, fresh }: Pick<IdRoom, 'at' | 'fresh'>,
): { readonly rows: readonly NewRow[]; readonly warnings: readonly Warning[] } {
  if (edits.length === 0) return { rows: [], warnings: [] }
  const where = quoteTitle(tab.title)
  const last = tab.rows.findLastIndex((cells) => cells.some((cell) => cell.userEnteredValue))
  const used = [...layout.columns.values(), ...(idAt >= 0 ? [idAt] : [])]
  const end = Math.max(...used) + 1
  const isKept = tab.kept.some(
    ({ startColumnIndex, endRowIndex }) =>
      (startColumnIndex ?? 0) < end && (endRowIndex ?? Number.POSITIVE_INFINITY) > last + 1,
  )
  if (isKept) {
    const message = `${edits.length} new rows were not written: the place below the last row is protected`
    return { rows: [], warnings: [{ kind: 'protected', message, where }] }
  }
  const formats = formatsOf(tab, layout, columns, last, end)
  const rows: NewRow[] = []
  const warnings: Warning[] = []
  for (const { id, ref, values } of edits) {
    const cells = new Map<number, Entered>()
    let reason: string | null = null
    for (const [name, value] of Object.entries(values)) {
      const column = layout.columns.get(name)
      if (column === undefined) continue
      const format = formats.get(column)
      const blank = format ? { effectiveFormat: { numberFormat: format } } : {}
      const written = writeValue(value, columns[name]?.type ?? '', blank, tab)
      if ('reason' in written) reason ??= `${columns[name]?.header ?? name}: ${written.reason}`
      else if (written.entered) cells.set(column, written.entered)
    }
    if (cells.size === 0) reason ??= 'none of its values has a column in the tab'
    if (reason !== null) {
      warnings.push({ kind: 'not_writable', message: `A new row was not written: ${reason}`, where })
      continue
    }
    if (ref !== null && idAt >= 0) cells.set(idAt, { stringValue: ref })
    rows.push({ change: id, cells, formats, fresh: fresh ? idAt : null })
  }
  return { rows, warnings }
}

/** Number formats of a new row by column; none where neither the row above nor a type asks for one. */
function formatsOf(
  tab: Tab,
  layout: Layout,
  columns: Columns,
  last: number,
  end: number,
): ReadonlyMap<number, NumberFormat> {
  const formats = new Map<number, NumberFormat>()
  for (let column = 0; column < end; column++) {
    const above = last > layout.header ? cellAt(tab, last, column).effectiveFormat?.numberFormat : null
    if (above?.type) formats.set(column, above)
  }
  for (const [name, column] of layout.columns) {
    const usual = USUAL[columns[name]?.type ?? '']
    if (usual && !formats.has(column)) formats.set(column, usual)
  }
  return formats
}

const USUAL: Readonly<Record<string, NumberFormat>> = {
  date: { type: 'DATE', pattern: 'yyyy-mm-dd' },
  datetime: { type: 'DATE_TIME', pattern: 'yyyy-mm-dd hh:mm:ss' },
  percent: { type: 'PERCENT', pattern: '0.00%' },
}
