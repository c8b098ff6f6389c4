import type { Row, SqlValue } from '../../db/database.ts'
import { dynamicRates, employeeSettings, ranks } from '../../db/schema.ts'
import type { System } from '../engine/declare.ts'
import { collection } from './collection.ts'
import { sheet, tab } from './sheet.ts'

// Small tables that people keep in a workbook, and that a bot reads many times a minute and sometimes writes.

const together = { lane: 'reference', offered: false } as const

const employeeTable = collection(employeeSettings, {
  ...together,
  label: 'EmployeeSettings',
  types: { hourly_wage: 'money' },
})

const rateTable = collection(dynamicRates, {
  ...together,
  label: 'DynamicRates',
  types: { range_from: 'money', range_to: 'money' },
  whole: (rows) =>
    overlap(rows, 'range_from', 'range_to', (row) => `the range from ${money(row.range_from)}`),
})

const rankTable = collection(ranks, {
  ...together,
  label: 'Ranks',
  types: { min_amount: 'money', max_amount: 'money', bonus: 'money' },
  whole: (rows) => overlap(rows, 'min_amount', 'max_amount', (row) => String(row.name)),
})

export const reference: System = {
  name: 'reference',
  tables: [employeeTable, rateTable, rankTable],
  links: [
    sheet(
      'reference',
      tab(employeeTable, {
        match: ['id'],
        columns: {
          id: { header: 'Employee ID', aliases: ['id', 'employee'] },
          name: { aliases: ['employee name'] },
          hourly_wage: { aliases: ['wage'] },
          commission: { type: 'percent', aliases: ['commission rate'] },
        },
      }),
      tab(rateTable, {
        columns: {
          range_from: { header: 'From', aliases: ['range from'] },
          range_to: { header: 'To', aliases: ['range to'] },
          rate: { type: 'percent' },
        },
      }),
      tab(rankTable, {
        match: ['name'],
        columns: {
          name: { header: 'Rank', aliases: ['name', 'rank name'] },
          min_amount: { header: 'From', aliases: ['min amount', 'threshold'] },
          max_amount: { header: 'To', aliases: ['max amount'] },
        },
      }),
    ),
  ],
}

/** Ranges ascend and share nothing. One without an end must be the last. */
function overlap(rows: readonly Row[], from: string, to: string, named: (row: Row) => string): string | null {
  const sorted = rows.toSorted((a, b) => Number(a[from]) - Number(b[from]))
  for (const [at, row] of sorted.entries()) {
    const end = row[to] ?? null
    const next = sorted[at + 1]
    if (end !== null && Number(end) <= Number(row[from]))
      return `${named(row)} ends at ${money(end)}, before it begins`
    if (next && (end === null || Number(end) > Number(next[from])))
      return `${named(row)} and ${named(next)} overlap${end === null ? ': the first has no end' : ''}`
  }
  return null
}

const money = (amount: SqlValue | undefined): string => (Number(amount) / 100).toFixed(2)
