import { refusal } from '../failure.ts'
import { close, type Disputed, disputedOf } from './disputed.ts'
import type { Sqlite } from './file.ts'
import { linksOf } from './link.ts'
import { laneOf } from './outbox.ts'
import { agree } from './place.ts'
import { rejectedOf, remove } from './rejected.ts'
import { type Rows, rowsOf, type Times } from './rows.ts'
import { HOW } from './triggers.ts'

/** An edit that waits for a person's word. */
type Waiting = Pick<ReturnType<typeof rejectedOf>[number], 'link' | 'row' | 'op' | 'values'>

/**
 * A person's word on an edit that was rejected (by its number) or disputed (by its conflict's id): give it up, or say it
 * again at the next sync. Within a transaction.
 */
export function judge(
  db: Sqlite,
  id: string,
  how: 'drop' | 'retry',
  now: number,
): Waiting & { readonly id: string; readonly isRemoved: boolean } {
  const rejected = rejectedOf(db).find(({ n }) => String(n) === id)
  const disputed = disputedOf(db).find((one) => one.id === id)
  const found = rejected ?? disputed
  const link = linksOf(db).find((one) => one.id === found?.link)
  if (!found || !link) throw unknown(id)
  const rows = rowsOf(db, link)
  const times = { now, round: laneOf(db, link.lane).round }
  const wasThere = rows.isThere(found.row)
  if (disputed && how === 'retry' && isGone(rows, disputed)) throw gone(disputed)
  if (rejected && how === 'drop') takeBack(rows, rejected, times)
  if (rejected && how === 'retry') offer(rows, rejected, times)
  if (disputed && how === 'drop') giveUp(rows, disputed, times)
  if (disputed && how === 'retry') sayAgain(rows, disputed, times)
  if (rejected) remove(db, rejected.n)
  if (disputed) close(db, disputed.id)
  const { row, op, values } = found
  const isRemoved = wasThere && !rows.isThere(row)
  return { id, link: link.id, row, op, values, isRemoved }
}

/** An edit goes back to what the server says; a row that only this file has stays, and is not offered again. */
function takeBack(rows: Rows, { row, op, values }: Waiting, times: Times): void {
  const shadow = rows.shadow(row)
  if (!shadow || shadow.state === 'refused') return
  if (op === 'delete') rows.insert(row, shadow.vals)
  else rows.update(row, Object.keys(values), shadow.vals)
  const seen = Object.fromEntries(Object.entries(shadow.seen).filter(([name]) => !(name in values)))
  rows.setShadow(row, { ...shadow, seen, state: 'agreed' }, times, 'remote')
  rows.removeMark(row)
}

/** The file still says it: forgetting that it was refused makes an edit of it. */
function offer(rows: Rows, { row, op, values }: Waiting, times: Times): void {
  const shadow = rows.shadow(row)
  if (shadow?.state === 'refused') rows.removeShadow(row)
  else if (shadow) {
    const seen = Object.fromEntries(Object.entries(shadow.seen).filter(([name]) => !(name in values)))
    rows.setShadow(row, { ...shadow, seen, state: op === 'delete' ? 'agreed' : shadow.state }, times, 'local')
  }
  rows.setMark(row, HOW.changed)
}

/** The row of a disputed edit was deleted on the server, and is not in the file any more. */
export const isGone = (rows: Rows, { row, op }: Pick<Disputed, 'row' | 'op'>): boolean =>
  op !== 'delete' && !rows.isThere(row)

/** What the file kept of its own goes back to what the server says; a row that the server has not is deleted, and it is told so. */
function giveUp(rows: Rows, { row, kept }: Disputed, times: Times): void {
  const shadow = rows.shadow(row)
  if (!shadow || kept.length === 0) return
  if (shadow.state === 'parked') rows.remove(row)
  else {
    rows.update(row, kept, shadow.vals)
    agree(rows, row, shadow.vals, null, times)
  }
}

/** The file says what the server does: it is written again, knowing what stands, as any program would. */
export function sayAgain(rows: Rows, { row, op, values, kept }: Disputed, times: Times): void {
  const shadow = rows.shadow(row)
  if (shadow?.state === 'parked') rows.removeShadow(row)
  else if (shadow && kept.length > 0) {
    const seen = Object.fromEntries(Object.entries(shadow.seen).filter(([name]) => !kept.includes(name)))
    rows.setShadow(row, { ...shadow, seen }, times, 'local')
  }
  if (kept.length > 0) {
    rows.setMark(row, HOW.changed)
    return
  }
  if (op === 'delete') rows.remove(row)
  else rows.update(row, Object.keys(values), { ...rows.shadow(row)?.vals, ...values })
  rows.setMark(row, HOW.changed)
}

const gone = ({ id, row }: Disputed) =>
  refusal('row_gone', {
    title: 'The row is not there any more',
    detail: `${row} was deleted on the server, and went from this file too.`,
    kept: 'The edit; it waits on.',
    mend: `To bring the row back with it: tidemark resolve ${id} --strategy keep_local`,
  })

const unknown = (id: string) =>
  refusal('nothing_waits', {
    title: 'There is no such edit',
    detail: `Nothing that waits for a person is called ${id}.`,
    mend: 'See what waits with: tidemark conflicts',
  })
