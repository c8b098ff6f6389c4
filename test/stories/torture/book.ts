import type { Row } from '../../../db/database.ts'

// The workbook that people act in: three linked tabs with columns and formulas of their own, and a tab that reads them.

export type ReferenceTable = 'employee_settings' | 'dynamic_rates' | 'ranks'

export const TABS: Readonly<Record<ReferenceTable, string>> = {
  employee_settings: 'EmployeeSettings',
  dynamic_rates: 'DynamicRates',
  ranks: 'Ranks',
}

type Kind = 'text' | 'money' | 'share'

/** Column → its header, and how a cell says its value. The first one tells rows apart. */
export const COLUMNS: Readonly<
  Record<ReferenceTable, Readonly<Record<string, readonly [header: string, kind: Kind]>>>
> = {
  employee_settings: {
    id: ['Employee ID', 'text'],
    name: ['Name', 'text'],
    hourly_wage: ['Hourly wage', 'money'],
    commission: ['Commission', 'share'],
  },
  dynamic_rates: { range_from: ['From', 'money'], range_to: ['To', 'money'], rate: ['Rate', 'share'] },
  ranks: {
    name: ['Rank', 'text'],
    min_amount: ['From', 'money'],
    max_amount: ['To', 'money'],
    bonus: ['Bonus', 'money'],
    emoji: ['Emoji', 'text'],
  },
}

/** What a row is called, to tell it from the others whatever its key is. */
export const labelOf = (table: ReferenceTable, row: Row): string =>
  String(row[Object.keys(COLUMNS[table])[0] ?? ''])

const EMPLOYEES = ['Ann', 'Bob', 'Cleo', 'Dan', 'Eve', 'Finn', 'Gus', 'Hal', 'Ida', 'Jon', 'Kim', 'Leo']
const RANKS = ['Iron', 'Bronze', 'Silver', 'Gold', 'Ruby', 'Diamond']

type Line = (string | number | null)[]

/** E01 to E12 in rows 2 to 13, by name the other way round than by wage. */
export const employees: Line[] = [
  ['Employee ID', 'Name', 'Hourly wage', 'Commission', 'Remarks', 'A month'],
  ...EMPLOYEES.map((name, n): Line => {
    const id = `E${String(n + 1).padStart(2, '0')}`
    return [id, name, 30.25 - n, `${n + 1}%`, `about ${id}`, `=C${n + 2}*160`]
  }),
]

/** Ranges of 100 in rows 2 to 7; the last one has no end. */
export const rates: Line[] = [
  ['From', 'To', 'Rate', 'Remarks', 'Half'],
  ...Array.from({ length: 6 }, (_, n): Line => {
    const to = n === 5 ? null : (n + 1) * 100
    return [n * 100, to, `${20 - n}%`, `about ${n * 100}`, `=C${n + 2}/2`]
  }),
]

export const rankRows: Line[] = [
  ['Rank', 'From', 'To', 'Bonus', 'Emoji', 'Remarks', 'Double'],
  ...RANKS.map((name, n): Line => {
    const to = n === RANKS.length - 1 ? null : (n + 1) * 1_000
    return [name, n * 1_000, to, n * 10 + 5, '🏅', `about ${name}`, `=D${n + 2}*2`]
  }),
]

export const report: Line[] = [
  ['Wages', '=SUM(EmployeeSettings!C2:C13)'],
  ['First rate', '=DynamicRates!C2'],
  ['Gold', '=Ranks!D5'],
]

/** Rows that a program adds to each table and deletes from it, and what it has to change first so that they fit. */
export const COMES_AND_GOES: Readonly<
  Record<
    ReferenceTable,
    {
      readonly first: {
        readonly label: string
        readonly values: Row
        readonly was: null
        readonly shows: number
      } | null
      readonly adds: { readonly key: string; readonly label: string; readonly values: Row }
      readonly deletes: string
    }
  >
> = {
  employee_settings: {
    first: null,
    adds: { key: 'P01', label: 'P01', values: { name: 'Pam', hourly_wage: 1_234, commission: 0.02 } },
    deletes: 'E11',
  },
  dynamic_rates: {
    first: { label: '50000', values: { range_to: 60_000 }, was: null, shows: 600 },
    adds: { key: 'new', label: '60000', values: { range_from: 60_000, range_to: null, rate: 0.0125 } },
    deletes: '10000',
  },
  ranks: {
    first: { label: 'Diamond', values: { max_amount: 600_000 }, was: null, shows: 6_000 },
    adds: { key: 'new', label: 'Opal', values: { name: 'Opal', min_amount: 600_000, bonus: 4_321 } },
    deletes: 'Bronze',
  },
}

/** What a program changes in each table: row, column, value here, and what the cell shows before and after. */
export const BY_PROGRAM: Readonly<
  Record<
    ReferenceTable,
    readonly { label: string; column: string; value: number; was: number; shows: number }[]
  >
> = {
  employee_settings: [
    { label: 'E05', column: 'hourly_wage', value: 7_777, was: 26.25, shows: 77.77 },
    { label: 'E09', column: 'commission', value: 0.255, was: 0.09, shows: 0.255 },
  ],
  dynamic_rates: [{ label: '20000', column: 'rate', value: 0.333, was: 0.18, shows: 0.333 }],
  ranks: [{ label: 'Gold', column: 'bonus', value: 8_888, was: 35, shows: 88.88 }],
}
