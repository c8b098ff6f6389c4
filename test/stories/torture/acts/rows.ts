import { expect } from 'vitest'
import type { Act } from '../act.ts'
import { BOOK } from '../torture-world.ts'

const staff = 'EmployeeSettings'
const rates = 'DynamicRates'

/** Rows that people move and add. */
export const rows: readonly Act[] = [
  {
    people: 'sort the tab by a column, ascending',
    verdict: 'Every row stays the row that it was; only its place changes.',
    table: 'employee_settings',
    act: (w) => w.person.sort(BOOK, { tab: staff, by: 'Hourly wage' }),
  },
  {
    people: 'sort the tab by a column, descending',
    verdict: 'The hidden ids go along with their rows, so nothing is taken for an edit.',
    table: 'dynamic_rates',
    act: (w) => w.person.sort(BOOK, { tab: rates, by: 'From', descending: true }),
  },
  {
    people: 'sort a part of the columns, past the hidden ids',
    verdict: 'What a row shows says which one it is; the ids are put back to their rows.',
    table: 'dynamic_rates',
    act: (w) => w.person.sortRange(BOOK, { range: `${rates}!A2:E7`, by: 'A', descending: true }),
    warns: ['row_permuted'],
  },
  {
    people: 'sort through a filter that hides some rows',
    verdict: 'The same as any other sorting; hidden rows are rows.',
    table: 'ranks',
    act(w) {
      w.person.hideRow(BOOK, { tab: 'Ranks', row: 3 })
      w.person.hideRow(BOOK, { tab: 'Ranks', row: 6 })
      w.person.sort(BOOK, { tab: 'Ranks', by: 'Bonus', descending: true })
    },
  },
  {
    people: 'hide rows',
    verdict: 'Nothing happens: hidden rows go on being synced.',
    table: 'employee_settings',
    act(w) {
      for (const row of [2, 6, 10]) w.person.hideRow(BOOK, { tab: staff, row })
    },
  },
  {
    people: 'use a filter view or add a conditional format',
    verdict: 'Nothing happens: what only changes how the tab looks is neither read nor touched.',
    table: 'ranks',
    act: (w) => w.person.touch(BOOK, {}),
  },
  {
    people: 'insert a row in the middle and fill it in',
    verdict: 'It is a new row here; all others stay the rows that they were.',
    table: 'employee_settings',
    act: (w) =>
      w.person.insertRow(BOOK, {
        tab: staff,
        row: 5,
        values: ['E20', 'Nia', '12.50', '7%', 'new', '=C5*160'],
      }),
    rows: 1,
    afterwards: (w) =>
      expect(w.row('employee_settings', 'E20')).toMatchObject({
        name: 'Nia',
        hourly_wage: 1_250,
        commission: 0.07,
      }),
  },
  {
    people: 'insert a row at the top',
    verdict: 'The same: a row may stand anywhere below the header.',
    table: 'ranks',
    act: (w) =>
      w.person.insertRow(BOOK, { tab: 'Ranks', row: 2, values: ['Platinum', '6000', '7000', '65', '🥇'] }),
    // The last rank had no end.
    stops: /Diamond and Platinum overlap/,
    async afterwards(w) {
      w.person.set(BOOK, { cell: 'Ranks!C8', text: '6000' })
      await w.settle()
      expect(w.row('ranks', 'Platinum')).toMatchObject({ bonus: 6_500, emoji: '🥇' })
    },
    // A program gave the last rank an end, and added one that begins there as well.
    comings: (moment) => ({
      stops: moment === 'before a run' ? /^Diamond and Platinum overlap/ : /^Platinum and Opal overlap/,
      async afterwards(w) {
        if (moment === 'before a run') {
          w.person.set(BOOK, { cell: 'Ranks!C8', text: '6000' })
          await w.settle()
          expect(w.conflicts()).toMatchObject([{ kind: 'replaced' }])
          expect(w.part('ranks')?.reason).toMatch(/^With what stands here, Opal and Platinum overlap/)
        }
        w.person.setRows(BOOK, { at: 'Ranks!B2', rows: [['5500', '6000']] })
        w.person.set(BOOK, { cell: 'Ranks!C8', text: '5500' })
        await w.settle()
        expect(w.conflicts()).toEqual([])
        expect(w.row('ranks', 'Platinum')).toMatchObject({ bonus: 6_500, emoji: '🥇' })
        expect(w.row('ranks', 'Diamond')).toMatchObject({ max_amount: 550_000 })
        const { there, here } = w.called('ranks')
        expect(there).toEqual(here)
        expect(here).toEqual(['Diamond', 'Gold', 'Iron', 'Opal', 'Platinum', 'Ruby', 'Silver'])
      },
    }),
  },
  {
    people: 'add a row at the end',
    verdict: 'It is a new row here, and in a table without ids of its own it gets a hidden one.',
    table: 'dynamic_rates',
    act(w) {
      w.person.set(BOOK, { cell: `${rates}!B2`, text: '50' })
      w.person.setRows(BOOK, { at: w.below(rates), rows: [['50', '100', '2.5%', 'about 50']] })
    },
    rows: 1,
    afterwards(w) {
      expect(w.row('dynamic_rates', '0')).toMatchObject({ range_to: 5_000 })
      expect(w.row('dynamic_rates', '5000')).toMatchObject({ range_to: 10_000, rate: 0.025 })
    },
  },
  {
    people: 'insert a title above the header',
    verdict: 'The header is found where it stands now; what is above it is theirs.',
    table: 'employee_settings',
    act: (w) => w.person.insertRow(BOOK, { tab: staff, row: 1, values: ['Wages of 2026'] }),
  },
  {
    people: 'leave an empty row in the middle',
    verdict: 'It is skipped; the rows below it go on.',
    table: 'dynamic_rates',
    act: (w) => w.person.insertRow(BOOK, { tab: rates, row: 4 }),
  },
  {
    people: 'drag a row to another place',
    verdict: 'It stays the row that it was.',
    table: 'dynamic_rates',
    act: (w) => w.person.moveRow(BOOK, { tab: rates, row: 6, before: 2 }),
  },
  {
    people: 'cut a row and paste it elsewhere',
    verdict: 'It stays the row that it was; the empty line that is left is skipped.',
    table: 'dynamic_rates',
    act: (w) => w.person.cutPaste(BOOK, { from: `${rates}!A3:F3`, to: `${rates}!A12` }),
  },
  {
    people: 'cut a cell and paste it over another one',
    verdict:
      'Both cells changed: the new value is taken, and an emptied cell that must say something is asked about.',
    table: 'employee_settings',
    act: (w) => w.person.cutPaste(BOOK, { from: `${staff}!C3`, to: `${staff}!C8` }),
    asks: ['unreadable'],
    apart: ['E02.hourly_wage'],
    afterwards(w) {
      expect(w.row('employee_settings', 'E02')).toMatchObject({ hourly_wage: 2_925 })
      expect(w.row('employee_settings', 'E07')).toMatchObject({ hourly_wage: 2_925 })
    },
  },
  {
    people: 'copy a row, paste it below, and change the copy',
    verdict: 'The copy is a new row with a hidden id of its own; the original stays the row that it was.',
    table: 'dynamic_rates',
    act(w) {
      w.person.duplicateRow(BOOK, { tab: rates, row: 7 })
      w.person.set(BOOK, { cell: `${rates}!B2`, text: '50' })
      w.person.setRows(BOOK, { at: `${rates}!A8`, rows: [['50', '100']] })
    },
    rows: 1,
    warns: ['row_copied'],
    afterwards(w) {
      expect(w.row('dynamic_rates', '0')).toMatchObject({ range_to: 5_000, rate: 0.2 })
      expect(w.row('dynamic_rates', '5000')).toMatchObject({ range_to: 10_000, rate: 0.15 })
    },
  },
  {
    people: 'copy a row whose id people type themselves',
    verdict: 'The copy is not used and is asked about, until it gets an id of its own.',
    table: 'employee_settings',
    act: (w) => w.person.duplicateRow(BOOK, { tab: staff, row: 4 }),
    asks: ['duplicate'],
    apart: ['E03'],
    async afterwards(w) {
      w.person.set(BOOK, { cell: `${staff}!A5`, text: 'E33' })
      await w.settle()
      expect(w.conflicts()).toEqual([])
      expect(w.row('employee_settings', 'E33')).toMatchObject({ name: 'Cleo', hourly_wage: 2_825 })
    },
  },
  {
    people: 'copy cells over other cells',
    verdict: 'The cells that were pasted over are edits, each under its own row.',
    table: 'employee_settings',
    act: (w) => w.person.copyPaste(BOOK, { from: `${staff}!C2:D2`, to: `${staff}!C4` }),
    afterwards: (w) =>
      expect(w.row('employee_settings', 'E03')).toMatchObject({ hourly_wage: 3_025, commission: 0.01 }),
  },
  {
    people: 'paste a row over another one',
    verdict:
      'The row that was pasted over is gone at the second look; the one that stands twice is asked about.',
    table: 'employee_settings',
    act: (w) => w.person.copyPaste(BOOK, { from: `${staff}!A2:F2`, to: `${staff}!A4` }),
    rows: -1,
    asks: ['duplicate'],
    apart: ['E01'],
  },
]
