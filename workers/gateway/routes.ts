import * as z from 'zod'
import { Time } from '../../sync/protocol/common.ts'
import { Token } from '../../sync/protocol/records.ts'
import { body, json, route } from '../shared/app.ts'

const Session = z
  .object({
    role: z.enum(['admin', 'user', 'device', 'hook']),
    user: z.string().nullable(),
    name: z.string(),
  })
  .meta({ id: 'Session' })

const Grant = z.object({
  role: z.enum(['admin', 'user', 'device', 'hook']),
  user_id: z.string().trim().min(1).max(100).nullable().default(null),
  name: z.string().trim().min(1).max(100),
})
const needsUser = <T extends { role: string; user_id: string | null }>(grant: T) =>
  (grant.role !== 'user' && grant.role !== 'device') || grant.user_id !== null
const userMissing = { path: ['user_id'], message: 'a user or device needs to say whose rows it sees' }

export const openSession = route({
  method: 'post',
  path: '/api/session',
  tags: ['sign-in'],
  summary: 'Sign a browser in by a token or a single-use code',
  security: [],
  request: {
    body: body(z.union([z.strictObject({ token: z.string() }), z.strictObject({ code: z.string() })])),
  },
  responses: { 200: json(Session, 'Who you are; a cookie is set') },
})

export const readSession = route({
  method: 'get',
  path: '/api/session',
  tags: ['sign-in'],
  summary: 'Who you are',
  responses: { 200: json(Session, 'Who you are') },
})

export const closeSession = route({
  method: 'delete',
  path: '/api/session',
  tags: ['sign-in'],
  summary: 'Sign out',
  responses: { 204: { description: 'Signed out' } },
})

export const listTokens = route({
  method: 'get',
  path: '/api/tokens',
  tags: ['tokens'],
  summary: 'Tokens and sessions with their last use',
  responses: { 200: json(z.array(Token), 'Tokens, newest first') },
})

export const makeToken = route({
  method: 'post',
  path: '/api/tokens',
  tags: ['tokens'],
  summary: 'Make a token; its secret is shown this once',
  request: {
    body: body(Grant.extend({ expires_at: Time.nullable().default(null) }).refine(needsUser, userMissing)),
  },
  responses: { 201: json(Token, 'The token with its secret') },
})

export const revokeToken = route({
  method: 'delete',
  path: '/api/tokens/{id}',
  tags: ['tokens'],
  summary: 'Revoke a token and close its live sockets',
  request: { params: z.object({ id: z.string() }) },
  responses: { 204: { description: 'Revoked' } },
})

export const makeCode = route({
  method: 'post',
  path: '/api/codes',
  tags: ['sign-in'],
  summary: 'A sign-in link, or a pairing code for a device: 10 minutes, once',
  request: { body: body(Grant.refine(needsUser, userMissing)) },
  responses: {
    201: json(
      z.object({ code: z.string(), url: z.url(), expires_at: Time }),
      'The code, and the link with it',
    ),
  },
})

export const pairDevice = route({
  method: 'post',
  path: '/api/devices/pair',
  tags: ['sign-in'],
  summary: 'Exchange a pairing code for a token',
  security: [],
  request: { body: body(z.strictObject({ code: z.string(), name: z.string().trim().min(1).max(100) })) },
  responses: {
    201: json(z.object({ token: z.string(), ...Session.shape }), 'The token, shown this once'),
  },
})
