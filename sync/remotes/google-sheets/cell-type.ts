import type { SqlValue } from '../../../db/database.ts'
import type { CellData, Entered } from './tab.ts'

/** What a cell says; null: it is blank. Or why it says nothing that can be taken. */
export type Reading = { readonly value: SqlValue } | { readonly reason: string }

/** What is to be entered; null: nothing. Or why the value can't stand in a cell. */
export type Writing = { readonly entered: Entered | null } | { readonly reason: string }

/** How the spreadsheet writes numbers and times. */
export interface Manner {
  /** `de_DE` */
  readonly locale: string
  /** IANA name */
  readonly timeZone: string
}

/** A kind of column in a link both ways: what is written into a cell is read from it again, to the last digit. */
export interface CellType {
  /** Of a cell that isn't blank and shows no error */
  readonly read: (cell: CellData, manner: Manner) => Reading
  /** Of a value that isn't null. `cell` is what stands there: its format decides how a day or a share is written */
  readonly write: (value: string | number, cell: CellData, manner: Manner) => Entered | null
  /** As people write it */
  readonly show?: (value: string | number, manner: Manner) => string
}

const formatOf = (cell: CellData): string => cell.effectiveFormat?.numberFormat?.type ?? ''
export const isMoment = (cell: CellData): boolean => /DATE|TIME/.test(formatOf(cell))
export const isPercent = (cell: CellData): boolean => formatOf(cell) === 'PERCENT'

/** What to do about a value that Sheets took for something else. */
export const PLAIN = 'format the cell as plain text and type it again'
/** From here on Sheets forgets digits of a number that is typed: it keeps fifteen. */
export const FORGETS = 1e15

/** A number that is entered as one. */
export const numeric = (value: string | number): Entered => ({ numberValue: Number(value) })

/** Text that is entered as it stands. */
export const text = (value: string): Entered => ({ stringValue: value })
