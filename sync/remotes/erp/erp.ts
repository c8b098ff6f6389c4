import type { Answer, Remote, RemoteContext } from '../../engine/ports.ts'
import { callerOf, dialectOf, listOf } from './caller.ts'
import { type Calls, type ErpOptions, erpCalls } from './calls.ts'
import { createOrder } from './create.ts'
import { readDetails } from './details.ts'
import { findOrder } from './find.ts'
import { html } from './html.ts'
import { json, stampOf } from './json.ts'
import { readPage } from './list.ts'
import { answerOf, refused } from './outcome.ts'
import type { Wire } from './wire.ts'

export type { ErpOptions } from './calls.ts'
export { erpImages } from './images.ts'

/** The legacy ERP: four lists read page by page, orders in detail, and orders made. A cursor is a page's number. */
export function erp(options: ErpOptions): Remote {
  const calls = erpCalls(options)
  return {
    probe: (context) => probe(calls, context),
    read: (context, part, cursor) => readPage(calls, wireOf(context), context, part, cursor),
    detail: (context, _part, rows) => readDetails(calls, wireOf(context), context, rows),
    perform: (context, action) => createOrder(calls, wireOf(context), context, action),
    find: (context, action) => findOrder(calls, wireOf(context), context, action),
  }
}

const wires = { json, html } satisfies Record<string, Wire>

const wireOf = (context: RemoteContext): Wire => wires[dialectOf(context)]

/** A list's change stamp. Pages of HTML show none, and not every list has one. */
async function probe(calls: Calls, context: RemoteContext): Promise<Answer<string>> {
  const list = listOf(context)
  if (dialectOf(context) === 'html') return noStamp(list, 'as web pages')
  const { asked, read } = stampOf(list)
  const stamp = await calls.call(callerOf(context), asked, read)
  if (!stamp.ok) return answerOf(stamp)
  return stamp.value === null ? noStamp(list, 'either') : { ok: true, value: stamp.value }
}

const noStamp = (list: string, how: string): Answer<string> => {
  const reason =
    how === 'either' ? `The ERP tells no stamp of ${list}` : `The ERP tells no stamp of ${list} ${how}`
  return answerOf(refused(reason, `Set probe to rolling in ${list}.erp.`))
}
