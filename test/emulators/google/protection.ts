import { invalid } from './failure.ts'
import { type Bounds, boundsOf, type Role, type Sheet, type SpreadsheetFile } from './model.ts'

/** Who a call comes from, and what the file's sharing lets them do. */
export interface Caller {
  readonly email: string
  readonly role: Role
}

/** Refuses a change of cells that a protected range keeps from this caller. The owner may change anything. */
export function assertEditable(file: SpreadsheetFile, sheet: Sheet, bounds: Bounds, caller: Caller): void {
  if (caller.email === file.owner) return
  for (const { range, warningOnly, editors } of sheet.protectedRanges) {
    if (warningOnly || editors.includes(caller.email)) continue
    const kept = boundsOf(range, sheet)
    const rows = Math.max(kept.top, bounds.top) < Math.min(kept.bottom, bounds.bottom)
    const columns = Math.max(kept.left, bounds.left) < Math.min(kept.right, bounds.right)
    if (rows && columns) {
      throw invalid(
        'You are trying to edit a protected cell or object. Please contact the spreadsheet owner to remove protection if you need to edit.',
      )
    }
  }
}

// Ten million cells a spreadsheet: https://support.google.com/drive/answer/37603
const cellLimit = 10_000_000
// 50,000 characters a cell: the same page.
const characterLimit = 50_000

/** Refuses a file whose grids have grown over Google's limit. */
export function assertCellCount(file: SpreadsheetFile): void {
  const cells = file.sheets.reduce((sum, s) => sum + s.rowCount * s.columnCount, 0)
  if (cells > cellLimit) {
    throw invalid(
      `This action would increase the number of cells in the workbook above the limit of ${cellLimit} cells.`,
    )
  }
}

/** Refuses text that is too long for one cell. */
export function assertLength(text: string): void {
  if (text.length > characterLimit) {
    throw invalid(
      `Your input contains more than the maximum of ${characterLimit} characters in a single cell.`,
    )
  }
}
