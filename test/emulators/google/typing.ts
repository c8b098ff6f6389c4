import * as z from 'zod'
import { editCells, withContent, withSheet } from './grid-edit.ts'
import { localeNamed } from './locale.ts'
import { cellAt, type Sheet, type SpreadsheetFile } from './model.ts'
import { assertCellCount, assertLength } from './protection.ts'
import { parseTyped } from './typed.ts'

export interface ActionContext {
  readonly random: () => number
  readonly year: number
}

/** Text as typed, or a number or boolean as it is; null leaves a cell empty. */
export const entry = z.union([z.string(), z.number(), z.boolean(), z.null()])
export const rowsSchema = z.array(z.array(entry))

type EntryRow = z.output<typeof rowsSchema>[number]

/** Types a block of entries; the grid grows where it is too small, as it does under a paste. */
export function typeRows(
  file: SpreadsheetFile,
  sheet: Sheet,
  top: number,
  left: number,
  rows: readonly EntryRow[],
  { year }: ActionContext,
): SpreadsheetFile {
  const locale = localeNamed(file.locale)
  const width = Math.max(0, ...rows.map((line) => line.length))
  const bounds = { top, left, bottom: top + rows.length, right: left + width }
  const roomy = {
    ...sheet,
    rowCount: Math.max(sheet.rowCount, bounds.bottom),
    columnCount: Math.max(sheet.columnCount, bounds.right),
  }
  const edited = editCells(roomy, bounds, (cell, r, c) => {
    const input = rows[r - top]?.[c - left]
    if (input === undefined || input === null) return cell
    if (input === '') return cell && withContent(cell, {})
    if (typeof input !== 'string') return withContent(cell, { value: input })
    assertLength(input)
    const { format, ...content } = parseTyped(input, { locale, format: cell?.format, year })
    return withContent(cell, { ...content, ...(!cell?.format && format && { format }) })
  })
  const grown = withSheet(file, edited)
  assertCellCount(grown)
  return grown
}

/** A cell as a person sees it in the formula bar: the formula, or the value. */
export function enteredText(sheet: Sheet, row: number, column: number): string {
  const cell = cellAt(sheet, row, column)
  return cell?.formula ?? (cell?.value === undefined ? '' : String(cell.value))
}
