import type { Row } from '../../db/database.ts'
import { type Book, close, findWhole, open } from './two-way-book.ts'
import { type Likenesses, likenesses, nearest, type Pair, unmistakable } from './two-way-likeness.ts'
import { exactly, judgeMoved, ringsOf, wayFrom } from './two-way-moved.ts'

// Which row here a row of a part is, after people rearranged it. Where ids lie in a hidden column:
//
// 1. Id and content agree: that row. Of several rows with one id, it is the one that shows the row's content, else the one in its
//    place, else the most alike; the others are copies, but for one that shows exactly what a row showed whose id is nowhere.
// 2. Rows each of which shows exactly what the next one's id showed, in a ring, were sorted without their ids: contents win.
// 3. So they do where a cell of some was edited as well: those show most of the next, more than of their own, where the page has a
//    ring by 2, or one in which a row shows the next exactly and differs in two cells or more from what its id showed.
// 4. So they do in a row of rows that is no ring (cells were pushed up or down), where two or more rows do both.
//    A row that carries the id of one that is gone, and shows exactly what one did whose id is nowhere, is that one.
// 5. Else the id counts: one row that looks as another did was edited, and so was one that differs in a cell.
// 6. What has no id, or lost it by 2 to 4: by its whole content, then by the most cells shared, at least half; nearest first.
//
// Contents that stood in several rows, or stand in several now, are no evidence for 2 and 4. Without ids the match columns name a row;
// what is left is another under a new name if it shares most cells with it alone, or stands in its place: at least half of them.

/** A row as its part shows it. `name`: digest of its id, or of its match columns; null: it has neither. `content`: digest of what it shows. */
export interface SeenRow {
  readonly position: number
  readonly name: string | null
  readonly content: string
  readonly values: Row
}

/** A row that was merged before. `gone`: it was missing at the last look, or deleted here. */
export interface KnownRow {
  readonly key: string
  readonly name: string
  readonly position: number
  readonly content: string
  readonly gone: boolean
}

export type Verdict = 'same' | 'returned' | 'permuted' | 'found' | 'renamed' | 'copied' | 'double' | 'new'

/** `key` null: a row that was never here (new, copied), or that is left out (double). */
export interface Match {
  readonly key: string | null
  readonly verdict: Verdict
}

export interface Matched {
  /** By position */
  readonly matches: ReadonlyMap<number, Match>
  /** Rows of the page, and rows known, that are left */
  readonly rows: readonly SeenRow[]
  readonly known: readonly KnownRow[]
}

/** First by id and whole content. */
export function matchRows(rows: readonly SeenRow[], known: readonly KnownRow[], rowIds: boolean): Matched {
  const book = open(rows, known)
  if (rowIds) byIds(book)
  else byNames(book)
  return close(book)
}

/**
 * What is left, by how much of the content is shared; `baseOf`: what a row showed when it was last agreed with, asked of
 * left rows only. Completes the matches.
 */
export function matchLeft(
  left: Matched,
  baseOf: (key: string) => Row | undefined,
  columns: readonly string[],
  rowIds: boolean,
): ReadonlyMap<number, Match> {
  const book = open(left.rows, left.known, left.matches)
  const by = likenesses(baseOf, columns)
  if (rowIds) judgeMoved(book, by)
  findAlike(book, by, rowIds)
  for (const row of book.rows) if (book.free(row)) book.give(row, null, 'new')
  return book.matches
}

function byNames(book: Book): void {
  const named = book.rows.filter(({ name }) => name !== null)
  for (const all of Map.groupBy(named, ({ name }) => name).values()) {
    const [first] = all as [SeenRow, ...SeenRow[]]
    const of = book.own(first)
    const counts = all.find(({ position }) => position === of?.position) ?? first
    for (const row of all) if (row !== counts) book.give(row, null, 'double')
    if (of) book.keep(counts, of)
  }
}

function byIds(book: Book): void {
  const { rows, free, unclaimed, own } = book
  const carried = new Map<KnownRow, SeenRow[]>()
  for (const [of, all] of Map.groupBy(rows, own)) if (of) carried.set(of, all)
  for (const [of, all] of carried) settle(book, of, all)
  if (!rows.some(free)) return
  const shown = exactly(
    rows.filter(({ position }) => book.matches.get(position)?.verdict !== 'copied'),
    book,
  )
  const sorted = ringsOf(shown, own).flat()
  for (const [of, row] of sorted) book.find(row, of)
  for (const [of, row] of shown)
    if (!of.gone && unclaimed(of) && free(row) && !carried.has(of) && own(row)?.gone) book.find(row, of)
  // From an id that is nowhere to a row without an id of its own, each row shows what the next one's id showed.
  for (const start of shown.keys()) {
    if (start.gone || carried.has(start)) continue
    const way = wayFrom(start, shown, own, new Set())
    const [, last] = way.at(-1) ?? []
    if (unclaimed(start) && last && !own(last)) for (const [of, row] of way) book.find(row, of)
  }
  const showing = new Map([...shown].map(([of, row]) => [row, of]))
  for (const [of, all] of carried)
    if (all.length > 1)
      reissue(book, of, all, (row) => {
        const other = showing.get(row)
        return other && unclaimed(other) && !carried.has(other) ? other : undefined
      })
  const nobodys = rows.filter((row) => !own(row))
  findWhole(book, nobodys, (of) => !carried.has(of))
  // Contents that moved make all changed rows doubtful: their cells must say.
  if (sorted.length > 0 || [...shown].some(([of, row]) => unclaimed(of) && free(row))) return
  for (const [of, all] of carried) {
    const [row, ...more] = all.filter(free)
    if (row && more.length === 0 && unclaimed(of)) book.keep(row, of)
  }
}

/** Rows that carry one id: the one that shows what it showed is it. Of those that show the same only one counts. */
function settle(book: Book, of: KnownRow, all: readonly SeenRow[]): void {
  for (const [content, alike] of Map.groupBy(all, (row) => row.content)) {
    const counts = (alike.find(({ position }) => position === of.position) ?? alike[0]) as SeenRow
    for (const row of alike) if (row !== counts) book.give(row, null, 'copied')
    if (content === of.content) book.keep(counts, of)
  }
}

/** Several rows that carry one id and show different things: at most the one in its place may be it, where there is one. */
function reissue(
  book: Book,
  of: KnownRow,
  all: readonly SeenRow[],
  another: (row: SeenRow) => KnownRow | undefined,
): void {
  const { free, unclaimed } = book
  for (const row of all.filter(free)) {
    const other = another(row)
    if (other) book.find(row, other)
  }
  const left = all.filter(free)
  const keeper = unclaimed(of) ? left.find(({ position }) => position === of.position) : undefined
  if (unclaimed(of) && !keeper) return
  for (const row of left) if (row !== keeper) book.give(row, null, 'copied')
}

/** Rows that are left, by the cells that they share with what known rows showed that were here at the last look. */
function findAlike(book: Book, { like, likely }: Likenesses, rowIds: boolean): void {
  const rows = book.rows.filter(book.free)
  const known = book.known.filter((of) => !of.gone && book.unclaimed(of))
  const likelyOf = likely(rows, known)
  const pairs: Pair<SeenRow, KnownRow>[] = []
  for (const one of rows)
    for (const other of likelyOf(one)) {
      const { apart, half } = like(one, other)
      if (half) pairs.push({ one, other, apart })
    }
  for (const [row, of] of rowIds ? nearest(pairs) : unmistakable(pairs))
    if (rowIds || row.name === null) book.find(row, of)
    else book.give(row, of, 'renamed')
}
