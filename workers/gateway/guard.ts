import type { Context, Next } from 'hono'
import { getCookie } from 'hono/cookie'
import { type Actor, LIMITS } from '../../sync/protocol/common.ts'
import type { Failure } from '../../sync/protocol/failures.ts'
import { limitedBody, refuse } from '../shared/app.ts'
import { accessActor } from './access-token.ts'
import type { Gateway, GatewayEnv } from './env.ts'
import { database } from './env.ts'
import { actorOf, hashOf } from './tokens.ts'

export const COOKIE = 'tidemark'
/** Cloudflare Access adds who it let in. */
export const ACCESS = 'cf-access-jwt-assertion'
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])
/** Ways in; everything else needs to be signed in. */
const OPEN = new Set(['POST /api/session', 'POST /api/devices/pair', 'GET /api/health', 'POST /hooks/sheets'])

const isOpen = (c: Context): boolean => OPEN.has(`${c.req.method} ${c.req.path}`)

const TOO_MANY: Failure = {
  type: 'too_many',
  detail: 'More than 600 requests a minute came from here.',
  mend: 'Wait a minute; ask for several things in one request.',
  retryAfter: 60,
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

/**
 * What a browser attaches by itself (the cookie, what Cloudflare Access adds) proves nothing about who wrote the request:
 * it may change things, and open sockets, only from our own pages. A bearer token is put there by whoever sends it.
 */
export async function sameOrigin(c: Context<Gateway>, next: Next): Promise<Response | undefined> {
  const origin = c.req.header('origin')
  const attached = secretOf(c)?.from === 'cookie' || c.req.header(ACCESS) !== undefined
  const bearer = secretOf(c)?.from === 'header'
  const own = origin === undefined ? !attached : origin === new URL(c.req.url).origin
  const reads = SAFE.has(c.req.method) && !isSocket(c)
  if (!reads && !bearer && !own)
    return refuse({
      type: 'forbidden',
      detail: 'This request came from another site.',
      mend: 'Use the pages of this Tidemark, or a token in the Authorization header.',
    })
  await next()
  return undefined
}

/**
 * Finds out who calls: a bearer token, the cookie, or Cloudflare Access where it is configured. Meanwhile callers that send too
 * much are shed: by token or cookie, and by address where somebody is only on the way in. A guessed secret would be a bucket of
 * its own, so guesses count for the address.
 */
export async function admitted(c: Context<Gateway>, next: Next): Promise<Response | undefined> {
  const open = isOpen(c)
  const given = open ? null : secretOf(c)
  const hash = given && (await hashOf(given.secret))
  const pace = (key: string) => c.env.RATE_LIMIT.limit({ key })
  const [{ success }, actor] = await Promise.all([
    pace(hash ?? addressOf(c)),
    open ? null : callerOf(c, hash, given?.from === 'header'),
  ])
  if (!success) return refuse(TOO_MANY)
  if (!actor && !open) {
    if (hash !== null && !(await pace(addressOf(c))).success) return refuse(TOO_MANY)
    return refuse({
      type: 'unauthorized',
      detail: given ? 'The token is unknown, expired or revoked.' : 'Nobody is signed in.',
      mend: 'Sign in with a link, or send a token in the Authorization header.',
    })
  }
  if (actor) c.set('actor', actor)
  await next()
  return undefined
}

async function callerOf(c: Context<Gateway>, hash: string | null, isBearer: boolean): Promise<Actor | null> {
  const actor = hash === null ? null : await rememberedActor(c, hash)
  if (actor || isBearer) return actor
  const { ACCESS_TEAM_DOMAIN: team, ACCESS_AUD: audience } = c.env
  return team && audience ? accessActor(c.req.header(ACCESS), team, audience) : null
}

/** Whom a secret belongs to is known for this long, in milliseconds: elsewhere a revoked one is refused that much later. */
const REMEMBERED = 5_000
const MOST = 1_000
/** While the database is away, whoever was let in so lately, in milliseconds, may go on reading. */
const AWAY = 10 * 60_000

interface Remembered {
  readonly actor: Actor
  readonly until: number
  readonly expiresAt: number
}

const callers = new WeakMap<object, Map<string, Remembered>>()
const callersOf = ({ database, DB }: GatewayEnv) => {
  const known = callers.get(database ?? DB) ?? new Map<string, Remembered>()
  callers.set(database ?? DB, known)
  return known
}

/** After a revocation everybody is looked up anew. */
export const forgetCallers = (env: GatewayEnv): void => callersOf(env).clear()

async function rememberedActor(c: Context<Gateway>, hash: string): Promise<Actor | null> {
  const known = callersOf(c.env)
  const now = Date.now()
  const remembered = known.get(hash)
  if (remembered && now < remembered.until) return remembered.actor
  try {
    const found = await actorOf(database(c.env), hash, now)
    if (known.size >= MOST) known.clear()
    if (!found) {
      known.delete(hash)
      return null
    }
    const { actor, expiresAt } = found
    known.set(hash, { actor, expiresAt, until: Math.min(now + REMEMBERED, expiresAt) })
    return actor
  } catch (error) {
    const lately = remembered && now < Math.min(remembered.until + AWAY, remembered.expiresAt)
    if (!lately || !SAFE.has(c.req.method)) throw error
    console.error(JSON.stringify({ event: 'door.caller_remembered', error: String(error) }))
    return remembered.actor
  }
}

/** The secret that a request carries, and where. */
export function secretOf(c: Context): { secret: string; from: 'header' | 'cookie' } | null {
  const header = /^Bearer\s+(\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1]
  if (header) return { secret: header, from: 'header' }
  const cookie = getCookie(c, COOKIE)
  return cookie ? { secret: cookie, from: 'cookie' } : null
}

export const isSocket = (c: Context): boolean => c.req.header('upgrade')?.toLowerCase() === 'websocket'

const addressOf = (c: Context): string => `from ${c.req.header('cf-connecting-ip') ?? 'unknown'}`
