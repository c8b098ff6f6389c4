import type { Values } from './edit.ts'
import type { Sqlite } from './file.ts'

/** An edit that the server did not take, or that could not travel. It waits for a person. */
export interface Rejected {
  readonly n: number
  readonly link: number
  readonly row: string
  readonly op: 'insert' | 'update' | 'delete'
  readonly values: Values
  readonly reason: string
  readonly at: string
}

export function reject(
  db: Sqlite,
  {
    link,
    row,
    op,
    vals,
    reason,
    now,
  }: Pick<Rejected, 'link' | 'row' | 'op' | 'reason'> & { vals: Values; now: number },
): void {
  db.prepare('INSERT INTO tidemark_rejected (link, row, op, vals, reason, at) VALUES (?, ?, ?, ?, ?, ?)').run(
    link,
    row,
    op,
    JSON.stringify(vals),
    reason,
    new Date(now).toISOString(),
  )
}

export const rejectedOf = (db: Sqlite): Rejected[] =>
  db.prepare('SELECT * FROM tidemark_rejected ORDER BY n').all().map(rejectedIn)

const rejectedIn = (found: Record<string, unknown>): Rejected => ({
  n: Number(found.n),
  link: Number(found.link),
  row: String(found.row),
  op: String(found.op) as Rejected['op'],
  values: JSON.parse(String(found.vals)) as Values,
  reason: String(found.reason),
  at: String(found.at),
})

/** A newer edit of the same columns (null: of the whole row) takes the place of what was rejected. */
export function supersede(db: Sqlite, link: number, row: string, columns: readonly string[] | null): void {
  const found = db.prepare('SELECT * FROM tidemark_rejected WHERE link = ? AND row = ?').all(link, row)
  for (const { n, values, op } of found.map(rejectedIn)) {
    const left = Object.entries(values).filter(([name]) => columns !== null && !columns.includes(name))
    if (left.length === 0 || op !== 'update') remove(db, n)
    else
      db.prepare('UPDATE tidemark_rejected SET vals = ? WHERE n = ?').run(
        JSON.stringify(Object.fromEntries(left)),
        n,
      )
  }
}

export const remove = (db: Sqlite, n: number) =>
  db.prepare('DELETE FROM tidemark_rejected WHERE n = ?').run(n)
