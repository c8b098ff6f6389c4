import type { Part, RemoteContext, Warning } from '../../engine/ports.ts'
import { place } from './a1.ts'
import { type Alignment, align, hole } from './align.ts'
import type { Layout } from './layout.ts'
import { cellAt, type Entered, enteredKey, isBlank, type NumberFormat, type Tab, textOf } from './tab.ts'

/** What of a cell is written: its value, or the note on it. */
export type Layer = 'value' | 'note'

/** One cell to write, at its place in the tab that it was planned on. */
export interface Op {
  readonly row: number
  readonly column: number
  readonly layer: Layer
  /** null: empty the cell, or take the note away */
  readonly value: Entered | null
  /** Id of what it brings; null: it puts back what we overwrote by mistake */
  readonly change: string | null
  /** Id of an edit that empties a whole row, of which this is one cell */
  readonly clears?: string
  /** Its column is inserted by this very write, so that it can be no other */
  readonly fresh?: true
}

/** A row that is to stand behind all others: column → what to enter. */
export interface NewRow {
  readonly change: string
  readonly cells: ReadonlyMap<number, Entered>
  /** Number formats by column, those of the row above; empty: none are set */
  readonly formats: ReadonlyMap<number, NumberFormat>
  /** Column that is inserted by this very write */
  readonly fresh: number | null
}

/** A cell that one of our writes hit because rows or columns moved under it. */
export interface Restore {
  readonly row: number
  readonly column: number
  readonly layer: Layer
  /** What we wrote there; if it shows something else, a person mended it */
  readonly wrong: Entered | null
  /** What stood there before */
  readonly former: Entered | null
}

/**
 * What is known of the writing of one part, until its report is handed over:
 *
 *   planned ──update──► sent ──answer, or a new reading──► settled ──► done
 *      ▲                                                      │
 *      └──────────── cells that we hit: restores ◄────────────┘
 */
export interface Job {
  /** The tab as it was seen last; rows and columns of `sent` and `restores` are counted in it */
  tab: Tab | null
  layout: Layout | null
  /** Columns of the table that tell rows apart */
  keys: readonly string[]
  /** A write whose outcome is not known yet */
  sent: readonly Op[]
  added: readonly NewRow[]
  /** Nothing was heard of it: it may still be carried out */
  open: boolean
  restores: readonly Restore[]
  readonly done: Set<string>
  /** Edit that empties a row → the row, once a part of it is empty */
  clearing: ReadonlyMap<string, number>
  repaired: number
  readonly warnings: Warning[]
}

/** The job of a part, kept for the run; a lost answer is settled even when the run reads the part again first. */
export function jobOf({ scratch }: RemoteContext, part: Part): Job {
  const kept = scratch.get(key(part)) as Job | undefined
  const job: Job = kept ?? {
    tab: null,
    layout: null,
    keys: [],
    sent: [],
    added: [],
    open: false,
    restores: [],
    done: new Set(),
    clearing: new Map(),
    repaired: 0,
    warnings: [],
  }
  scratch.set(key(part), job)
  return job
}

export const endJob = ({ scratch }: RemoteContext, part: Part): void => void scratch.delete(key(part))

/** Whether a write of this part may have hit cells that it should not have. */
export function isUnsettled({ scratch }: RemoteContext, part: Part): boolean {
  const job = scratch.get(key(part)) as Job | undefined
  return job !== undefined && job.sent.length + job.added.length + job.restores.length > 0
}

const key = ({ id }: Part): string => `google-sheets:write:${id}`

/**
 * Looks at a tab after a write, or later: cells that stand in the row and column they were meant for are done, others that
 * show our value are to be restored, and the rest was not written. Whether the write was carried out need not be known; it is
 * returned whether the tab shows that it was.
 */
export function settle(job: Job, after: Tab): boolean {
  const { tab, layout, keys, sent, added, restores } = job
  job.tab = after
  job.sent = []
  job.added = []
  if (!tab || !layout || sent.length + added.length + restores.length === 0) return false
  const ours = new Map(sent.filter((op) => shows(after, op, op.value)).map((op) => [spot(op), op]))
  const standing = stand(added, after)
  const isSeen = added.length > 0 ? standing.length > 0 : sent.length > 0 && ours.size === sent.length
  const before = mended(tab, restores)
  // In a tab that was empty nothing can have been hit.
  if (isBlank(before)) {
    for (const { change } of [...ours.values(), ...standing]) if (change !== null) job.done.add(change)
    job.restores = restores.filter((restore) => shows(after, restore, restore.wrong))
    return isSeen
  }
  const holes = new Set(
    [...ours.values()].filter(({ layer }) => layer === 'value').map(({ row, column }) => hole(row, column)),
  )
  const renewed = new Set(standing.flatMap(({ row, cells }) => [...cells.keys()].map((at) => hole(row, at))))
  const then = align({ before, hit: tab, after, layout, keys, holes, added: renewed })
  const clearing = [...job.clearing].flatMap(([id, row]): [string, number][] => {
    const now = then.rowNow(row)
    return now === null ? [] : [[id, now]]
  })
  job.clearing = new Map(clearing)
  const isEmptied = after.rows.every((cells, row) =>
    cells.every((cell, at) => textOf(cell) === '' || holes.has(hole(row, at)) || renewed.has(hole(row, at))),
  )
  const known = new Set<string>()
  const left = restores.flatMap((restore): Restore[] => {
    const column = then.columnNow(restore.column)
    const row = column !== null && column === then.stayed ? restore.row : then.rowNow(restore.row)
    // Deleted with its row or column.
    if (row === null || column === null) return []
    const now = { ...restore, row, column }
    // Emptied, and taken by a new row at once.
    if (renewed.has(spot(now))) return []
    const op = ours.get(spot(now))
    known.add(spot(now))
    if (op && enteredKey(op.value) === enteredKey(restore.former)) job.repaired++
    const wrong = op ? op.value : restore.wrong
    const stays = shows(after, now, wrong) && enteredKey(wrong) !== enteredKey(restore.former)
    return stays ? [{ ...now, wrong }] : []
  })
  /** Rows that we emptied where another one was meant: nothing tells whether they held anything */
  const emptied = new Set<number>()
  for (const op of ours.values()) {
    if (known.has(spot(op))) continue
    const { row, column, layer, value, change } = op
    const [rowThen, columnThen] = [then.row(row), op.fresh ? column : then.column(column)]
    const earlier = { row: then.stayed === column ? row : rowThen, column: columnThen }
    if (rowThen === row && columnThen === column) {
      if (change !== null) job.done.add(change)
      if (op.clears !== undefined) job.clearing = new Map([...job.clearing, [op.clears, row]])
      continue
    }
    const stood = earlier.row !== null && earlier.column !== null
    const former =
      stood && !op.fresh
        ? written(before, { row: earlier.row ?? 0, column: earlier.column ?? 0, layer })
        : null
    if (enteredKey(former) !== enteredKey(value)) left.push({ row, column, layer, wrong: value, former })
    if (stood || layer !== 'value' || isEmptied) continue
    if (op.clears !== undefined) emptied.add(row)
    else if (!isBlankAround(after, row, column, holes)) job.warnings.push(overwritten(after, row, column))
  }
  for (const row of emptied) job.warnings.push(emptiedInstead(after, row))
  job.restores = [...left, ...settleAdded(job, standing, isEmptied ? null : then)]
  return isSeen
}

/**
 * New rows stand behind all others at once; where columns had moved, they are emptied and added anew. A tab that people emptied in
 * that moment (`then` null) stays empty.
 */
function settleAdded(job: Job, standing: readonly StandingRow[], then: Alignment | null): Restore[] {
  return standing.flatMap(({ change, cells, fresh, row }) => {
    if (then && [...cells.keys()].every((column) => column === fresh || then.columnNow(column) === column)) {
      job.done.add(change)
      return []
    }
    return [...cells].map(
      ([column, wrong]): Restore => ({ row, column, layer: 'value', wrong, former: null }),
    )
  })
}

type StandingRow = NewRow & { readonly row: number }

/** Those of the new rows that stand in the tab as they were written, each with the lowest row that shows it. */
function stand(added: readonly NewRow[], after: Tab): StandingRow[] {
  if (added.length === 0) return []
  const columns = [...new Set(added.flatMap(({ cells }) => [...cells.keys()]))]
  const keyOf = (entered: (column: number) => Entered | null | undefined) =>
    JSON.stringify(columns.map((column) => enteredKey(entered(column))))
  const rows = new Map<string, number[]>()
  for (const row of after.rows.keys()) {
    const shown = keyOf((column) => cellAt(after, row, column).userEnteredValue)
    const same = rows.get(shown)
    if (same) same.push(row)
    else rows.set(shown, [row])
  }
  return added.toReversed().flatMap((one) => {
    const row = rows.get(keyOf((column) => one.cells.get(column)))?.pop()
    return row === undefined ? [] : [{ ...one, row }]
  })
}

type Spot = Pick<Op, 'row' | 'column' | 'layer'>

/** A place as one text. */
export const spot = ({ row, column, layer }: Spot): string =>
  layer === 'value' ? hole(row, column) : `${hole(row, column)}:${layer}`

/** What stands at a place; of a note, as text. */
function written(tab: Tab, { row, column, layer }: Spot): Entered | null {
  const { userEnteredValue, note } = cellAt(tab, row, column)
  if (layer === 'note') return note ? { stringValue: note } : null
  return userEnteredValue ?? null
}

const shows = (tab: Tab, at: Spot, value: Entered | null): boolean =>
  enteredKey(written(tab, at)) === enteredKey(value)

/** A tab as it would be had we hit nothing. */
export function mended(tab: Tab, restores: readonly Restore[]): Tab {
  if (restores.length === 0) return tab
  const rows = tab.rows.map((cells) => [...cells])
  for (const { row, column, layer, former } of restores) {
    const cells = rows[row]
    if (!cells) continue
    const cell = { ...cells[column] }
    if (layer === 'note') cell.note = former?.stringValue ?? ''
    else if (former) Object.assign(cell, { userEnteredValue: former, effectiveValue: former })
    else {
      delete cell.userEnteredValue
      delete cell.effectiveValue
    }
    cells[column] = cell
  }
  return { ...tab, rows }
}

/** A new row or column is empty as a rule; where it isn't, what stood in the cell for a second is not known. */
function isBlankAround(tab: Tab, row: number, column: number, holes: ReadonlySet<string>): boolean {
  const blank = (r: number, c: number) => holes.has(hole(r, c)) || textOf(cellAt(tab, r, c)) === ''
  return (
    (tab.rows[row] ?? []).every((_, at) => blank(row, at)) || tab.rows.every((_, at) => blank(at, column))
  )
}

const overwritten = (tab: Tab, row: number, column: number): Warning => ({
  kind: 'overwritten',
  message:
    'A row or column was added in the moment of a write, which hit this cell; it is emptied again. If it held a value, enter it once more.',
  where: place(tab.title, row, column),
})

const emptiedInstead = (tab: Tab, row: number): Warning => ({
  kind: 'overwritten',
  message:
    'Rows moved in the moment of a write, which emptied this one in place of another. If it held anything, enter it once more.',
  where: place(tab.title, row),
})
