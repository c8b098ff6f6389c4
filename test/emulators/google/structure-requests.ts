import { sheetTitled } from './a1.ts'
import { type Apply, sheetById } from './cell-requests.ts'
import { invalid } from './failure.ts'
import { sheetProperties } from './grid.ts'
import {
  type Dimension,
  deleteDimension,
  insertDimension,
  mapFormulas,
  moveDimension,
  withSheet,
} from './grid-edit.ts'
import { localeNamed } from './locale.ts'
import { applyMask, below, parseMask, sheetPropertiesSchema } from './mask.ts'
import { boundsOf, newSheet, type Sheet, type SpreadsheetFile } from './model.ts'
import { Payload } from './payload.ts'
import { assertCellCount, assertEditable, type Caller } from './protection.ts'
import { rewriteReferences } from './references.ts'

// The requests of spreadsheets.batchUpdate that change tabs, rows, columns and protections.

/** A sheet id such as Google draws them: random, never in use. */
export function freshSheetId(file: SpreadsheetFile, random: () => number): number {
  for (;;) {
    const id = Math.floor(random() * 2_000_000_000)
    if (!file.sheets.some((s) => s.sheetId === id)) return id
  }
}

const propertyFields = ['sheetId', 'title', 'index', 'sheetType', 'hidden', 'gridProperties'] as const
const gridFields = ['rowCount', 'columnCount', 'frozenRowCount', 'frozenColumnCount'] as const

function assertFreeTitle(file: SpreadsheetFile, title: string, own?: number): void {
  const other = sheetTitled(file, title)
  if (other && other.sheetId !== own) {
    throw invalid(`A sheet with the name "${title}" already exists. Please enter another name.`)
  }
}

function placed(sheets: readonly Sheet[], sheet: Sheet, index: number): Sheet[] {
  const rest = sheets.filter((s) => s.sheetId !== sheet.sheetId)
  return rest.toSpliced(Math.max(0, Math.min(index, rest.length)), 0, sheet)
}

function assertThawed({ frozenRowCount, rowCount }: Sheet): void {
  if (frozenRowCount >= rowCount) throw invalid("You can't freeze all visible rows on the sheet.")
}

export const addSheet: Apply = (file, body, where, { random }) => {
  const payload = new Payload(body, where, ['properties'])
  const properties = payload.object('properties', propertyFields)
  const grid = properties?.object('gridProperties', gridFields)
  const title = properties?.text('title') ?? `Sheet${file.sheets.length + 1}`
  assertFreeTitle(file, title)
  const sheetId = properties?.integer('sheetId') ?? freshSheetId(file, random)
  if (file.sheets.some((s) => s.sheetId === sheetId)) {
    throw invalid(`A sheet with the ID ${sheetId} already exists.`)
  }
  const sheet: Sheet = {
    ...newSheet(sheetId, title, grid?.integer('rowCount'), grid?.integer('columnCount')),
    frozenRowCount: grid?.integer('frozenRowCount') ?? 0,
    hidden: properties?.flag('hidden') ?? false,
  }
  assertThawed(sheet)
  const index = properties?.integer('index') ?? file.sheets.length
  const grown = { ...file, sheets: placed(file.sheets, sheet, index) }
  assertCellCount(grown)
  return {
    file: grown,
    reply: { addSheet: { properties: sheetProperties(sheet, grown.sheets.indexOf(sheet)) } },
  }
}

export const deleteSheet: Apply = (file, body, where, { caller }) => {
  const sheet = sheetById(file, new Payload(body, where, ['sheetId']).integer('sheetId'))
  assertEditable(file, sheet, boundsOf({}, sheet), caller)
  return { file: withoutSheet(file, sheet) }
}

/** The file without a tab; formulas that named it lose their reference. */
export function withoutSheet(file: SpreadsheetFile, sheet: Sheet): SpreadsheetFile {
  if (file.sheets.length === 1) throw invalid("You can't remove all the sheets in a document.")
  const title = sheet.title.toLowerCase()
  const sheets = file.sheets
    .filter((s) => s.sheetId !== sheet.sheetId)
    .map((s) => ({
      ...s,
      rows: mapFormulas(s.rows, (f) =>
        rewriteReferences(f, (r) => (r.sheet?.toLowerCase() === title ? null : r)),
      ),
    }))
  return { ...file, sheets }
}

/** The file with a tab renamed; formulas follow. */
export function renamedSheet(file: SpreadsheetFile, sheet: Sheet, title: string): SpreadsheetFile {
  assertFreeTitle(file, title, sheet.sheetId)
  if (title === '') throw invalid('The sheet name cannot be empty.')
  const before = sheet.title.toLowerCase()
  const sheets = file.sheets.map((s) => ({
    ...s,
    ...(s.sheetId === sheet.sheetId && { title }),
    rows: mapFormulas(s.rows, (f) =>
      rewriteReferences(f, (r) => (r.sheet?.toLowerCase() === before ? { ...r, sheet: title } : r)),
    ),
  }))
  return { ...file, sheets }
}

export const updateSheetProperties: Apply = (file, body, where) => {
  const payload = new Payload(body, where, ['properties', 'fields'])
  const properties = payload.required('properties', propertyFields)
  const fields = payload.text('fields')
  if (!fields)
    throw invalid("At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)")
  const mask = parseMask(fields, sheetPropertiesSchema)
  const sheet = sheetById(file, properties.integer('sheetId'))
  const grid = properties.object('gridProperties', gridFields)
  let result = file
  const title = properties.text('title')
  if (below(mask, 'title')) result = renamedSheet(result, sheet, title ?? '')
  const current = sheetById(result, sheet.sheetId)
  const gridMask = below(mask, 'gridProperties') ?? {}
  const sized = (name: 'rowCount' | 'columnCount' | 'frozenRowCount') =>
    below(gridMask, name)
      ? (grid?.integer(name) ?? (name === 'frozenRowCount' ? 0 : current[name]))
      : current[name]
  const rowCount = sized('rowCount')
  const columnCount = sized('columnCount')
  if (rowCount < 1 || columnCount < 1) throw invalid('You can’t delete all the rows or columns on the sheet.')
  const changed: Sheet = {
    ...current,
    rowCount,
    columnCount,
    frozenRowCount: sized('frozenRowCount'),
    hidden: below(mask, 'hidden') ? (properties.flag('hidden') ?? false) : current.hidden,
    rows:
      rowCount < current.rowCount || columnCount < current.columnCount
        ? current.rows.slice(0, rowCount).map((row) => row.slice(0, columnCount))
        : current.rows,
  }
  assertThawed(changed)
  result = withSheet(result, changed)
  if (below(mask, 'index')) {
    result = { ...result, sheets: placed(result.sheets, changed, properties.integer('index') ?? 0) }
  }
  assertCellCount(result)
  return { file: result }
}

export const updateSpreadsheetProperties: Apply = (file, body, where) => {
  const payload = new Payload(body, where, ['properties', 'fields'])
  const properties = payload.required('properties', ['title', 'locale', 'timeZone', 'autoRecalc'])
  const mask = parseMask(payload.text('fields') || '*', {
    title: true,
    locale: true,
    timeZone: true,
    autoRecalc: true,
  })
  const given = applyMask(mask, {
    title: properties.text('title') ?? file.title,
    locale: properties.text('locale') ?? file.locale,
    timeZone: properties.text('timeZone') ?? file.timeZone,
  })
  const changed = { ...file, ...(given as Partial<SpreadsheetFile>) }
  localeNamed(changed.locale)
  return { file: changed }
}

interface DimensionRange {
  readonly sheet: Sheet
  readonly dimension: Dimension
  readonly start: number
  readonly end: number
}

function readDimensionRange(file: SpreadsheetFile, payload: Payload): DimensionRange {
  const sheet = sheetById(file, payload.integer('sheetId'))
  const dimension = readDimension(payload)
  const size = dimension === 'ROWS' ? sheet.rowCount : sheet.columnCount
  const start = payload.integer('startIndex') ?? 0
  const end = payload.integer('endIndex') ?? size
  if (start < 0 || end <= start)
    throw invalid(`range.endIndex[${end}] must be after range.startIndex[${start}]`)
  return { sheet, dimension, start, end }
}

function readDimension(payload: Payload): Dimension {
  const dimension = payload.text('dimension')
  if (dimension !== 'ROWS' && dimension !== 'COLUMNS') throw invalid('No dimension specified.')
  return dimension
}

const dimensionFields = ['sheetId', 'dimension', 'startIndex', 'endIndex'] as const

function assertLinesEditable(file: SpreadsheetFile, range: DimensionRange, caller: Caller): void {
  const { sheet, dimension, start, end } = range
  const bounds =
    dimension === 'ROWS'
      ? { top: start, bottom: end, left: 0, right: sheet.columnCount }
      : { top: 0, bottom: sheet.rowCount, left: start, right: end }
  assertEditable(file, sheet, bounds, caller)
}

function assertInside({ sheet, dimension, start }: DimensionRange, extra = 0): void {
  const size = dimension === 'ROWS' ? sheet.rowCount : sheet.columnCount
  if (start < size + extra) return
  const line = dimension === 'ROWS' ? 'row' : 'column'
  throw invalid(`range.startIndex[${start}] is after last ${line} in grid[${size}]`)
}

export const insertDimensionRequest: Apply = (file, body, where) => {
  const payload = new Payload(body, where, ['range', 'inheritFromBefore'])
  const range = readDimensionRange(file, payload.required('range', dimensionFields))
  // A line can be inserted before any existing one; appendDimension adds at the end.
  assertInside(range, payload.flag('inheritFromBefore') ? 1 : 0)
  const grown = insertDimension(
    file,
    range.sheet.sheetId,
    range.dimension,
    range.start,
    range.end - range.start,
  )
  assertCellCount(grown)
  return { file: grown }
}

export const deleteDimensionRequest: Apply = (file, body, where, { caller }) => {
  const range = readDimensionRange(
    file,
    new Payload(body, where, ['range']).required('range', dimensionFields),
  )
  assertInside(range)
  const { sheet, dimension, start } = range
  const size = dimension === 'ROWS' ? sheet.rowCount : sheet.columnCount
  const end = Math.min(range.end, size)
  if (end - start >= size) throw invalid(`You can't delete all the ${dimension.toLowerCase()} on the sheet.`)
  assertLinesEditable(file, { ...range, end }, caller)
  return { file: deleteDimension(file, sheet.sheetId, dimension, start, end) }
}

export const moveDimensionRequest: Apply = (file, body, where, { caller }) => {
  const payload = new Payload(body, where, ['source', 'destinationIndex'])
  const range = readDimensionRange(file, payload.required('source', dimensionFields))
  assertInside(range)
  assertLinesEditable(file, range, caller)
  const destination = payload.integer('destinationIndex') ?? 0
  const { sheet, dimension, start, end } = range
  return { file: moveDimension(file, sheet.sheetId, dimension, { start, end, destination }) }
}

export const appendDimension: Apply = (file, body, where) => {
  const payload = new Payload(body, where, ['sheetId', 'dimension', 'length'])
  const sheet = sheetById(file, payload.integer('sheetId'))
  const length = payload.integer('length') ?? 0
  if (length < 1) throw invalid('length must be positive')
  const rows = readDimension(payload) === 'ROWS'
  const grown = withSheet(file, {
    ...sheet,
    rowCount: sheet.rowCount + (rows ? length : 0),
    columnCount: sheet.columnCount + (rows ? 0 : length),
  })
  assertCellCount(grown)
  return { file: grown }
}

export const updateDimensionProperties: Apply = (file, body, where) => {
  const payload = new Payload(body, where, ['range', 'properties', 'fields'])
  const { sheet, dimension, start, end } = readDimensionRange(
    file,
    payload.required('range', dimensionFields),
  )
  const properties = payload.required('properties', ['hiddenByUser', 'pixelSize'])
  const mask = parseMask(payload.text('fields') || '*', { hiddenByUser: true, pixelSize: true })
  if (!below(mask, 'hiddenByUser')) return { file }
  return {
    file: withSheet(file, withHidden(sheet, dimension, start, end, properties.flag('hiddenByUser') ?? false)),
  }
}

/** The sheet with rows or columns hidden or shown. */
export function withHidden(
  sheet: Sheet,
  dimension: Dimension,
  start: number,
  end: number,
  hidden: boolean,
): Sheet {
  const name = dimension === 'ROWS' ? 'hiddenRows' : 'hiddenColumns'
  const kept = sheet[name].filter((i) => i < start || i >= end)
  const added = hidden ? Array.from({ length: end - start }, (_, i) => start + i) : []
  return { ...sheet, [name]: [...kept, ...added].toSorted((a, b) => a - b) }
}
