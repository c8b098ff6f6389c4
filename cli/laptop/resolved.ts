import { capture } from './capture.ts'
import { close, disputeOf, keptBefore, keptOf } from './disputed.ts'
import type { Sqlite } from './file.ts'
import { sayAgain } from './judge.ts'
import { waitingFor } from './outbox.ts'
import { agree } from './place.ts'
import { remove } from './receive.ts'
import { markOf, type Rows, type Times } from './rows.ts'

/**
 * A conflict was settled on the server: what the file kept of its own in it becomes what the server says, which the same page has shown
 * (`isGone`: among the deletions). Edits that were not sent yet stay. A dispute that this file does not know is no news. Answers whether
 * the row was removed. Within a transaction.
 */
export function receiveResolved(
  db: Sqlite,
  rows: Rows,
  { id, isGone }: { readonly id: string; readonly isGone: boolean },
  times: Times,
): boolean {
  const found = disputeOf(db, id)
  if (!found || found.link !== rows.link.id) return false
  const { row, kept } = found
  const mark = rows.mark(row)
  if (mark) capture(db, rows, markOf(mark), times)
  close(db, id)
  const shadow = rows.shadow(row)
  if (!shadow || kept.length === 0 || !rows.isThere(row)) return false
  if (shadow.state === 'parked') {
    if (waitingFor(db, rows.link.id, row).length > 0) {
      // What is on its way is judged as an edit of a row that was deleted.
      if (isGone) rows.setShadow(row, { ...shadow, state: 'agreed' }, times, 'local')
      return false
    }
    // Where the server shows neither the row nor its end, it is offered again.
    if (isGone) remove(rows, row)
    else sayAgain(rows, found, times)
    return isGone
  }
  const others = keptOf(db, rows.link.id, row)
  const names = kept.filter((name) => !others.has(name))
  rows.update(row, names, shadow.vals)
  agree(rows, row, shadow.vals, null, times)
  return false
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
