import { refusal } from '../failure.ts'
import { close, disputedOf } from './disputed.ts'
import type { Sqlite } from './file.ts'
import { linksOf } from './link.ts'
import { laneOf } from './outbox.ts'
import { rejectedOf, remove } from './rejected.ts'
import { type Rows, rowsOf } from './rows.ts'
import { HOW } from './triggers.ts'

/** An edit that waits for a person's word. */
type Waiting = Pick<ReturnType<typeof rejectedOf>[number], 'link' | 'row' | 'op' | 'values'>

/**
 * A person's word on an edit that was rejected (by its number) or disputed (by its conflict's id): give it up, or say it
 * again at the next sync. Within a transaction.
 */
export function judge(db: Sqlite, id: string, how: 'drop' | 'retry'): Waiting & { readonly id: string } {
  const rejected = rejectedOf(db).find(({ n }) => String(n) === id)
  const disputed = disputedOf(db).find((one) => one.id === id)
  const found = rejected ?? disputed
  const link = linksOf(db).find((one) => one.id === found?.link)
  if (!found || !link) throw unknown(id)
  const rows = rowsOf(db, link)
  const { round } = laneOf(db, link.lane)
  if (rejected && how === 'drop') takeBack(rows, rejected, round)
  if (rejected && how === 'retry') offer(rows, rejected, round)
  if (disputed && how === 'retry') sayAgain(rows, disputed)
  if (rejected) remove(db, rejected.n)
  if (disputed) close(db, disputed.id)
  const { row, op, values } = found
  return { id, link: link.id, row, op, values }
}

/** An edit goes back to what the server says; a row that only this file has stays, and is not offered again. */
function takeBack(rows: Rows, { row, op, values }: Waiting, round: number): void {
  const shadow = rows.shadow(row)
  if (!shadow || shadow.state === 'refused') return
  if (op === 'delete') rows.insert(row, shadow.vals)
  else rows.update(row, Object.keys(values), shadow.vals)
  const seen = Object.fromEntries(Object.entries(shadow.seen).filter(([name]) => !(name in values)))
  rows.setShadow(row, { ...shadow, seen, state: 'agreed' }, round)
  rows.removeMark(row)
}

/** The file still says it: forgetting that it was refused makes an edit of it. */
function offer(rows: Rows, { row, op, values }: Waiting, round: number): void {
  const shadow = rows.shadow(row)
  if (shadow?.state === 'refused') rows.removeShadow(row)
  else if (shadow) {
    const seen = Object.fromEntries(Object.entries(shadow.seen).filter(([name]) => !(name in values)))
    rows.setShadow(row, { ...shadow, seen, state: op === 'delete' ? 'agreed' : shadow.state }, round)
  }
  rows.setMark(row, HOW.changed)
}

/** The file says what the server does: it is written again, knowing what stands, as any program would. */
function sayAgain(rows: Rows, { row, op, values }: Waiting): void {
  if (op === 'delete') rows.remove(row)
  else rows.update(row, Object.keys(values), { ...rows.shadow(row)?.vals, ...values })
  rows.setMark(row, HOW.changed)
}

const unknown = (id: string) =>
  refusal('nothing_waits', {
    title: 'There is no such edit',
    detail: `Nothing that waits for a person is called ${id}.`,
    mend: 'See what waits with: tidemark conflicts',
  })
