import type { Part, RemoteContext, Warning } from '../../engine/ports.ts'
import { place } from './a1.ts'
import { align, hole } from './align.ts'
import type { Layout } from './layout.ts'
import { cellAt, type Entered, enteredKey, type Tab, textOf } from './tab.ts'

/** One cell to write, at its place in the tab that it was planned on. */
export interface Op {
  readonly row: number
  readonly column: number
  /** null: empty the cell */
  readonly value: Entered | null
  /** Id of the merged value that it brings; null: it puts back what we overwrote by mistake */
  readonly change: string | null
}

/** A cell that one of our writes hit because rows or columns moved under it. */
export interface Restore {
  readonly row: number
  readonly column: number
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
  /** A write whose outcome is not known yet */
  sent: readonly Op[]
  restores: readonly Restore[]
  readonly done: Set<string>
  repaired: number
  readonly warnings: Warning[]
}

/** The job of a part, kept for the run; a lost answer is settled even when the run reads the part again first. */
export function jobOf({ scratch }: RemoteContext, part: Part): Job {
  const kept = scratch.get(key(part)) as Job | undefined
  const job: Job = kept ?? {
    tab: null,
    layout: null,
    sent: [],
    restores: [],
    done: new Set(),
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
  return job !== undefined && job.sent.length + job.restores.length > 0
}

const key = ({ id }: Part): string => `google-sheets:write:${id}`

/**
 * Looks at a tab after a write, or later: cells that stand in the row and column they were meant for are done, others that
 * show our value are to be restored, and the rest was not written. Whether the write was carried out need not be known.
 */
export function settle(job: Job, after: Tab, keys: readonly string[]): void {
  const { tab, layout, sent, restores } = job
  job.tab = after
  job.sent = []
  if (!tab || !layout || sent.length + restores.length === 0) return
  const ours = new Map(
    sent.filter((op) => shows(after, op.row, op.column, op.value)).map((op) => [hole(op.row, op.column), op]),
  )
  const holes = new Set(ours.keys())
  const before = mended(tab, restores)
  const then = align({ before, hit: tab, after, layout, keys, holes })
  const known = new Set<string>()
  const left = restores.flatMap((restore): Restore[] => {
    const row = then.rowNow(restore.row)
    const column = then.columnNow(restore.column)
    // Deleted with its row or column.
    if (row === null || column === null) return []
    const op = ours.get(hole(row, column))
    known.add(hole(row, column))
    if (op && enteredKey(op.value) === enteredKey(restore.former)) job.repaired++
    const wrong = op ? op.value : restore.wrong
    const stays = shows(after, row, column, wrong) && enteredKey(wrong) !== enteredKey(restore.former)
    return stays ? [{ ...restore, row, column, wrong }] : []
  })
  for (const { row, column, value, change } of ours.values()) {
    if (known.has(hole(row, column))) continue
    const earlier = { row: then.row(row), column: then.column(column) }
    if (earlier.row === row && earlier.column === column) {
      if (change !== null) job.done.add(change)
      continue
    }
    const stood = earlier.row !== null && earlier.column !== null
    const former = stood
      ? (cellAt(before, earlier.row ?? 0, earlier.column ?? 0).userEnteredValue ?? null)
      : null
    if (stood && enteredKey(former) === enteredKey(value)) continue
    left.push({ row, column, wrong: value, former })
    if (!stood && !isBlankAround(after, row, column, holes))
      job.warnings.push(overwritten(after, row, column))
  }
  job.restores = left
}

const shows = (tab: Tab, row: number, column: number, value: Entered | null): boolean =>
  enteredKey(cellAt(tab, row, column).userEnteredValue) === enteredKey(value)

/** A tab as it would be had we hit nothing. */
export function mended(tab: Tab, restores: readonly Restore[]): Tab {
  if (restores.length === 0) return tab
  const rows = tab.rows.map((cells) => [...cells])
  for (const { row, column, former } of restores) {
    const cells = rows[row]
    if (cells)
      cells[column] = { ...cells[column], userEnteredValue: former ?? {}, effectiveValue: former ?? {} }
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
