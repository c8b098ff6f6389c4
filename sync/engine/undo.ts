import type { Row } from '../../db/database.ts'
import type { StoredConflict } from './changes.ts'
import type { TableDeclaration } from './declare.ts'
import { undoPin } from './undo-pin.ts'
import { aimOf, undoRow } from './undo-row.ts'
import { blockedMoves } from './unique-moves.ts'
import { rowKey, settleConflict, type Work } from './work.ts'

/** A change that is undone, as the history has it. */
export interface Past {
  readonly tbl: string
  readonly key: string
  readonly op: string
  readonly before: Row | null
  readonly after: Row
}

/** One row over all that is undone: its columns before the first change, and after the last one. */
export interface Span {
  readonly table: TableDeclaration
  readonly key: string
  /** The row was made by it */
  readonly made: boolean
  readonly before: Row
  readonly after: Row
}

/** A conflict that is open again, and how it had been settled. */
export interface Reopened {
  readonly conflict: StoredConflict
  readonly resolution: string
}

/** What an undo leaves as it is, and why. */
export interface Skip {
  readonly about: string
  readonly reason: string
}

/**
 * Undoes changes: columns that nobody touched since return to what they were; those that were become a conflict of their row, to
 * be settled by a person. Rows that it made are deleted, rows that it deleted come back, conflicts that it settled are open
 * again, those that it opened (`opened`) are closed, and those that it opened again are settled as they were. Pure but for the work.
 */
export function undo(
  work: Work,
  past: readonly Past[],
  conflicts: {
    readonly settled: readonly StoredConflict[]
    readonly opened: readonly StoredConflict[]
    /** Those that were open before, and were only amended */
    readonly amended: readonly StoredConflict[]
    /** Those that were open again by it */
    readonly reopened: readonly Reopened[]
  },
): Skip[] {
  const skips: Skip[] = []
  // A pin keeps its value until it is released; the rows come after.
  for (const change of past.filter(({ op }) => op === 'pin' || op === 'unpin').toReversed())
    skips.push(...undoPin(work, change))
  const aims = [...spansOf(work, past)].map((span) => aimOf(work, span))
  // Names may have gone round: all of them are given up before the first is claimed.
  const blocked = blockedMoves(work.claims, aims)
  for (const aim of aims)
    skips.push(...undoRow(work, aim, blocked.get(rowKey(aim.table.name, aim.key)) ?? []))
  for (const conflict of conflicts.opened)
    if (conflict.resolvedAt === null) settleConflict(work, conflict, 'undone')
  for (const { id, resolvedAt } of conflicts.amended)
    if (resolvedAt === null)
      skips.push({ about: id, reason: 'it waits since before, and is still to be settled' })
  for (const { conflict, resolution } of conflicts.reopened) settleConflict(work, conflict, resolution)
  for (const conflict of conflicts.settled)
    if (conflict.resolvedAt !== null) settleConflict(work, conflict, null)
  return skips
}

function spansOf(work: Work, past: readonly Past[]): Iterable<Span> {
  const spans = new Map<string, Span>()
  for (const { tbl, key, op, before, after } of past) {
    const table = work.tables.get(tbl)
    if (!table || !['insert', 'update', 'delete'].includes(op)) continue
    const known = spans.get(rowKey(tbl, key))
    spans.set(rowKey(tbl, key), {
      table,
      key,
      made: known?.made ?? op === 'insert',
      before: { ...before, ...known?.before },
      after: { ...known?.after, ...after },
    })
  }
  return spans.values()
}
