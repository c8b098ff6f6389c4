import type { RouteHandler } from '@hono/zod-openapi'
import { readOrder, readOrders } from '../../db/reads/erp.ts'
import { notFound, userOf } from '../shared/access.ts'
import { nextLink } from '../shared/app.ts'
import { etagged } from '../shared/etag.ts'
import { database, type PushPull } from './env.ts'
import type * as routes from './erp-routes.ts'
import { orderView } from './erp-views.ts'
import { refreshOld } from './lazy.ts'

export const listOrders: RouteHandler<typeof routes.listOrders, PushPull> = async (c) => {
  const { user_id, q = null, after = null, limit } = c.req.valid('query')
  const actor = c.get('actor')
  const user = userOf(actor, user_id)
  const rows = await readOrders(database(c.env), user, { q, after, limit })
  if (user !== null) c.executionCtx.waitUntil(refreshOld(c.env, 'orders', user, actor.name))
  nextLink(c, rows, limit, rows.at(-1)?.id as string | undefined, 'after')
  return etagged(c, c.json(rows.map(orderView), 200))
}

export const getOrder: RouteHandler<typeof routes.getOrder, PushPull> = async (c) => {
  const { id } = c.req.valid('param')
  const actor = c.get('actor')
  const row = await readOrder(database(c.env), id, userOf(actor, undefined))
  if (!row) throw notFound('order', id)
  c.executionCtx.waitUntil(refreshOld(c.env, 'orders', String(row.user_id), actor.name))
  return etagged(c, c.json(orderView(row), 200))
}
