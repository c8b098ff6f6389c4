import type { Row } from '../../db/database.ts'
import type { Proposal } from '../protocol/lane.ts'
import type { TableDeclaration } from './declare.ts'
import { setDeleted, setRow } from './set-row.ts'
import type { Skip } from './undo.ts'
import { blockedMoves } from './unique-moves.ts'
import { draftFor, liveRow, rowKey, type Work } from './work.ts'

type Kept = Extract<Proposal, { type: 'restore' }>['tables'][number]

/**
 * Brings the rows of a backup back: what differs is set, what is gone returns, and what the backup doesn't have is deleted. A row
 * whose unique value another row holds that the backup says nothing of stays as it is. Pure but for the work.
 */
export function restore(work: Work, table: TableDeclaration, kept: Kept, present: readonly string[]): Skip[] {
  const because = { origin: work.actor, rule: 'restore' }
  const at = kept.columns.indexOf(table.key)
  const rows = kept.rows.map((values) => ({
    key: String(values[at]),
    values: Object.fromEntries(
      kept.columns.flatMap((column, i) =>
        column === table.key || !table.merge[column] ? [] : [[column, values[i] ?? null]],
      ),
    ) as Row,
  }))
  const keys = new Set(rows.map(({ key }) => key))
  for (const key of present) if (!keys.has(key)) setDeleted(work, table, key, work.now, because)
  const moves = rows.map(({ key, values }) => {
    const draft = draftFor(work, table, key)
    const free = Object.entries(values).filter(([column]) => !draft.pins.has(column))
    const pinned = Object.entries(values).flatMap(([column, value]) =>
      draft.pins.has(column) && draft.after[column] !== value ? [column] : [],
    )
    const before = liveRow(draft)
    const after: Row = { ...draft.after, ...Object.fromEntries(free), deleted_at: null }
    return { table, key, draft, before, after, free: Object.fromEntries(free), pinned }
  })
  // Names may have gone round: all of them are given up before the first is claimed.
  const blocked = blockedMoves(work.claims, moves)
  return moves.flatMap(({ key, draft, free, pinned }) => {
    const about = `${table.name} ${key}`
    const [taken] = blocked.get(rowKey(table.name, key)) ?? []
    if (taken) return [{ about, reason: `its ${taken.column} is another row's` }]
    setRow(work, table, key, free, because)
    if (draft.after.deleted_at != null) setDeleted(work, table, key, null, because)
    return pinned.map((column) => ({ about, reason: `${column} is pinned` }))
  })
}
