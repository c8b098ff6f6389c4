import type { Row } from '../../../db/database.ts'
import type { SpreadsheetFile } from '../../emulators/google/model.ts'
import {
  BY_PROGRAM,
  COMES_AND_GOES,
  employees,
  labelOf,
  type ReferenceTable,
  rankRows,
  rates,
  report,
  TABS,
} from './book.ts'
import { BOOK, type LinkedWorld, linkedWorld } from './linked-world.ts'
import { linesOf } from './shown.ts'

export { BOOK, ROBOT } from './linked-world.ts'

export type TortureWorld = ReturnType<typeof tortureWorld>

/** The reference tables, in the workbook that people act in. */
export function tortureWorld(setting: Readonly<Record<string, unknown>> = {}) {
  const w: LinkedWorld = linkedWorld({
    name: 'reference',
    lane: 'reference',
    setting,
    sheets: [
      { title: TABS.employee_settings, rows: employees },
      { title: TABS.dynamic_rates, rows: rates },
      { title: TABS.ranks, rows: rankRows },
      { title: 'Report', rows: report },
    ],
  })
  w.person.format(BOOK, { range: 'EmployeeSettings!C2:C13', type: 'CURRENCY', pattern: '$#,##0.00' })
  w.person.setNote(BOOK, { cell: 'EmployeeSettings!B3', note: 'Bob is on leave' })
  w.person.setNote(BOOK, { cell: 'DynamicRates!C4', note: 'agreed in May' })
  const row = (table: ReferenceTable, label: string) =>
    w.here(table).find((one) => labelOf(table, one) === label)
  return {
    ...w,
    row,
    /** The first cell below everything that stands in a tab. */
    below(title: string): string {
      const last = w.sheet(title)?.rows.findLastIndex((cells) => cells.some((cell) => cell?.value != null))
      return `${title}!A${(last ?? -1) + 2}`
    },
    /** People put an earlier version of the workbook back, as File › Version history does. */
    putBack(version: SpreadsheetFile): void {
      const { files, ...world } = w.google.snapshot()
      w.google.restore({ ...world, files: { ...files, [BOOK]: { ...w.file(), sheets: version.sheets } } })
      w.person.touch(BOOK, {})
    },
    /** What the rows of a tab are called, in order of their names; and those of its table here. */
    called(table: ReferenceTable): { readonly there: string[]; readonly here: string[] } {
      const sheet = w.sheet(TABS[table])
      const there = sheet ? linesOf(w.file(), sheet, table).map(({ values }) => values) : []
      const of = (rows: readonly Row[]) => rows.map((one) => labelOf(table, one)).toSorted()
      return { there: of(there), here: of(w.here(table)) }
    },
    /** A program changes some cells of a table here; `rows`: it adds a row and deletes one, too. */
    async program(table: ReferenceTable, rows: boolean): Promise<void> {
      const keyOf = (label: string) => String(row(table, label)?.id)
      for (const { label, column, value } of BY_PROGRAM[table])
        await w.edit(table, keyOf(label), { [column]: value })
      if (!rows) return
      const { first, adds, deletes } = COMES_AND_GOES[table]
      if (first) await w.edit(table, keyOf(first.label), first.values)
      await w.edit(table, adds.key, adds.values, 'insert')
      await w.edit(table, keyOf(deletes), {}, 'delete')
    },
  }
}
