import type { DeviceMutation } from '../../sync/protocol/device.ts'
import type { Values } from './edit.ts'
import type { Sqlite } from './file.ts'

/** An edit that a person must judge. The file holds what the server says meanwhile. */
export interface Disputed {
  readonly id: string
  readonly link: number
  readonly row: string
  readonly op: DeviceMutation['op']
  /** What the edit said */
  readonly values: Values
  readonly reason: string
  readonly at: string
}

export function dispute(
  db: Sqlite,
  { id, link, row, op, vals, reason, now }: Omit<Disputed, 'values' | 'at'> & { vals: Values; now: number },
): void {
  db.prepare('INSERT OR REPLACE INTO tidemark_conflicts VALUES (?, ?, ?, ?, ?, ?, ?)').run(
    id,
    link,
    row,
    op,
    JSON.stringify(vals),
    reason,
    new Date(now).toISOString(),
  )
}

export const disputedOf = (db: Sqlite): Disputed[] =>
  db.prepare('SELECT * FROM tidemark_conflicts ORDER BY at, id').all().map(disputedIn)

export const hasDisputed = (db: Sqlite): boolean =>
  db.prepare('SELECT 1 FROM tidemark_conflicts LIMIT 1').get() !== undefined

const disputedIn = (found: Record<string, unknown>): Disputed => ({
  id: String(found.id),
  link: Number(found.link),
  row: String(found.row),
  op: String(found.op) as Disputed['op'],
  values: JSON.parse(String(found.vals)) as Values,
  reason: String(found.reason),
  at: String(found.at),
})

/** A later edit of the same columns was taken: what was disputed is said anew, and stands. */
export function outdate(db: Sqlite, link: number, row: string, columns: readonly string[]): void {
  const found = db.prepare('SELECT * FROM tidemark_conflicts WHERE link = ? AND row = ?').all(link, row)
  for (const { id, values } of found.map(disputedIn))
    if (Object.keys(values).some((name) => columns.includes(name))) close(db, id)
}

export const close = (db: Sqlite, id: string) =>
  db.prepare('DELETE FROM tidemark_conflicts WHERE id = ?').run(id)
