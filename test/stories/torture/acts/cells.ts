import { expect } from 'vitest'
import type { Act } from '../act.ts'
import { BOOK } from '../torture-world.ts'

const staff = 'EmployeeSettings'
const rates = 'DynamicRates'

/** Formulas, merged and protected cells, formats and notes. */
export const cells: readonly Act[] = [
  {
    people: 'merge cells',
    verdict:
      'The first one counts; those that it covers are asked about, and their last good value stays in use.',
    table: 'employee_settings',
    act: (w) => w.person.merge(BOOK, { range: `${staff}!C3:C4` }),
    asks: ['unreadable'],
    apart: ['E03.hourly_wage'],
    afterwards: (w) => expect(w.row('employee_settings', 'E03')).toMatchObject({ hourly_wage: 2_825 }),
  },
  {
    people: 'put a formula into a cell of the table',
    verdict: 'What it shows is taken; the formula itself is never written over.',
    table: 'employee_settings',
    act: (w) => w.person.set(BOOK, { cell: `${staff}!C3`, text: '=C2*2' }),
    async afterwards(w) {
      const row = w.row('employee_settings', 'E02')
      expect(row).toMatchObject({ hourly_wage: 6_050 })
      await w.edit('employee_settings', 'E02', { hourly_wage: 1_000 })
      await w.settle()
      expect(w.person.cell(BOOK, `${staff}!C3`)).toMatchObject({ formula: '=C2*2', value: 60.5 })
      expect(w.part('employee_settings')?.warnings).toMatchObject([{ kind: 'locked' }])
    },
  },
  {
    people: 'put a formula over a cell that a program just changed',
    verdict: 'The formula stays and what it shows holds; the program’s value is in the history.',
    table: 'employee_settings',
    moments: ['before a run', 'after its reading', 'after a run'],
    act: (w) => w.person.set(BOOK, { cell: `${staff}!C6`, text: '=C2+1' }),
    afterwards(w) {
      expect(w.person.cell(BOOK, `${staff}!C6`).formula).toBe('=C2+1')
      expect(w.row('employee_settings', 'E05')).toMatchObject({ hourly_wage: 3_125 })
    },
  },
  {
    people: 'put a formula into the table that reads a cell which a program changes',
    verdict: 'It is worked out anew, and the next look takes what it shows then.',
    table: 'employee_settings',
    act: (w) => w.person.set(BOOK, { cell: `${staff}!C3`, text: '=C6*2' }),
    afterwards: (w) => expect(w.row('employee_settings', 'E02')).toMatchObject({ hourly_wage: 15_554 }),
  },
  {
    people: 'put formulas beside and below the table',
    verdict: 'They are theirs: neither read nor touched.',
    table: 'employee_settings',
    act: (w) =>
      w.person.setRows(BOOK, {
        at: `${staff}!C15`,
        rows: [['=SUM(C2:C13)', '', 'in all', '=SUM(F2:F13)', '=D6*2']],
      }),
  },
  {
    people: 'let an array formula spill into the table',
    verdict: 'What it fills is read like a formula’s value, and never written over.',
    table: 'dynamic_rates',
    act(w) {
      w.person.clear(BOOK, { range: `${rates}!C6:C7` })
      w.person.set(BOOK, { cell: `${rates}!C6`, text: '={0.12;0.13}' })
    },
    async afterwards(w) {
      const row = w.row('dynamic_rates', '50000')
      expect(row).toMatchObject({ rate: 0.13 })
      await w.edit('dynamic_rates', String(row?.id), { rate: 0.5 })
      await w.settle()
      expect(w.person.values(BOOK, `${rates}!C6:C7`).flat()).toEqual([0.12, 0.13])
      expect(w.part('dynamic_rates')?.warnings).toMatchObject([{ kind: 'locked' }])
    },
  },
  {
    people: 'protect a range',
    verdict: 'Cells that Tidemark may not edit are not written, and the run says which; all others are.',
    table: 'employee_settings',
    act: (w) => w.person.protect(BOOK, { range: `${staff}!C2:C13` }),
    apart: ['E05.hourly_wage'],
    async afterwards(w) {
      expect(w.row('employee_settings', 'E05')).toMatchObject({ hourly_wage: 7_777 })
      w.person.unprotect(BOOK, { tab: staff })
      await w.settle()
      expect(w.person.cell(BOOK, `${staff}!C6`).value).toBe(77.77)
      const { there, here } = w.called('employee_settings')
      expect(there).toEqual(here)
    },
    // A row that goes is emptied whole or not at all.
    comings: (moment) => (moment === 'after a run' ? {} : { apart: ['E05.hourly_wage', 'E11'] }),
  },
  {
    people: 'give a column a dropdown, and type what is not in it',
    verdict: 'What stands in the cell is taken, and the dropdown stays.',
    table: 'employee_settings',
    act(w) {
      w.person.dropdown(BOOK, { range: `${staff}!B2:D13`, values: ['Ann', 'Bob'] })
      w.person.set(BOOK, { cell: `${staff}!B4`, text: 'Zoe' })
    },
    afterwards: (w) => expect(w.row('employee_settings', 'E03')).toMatchObject({ name: 'Zoe' }),
  },
  {
    people: 'turn cells into checkboxes',
    verdict: 'A checkbox is no number: each is asked about, and the last good value stays in use.',
    table: 'employee_settings',
    act: (w) => w.person.checkboxes(BOOK, { range: `${staff}!D3:D4` }),
    asks: ['unreadable', 'unreadable'],
    apart: ['E02.commission', 'E03.commission'],
  },
  {
    people: 'write notes of their own on cells',
    verdict: 'They stay as they are, also where a value is written.',
    table: 'employee_settings',
    act(w) {
      w.person.setNote(BOOK, { cell: `${staff}!C6`, note: 'raised twice' })
      w.person.setNote(BOOK, { cell: `${staff}!D3`, note: 'ask Hal' })
    },
    afterwards: (w) =>
      expect(w.person.cell(BOOK, `${staff}!C6`)).toMatchObject({ note: 'raised twice', value: 77.77 }),
  },
  {
    people: 'format numbers otherwise',
    verdict: 'Rounding on the screen changes nothing, and the format stays.',
    table: 'employee_settings',
    act: (w) => w.person.format(BOOK, { range: `${staff}!C2:C13`, type: 'NUMBER', pattern: '0' }),
  },
  {
    people: 'keep a second table below',
    verdict:
      'Lines that could be rows are tried as rows; those that can’t be are asked about, and nothing of them is written to.',
    table: 'employee_settings',
    act: (w) =>
      w.person.setRows(BOOK, {
        at: `${staff}!A16`,
        rows: [
          ['Holiday', 'Days', 'per year', ''],
          ['Summer', '', '', ''],
        ],
      }),
    asks: ['unreadable', 'unreadable', 'unreadable'],
    apart: ['Holiday', 'Summer'],
  },
]
