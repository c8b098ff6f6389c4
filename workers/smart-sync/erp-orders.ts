import type { RouteHandler } from '@hono/zod-openapi'
import type { Database, Row } from '../../db/database.ts'
import { readAction, readActions } from '../../db/reads/actions.ts'
import type { Actor } from '../../sync/protocol/common.ts'
import type { OrderInput, OrderRequest } from '../../sync/protocol/erp.ts'
import { notFound, userOf } from '../shared/access.ts'
import { nextLink, Refusal } from '../shared/app.ts'
import { askLane, type LaneNamespace, settled, WAIT } from '../shared/lanes.ts'
import { linkOfAction } from '../shared/names.ts'
import { database, type SmartSync } from './env.ts'
import type * as routes from './erp-routes.ts'
import { existing, notSetUp, noUser } from './erp-start.ts'
import { asSeenBy } from './runs.ts'

const KIND = 'create_order'

export const createOrder: RouteHandler<typeof routes.createOrder, SmartSync> = async (c) => {
  const { user_id, ...order } = c.req.valid('json')
  const actor = c.get('actor')
  const user = userOf(actor, user_id)
  if (user === null) throw noUser('user_id', 'order')
  const key = c.req.valid('header')['idempotency-key']
  const row = await askOrder(database(c.env), c.env.LANE, { user, key, order, actor: actor.name })
  const request = requestView(row, actor)
  if (request.status === 'refused') throw refused(request)
  return c.json(request, request.status === 'done' ? 201 : 202)
}

/** Asks the user's lane to make an order, which it does exactly once, and waits for it, at most `wait` milliseconds. */
export async function askOrder(
  database: Database,
  lanes: LaneNamespace,
  asked: {
    readonly user: string
    readonly key: string
    readonly order: Omit<OrderInput, 'user_id'>
    readonly actor: string
  },
  wait = WAIT,
): Promise<Row> {
  const deadline = Date.now() + wait
  const { user: scope, key, order: body, actor } = asked
  const link = linkOfAction(KIND)
  if ((await existing(database, [link], scope)).length === 0) throw notSetUp([link], scope)
  const lane = link.lane(scope)
  const action = { link: link.name, scope, kind: KIND, key, body, actor }
  const answer = await askLane(lanes, lane, (stub) => stub.act(lane, action))
  if (answer.type === 'failed') throw new Refusal(answer.failure)
  await settled(lanes, lane, answer.id, deadline)
  const row = await readAction(database, { link: link.name, lane }, answer.id)
  if (!row) throw new Error(`the lane ${lane} took on ${answer.id}, and D1 does not have it`)
  return row
}

export const listOrderRequests: RouteHandler<typeof routes.listOrderRequests, SmartSync> = async (c) => {
  const { limit, before = null, user_id } = c.req.valid('query')
  const actor = c.get('actor')
  const reader = readerOf(userOf(actor, user_id))
  const rows = await readActions(database(c.env), reader, before, limit)
  nextLink(c, rows, limit, rows.at(-1)?.id as string | undefined)
  return c.json(
    rows.map((row) => requestView(row, actor)),
    200,
  )
}

export const getOrderRequest: RouteHandler<typeof routes.getOrderRequest, SmartSync> = async (c) => {
  const { id } = c.req.valid('param')
  const actor = c.get('actor')
  const row = await readAction(database(c.env), readerOf(userOf(actor, undefined)), id)
  if (!row) throw notFound('order request', id)
  return c.json(requestView(row, actor), 200)
}

/** Requests of a user; null: of all. */
function readerOf(user: string | null) {
  const link = linkOfAction(KIND)
  return { link: link.name, lane: user === null ? null : link.lane(user) }
}

/** The ERP said no. The same key would be told the same again: what was corrected is another order. */
const refused = ({ id, reason, mend }: OrderRequest): Refusal =>
  new Refusal({
    type: 'refused',
    detail: reason ?? 'The ERP refused the order.',
    kept: `No order was made. The request stands as ${id}.`,
    mend: mend ?? 'Correct the order and send it with another Idempotency-Key.',
  })

/** An order that was asked for, as it travels. */
export function requestView(row: Row, actor: Actor): OrderRequest {
  const result = (JSON.parse(String(row.result ?? 'null')) ?? {}) as { erp_id?: unknown; number?: unknown }
  return {
    id: String(row.id),
    key: String(row.key),
    user_id: String(row.scope),
    customer: row.customer as string | null,
    status: row.status as OrderRequest['status'],
    erp_id: text(result.erp_id),
    number: text(result.number),
    reason: row.reason as string | null,
    mend: row.mend as string | null,
    actor: asSeenBy(actor, String(row.actor)),
    body: JSON.parse(String(row.body)) as OrderInput,
    created_at: new Date(Number(row.created_at)).toISOString(),
    sent_at: maybeIso(row.sent_at),
    finished_at: maybeIso(row.finished_at),
  }
}

const text = (value: unknown): string | null => (value == null ? null : String(value))
const maybeIso = (at: unknown): string | null => (at == null ? null : new Date(Number(at)).toISOString())
