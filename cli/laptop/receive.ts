import type { PageTable } from '../../sync/protocol/device.ts'
import { capture } from './capture.ts'
import { agreed, keptOf } from './disputed.ts'
import { same, type Values } from './edit.ts'
import type { Sqlite } from './file.ts'
import { mutationIn, type Queued, waitingFor } from './outbox.ts'
import { agree, overlaid, place, saidIn } from './place.ts'
import { markOf, type Rows, type Times } from './rows.ts'
import { HOW } from './triggers.ts'
import type { Wire } from './values.ts'

/** What came, in rows. */
export interface Came {
  rows: number
  deleted: number
  /** Rows that the file's own rules refuse, and why */
  unplaced: { row: string; reason: string }[]
}

/** Rows of one table as the server has them, over everything but what was not sent yet. Within a transaction. */
export function receive(db: Sqlite, rows: Rows, page: PageTable, times: Times, came: Came): void {
  const keyAt = Math.max(0, page.columns.indexOf(keyColumnOf(page, rows)))
  const known = rows.columns.flatMap(({ name }) => {
    const at = page.columns.indexOf(name)
    return at < 0 ? [] : [[name, at] as const]
  })
  const ownAt = rows.link.holdsToo === null ? -1 : page.columns.indexOf(rows.link.holdsToo)
  const all = page.rows.map((shown) => ({
    key: String(shown[keyAt]),
    address: ownAt < 0 ? null : (shown[ownAt] ?? null),
    vals: Object.fromEntries(known.map(([name, at]) => [name, shown[at] ?? null])),
  }))
  const told = came.unplaced.length
  const rest = receiveNew(rows, all, times, came)
  for (const { key, address, vals } of rest)
    for (const row of rowsFor(rows, key, address)) {
      receiveRow(db, rows, row, vals, times, came)
      came.rows++
    }
  for (const key of page.deleted)
    for (const row of rowsCalled(rows, key)) if (receiveDeletion(db, rows, row, times)) came.deleted++
  // What kept a row out may have gone with a later one of the same page.
  came.unplaced.push(
    ...came.unplaced.splice(told).flatMap(({ row }) => {
      const reason = placeAgain(rows, row, times)
      return reason === null ? [] : [{ row, reason }]
    }),
  )
}

/** Tries once more what the file's own rules kept out. Answers how many rows they let in. Within a transaction. */
export const placeBarred = (rows: Rows, times: Times): number =>
  rows.barred().filter((row) => placeAgain(rows, row, times) === null).length

/** Why not; null: it is there, or was not kept out. */
function placeAgain(rows: Rows, row: string, times: Times): string | null {
  const shadow = rows.shadow(row)
  if (shadow?.state !== 'barred') return null
  const reason = rows.insert(row, shadow.vals)
  if (reason === null) agree(rows, row, shadow.vals, reason, times)
  return reason
}

interface Shown {
  readonly key: string
  readonly address: Wire
  readonly vals: Values
}

/** Rows that nothing here is known of need no merge, and go in together. Answers the others. */
function receiveNew(rows: Rows, all: readonly Shown[], times: Times, came: Came): Shown[] {
  const named = all.map((shown) => ({ shown, row: nameOf(rows, shown) }))
  const unknown = rows.unknown([...new Set(named.flatMap(({ shown, row }) => [shown.key, row]))])
  const taken = new Set<string>()
  const fresh: { row: string; vals: Values }[] = []
  const rest: Shown[] = []
  for (const { shown, row } of named) {
    const isNew = [shown.key, row].every((name) => unknown.has(name) && !taken.has(name))
    if (!isNew) {
      rest.push(shown)
      continue
    }
    taken.add(shown.key).add(row)
    fresh.push({ row, vals: shown.vals })
    if (row !== shown.key) rows.rename(row, shown.key)
  }
  if (fresh.length > 0) came.unplaced.push(...rows.insertNew(fresh, times))
  came.rows += fresh.length
  return rest
}

/** A new row is called by its address as people know it. */
const nameOf = ({ link }: Rows, { key, address }: Shown): string =>
  link.holdsToo !== null && typeof address === 'string' ? address : key

/** The key stands first; where it has a declared column beside, by name. */
const keyColumnOf = (page: PageTable, { link }: Rows) =>
  page.columns.find(
    (name) => !link.columns.some((column) => column.name === name) && name !== link.holdsToo,
  ) ?? ''

/** Rows of the file that the server calls so. */
export function rowsCalled(rows: Rows, key: string): string[] {
  const isOwn = rows.keyOf(key) === key && (rows.isThere(key) || rows.shadow(key) !== undefined)
  return [...new Set([...rows.rowsNamed(key), ...(isOwn ? [key] : [])])]
}

/** Rows of the file that keep this one. A new one is called by its address as people know it. */
function rowsFor(rows: Rows, key: string, address: unknown): string[] {
  const known = rowsCalled(rows, key)
  if (typeof address !== 'string' || address === key) return known.length > 0 ? known : [key]
  if (known.length > 0 && (known.includes(address) || !rows.isThere(address))) return known
  if (rows.keyOf(address) !== address) return known.length > 0 ? known : [key]
  rows.rename(address, key)
  return [...known, address]
}

function receiveRow(db: Sqlite, rows: Rows, row: string, vals: Values, times: Times, came: Came): void {
  const mark = rows.mark(row)
  const before = rows.shadow(row)
  const isMet = mark !== undefined && (Number(mark.how) & HOW.met) !== 0
  const isThere = rows.isThere(row)
  if (isThere && (!before || before.state === 'refused' || isMet)) {
    // Never agreed on: what the file says is an edit, and is merged by the server.
    rows.setShadow(row, { vals: { ...before?.vals, ...vals }, seen: {}, state: 'agreed' }, times, 'remote')
    rows.setMark(row, HOW.met)
    return
  }
  if (mark) capture(db, rows, markOf(mark), times)
  const pending = waitingFor(db, rows.link.id, row)
  if (pending.length > 0 && mutationIn(pending.at(-1) as Queued).op === 'delete') {
    const last = pending.at(-1) as Queued
    db.prepare('UPDATE tidemark_outbox SET was = ? WHERE lane = ? AND n = ?').run(
      JSON.stringify({ ...last.was, ...vals }),
      rows.link.lane,
      last.n,
    )
    return
  }
  const shadow = mark ? rows.shadow(row) : before
  const now = overlaid({ ...shadow?.vals, ...vals }, pending, rows)
  const reason = place(db, rows, row, now, shadow, times)
  if (reason !== null) came.unplaced.push({ row, reason })
  settleKept(db, rows, row, now, pending)
}

/** Columns that were taken for disputed, and in which the server says what the file does. */
function settleKept(db: Sqlite, rows: Rows, row: string, vals: Values, pending: readonly Queued[]): void {
  const kept = keptOf(db, rows.link.id, row)
  if (kept.size === 0) return
  const [here, said] = [rows.file(row) ?? {}, saidIn(pending)]
  const alike = [...kept].filter((name) => !(name in said) && same(here[name], vals[name]))
  agreed(db, rows.link.id, row, alike)
}

/** Edits that were not sent stay; a row that waits whole in a conflict stays until that is settled. */
function receiveDeletion(db: Sqlite, rows: Rows, row: string, times: Times): boolean {
  const mark = rows.mark(row)
  const before = rows.shadow(row)
  if (!before || before.state === 'refused' || before.state === 'parked') return false
  if (mark) capture(db, rows, markOf(mark), times)
  if (waitingFor(db, rows.link.id, row).length > 0) return false
  remove(rows, row)
  return true
}

/** The row and all that is known of it. */
export function remove(rows: Rows, row: string): void {
  rows.remove(row)
  rows.removeShadow(row)
  rows.removeMark(row)
  rows.forgetName(row)
}

/** After everything was read again: what no page showed is gone, unless it holds edits that were not sent. */
export function removeUnseen(db: Sqlite, rows: Rows, times: Times, came: Came): void {
  for (const row of rows.unseen(times.round)) if (receiveDeletion(db, rows, row, times)) came.deleted++
  rows.setSeen(times.round)
}
