import { expect } from 'vitest'
import type { Act } from '../act.ts'
import { BOOK, type TortureWorld } from '../torture-world.ts'

const staff = 'EmployeeSettings'
const set = (w: TortureWorld, cell: string, text: string) =>
  w.person.set(BOOK, { cell: `${staff}!${cell}`, text })
const of = (w: TortureWorld, id: string) => w.row('employee_settings', id)

/** What people type. */
export const types: readonly Act[] = [
  {
    people: 'type 8, 8% and 0.08 into cells that show percentages',
    verdict: 'What Sheets makes of it counts: the first two are 8 %, the third is 0.08 %.',
    table: 'employee_settings',
    act(w) {
      set(w, 'D3', '8')
      set(w, 'D4', '8%')
      set(w, 'D5', '0.08')
    },
    afterwards(w) {
      expect([of(w, 'E02'), of(w, 'E03'), of(w, 'E04')]).toMatchObject([
        { commission: 0.08 },
        { commission: 0.08 },
        { commission: 0.0008 },
      ])
    },
  },
  {
    people: 'type 8 and 0.08 where a percentage belongs, into plain cells',
    verdict: '0.08 is 8 %; a plain 8 could mean two things and is asked about.',
    table: 'employee_settings',
    act(w) {
      w.person.format(BOOK, { range: `${staff}!D3:D4`, type: 'NUMBER' })
      set(w, 'D3', '8')
      set(w, 'D4', '0.08')
    },
    asks: ['unreadable'],
    apart: ['E02.commission'],
    afterwards: (w) =>
      expect([of(w, 'E02'), of(w, 'E03')]).toMatchObject([{ commission: 0.02 }, { commission: 0.08 }]),
  },
  {
    people: 'type an amount with a currency, or with too many decimals',
    verdict: 'A currency is read in the workbook’s way of writing; a third decimal is asked about.',
    table: 'employee_settings',
    act(w) {
      set(w, 'C3', '$1,234.50')
      set(w, 'C4', '12.345')
    },
    asks: ['unreadable'],
    apart: ['E03.hourly_wage'],
    afterwards: (w) =>
      expect([of(w, 'E02'), of(w, 'E03')]).toMatchObject([{ hourly_wage: 123_450 }, { hourly_wage: 2_825 }]),
  },
  {
    people: 'type text with leading zeros',
    verdict: 'Text keeps its zeros; what Sheets itself has made a number of has lost them before we see it.',
    table: 'employee_settings',
    act(w) {
      set(w, 'B3', "'007")
      set(w, 'B4', '007')
      w.person.setRows(BOOK, { at: w.below(staff), rows: [["'0042", "'0815", 12, '1%']] })
    },
    rows: 1,
    afterwards: (w) =>
      expect([of(w, 'E02'), of(w, 'E03'), of(w, '0042')]).toMatchObject([
        { name: '007' },
        { name: '7' },
        { id: '0042', name: '0815' },
      ]),
  },
  {
    people: 'type a number of 16 digits',
    verdict: 'As text it is kept to the last digit; as a number Sheets has lost some, so it is asked about.',
    table: 'employee_settings',
    act(w) {
      set(w, 'B3', "'1234567890123456")
      set(w, 'B4', '1234567890123456')
    },
    asks: ['unreadable'],
    apart: ['E03.name'],
    afterwards: (w) =>
      expect([of(w, 'E02'), of(w, 'E03')]).toMatchObject([{ name: '1234567890123456' }, { name: 'Cleo' }]),
  },
  {
    people: 'paste 50,000 characters',
    verdict:
      'In a column of their own nothing happens; where the table takes less, it is asked about and the last good value stays.',
    table: 'employee_settings',
    act(w) {
      set(w, 'E3', 'x'.repeat(50_000))
      set(w, 'B4', 'y'.repeat(50_000))
    },
    asks: ['unreadable'],
    apart: ['E03.name'],
    afterwards: (w) => expect(of(w, 'E03')).toMatchObject({ name: 'Cleo' }),
  },
  {
    people: 'type blanks behind a value',
    verdict: 'In a text they are part of it; behind what names a row, or behind a number, they don’t count.',
    table: 'employee_settings',
    act(w) {
      set(w, 'B3', 'Bobby  ')
      set(w, 'A4', 'E03  ')
      set(w, 'C5', ' 31.5 ')
    },
    apart: ['E03', 'E03  '],
    afterwards: (w) =>
      expect([of(w, 'E02'), of(w, 'E04')]).toMatchObject([{ name: 'Bobby  ' }, { hourly_wage: 3_150 }]),
  },
  {
    people: 'type a word where a number belongs',
    verdict: 'It is asked about; the last good value stays in use until the cell can be read.',
    table: 'employee_settings',
    act: (w) => set(w, 'C3', 'a lot'),
    asks: ['unreadable'],
    apart: ['E02.hourly_wage'],
    async afterwards(w) {
      set(w, 'C3', '28')
      await w.settle()
      expect(w.conflicts()).toEqual([])
      expect(of(w, 'E02')).toMatchObject({ hourly_wage: 2_800 })
    },
  },
  {
    people: 'empty a cell that may be empty, and one that may not',
    verdict: 'The first empties the value here too; the second is asked about.',
    table: 'employee_settings',
    act: (w) => w.person.clear(BOOK, { range: `${staff}!B3:C3` }),
    asks: ['unreadable'],
    apart: ['E02.hourly_wage'],
    afterwards: (w) => expect(of(w, 'E02')).toMatchObject({ name: null, hourly_wage: 2_925 }),
  },
  {
    people: 'make two ranges overlap',
    verdict: 'Nothing of the tab is taken; the last good state stays in use until the ranges fit.',
    table: 'dynamic_rates',
    act: (w) => w.person.set(BOOK, { cell: 'DynamicRates!B5', text: '450' }),
    stops: /overlap/,
    async afterwards(w) {
      w.person.set(BOOK, { cell: 'DynamicRates!A6', text: '450' })
      await w.settle()
      expect(w.row('dynamic_rates', '45000')).toMatchObject({ range_to: 50_000 })
    },
  },
  {
    people: 'type what Sheets takes for a date into a text',
    verdict:
      'Nobody can say any more what was typed: it is asked about, and the last good value stays in use.',
    table: 'employee_settings',
    act: (w) => set(w, 'B3', '1/2/2026'),
    asks: ['unreadable'],
    apart: ['E02.name'],
  },
  {
    people: 'change the workbook’s locale',
    verdict: 'Numbers stay what they are; what is typed from then on is read as that country writes it.',
    table: 'employee_settings',
    act(w) {
      w.person.setLocale(BOOK, { locale: 'de_DE' })
      set(w, 'C3', '1.234,50')
    },
    afterwards: (w) => expect(of(w, 'E02')).toMatchObject({ hourly_wage: 123_450 }),
  },
  {
    people: 'change the workbook’s time zone',
    verdict: 'Nothing of these tables moves: days stay days, and times are read in the new zone.',
    table: 'dynamic_rates',
    act: (w) => w.person.setTimeZone(BOOK, { timeZone: 'Asia/Kolkata' }),
  },
]
