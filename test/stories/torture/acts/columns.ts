import { expect } from 'vitest'
import type { Act } from '../act.ts'
import { BOOK } from '../torture-world.ts'

const staff = 'EmployeeSettings'

/** Headers and columns. */
export const columns: readonly Act[] = [
  {
    people: 'rename a header',
    verdict: 'The column is found by its place between its neighbours, and nobody has to set anything.',
    table: 'employee_settings',
    act: (w) => w.person.renameHeader(BOOK, { tab: staff, from: 'Hourly wage', to: 'Pay in Lisbon' }),
    headers: { hourly_wage: 'Pay in Lisbon' },
    warns: ['header_renamed'],
  },
  {
    people: 'write a header in capitals or with blanks around it',
    verdict: 'It is the same header.',
    table: 'dynamic_rates',
    act: (w) => w.person.renameHeader(BOOK, { tab: 'DynamicRates', from: 'Rate', to: '  RATE ' }),
    headers: { rate: '  RATE ' },
  },
  {
    people: 'empty a header',
    verdict: 'The tab stops and says which header is missing; it goes on once it is typed again.',
    table: 'employee_settings',
    act: (w) => w.person.clear(BOOK, { range: `${staff}!C1` }),
    stops: /“Hourly wage”/,
    async afterwards(w) {
      w.person.set(BOOK, { cell: `${staff}!C1`, text: 'Hourly wage' })
      await w.settle()
      expect(w.part('employee_settings')?.reason).toBeUndefined()
    },
  },
  {
    people: 'delete the header row',
    verdict:
      'The tab stops and says what it looks for; the rows stay here. Once the header is back, it goes on.',
    table: 'ranks',
    act: (w) => w.person.deleteRow(BOOK, { tab: 'Ranks', row: 1 }),
    stops: /header|Rank/,
    async afterwards(w) {
      const values = ['Rank', 'From', 'To', 'Bonus', 'Emoji', 'Remarks', 'Double']
      w.person.insertRow(BOOK, { tab: 'Ranks', row: 1, values })
      await w.settle()
      expect(w.conflicts()).toEqual([])
      const named = w.person.values(BOOK, 'Ranks!A2:A20').flat().filter(Boolean)
      expect(named.toSorted()).toEqual(
        w
          .here('ranks')
          .map(({ name }) => name)
          .toSorted(),
      )
    },
  },
  {
    people: 'swap two columns',
    verdict: 'Columns go by their headers, so nothing is taken for an edit.',
    table: 'ranks',
    act: (w) => w.person.moveColumn(BOOK, { tab: 'Ranks', column: 'Bonus', before: 'From' }),
  },
  {
    people: 'insert a column between the others',
    verdict: 'It is theirs, and the others are found where they stand now.',
    table: 'employee_settings',
    act: (w) => w.person.insertColumn(BOOK, { tab: staff, before: 'Hourly wage', header: 'Age' }),
  },
  {
    people: 'delete a column that rows can do without',
    verdict: 'Its values stay here, and nothing is written there any more.',
    table: 'employee_settings',
    act: (w) => w.person.deleteColumn(BOOK, { tab: staff, column: 'Name' }),
    apart: ['*.name'],
    afterwards: (w) => expect(w.row('employee_settings', 'E01')).toMatchObject({ name: 'Ann' }),
  },
  {
    people: 'delete the column that tells rows apart',
    verdict: 'The tab stops and says which column is gone; the rows stay here.',
    table: 'employee_settings',
    act: (w) => w.person.deleteColumn(BOOK, { tab: staff, column: 'Employee ID' }),
    stops: /“Employee ID”/,
  },
  {
    people: 'delete a column of their own',
    verdict: 'Nothing happens.',
    table: 'employee_settings',
    act: (w) => w.person.deleteColumn(BOOK, { tab: staff, column: 'Remarks' }),
  },
  {
    people: 'give two columns the same header',
    verdict: 'The tab stops and names both; nothing is read from a guess.',
    table: 'employee_settings',
    act: (w) => w.person.renameHeader(BOOK, { tab: staff, from: 'Remarks', to: 'Hourly wage' }),
    stops: /Hourly wage/,
  },
]
