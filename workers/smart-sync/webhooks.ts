import type { RouteHandler } from '@hono/zod-openapi'
import { ulid } from 'ulid'
import { query, type Row, statement } from '../../db/database.ts'
import { readDeliveries, readWebhooks } from '../../db/reads/webhooks.ts'
import { LIMITS } from '../../sync/protocol/common.ts'
import { notFound } from '../shared/access.ts'
import { nextLink, Refusal } from '../shared/app.ts'
import { markOffered } from '../shared/events.ts'
import { isPrivateHost } from './deliver.ts'
import { webhookSecret } from './derived-secret.ts'
import { database, type SmartSync } from './env.ts'
import type * as routes from './routes.ts'
import { deliveryView, webhookView } from './views.ts'

export const listWebhooks: RouteHandler<typeof routes.listWebhooks, SmartSync> = async (c) => {
  const rows = await readWebhooks(database(c.env), c.req.query('before') ?? null, LIMITS.page)
  nextLink(c, rows, LIMITS.page, rows.at(-1)?.id as string | undefined)
  return c.json(rows.map(webhookView), 200)
}

export const addWebhook: RouteHandler<typeof routes.addWebhook, SmartSync> = async (c) => {
  const { url, events } = c.req.valid('json')
  if (c.env.ALLOW_PRIVATE_WEBHOOKS !== '1' && isPrivateHost(url))
    throw new Refusal({
      type: 'bad_request',
      detail: `${new URL(url).hostname} is not a public host.`,
      errors: [{ path: 'url', message: 'is not a public host' }],
    })
  const row = {
    id: `wh_${ulid()}`,
    url,
    events: JSON.stringify(events),
    active: 1,
    created_at: Date.now(),
    created_by: c.get('actor').name,
  }
  await database(c.env).batch([
    statement(
      'INSERT INTO webhooks (id, url, events, active, created_at, created_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6)',
      ...Object.values(row),
    ),
  ])
  return c.json({ ...webhookView(row), secret: await webhookSecret(c.env.WEBHOOK_KEY, row.id) }, 201)
}

export const deleteWebhook: RouteHandler<typeof routes.deleteWebhook, SmartSync> = async (c) => {
  const { id } = c.req.valid('param')
  const [row] = await query<Row>(database(c.env), 'DELETE FROM webhooks WHERE id = ?1 RETURNING id', id)
  if (!row) throw notFound('webhook', id)
  return c.body(null, 204)
}

export const listDeliveries: RouteHandler<typeof routes.listDeliveries, SmartSync> = async (c) => {
  const { limit, before = null, status = null } = c.req.valid('query')
  const rows = await readDeliveries(database(c.env), status, before, limit)
  nextLink(c, rows, limit, rows.at(-1)?.id as string | undefined)
  return c.json(rows.map(deliveryView), 200)
}

export const retryDelivery: RouteHandler<typeof routes.retryDelivery, SmartSync> = async (c) => {
  const { id } = c.req.valid('param')
  const now = Date.now()
  const [row] = await query<Row>(
    database(c.env),
    `UPDATE deliveries SET status = 'pending', attempts = 0, next_at = ?2 WHERE id = ?1 RETURNING *`,
    id,
    now,
  )
  if (!row) throw notFound('delivery', id)
  await c.env.EVENTS.send({ deliveryId: id })
  await markOffered(database(c.env), [id], now)
  return c.json(deliveryView(row), 202)
}
