import { capture } from './capture.ts'
import { close, disputeOf, keptBefore, keptOf } from './disputed.ts'
import type { Sqlite } from './file.ts'
import { sayAgain } from './judge.ts'
import { waitingFor } from './outbox.ts'
import { agree, saidIn } from './place.ts'
import { markOf, type Rows, type Times } from './rows.ts'

/**
 * A conflict was settled on the server: what the file kept of its own in it becomes what the server says, which the same page has shown.
 * Edits that were not sent yet stay. A dispute that this file does not know is no news. Within a transaction.
 */
export function receiveResolved(db: Sqlite, rows: Rows, id: string, times: Times): void {
  const found = disputeOf(db, id)
  if (!found || found.link !== rows.link.id) return
  const { row, kept } = found
  const mark = rows.mark(row)
  if (mark) capture(db, rows, markOf(mark), times)
  close(db, id)
  const shadow = rows.shadow(row)
  if (!shadow || kept.length === 0 || !rows.isThere(row)) return
  const pending = waitingFor(db, rows.link.id, row)
  if (shadow.state === 'parked') {
    // The server settled it, and shows neither the row nor its end: it is offered again, unless an edit of it is on its way.
    if (pending.length === 0) sayAgain(rows, found, times)
    return
  }
  const [said, others] = [saidIn(pending), keptOf(db, rows.link.id, row)]
  const names = kept.filter((name) => !(name in said) && !others.has(name))
  rows.update(row, names, shadow.vals)
  agree(rows, row, shadow.vals, null, times)
}

/**
 * Everything was read again, and what was settled meanwhile is not told any more: what the file keeps of its own is said again, and the
 * server answers whether it is still disputed. Within a transaction.
 */
export function sayKeptAgain(db: Sqlite, rows: Rows, times: Times): void {
  for (const found of keptBefore(db, rows.link.id, times.round)) {
    db.prepare('UPDATE tidemark_conflicts SET round = ? WHERE id = ?').run(times.round, found.id)
    if (rows.isThere(found.row) && !rows.mark(found.row)) sayAgain(rows, found, times)
  }
}
