import type { SqlValue } from '../../../db/database.ts'
import type { CellType, Manner, Reading, Writing } from './cell-type.ts'
import { numberTypes } from './number-types.ts'
import { otherTypes } from './other-types.ts'
import { type CellData, textOf } from './tab.ts'

/** Reads a cell of a link both ways. Numbers come from the cell's value, never from how it is displayed. */
export function readValue(cell: CellData, type: string, manner: Manner): Reading {
  if (cell.effectiveValue?.errorValue) return { reason: `the cell shows the error ${textOf(cell)}` }
  return textOf(cell) === '' ? { value: null } : typed(type).read(cell, manner)
}

/** What to enter so that the cell says the value. It is always a typed value, so that no text becomes a formula. */
export function writeValue(value: SqlValue, type: string, cell: CellData, manner: Manner): Writing {
  if (value === null || value === '') return { entered: null }
  const of = typed(type)
  const entered = of.write(value, cell, manner)
  const text = entered?.stringValue
  if (text && text.length > MOST)
    return { reason: `it has ${text.length} characters, and a cell holds ${MOST}` }
  const read = readValue(
    { ...cell, userEnteredValue: entered ?? {}, effectiveValue: entered ?? {} },
    type,
    manner,
  )
  if ('reason' in read) return { reason: read.reason }
  return read.value === value ? { entered } : { reason: 'a cell can’t show it exactly' }
}

/** A value as people write it, to be quoted. */
export function showValue(value: SqlValue, type: string, manner: Manner): string {
  if (value === null || value === '') return 'nothing'
  return typed(type).show?.(value, manner) ?? `“${value}”`
}

/** Characters that a cell holds: https://support.google.com/drive/answer/37603 */
const MOST = 50_000

const types: Readonly<Record<string, CellType>> = { ...numberTypes, ...otherTypes }

function typed(type: string): CellType {
  const found = types[type]
  if (!found) throw new Error(`A sheet knows no columns of the type ${type} that are linked both ways`)
  return found
}
