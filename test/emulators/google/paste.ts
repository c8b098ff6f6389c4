import { editCells, mapFormulas, withSheet } from './grid-edit.ts'
import { type Bounds, type Cell, cellAt, type Sheet, type SpreadsheetFile } from './model.ts'
import { type Reference, rewriteReferences, shiftReferences } from './references.ts'

export interface Place {
  readonly sheet: Sheet
  readonly bounds: Bounds
}

/** Copies cells with notes and formats to where `to` begins. */
export function copyPaste(file: SpreadsheetFile, from: Place, to: Place): SpreadsheetFile {
  const [rows, columns] = [to.bounds.top - from.bounds.top, to.bounds.left - from.bounds.left]
  const cells = taken(from).map((line) =>
    line.map((cell) =>
      cell?.formula === undefined ? cell : { ...cell, formula: shiftReferences(cell.formula, rows, columns) },
    ),
  )
  return placed(file, cells, to)
}

/** Moves cells to where `to` begins; formulas that name a moved cell follow it. */
export function cutPaste(file: SpreadsheetFile, from: Place, to: Place): SpreadsheetFile {
  const cells = taken(from)
  const emptied = withSheet(
    file,
    editCells(from.sheet, from.bounds, () => null),
  )
  const target = emptied.sheets.find((s) => s.sheetId === to.sheet.sheetId) ?? to.sheet
  const moved = placed(emptied, cells, { sheet: target, bounds: to.bounds })
  const [rows, columns] = [to.bounds.top - from.bounds.top, to.bounds.left - from.bounds.left]
  const title = from.sheet.title.toLowerCase()
  const follow = (reference: Reference): Reference => {
    const end = reference.to ?? reference.from
    const inside =
      within(reference.from.row, from.bounds.top, from.bounds.bottom) &&
      within(end.row, from.bounds.top, from.bounds.bottom) &&
      within(reference.from.column, from.bounds.left, from.bounds.right) &&
      within(end.column, from.bounds.left, from.bounds.right)
    if (!inside) return reference
    const shift = (corner: Reference['from']) => ({
      ...corner,
      row: (corner.row ?? 0) + rows,
      column: (corner.column ?? 0) + columns,
    })
    return {
      ...(reference.sheet !== undefined || to.sheet.sheetId !== from.sheet.sheetId
        ? { sheet: to.sheet.title }
        : {}),
      from: shift(reference.from),
      ...(reference.to && { to: shift(reference.to) }),
    }
  }
  const sheets = moved.sheets.map((sheet) => ({
    ...sheet,
    rows: mapFormulas(sheet.rows, (formula) =>
      rewriteReferences(formula, (reference) => {
        const meant = reference.sheet?.toLowerCase() ?? sheet.title.toLowerCase()
        return meant === title ? follow(reference) : reference
      }),
    ),
  }))
  return { ...moved, sheets }
}

function within(index: number | undefined, start: number, end: number): boolean {
  return index !== undefined && index >= start && index < end
}

function taken({ sheet, bounds }: Place): (Cell | null)[][] {
  const bottom = Math.min(bounds.bottom, Math.max(sheet.rows.length, bounds.top + 1))
  return Array.from({ length: bottom - bounds.top }, (_, row) =>
    Array.from({ length: bounds.right - bounds.left }, (_, column) =>
      cellAt(sheet, bounds.top + row, bounds.left + column),
    ),
  )
}

function placed(
  file: SpreadsheetFile,
  cells: readonly (readonly (Cell | null)[])[],
  to: Place,
): SpreadsheetFile {
  const { top, left } = to.bounds
  const bounds = { top, left, bottom: top + cells.length, right: left + (cells[0]?.length ?? 0) }
  const roomy = {
    ...to.sheet,
    rowCount: Math.max(to.sheet.rowCount, bounds.bottom),
    columnCount: Math.max(to.sheet.columnCount, bounds.right),
  }
  return withSheet(
    file,
    editCells(roomy, bounds, (_, row, column) => cells[row - top]?.[column - left] ?? null),
  )
}
