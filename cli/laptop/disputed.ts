import type { DeviceMutation } from '../../sync/protocol/device.ts'
import type { Values } from './edit.ts'
import type { Sqlite } from './file.ts'

/** An edit that a person must judge. Meanwhile the file holds what the server says, but for the columns that it keeps. */
export interface Disputed {
  readonly id: string
  readonly link: number
  readonly row: string
  readonly op: DeviceMutation['op']
  /** What the edit said, of the columns that are disputed */
  readonly values: Values
  readonly reason: string
  readonly at: string
  /** Columns in which the file keeps its own value until it is settled */
  readonly kept: readonly string[]
}

/** Opens a dispute, or says more in one that is open. `times.round`: the reading of everything in which it was last said. */
export function dispute(
  db: Sqlite,
  of: Omit<Disputed, 'at'> & { readonly times: { readonly now: number; readonly round: number } },
): void {
  const { id, link, row, op, reason, times } = of
  const open = disputeOf(db, id)
  const values = { ...open?.values, ...of.values }
  const kept = [...new Set([...(open?.kept ?? []), ...of.kept])]
  db.prepare(
    `INSERT OR REPLACE INTO tidemark_conflicts (id, link, row, op, vals, reason, at, kept, round)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  ).run(
    id,
    link,
    row,
    open?.op ?? op,
    JSON.stringify(values),
    reason,
    open?.at ?? new Date(times.now).toISOString(),
    JSON.stringify(kept),
    times.round,
  )
}

export const disputeOf = (db: Sqlite, id: string): Disputed | undefined =>
  db.prepare('SELECT * FROM tidemark_conflicts WHERE id = ?').all(id).map(disputedIn)[0]

const ofRow = (db: Sqlite, link: number, row: string): Disputed[] =>
  db.prepare('SELECT * FROM tidemark_conflicts WHERE link = ? AND row = ?').all(link, row).map(disputedIn)

/** Columns of a row in which the file keeps its own value. */
export const keptOf = (db: Sqlite, link: number, row: string): ReadonlySet<string> =>
  new Set(ofRow(db, link, row).flatMap(({ kept }) => kept))

/** In these columns file and server agree after all: they are not disputed. */
export function agreed(db: Sqlite, link: number, row: string, names: readonly string[]): void {
  for (const { id, kept, values } of ofRow(db, link, row)) {
    if (!kept.some((name) => names.includes(name))) continue
    const isLeft = (name: string) => !(kept.includes(name) && names.includes(name))
    const left = Object.fromEntries(Object.entries(values).filter(([name]) => isLeft(name)))
    db.prepare('UPDATE tidemark_conflicts SET kept = ?, vals = ? WHERE id = ?').run(
      JSON.stringify(kept.filter(isLeft)),
      JSON.stringify(Object.keys(left).length > 0 ? left : values),
      id,
    )
  }
}

/** Disputes of rows that were last said before this reading of everything, and in which the file keeps something. */
export const keptBefore = (db: Sqlite, link: number, round: number): Disputed[] =>
  db
    .prepare('SELECT * FROM tidemark_conflicts WHERE link = ? AND round < ?')
    .all(link, round)
    .map(disputedIn)
    .filter(({ kept }) => kept.length > 0)

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
  kept: found.kept === null ? [] : (JSON.parse(String(found.kept)) as string[]),
})

/** A later edit of the same columns (null: of the row as such) was taken: what was disputed is said anew, and stands. */
export function outdate(db: Sqlite, link: number, row: string, columns: readonly string[] | null): void {
  for (const { id, values } of ofRow(db, link, row))
    if (columns === null || Object.keys(values).some((name) => columns.includes(name))) close(db, id)
}

export const close = (db: Sqlite, id: string) =>
  db.prepare('DELETE FROM tidemark_conflicts WHERE id = ?').run(id)
