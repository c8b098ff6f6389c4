import type { Row, SqlValue } from '../../db/database.ts'
import type { KnownRow, SeenRow } from './two-way-identify.ts'

/** Most pairs of rows that are compared. Of more, only those are that have something rare in common, or stand in one place. */
export const MOST_PAIRS = 250_000

/** Known rows that may hold a value for it to be rare */
const RARE = 8

/** How alike a row is to what another one showed. */
export interface Likeness {
  /** Columns that differ; infinite where nothing is known of the other */
  readonly apart: number
  /** Of the columns that either fills, at least half are the same */
  readonly half: boolean
}

/** Compares rows with what known ones showed, by these columns. */
export interface Likenesses {
  readonly like: (row: SeenRow, of: KnownRow) => Likeness
  /** The known rows that a row is worth comparing with, of these */
  readonly likely: (
    rows: readonly SeenRow[],
    known: readonly KnownRow[],
  ) => (row: SeenRow) => Iterable<KnownRow>
}

export const likenesses = (
  baseOf: (key: string) => Row | undefined,
  columns: readonly string[],
): Likenesses => ({
  like: (row, of) => likeness(row.values, baseOf(of.key), columns),
  likely(rows, known) {
    if (rows.length * known.length <= MOST_PAIRS) return () => known
    const places = Map.groupBy(known, ({ position }) => position)
    const holders = columns.map((column) => Map.groupBy(known, ({ key }) => filled(baseOf(key)?.[column])))
    return ({ position, values }) => {
      const rare = columns.flatMap((column, at) => {
        const value = filled(values[column])
        const held = value === null ? [] : (holders[at]?.get(value) ?? [])
        return held.length > RARE ? [] : held
      })
      return new Set([...(places.get(position) ?? []), ...rare])
    }
  },
})

/** What is empty on both sides is nothing in common. */
function likeness(shown: Row, base: Row | undefined, columns: readonly string[]): Likeness {
  if (!base) return { apart: Number.POSITIVE_INFINITY, half: false }
  let apart = 0
  let shared = 0
  for (const column of columns) {
    const value = filled(shown[column])
    if (value !== filled(base[column])) apart++
    else if (value !== null) shared++
  }
  return { apart, half: shared > 0 && shared >= apart }
}

/** Two that may be one. */
export interface Pair<A, B> {
  readonly one: A
  readonly other: B
  readonly apart: number
}

interface Placed {
  readonly position: number
}

/** Gives each at most one other, the most alike first; of those equally alike, the nearest. */
export function nearest<A extends Placed, B extends Placed>(pairs: readonly Pair<A, B>[]): Map<A, B> {
  const chosen = new Map<A, B>()
  const taken = new Set<B>()
  for (const { one, other } of pairs.toSorted(closer)) {
    if (chosen.has(one) || taken.has(other)) continue
    chosen.set(one, other)
    taken.add(other)
  }
  return chosen
}

/** The same, but of those equally alike only one that stands in its old place is taken, and nobody where none does. */
export function unmistakable<A extends Placed, B extends Placed>(pairs: readonly Pair<A, B>[]): Map<A, B> {
  const chosen = new Map<A, B>()
  const done = new Set<A | B>()
  const open = ({ one, other }: Pair<A, B>) => !done.has(one) && !done.has(other)
  const take = ({ one, other }: Pair<A, B>) => {
    chosen.set(one, other)
    done.add(one).add(other)
  }
  const levels = Map.groupBy(pairs, ({ apart }) => apart)
  for (const apart of [...levels.keys()].toSorted((a, b) => a - b)) {
    const level = levels.get(apart) ?? []
    for (const pair of level) if (open(pair) && away(pair) === 0) take(pair)
    const left = level.filter(open)
    const times = new Map<A | B, number>()
    for (const { one, other } of left)
      for (const side of [one, other]) times.set(side, (times.get(side) ?? 0) + 1)
    for (const pair of left) {
      if (times.get(pair.one) === 1 && times.get(pair.other) === 1) take(pair)
      else done.add(pair.one).add(pair.other)
    }
  }
  return chosen
}

const filled = (value: SqlValue | undefined): SqlValue => (value === undefined || value === '' ? null : value)

const away = ({ one, other }: Pair<Placed, Placed>): number => Math.abs(one.position - other.position)

const closer = (a: Pair<Placed, Placed>, b: Pair<Placed, Placed>): number =>
  a.apart - b.apart ||
  away(a) - away(b) ||
  a.one.position - b.one.position ||
  a.other.position - b.other.position
