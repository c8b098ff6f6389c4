import type { SqlValue } from '../../../db/database.ts'
import type { CellChange, RemoteColumn, RemoteRow, Warning, WriteReport } from '../../engine/ports.ts'
import { place, quoteTitle } from './a1.ts'
import type { Layout } from './layout.ts'
import { readRows } from './read-rows.ts'
import { cellAt, type Entered, isFormula, type Tab, textOf } from './tab.ts'
import type { Op } from './write-job.ts'

type Columns = Readonly<Record<string, RemoteColumn>>

export interface ChangePlan {
  readonly ops: readonly Op[]
  readonly theirs: WriteReport['theirs']
  readonly warnings: readonly Warning[]
}

/** Which cells of this tab are to be written for the changes that are not done yet: only those that still show `seen`. */
export function planChanges(
  tab: Tab,
  layout: Layout,
  columns: Columns,
  changes: readonly CellChange[],
  done: ReadonlySet<string>,
): ChangePlan {
  const ops: Op[] = []
  const theirs: { where: string; raw: string }[] = []
  const warnings: Warning[] = []
  const shown = (column: string) => column in columns || columns[column.replace(/_key$/, '')]?.type === 'url'
  const matchOf = (values: Readonly<Record<string, SqlValue>>, names: readonly string[]) =>
    JSON.stringify(names.map((name) => values[name] ?? null))
  const names = Object.keys(changes[0]?.match ?? {}).filter(shown)
  if (changes.length > 0 && names.length === 0)
    throw new Error('No match column of this link stands in the sheet')
  const rows = new Map<string, RemoteRow>()
  for (const row of readRows(tab, layout, columns).rows) {
    const match = matchOf(row.values, names)
    if (!rows.has(match)) rows.set(match, row)
  }
  for (const change of changes) {
    const match = matchOf(change.match, names)
    const id = `${match} ${change.column} ${change.value}`
    if (done.has(id)) continue
    const row = rows.get(match)
    const column = layout.columns.get(change.column)
    if (!row || column === undefined) {
      warnings.push(gone(tab, change, names, row ? 'column' : 'row'))
      continue
    }
    const at = layout.header + 1 + row.position
    const cell = cellAt(tab, at, column)
    const now = row.values[change.column] ?? null
    if (now === change.value) continue
    const where = place(tab.title, at, column)
    if (now !== change.seen || isFormula(cell) || row.locked?.includes(change.column))
      theirs.push({ where, raw: cell.userEnteredValue?.formulaValue ?? textOf(cell) })
    else if (isKept(tab, at, column))
      warnings.push({ kind: 'protected', message: 'The cell is protected and was not written', where })
    else ops.push({ row: at, column, layer: 'value', value: enteredOf(change.value), change: id })
  }
  return { ops, theirs, warnings }
}

const enteredOf = (value: SqlValue): Entered | null =>
  value === null ? null : typeof value === 'number' ? { numberValue: value } : { stringValue: value }

/** Whether this account may not edit a cell. */
export const isKept = (tab: Tab, row: number, column: number): boolean =>
  tab.kept.some(
    ({ startRowIndex, endRowIndex, startColumnIndex, endColumnIndex }) =>
      row >= (startRowIndex ?? 0) &&
      row < (endRowIndex ?? Number.POSITIVE_INFINITY) &&
      column >= (startColumnIndex ?? 0) &&
      column < (endColumnIndex ?? Number.POSITIVE_INFINITY),
  )

const gone = (tab: Tab, change: CellChange, names: readonly string[], what: 'row' | 'column'): Warning => ({
  kind: `${what}_gone`,
  message:
    what === 'row'
      ? `The row of ${names.map((name) => change.match[name]).join(', ')} is not there any more; ${change.column} was not written`
      : `The column of ${change.column} is not there any more; it was not written`,
  where: quoteTitle(tab.title),
})
