import {
  type CellType,
  FORGETS,
  isMoment,
  isPercent,
  numeric,
  PLAIN,
  type Reading,
  text,
} from './cell-type.ts'
import { decimalOf } from './decimal.ts'
import { dayOfSerial, isoInZone, serialOfDay, serialOfTime, timeOfIso, timesOfSerial } from './moment.ts'
import { type CellData, textOf } from './tab.ts'

/** Columns of text, of yes and no, of days and of moments in a link both ways. */
export const otherTypes: Readonly<Record<string, CellType>> = {
  /** Text as it stands, blanks at its ends included. A number is its digits */
  string: { read: readString, write: (value) => text(String(value)) },

  /** Text that names a row: blanks at its ends don't count */
  text: {
    read(cell) {
      const read = readString(cell)
      if (!('value' in read) || typeof read.value !== 'string') return read
      return { value: read.value.trim() || null }
    },
    write: (value) => text(String(value)),
  },

  /** 1 and 0 here, a checkbox there */
  boolean: {
    read(cell) {
      const { boolValue, numberValue } = cell.effectiveValue ?? {}
      if (boolValue != null) return { value: boolValue ? 1 : 0 }
      if (numberValue === 0 || numberValue === 1) return { value: numberValue + 0 }
      const word = textOf(cell).trim().toUpperCase()
      if (word === 'TRUE' || word === 'FALSE') return { value: word === 'TRUE' ? 1 : 0 }
      return { reason: 'it is neither TRUE nor FALSE' }
    },
    write: (value) => ({ boolValue: Number(value) === 1 }),
    show: (value) => (Number(value) === 1 ? 'TRUE' : 'FALSE'),
  },

  /** A day, `2026-03-01` */
  date: {
    read(cell) {
      const { numberValue, boolValue } = cell.effectiveValue ?? {}
      if (boolValue != null) return { reason: 'a checkbox is not a day' }
      if (numberValue == null) {
        const day = textOf(cell).trim()
        return serialOfDay(day) === null ? { reason: `it is not a day: ${AS_DAY}` } : { value: day }
      }
      if (!isMoment(cell)) return { reason: `it is a number, not a day: ${AS_DAY}` }
      const day = dayOfSerial(numberValue)
      return day === null
        ? { reason: 'it is a day with a time of day, or no day that exists' }
        : { value: day }
    },
    write(value, cell) {
      const serial = serialOfDay(String(value))
      return isMoment(cell) && serial !== null ? numeric(serial) : text(String(value))
    },
    show: String,
  },

  /** A moment: milliseconds here, the wall clock of the spreadsheet's time zone there */
  datetime: {
    read(cell, { timeZone }) {
      const { numberValue, boolValue } = cell.effectiveValue ?? {}
      if (boolValue != null) return { reason: 'a checkbox is not a time' }
      if (numberValue == null) {
        const time = timeOfIso(textOf(cell))
        return time === null ? { reason: `it is not a time: ${AS_TIME}` } : { value: time }
      }
      if (!isMoment(cell)) return { reason: `it is a number, not a time: ${AS_TIME}` }
      const [time, other] = timesOfSerial(numberValue, timeZone)
      if (time === undefined) return { reason: `clocks were put forward over that time: ${AS_TIME}` }
      return other === undefined ? { value: time } : { reason: `clocks showed that time twice: ${AS_TIME}` }
    },
    write(value, cell, { timeZone }) {
      const time = Number(value)
      const serial = serialOfTime(time, timeZone)
      const clear = timesOfSerial(serial, timeZone).length === 1
      return isMoment(cell) && clear ? numeric(serial) : text(isoInZone(time, timeZone))
    },
    show: (value, { timeZone }) => isoInZone(Number(value), timeZone).slice(0, 16).replace('T', ' '),
  },
}

function readString(cell: CellData): Reading {
  const { numberValue, stringValue } = cell.effectiveValue ?? {}
  if (numberValue == null) return { value: stringValue ?? textOf(cell) }
  // Nobody can say what was typed: `1-2`, `0.5` or `50%`.
  if (isMoment(cell)) return { reason: `Sheets took it for a date or time: ${PLAIN}` }
  if (isPercent(cell)) return { reason: `Sheets took it for a percentage: ${PLAIN}` }
  if (Math.abs(numberValue) >= FORGETS)
    return { reason: `Sheets keeps fifteen digits of a number and may have lost some: ${PLAIN}` }
  return { value: decimalOf(numberValue + 0) }
}

const AS_DAY = 'write it as 2026-03-31, or format the cell as a date'
const AS_TIME = 'write it as 2026-03-31T14:30+02:00, or format the cell as a date with time'
