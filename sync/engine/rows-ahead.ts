import type { Result, Row } from '../../db/database.ts'
import type { LinkDeclaration } from './declare.ts'
import { type IndexedRow, waysOf } from './page-index.ts'
import type { PageEntry } from './plan.ts'
import { keysOf, storedRows, tupleOf, type Wanted, waysAsked } from './run-facts.ts'

// Stored rows that the next page of a list may touch, read in the batch that commits the page before it, behind its
// writes: a page then costs one batch. What is read ahead may be a guess: a page takes it only where it answers all that
// the page asks, and where nobody has moved the lane since. Else the page's rows are read as if nothing had been.

/** What was read ahead. What was asked for and is not among `rows` is not in the table. */
export interface RowsAhead {
  /** Version of the lane at which the rows stand */
  readonly version: number
  readonly rows: ReadonlyMap<string, Row>
  readonly keys: ReadonlySet<string>
  /** Columns -> the values that were looked up, as JSON arrays */
  readonly matches: ReadonlyMap<string, ReadonlySet<string>>
}

/** Times in a row that reading ahead may come to nothing before it is tried only now and then. */
const IN_VAIN = 3
/** How often it is tried then, in pages: the other run of the lane that made it vain may have ended. */
const NOW_AND_THEN = 8

/** Whether to read ahead for a page; `vain`: how many times in a row it came to nothing. */
export const worthwhile = (vain: number, page: number): boolean => vain < IN_VAIN || page % NOW_AND_THEN === 0

/** What a page that is not here yet will ask, if it shows what it showed the last time; null: it was never read. */
export function guess(last: readonly PageEntry[]): Wanted | null {
  const keys = new Set(last.map(([key]) => key).filter((key) => key !== ''))
  return keys.size > 0 ? { keys, matches: [] } : null
}

/** What came of it; `results`: of `storedStatements`, read at this version of the lane. */
export const rowsAhead = (
  link: LinkDeclaration,
  { keys, matches }: Wanted,
  results: readonly Result[],
  version: number,
): RowsAhead => ({
  version,
  rows: new Map(storedRows(results, link).map((row) => [String(row[link.table.key]), row])),
  keys,
  matches: new Map(matches.map(({ columns, values }) => [columns.join(), new Set(values)])),
})

/** Whether all that these rows of a page may touch was read ahead. */
export const covers = (ahead: RowsAhead, link: LinkDeclaration, wanted: readonly IndexedRow[]): boolean =>
  wanted.every(
    (row) => keysOf(link, row).every((key) => ahead.keys.has(key)) && isMatched(ahead, link, row.values),
  )

function isMatched({ keys, rows, matches }: RowsAhead, link: LinkDeclaration, values: Row): boolean {
  const asked = waysAsked(link)
  for (const way of waysOf(link)) {
    if (tupleOf(way, values) === null) continue
    const by = asked.find((columns) => columns.every((column) => way.includes(column)))
    if (by && matches.get(by.join())?.has(tupleOf(by, values) ?? '')) continue
    const key = String(values[link.table.key])
    if (way.join() !== link.table.key || !keys.has(key)) return false
    // The first way that finds a row decides for a link that adds none: the others are not tried.
    if (link.adds === false && rows.get(key)?.deleted_at === null) return true
  }
  return true
}
