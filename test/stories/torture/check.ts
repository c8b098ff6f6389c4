import { expect } from 'vitest'
import type { Row } from '../../../db/database.ts'
import { columnLetters } from '../../emulators/google/a1.ts'
import type { SpreadsheetFile } from '../../emulators/google/model.ts'
import type { Act } from './act.ts'
import { BY_PROGRAM, COLUMNS, COMES_AND_GOES, labelOf, type ReferenceTable, TABS } from './book.ts'
import { differences, frameOf, type Written } from './left-alone.ts'
import { ID, linesOf } from './shown.ts'
import type { TortureWorld } from './torture-world.ts'

const TABLES = Object.keys(TABS) as ReferenceTable[]

/** What stood on either side when the act was done. */
export interface Left {
  readonly file: SpreadsheetFile
  /** Tab ids by table */
  readonly tabs: Readonly<Record<string, number>>
  readonly rows: Readonly<Record<ReferenceTable, readonly Row[]>>
  /** Runs before it */
  readonly runs: number
  /** A program also added and deleted rows */
  readonly comings: boolean
}

/** Whatever people do: nothing is lost, rows stay who they are, and only what a program changed is written. */
export function nothingLost(w: TortureWorld, act: Act, left: Left): void {
  for (const table of TABLES) {
    keptHere(w, table, left.rows[table])
    sameRows(w, table, left.rows[table])
  }
  expect(unexplained(w, act, left), 'cells that nobody asked to be written').toEqual([])
  expect(frameOf(w.file())).toEqual(frameOf(left.file))
}

/** Every value that stood here stands here still, or the history says what took its place. */
export function keptHere(w: TortureWorld, table: ReferenceTable, rows: readonly Row[]): void {
  const now = new Map(w.all(table).map((row) => [String(row.id), row]))
  const history = w.history().filter(({ tbl }) => tbl === table)
  for (const row of rows)
    for (const column of Object.keys(COLUMNS[table])) {
      const key = String(row.id)
      if (now.get(key)?.[column] === row[column]) continue
      const told = history.some(
        (entry) =>
          entry.key === key && (JSON.parse(String(entry.before ?? '{}')) as Row)[column] === row[column],
      )
      expect(told, `the history tells of ${table} ${key}.${column} ${row[column]}`).toBe(true)
    }
}

/** A row that is called as it was is the row that it was. */
function sameRows(w: TortureWorld, table: ReferenceTable, rows: readonly Row[]): void {
  const was = new Map(rows.map((row) => [labelOf(table, row), row.id]))
  const keys = w.here(table).flatMap((row) => {
    const label = labelOf(table, row)
    return was.has(label) ? [[label, row.id]] : []
  })
  expect(keys).toEqual(keys.map(([label]) => [label, was.get(String(label))]))
}

/** What was written though no program changed it, no id was missing and no note was due. */
function unexplained(w: TortureWorld, act: Act, left: Left): Written[] {
  const now = w.file()
  return differences(left.file, now).filter(({ tab, row, column, was, is }) => {
    const sheet = now.sheets.find(({ title }) => title === tab)
    const isIds = sheet?.rows.some((cells) => cells[column]?.value === ID)
    if (isIds) return false
    const { value: before, ...rest } = was ?? {}
    const { value: after, ...others } = is ?? {}
    const table = TABLES.find((one) => left.tabs[one] === sheet?.sheetId)
    const byProgram = table
      ? [...BY_PROGRAM[table], ...(left.comings ? [COMES_AND_GOES[table].first] : [])].some(
          (one) => one && (before ?? null) === one.was && after === one.shows,
        )
      : false
    // A new row that was taken back leaves the number formats of its cells below the table.
    if (left.comings && was === null && is !== null && Object.keys(is).join() === 'format') return false
    if (left.comings && table && cameOrWent(left.file, now, table, sheet?.sheetId ?? -1, row, act))
      return false
    // In the moment of a write rows gave way to others: what we hit is said, and emptied.
    const places = [`${tab}!${columnLetters(column)}${row + 1}`, `${tab}!${row + 1}:${row + 1}`]
    const told = w.runs.slice(left.runs).flatMap(({ parts }) => parts.flatMap(({ warnings }) => warnings))
    if (told.some(({ kind, where }) => kind === 'overwritten' && places.includes(where ?? ''))) return false
    if (byProgram && JSON.stringify(rest) === JSON.stringify(others)) return false
    return !(act.writes && table === act.table && row > 0 && is?.formula === was?.formula)
  })
}

/** Whether a row of the tab is the one that a program added, or was the one that it deleted. */
function cameOrWent(
  before: SpreadsheetFile,
  now: SpreadsheetFile,
  table: ReferenceTable,
  tab: number,
  row: number,
  act: Act,
): boolean {
  const { adds, deletes } = COMES_AND_GOES[table]
  const isCalled = (file: SpreadsheetFile, label: string) => {
    const sheet = file.sheets.find(({ sheetId }) => sheetId === tab)
    // Without its header nobody can tell the columns of a tab.
    if (act.stops && sheet?.rows[row]?.some((cell) => cell?.value === label)) return true
    const lines = sheet ? linesOf(file, sheet, table, table === act.table ? act.headers : {}) : []
    return lines.some((line) => line.row === row && labelOf(table, line.values) === label)
  }
  return isCalled(now, adds.label) || isCalled(before, deletes)
}

/** Sheet and database say the same of every row, but for what the act names. */
export function alike(w: TortureWorld, act: Act, left: Pick<Left, 'tabs'>): void {
  for (const table of TABLES) {
    if (table === act.table && act.stops) continue
    const sheet = w.file().sheets.find(({ sheetId }) => sheetId === left.tabs[table])
    if (!sheet) continue
    const mine = table === act.table
    const apart = mine ? (act.apart ?? []) : []
    const lines = linesOf(w.file(), sheet, table, mine ? act.headers : {})
    const columns = Object.keys(COLUMNS[table])
    const told = (rows: readonly Row[]) =>
      rows
        .filter((row) => !apart.includes(labelOf(table, row)))
        .map((row) =>
          Object.fromEntries(
            columns
              .filter(
                (column) =>
                  !apart.includes(`${labelOf(table, row)}.${column}`) && !apart.includes(`*.${column}`),
              )
              .map((column) => [column, row[column] ?? null]),
          ),
        )
        .toSorted((a, b) => labelOf(table, a).localeCompare(labelOf(table, b)))
    expect(told(lines.map(({ values }) => values)), `${table}: the sheet says what is here`).toEqual(
      told(w.here(table)),
    )
    if (table !== 'dynamic_rates') continue
    const ids = lines
      .map(({ ref, values }) => [labelOf(table, values), ref])
      .filter(([label]) => !apart.includes(String(label)))
    const keys = new Map(w.here(table).map((row) => [labelOf(table, row), row.id]))
    expect(ids, 'each row carries its own id').toEqual(ids.map(([label]) => [label, keys.get(String(label))]))
  }
}
