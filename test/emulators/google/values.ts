import { columnLetters, formatRange, locate } from './a1.ts'
import { invalid, Refusal } from './failure.ts'
import { isMoment } from './format.ts'
import { CellError, effectiveValue } from './formula.ts'
import { shown } from './grid.ts'
import { editCells, withContent, withSheet } from './grid-edit.ts'
import { localeNamed } from './locale.ts'
import {
  type Bounds,
  boundsOf,
  cellAt,
  hasValue,
  type Scalar,
  type Sheet,
  type SpreadsheetFile,
} from './model.ts'
import { Payload } from './payload.ts'
import { assertEditable, assertLength, type Caller } from './protection.ts'
import { extentOf, spilled } from './spill.ts'
import { parseTyped } from './typed.ts'

// spreadsheets.values: reading and writing plain values by A1 range.

export interface RenderOptions {
  readonly majorDimension: 'ROWS' | 'COLUMNS'
  readonly render: 'FORMATTED_VALUE' | 'UNFORMATTED_VALUE' | 'FORMULA'
  readonly dates: 'SERIAL_NUMBER' | 'FORMATTED_STRING'
}

/** Reads the render options from wherever the method takes them: the query or the body. */
export function renderOptions(get: (name: string) => string | null | undefined, prefix = ''): RenderOptions {
  const name = (plain: string) =>
    prefix === '' ? plain : `${prefix}${plain.charAt(0).toUpperCase()}${plain.slice(1)}`
  return {
    majorDimension: oneOf(get('majorDimension'), 'major_dimension', ['ROWS', 'COLUMNS']),
    render: oneOf(get(name('valueRenderOption')), 'value_render_option', [
      'FORMATTED_VALUE',
      'UNFORMATTED_VALUE',
      'FORMULA',
    ]),
    dates: oneOf(get(name('dateTimeRenderOption')), 'date_time_render_option', [
      'SERIAL_NUMBER',
      'FORMATTED_STRING',
    ]),
  }
}

function oneOf<T extends string>(
  given: string | null | undefined,
  field: string,
  allowed: readonly [T, ...T[]],
): T {
  if (given === null || given === undefined) return allowed[0]
  const found = allowed.find((value) => value === given)
  if (!found)
    throw invalid(`Invalid value at '${field}' (type.googleapis.com/google.apps.sheets.v4), "${given}"`)
  return found
}

export interface ValueRange {
  readonly range: string
  readonly majorDimension: 'ROWS' | 'COLUMNS'
  readonly values?: readonly (readonly Scalar[])[]
}

/** `values.get`: the filled part of a range. Empty rows and columns at the end are left out, `values` too if nothing is left. */
export function readRange(file: SpreadsheetFile, a1: string, options: RenderOptions): ValueRange {
  const { sheet, range } = locate(file, a1)
  return renderBounds(file, sheet, boundsOf(range, sheet), options)
}

/** The filled part of an area as a ValueRange. */
export function renderBounds(
  file: SpreadsheetFile,
  sheet: Sheet,
  bounds: Bounds,
  options: RenderOptions,
): ValueRange {
  const locale = localeNamed(file.locale)
  const render = (row: number, column: number): Scalar => {
    const cell = cellAt(sheet, row, column)
    if (!hasValue(cell) && !spilled(sheet).has(`${row}:${column}`)) return ''
    if (options.render === 'FORMULA' && cell?.formula !== undefined) return cell.formula
    const value = effectiveValue(file, sheet, row, column)
    if (value === null) return ''
    if (options.render === 'FORMATTED_VALUE') return shown(value, cell, locale)
    if (value instanceof CellError) return value.text
    const asText = options.dates === 'FORMATTED_STRING' && options.render === 'UNFORMATTED_VALUE'
    return asText && isMoment(cell?.format) ? shown(value, cell, locale) : value
  }
  const rows: Scalar[][] = []
  const extent = extentOf(sheet)
  for (let row = bounds.top; row < Math.min(bounds.bottom, extent.rows); row += 1) {
    const right = Math.min(bounds.right, extent.width(row))
    const line: Scalar[] = []
    for (let column = bounds.left; column < right; column += 1) line.push(render(row, column))
    rows.push(line)
  }
  const lines = trimmed(options.majorDimension === 'ROWS' ? rows : transposed(rows))
  const range = formatRange(sheet.title, bounds)
  return { range, majorDimension: options.majorDimension, ...(lines.length > 0 && { values: lines }) }
}

function trimmed(lines: readonly (readonly Scalar[])[]): (readonly Scalar[])[] {
  const cut = lines.map((line) => line.slice(0, line.findLastIndex((value) => value !== '') + 1))
  return cut.slice(0, cut.findLastIndex((line) => line.length > 0) + 1)
}

function transposed(lines: readonly (readonly Scalar[])[]): Scalar[][] {
  const width = Math.max(0, ...lines.map((line) => line.length))
  return Array.from({ length: width }, (_, i) => lines.map((line) => line[i] ?? ''))
}

export interface WriteOptions {
  readonly input: 'RAW' | 'USER_ENTERED'
  /** Set when the answer is to hold what was written */
  readonly answer: RenderOptions | null
  /** The year in which a date without a year lies */
  readonly year: number
}

/** Reads how values are to be taken; Google has no default for it. */
export function writeOptions(
  get: (name: string) => string | null | undefined,
  answer: boolean,
  year: number,
): WriteOptions {
  const input = get('valueInputOption')
  if (input !== 'RAW' && input !== 'USER_ENTERED') {
    throw invalid("'valueInputOption' is required but not specified")
  }
  return { input, answer: answer ? renderOptions(get, 'response') : null, year }
}

type Input = Scalar | null

/** Rows of input for a range. */
export interface Block {
  readonly range: string
  readonly rows: readonly (readonly Input[])[]
}

/** Reads a ValueRange from a body and turns columns into rows. */
export function readBlock(value: unknown, where: string, range?: string): Block {
  const payload = new Payload(value, where, ['range', 'majorDimension', 'values'])
  const named = payload.text('range') ?? range
  if (named === undefined) throw invalid(`Invalid ${where}: Must specify range.`)
  if (range !== undefined && payload.has('range') && named !== range) {
    throw invalid(`Requested writing within range [${range}], but the body names range [${named}]`)
  }
  const lines = payload.list('values').map((line, row) => {
    if (!Array.isArray(line)) throw invalid(`Invalid value at '${payload.path('values')}[${row}]' (list)`)
    return line.map((item: unknown, column): Input => {
      if (item === null || typeof item === 'string' || typeof item === 'boolean') return item
      if (typeof item === 'number') return item
      const kind = Array.isArray(item) ? 'list_value' : 'struct_value'
      throw invalid(`Invalid values[${row}][${column}]: ${kind}`)
    })
  })
  if (payload.text('majorDimension') !== 'COLUMNS') return { range: named, rows: lines }
  const width = Math.max(0, ...lines.map((line) => line.length))
  return { range: named, rows: Array.from({ length: width }, (_, i) => lines.map((line) => line[i] ?? null)) }
}

export interface Written {
  readonly file: SpreadsheetFile
  readonly response: Record<string, unknown>
}

/** `values.update`, and one element of `values.batchUpdate`. null skips a cell, "" empties it. */
export function writeBlock(
  file: SpreadsheetFile,
  block: Block,
  options: WriteOptions,
  caller: Caller,
): Written {
  const { sheet, range, single } = locate(file, block.range)
  const asked = boundsOf(range, sheet)
  const height = block.rows.length
  const width = Math.max(0, ...block.rows.map((row) => row.length))
  const bounds = { ...asked, bottom: asked.top + height, right: asked.left + width }
  const name = (b: Bounds) => formatRange(sheet.title, b)
  if (!single && bounds.bottom > asked.bottom) {
    throw invalid(
      `Requested writing within range [${block.range}], but tried writing to row [${asked.bottom + 1}]`,
    )
  }
  if (!single && bounds.right > asked.right) {
    const column = columnLetters(asked.right)
    throw invalid(`Requested writing within range [${block.range}], but tried writing to column [${column}]`)
  }
  if (bounds.bottom > sheet.rowCount || bounds.right > sheet.columnCount) {
    throw invalid(
      `Range (${name(bounds)}) exceeds grid limits. Max rows: ${sheet.rowCount}, max columns: ${sheet.columnCount}`,
    )
  }
  const written = placeRows(file, sheet, bounds, block.rows, options, caller)
  const answered = single || height === 0 ? bounds : asked
  return {
    file: written.file,
    response: {
      spreadsheetId: file.spreadsheetId,
      updatedRange: height === 0 || width === 0 ? name(asked) : name(bounds),
      ...written.counts,
      ...(options.answer && {
        updatedData: renderBounds(written.file, written.sheet, answered, options.answer),
      }),
    },
  }
}

/** Writes rows of input into bounds that fit them, and counts what it touched. */
export function placeRows(
  file: SpreadsheetFile,
  sheet: Sheet,
  bounds: Bounds,
  rows: readonly (readonly Input[])[],
  options: WriteOptions,
  caller: Caller,
) {
  const locale = localeNamed(file.locale)
  const touchedRows = new Set<number>()
  const touchedColumns = new Set<number>()
  let touched = 0
  const edited = editCells(sheet, bounds, (cell, row, column) => {
    const input = rows[row - bounds.top]?.[column - bounds.left]
    if (input === null || input === undefined) return cell
    assertEditable(file, sheet, { top: row, bottom: row + 1, left: column, right: column + 1 }, caller)
    touchedRows.add(row)
    touchedColumns.add(column)
    touched += 1
    if (input === '') return withContent(cell, {})
    if (typeof input !== 'string') return withContent(cell, { value: input })
    assertLength(input)
    if (options.input === 'RAW') return withContent(cell, { value: input })
    const { format, ...content } = parseTyped(input, { locale, format: cell?.format, year: options.year })
    return withContent(cell, { ...content, ...(!cell?.format && format && { format }) })
  })
  return {
    file: withSheet(file, edited),
    sheet: edited,
    counts: {
      ...(touched > 0 && {
        updatedRows: touchedRows.size,
        updatedColumns: touchedColumns.size,
        updatedCells: touched,
      }),
    },
  }
}

/** `values.clear`: values go, notes and formats stay. */
export function clearRange(
  file: SpreadsheetFile,
  a1: string,
  caller: Caller,
): { file: SpreadsheetFile; cleared: string } {
  const { sheet, range } = locate(file, a1)
  const bounds = boundsOf(range, sheet)
  assertEditable(file, sheet, bounds, caller)
  const filled = { ...bounds, bottom: Math.min(bounds.bottom, sheet.rows.length) }
  const edited = editCells(sheet, filled, (cell) => (cell ? withContent(cell, {}) : cell))
  return { file: withSheet(file, edited), cleared: formatRange(sheet.title, bounds) }
}

/** Options of writing, named alike in queries and bodies. */
export const writeNames = [
  'valueInputOption',
  'includeValuesInResponse',
  'responseValueRenderOption',
  'responseDateTimeRenderOption',
]

/** `values.batchUpdate`: several ranges, all or none. */
export function writeBlocks(file: SpreadsheetFile, body: unknown, year: number, caller: Caller): Written {
  const payload = new Payload(body, '', ['data', ...writeNames])
  const options = writeOptions(
    (name) => payload.text(name),
    payload.flag('includeValuesInResponse') ?? false,
    year,
  )
  let draft = file
  const responses = payload.list('data').map((entry, i) => {
    try {
      const written = writeBlock(draft, readBlock(entry, `data[${i}]`), options, caller)
      draft = written.file
      return written.response
    } catch (error) {
      if (!(error instanceof Refusal) || error.message.startsWith('Invalid')) throw error
      throw invalid(`Invalid data[${i}]: ${error.message}`)
    }
  })
  const total = (name: string) => responses.reduce((sum, r) => sum + Number(r[name] ?? 0), 0)
  const sheets = new Set(responses.map((r) => String(r.updatedRange).split('!')[0]))
  return {
    file: draft,
    response: {
      spreadsheetId: file.spreadsheetId,
      totalUpdatedRows: total('updatedRows'),
      totalUpdatedColumns: total('updatedColumns'),
      totalUpdatedCells: total('updatedCells'),
      totalUpdatedSheets: sheets.size,
      responses,
    },
  }
}
