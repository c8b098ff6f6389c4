import type { Context, Next } from 'hono'
import { getCookie } from 'hono/cookie'
import { LIMITS } from '../../sync/protocol/common.ts'
import { ACTOR, limitedBody, refuse } from '../shared/app.ts'
import { accessActor } from './access-token.ts'
import type { Gateway } from './env.ts'
import { database } from './env.ts'
import { actorOf } from './tokens.ts'

export const COOKIE = 'tidemark'
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])
/** Ways in; everything else needs to be signed in. */
const OPEN = new Set(['POST /api/session', 'POST /api/devices/pair', 'GET /api/health'])
const RETRY_AFTER = 60

/** Sheds callers that send too much; by token or cookie where there is one, else by address. */
export async function paced(c: Context<Gateway>, next: Next): Promise<Response | undefined> {
  const key = secretOf(c)?.secret ?? c.req.header('cf-connecting-ip') ?? 'unknown'
  const { success } = await c.env.RATE_LIMIT.limit({ key })
  if (!success)
    return refuse({
      type: 'too_many',
      detail: 'This token sends more than 600 requests a minute.',
      mend: 'Wait a minute; ask for several things in one request.',
      retryAfter: RETRY_AFTER,
    })
  await next()
  return undefined
}

/** Refuses large bodies, and hands the body on as it was read. */
export async function bounded(c: Context<Gateway>, next: Next): Promise<Response | undefined> {
  if (SAFE.has(c.req.method)) {
    await next()
    return undefined
  }
  const body = await limitedBody(c.req.raw)
  if (body === null)
    return refuse({
      type: 'too_large',
      detail: `The body is larger than ${LIMITS.body} bytes.`,
      mend: 'Send it in several requests.',
    })
  const { method, headers, url } = c.req.raw
  c.req.raw = new Request(url, { method, headers, ...(body.byteLength > 0 ? { body } : {}) })
  await next()
  return undefined
}

/** A browser may change things only from our own pages: the cookie alone is not enough. */
export async function sameOrigin(c: Context<Gateway>, next: Next): Promise<Response | undefined> {
  const origin = c.req.header('origin')
  const byCookie = secretOf(c)?.from === 'cookie'
  const foreign = origin !== undefined ? origin !== new URL(c.req.url).origin : byCookie
  if (!SAFE.has(c.req.method) && foreign && c.req.header('authorization') === undefined)
    return refuse({
      type: 'forbidden',
      detail: 'This request came from another site.',
      mend: 'Use the pages of this Tidemark, or a token in the Authorization header.',
    })
  await next()
  return undefined
}

/** Finds out who calls: a bearer token, the cookie, or Cloudflare Access where it is configured. */
export async function authenticated(c: Context<Gateway>, next: Next): Promise<Response | undefined> {
  if (OPEN.has(`${c.req.method} ${c.req.path}`)) {
    await next()
    return undefined
  }
  const given = secretOf(c)
  const { ACCESS_TEAM_DOMAIN: team, ACCESS_AUD: audience } = c.env
  const actor =
    (given && (await actorOf(database(c.env), given.secret, Date.now()))) ||
    (team && audience ? await accessActor(c.req.header('cf-access-jwt-assertion'), team, audience) : null)
  if (!actor)
    return refuse({
      type: 'unauthorized',
      detail: given ? 'The token is unknown, expired or revoked.' : 'Nobody is signed in.',
      mend: 'Sign in with a link, or send a token in the Authorization header.',
    })
  c.set('actor', actor)
  await next()
  return undefined
}

/** The secret that a request carries, and where. */
export function secretOf(c: Context): { secret: string; from: 'header' | 'cookie' } | null {
  const header = /^Bearer\s+(\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1]
  if (header) return { secret: header, from: 'header' }
  const cookie = getCookie(c, COOKIE)
  return cookie ? { secret: cookie, from: 'cookie' } : null
}

/** Hands a request on to an inner Worker, with who calls in place of the secret. */
export function handOn(c: Context<Gateway>, to: Fetcher): Promise<Response> {
  const headers = new Headers(c.req.raw.headers)
  for (const name of ['authorization', 'cookie', ACTOR, 'cf-access-jwt-assertion']) headers.delete(name)
  headers.set(ACTOR, encodeURIComponent(JSON.stringify(c.get('actor'))))
  return to.fetch(new Request(c.req.raw, { headers }))
}
