// How values of the reference tables are read by people: what is stored is an integer in the smallest unit, or a fraction.

const MONEY = 'money'
const SHARE = 'share'

const TYPES: Readonly<Record<string, Readonly<Record<string, typeof MONEY | typeof SHARE>>>> = {
  employee_settings: { hourly_wage: MONEY, commission: SHARE },
  dynamic_rates: { range_from: MONEY, range_to: MONEY, rate: SHARE },
  ranks: { min_amount: MONEY, max_amount: MONEY, bonus: MONEY },
}

const money = new Intl.NumberFormat('en-GB', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
const share = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 10 })

/** Whether a column holds numbers that stand under each other. */
export const isFigure = (table: string, column: string): boolean => TYPES[table]?.[column] !== undefined

/** `22.00`, `8 %`; any other value as it is. */
export function readable(
  table: string,
  column: string,
  value: string | number | null,
): string | number | null {
  const type = TYPES[table]?.[column]
  if (typeof value !== 'number' || type === undefined) return value
  return type === MONEY ? money.format(value / 100) : `${share.format(value * 100)} %`
}

/** A row's values as people read them. */
export const readableRow = (
  table: string,
  row: Readonly<Record<string, string | number | null>>,
): Record<string, string | number | null> =>
  Object.fromEntries(Object.entries(row).map(([column, value]) => [column, readable(table, column, value)]))

/** What a person typed for a figure, as it is stored; null: it is none, or of another column. */
export function written(table: string, column: string, text: string): number | null {
  const type = TYPES[table]?.[column]
  const number = /^-?\d+(\.\d+)?\s*%?$/.test(text.trim()) ? Number.parseFloat(text) : Number.NaN
  if (type === undefined || Number.isNaN(number)) return null
  return type === MONEY ? Math.round(number * 100) : Number((number / 100).toPrecision(12))
}

/** A figure as a person would type it: `22.00`, `8` */
export const typed = (table: string, column: string, value: string | number | null): string =>
  String(readable(table, column, value) ?? '').replace(isFigure(table, column) ? /[,%\s]/g : '', '')
