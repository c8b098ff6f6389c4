import { expect } from 'vitest'
import type { Act } from '../act.ts'
import { BOOK, ROBOT, type TortureWorld } from '../torture-world.ts'

const staff = 'EmployeeSettings'
const set = (w: TortureWorld, cell: string, text: string) =>
  w.person.set(BOOK, { cell: `${staff}!${cell}`, text })
const of = (w: TortureWorld, id: string) => w.row('employee_settings', id)

/** Several who write at once, and a Google that does not answer. */
export const together: readonly Act[] = [
  {
    people: 'type into cells while others are written',
    verdict: 'What they typed is theirs, and is here with the next look; what was written stands.',
    table: 'employee_settings',
    act(w) {
      set(w, 'C5', '61')
      set(w, 'D6', '66%')
    },
    afterwards(w) {
      expect(of(w, 'E04')).toMatchObject({ hourly_wage: 6_100 })
      expect(of(w, 'E05')).toMatchObject({ hourly_wage: 7_777, commission: 0.66 })
    },
  },
  {
    people: 'type into the very cell that a program changed',
    verdict: 'The sheet’s value holds unless it is set otherwise; the program’s is in the history.',
    table: 'employee_settings',
    moments: ['before a run', 'after its reading', 'after a run'],
    act: (w) => set(w, 'C6', '55'),
    afterwards(w) {
      expect(of(w, 'E05')).toMatchObject({ hourly_wage: 5_500 })
      const said = w.history().flatMap(({ before, after }) => [String(before), String(after)])
      expect(said.some((text) => text.includes('7777'))).toBe(true)
    },
  },
  {
    people: 'sort, insert and delete rows at once while cells are written',
    verdict: 'A value that lands in a row which just moved is put right before the run ends.',
    table: 'employee_settings',
    act(w) {
      w.person.sort(BOOK, { tab: staff, by: 'Name', descending: true })
      w.person.insertRow(BOOK, { tab: staff, row: 4, values: ['E30', 'Pia', '14', '2%'] })
      w.person.deleteRow(BOOK, { tab: staff, row: 2 })
    },
    // Leo, E12, came to stand first.
    rows: 0,
    afterwards(w) {
      expect(of(w, 'E12')).toBeUndefined()
      expect(of(w, 'E30')).toMatchObject({ name: 'Pia' })
    },
    // After a run Pam, P01, whom a program had added, stood before him.
    comings: (moment) =>
      moment !== 'after a run'
        ? {}
        : {
            afterwards(w) {
              expect(of(w, 'P01')).toBeUndefined()
              expect(of(w, 'E12')).toMatchObject({ name: 'Leo' })
            },
          },
  },
  {
    people: 'edit the same cell, two of them, and others beside it',
    verdict: 'The last one’s value stands, as in Sheets itself; the other cells are all kept.',
    table: 'employee_settings',
    act(w) {
      set(w, 'C3', '41')
      set(w, 'B3', 'Robert')
      set(w, 'C3', '42')
      set(w, 'D3', '4%')
    },
    afterwards: (w) =>
      expect(of(w, 'E02')).toMatchObject({ name: 'Robert', hourly_wage: 4_200, commission: 0.04 }),
  },
  {
    people: 'undo (Ctrl-Z) a cell after a sync',
    verdict: 'It is an edit like any other: the old value is back, and the history tells both.',
    table: 'employee_settings',
    act: (w) => set(w, 'C3', '40'),
    async afterwards(w) {
      expect(of(w, 'E02')).toMatchObject({ hourly_wage: 4_000 })
      set(w, 'C3', '29.25')
      await w.settle()
      expect(of(w, 'E02')).toMatchObject({ hourly_wage: 2_925 })
    },
  },
  {
    people: 'type into a cell that a program changed, where a person is to decide',
    verdict:
      'The cell keeps what they typed, programs keep the database’s value, and a note at the cell asks.',
    table: 'employee_settings',
    setting: { policy: 'manual' },
    moments: ['before a run', 'after its reading'],
    act(w) {
      set(w, 'C6', '55')
      w.person.setNote(BOOK, { cell: `${staff}!C6`, note: 'mine' })
    },
    asks: ['merge'],
    apart: ['E05.hourly_wage'],
    writes: true,
    async afterwards(w) {
      expect(of(w, 'E05')).toMatchObject({ hourly_wage: 7_777 })
      const { note, value } = w.person.cell(BOOK, `${staff}!C6`)
      expect(value).toBe(55)
      expect(note).toMatch(/^mine\n\n[\s\S]*77\.77[\s\S]*55/)
      set(w, 'C6', '60')
      await w.settle()
      expect(of(w, 'E05')).toMatchObject({ hourly_wage: 6_000 })
      expect(w.person.cell(BOOK, `${staff}!C6`).note).toBe('mine')
      expect(w.conflicts()).toEqual([])
    },
  },
  {
    people: 'use up Google’s quota with other programs',
    verdict: 'The run waits for the next minute and goes on where it was.',
    table: 'employee_settings',
    act(w) {
      for (const kind of ['read', 'write'] as const)
        for (let call = 0; call < 60; call++)
          try {
            w.google.quota.takeSheets(kind, ROBOT)
          } catch {
            break
          }
    },
  },
  {
    people: 'revoke Tidemark’s access, and give it back',
    verdict: 'Programs read on; the run says with whom to share the workbook, and goes on once that is done.',
    table: 'ranks',
    act: (w) => w.person.unshare(BOOK, { email: ROBOT }),
    stops: /Google says/,
    async afterwards(w) {
      expect(w.part('ranks')?.mend).toContain(ROBOT)
      w.person.share(BOOK, { email: ROBOT })
      await w.settle()
      expect(w.person.cell(BOOK, 'Ranks!D5').value).toBe(88.88)
    },
  },
  {
    people: 'let Tidemark read the workbook only',
    verdict:
      'What they type is taken; what programs change waits, and the run says with whom to share the workbook.',
    table: 'ranks',
    act(w) {
      w.person.share(BOOK, { email: ROBOT, role: 'reader' })
      w.person.set(BOOK, { cell: 'Ranks!D4', text: '26' })
    },
    apart: ['Gold.bonus'],
    async afterwards(w) {
      expect(w.row('ranks', 'Silver')).toMatchObject({ bonus: 2_600 })
      w.person.share(BOOK, { email: ROBOT })
      await w.settle()
      expect(w.person.cell(BOOK, 'Ranks!D5').value).toBe(88.88)
      const named = w.person.values(BOOK, 'Ranks!A2:A8').flat()
      for (const { name } of w.here('ranks')) expect(named).toContain(name)
    },
    comings: (moment) =>
      moment === 'after a run' ? {} : { apart: ['Gold.bonus', 'Diamond.max_amount', 'Opal', 'Bronze'] },
  },
  {
    people: 'move the workbook to the bin, and take it out again',
    verdict: 'Programs read on; the link goes on with the workbook.',
    table: 'dynamic_rates',
    act: (w) => w.person.trash(BOOK, {}),
    async afterwards(w) {
      w.person.trash(BOOK, { trashed: false })
      await w.settle()
      expect(w.person.cell(BOOK, 'DynamicRates!C4').value).toBe(0.333)
    },
  },
]
