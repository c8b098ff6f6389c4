import {
  type CellType,
  FORGETS,
  isMoment,
  isPercent,
  type Manner,
  numeric,
  PLAIN,
  type Reading,
  text,
} from './cell-type.ts'
import { decimalOf, parseDecimal, shifted } from './decimal.ts'
import { decimalSign } from './number-style.ts'
import { type CellData, textOf } from './tab.ts'

/** Columns of numbers in a link both ways. */
export const numberTypes: Readonly<Record<string, CellType>> = {
  integer: {
    read(cell, manner) {
      const number = cell.effectiveValue?.numberValue
      const read = amountIn(cell, manner)
      if ('reason' in read) return read
      if (number != null && Math.abs(number) >= FORGETS)
        return { reason: `Sheets keeps fifteen digits of a number and may have lost some: ${PLAIN}` }
      return whole(read.decimal, 'it is not a whole number')
    },
    write: (value) => (Math.abs(Number(value)) >= FORGETS ? text(String(value)) : numeric(value)),
    show: String,
  },

  number: {
    read(cell, manner) {
      const read = amountIn(cell, manner)
      return 'reason' in read ? read : { value: Number(read.decimal) + 0 }
    },
    write: numeric,
    show: (value, { locale }) => localised(decimalOf(Number(value)), locale),
  },

  /** Whole cents here, with two decimals there */
  money: {
    read(cell, manner) {
      const read = amountIn(cell, manner)
      if ('reason' in read) return read
      const exact = whole(shifted(read.decimal, 2), MORE_DECIMALS)
      const number = cell.effectiveValue?.numberValue
      if ('value' in exact || number == null) return exact
      // What formulas compute is as exact as Sheets shows it: 0.1 + 0.2 is 0.3.
      return whole(shifted(decimalOf(Number(number.toPrecision(15))), 2), MORE_DECIMALS)
    },
    write: (value) => numeric(shifted(String(value), -2)),
    show: (value, { locale }) => localised(withCents(shifted(String(value), -2)), locale),
  },

  /** A fraction: 0.05 is 5 % */
  percent: {
    read(cell, manner) {
      const read = decimalIn(cell, manner)
      if ('reason' in read) return read
      if (read.percent) return { value: Number(shifted(read.decimal, -2)) + 0 }
      const value = Number(read.decimal) + 0
      const sure = isPercent(cell) && cell.effectiveValue?.numberValue != null
      return sure || Math.abs(value) <= 1
        ? { value }
        : { reason: 'it could be a share or a percentage: write it as 5 % or 0.05' }
    },
    write(value, cell, { locale }) {
      if (isPercent(cell) || Math.abs(Number(value)) <= 1) return numeric(value)
      return text(`${localised(shifted(decimalOf(Number(value)), 2), locale)}%`)
    },
    show: (value, { locale }) => `${localised(shifted(decimalOf(Number(value)), 2), locale)} %`,
  },
}

const NO_CHECKBOX = { reason: 'a checkbox is not a number' }

/** A cell's number in full, or what was typed as text, read as the locale writes numbers. */
function decimalIn(
  cell: CellData,
  { locale }: Manner,
): { decimal: string; percent: boolean } | { reason: string } {
  const { numberValue, boolValue } = cell.effectiveValue ?? {}
  if (boolValue != null) return NO_CHECKBOX
  if (numberValue == null) return parseDecimal(textOf(cell), locale)
  if (isMoment(cell)) return { reason: 'Sheets took it for a date or time' }
  return { decimal: decimalOf(numberValue + 0), percent: false }
}

/** The same where a share of something makes no sense. */
function amountIn(cell: CellData, manner: Manner): { decimal: string } | { reason: string } {
  const read = decimalIn(cell, manner)
  if ('reason' in read) return read
  return read.percent || (isPercent(cell) && cell.effectiveValue?.numberValue != null)
    ? { reason: 'a percentage is not expected here' }
    : read
}

function whole(decimal: string, reason: string): Reading {
  const [digits = '', decimals = ''] = decimal.split('.')
  if (/[1-9]/.test(decimals)) return { reason }
  const value = Number(digits)
  return Number.isSafeInteger(value) ? { value: value + 0 } : { reason: 'it is too large to be exact' }
}

const MORE_DECIMALS = 'it has more than two decimals'

const withCents = (decimal: string): string => {
  const [whole = '', cents = ''] = decimal.split('.')
  return `${whole}.${cents.padEnd(2, '0')}`
}

/** With the locale's decimal sign, and no groups: they could be taken for it, as three decimals could for a group. */
const localised = (decimal: string, locale: string): string =>
  decimal.replace(/\.(\d{3})$/, '.$10').replace('.', decimalSign(locale))
