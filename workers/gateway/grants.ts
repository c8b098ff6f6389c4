import type { RouteHandler } from '@hono/zod-openapi'
import { LIMITS } from '../../sync/protocol/common.ts'
import { notFound } from '../shared/access.ts'
import { nextLink, Refusal } from '../shared/app.ts'
import { database, type Gateway } from './env.ts'
import { revoke } from './revoke.ts'
import type * as routes from './routes.ts'
import * as tokens from './tokens.ts'

export const listTokens: RouteHandler<typeof routes.listTokens, Gateway> = async (c) => {
  const rows = await tokens.listTokens(database(c.env), c.req.query('before') ?? null, LIMITS.page)
  nextLink(c, rows, LIMITS.page, rows.at(-1)?.id as string | undefined)
  return c.json(rows.map(tokens.tokenView), 200)
}

export const makeToken: RouteHandler<typeof routes.makeToken, Gateway> = async (c) => {
  const { role, user_id, name, expires_at } = c.req.valid('json')
  const now = Date.now()
  const expiresAt = expires_at === null ? null : Date.parse(expires_at)
  if (expiresAt !== null && expiresAt <= now)
    throw new Refusal({
      type: 'bad_request',
      detail: `A token until ${expires_at} would have expired already.`,
      errors: [{ path: 'expires_at', message: 'is in the past' }],
    })
  const of = { role, user: user_id, name, kind: 'token', expiresAt } as const
  const { id, secret } = await tokens.makeToken(database(c.env), of, now)
  const row = { id, role, user_id, name, kind: of.kind, created_at: now, expires_at: expiresAt }
  return c.json({ ...tokens.tokenView({ ...row, last_used_at: null, revoked_at: null }), secret }, 201)
}

export const revokeToken: RouteHandler<typeof routes.revokeToken, Gateway> = async (c) => {
  const { id } = c.req.valid('param')
  if (!(await revoke(c.env, id))) throw notFound('token', id)
  return c.body(null, 204)
}

/**
 * The code stands in the fragment of the link, which no browser sends to any server or referrer. A device's link opens the
 * phone page; the command line takes it too.
 */
export const makeCode: RouteHandler<typeof routes.makeCode, Gateway> = async (c) => {
  const { role, user_id, name } = c.req.valid('json')
  const now = Date.now()
  const expiresAt = tokens.codeExpiry(now)
  const of = { role, user: user_id, name, kind: 'code', expiresAt } as const
  const { secret } = await tokens.makeToken(database(c.env), of, now)
  const url = new URL(`${role === 'device' ? '/review' : '/'}#code=${secret}`, c.req.url).href
  return c.json({ code: secret, url, expires_at: new Date(expiresAt).toISOString() }, 201)
}
