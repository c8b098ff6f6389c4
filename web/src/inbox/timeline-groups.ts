import type { HistoryEntry } from '../../../sync/protocol/records.ts'
import type { Undoing } from './shapes.ts'

/** What one commit or one run did with a row. */
export interface Happening {
  readonly entries: readonly HistoryEntry[]
  /** What would undo it; null: it changed nothing */
  readonly undoing: Undoing | null
}

const CHANGES: ReadonlySet<HistoryEntry['op']> = new Set([
  'insert',
  'update',
  'delete',
  'pin',
  'unpin',
  'resolve',
])

/** Entries of one commit or one run are one happening, if nothing came between; the newest first, as they come. */
export function happenings(entries: readonly HistoryEntry[]): Happening[] {
  const groups: HistoryEntry[][] = []
  for (const entry of entries) {
    const last = groups.at(-1)
    if (last?.[0] && isSame(last[0], entry)) last.push(entry)
    else groups.push([entry])
  }
  return groups.map((group) => ({ entries: group, undoing: undoingOf(group) }))
}

const isSame = (a: HistoryEntry, b: HistoryEntry) =>
  a.lane === b.lane && (a.version === b.version || (a.run_id !== null && a.run_id === b.run_id))

function undoingOf(group: readonly HistoryEntry[]): Undoing | null {
  const [first] = group
  if (!first || !group.some(({ op }) => CHANGES.has(op))) return null
  return first.run_id === null ? { lane: first.lane, version: first.version } : { run: first.run_id }
}
