import { expect } from 'vitest'
import type { Act } from '../act.ts'
import { BOOK, ROBOT } from '../torture-world.ts'

/** Tabs and workbooks. */
export const tabs: readonly Act[] = [
  {
    people: 'rename the tab',
    verdict: 'It is found all the same, and nobody has to set anything.',
    table: 'employee_settings',
    act: (w) => w.person.renameTab(BOOK, { tab: 'EmployeeSettings', title: 'Wages 2026' }),
  },
  {
    people: 'duplicate the tab',
    verdict: 'The copy is theirs; the tab that was linked stays the linked one.',
    table: 'dynamic_rates',
    act: (w) => w.person.duplicateTab(BOOK, { tab: 'DynamicRates', title: 'Copy of DynamicRates' }),
  },
  {
    people: 'move the tab',
    verdict: 'Nothing happens.',
    table: 'ranks',
    act: (w) => w.person.moveTab(BOOK, { tab: 'Ranks', index: 0 }),
  },
  {
    people: 'hide the tab',
    verdict: 'Nothing happens: a hidden tab goes on being synced.',
    table: 'ranks',
    act: (w) => w.person.hideTab(BOOK, { tab: 'Ranks' }),
  },
  {
    people: 'delete the tab',
    verdict: 'The tab stops and says which tabs there are; the rows stay here and the other tabs go on.',
    table: 'ranks',
    act: (w) => w.person.deleteTab(BOOK, { tab: 'Ranks' }),
    stops: /no tab “Ranks”/,
  },
  {
    people: 'copy the workbook',
    verdict: 'Nothing happens: the copy is another workbook.',
    table: 'dynamic_rates',
    act: (w) => void w.person.copy(BOOK, { id: 'copy' }),
  },
  {
    people: 'copy the workbook, and somebody links the copy',
    verdict: 'The copy is left alone, neither read nor written, until an admin claims it.',
    table: 'ranks',
    act(w) {
      w.person.copy(BOOK, { id: 'copy' })
      w.person.share('copy', { email: ROBOT })
      w.person.set('copy', { cell: 'Ranks!D2', text: '99' })
      w.configure({ spreadsheet_id: 'copy' })
    },
    stops: /another workbook/,
    asks: ['copied', 'copied', 'copied'],
    async afterwards(w) {
      expect(w.person.file('copy').version).toBe(w.person.file('copy').version)
      w.configure({ spreadsheet_id: BOOK })
      await w.settle()
      expect(w.conflicts()).toEqual([])
      expect(w.row('ranks', 'Iron')).toMatchObject({ bonus: 500 })
    },
  },
]
