import type { DeviceMutation, MutationResult, PageTable } from '../../sync/protocol/device.ts'
import { capture, type Times } from './capture.ts'
import { dispute, outdate } from './disputed.ts'
import { type Shadow, same, type Values } from './edit.ts'
import type { Sqlite } from './file.ts'
import { mutationIn, type Queued, settle, waitingFor } from './outbox.ts'
import { reject } from './rejected.ts'
import { differing, markOf, type Rows } from './rows.ts'
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
  const rest = receiveNew(rows, all, times, came)
  for (const { key, address, vals } of rest)
    for (const row of rowsFor(rows, key, address)) {
      receiveRow(db, rows, row, vals, times, came)
      came.rows++
    }
  for (const key of page.deleted)
    for (const row of rowsCalled(rows, key)) if (receiveDeletion(db, rows, row, times)) came.deleted++
}

interface Shown {
  readonly key: string
  readonly address: Wire
  readonly vals: Values
}

/** Rows that nothing here is known of need no merge, and go in together. Answers the others. */
function receiveNew(rows: Rows, all: readonly Shown[], { round }: Times, came: Came): Shown[] {
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
  if (fresh.length > 0) came.unplaced.push(...rows.insertNew(fresh, round))
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

function rowsCalled(rows: Rows, key: string): string[] {
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
    rows.setShadow(row, { vals: { ...before?.vals, ...vals }, seen: {}, state: 'agreed' }, times.round)
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
  const shadow = rows.shadow(row)
  place(rows, row, overlaid({ ...shadow?.vals, ...vals }, pending, rows), shadow, times, came)
}

/** The server's row with our own edits on top that it has not seen. */
function overlaid(vals: Values, pending: readonly Queued[], { columns }: Rows): Values {
  const ours = Object.assign({}, ...pending.map((queued) => mutationIn(queued).values ?? {})) as Values
  return {
    ...vals,
    ...Object.fromEntries(
      Object.entries(ours).filter(([name]) => columns.some((column) => column.name === name)),
    ),
  }
}

/** Writes only what is new, so that what a person was told about (a rejected edit) is not wiped out by the way. */
function place(
  rows: Rows,
  row: string,
  vals: Values,
  before: Shadow | undefined,
  { round }: Times,
  came?: Came,
): void {
  const names = rows.columns.map(({ name }) => name)
  const changed = names.filter((name) => !before || !same(before.vals[name], vals[name]))
  let reason: string | null = null
  if (rows.isThere(row)) rows.update(row, changed, vals)
  else reason = rows.insert(row, vals)
  if (reason !== null) came?.unplaced.push({ row, reason })
  const after = rows.file(row)
  const seen = after ? differing(after, vals, names) : {}
  rows.setShadow(row, { vals, seen, state: after ? 'agreed' : 'unplaced' }, round)
  rows.removeMark(row)
}

function receiveDeletion(db: Sqlite, rows: Rows, row: string, times: Times): boolean {
  const mark = rows.mark(row)
  const before = rows.shadow(row)
  if (!before || before.state === 'refused') return false
  if (mark) capture(db, rows, markOf(mark), times)
  if (waitingFor(db, rows.link.id, row).length > 0) return false
  rows.remove(row)
  rows.removeShadow(row)
  rows.removeMark(row)
  rows.forgetName(row)
  return true
}

/** After everything was read again: what no page showed is gone, unless it holds edits that were not sent. */
export function removeUnseen(db: Sqlite, rows: Rows, times: Times, came: Came): void {
  for (const row of rows.unseen(times.round)) if (receiveDeletion(db, rows, row, times)) came.deleted++
  rows.setSeen(times.round)
}

/** What the server said of one mutation. Within a transaction. */
export function settleOne(
  db: Sqlite,
  rows: Rows,
  queued: Queued,
  result: MutationResult | undefined,
  times: Times,
): void {
  const { row, n } = queued
  const mutation = mutationIn(queued)
  const mark = rows.mark(row)
  if (mark && (Number(mark.how) & HOW.met) === 0) capture(db, rows, markOf(mark), times)
  settle(db, rows.link.lane, n, times.now)
  if (result === undefined || result.status === 'applied')
    outdate(db, rows.link.id, row, Object.keys(mutation.values ?? {}))
  if (!result) return
  if (result.key !== undefined && result.key !== rows.keyOf(row)) rows.rename(row, result.key)
  const later = waitingFor(db, rows.link.id, row)
  if (result.status === 'rejected')
    refused(db, rows, queued, later, result.reason ?? 'no reason given', times)
  else if (mutation.op === 'delete') {
    if (result.status === 'applied' || later.length > 0 || rows.isThere(row)) return
    place(rows, row, valuesOf(rows, { ...queued.was, ...result.set }), undefined, times)
  } else if (result.set) {
    const before = rows.shadow(row)
    if (before)
      place(
        rows,
        row,
        overlaid({ ...before.vals, ...valuesOf(rows, result.set) }, later, rows),
        before,
        times,
      )
  }
  if (result.conflict !== undefined)
    dispute(db, {
      id: result.conflict,
      link: rows.link.id,
      row,
      op: mutation.op,
      vals: valuesOf(rows, mutation.values ?? {}),
      reason: result.reason ?? 'no reason given',
      now: times.now,
    })
  alike(rows, row, times, db)
}

/** Several rows of the file may be one on the server: addresses that differ in what says nothing. */
function alike(rows: Rows, row: string, times: Times, db: Sqlite): void {
  const vals = rows.shadow(row)?.vals
  if (!vals || rows.keyOf(row) === row) return
  for (const other of rowsCalled(rows, rows.keyOf(row)))
    if (other !== row && !rows.mark(other) && waitingFor(db, rows.link.id, other).length === 0)
      place(rows, other, vals, rows.shadow(other), times)
}

const valuesOf = ({ columns }: Rows, vals: Values): Values =>
  Object.fromEntries(Object.entries(vals).filter(([name]) => columns.some((column) => column.name === name)))

function refused(
  db: Sqlite,
  rows: Rows,
  { row, was, ...queued }: Queued,
  later: readonly Queued[],
  reason: string,
  { now, round }: Times,
): void {
  const { op, values = {}, base = {} } = mutationIn({ row, was, ...queued }) as DeviceMutation
  const vals = valuesOf(rows, values)
  reject(db, { link: rows.link.id, row, op, vals, reason, now })
  const here = rows.file(row)
  const shadow = rows.shadow(row)
  if (op === 'delete') {
    if (!here && !shadow && was) rows.setShadow(row, { vals: was, seen: {}, state: 'unplaced' }, round)
    return
  }
  if (!here || !shadow) return
  if (op === 'insert' && Object.keys(base).length === 0 && later.length === 0) {
    rows.setShadow(row, { vals: {}, seen: here, state: 'refused' }, round)
    return
  }
  const own = Object.keys(vals).filter(
    (name) => !later.some((each) => name in (mutationIn(each).values ?? {})),
  )
  const back = Object.fromEntries(own.map((name) => [name, base[name] ?? null]))
  const seen = { ...shadow.seen, ...Object.fromEntries(own.map((name) => [name, here[name] ?? null])) }
  rows.setShadow(row, { vals: { ...shadow.vals, ...back }, seen, state: 'agreed' }, round)
}
