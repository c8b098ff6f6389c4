import type { RouteHandler } from '@hono/zod-openapi'
import { readCustomer, readCustomers } from '../../db/reads/erp.ts'
import { notFound, userOf } from '../shared/access.ts'
import { nextLink } from '../shared/app.ts'
import { etagged } from '../shared/etag.ts'
import { database, type PushPull } from './env.ts'
import type * as routes from './erp-routes.ts'
import { customerView } from './erp-views.ts'

export const listCustomers: RouteHandler<typeof routes.listCustomers, PushPull> = async (c) => {
  const { user_id, q = null, after = null, limit } = c.req.valid('query')
  const user = userOf(c.get('actor'), user_id)
  const rows = await readCustomers(database(c.env), user, { q, after, limit })
  nextLink(c, rows, limit, rows.at(-1)?.id as string | undefined, 'after')
  return etagged(c, c.json(rows.map(customerView), 200))
}

export const getCustomer: RouteHandler<typeof routes.getCustomer, PushPull> = async (c) => {
  const { id } = c.req.valid('param')
  const row = await readCustomer(database(c.env), id, userOf(c.get('actor'), undefined))
  if (!row) throw notFound('customer', id)
  return etagged(c, c.json(customerView(row), 200))
}
