import type { Row } from '../../../db/database.ts'
import type { Action, Answer, RemoteContext } from '../../engine/ports.ts'
import { callerOf } from './caller.ts'
import type { Calls } from './calls.ts'
import { answerOf, broken } from './outcome.ts'
import { type Columns, readRows } from './rows.ts'
import type { Wire } from './wire.ts'

const column = (header: string, type: string, required = false) => ({ header, aliases: [], type, required })

const columns: Columns = {
  erp_id: column('id', 'text', true),
  external_ref: column('external_ref', 'text'),
  number: column('number', 'text'),
  modified: column('modified', 'time'),
}

/**
 * The order that carries a key: its id and number; null where the ERP's list properly shows none. Of several the oldest,
 * for that is the one that was asked for; `copies` says how many there are then.
 */
export async function findOrder(
  calls: Calls,
  wire: Wire,
  context: RemoteContext,
  { key }: Action,
): Promise<Answer<Row | null>> {
  const { asked, read } = wire.list('orders', { ref: key })
  const called = await calls.call(callerOf(context), { ...asked, kind: 'find' }, read)
  if (!called.ok) return answerOf(called)
  const shown = called.value
  const what = `The ERP's answer to the search for ${key}`
  if (shown === 'beyond') return answerOf(broken(`${what} is that there is no such page`))
  if (shown.list !== null && shown.list !== 'orders') return answerOf(broken(`${what} is of another list`))
  const { rows, rejected } = readRows(shown.rows, columns, wire.readCell, shown.shows)
  // An order with an unreadable time is still that order.
  const all = [...rows, ...rejected].map(({ values }) => values)
  const found = all.flatMap((values) => (values?.external_ref === key.trim() ? [values] : []))
  const [oldest] = found.sort((one, other) => age(one) - age(other))
  if (oldest) {
    const copies = Math.max(found.length, found.length === shown.rows.length ? shown.total : 0)
    const { erp_id = null, number = null } = oldest
    return { ok: true, value: { erp_id, number, ...(copies > 1 && { copies }) } }
  }
  // Nothing found means something only if the search was one.
  if (shown.rows.length > 0 || shown.total > 0)
    return answerOf(broken(`${what} shows other orders: the ERP did not search`))
  return { ok: true, value: null }
}

const age = (row: Row): number => (typeof row.modified === 'number' ? row.modified : Number.MAX_SAFE_INTEGER)
