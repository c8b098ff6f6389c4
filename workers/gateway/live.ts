import type { Context } from 'hono'
import { ownerOf } from '../shared/access.ts'
import { ACTOR, Refusal } from '../shared/app.ts'
import type { Gateway } from './env.ts'
import { isSocket } from './guard.ts'
import { heardParts } from './lanes.ts'

/** Names the token of a socket, so that revoking it closes the socket. */
const TOKEN = 'x-tidemark-token'
/** JSON: the parts that the socket may hear of; absent: all. */
const PARTS = 'x-tidemark-parts'

/** Opens a live socket to a lane: an admin to any that is there, others to their own ones and those that all share. */
export async function openSocket(c: Context<Gateway>): Promise<Response> {
  const lane = c.req.query('lane') ?? ''
  const actor = c.get('actor')
  if (!isSocket(c)) throw new Refusal({ type: 'bad_request', detail: 'This address is a WebSocket.' })
  const owner = ownerOf(actor)
  const heard = await heardParts(c.env, lane, owner)
  if (heard.length === 0) throw new Refusal({ type: 'not_found', detail: `There is no lane ${lane}.` })
  const headers = new Headers(c.req.raw.headers)
  for (const name of ['authorization', 'cookie', ACTOR, TOKEN, PARTS]) headers.delete(name)
  headers.set(TOKEN, actor.id)
  if (owner !== null) headers.set(PARTS, JSON.stringify(heard))
  return c.env.LANE.getByName(lane).fetch(new Request(c.req.raw, { headers }))
}
