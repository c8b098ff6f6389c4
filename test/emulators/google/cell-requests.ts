import { invalid } from './failure.ts'
import { editCells, withSheet } from './grid-edit.ts'
import { below, cellSchema, type Mask, parseMask } from './mask.ts'
import {
  type Bounds,
  boundsOf,
  type Cell,
  type GridRange,
  type NumberFormat,
  normalCell,
  type Sheet,
  type SpreadsheetFile,
} from './model.ts'
import { Payload } from './payload.ts'
import { assertCellCount, assertEditable, assertLength, type Caller } from './protection.ts'
import { shiftReferences } from './references.ts'
import { sortedRows } from './sort.ts'

// The requests of spreadsheets.batchUpdate that change cells.

export interface RequestContext {
  readonly caller: Caller
  readonly random: () => number
  /** What is wanted of the spreadsheet that the answer shows */
  readonly mask: Mask
}

export interface Applied {
  readonly file: SpreadsheetFile
  readonly reply?: Record<string, unknown>
}

export type Apply = (file: SpreadsheetFile, body: unknown, where: string, context: RequestContext) => Applied

export const gridRangeFields = [
  'sheetId',
  'startRowIndex',
  'endRowIndex',
  'startColumnIndex',
  'endColumnIndex',
] as const

/** The sheet of that id, or Google's "No grid with id". An absent id means 0, as in any protobuf. */
export function sheetById(file: SpreadsheetFile, sheetId: number | undefined): Sheet {
  const sheet = file.sheets.find((s) => s.sheetId === (sheetId ?? 0))
  if (!sheet) throw invalid(`No grid with id: ${sheetId ?? 0}`)
  return sheet
}

/** Reads a GridRange and finds its sheet. */
export function readGridRange(file: SpreadsheetFile, payload: Payload): { sheet: Sheet; range: GridRange } {
  const sheet = sheetById(file, payload.integer('sheetId'))
  const range: { -readonly [K in keyof GridRange]: GridRange[K] } = { sheetId: sheet.sheetId }
  for (const name of gridRangeFields.slice(1)) {
    const value = payload.integer(name)
    if (value === undefined) continue
    if (value < 0) throw invalid(`${name} must not be negative: ${value}`)
    range[name] = value
  }
  const { startRowIndex = 0, endRowIndex, startColumnIndex = 0, endColumnIndex } = range
  if (endRowIndex !== undefined && endRowIndex < startRowIndex) {
    throw invalid(`endRowIndex[${endRowIndex}] must be after startRowIndex[${startRowIndex}]`)
  }
  if (endColumnIndex !== undefined && endColumnIndex < startColumnIndex) {
    throw invalid(`endColumnIndex[${endColumnIndex}] must be after startColumnIndex[${startColumnIndex}]`)
  }
  if (startRowIndex >= sheet.rowCount) {
    throw invalid(`range.startRowIndex[${startRowIndex}] is after last row in grid[${sheet.rowCount}]`)
  }
  return { sheet, range }
}

type CellInput = Pick<Cell, 'value' | 'formula' | 'note' | 'format'>

function readCell(value: unknown, where: string): CellInput {
  const payload = new Payload(value ?? {}, where, Object.keys(cellSchema))
  const input: { -readonly [K in keyof CellInput]: CellInput[K] } = {}
  const entered = payload.object('userEnteredValue', [
    'numberValue',
    'stringValue',
    'boolValue',
    'formulaValue',
    'errorValue',
  ])
  if (entered) {
    const formula = entered.text('formulaValue')
    const text = entered.text('stringValue')
    const scalar = entered.number('numberValue') ?? entered.flag('boolValue') ?? text
    if (formula !== undefined) {
      if (!formula.startsWith('=')) throw invalid(`formulaValue must start with "=": ${formula}`)
      assertLength(formula)
      input.formula = formula
    } else if (scalar !== undefined && scalar !== '') input.value = scalar
    if (text !== undefined) assertLength(text)
  }
  const note = payload.text('note')
  if (note !== undefined && note !== '') input.note = note
  const format = readFormat(payload)
  if (format) input.format = format
  return input
}

const formatTypes = [
  'TEXT',
  'NUMBER',
  'PERCENT',
  'CURRENCY',
  'DATE',
  'TIME',
  'DATE_TIME',
  'SCIENTIFIC',
] as const

function readFormat(payload: Payload): NumberFormat | undefined {
  const format = payload
    .object('userEnteredFormat', ['numberFormat', 'horizontalAlignment', 'wrapStrategy'])
    ?.object('numberFormat', ['type', 'pattern'])
  if (!format) return undefined
  const type = formatTypes.find((t) => t === format.text('type'))
  if (!type) throw invalid('Missing or unknown number format type')
  const pattern = format.text('pattern')
  return { type, ...(pattern !== undefined && { pattern }) }
}

function readFields(payload: Payload): Mask {
  const fields = payload.text('fields')
  if (!fields) {
    throw invalid("At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)")
  }
  return parseMask(fields, cellSchema)
}

/** What a write leaves of a cell: fields in the mask come from the input, or go; the others stay. */
function merged(cell: Cell | null, input: CellInput, mask: Mask): Cell | null {
  const result: { -readonly [K in keyof Cell]: Cell[K] } = { ...cell }
  if (below(mask, 'userEnteredValue')) {
    delete result.value
    delete result.formula
    if (input.formula !== undefined) result.formula = input.formula
    else if (input.value !== undefined) result.value = input.value
  }
  if (below(mask, 'note')) {
    delete result.note
    if (input.note !== undefined) result.note = input.note
  }
  if (below(mask, 'userEnteredFormat')) {
    delete result.format
    if (input.format !== undefined) result.format = input.format
  }
  return normalCell(result)
}

function readRows(payload: Payload): CellInput[][] {
  return payload.list('rows').map((row, r) => {
    const line = new Payload(row ?? {}, `${payload.path('rows')}[${r}]`, ['values'])
    return line.list('values').map((cell, c) => readCell(cell, `${line.path('values')}[${c}]`))
  })
}

export const updateCells: Apply = (file, body, where, { caller }) => {
  const payload = new Payload(body, where, ['rows', 'fields', 'start', 'range'])
  const mask = readFields(payload)
  const rows = readRows(payload)
  const width = Math.max(0, ...rows.map((row) => row.length))
  const start = payload.object('start', ['sheetId', 'rowIndex', 'columnIndex'])
  const ranged = payload.object('range', gridRangeFields)
  if (Boolean(start) === Boolean(ranged)) throw invalid('Exactly one of start and range must be set')
  let sheet: Sheet
  let bounds: Bounds
  if (ranged) {
    const found = readGridRange(file, ranged)
    sheet = found.sheet
    bounds = boundsOf(found.range, sheet)
    if (bounds.left + width > bounds.right) {
      throw invalid(
        `Attempting to write column: ${bounds.right}, beyond the last requested column of: ${bounds.right - 1}`,
      )
    }
    if (bounds.top + rows.length > bounds.bottom) {
      throw invalid(
        `Attempting to write row: ${bounds.bottom}, beyond the last requested row of: ${bounds.bottom - 1}`,
      )
    }
  } else {
    sheet = sheetById(file, start?.integer('sheetId'))
    const top = start?.integer('rowIndex') ?? 0
    const left = start?.integer('columnIndex') ?? 0
    if (top >= sheet.rowCount || top < 0) {
      throw invalid(`GridCoordinate.rowIndex[${top}] is after last row in grid[${sheet.rowCount}]`)
    }
    if (left + width > sheet.columnCount || left < 0) {
      throw invalid(
        `Attempting to write column: ${sheet.columnCount}, beyond the last requested column of: ${sheet.columnCount - 1}`,
      )
    }
    if (top + rows.length > sheet.rowCount) {
      throw invalid(
        `Attempting to write row: ${sheet.rowCount}, beyond the last requested row of: ${sheet.rowCount - 1}`,
      )
    }
    bounds = { top, left, bottom: top + rows.length, right: left + width }
  }
  assertEditable(file, sheet, bounds, caller)
  const edited = editCells(sheet, bounds, (cell, row, column) => {
    const input = rows[row - bounds.top]?.[column - bounds.left]
    // With `start`, a row that is shorter than the others leaves what lies beyond it alone.
    if (!input && !ranged) return cell
    return merged(cell, input ?? {}, mask)
  })
  return { file: withSheet(file, edited) }
}

export const repeatCell: Apply = (file, body, where, { caller }) => {
  const payload = new Payload(body, where, ['range', 'cell', 'fields'])
  const mask = readFields(payload)
  const { sheet, range } = readGridRange(file, payload.required('range', gridRangeFields))
  const bounds = boundsOf(range, sheet)
  assertEditable(file, sheet, bounds, caller)
  const input = readCell(payload.raw('cell'), payload.path('cell'))
  const edited = editCells(sheet, bounds, (cell, row, column) => {
    // A repeated formula is filled down and across, as by dragging it.
    const formula = input.formula && shiftReferences(input.formula, row - bounds.top, column - bounds.left)
    return merged(cell, { ...input, ...(formula && { formula }) }, mask)
  })
  return { file: withSheet(file, edited) }
}

export const appendCells: Apply = (file, body, where, { caller }) => {
  const payload = new Payload(body, where, ['sheetId', 'rows', 'fields'])
  const mask = readFields(payload)
  const sheet = sheetById(file, payload.integer('sheetId'))
  const rows = readRows(payload)
  const width = Math.max(0, ...rows.map((row) => row.length))
  if (width > sheet.columnCount) {
    throw invalid(
      `Attempting to write column: ${sheet.columnCount}, beyond the last requested column of: ${sheet.columnCount - 1}`,
    )
  }
  const top = sheet.rows.findLastIndex((row) => row.some((cell) => cell !== null)) + 1
  const roomy = { ...sheet, rowCount: Math.max(sheet.rowCount, top + rows.length) }
  const bounds = { top, bottom: top + rows.length, left: 0, right: width }
  assertEditable(file, roomy, bounds, caller)
  const edited = editCells(roomy, bounds, (cell, row, column) => {
    const input = rows[row - top]?.[column]
    return input ? merged(cell, input, mask) : cell
  })
  const grown = withSheet(file, edited)
  assertCellCount(grown)
  return { file: grown }
}

export const sortRange: Apply = (file, body, where, { caller }) => {
  const payload = new Payload(body, where, ['range', 'sortSpecs'])
  const { sheet, range } = readGridRange(file, payload.required('range', gridRangeFields))
  const bounds = boundsOf(range, sheet)
  assertEditable(file, sheet, bounds, caller)
  const keys = payload.list('sortSpecs').map((spec, i) => {
    const entry = new Payload(spec, `${payload.path('sortSpecs')}[${i}]`, ['dimensionIndex', 'sortOrder'])
    return {
      column: entry.integer('dimensionIndex') ?? 0,
      descending: entry.text('sortOrder') === 'DESCENDING',
    }
  })
  return { file: withSheet(file, sortedRows(file, sheet, bounds, keys)) }
}
