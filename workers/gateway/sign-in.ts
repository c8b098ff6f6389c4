import type { RouteHandler } from '@hono/zod-openapi'
import { deleteCookie, setCookie } from 'hono/cookie'
import type { Failure } from '../../sync/protocol/failures.ts'
import { Refusal } from '../shared/app.ts'
import { database, type Gateway } from './env.ts'
import { COOKIE, secretOf } from './guard.ts'
import { revoke } from './revoke.ts'
import type * as routes from './routes.ts'
import * as tokens from './tokens.ts'

export const openSession: RouteHandler<typeof routes.openSession, Gateway> = async (c) => {
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
}

export const readSession: RouteHandler<typeof routes.readSession, Gateway> = (c) => {
  const { role, user, name } = c.get('actor')
  return c.json({ role, user, name }, 200)
}

/** Ends the browser's session. A bearer token is not ended by it: that is what revoking is for. */
export const closeSession: RouteHandler<typeof routes.closeSession, Gateway> = async (c) => {
  if (secretOf(c)?.from === 'cookie') await revoke(c.env, c.get('actor').id)
  deleteCookie(c, COOKIE, { path: '/' })
  return c.body(null, 204)
}

export const pairDevice: RouteHandler<typeof routes.pairDevice, Gateway> = async (c) => {
  const { code, name } = c.req.valid('json')
  const made = await tokens.pairDevice(database(c.env), code, name, Date.now())
  if (!made) throw new Refusal(CODE_OVER)
  const { secret, ...who } = made
  return c.json({ token: secret, ...who }, 201)
}

const CODE_OVER: Failure = {
  type: 'unauthorized',
  detail: 'The code was used already, or its 10 minutes are over.',
  mend: 'Ask for a new link.',
}

const TOKEN_OVER: Failure = {
  type: 'unauthorized',
  detail: 'The token is unknown, expired or revoked.',
  mend: 'Ask an admin for a new one.',
}
