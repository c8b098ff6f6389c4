import type { SqlValue } from '../../../db/database.ts'
import type { RowSeen } from '../../engine/ports.ts'
import type { Both, BothRow } from './both-rows.ts'

type Values = Readonly<Record<string, SqlValue>>

/** Finds rows of a tab again that were seen in an earlier reading. A row that could be several is not found. */
export interface RowFinder {
  /** By its id, else by its match columns, else by what it shows */
  readonly seen: (at: RowSeen) => BothRow | null
  /** Whether no row carries its id, or its name, or shows what it showed, any more; where it had neither, nobody can say */
  readonly isGone: (at: RowSeen) => boolean
  /** Whether a row is there already, by its id or its match columns */
  readonly has: (ref: string | null, values: Values) => boolean
}

/** What edits of one row put there, which it may show already. */
export interface Changed {
  readonly values: Values
  readonly ref?: string
  /** The id that `ref` takes the place of */
  readonly instead?: string | null
}

/** `changed`: by position. */
export function rowFinder(
  rows: readonly BothRow[],
  { match, rowIds }: Both,
  changed: ReadonlyMap<number, Changed>,
): RowFinder {
  const nameOf = (values: Values): string | null => {
    const name = match.map((column) => values[column] ?? null)
    return rowIds || name.length === 0 || name.includes(null) ? null : JSON.stringify(name)
  }
  const byRef = grouped(rows, ({ ref }) => ref)
  const byName = grouped(rows, ({ values }) => nameOf(values))
  const byPosition = new Map(rows.map((row) => [row.position, row]))
  const replaced = new Set([...changed.values()].map(({ instead }) => instead))
  /** Whether a row carried an id that is another's */
  const isReplaced = (ref: string | null): boolean => ref !== null && replaced.has(ref)
  // Asked for only where rows moved: it costs more than the others together.
  let contents: Map<string, BothRow[]> | null = null
  const byContent = (content: string) => {
    contents ??= grouped(rows, ({ ref, values }) => contentOf(ref, values))
    return contents.get(content) ?? []
  }

  /** Of rows that could be it: the only one, or the one that stands where it stood and shows the same. */
  const chosen = (found: readonly BothRow[] | undefined, { position, shows }: RowSeen): BothRow | null => {
    if (!found || found.length < 2) return found?.[0] ?? null
    const there = found.find((row) => row.position === position)
    return there && isSeen(there, position, shows) ? there : null
  }
  /** Whether a row shows what was read, or what we have written since. */
  const isSeen = ({ values }: BothRow, position: number, shows: Values): boolean => {
    const also = changed.get(position)?.values
    return isSame(values, also ? pick(values, shows, also) : shows)
  }

  return {
    seen(at) {
      const { ref, shows, position } = at
      const given = changed.get(position)?.ref
      // Until its new id is written another row may carry that, and its old one all along.
      const carriers =
        given === undefined && !isReplaced(ref) ? [] : [given, ref].flatMap((id) => byRef.get(id ?? '') ?? [])
      if (carriers.length > 0) {
        const same = carriers.filter((row) => isSeen(row, position, shows))
        return same.length === 1 ? (same[0] ?? null) : chosen(same, at)
      }
      if (ref !== null && byRef.has(ref)) return chosen(byRef.get(ref), at)
      const name = nameOf(shows)
      if (name !== null) return chosen(byName.get(name), at)
      const there = byPosition.get(position)
      if (there && isSeen(there, position, shows)) return there
      // Sorted meanwhile, and no other row shows the same.
      const alike = changed.has(position)
        ? rows.filter((row) => row.ref === ref && isSeen(row, position, shows))
        : byContent(contentOf(ref, shows))
      return alike.length === 1 ? (alike[0] ?? null) : null
    },
    isGone({ ref, shows }) {
      const name = nameOf(shows)
      if (ref === null) return name !== null && !byName.has(name)
      return !byRef.has(ref) && !rows.some(({ values }) => isSame(values, shows))
    },
    has(ref, values) {
      const name = nameOf(values)
      return (ref !== null && byRef.has(ref)) || (name !== null && byName.has(name))
    },
  }
}

/** Whether a row shows what was read, column by column; one that couldn't be read is the same as long as it still can't. */
export function isSame(values: Values, shows: Values): boolean {
  const columns = new Set([...Object.keys(values), ...Object.keys(shows)])
  return [...columns].every((column) => values[column] === shows[column])
}

/** What a row is to show: of each column what was read, or what was written since, whichever it shows. */
const pick = (values: Values, shows: Values, also: Values): Values =>
  Object.fromEntries(
    Object.entries(shows).map(([column, value]) => [
      column,
      column in also && values[column] === also[column] ? also[column] : value,
    ]),
  ) as Values

const contentOf = (ref: string | null, values: Values): string =>
  JSON.stringify([
    ref,
    ...Object.keys(values)
      .toSorted()
      .map((column) => [column, values[column]]),
  ])

function grouped(rows: readonly BothRow[], keyOf: (row: BothRow) => string | null): Map<string, BothRow[]> {
  const found = new Map<string, BothRow[]>()
  for (const row of rows) {
    const key = keyOf(row)
    if (key === null) continue
    const same = found.get(key)
    if (same) same.push(row)
    else found.set(key, [row])
  }
  return found
}
