import type { RouteHandler } from '@hono/zod-openapi'
import { query, type Row } from '../../db/database.ts'
import { readImages, readStoredImage } from '../../db/reads/images.ts'
import { notFound } from '../shared/access.ts'
import { nextLink } from '../shared/app.ts'
import { offerImages } from '../shared/images.ts'
import { database, type PushPull } from './env.ts'
import type * as routes from './erp-routes.ts'
import { imageView } from './erp-views.ts'

/** `*`, or etags with commas between them (RFC 9110 §13.1.2). R2 throws at anything else, where a reader is owed the picture. */
const ETAGS = /^(?:\*|(?:W\/)?"[^"]*"(?:\s*,\s*(?:W\/)?"[^"]*")*)$/

/** Straight from R2; a browser that has it asks whether it is still the same. */
export const getProductImage: RouteHandler<typeof routes.getProductImage, PushPull> = async (c) => {
  const { id } = c.req.valid('param')
  const stored = await readStoredImage(database(c.env), id)
  const known = c.req.header('if-none-match')?.trim() ?? ''
  const condition = ETAGS.test(known) ? { onlyIf: new Headers({ 'if-none-match': known }) } : {}
  const object = stored && (await c.env.IMAGES.get(stored.object, condition))
  if (!stored || !object) throw notFound('picture of product', id)
  const headers = { etag: object.httpEtag, 'cache-control': 'private, no-cache' }
  if (!object.body) return new Response(null, { status: 304, headers })
  // What a picture says of itself is not run: an SVG could hold a script.
  const content = { 'content-type': stored.type, 'content-security-policy': "default-src 'none'; sandbox" }
  return new Response(object.body, { headers: { ...headers, ...content } })
}

export const listImages: RouteHandler<typeof routes.listImages, PushPull> = async (c) => {
  const { limit, before = null, status = null } = c.req.valid('query')
  const rows = await readImages(database(c.env), status, before, limit)
  nextLink(c, rows, limit, rows.at(-1)?.product_id as string | undefined)
  return c.json(rows.map(imageView), 200)
}

/** Marked, and offered to the queue with all that waits; where the queue is away, the cron offers it. */
export const retryImage: RouteHandler<typeof routes.retryImage, PushPull> = async (c) => {
  const { product_id } = c.req.valid('param')
  const now = Date.now()
  const [row] = await query<Row>(
    database(c.env),
    `UPDATE product_images SET status = 'pending', attempts = 0, next_at = ?2 WHERE product_id = ?1 RETURNING *`,
    product_id,
    now,
  )
  if (!row) throw notFound('picture of product', product_id)
  await offerImages(database(c.env), c.env.IMAGE_QUEUE, now)
  return c.json(imageView(row), 202)
}
