import type { RouteHandler } from '@hono/zod-openapi'
import { readProduct, readProducts } from '../../db/reads/erp.ts'
import { readPriceChanges, readPriceChangesOf, readUnmatchedPrices } from '../../db/reads/prices.ts'
import { nameKey } from '../../sync/remotes/erp/name-key.ts'
import { notFound } from '../shared/access.ts'
import { nextLink } from '../shared/app.ts'
import { etagged } from '../shared/etag.ts'
import { waitingLink } from '../shared/names.ts'
import { database, type PushPull } from './env.ts'
import type * as routes from './erp-routes.ts'
import { priceChangeView, productView, unmatchedView } from './erp-views.ts'

export const listProducts: RouteHandler<typeof routes.listProducts, PushPull> = async (c) => {
  const { q = null, after = null, limit } = c.req.valid('query')
  // Case, accents and punctuation don't count in names; a `q` of nothing else is looked for in codes only.
  const key = q === null ? null : nameKey(q) || null
  const rows = await readProducts(database(c.env), { q, after, limit }, key)
  nextLink(c, rows, limit, rows.at(-1)?.id as string | undefined, 'after')
  return etagged(c, c.json(rows.map(productView), 200))
}

export const getProduct: RouteHandler<typeof routes.getProduct, PushPull> = async (c) => {
  const { id } = c.req.valid('param')
  const row = await readProduct(database(c.env), id)
  if (!row) throw notFound('product', id)
  return etagged(c, c.json(productView(row), 200))
}

export const listPriceChanges: RouteHandler<typeof routes.listPriceChanges, PushPull> = async (c) => {
  const { product_id, before, limit } = c.req.valid('query')
  const [version = 0, n = 0] = (before ?? '').split('.').map(Number)
  const cursor = before === undefined ? null : { version, n }
  const rows =
    product_id === undefined
      ? await readPriceChanges(database(c.env), cursor, limit)
      : await readPriceChangesOf(database(c.env), product_id, cursor, limit)
  const changes = rows.map(priceChangeView)
  nextLink(c, changes, limit, changes.at(-1)?.id)
  return etagged(c, c.json(changes, 200))
}

export const listUnmatchedPrices: RouteHandler<typeof routes.listUnmatchedPrices, PushPull> = async (c) => {
  const { q = null, after = null, limit } = c.req.valid('query')
  const rows = await readUnmatchedPrices(database(c.env), waitingLink('products').name, { q, after, limit })
  nextLink(c, rows, limit, rows.at(-1)?.id as string | undefined, 'after')
  return etagged(c, c.json(rows.map(unmatchedView), 200))
}
