import type { Context } from 'hono'
import { deleteCookie, setCookie } from 'hono/cookie'
import { query, statement } from '../../db/database.ts'
import type { Actor } from '../../sync/protocol/common.ts'
import { createApp, only, Refusal } from '../shared/app.ts'
import { askLane } from '../shared/lanes.ts'
import { docsPage, wholeDocument } from './docs.ts'
import { database, type Gateway, type GatewayEnv } from './env.ts'
import { authenticated, bounded, COOKIE, handOn, paced, sameOrigin, secretOf } from './guard.ts'
import { openSocket } from './live.ts'
import * as routes from './routes.ts'
import * as tokens from './tokens.ts'

const base = createApp<Gateway>({
  DB: 'object',
  LANE: 'object',
  SMART_SYNC: 'object',
  PUSH_PULL: 'object',
  RATE_LIMIT: 'object',
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
base.use('/api/*', paced, bounded, sameOrigin, authenticated)
for (const path of ['/api/tokens', '/api/codes']) base.use(`${path}/*`, only('admin'))

const app = base
  .openapi(routes.openSession, async (c) => {
    const given = c.req.valid('json')
    const now = Date.now()
    const who =
      'code' in given ? await whoByCode(c.env, given.code, now) : await whoByToken(c.env, given.token, now)
    const session = { role: who.role, user: who.user, name: who.name }
    const expiresAt = tokens.sessionExpiry(now)
    const made = await tokens.makeToken(database(c.env), { ...session, kind: 'session', expiresAt }, now)
    setCookie(c, COOKIE, made.secret, {
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
    const from = secretOf(c)?.from
    if (from === 'cookie') await revoke(c, c.get('actor').id)
    deleteCookie(c, COOKIE, { path: '/' })
    return c.body(null, 204)
  })
  .openapi(routes.listTokens, async (c) =>
    c.json((await tokens.listTokens(database(c.env))).map(tokens.tokenView), 200),
  )
  .openapi(routes.makeToken, async (c) => {
    const { role, user_id, name, expires_at } = c.req.valid('json')
    const now = Date.now()
    const expiresAt = expires_at === null ? null : Date.parse(expires_at)
    const made = await tokens.makeToken(
      database(c.env),
      { role, user: user_id, name, kind: 'token', expiresAt },
      now,
    )
    return c.json(
      {
        id: made.id,
        role,
        user_id,
        name,
        kind: 'token' as const,
        created_at: new Date(now).toISOString(),
        expires_at,
        last_used_at: null,
        revoked_at: null,
        secret: made.secret,
      },
      201,
    )
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
    const made = await tokens.makeToken(
      database(c.env),
      { role, user: user_id, name, kind: 'code', expiresAt },
      now,
    )
    const url = new URL(`/#code=${made.secret}`, c.req.url).href
    return c.json({ code: made.secret, url, expires_at: new Date(expiresAt).toISOString() }, 201)
  })
  .openapi(routes.pairDevice, async (c) => {
    const { code, name } = c.req.valid('json')
    const now = Date.now()
    const who = await whoByCode(c.env, code, now)
    const of = { role: who.role, user: who.user, name, kind: 'token', expiresAt: null } as const
    const made = await tokens.makeToken(database(c.env), of, now)
    await database(c.env).batch([
      statement(
        'INSERT INTO devices (id, user_id, name, token_id, paired_at) VALUES (?1, ?2, ?3, ?1, ?4)',
        made.id,
        who.user,
        name,
        now,
      ),
    ])
    return c.json({ token: made.secret, role: who.role, user: who.user, name }, 201)
  })

base.get('/api/health', (c) => c.json({ ok: true }))
base.get('/api/live', openSocket)
base.get('/docs', docsPage)
base.get('/openapi.json', async (c) =>
  c.json(
    await wholeDocument(c, {
      ...base.getOpenAPI31Document({ openapi: '3.1.0', info: { title: 'Tidemark', version: '1' } }),
    } as never),
  ),
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

type Who = Pick<Actor, 'role' | 'user' | 'name'>

async function whoByCode(env: GatewayEnv, code: string, now: number): Promise<Who> {
  const who = await tokens.takeCode(database(env), code, now)
  if (who) return who
  throw new Refusal({
    type: 'unauthorized',
    detail: 'The code was used already, or its 10 minutes are over.',
    mend: 'Ask for a new link.',
  })
}

async function whoByToken(env: GatewayEnv, secret: string, now: number): Promise<Who> {
  const who = await tokens.actorOf(database(env), secret, now)
  if (who) return who
  throw new Refusal({
    type: 'unauthorized',
    detail: 'The token is unknown, expired or revoked.',
    mend: 'Ask an admin for a new one.',
  })
}

/** Revokes a token and closes its live sockets, wherever they are. */
async function revoke(c: Context<Gateway>, id: string): Promise<boolean> {
  if (!(await tokens.revokeToken(database(c.env), id, Date.now()))) return false
  const lanes = await query<{ lane: string }>(database(c.env), 'SELECT lane FROM lanes')
  await Promise.allSettled(
    lanes.map(({ lane }) => askLane(c.env.LANE, lane, (stub) => stub.closeSockets(lane, id))),
  )
  return true
}

export type GatewayApi = typeof app
export default base satisfies ExportedHandler<GatewayEnv>
