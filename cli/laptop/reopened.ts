import { capture } from './capture.ts'
import { dispute } from './disputed.ts'
import type { Sqlite } from './file.ts'
import { rowsCalled } from './receive.ts'
import { differing, markOf, type Rows, type Times } from './rows.ts'

/**
 * A resolution that had let a row of this file in was undone: the row waits whole in its conflict again, and stays in the file with all
 * its columns, though the server shows it as deleted. Within a transaction.
 */
export function receiveReopened(
  db: Sqlite,
  rows: Rows,
  { id, key }: { readonly id: string; readonly key: string },
  times: Times,
): void {
  for (const row of rowsCalled(rows, key)) {
    const mark = rows.mark(row)
    if (mark) capture(db, rows, markOf(mark), times)
    const [here, shadow] = [rows.file(row), rows.shadow(row)]
    if (!here || !shadow) continue
    const names = Object.keys(shadow.vals)
    const seen = differing(here, shadow.vals, names)
    rows.setShadow(row, { vals: shadow.vals, seen, state: 'parked' }, times, 'local')
    const reason = 'its resolution was undone'
    const of = {
      id,
      link: rows.link.id,
      row,
      op: 'insert',
      values: shadow.vals,
      reason,
      kept: names,
    } as const
    dispute(db, { ...of, times })
  }
}
