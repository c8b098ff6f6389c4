import type { SqlValue } from '../../../db/database.ts'
import { profileUrlKey } from '../profile-url.ts'
import { parseCount } from './count.ts'
import { type CellData, textOf } from './tab.ts'

/** What a cell says under the type of its column. */
export type CellReading =
  | { readonly type: 'value'; readonly values: Readonly<Record<string, SqlValue>> }
  /** Names of columns that this row pins */
  | { readonly type: 'pins'; readonly names: readonly string[] }
  /** Nothing to say, and nothing to report */
  | { readonly type: 'blank' }
  | { readonly type: 'trouble'; readonly kind: 'empty' | 'unreadable' | 'bad_url'; readonly reason: string }

/** Reads a cell as a value of its column's type. Numbers come from the cell's value, never from how it is displayed. */
export function readCell(cell: CellData, type: string, column: string, locale: string): CellReading {
  const read = types[type]
  if (!read) throw new Error(`Column ${column} has the type ${type}, which a sheet does not know`)
  if (cell.effectiveValue?.errorValue) return unreadable(`the cell shows the error ${textOf(cell)}`)
  return read(cell, column, locale)
}

type Read = (cell: CellData, column: string, locale: string) => CellReading

const types: Readonly<Record<string, Read>> = {
  count(cell, column, locale) {
    const { numberValue, boolValue } = cell.effectiveValue ?? {}
    if (boolValue != null) return unreadable('a checkbox is not a count')
    if (numberValue != null) return number(numberValue, cell, column)
    const text = textOf(cell).trim()
    if (text === '') return { type: 'trouble', kind: 'empty', reason: 'the cell is empty' }
    const parsed = parseCount(text, locale)
    return 'value' in parsed ? value(column, parsed.value) : unreadable(parsed.reason)
  },
  text(cell, column) {
    const text = textOf(cell).trim()
    return text === '' ? { type: 'blank' } : value(column, text)
  },
  url(cell, column) {
    const text = textOf(cell).trim()
    if (text === '') return { type: 'blank' }
    const key = profileUrlKey(text)
    if (key === null)
      return { type: 'trouble', kind: 'bad_url', reason: 'it is not the address of a profile' }
    return { type: 'value', values: { [column]: text, [`${column}_key`]: key } }
  },
  pins(cell) {
    const names = textOf(cell).split(/[,;\n]/)
    return { type: 'pins', names: names.map((name) => name.trim()).filter((name) => name !== '') }
  },
}

function number(count: number, cell: CellData, column: string): CellReading {
  // `1.5` typed into a German sheet is the first of May: a number to the API, but not one that anybody meant.
  const format = cell.effectiveFormat?.numberFormat?.type ?? ''
  if (/DATE|TIME/.test(format)) return unreadable('Sheets took it for a date or time')
  if (format === 'PERCENT') return unreadable('a percentage is not a count')
  if (count < 0) return unreadable('a count is not negative')
  if (!Number.isInteger(count)) return unreadable('it is not a whole number')
  return Number.isSafeInteger(count) ? value(column, count + 0) : unreadable('it is too large to be exact')
}

const value = (column: string, of: SqlValue): CellReading => ({ type: 'value', values: { [column]: of } })

const unreadable = (reason: string): CellReading => ({ type: 'trouble', kind: 'unreadable', reason })
