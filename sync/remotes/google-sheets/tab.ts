import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/index.js'

export type CellData = sheets_v4.Schema$CellData
export type Entered = sheets_v4.Schema$ExtendedValue

/** One tab as it stood at one moment, with what belongs to reading it. */
export interface Tab {
  readonly sheetId: number
  readonly title: string
  /** The spreadsheet's, `de_DE` */
  readonly locale: string
  readonly rowCount: number
  readonly columnCount: number
  /** From A1; rows and cells beyond the last filled one are absent */
  readonly rows: readonly (readonly CellData[])[]
  /** Ranges that this account may not edit */
  readonly kept: readonly sheets_v4.Schema$GridRange[]
}

/** The fields of a Spreadsheet that `tabsOf` reads. Values, formulas, notes and formats in one answer are one moment. */
export const tabFields = (protections: boolean): string =>
  'properties(title,locale),sheets(properties(sheetId,title,gridProperties(rowCount,columnCount)),' +
  'data(rowData(values(effectiveValue,userEnteredValue,effectiveFormat/numberFormat/type,note)))' +
  `${protections ? ',protectedRanges(range,warningOnly,requestingUserCanEdit)' : ''})`

/** The tabs of an answer that was asked for with `tabFields`. */
export function tabsOf(spreadsheet: sheets_v4.Schema$Spreadsheet): Tab[] {
  return (spreadsheet.sheets ?? []).map(({ properties, data, protectedRanges }) => ({
    sheetId: properties?.sheetId ?? 0,
    title: properties?.title ?? '',
    locale: spreadsheet.properties?.locale ?? '',
    rowCount: properties?.gridProperties?.rowCount ?? 0,
    columnCount: properties?.gridProperties?.columnCount ?? 0,
    rows: (data?.[0]?.rowData ?? []).map(({ values }) => values ?? []),
    kept: (protectedRanges ?? []).flatMap(({ range, warningOnly, requestingUserCanEdit }) =>
      range && !warningOnly && !requestingUserCanEdit ? [range] : [],
    ),
  }))
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
