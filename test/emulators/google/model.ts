// The state of the emulated Google. Everything here is plain JSON and never changed in place: a write makes new
// arrays and objects along its path and shares the rest, so that a snapshot costs nothing and a failed
// batchUpdate is undone by forgetting the draft.

/** What a cell can hold apart from a formula. */
export type Scalar = string | number | boolean

export type NumberFormatType =
  | 'TEXT'
  | 'NUMBER'
  | 'PERCENT'
  | 'CURRENCY'
  | 'DATE'
  | 'TIME'
  | 'DATE_TIME'
  | 'SCIENTIFIC'

export interface NumberFormat {
  readonly type: NumberFormatType
  readonly pattern?: string
}

/** A cell that was touched. `formula` and `value` exclude each other; what a formula gives is computed on reading. */
export interface Cell {
  readonly value?: Scalar
  readonly formula?: string
  readonly note?: string
  readonly format?: NumberFormat
  /** A dropdown or a checkbox, as a person made it */
  readonly validation?: Validation
}

export interface Validation {
  readonly type: 'ONE_OF_LIST' | 'BOOLEAN'
  readonly values?: readonly string[]
}

/** Cells from column A; shorter than the sheet is wide, null where nothing was ever entered. */
export type Row = readonly (Cell | null)[]

/** Half-open, in zero-based indexes; an absent bound is open. */
export interface GridRange {
  readonly sheetId: number
  readonly startRowIndex?: number
  readonly endRowIndex?: number
  readonly startColumnIndex?: number
  readonly endColumnIndex?: number
}

export interface ProtectedRange {
  readonly protectedRangeId: number
  readonly range: GridRange
  readonly description?: string
  readonly warningOnly: boolean
  /** Addresses besides the owner's, who may always edit */
  readonly editors: readonly string[]
}

export interface Sheet {
  readonly sheetId: number
  readonly title: string
  readonly hidden: boolean
  readonly rowCount: number
  readonly columnCount: number
  readonly frozenRowCount: number
  /** May be shorter than rowCount */
  readonly rows: readonly Row[]
  readonly hiddenRows: readonly number[]
  readonly hiddenColumns: readonly number[]
  readonly protectedRanges: readonly ProtectedRange[]
  readonly merges?: readonly GridRange[]
}

export type Role = 'owner' | 'writer' | 'commenter' | 'reader'

export interface SpreadsheetFile {
  readonly spreadsheetId: string
  readonly title: string
  readonly locale: string
  readonly timeZone: string
  readonly owner: string
  readonly permissions: Readonly<Record<string, Role>>
  readonly sheets: readonly Sheet[]
  readonly trashed: boolean
  /** What Drive calls `version` */
  readonly version: number
  readonly createdTime: number
  readonly modifiedTime: number
}

export interface ServiceAccount {
  readonly email: string
  /** SPKI, PEM */
  readonly publicKey: string
  readonly project: string
}

export interface AccessToken {
  readonly email: string
  readonly scopes: readonly string[]
  readonly expiresAt: number
}

/** All that `snapshot()` gives and `restore()` takes. */
export interface World {
  readonly files: Readonly<Record<string, SpreadsheetFile>>
  readonly accounts: Readonly<Record<string, ServiceAccount>>
  readonly tokens: Readonly<Record<string, AccessToken>>
  /** Calls used, by bucket; a bucket's `window` is the minute or day it was counted in */
  readonly quota: Readonly<Record<string, { readonly window: string; readonly used: number }>>
  readonly serial: number
}

/** Holds the current world; the only thing that changes. */
export interface Store {
  world: World
}

export const emptyWorld: World = { files: {}, accounts: {}, tokens: {}, quota: {}, serial: 0 }

/** The cell at a zero-based place, or null. */
export function cellAt(sheet: Sheet, row: number, column: number): Cell | null {
  return sheet.rows[row]?.[column] ?? null
}

/** True when the cell holds a value or a formula; a note or a format alone doesn't count. */
export function hasValue(cell: Cell | null | undefined): cell is Cell {
  return cell != null && (cell.value !== undefined || cell.formula !== undefined)
}

/** A cell without members, or null where nothing is left of it. */
export function normalCell(cell: Cell): Cell | null {
  const kept: { -readonly [K in keyof Cell]: Cell[K] } = {}
  if (cell.formula !== undefined) kept.formula = cell.formula
  else if (cell.value !== undefined) kept.value = cell.value
  if (cell.note) kept.note = cell.note
  if (cell.format) kept.format = cell.format
  if (cell.validation) kept.validation = cell.validation
  return Object.keys(kept).length > 0 ? kept : null
}

/** A row with one cell replaced. */
export function withCell(row: Row | undefined, column: number, cell: Cell | null): Row {
  const cells = row ? row.slice() : []
  while (cells.length <= column) cells.push(null)
  cells[column] = cell
  return trimRow(cells)
}

export function trimRow(row: Row): Row {
  let length = row.length
  while (length > 0 && row[length - 1] === null) length -= 1
  return length === row.length ? row : row.slice(0, length)
}

/** A fresh sheet of Google's default size, or larger where its rows need it. */
export function newSheet(sheetId: number, title: string, rowCount = 1000, columnCount = 26): Sheet {
  return {
    sheetId,
    title,
    hidden: false,
    rowCount,
    columnCount,
    frozenRowCount: 0,
    rows: [],
    hiddenRows: [],
    hiddenColumns: [],
    protectedRanges: [],
  }
}

/** The bounds of a range on a sheet, closed where open and cut to the grid. */
export function boundsOf(range: Omit<GridRange, 'sheetId'>, sheet: Sheet) {
  return {
    top: range.startRowIndex ?? 0,
    bottom: Math.min(range.endRowIndex ?? sheet.rowCount, sheet.rowCount),
    left: range.startColumnIndex ?? 0,
    right: Math.min(range.endColumnIndex ?? sheet.columnCount, sheet.columnCount),
  }
}

export type Bounds = ReturnType<typeof boundsOf>
