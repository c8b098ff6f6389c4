import type { Result, Row, Statement } from '../../db/database.ts'
import type { LinkDeclaration } from './declare.ts'
import type { IndexedRow } from './page-index.ts'
import { waysOf } from './page-index.ts'
import type { PageEntry } from './plan.ts'
import { keysOf, storedRows, storedStatements, tupleOf, type Wanted, waysAsked } from './run-facts.ts'

// Stored rows that the next page of a list may touch, read in the batch that commits the page before it, behind its
// writes: a page then costs one batch. What is read ahead may be a guess; a page takes it only where it answers all that
// the page asks, and where nobody has moved the lane since. Else the page's rows are read as if nothing had been.

/** What to read ahead. `after`: also the rows that follow this key in its order, so many at most. */
export interface Wish extends Wanted {
  readonly after: { readonly key: string; readonly count: number } | null
}

/** What was read ahead: what is not among `rows` and was asked for is not in the table. */
export interface RowsAhead {
  /** Version of the lane at which the rows stand */
  readonly version: number
  readonly rows: ReadonlyMap<string, Row>
  readonly keys: ReadonlySet<string>
  /** Columns -> the values that were looked up, as JSON arrays */
  readonly matches: ReadonlyMap<string, ReadonlySet<string>>
  /** All keys above `from` and up to `to` were read; `to` null: all above */
  readonly span: { readonly from: string; readonly to: string | null } | null
}

/** Times in a row that reading ahead may come to nothing before it is tried only now and then. */
const IN_VAIN = 3
/** How often it is tried then, in pages. Another run of the lane, or a list in no order, may end. */
const NOW_AND_THEN = 8

/** Whether to read ahead for a page; `vain`: how many times in a row it came to nothing. */
export const worthwhile = (vain: number, page: number): boolean => vain < IN_VAIN || page % NOW_AND_THEN === 0

/**
 * What a page that is not here yet may ask: the rows that it showed the last time. A page that was never read: the rows
 * that follow those of the page before it, if these went up by key; most lists stand in the order of their ids.
 */
export function guess(
  last: readonly PageEntry[],
  before: readonly PageEntry[],
  from: LinkDeclaration,
): Wish | null {
  const keys = new Set(last.map(([key]) => key).filter((key) => key !== ''))
  if (keys.size > 0) return { keys, matches: [], after: null }
  const shown = [...before].sort((a, b) => a[2] - b[2]).map(([key]) => key)
  const highest = shown.at(-1)
  const rises = shown.every((key, i) => isPlain(key) && key !== '' && (i === 0 || key > String(shown[i - 1])))
  const byKey = from.match.join() === from.table.key
  if (highest === undefined || !rises || !byKey) return null
  return { keys, matches: [], after: { key: highest, count: shown.length } }
}

/** Statements that read a wish. */
export function aheadStatements(link: LinkDeclaration, wish: Wish): Statement[] {
  const { name, key } = link.table
  const following = wish.after && {
    sql: `SELECT * FROM ${name} WHERE ${key} > ?1 ORDER BY ${key} LIMIT ?2`,
    params: [wish.after.key, wish.after.count],
  }
  return [...storedStatements(link, wish), ...(following ? [following] : [])]
}

/** What came of it; `results`: of `aheadStatements`, read at this version of the lane. */
export function rowsAhead(
  link: LinkDeclaration,
  wish: Wish,
  results: readonly Result[],
  version: number,
): RowsAhead {
  const last = results.at(-1)?.rows ?? []
  const to = wish.after && last.length === wish.after.count ? String(last.at(-1)?.[link.table.key]) : null
  return {
    version,
    rows: new Map(storedRows(results, link).map((row) => [String(row[link.table.key]), row])),
    keys: wish.keys,
    matches: new Map(wish.matches.map(({ columns, values }) => [columns.join(), new Set(values)])),
    span: wish.after && { from: wish.after.key, to },
  }
}

/** Whether all that these rows of a page may touch was read ahead. */
export const covers = (ahead: RowsAhead, link: LinkDeclaration, wanted: readonly IndexedRow[]): boolean =>
  wanted.every(
    (row) => keysOf(link, row).every((key) => isKnown(ahead, key)) && isMatched(ahead, link, row.values),
  )

function isMatched(ahead: RowsAhead, link: LinkDeclaration, values: Row): boolean {
  const asked = waysAsked(link)
  for (const way of waysOf(link)) {
    if (tupleOf(way, values) === null) continue
    const by = asked.find((columns) => columns.every((column) => way.includes(column)))
    if (by && ahead.matches.get(by.join())?.has(tupleOf(by, values) ?? '')) continue
    const key = String(values[link.table.key])
    if (way.join() !== link.table.key || !isKnown(ahead, key)) return false
    // The first way that finds a row decides for a link that adds none: the others are not tried.
    if (link.adds === false && ahead.rows.get(key)?.deleted_at === null) return true
  }
  return true
}

function isKnown({ keys, span }: RowsAhead, key: string): boolean {
  if (keys.has(key)) return true
  return (
    span !== null &&
    isPlain(key) &&
    key > span.from &&
    (span.to === null || (isPlain(span.to) && key <= span.to))
  )
}

/** Texts that JavaScript and SQLite put in the same order: one compares UTF-16 units, the other bytes of UTF-8. */
const isPlain = (text: string): boolean => /^[\x20-\x7e]*$/.test(text)
