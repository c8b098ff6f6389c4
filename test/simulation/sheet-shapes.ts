import type { SqlValue } from '../../db/database.ts'

/** How rows of a reference table are told apart and filled in generated worlds. Every value that is said is said once. */
export interface Shape {
  readonly table: string
  /** What people call a row by; null: hidden ids do */
  readonly name: string | null
  /** People type the very key by which programs know a row: another name is another row */
  readonly keyed?: true
  /** Another name for a row */
  readonly called?: (fresh: number) => string
  /** A column that nobody changes: it tells which row somebody meant */
  readonly mark: string
  /** Columns that people and programs change */
  readonly free: readonly [string, ...string[]]
  /** All that a tab shows */
  readonly columns: readonly string[]
  /** What people correct of a row that contradicts itself; null: it does not */
  readonly mend?: (row: Readonly<Record<string, SqlValue>>) => [column: string, value: SqlValue] | null
  /** Columns that follow from what is said, and are not what somebody said */
  readonly implied?: readonly string[]
  /** Headers by column */
  readonly headers: Readonly<Record<string, string>>
  /** Columns of cents, which people see as amounts */
  readonly money: readonly string[]
  readonly tab: string
  /** The row of a slot, with a value that nobody said before */
  row(slot: number, fresh: () => number): Record<string, SqlValue>
  /** Another value for one of the free columns of a row */
  value(column: string, row: Readonly<Record<string, SqlValue>>, fresh: number): SqlValue
  /** A value that the table does not take beside the others; null: it takes all */
  readonly wrong: ((row: Readonly<Record<string, SqlValue>>, fresh: number) => [string, SqlValue]) | null
}

/** Width of a slot: ranges of different slots never meet. */
const SLOT = 1_000_000

export const SHAPES: readonly Shape[] = [
  {
    table: 'employee_settings',
    name: 'id',
    keyed: true,
    called: (fresh) => `enew${fresh}`,
    mark: 'name',
    free: ['hourly_wage', 'commission'],
    columns: ['id', 'name', 'hourly_wage', 'commission'],
    headers: { id: 'Employee ID', name: 'Name', hourly_wage: 'Hourly wage', commission: 'Commission' },
    money: ['hourly_wage'],
    tab: 'EmployeeSettings',
    row: (slot, fresh) => ({
      id: `e${slot}`,
      name: `N${slot}`,
      hourly_wage: fresh(),
      commission: fresh() / 1_000_000,
    }),
    value: (column, _row, fresh) => (column === 'commission' ? fresh / 1_000_000 : fresh),
    wrong: null,
  },
  {
    table: 'ranks',
    name: 'name',
    mark: 'emoji',
    free: ['max_amount', 'bonus'],
    columns: ['name', 'min_amount', 'max_amount', 'bonus', 'emoji'],
    headers: { name: 'Rank', min_amount: 'From', max_amount: 'To', bonus: 'Bonus', emoji: 'Emoji' },
    money: ['min_amount', 'max_amount', 'bonus'],
    tab: 'Ranks',
    row: (slot, fresh) => ({
      name: `R${slot}`,
      min_amount: slot * SLOT,
      max_amount: slot * SLOT + fresh(),
      bonus: fresh(),
      emoji: `m${slot}`,
    }),
    value: (column, row, fresh) => (column === 'bonus' ? fresh : Number(row.min_amount) + fresh),
    wrong: (row, fresh) => ['max_amount', Number(row.min_amount) + 2 * SLOT + fresh],
  },
  {
    table: 'dynamic_rates',
    name: null,
    mark: 'range_from',
    free: ['range_to', 'rate'],
    columns: ['range_from', 'range_to', 'rate'],
    headers: { range_from: 'From', range_to: 'To', rate: 'Rate' },
    money: ['range_from', 'range_to'],
    tab: 'DynamicRates',
    row: (slot, fresh) => ({
      range_from: slot * SLOT,
      range_to: slot * SLOT + fresh(),
      rate: fresh() / 1_000_000,
    }),
    value: (column, row, fresh) => (column === 'rate' ? fresh / 1_000_000 : Number(row.range_from) + fresh),
    wrong: (row, fresh) => ['range_to', Number(row.range_from) + 2 * SLOT + fresh],
  },
]
