import { fold, type Layout } from './layout.ts'
import { type CellData, cellAt, enteredKey, isFormula, type Tab, textOf } from './tab.ts'

/** Where what stands at a place of the later tab stood in the earlier one; null: it was not there. */
export interface Alignment {
  /** Row of the later tab → row of the earlier one */
  readonly row: (later: number) => number | null
  readonly column: (later: number) => number | null
  /** Row of the earlier tab → row of the later one */
  readonly rowNow: (earlier: number) => number | null
  readonly columnNow: (earlier: number) => number | null
}

/** Cells of the later tab that we wrote ourselves, as `row:column`: they say nothing about who is who. */
export type Holes = ReadonlySet<string>

export const hole = (row: number, column: number): string => `${row}:${column}`

export interface Alike {
  readonly before: Tab
  /** The same with cells that we hit by mistake: later they show that, or are mended */
  readonly hit: Tab
  readonly after: Tab
  /** Where columns stood before */
  readonly layout: Layout
  /** Columns of the table that tell rows apart */
  readonly keys: readonly string[]
  readonly holes: Holes
}

/**
 * Finds rows and columns again after people sorted, inserted, deleted or moved some. Columns by their headers, rows by
 * their key; where our own write covers a header or a key, by everything else in the row. Pure.
 */
export function align({ before, hit, after, layout, keys, holes }: Alike): Alignment {
  const used = [...layout.columns.values()]
  const columns = columnsOf(before, after, layout, holes)
  const forward = new Map([...columns].map(([later, earlier]) => [earlier, later]))
  const keyColumns = keys.flatMap((name) => layout.columns.get(name) ?? [])

  const textIn = (tab: Tab, row: number, column: number) => contentOf(cellAt(tab, row, column))
  /** null: covered by our own write, or its column is gone */
  const textAfter = (row: number, column: number): string | null => {
    const at = forward.get(column)
    return at === undefined || holes.has(hole(row, at)) ? null : contentOf(cellAt(after, row, at))
  }
  const keyOf = (texts: readonly (string | null)[]): string | null =>
    texts.some((text) => text === null) || texts.every((text) => text === '') ? null : JSON.stringify(texts)
  const keyIn = (tab: Tab) => (row: number) => keyOf(keyColumns.map((column) => textIn(tab, row, column)))
  const keyBefore = keyIn(before)
  const keyAfter = (row: number) => keyOf(keyColumns.map((column) => textAfter(row, column)))
  const rowsBefore = new Map([...byKey(hit.rows.length, keyIn(hit)), ...byKey(before.rows.length, keyBefore)])
  const rowsAfter = byKey(after.rows.length, keyAfter)

  const alike = (earlier: number, later: number, over: readonly number[]) =>
    over.every((column) => {
      const text = textAfter(later, column)
      return (
        text === null || text === textIn(before, earlier, column) || text === textIn(hit, earlier, column)
      )
    })
  const others = used.filter((column) => !keyColumns.includes(column))

  function row(later: number): number | null {
    const key = keyAfter(later)
    const same = key === null ? undefined : rowsBefore.get(key)
    if (same)
      return same.includes(later)
        ? later
        : (same.find((earlier) => alike(earlier, later, used)) ?? same[0] ?? null)
    // A corrected key in place: the same row, if it shows the rest and its old key is nowhere else.
    const old = keyBefore(later)
    if (old !== null && !rowsAfter.has(old) && later < before.rows.length && alike(later, later, others))
      return later
    if (key !== null) return null
    const candidates = Array.from(before.rows, (_, earlier) => earlier).filter(
      (earlier) => !rowsAfter.has(keyBefore(earlier) ?? '') && alike(earlier, later, used),
    )
    return candidates.includes(later) ? later : (candidates[0] ?? null)
  }

  function rowNow(earlier: number): number | null {
    const found = rowsAfter.get(keyBefore(earlier) ?? '')
    if (found) return found.includes(earlier) ? earlier : (found[0] ?? null)
    // Without a key: the row that looks like it, best with our stray value still in it.
    const stray = used.filter((column) => textIn(hit, earlier, column) !== textIn(before, earlier, column))
    const showsStray = (later: number) =>
      stray.length > 0 && stray.every((column) => textAfter(later, column) === textIn(hit, earlier, column))
    const isCovered = (later: number) => stray.some((column) => textAfter(later, column) === null)
    const alikes = Array.from(after.rows, (_, later) => later).filter(
      (later) => (row(later) === earlier || keyAfter(later) === null) && alike(earlier, later, used),
    )
    return (
      alikes.find(showsStray) ??
      alikes.find(isCovered) ??
      (alikes.includes(earlier) ? earlier : (alikes[0] ?? null))
    )
  }

  /** A column without a header of ours is known by the neighbour it stands beside. */
  function column(later: number): number | null {
    const named = columns.get(later)
    if (named !== undefined) return named
    const beside = [...columns.keys()].toSorted((a, b) => Math.abs(a - later) - Math.abs(b - later))[0]
    if (beside === undefined) return null
    const earlier = (columns.get(beside) ?? 0) + later - beside
    return earlier < 0 || used.includes(earlier) ? null : earlier
  }

  function columnNow(earlier: number): number | null {
    const named = forward.get(earlier)
    if (named !== undefined) return named
    const width = Math.max(0, ...after.rows.map((cells) => cells.length))
    const others = Array.from({ length: width + 1 }, (_, later) => later).filter(
      (later) => !columns.has(later),
    )
    const shared = (later: number) => inCommon(hit, earlier, after, later)
    const closest = others.toSorted((a, b) => shared(b) - shared(a))[0]
    if (closest !== undefined && shared(closest) > 0) return closest
    return others.find((later) => column(later) === earlier) ?? null
  }

  return { row, rowNow, column, columnNow }
}

/** A moved formula reads otherwise and shows the same. */
const contentOf = (cell: CellData): string =>
  isFormula(cell) ? `f${textOf(cell)}` : enteredKey(cell.userEnteredValue)

function byKey(rows: number, keyOf: (row: number) => string | null): Map<string, number[]> {
  const found = new Map<string, number[]>()
  for (let row = 0; row < rows; row++) {
    const key = keyOf(row)
    if (key !== null) found.set(key, [...(found.get(key) ?? []), row])
  }
  return found
}

/** Column of the later tab → column of the earlier one. */
function columnsOf(before: Tab, after: Tab, layout: Layout, holes: Holes): Map<number, number> {
  const width = Math.max(0, ...after.rows.map((cells) => cells.length))
  const earlier = new Map(
    [...layout.columns.values()].map((at) => [fold(textOf(cellAt(before, layout.header, at))), at]),
  )
  const matchesIn = (row: number) =>
    Array.from({ length: width }, (_, at) => at).flatMap((at): [number, number][] => {
      const found = holes.has(hole(row, at)) ? undefined : earlier.get(fold(textOf(cellAt(after, row, at))))
      return found === undefined ? [] : [[at, found]]
    })
  // The header is where most of the old headers stand; our own write can have covered one or two.
  const rows = Array.from({ length: Math.min(after.rows.length, layout.header + 50) }, (_, row) => row)
  const header = rows.reduce(
    (best, row) => (matchesIn(row).length > matchesIn(best).length ? row : best),
    layout.header,
  )
  const columns = new Map(matchesIn(header))
  const covered = new Set(
    Array.from({ length: width }, (_, at) => at).filter((at) => holes.has(hole(header, at))),
  )
  for (const at of earlier.values()) {
    if ([...columns.values()].includes(at)) continue
    // Our write covers this header: the column is the one that holds the same values.
    const alike = [...covered].toSorted(
      (a, b) => inCommon(before, at, after, b) - inCommon(before, at, after, a),
    )[0]
    if (alike === undefined) continue
    columns.set(alike, at)
    covered.delete(alike)
  }
  return columns
}

/** How many values two columns share, wherever they stand. */
function inCommon(before: Tab, earlier: number, after: Tab, later: number): number {
  const texts = (tab: Tab, column: number) =>
    tab.rows
      .map((_, row) => enteredKey(cellAt(tab, row, column).userEnteredValue))
      .filter((text) => text !== '')
  const wanted = new Set(texts(before, earlier))
  return texts(after, later).filter((text) => wanted.has(text)).length
}
