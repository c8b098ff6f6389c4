import { keptOf } from './disputed.ts'
import { type Shadow, same, type Values } from './edit.ts'
import type { Sqlite } from './file.ts'
import { mutationIn, type Queued } from './outbox.ts'
import { differing, type Rows, type Times } from './rows.ts'

/**
 * Puts the server's row in place of the file's. Writes only what is new, so that what a person was told about (a rejected edit)
 * is not wiped out by the way, and not what the file keeps in a dispute. Answers why the file did not take it, or null.
 */
export function place(
  db: Sqlite,
  rows: Rows,
  row: string,
  vals: Values,
  before: Shadow | undefined,
  times: Times,
): string | null {
  const kept = keptOf(db, rows.link.id, row)
  const names = rows.columns.map(({ name }) => name)
  const changed = names.filter((name) => !(before && (kept.has(name) || same(before.vals[name], vals[name]))))
  let reason: string | null = null
  if (rows.isThere(row)) rows.update(row, changed, vals)
  else reason = rows.insert(row, vals)
  agree(rows, row, vals, reason, times)
  return reason
}

/** What the file made of the server's row is how it stands. `reason`: why the file did not take it, if so. */
export function agree(rows: Rows, row: string, vals: Values, reason: string | null, times: Times): void {
  const names = rows.columns.map(({ name }) => name)
  const after = rows.file(row)
  const seen = after ? differing(after, vals, names) : {}
  const absent = reason === null ? 'unplaced' : 'barred'
  rows.setShadow(row, { vals, seen, state: after ? 'agreed' : absent }, times, 'remote')
  rows.removeMark(row)
}

/** The server's row with our own edits on top that it has not seen. */
export const overlaid = (vals: Values, pending: readonly Queued[], rows: Rows): Values => ({
  ...vals,
  ...valuesOf(rows, saidIn(pending)),
})

/** What edits that wait say, the last one on top. */
export const saidIn = (pending: readonly Queued[]): Values =>
  Object.assign({}, ...pending.map((queued) => mutationIn(queued).values ?? {})) as Values

/** Of columns that the file keeps. */
export const valuesOf = ({ columns }: Rows, vals: Values): Values =>
  Object.fromEntries(Object.entries(vals).filter(([name]) => columns.some((column) => column.name === name)))
