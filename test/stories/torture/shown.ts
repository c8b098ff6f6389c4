import type { Row, SqlValue } from '../../../db/database.ts'
import { effectiveValue } from '../../emulators/google/formula.ts'
import type { Scalar, Sheet, SpreadsheetFile } from '../../emulators/google/model.ts'
import { COLUMNS, type ReferenceTable } from './book.ts'

/** Header of the column that keeps ids out of people's sight. */
export const ID = 'Tidemark ID'

/** A row as a person reads it in a tab: by column, and its hidden id. */
export interface ShownLine {
  readonly row: number
  readonly ref: string | null
  readonly values: Row
}

/** Reads a tab by its headers, with nothing of the product's own reading.  */
export function linesOf(
  file: SpreadsheetFile,
  sheet: Sheet,
  table: ReferenceTable,
  renamed: Readonly<Record<string, string>> = {},
): ShownLine[] {
  const at = (row: number, column: number): Scalar | null => {
    const value = effectiveValue(file, sheet, row, column)
    return value === null || typeof value === 'object' ? null : value
  }
  const columns = Object.entries(COLUMNS[table]).map(
    ([name, [header, kind]]) => [name, renamed[name] ?? header, kind] as const,
  )
  const width = Math.max(...sheet.rows.map((cells) => cells.length))
  const headerRow = sheet.rows.findIndex((_, row) =>
    Array.from({ length: width }, (_, c) => at(row, c)).includes(columns[0]?.[1] ?? ''),
  )
  const placeOf = (header: string) =>
    Array.from({ length: width }, (_, column) => column).find((column) => at(headerRow, column) === header)
  const idAt = placeOf(ID)
  return sheet.rows.flatMap((_, row): ShownLine[] => {
    if (row <= headerRow) return []
    const values = Object.fromEntries(
      columns.map(([name, header, kind]): [string, SqlValue] => {
        const column = placeOf(header)
        return [name, column === undefined ? null : said(at(row, column), kind)]
      }),
    )
    // Whose first column is empty is called nothing, and is none of the rows that people act on.
    if (Object.values(values)[0] === null) return []
    const ref = idAt === undefined ? null : at(row, idAt)
    return [{ row, ref: ref === null ? null : String(ref), values }]
  })
}

function said(value: Scalar | null, kind: 'text' | 'money' | 'share'): SqlValue {
  if (value === null || value === '') return null
  if (kind === 'text') return String(value)
  const number = typeof value === 'number' ? value : Number.NaN
  if (Number.isNaN(number)) return String(value)
  return kind === 'money' ? Math.round(number * 100) : number
}
