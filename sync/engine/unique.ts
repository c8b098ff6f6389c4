import type { SqlValue } from '../../db/database.ts'

/** What is compared of a unique text: without the blanks around it, and in one case. SQLite's lower() is ASCII only. */
export const folded = (value: SqlValue): string | null => {
  const text = value === null ? '' : String(value).normalize('NFC').trim().toLowerCase().normalize('NFC')
  return text === '' ? null : text
}

/** What is compared of a unique value that is declared exact. */
export const whole = (value: SqlValue): string | null =>
  value === null || value === '' ? null : String(value)
