import type { SqlValue } from '../../../db/database.ts'
import type { RemoteColumn, RemoteRow, Warning } from '../../engine/ports.ts'
import { place } from './a1.ts'
import { fold, type Layout } from './layout.ts'
import { readCell } from './read-cell.ts'
import { type CellData, cellAt, isFormula, type Tab, textOf } from './tab.ts'

type Columns = Readonly<Record<string, RemoteColumn>>

export interface ReadRows {
  readonly rows: readonly RemoteRow[]
  readonly warnings: readonly Warning[]
}

/** Reads the rows below the header. A row without its key is reported and left out; a wholly empty one is just left out. */
export function readRows(tab: Tab, layout: Layout, columns: Columns): ReadRows {
  const rows: RemoteRow[] = []
  const warnings: Warning[] = []
  for (let row = layout.header + 1; row < tab.rows.length; row++) {
    if (!(tab.rows[row] ?? []).some(isFilled)) continue
    const read = readRow(tab, row, layout, columns)
    warnings.push(...read.warnings)
    if (read.row) rows.push(read.row)
  }
  return { rows, warnings }
}

/** Checkboxes that nobody ticked, and formulas that show nothing, are what a prepared empty row consists of. */
const isFilled = (cell: CellData): boolean =>
  textOf(cell).trim() !== '' && cell.effectiveValue?.boolValue !== false

function readRow(tab: Tab, row: number, layout: Layout, columns: Columns) {
  const values: Record<string, SqlValue> = {}
  const warnings: Warning[] = []
  /** What is wrong with the key: without it nothing else of the row matters */
  const keyless: Warning[] = []
  const locked: string[] = []
  const pinned = new Set<string>()
  for (const [name, at] of layout.columns) {
    const { type = '', required = false, header = name } = columns[name] ?? {}
    const cell = cellAt(tab, row, at)
    const reading = readCell(cell, type, name, tab.locale)
    const where = place(tab.title, row, at)
    if (isFormula(cell) && type !== 'pins') locked.push(name)
    if (type === 'count' && /^\s*pin(ned)?\b/i.test(cell.note ?? '')) pinned.add(name)
    if (reading.type === 'value') Object.assign(values, reading.values)
    else if (reading.type === 'pins') pinsOf(reading.names, layout, columns, where, pinned, warnings)
    else if (reading.type === 'trouble') {
      const raw = textOf(cell)
      const message = `${header}: ${reading.reason}; ${required ? 'the row was left out' : 'the stored value stays'}`
      const list = required ? keyless : warnings
      list.push({ kind: reading.kind, message, where, ...(raw && { raw }) })
      // What a person wrote there is not written over, readable or not.
      if (reading.kind !== 'empty' && !locked.includes(name)) locked.push(name)
    } else if (required) {
      const message = `${header} missing; the row was left out`
      keyless.push({ kind: 'no_key', message, where: place(tab.title, row) })
    }
  }
  if (keyless.length > 0) return { row: null, warnings: keyless }
  const read: RemoteRow = {
    position: row - layout.header - 1,
    values,
    ...(pinned.size > 0 && { pinned: [...pinned] }),
    ...(locked.length > 0 && { locked }),
  }
  return { row: read, warnings }
}

/** Names in a cell of the pin column: a metric's name, header or alias. */
function pinsOf(
  names: readonly string[],
  layout: Layout,
  columns: Columns,
  where: string,
  pinned: Set<string>,
  warnings: Warning[],
): void {
  const counts = Object.entries(columns).filter(
    ([name, { type }]) => type === 'count' && layout.columns.has(name),
  )
  for (const typed of names) {
    const found = counts.find(([name, { header, aliases }]) =>
      [name, header, ...aliases].some((known) => fold(known) === fold(typed)),
    )
    if (found) pinned.add(found[0])
    else {
      const known = counts.map(([name]) => name).join(', ')
      warnings.push({
        kind: 'unknown_pin',
        message: `“${typed}” can't be pinned; known here: ${known}`,
        where,
        raw: typed,
      })
    }
  }
}
