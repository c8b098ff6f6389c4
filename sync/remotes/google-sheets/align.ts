import { ID } from './both-layout.ts'
import { fold, type Layout } from './layout.ts'
import { pairRows } from './pair-rows.ts'
import { pairedColumns } from './renamed.ts'
import { type CellData, cellAt, enteredKey, isFormula, type Tab, textOf } from './tab.ts'

/** Where what stands at a place of the later tab stood in the earlier one; null: it was not there. */
export interface Alignment {
  /** Row of the later tab → row of the earlier one */
  readonly row: (later: number) => number | null
  readonly column: (later: number) => number | null
  /** Row of the earlier tab → row of the later one */
  readonly rowNow: (earlier: number) => number | null
  readonly columnNow: (earlier: number) => number | null
  /** The column whose cells stayed where they stood while all others were sorted past them: that of ids; null: there is none */
  readonly stayed: number | null
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
  /** Cells of the later tab in rows that we added */
  readonly added: Holes
}

/**
 * Finds rows and columns again after people sorted, inserted, deleted or moved some. Columns by their headers, rows by
 * their key; where our own write covers a header or a key, by everything else in the row. Pure.
 */
export function align({ before, hit, after, layout, keys, holes, added }: Alike): Alignment {
  const used = [...layout.columns.values()]
  const columns = columnsOf(before, after, layout, holes, added)
  const forward = new Map([...columns].map(([later, earlier]) => [earlier, later]))

  const coveredRows = new Set([...holes].map((at) => Number(at.split(':')[0])))
  const textIn = (tab: Tab, row: number, column: number) => contentOf(cellAt(tab, row, column))
  /** null: covered by our own write, or worked out from what is, or its column is gone */
  const textAfter = (row: number, column: number): string | null => {
    const at = forward.get(column)
    if (at === undefined || holes.has(hole(row, at))) return null
    const cell = cellAt(after, row, at)
    return isFormula(cell) && coveredRows.has(row) ? null : contentOf(cell)
  }
  const ids = keys.includes(ID) ? layout.columns.get(ID) : undefined
  const past = ids !== undefined && arePastIds(before, after.rows.length, ids, used, textIn, textAfter)
  const rows = pairRows({
    before: before.rows.length,
    after: after.rows.length,
    used: past ? used.filter((column) => column !== ids) : used,
    keys: past ? [] : keys.flatMap((name) => layout.columns.get(name) ?? []),
    hidden: ids !== undefined,
    beside: [...columns.values()].filter((column) => !used.includes(column)),
    showed: (row, column) => {
      const text = textIn(before, row, column)
      const other = hit === before ? text : textIn(hit, row, column)
      return other === text ? [text] : [text, other]
    },
    shows: textAfter,
  })
  const rowsNow = new Map([...rows].map(([later, earlier]) => [earlier, later]))
  const row = (later: number) => rows.get(later) ?? null
  const rowNow = (earlier: number) => rowsNow.get(earlier) ?? null

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

  return { row, rowNow, column, columnNow, stayed: past ? (forward.get(ids) ?? null) : null }
}

/**
 * Whether rows were sorted without their ids: two or more carry one id and show exactly what the row of another one showed, and no
 * other row did or does.
 */
function arePastIds(
  before: Tab,
  after: number,
  ids: number,
  used: readonly number[],
  textIn: (tab: Tab, row: number, column: number) => string,
  textAfter: (row: number, column: number) => string | null,
): boolean {
  const plain = used.filter((column) => column !== ids)
  const once = (texts: readonly (readonly [string, number])[]) => {
    const found = new Map<string, number | null>()
    for (const [text, row] of texts) found.set(text, found.has(text) ? null : row)
    return found
  }
  const rowsBefore = Array.from(before.rows, (_, row) => row)
  const carried = once(rowsBefore.map((row) => [textIn(before, row, ids), row]))
  const showed = once(
    rowsBefore.map((row) => [JSON.stringify(plain.map((column) => textIn(before, row, column))), row]),
  )
  const shows = once(
    Array.from({ length: after }, (_, row) => row).flatMap((row): [string, number][] => {
      const texts = plain.map((column) => textAfter(row, column))
      return texts.includes(null) || texts.every((text) => text === '') ? [] : [[JSON.stringify(texts), row]]
    }),
  )
  let moved = 0
  for (const [text, row] of shows) {
    const id = row === null ? null : textAfter(row, ids)
    const was = showed.get(text)
    const holder = id ? carried.get(id) : undefined
    if (was != null && holder != null && was !== holder) moved++
  }
  return moved > 1
}

/** A moved formula reads otherwise and shows the same. */
const contentOf = (cell: CellData): string =>
  isFormula(cell) ? `f${textOf(cell)}` : enteredKey(cell.userEnteredValue)

/** Column of the later tab → column of the earlier one. */
function columnsOf(before: Tab, after: Tab, layout: Layout, holes: Holes, added: Holes): Map<number, number> {
  const width = Math.max(0, ...after.rows.map((cells) => cells.length))
  const named = headersIn(before, layout.header).map((text, at) => [fold(text), at] as const)
  const ours = new Set(layout.columns.values())
  // What people keep beside our columns tells rows apart too.
  const others = named.filter(([text, at]) => text && !ours.has(at) && isOnce(named, text))
  const earlier = new Map([...others, ...named.filter(([, at]) => ours.has(at))])
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
  // Our write covers the whole header, which was moved down: nothing says that columns moved too.
  if (columns.size === 0) return new Map([...earlier.values()].map((at) => [at, at]))
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
  // Where nothing stands but what we wrote there is no column any more.
  const isTheirs = (row: number, at: number) =>
    !holes.has(hole(row, at)) && !added.has(hole(row, at)) && textOf(cellAt(after, row, at)) !== ''
  const end = headersIn(after, header).findLastIndex((_, at) =>
    after.rows.some((_, row) => isTheirs(row, at)),
  )
  const now = headersIn(after, header).slice(0, end + 1)
  for (const [at, was] of pairedColumns(headersIn(before, layout.header), now))
    if ([...earlier.values()].includes(was) && ![...columns.values()].includes(was) && !columns.has(at))
      columns.set(at, was)
  return columns
}

const isOnce = (named: readonly (readonly [string, number])[], text: string): boolean =>
  named.filter(([other]) => other === text).length === 1

const headersIn = (tab: Tab, row: number): string[] => {
  const width = Math.max(0, ...tab.rows.map((cells) => cells.length))
  return Array.from({ length: width }, (_, at) => textOf(cellAt(tab, row, at)).trim())
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
