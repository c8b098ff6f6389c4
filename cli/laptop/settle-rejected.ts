import { refusal } from '../failure.ts'
import type { Sqlite } from './file.ts'
import { linksOf } from './link.ts'
import { type Rejected, rejectedOf, remove } from './rejected.ts'
import { type Rows, rowsOf } from './rows.ts'
import { HOW } from './triggers.ts'

/** A person's word on a rejected edit: give it up, or offer it again. Within a transaction. */
export function settleRejected(db: Sqlite, n: number, how: 'drop' | 'retry', round: number): Rejected {
  const found = rejectedOf(db).find((one) => one.n === n)
  const link = linksOf(db).find(({ id }) => id === found?.link)
  if (!found || !link) throw unknown(n)
  const rows = rowsOf(db, link)
  if (how === 'drop') drop(rows, found, round)
  else retry(rows, found, round)
  remove(db, n)
  return found
}

/** An edit goes back to what the server says; a row that only this file has stays, and is not offered again. */
function drop(rows: Rows, { row, op, values }: Rejected, round: number): void {
  const shadow = rows.shadow(row)
  if (!shadow || shadow.state === 'refused') return
  if (op === 'delete') rows.insert(row, shadow.vals)
  else rows.update(row, Object.keys(values), shadow.vals)
  const seen = Object.fromEntries(Object.entries(shadow.seen).filter(([name]) => !(name in values)))
  rows.setShadow(row, { ...shadow, seen, state: 'agreed' }, round)
  rows.removeMark(row)
}

function retry(rows: Rows, { row, op, values }: Rejected, round: number): void {
  const shadow = rows.shadow(row)
  if (shadow?.state === 'refused') rows.removeShadow(row)
  else if (shadow) {
    const seen = Object.fromEntries(Object.entries(shadow.seen).filter(([name]) => !(name in values)))
    rows.setShadow(row, { ...shadow, seen, state: op === 'delete' ? 'agreed' : shadow.state }, round)
  }
  rows.setMark(row, HOW.changed)
}

const unknown = (n: number) =>
  refusal('no_rejected', {
    title: 'There is no such edit',
    detail: `No rejected edit has the number ${n}.`,
    mend: 'See their numbers with: tidemark conflicts',
  })
