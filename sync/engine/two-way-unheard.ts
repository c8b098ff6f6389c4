import type { Row, Statement } from '../../db/database.ts'
import type { RemoteEdit } from './ports.ts'
import { editedBy } from './two-way-rows.ts'

// Edits of a part that were sent and not heard of. What the remote shows of them is ours, and no person's: it is agreed when
// it is read, so that what was changed here since is not taken for the other side of a dispute.

/** Key -> column -> the value that was sent. */
export type Unheard = ReadonlyMap<string, Row>

const OF = `outcome IS NULL AND part = ?3
  AND EXISTS (SELECT 1 FROM runs r WHERE r.id = run_id AND r.link = ?1 AND r.scope = ?2)`

/** Rows (cells) for `unheardOf`. Parameters: link, scope, part. */
export const unheardStatement = (of: readonly [string, string, string]): Statement => ({
  sql: `SELECT cells FROM link_writes WHERE ${OF} ORDER BY run_id, n`,
  params: of,
})

/** The part was read: whatever became of them is known. */
export const heardStatement = (of: readonly [string, string, string]): Statement => ({
  sql: `UPDATE link_writes SET outcome = '{"confirmed":"by reading"}' WHERE ${OF}`,
  params: of,
})

export function unheardOf(rows: readonly Row[]): Unheard {
  const sent = new Map<string, Row>()
  for (const { cells } of rows)
    for (const edit of JSON.parse(String(cells)) as RemoteEdit[]) {
      const { key } = editedBy(edit.id)
      if (edit.type === 'cell') sent.set(key, { ...sent.get(key), [edit.column]: edit.value })
      else if (edit.type === 'row') sent.set(key, { ...sent.get(key), ...edit.values })
    }
  return sent
}
