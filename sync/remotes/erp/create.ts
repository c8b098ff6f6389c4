import type { Action, Performed, RemoteContext } from '../../engine/ports.ts'
import { OrderInput } from '../../protocol/erp.ts'
import { callerOf } from './caller.ts'
import type { Calls } from './calls.ts'
import { findOrder } from './find.ts'
import type { Wire } from './wire.ts'

/**
 * Makes an order in the ERP, which would make it as often as it is asked. So it is asked once: what can't be told apart
 * from "done" is `lost`, and somebody looks for it by its key. Only where the session was over, and the
 * ERP said so or showed its sign-in page, is it sent again.
 */
export async function createOrder(
  calls: Calls,
  wire: Wire,
  context: RemoteContext,
  action: Action,
): Promise<Performed> {
  if (action.kind !== 'create_order')
    return { type: 'refused', reason: `The ERP knows no ${action.kind}`, mend: 'Ask for create_order.' }
  const input = OrderInput.safeParse(action.body)
  if (!input.success) {
    const [issue] = input.error.issues
    const reason = `This is no order: ${issue?.path.join('.')} ${issue?.message}`
    return { type: 'refused', reason, mend: 'Correct the order and send it under a new key.' }
  }
  const { asked, read } = wire.create(action.key, input.data)
  const called = await calls.call(callerOf(context), asked, read)
  if (!called.ok)
    return called.sent
      ? { type: 'lost', reason: reasonOf(called.failure.reason) }
      : { type: 'not_sent', failure: called.failure }
  const created = called.value
  if ('said' in created)
    return {
      type: 'refused',
      reason: `The ERP refused the order: ${created.said}`,
      mend: 'Correct the order and send it under a new key.',
    }
  const number = created.number ?? (await numberOf(calls, wire, context, action, created.id))
  return { type: 'done', result: { erp_id: created.id, number } }
}

const reasonOf = (reason: string) => `${reason}. Whether the order was made is not known yet`

/** Pages don't say the number of a new order; the list does, for one more call. The order is made, so a failure is nobody's trouble. */
async function numberOf(
  calls: Calls,
  wire: Wire,
  context: RemoteContext,
  action: Action,
  id: string,
): Promise<string | null> {
  const found = await findOrder(calls, wire, context, action)
  const row = found.ok ? found.value : null
  return row?.erp_id === id && typeof row.number === 'string' ? row.number : null
}
