import type { Row } from '../../db/database.ts'
import type { Proposal } from '../protocol/lane.ts'
import type { TableDeclaration } from './declare.ts'
import { setDeleted, setRow } from './set-row.ts'
import type { Skip } from './undo.ts'
import { reclaim, takenOf } from './unique.ts'
import { draftFor, liveRow, type Work } from './work.ts'

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
  // Names may have gone round: all of them are given up before the first is claimed.
  for (const { key } of rows) reclaim(work.claims, table, key, liveRow(draftFor(work, table, key)), null)
  return rows.flatMap(({ key, values }) => {
    const [taken] = takenOf(work.claims, table, key, values)
    if (taken) {
      const row = liveRow(draftFor(work, table, key))
      reclaim(work.claims, table, key, null, row)
      return [{ about: `${table.name} ${key}`, reason: `its ${taken.column} is another row's` }]
    }
    const draft = draftFor(work, table, key)
    if (draft.after.deleted_at != null) setDeleted(work, table, key, null, because)
    setRow(work, table, key, values, because)
    reclaim(work.claims, table, key, null, liveRow(draft))
    return []
  })
}
