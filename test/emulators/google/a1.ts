import { invalid } from './failure.ts'
import type { Bounds, GridRange, Sheet, SpreadsheetFile } from './model.ts'

/** A → 0, Z → 25, AA → 26. */
export function columnIndex(letters: string): number {
  let index = 0
  for (const letter of letters.toUpperCase()) index = index * 26 + letter.charCodeAt(0) - 64
  return index - 1
}

/** 0 → A, 25 → Z, 26 → AA. */
export function columnLetters(index: number): string {
  let letters = ''
  for (let rest = index + 1; rest > 0; rest = Math.floor((rest - 1) / 26)) {
    letters = String.fromCharCode(65 + ((rest - 1) % 26)) + letters
  }
  return letters
}

/** A sheet's title as it stands before `!`: quoted unless it is a plain word that can't be read as a cell. */
export function quoteTitle(title: string): string {
  const plain = /^[A-Za-z_]\w*$/.test(title) && !/^[A-Za-z]{1,3}\d+$/.test(title)
  return plain ? title : `'${title.replaceAll("'", "''")}'`
}

/** `Tab!A1:B2` of zero-based, half-open bounds; a single cell is `Tab!A1`. */
export function formatRange(title: string, bounds: Bounds): string {
  const from = `${columnLetters(bounds.left)}${bounds.top + 1}`
  const to = `${columnLetters(bounds.right - 1)}${bounds.bottom}`
  return `${quoteTitle(title)}!${from === to ? from : `${from}:${to}`}`
}

export interface LocatedRange {
  readonly sheet: Sheet
  readonly range: GridRange
  /** The text named one cell, not an area */
  readonly single: boolean
}

/**
 * Finds what an A1 range names in a file: `Tab`, `Tab!A1:B2`, `'My tab'!A:C`, `Tab!2:5`, `A1` (first visible tab).
 * Refuses with Google's "Unable to parse range".
 */
export function locate(file: SpreadsheetFile, text: string): LocatedRange {
  const bang = text.lastIndexOf('!')
  const whole = bang < 0 ? sheetTitled(file, unquote(text)) : undefined
  if (whole) return { sheet: whole, range: { sheetId: whole.sheetId }, single: false }
  const sheet =
    bang < 0 ? file.sheets.find((s) => !s.hidden) : sheetTitled(file, unquote(text.slice(0, bang)))
  const area = parseArea(text.slice(bang + 1))
  if (!sheet || !area) throw invalid(`Unable to parse range: ${text}`)
  const { single, ...range } = area
  if ((range.startRowIndex ?? 0) >= sheet.rowCount || (range.startColumnIndex ?? 0) >= sheet.columnCount) {
    throw invalid(
      `Range (${text}) exceeds grid limits. Max rows: ${sheet.rowCount}, max columns: ${sheet.columnCount}`,
    )
  }
  return { sheet, range: { sheetId: sheet.sheetId, ...range }, single }
}

function unquote(title: string): string {
  return /^'.*'$/s.test(title) ? title.slice(1, -1).replaceAll("''", "'") : title
}

/** Titles are told apart without regard to case, as Google does. */
export function sheetTitled(file: SpreadsheetFile, title: string): Sheet | undefined {
  return file.sheets.find((sheet) => sheet.title.toLowerCase() === title.toLowerCase())
}

type Area = Omit<GridRange, 'sheetId'> & { readonly single: boolean }

const corner = /^\$?([A-Za-z]{1,3})?\$?([1-9]\d*)?$/

/** Reads `A1`, `A1:B2`, `A:C`, `2:5`, `A5:C` into half-open indexes; null when it is none of these. */
function parseArea(text: string): Area | null {
  const [first = '', second] = text.split(':')
  const from = corner.exec(first)
  const to = second === undefined ? from : corner.exec(second)
  if (!from || !to || first === '' || second === '' || text.split(':').length > 2) return null
  if (second === undefined && (!from[1] || !from[2])) return null
  const columns = [from[1], to[1]].filter((c) => c !== undefined).map(columnIndex)
  const rows = [from[2], to[2]].filter((r) => r !== undefined).map((r) => Number(r) - 1)
  const area: { -readonly [K in keyof Area]: Area[K] } = { single: second === undefined }
  if (columns.length === 2) {
    area.startColumnIndex = Math.min(...columns)
    area.endColumnIndex = Math.max(...columns) + 1
  } else if (columns.length === 1) area.startColumnIndex = columns[0] ?? 0
  if (rows.length === 2) {
    area.startRowIndex = Math.min(...rows)
    area.endRowIndex = Math.max(...rows) + 1
  } else if (rows.length === 1) area.startRowIndex = rows[0] ?? 0
  return area
}
