import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/index.js'

export type CellData = sheets_v4.Schema$CellData
export type Entered = sheets_v4.Schema$ExtendedValue
export type NumberFormat = sheets_v4.Schema$NumberFormat

/** One tab as it stood at one moment, with what belongs to reading it. */
export interface Tab {
  readonly sheetId: number
  readonly title: string
  /** The spreadsheet's, `de_DE` */
  readonly locale: string
  /** IANA name; '' where it wasn't asked for */
  readonly timeZone: string
  /** How it was asked for */
  readonly look: Look
  readonly rowCount: number
  readonly columnCount: number
  /** From A1; rows and cells beyond the last filled one are absent */
  readonly rows: readonly (readonly CellData[])[]
  /** Ranges that this account may not edit */
  readonly kept: readonly sheets_v4.Schema$GridRange[]
  readonly merges: readonly sheets_v4.Schema$GridRange[]
}

/** What is asked of a tab. */
export interface Look {
  /** Also what this account may not edit */
  readonly protections: boolean
  /** For a link both ways: time zone, formats and merged cells too */
  readonly both: boolean
  /**
   * What was entered is not asked for where it is what the cell shows: a good part of the answer. A value that a formula spilled then
   * looks entered, see `maySpill`
   */
  readonly lean: boolean
}

/** The fields of a Spreadsheet that `tabsOf` reads. Values, formulas, notes and formats in one answer are one moment. */
export function tabFields({ protections, both, lean }: Look): string {
  const entered = `userEnteredValue${lean ? '/formulaValue' : ''}`
  const format = `effectiveFormat/numberFormat${both ? '' : '/type'}`
  return (
    `properties(title,locale${both ? ',timeZone' : ''}),` +
    `sheets(properties(sheetId,title,gridProperties(rowCount,columnCount)),${both ? 'merges,' : ''}` +
    `data(rowData(values(effectiveValue,${entered},${format},note)))` +
    `${protections ? ',protectedRanges(range,warningOnly,requestingUserCanEdit)' : ''})`
  )
}

/** The tabs of an answer that was asked for with `tabFields`. */
export function tabsOf({ properties: file, sheets }: sheets_v4.Schema$Spreadsheet, look: Look): Tab[] {
  return (sheets ?? []).map(({ properties, data, protectedRanges, merges }) => ({
    sheetId: properties?.sheetId ?? 0,
    title: properties?.title ?? '',
    locale: file?.locale ?? '',
    timeZone: file?.timeZone ?? '',
    look,
    rowCount: properties?.gridProperties?.rowCount ?? 0,
    columnCount: properties?.gridProperties?.columnCount ?? 0,
    rows: (data?.[0]?.rowData ?? []).map(({ values }) => (look.lean ? completed(values) : (values ?? []))),
    kept: (protectedRanges ?? []).flatMap(({ range, warningOnly, requestingUserCanEdit }) =>
      range && !warningOnly && !requestingUserCanEdit ? [range] : [],
    ),
    merges: merges ?? [],
  }))
}

/** Puts in what a lean look left out. In place: a large tab is held once. */
function completed(cells: CellData[] = []): CellData[] {
  for (const cell of cells)
    if (cell.effectiveValue && cell.userEnteredValue?.formulaValue == null)
      cell.userEnteredValue = cell.effectiveValue
  return cells
}

const empty: CellData = {}

/** Google's names of errors, and what the cell shows. */
const errors: Readonly<Record<string, string>> = {
  NULL_VALUE: '#NULL!',
  DIVIDE_BY_ZERO: '#DIV/0!',
  VALUE: '#VALUE!',
  REF: '#REF!',
  NAME: '#NAME?',
  NUM: '#NUM!',
  N_A: '#N/A',
}

export const cellAt = (tab: Tab, row: number, column: number): CellData => tab.rows[row]?.[column] ?? empty

/** Text as a person sees it, near enough to quote it; '' for an empty cell. */
export function textOf({ effectiveValue: value }: CellData): string {
  if (!value) return ''
  if (value.errorValue) return errors[value.errorValue.type ?? ''] ?? '#ERROR!'
  if (value.boolValue != null) return value.boolValue ? 'TRUE' : 'FALSE'
  return value.stringValue ?? (value.numberValue == null ? '' : String(value.numberValue))
}

export const isFormula = ({ userEnteredValue }: CellData): boolean => userEnteredValue?.formulaValue != null

/** Whether a formula says what the cell shows: its own, or one that spilled over it. */
export const isComputed = (cell: CellData): boolean =>
  isFormula(cell) || (cell.effectiveValue != null && cell.userEnteredValue == null)

/**
 * Whether a formula of the tab may fill cells beside its own: a range in braces, or a function that gives one. Where that is
 * not sure it counts as one, which costs another reading.
 */
export const maySpill = ({ rows }: Tab): boolean =>
  rows.some((cells) =>
    cells.some(({ userEnteredValue }) => SPILLS.test(userEnteredValue?.formulaValue ?? '')),
  )

const SPILLS =
  /\{|\b(ARRAY|FILTER|QUERY|SORT|UNIQUE|SPLIT|TRANSPOSE|IMPORT|SEQUENCE|FLATTEN|MAP|BYROW|BYCOL|MAKEARRAY|GOOGLEFINANCE|HSTACK|VSTACK|TOCOL|TOROW|CHOOSE|WRAP|RANDARRAY|LET|LAMBDA|REGEXEXTRACT|LINEST|TREND|GROWTH|FREQUENCY|MMULT|MINVERSE|MUNIT)/i

/** Whether the tab holds nothing at all, not even a formula. */
export const isBlank = ({ rows }: Tab): boolean =>
  !rows.some((cells) => cells.some((cell) => cell.userEnteredValue ?? cell.effectiveValue))

/** Whether a cell is covered by one that it is merged with. */
export const isMerged = ({ merges }: Tab, row: number, column: number): boolean =>
  merges.some(
    ({ startRowIndex, endRowIndex, startColumnIndex, endColumnIndex }) =>
      row >= (startRowIndex ?? 0) &&
      row < (endRowIndex ?? 0) &&
      column >= (startColumnIndex ?? 0) &&
      column < (endColumnIndex ?? 0) &&
      (row > (startRowIndex ?? 0) || column > (startColumnIndex ?? 0)),
  )

/** What was entered into a cell, as one text to compare by; '' for nothing. */
export function enteredKey(entered: Entered | null | undefined): string {
  if (!entered) return ''
  const { formulaValue, numberValue, boolValue, stringValue } = entered
  if (formulaValue != null) return `f${formulaValue}`
  if (numberValue != null) return `n${numberValue}`
  if (boolValue != null) return `b${boolValue}`
  return stringValue ? `s${stringValue}` : ''
}

/** Roughly what a tab's answer weighs in bytes, in steps so that a changed cell doesn't change it. */
export function weightOf({ rows }: Tab): number {
  let bytes = 0
  for (const cells of rows)
    for (const cell of cells) {
      // Measured on compact JSON: about 60 bytes of names a value, again with a format, and texts stand there twice.
      if (!cell.userEnteredValue && !cell.effectiveValue) bytes += 4
      else bytes += 100 + 2 * (cell.effectiveValue?.stringValue?.length ?? 0) + (cell.note?.length ?? 0)
    }
  return Math.ceil(bytes / 32_768) * 32_768
}
