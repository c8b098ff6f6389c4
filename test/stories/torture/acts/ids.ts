import { expect } from 'vitest'
import type { Act } from '../act.ts'
import { BOOK, type TortureWorld } from '../torture-world.ts'

const idAt = (w: TortureWorld, row: number) => String(w.person.cell(BOOK, `DynamicRates!F${row}`).value)

/** What tells rows apart, touched by hand. */
export const ids: readonly Act[] = [
  {
    people: 'wipe a hidden id',
    verdict: 'The row is found again by what it shows, and its id is put back.',
    table: 'dynamic_rates',
    act: (w) => w.person.clear(BOOK, { range: 'DynamicRates!F5' }),
    warns: ['row_found'],
  },
  {
    people: 'paste one hidden id over another',
    verdict: 'What each row shows says which one has that id; the other one gets its own back.',
    table: 'dynamic_rates',
    act: (w) => w.person.copyPaste(BOOK, { from: 'DynamicRates!F5', to: 'DynamicRates!F6' }),
    warns: ['row_permuted'],
  },
  {
    people: 'paste a hidden id over the one below it',
    verdict: 'The same, also where one of the two rows is being written or taken out.',
    table: 'dynamic_rates',
    act: (w) => w.person.copyPaste(BOOK, { from: 'DynamicRates!F3', to: 'DynamicRates!F4' }),
    warns: ['row_permuted'],
    comings: () => ({ warns: [] }),
  },
  {
    people: 'swap two hidden ids',
    verdict: 'What the two rows show says which is which; both get their own ids back.',
    table: 'dynamic_rates',
    act(w) {
      const [one, other] = [idAt(w, 3), idAt(w, 6)]
      w.person.set(BOOK, { cell: 'DynamicRates!F3', text: other })
      w.person.set(BOOK, { cell: 'DynamicRates!F6', text: one })
    },
  },
  {
    people: 'wipe the hidden ids and sort the tab',
    verdict: 'All rows are found again by what they show, wherever they stand.',
    table: 'dynamic_rates',
    act(w) {
      w.person.clear(BOOK, { range: 'DynamicRates!F2:F20' })
      w.person.sort(BOOK, { tab: 'DynamicRates', by: 'From', descending: true })
    },
    warns: ['row_found'],
  },
  {
    people: 'type an id that nobody knows',
    verdict: 'The row is found again by what it shows, and its id is put back.',
    table: 'dynamic_rates',
    act: (w) => w.person.set(BOOK, { cell: 'DynamicRates!F6', text: 'my own' }),
    warns: ['row_found'],
    afterwards: (w) => expect(idAt(w, 6)).toBe(w.row('dynamic_rates', '40000')?.id),
  },
  {
    people: 'wipe the whole column of ids, header included',
    verdict: 'All rows are found again by what they show, and the column is filled again.',
    table: 'dynamic_rates',
    act: (w) => w.person.clear(BOOK, { range: 'DynamicRates!F1:F20' }),
    warns: ['row_found'],
  },
  {
    people: 'delete the hidden column',
    verdict: 'All rows are found again by what they show, and the column comes back.',
    table: 'dynamic_rates',
    act: (w) => w.person.deleteColumn(BOOK, { tab: 'DynamicRates', column: 'F' }),
    warns: ['row_found'],
  },
  {
    people: 'unhide the hidden column',
    verdict: 'It stays as they like to see it; it is not hidden again.',
    table: 'dynamic_rates',
    act: (w) => w.person.hideColumn(BOOK, { tab: 'DynamicRates', column: 'F', hidden: false }),
    afterwards: (w) => expect(w.sheet('DynamicRates')?.hiddenColumns).toEqual([]),
  },
  {
    people: 'give a rank another name',
    verdict: 'It stays the row that it was: the rest of it says so.',
    table: 'ranks',
    act: (w) => w.person.set(BOOK, { cell: 'Ranks!A4', text: 'Chrome' }),
    warns: ['row_renamed'],
    afterwards(w) {
      const told = w
        .history()
        .filter(({ tbl, before }) => tbl === 'ranks' && String(before).includes('Silver'))
      expect(told.map(({ key }) => key)).toEqual([w.row('ranks', 'Chrome')?.id])
    },
  },
]
