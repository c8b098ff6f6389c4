import type { Context } from 'hono'
import { deleteCookie, setCookie } from 'hono/cookie'
import { query } from '../../db/database.ts'
import { LIMITS } from '../../sync/protocol/common.ts'
import { createApp, nextLink, only, Refusal } from '../shared/app.ts'
import { etagged } from '../shared/etag.ts'
import { askLane } from '../shared/lanes.ts'
import { DOCUMENT, docsPage, wholeDocument } from './docs.ts'
import { database, type Gateway, type GatewayEnv } from './env.ts'
import { authenticated, bounded, COOKIE, handOn, paced, sameOrigin, secretOf } from './guard.ts'
import { openSocket } from './live.ts'
import * as routes from './routes.ts'
import * as tokens from './tokens.ts'

const base = createApp<Gateway>({
  DB: 'D1',
  LANE: 'Durable Objects',
  SMART_SYNC: 'service',
  PUSH_PULL: 'service',
  RATE_LIMIT: 'rate limit',
  ACCESS_TEAM_DOMAIN: 'optional text',
  ACCESS_AUD: 'optional text',
})
base.use(async (c, next) => {
  await next()
  // A socket's answer has no headers to add to.
  if (c.res.status === 101) return
  c.header('x-content-type-options', 'nosniff')
  c.header('referrer-policy', 'no-referrer')
  if (c.req.path.startsWith('/api/') && !c.res.headers.has('cache-control'))
    c.header('cache-control', 'no-store')
})
base.use('/api/*', paced, sameOrigin, authenticated, bounded)
base.use('/api/live', only('admin', 'user', 'device'))
for (const path of ['/api/tokens', '/api/codes']) base.use(`${path}/*`, only('admin'))

const app = base
  .openapi(routes.openSession, async (c) => {
    const given = c.req.valid('json')
    const made = await tokens.openSession(database(c.env), given, Date.now())
    if (!made) throw new Refusal('code' in given ? CODE_OVER : TOKEN_OVER)
    const { secret, ...session } = made
    setCookie(c, COOKIE, secret, {
      httpOnly: true,
      sameSite: 'Lax',
      secure: new URL(c.req.url).protocol === 'https:',
      path: '/',
      maxAge: tokens.SESSION_DAYS * 86_400,
    })
    return c.json(session, 200)
  })
  .openapi(routes.readSession, (c) => {
    const { role, user, name } = c.get('actor')
    return c.json({ role, user, name }, 200)
  })
  .openapi(routes.closeSession, async (c) => {
    if (secretOf(c)?.from === 'cookie') await revoke(c, c.get('actor').id)
    deleteCookie(c, COOKIE, { path: '/' })
    return c.body(null, 204)
  })
  .openapi(routes.listTokens, async (c) => {
    const rows = await tokens.listTokens(database(c.env), c.req.query('before') ?? null, LIMITS.page)
    nextLink(c, rows, LIMITS.page, rows.at(-1)?.id as string | undefined)
    return c.json(rows.map(tokens.tokenView), 200)
  })
  .openapi(routes.makeToken, async (c) => {
    const { role, user_id, name, expires_at } = c.req.valid('json')
    const now = Date.now()
    const expiresAt = expires_at === null ? null : Date.parse(expires_at)
    if (expiresAt !== null && expiresAt <= now)
      throw new Refusal({
        type: 'bad_request',
        detail: `The token would have expired at ${expires_at} already.`,
        errors: [{ path: 'expires_at', message: 'is in the past' }],
      })
    const of = { role, user: user_id, name, kind: 'token', expiresAt } as const
    const { id, secret } = await tokens.makeToken(database(c.env), of, now)
    const row = { id, role, user_id, name, kind: of.kind, created_at: now, expires_at: expiresAt }
    return c.json({ ...tokens.tokenView({ ...row, last_used_at: null, revoked_at: null }), secret }, 201)
  })
  .openapi(routes.revokeToken, async (c) => {
    const { id } = c.req.valid('param')
    if (!(await revoke(c, id))) throw new Refusal({ type: 'not_found', detail: `There is no token ${id}.` })
    return c.body(null, 204)
  })
  .openapi(routes.makeCode, async (c) => {
    const { role, user_id, name } = c.req.valid('json')
    const now = Date.now()
    const expiresAt = tokens.codeExpiry(now)
    const of = { role, user: user_id, name, kind: 'code', expiresAt } as const
    const { secret } = await tokens.makeToken(database(c.env), of, now)
    const url = new URL(`/#code=${secret}`, c.req.url).href
    return c.json({ code: secret, url, expires_at: new Date(expiresAt).toISOString() }, 201)
  })
  .openapi(routes.pairDevice, async (c) => {
    const { code, name } = c.req.valid('json')
    const made = await tokens.pairDevice(database(c.env), code, name, Date.now())
    if (!made) throw new Refusal(CODE_OVER)
    const { secret, ...who } = made
    return c.json({ token: secret, ...who }, 201)
  })

base.get('/api/health', (c) => c.json({ ok: true }))
base.get('/api/live', openSocket)
base.get('/docs', docsPage)
base.get('/openapi.json', async (c) =>
  etagged(c, c.json(await wholeDocument(c, base.getOpenAPI31Document(DOCUMENT)))),
)

// Everything else is an inner Worker's.
for (const path of ['/api/admin/smart_sync', '/api/admin/sync_status']) base.all(path, toSmartSync)
for (const path of ['/api/runs', '/api/conflicts', '/api/workspaces', '/api/config', '/api/webhooks'])
  base.all(`${path}/*`, toSmartSync)
base.put('/api/projects/:id', toSmartSync)
base.all('/api/*', (c) => handOn(c, c.env.PUSH_PULL))

function toSmartSync(c: Context<Gateway>): Promise<Response> {
  return handOn(c, c.env.SMART_SYNC)
}

const CODE_OVER = {
  type: 'unauthorized',
  detail: 'The code was used already, or its 10 minutes are over.',
  mend: 'Ask for a new link.',
} as const

const TOKEN_OVER = {
  type: 'unauthorized',
  detail: 'The token is unknown, expired or revoked.',
  mend: 'Ask an admin for a new one.',
} as const

/** Revokes a token with its sessions, and closes their live sockets, wherever they are. */
async function revoke(c: Context<Gateway>, id: string): Promise<boolean> {
  const ids = await tokens.revokeToken(database(c.env), id, Date.now())
  if (ids.length === 0) return false
  const lanes = await query<{ lane: string }>(database(c.env), 'SELECT lane FROM lanes')
  const closed = await Promise.allSettled(
    lanes.map(({ lane }) =>
      askLane(c.env.LANE, lane, async (stub) => {
        for (const each of ids) await stub.closeSockets(lane, each)
      }),
    ),
  )
  for (const one of closed)
    if (one.status === 'rejected')
      console.error(JSON.stringify({ event: 'sockets.not_closed', token: id, error: String(one.reason) }))
  return true
}

export type GatewayApi = typeof app
export default base satisfies ExportedHandler<GatewayEnv>
