import { formatRange, locate } from './a1.ts'
import { insertDimension, withSheet } from './grid-edit.ts'
import { type Bounds, boundsOf, cellAt, hasValue, type Sheet, type SpreadsheetFile } from './model.ts'
import { assertCellCount, type Caller } from './protection.ts'
import { type Block, placeRows, renderBounds, type WriteOptions, type Written } from './values.ts'

/**
 * `values.append`: finds the last table that touches the range and writes below it. OVERWRITE takes what cells stand
 * there, INSERT_ROWS makes room first; that difference is what two parallel appends are lost by.
 */
export function appendBlock(
  file: SpreadsheetFile,
  block: Block,
  insert: 'OVERWRITE' | 'INSERT_ROWS',
  options: WriteOptions,
  caller: Caller,
): Written {
  const { sheet, range } = locate(file, block.range)
  const table = lastTable(sheet, boundsOf(range, sheet))
  const top = table ? table.bottom : (range.startRowIndex ?? 0)
  const left = table ? table.left : (range.startColumnIndex ?? 0)
  const height = block.rows.length
  const width = Math.max(0, ...block.rows.map((row) => row.length))
  let grown = file
  if (insert === 'INSERT_ROWS' && top < sheet.rowCount && height > 0) {
    grown = insertDimension(grown, sheet.sheetId, 'ROWS', top, height)
  }
  const target = grown.sheets.find((s) => s.sheetId === sheet.sheetId) ?? sheet
  const roomy = {
    ...target,
    rowCount: Math.max(target.rowCount, top + height),
    columnCount: Math.max(target.columnCount, left + width),
  }
  grown = withSheet(grown, roomy)
  assertCellCount(grown)
  const bounds = { top, left, bottom: top + height, right: left + width }
  const written = placeRows(grown, roomy, bounds, block.rows, options, caller)
  return {
    file: written.file,
    response: {
      spreadsheetId: file.spreadsheetId,
      ...(table && { tableRange: formatRange(sheet.title, table) }),
      updates: {
        spreadsheetId: file.spreadsheetId,
        updatedRange: formatRange(sheet.title, bounds),
        ...written.counts,
        ...(options.answer && {
          updatedData: renderBounds(written.file, written.sheet, bounds, options.answer),
        }),
      },
    },
  }
}

/** The lowest block of filled cells that has a cell in the range: grown until a blank row and column surround it. */
function lastTable(sheet: Sheet, within: Bounds): Bounds | null {
  const filled = (row: number, column: number) => hasValue(cellAt(sheet, row, column))
  for (let row = Math.min(within.bottom, sheet.rows.length) - 1; row >= within.top; row -= 1) {
    for (
      let column = within.left;
      column < Math.min(within.right, sheet.rows[row]?.length ?? 0);
      column += 1
    ) {
      if (!filled(row, column)) continue
      let table: Bounds = { top: row, bottom: row + 1, left: column, right: column + 1 }
      for (let grew = true; grew; ) {
        grew = false
        const around = { top: table.top - 1, bottom: table.bottom, left: table.left - 1, right: table.right }
        const rowFilled = (r: number) => {
          for (let c = around.left; c <= around.right; c += 1) if (filled(r, c)) return true
          return false
        }
        const columnFilled = (c: number) => {
          for (let r = around.top; r <= around.bottom; r += 1) if (filled(r, c)) return true
          return false
        }
        if (rowFilled(around.top)) [table, grew] = [{ ...table, top: around.top }, true]
        else if (rowFilled(around.bottom)) [table, grew] = [{ ...table, bottom: around.bottom + 1 }, true]
        else if (columnFilled(around.left)) [table, grew] = [{ ...table, left: around.left }, true]
        else if (columnFilled(around.right)) [table, grew] = [{ ...table, right: around.right + 1 }, true]
      }
      return table
    }
  }
  return null
}
