import { display } from './format.ts'
import { CellError, type Effective, effectiveValue } from './formula.ts'
import { type Locale, localeNamed } from './locale.ts'
import { applyMask, below, type Mask } from './mask.ts'
import { boundsOf, type Cell, type GridRange, type Sheet, type SpreadsheetFile } from './model.ts'
import { extentOf, spilled } from './spill.ts'

/** Which parts of a file a caller asked for: ranges by sheet, or everything. */
export type Selection = ReadonlyMap<number, readonly GridRange[]> | null

export interface ResourceOptions {
  readonly mask: Mask
  readonly selection: Selection
  /** Grid data without a mask must be asked for; with a mask the mask decides */
  readonly withData: boolean
  readonly requester: string
}

/** The Spreadsheet resource of a file, holding no more than the mask names: large sheets are built once, not cut. */
export function spreadsheetResource(
  file: SpreadsheetFile,
  options: ResourceOptions,
): Record<string, unknown> {
  const { mask, selection } = options
  const resource: Record<string, unknown> = {}
  if (below(mask, 'spreadsheetId')) resource.spreadsheetId = file.spreadsheetId
  const properties = below(mask, 'properties')
  if (properties) {
    const { title, locale, timeZone } = file
    resource.properties = applyMask(properties, { title, locale, autoRecalc: 'ON_CHANGE', timeZone })
  }
  const sheetMask = below(mask, 'sheets')
  if (sheetMask) {
    resource.sheets = file.sheets.flatMap((sheet, index) => {
      const ranges = selection ? selection.get(sheet.sheetId) : [{ sheetId: sheet.sheetId }]
      return ranges ? [sheetResource(file, sheet, index, ranges, { ...options, mask: sheetMask })] : []
    })
  }
  if (below(mask, 'spreadsheetUrl')) {
    resource.spreadsheetUrl = `https://docs.google.com/spreadsheets/d/${file.spreadsheetId}/edit`
  }
  return resource
}

/** A sheet's properties as the API shows them. */
export function sheetProperties(sheet: Sheet, index: number): Record<string, unknown> {
  const { sheetId, title, rowCount, columnCount, frozenRowCount } = sheet
  return {
    sheetId,
    title,
    index,
    sheetType: 'GRID',
    gridProperties: { rowCount, columnCount, ...(frozenRowCount > 0 && { frozenRowCount }) },
    ...(sheet.hidden && { hidden: true }),
  }
}

function sheetResource(
  file: SpreadsheetFile,
  sheet: Sheet,
  index: number,
  ranges: readonly GridRange[],
  { mask, withData, requester }: ResourceOptions,
): Record<string, unknown> {
  const resource: Record<string, unknown> = {}
  const properties = below(mask, 'properties')
  if (properties) resource.properties = applyMask(properties, sheetProperties(sheet, index))
  const data = below(mask, 'data')
  if (data && withData) resource.data = ranges.map((range) => gridData(file, sheet, range, data))
  const protections = below(mask, 'protectedRanges')
  if (protections && sheet.protectedRanges.length > 0) {
    resource.protectedRanges = sheet.protectedRanges.map((p) => {
      const canEdit = p.warningOnly || requester === file.owner || p.editors.includes(requester)
      return applyMask(protections, {
        protectedRangeId: p.protectedRangeId,
        range: p.range,
        ...(p.description !== undefined && { description: p.description }),
        ...(p.warningOnly && { warningOnly: true }),
        ...(canEdit && { requestingUserCanEdit: true }),
        ...(canEdit && !p.warningOnly && { editors: { users: [file.owner, ...p.editors] } }),
      })
    })
  }
  const merges = below(mask, 'merges')
  if (merges && sheet.merges?.length) resource.merges = sheet.merges.map((range) => applyMask(merges, range))
  return resource
}

function gridData(
  file: SpreadsheetFile,
  sheet: Sheet,
  range: GridRange,
  mask: Mask,
): Record<string, unknown> {
  const { top, bottom, left, right } = boundsOf(range, sheet)
  const data: Record<string, unknown> = {}
  if (top > 0 && below(mask, 'startRow')) data.startRow = top
  if (left > 0 && below(mask, 'startColumn')) data.startColumn = left
  const rowMask = below(mask, 'rowData')
  if (rowMask) {
    const cellMask = below(rowMask, 'values')
    const build = cellBuilder(file, sheet, cellMask ?? {})
    const rowData: Record<string, unknown>[] = []
    const extent = extentOf(sheet)
    const spills = spilled(sheet)
    let filled = 0
    for (let row = top; row < Math.min(bottom, extent.rows); row += 1) {
      const cells = sheet.rows[row] ?? []
      const end = extent.width(row)
      const values: Record<string, unknown>[] = []
      let width = 0
      for (let column = left; column < Math.min(right, end); column += 1) {
        const cell = cells[column] ?? (spills.has(`${row}:${column}`) ? {} : null)
        values.push(cell ? build(cell, row, column) : {})
        if (cell) width = values.length
      }
      rowData.push(width > 0 && cellMask ? { values: values.slice(0, width) } : {})
      if (width > 0) filled = rowData.length
    }
    if (filled > 0) data.rowData = rowData.slice(0, filled)
  }
  const rowMetadata = below(mask, 'rowMetadata')
  if (rowMetadata) data.rowMetadata = metadata(top, bottom, sheet.hiddenRows, 21, rowMetadata)
  const columnMetadata = below(mask, 'columnMetadata')
  if (columnMetadata) data.columnMetadata = metadata(left, right, sheet.hiddenColumns, 100, columnMetadata)
  return data
}

function metadata(start: number, end: number, hidden: readonly number[], pixelSize: number, mask: Mask) {
  return Array.from({ length: Math.max(0, end - start) }, (_, i) =>
    applyMask(mask, { pixelSize, ...(hidden.includes(start + i) && { hiddenByUser: true }) }),
  )
}

type BuildCell = (cell: Cell, row: number, column: number) => Record<string, unknown>

function cellBuilder(file: SpreadsheetFile, sheet: Sheet, mask: Mask): BuildCell {
  const locale = localeNamed(file.locale)
  const wanted = (field: string) => below(mask, field)
  const entered = wanted('userEnteredValue')
  const effective = wanted('effectiveValue')
  const formatted = wanted('formattedValue')
  const enteredFormat = wanted('userEnteredFormat')
  const effectiveFormat = wanted('effectiveFormat')
  const note = wanted('note')
  return (cell, row, column) => {
    const data: Record<string, unknown> = {}
    if (entered && (cell.formula !== undefined || cell.value !== undefined)) {
      data.userEnteredValue = applyMask(
        entered,
        cell.formula !== undefined ? { formulaValue: cell.formula } : extended(cell.value ?? null),
      )
    }
    if (effective || formatted) {
      const value = effectiveValue(file, sheet, row, column)
      if (value !== null && effective) data.effectiveValue = applyMask(effective, extended(value))
      if (value !== null && formatted) data.formattedValue = shown(value, cell, locale)
    }
    if (cell.format && enteredFormat) {
      data.userEnteredFormat = applyMask(enteredFormat, { numberFormat: cell.format })
    }
    if (cell.format && effectiveFormat) {
      data.effectiveFormat = applyMask(effectiveFormat, { numberFormat: cell.format })
    }
    if (cell.note !== undefined && note) data.note = cell.note
    return data
  }
}

/** The text a cell shows; null for an empty one. */
export function shown(value: Effective, cell: Cell | null, locale: Locale): string {
  if (value === null) return ''
  return value instanceof CellError ? value.text : display(value, cell?.format, locale)
}

function extended(value: Effective): Record<string, unknown> {
  if (value === null) return {}
  if (value instanceof CellError) return { errorValue: { type: value.type, message: value.message } }
  if (typeof value === 'number') return { numberValue: value }
  return typeof value === 'boolean' ? { boolValue: value } : { stringValue: value }
}
