import type { Book } from './two-way-book.ts'
import type { KnownRow, SeenRow } from './two-way-identify.ts'
import { type Likenesses, nearest, type Pair } from './two-way-likeness.ts'

/** A known row, and the row of the page that shows what it showed. */
type Step = readonly [KnownRow, SeenRow]

/**
 * Known rows whose content one row shows, and one alone, as no other known row showed it; what is gone counts only where
 * nothing that is here showed the same.
 */
export function exactly(rows: readonly SeenRow[], { known, free, unclaimed }: Book): Map<KnownRow, SeenRow> {
  const owners = new Map<string, KnownRow | null>()
  const here = new Set(known.filter(({ gone }) => !gone).map(({ content }) => content))
  for (const of of known)
    if (!of.gone || !here.has(of.content)) owners.set(of.content, owners.has(of.content) ? null : of)
  const shown = new Map<KnownRow, SeenRow>()
  for (const [content, [row, ...more]] of Map.groupBy(rows, (one) => one.content)) {
    const of = owners.get(content)
    if (of && row && more.length === 0 && free(row) && unclaimed(of)) shown.set(of, row)
  }
  return shown
}

/** Rings of rows: each carries the id of the next known row, and shows what its own showed. */
export function ringsOf(shown: ReadonlyMap<KnownRow, SeenRow>, own: Book['own']): Step[][] {
  const walked = new Set<KnownRow>()
  return [...shown.keys()].flatMap((start) => {
    const way = wayFrom(start, shown, own, walked)
    const last = way.at(-1)
    const from = last ? way.findIndex(([of]) => of === own(last[1])) : -1
    return from < 0 ? [] : [way.slice(from)]
  })
}

/** From a known row to the row that shows it, to the one whose id that carries, and on, until nobody shows one. */
export function wayFrom(
  start: KnownRow,
  shown: ReadonlyMap<KnownRow, SeenRow>,
  own: Book['own'],
  walked: Set<KnownRow>,
): Step[] {
  const way: Step[] = []
  let of: KnownRow | undefined = start
  while (of && !walked.has(of)) {
    const row = shown.get(of)
    if (!row) break
    walked.add(of)
    way.push([of, row])
    of = own(row)
  }
  return way
}

/**
 * Decides of rows whose contents may have moved against their ids: rings that close, or all but close; rows that were pushed
 * up or down; else the id counts.
 */
export function judgeMoved(book: Book, by: Likenesses): void {
  const { rows, free, unclaimed, own } = book
  const { like } = by
  const sorted = [...book.matches.values()].some(({ verdict }) => verdict === 'permuted')
  const carried = keepers(book, by)
  const exact = exactly(rows.filter(free), book)
  const shown = new Map([...exact, ...nearlyShown(book, by, carried, exact)])
  // An edit of one cell explains a row as well as a move does. What isn't known is no evidence.
  const moved = ([of, row]: Step): boolean => {
    if (exact.get(of) !== row) return false
    const apart = own(row) ? like(row, own(row) as KnownRow).apart : 2
    return apart > 1 && Number.isFinite(apart)
  }
  const rings = ringsOf(shown, own)
  if (sorted || rings.some((ring) => ring.some(moved)))
    for (const [of, row] of rings.flat()) book.find(row, of)
  const open = new Map([...exact].filter(([of, row]) => unclaimed(of) && free(row)))
  const showing = new Set(open.values())
  for (const end of open.keys()) {
    const holder = carried.get(end)
    if (holder && showing.has(holder)) continue
    const way = wayFrom(end, open, own, new Set())
    if (several(way, moved)) for (const [of, row] of way) book.find(row, of)
  }
  for (const [of, row] of carried) if (free(row) && unclaimed(of)) book.keep(row, of)
}

/** The row that keeps an id where several carry it: the most alike. The others are copies. */
function keepers({ rows, own, give }: Book, { like }: Likenesses): Map<KnownRow, SeenRow> {
  const carried = new Map<KnownRow, SeenRow>()
  for (const [of, all] of Map.groupBy(rows, own)) {
    if (!of) continue
    const pairs = all.map((one) => ({ one, other: of, apart: like(one, of).apart }))
    const [keeper] = nearest(pairs).keys()
    for (const row of all) if (row !== keeper) give(row, null, 'copied')
    if (keeper) carried.set(of, keeper)
  }
  return carried
}

/** Rows that show most of what another known row showed, which nobody shows exactly, and more than of what their own did. */
function nearlyShown(
  { known }: Book,
  { like, likely }: Likenesses,
  carried: ReadonlyMap<KnownRow, SeenRow>,
  exact: ReadonlyMap<KnownRow, SeenRow>,
): Step[] {
  const showing = new Set(exact.values())
  const unsure = [...carried].filter(([, row]) => !showing.has(row))
  const unseen = known.filter((of) => !of.gone && !exact.has(of))
  const likelyOf = likely(
    unsure.map(([, row]) => row),
    unseen,
  )
  const pairs: Pair<SeenRow, KnownRow>[] = []
  for (const [of, one] of unsure) {
    const stayed = like(one, of).apart
    if (!Number.isFinite(stayed)) continue
    // Whose own content stands elsewhere needs to be no more than as much alike.
    const most = exact.has(of) ? stayed : stayed - 1
    for (const other of likelyOf(one)) {
      const { apart, half } = like(one, other)
      if (other !== of && half && apart <= most) pairs.push({ one, other, apart })
    }
  }
  return [...nearest(pairs)].map(([row, of]): Step => [of, row])
}

const several = (way: readonly Step[], moved: (step: Step) => boolean): boolean => {
  const first = way.findIndex(moved)
  return first >= 0 && way.some((step, at) => at > first && moved(step))
}
