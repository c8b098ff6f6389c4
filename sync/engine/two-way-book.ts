import type { KnownRow, Match, Matched, SeenRow, Verdict } from './two-way-identify.ts'
import { MOST_PAIRS, nearest } from './two-way-likeness.ts'

/** Who is matched with whom so far. */
export type Book = ReturnType<typeof open>

/** A book of these rows. They stand in the order of their places in it, however they came. */
export function open(
  seen: readonly SeenRow[],
  all: readonly KnownRow[],
  before: ReadonlyMap<number, Match> = new Map(),
) {
  const matches = new Map(before)
  const taken = new Set<KnownRow>()
  const rows = seen.toSorted((a, b) => a.position - b.position)
  const known = all.toSorted((a, b) => a.position - b.position || (a.key < b.key ? -1 : 1))
  const byName = new Map<string, KnownRow>()
  for (const gone of [true, false]) for (const of of known) if (of.gone === gone) byName.set(of.name, of)
  const named = (row: SeenRow) => (row.name === null ? undefined : byName.get(row.name))
  const give = (row: SeenRow, of: KnownRow | null, verdict: Verdict): void => {
    matches.set(row.position, { key: of?.key ?? null, verdict })
    if (of) taken.add(of)
  }
  return {
    matches,
    rows,
    known,
    /** Nothing was decided of the row of the page */
    free: (row: SeenRow): boolean => !matches.has(row.position),
    /** No row of the page is this one */
    unclaimed: (of: KnownRow): boolean => !taken.has(of),
    /** The known row whose name a row carries, while it is unclaimed */
    own: (row: SeenRow): KnownRow | undefined => {
      const of = named(row)
      return of && !taken.has(of) ? of : undefined
    },
    give,
    /** The row is the one whose name it carries */
    keep: (row: SeenRow, of: KnownRow): void => give(row, of, of.gone ? 'returned' : 'same'),
    /** The row is one whose name it doesn't carry: it carries another's, or none that is known */
    find: (row: SeenRow, of: KnownRow): void => give(row, of, named(row) ? 'permuted' : 'found'),
  }
}

/** What was decided, and what is left. */
export const close = ({ matches, rows, known, free, unclaimed }: Book): Matched => ({
  matches,
  rows: rows.filter(free),
  known: known.filter(unclaimed),
})

/** Finds rows by their whole content, the nearest first, among known rows that are here and then among those that are gone. */
export function findWhole(book: Book, rows: readonly SeenRow[], among: (of: KnownRow) => boolean): void {
  const { known, free, unclaimed } = book
  const waiting = Map.groupBy(rows.filter(free), ({ content }) => content)
  if (waiting.size === 0) return
  for (const gone of [false, true]) {
    const had = known.filter(
      (of) => of.gone === gone && waiting.has(of.content) && unclaimed(of) && among(of),
    )
    for (const [content, all] of Map.groupBy(had, (of) => of.content))
      for (const [row, of] of inPlace(waiting.get(content)?.filter(free) ?? [], all)) book.find(row, of)
  }
}

/** Pairs of rows that all show the same; very many go by their order. */
function inPlace(rows: readonly SeenRow[], known: readonly KnownRow[]): ReadonlyMap<SeenRow, KnownRow> {
  if (rows.length * known.length <= MOST_PAIRS)
    return nearest(rows.flatMap((one) => known.map((other) => ({ one, other, apart: 0 }))))
  return new Map(known.slice(0, rows.length).map((of, at) => [rows[at] as SeenRow, of]))
}
