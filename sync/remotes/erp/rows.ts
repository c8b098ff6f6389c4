import type { SqlValue } from '../../../db/database.ts'
import type { RejectedRow, RemoteColumn, RemoteRow } from '../../engine/ports.ts'
import type { ReadCell } from './cell.ts'
import { LONGEST_RAW } from './limits.ts'

export type Columns = Readonly<Record<string, RemoteColumn>>

/** A row as an answer shows it: its cells by the ERP's own field names. */
export interface ShownRow {
  readonly cells: Readonly<Record<string, unknown>>
  /** Why it can't be a row at all */
  readonly reason?: string
  /** As a person would see it; made when it is asked for */
  readonly raw: () => string
}

export interface ReadRows {
  readonly rows: readonly RemoteRow[]
  readonly rejected: readonly RejectedRow[]
}

/** Types rows by their columns. `shows`: whether the list shows a field at all; one that it doesn't is in no row's values. */
export function readRows(
  shown: readonly ShownRow[],
  columns: Columns,
  readCell: ReadCell,
  shows: (header: string) => boolean,
): ReadRows {
  const read = Object.entries(columns).filter(([, { header }]) => shows(header))
  const key = read.find(([, { required }]) => required)?.[0]
  const rows: RemoteRow[] = []
  const rejected: RejectedRow[] = []
  for (const [position, row] of shown.entries()) {
    const values: Record<string, SqlValue> = {}
    const reasons: string[] = row.reason === undefined ? [] : [row.reason]
    for (const [name, { header, type, required }] of row.reason === undefined ? read : []) {
      const cell = readCell(Object.hasOwn(row.cells, header) ? row.cells[header] : undefined, type)
      if ('reason' in cell) reasons.push(`${header}: ${cell.reason}`)
      else if (required && cell.value === null) reasons.push(`${header} is missing`)
      else values[name] = cell.value
    }
    if (reasons.length === 0) rows.push({ position, values })
    else {
      // The first column that must be there is what a row is known by.
      const known = key !== undefined && values[key] !== undefined
      const reason = reasons.join('; ')
      rejected.push({ reason, raw: cut(row.raw()), position, ...(known && { values }) })
    }
  }
  return { rows, rejected }
}

const cut = (raw: string): string => raw.slice(0, LONGEST_RAW).toWellFormed()
