import type { Row } from '../../../db/database.ts'
import type { Answer, Details, RemoteContext, RemoteFailure, RemoteRow } from '../../engine/ports.ts'
import { callerOf } from './caller.ts'
import type { Calls } from './calls.ts'
import { AWAY_IN_A_ROW, LONGEST_DETAIL } from './limits.ts'
import { broken, type Called } from './outcome.ts'
import { type Columns, readRows } from './rows.ts'
import type { Question, ShownTable, Wire } from './wire.ts'

const column = (header: string, type: string, required = false) => ({ header, aliases: [], type, required })

/** Columns of an order's lines, in the order in which they are stored. */
const lineColumns: Columns = {
  line: column('line', 'whole', true),
  product_id: column('product_id', 'text'),
  name: column('name', 'text'),
  quantity: column('quantity', 'decimal'),
  price: column('price', 'money'),
  discount: column('discount', 'percent'),
  amount: column('amount', 'money'),
}

const ddtColumns: Columns = {
  number: column('number', 'text'),
  on: column('on', 'date'),
  carrier: column('carrier', 'text'),
  tracking: column('tracking', 'text'),
  status: column('status', 'text'),
}

/**
 * Lines, note and delivery documents of orders, in two calls each. An order that can't be read is told apart from an ERP
 * that can't be reached: after a few of the latter in a row the rest is not asked, and if nothing was had, that is the answer.
 */
export async function readDetails(
  calls: Calls,
  wire: Wire,
  context: RemoteContext,
  rows: readonly RemoteRow[],
): Promise<Answer<Details>> {
  const done = new Map<number, Row>()
  const failed = new Map<number, string>()
  let away: RemoteFailure | null = null
  let stopped: RemoteFailure | null = null
  let awayInARow = 0
  let reached = false
  const left = rows.values()
  const worker = async () => {
    for (const row of left) {
      if (stopped) {
        failed.set(row.position, `not asked, for another order failed: ${stopped.reason}`)
        continue
      }
      const details = await detailsOf(calls, wire, context, row)
      if (details.ok) done.set(row.position, details.value)
      else failed.set(row.position, details.failure.reason)
      if (details.ok || !details.away) {
        reached = true
        awayInARow = 0
        continue
      }
      away ??= details.failure
      awayInARow++
      // Nobody's password gets better by repeating it, and some ERPs lock who tries.
      if (details.failure.type === 'refused' || awayInARow >= AWAY_IN_A_ROW) stopped = details.failure
    }
  }
  await Promise.all(Array.from({ length: Math.max(1, Math.min(context.ahead, rows.length)) }, worker))
  if (away && !reached) return { ok: false, failure: away }
  return { ok: true, value: { rows: done, failed } }
}

async function detailsOf(
  calls: Calls,
  wire: Wire,
  context: RemoteContext,
  row: RemoteRow,
): Promise<Called<Row>> {
  const id = idOf(context, row)
  const ask = <T>({ asked, read }: Question<T>) => calls.call(callerOf(context), asked, read)
  const order = await ask(wire.order(id))
  if (!order.ok) return order
  const note = wire.readCell(order.value.note, 'text')
  if ('reason' in note) return broken(`The note of order ${id} can't be read: ${note.reason}`)
  const lines = tableText(wire, order.value.lines, lineColumns, `lines of order ${id}`)
  if (!lines.ok) return lines
  const documents = await ask(wire.ddt(id))
  if (!documents.ok) return documents
  const ddt = tableText(wire, documents.value, ddtColumns, `delivery documents of order ${id}`)
  if (!ddt.ok) return ddt
  return { ok: true, value: { lines: lines.value, ddt: ddt.value, note: note.value } }
}

/** A table as compact JSON with all its columns. One unreadable row makes the whole unreadable: half an order is none. */
function tableText(wire: Wire, shown: ShownTable, columns: Columns, what: string): Called<string> {
  const lacking = Object.values(columns).find(({ header, required }) => required && shown.lacks(header))
  if (lacking) return broken(`The ${what} have no column ${lacking.header}`)
  const { rows, rejected } = readRows(shown.rows, columns, wire.readCell, shown.shows)
  const [bad] = rejected
  if (bad) return broken(`The ${what} can't be read: row ${bad.position + 1}: ${bad.reason}`)
  const text = JSON.stringify(
    rows.map(({ values }) =>
      Object.fromEntries(Object.keys(columns).map((name) => [name, values[name] ?? null])),
    ),
  )
  return text.length <= LONGEST_DETAIL
    ? { ok: true, value: text }
    : broken(`The ${what} are longer than ${LONGEST_DETAIL} characters`)
}

/** The ERP's id of a row. A link whose details are asked for shows one, so its absence is a bug of the declaration. */
function idOf({ columns }: RemoteContext, { values }: RemoteRow): string {
  const name = Object.keys(columns).find((column) => columns[column]?.header === 'id')
  const id = name === undefined ? undefined : values[name]
  if (typeof id !== 'string') throw new Error('a row without an id has no details')
  return id
}
