import type { DeviceMutation, MutationResult } from '../../sync/protocol/device.ts'
import { capture } from './capture.ts'
import { dispute, outdate } from './disputed.ts'
import type { Sqlite } from './file.ts'
import { mutationIn, type Queued, settle, waitingFor } from './outbox.ts'
import { overlaid, place, saidIn, valuesOf } from './place.ts'
import { rowsCalled } from './receive.ts'
import { reject } from './rejected.ts'
import { differing, markOf, type Rows, type Times } from './rows.ts'
import { HOW } from './triggers.ts'

/** What the server said of one mutation. Within a transaction. */
export function settleOne(
  db: Sqlite,
  rows: Rows,
  queued: Queued,
  result: MutationResult | undefined,
  times: Times,
): void {
  const { row, n } = queued
  const { link } = rows
  const mutation = mutationIn(queued)
  const mark = rows.mark(row)
  if (mark && (Number(mark.how) & HOW.met) === 0) capture(db, rows, markOf(mark), times)
  settle(db, link.lane, n, times.now)
  const wasParked = rows.shadow(row)?.state === 'parked'
  const isTaken = result === undefined || result.status === 'applied' || result.status === 'merged'
  if (isTaken && wasParked) unpark(db, rows, row, times)
  if (result === undefined || result.status === 'applied')
    outdate(db, link.id, row, mutation.op === 'delete' ? null : Object.keys(mutation.values ?? {}))
  if (!result) return
  if (result.key !== undefined && result.key !== rows.keyOf(row)) rows.rename(row, result.key)
  const later = waitingFor(db, link.id, row)
  if (result.status === 'rejected')
    refused(db, rows, queued, later, result.reason ?? 'no reason given', times)
  else if (mutation.op === 'delete') {
    if (result.status === 'applied' || later.length > 0 || rows.isThere(row)) return
    place(db, rows, row, valuesOf(rows, { ...queued.was, ...result.set }), undefined, times)
  } else if (result.set) {
    const before = rows.shadow(row)
    if (before) {
      const vals = overlaid({ ...before.vals, ...valuesOf(rows, result.set) }, later, rows)
      place(db, rows, row, vals, before, times)
    }
  }
  if (result.conflict !== undefined)
    dispute(db, {
      id: result.conflict,
      link: link.id,
      row,
      op: mutation.op,
      values: valuesOf(rows, mutation.values ?? {}),
      reason: result.reason ?? 'no reason given',
      kept: keep(rows, row, mutation, { set: result.set, later, wasParked }, times),
      times,
    })
  alike(rows, row, times, db)
}

/**
 * A disputed edit of which the server says nothing to the contrary: the file keeps what it says. Answers the columns; some of them were
 * applied, which the page that comes with the answer shows. An insert that nothing else is known of is on this file only.
 */
function keep(
  rows: Rows,
  row: string,
  { op, values = {}, base = {} }: DeviceMutation,
  {
    set = {},
    later,
    wasParked,
  }: {
    readonly set: MutationResult['set']
    readonly later: readonly Queued[]
    readonly wasParked: boolean
  },
  times: Times,
): string[] {
  const shadow = rows.shadow(row)
  const here = rows.file(row)
  if (op === 'delete' || !shadow || !here) return []
  const said = saidIn(later)
  const own = Object.keys(valuesOf(rows, values)).filter((name) => !(name in set) && !(name in said))
  const isAlone = op === 'insert' && Object.keys(base).length === 0 && Object.keys(set).length === 0
  if (isAlone || wasParked) {
    const seen = differing(here, shadow.vals, Object.keys(shadow.vals))
    rows.setShadow(row, { vals: shadow.vals, seen, state: 'parked' }, times, 'local')
    return own
  }
  const vals = { ...shadow.vals, ...Object.fromEntries(own.map((name) => [name, base[name] ?? null])) }
  const seen = { ...shadow.seen, ...differing(here, vals, own) }
  rows.setShadow(row, { vals, seen, state: shadow.state }, times, 'local')
  return own
}

/** The server has the row now, as the file says it. */
function unpark(db: Sqlite, rows: Rows, row: string, times: Times): void {
  const { vals = {}, seen = {} } = rows.shadow(row) ?? {}
  rows.setShadow(row, { vals, seen, state: 'agreed' }, times, 'local')
  outdate(db, rows.link.id, row, null)
}

/** Several rows of the file may be one on the server: addresses that differ in what says nothing. */
function alike(rows: Rows, row: string, times: Times, db: Sqlite): void {
  const vals = rows.shadow(row)?.vals
  if (!vals || rows.keyOf(row) === row) return
  for (const other of rowsCalled(rows, rows.keyOf(row)))
    if (other !== row && !rows.mark(other) && waitingFor(db, rows.link.id, other).length === 0)
      place(db, rows, other, vals, rows.shadow(other), times)
}

function refused(
  db: Sqlite,
  rows: Rows,
  { row, was, ...queued }: Queued,
  later: readonly Queued[],
  reason: string,
  times: Times,
): void {
  const { op, values = {}, base = {} } = mutationIn({ row, was, ...queued }) as DeviceMutation
  const vals = valuesOf(rows, values)
  reject(db, { link: rows.link.id, row, op, vals, reason, now: times.now })
  const here = rows.file(row)
  const shadow = rows.shadow(row)
  if (op === 'delete') {
    if (!here && !shadow && was)
      rows.setShadow(row, { vals: was, seen: {}, state: 'unplaced' }, times, 'remote')
    return
  }
  if (!here || !shadow) return
  if (op === 'insert' && Object.keys(base).length === 0 && later.length === 0) {
    rows.setShadow(row, { vals: {}, seen: here, state: 'refused' }, times, 'local')
    return
  }
  const own = Object.keys(vals).filter(
    (name) => !later.some((each) => name in (mutationIn(each).values ?? {})),
  )
  const back = Object.fromEntries(own.map((name) => [name, base[name] ?? null]))
  const seen = { ...shadow.seen, ...Object.fromEntries(own.map((name) => [name, here[name] ?? null])) }
  rows.setShadow(row, { vals: { ...shadow.vals, ...back }, seen, state: shadow.state }, times, 'local')
}
