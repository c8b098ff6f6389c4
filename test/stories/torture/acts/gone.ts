import { expect } from 'vitest'
import type { Act } from '../act.ts'
import { employees, rates } from '../book.ts'
import { BOOK, type TortureWorld } from '../torture-world.ts'

const staff = 'EmployeeSettings'

async function keptByAnAdmin(w: TortureWorld, shown: readonly number[]): Promise<void> {
  const before = w.here('dynamic_rates').map(({ id }) => id)
  await w.answer('keep_remote')
  await w.settle()
  expect(w.here('dynamic_rates').map(({ id }) => id)).toEqual(before)
  const froms = w.person
    .values(BOOK, 'DynamicRates!A2:A20')
    .flat()
    .filter((value) => value !== '')
  expect(froms.toSorted()).toEqual(shown)
  expect(w.person.cell(BOOK, 'DynamicRates!C4').value).toBe(0.333)
}

async function putBack(w: TortureWorld): Promise<void> {
  w.person.setRows(BOOK, { at: `${staff}!A2`, rows: employees.slice(1) })
  await w.settle()
  expect(w.conflicts()).toEqual([])
  expect(w.part('employee_settings')?.reason).toBeUndefined()
  const { there, here } = w.called('employee_settings')
  expect(there).toEqual(here)
}

async function importTaken(w: TortureWorld, besides: readonly string[]): Promise<void> {
  await w.answer('keep_local')
  await w.settle()
  // In the moment of a write two cells of the import were hit: the run says which, to enter them again.
  const said = w.runs.flatMap(({ parts }) => parts.flatMap(({ warnings }) => warnings))
  const hit = said.flatMap(({ kind, where }) => {
    const row = kind === 'overwritten' ? /![A-Z]+(\d+)$/.exec(where ?? '')?.[1] : undefined
    return row === undefined ? [] : [`X${Number(row) - 2}`]
  })
  expect(w.conflicts().map(({ kind }) => kind)).toEqual(hit.map(() => 'unreadable'))
  const { there, here } = w.called('employee_settings')
  const all = Array.from({ length: 9 }, (_, n) => `X${n}`)
  expect(there).toEqual([...besides, ...all])
  expect(here).toEqual(there.filter((id) => !hit.includes(id)))
  expect(w.row('employee_settings', 'X0')).toMatchObject({ name: 'Other 0' })
}

/** Rows that are gone, by wish or by accident. */
export const gone: readonly Act[] = [
  {
    people: 'delete a row',
    verdict: 'It is deleted here at the second look, and the history keeps it.',
    table: 'employee_settings',
    act: (w) => w.person.deleteRow(BOOK, { tab: staff, row: 4 }),
    rows: -1,
    afterwards: (w) => expect(w.row('employee_settings', 'E03')).toBeUndefined(),
  },
  {
    people: 'delete a row and undo it after a sync',
    verdict: 'The row is back under its old key, and its history goes on.',
    table: 'dynamic_rates',
    act: (w) => w.person.deleteRow(BOOK, { tab: 'DynamicRates', row: 6 }),
    rows: -1,
    async afterwards(w) {
      const dead = w.all('dynamic_rates').find(({ range_from }) => range_from === 40_000)
      const values = ['400', '500', '16%', 'about 400', '=C6/2', String(dead?.id)]
      w.person.insertRow(BOOK, { tab: 'DynamicRates', row: 6, values })
      await w.settle()
      expect(w.row('dynamic_rates', '40000')).toMatchObject({ id: dead?.id, rate: 0.16, deleted_at: null })
    },
  },
  {
    people: 'delete many rows at once',
    verdict: 'The rows stay here and an admin is asked; only after a yes do they go.',
    table: 'employee_settings',
    act: (w) => w.person.deleteRow(BOOK, { tab: staff, row: 2, count: 4 }),
    asks: ['deletion_guard'],
    apart: ['E01', 'E02', 'E03', 'E04'],
    async afterwards(w) {
      await w.answer('keep_local')
      await w.settle()
      expect(w.here('employee_settings')).toHaveLength(8)
      expect(w.conflicts()).toEqual([])
    },
  },
  {
    people: 'delete many rows at once, and an admin says no',
    verdict: 'The rows are written into the tab again, with the keys that they had.',
    table: 'dynamic_rates',
    act: (w) => w.person.deleteRow(BOOK, { tab: 'DynamicRates', row: 5, count: 2 }),
    asks: ['deletion_guard'],
    // A table that is taken whole waits whole: what a program changed waits too.
    apart: ['30000', '40000', '20000.rate'],
    afterwards: (w) => keptByAnAdmin(w, [0, 100, 200, 300, 400, 500]),
    comings: (moment) => ({
      apart: [
        ...['30000', '40000'],
        ...(moment === 'before a run' ? ['20000.rate', '50000.range_to', '60000', '10000'] : []),
      ],
      afterwards: (w) => keptByAnAdmin(w, [0, 200, 300, 400, 500, 600]),
    }),
  },
  {
    people: 'empty the tab',
    verdict: 'Nothing is believed: the rows stay here and an admin is asked.',
    table: 'ranks',
    act: (w) => w.person.clear(BOOK, { range: 'Ranks!A1:Z100' }),
    stops: /shows no row any more/,
    asks: ['emptied'],
    async afterwards(w) {
      await w.answer('keep_remote')
      await w.settle()
      expect(w.person.values(BOOK, 'Ranks!A1:A7').flat()[0]).toBe('Rank')
      expect(w.here('ranks')).toHaveLength(6)
      const { there, here } = w.called('ranks')
      expect(there).toEqual(here)
    },
  },
  {
    people: 'empty all rows below the header',
    verdict: 'The same; once the rows are back, the question closes by itself.',
    table: 'employee_settings',
    act: (w) => w.person.clear(BOOK, { range: `${staff}!A2:F13` }),
    stops: /shows no row any more/,
    asks: ['emptied'],
    afterwards: putBack,
    // The row that a program added stands there alone, so that the others are gone.
    comings: (moment) =>
      moment === 'before a run'
        ? {}
        : {
            stops: null,
            asks: ['deletion_guard'],
            apart: ['E01', 'E02', 'E03', 'E04', 'E05', 'E06', 'E07', 'E08', 'E09', 'E10', 'E12'],
            async afterwards(w) {
              await putBack(w)
              expect(w.row('employee_settings', 'P01')).toMatchObject({ name: 'Pam' })
              // After a run what they put back is older than what they saw last: it is an edit.
              const wage = moment === 'after a run' ? 2_625 : 7_777
              expect(w.row('employee_settings', 'E05')).toMatchObject({ hourly_wage: wage })
              expect(w.person.cell(BOOK, `${staff}!C6`).value).toBe(wage / 100)
            },
          },
  },
  {
    people: 'import a file that appends rows',
    verdict: 'The rows are new here; all others stay the rows that they were.',
    table: 'employee_settings',
    act: (w) =>
      w.person.setRows(BOOK, {
        at: w.below(staff),
        rows: ['E21', 'E22', 'E23'].map((id, n) => [id, n < 2 ? `New ${id}` : '', 11, '3%']),
      }),
    rows: 3,
    afterwards: (w) =>
      expect(w.row('employee_settings', 'E23')).toMatchObject({ name: null, hourly_wage: 1_100 }),
  },
  {
    people: 'import a file over the tab that holds the same rows',
    verdict:
      'What differs is an edit; rows are found again by what they show and get their hidden ids back. If the file lacks rows that came or changed since it was made, an admin is asked before any of it is taken.',
    table: 'dynamic_rates',
    act(w) {
      const changed = rates.map((line, n) => (n === 6 ? [500, null, '11%'] : line.slice(0, 3)))
      w.person.replaceTab(BOOK, { tab: 'DynamicRates', rows: changed })
    },
    warns: ['row_found'],
    writes: true,
    afterwards: (w) => expect(w.row('dynamic_rates', '50000')).toMatchObject({ rate: 0.11 }),
    // The file knows nothing of the row that a program added, and hardly knows the one that it changed for it.
    comings: (moment) =>
      moment !== 'after a run'
        ? {}
        : {
            asks: ['deletion_guard'],
            apart: ['0', '10000', '20000', '30000', '40000', '50000', '60000'],
            async afterwards(w) {
              await w.answer('keep_local')
              await w.settle()
              expect(w.conflicts()).toEqual([])
              expect(w.here('dynamic_rates')).toHaveLength(6)
              expect(w.row('dynamic_rates', '50000')).toMatchObject({ range_to: null, rate: 0.11 })
            },
          },
  },
  {
    people: 'import a file over the tab that holds other rows',
    verdict: 'Nothing of it is taken: the rows stay here and an admin is asked.',
    table: 'employee_settings',
    act(w) {
      const others = Array.from({ length: 9 }, (_, n) => [`X${n}`, `Other ${n}`, 9 + n, '2%'])
      w.person.replaceTab(BOOK, { tab: staff, rows: [employees[0]?.slice(0, 4) ?? [], ...others] })
    },
    stops: /as after an import/,
    asks: ['replaced'],
    afterwards: (w) => importTaken(w, []),
    // What a program added stands there no more, or is no part of the import and goes below it.
    comings: (moment) => ({ afterwards: (w) => importTaken(w, moment === 'after a run' ? [] : ['P01']) }),
  },
]
