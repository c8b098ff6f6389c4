import type { Context } from 'hono'
import { query } from '../../db/database.ts'
import { ownerOf } from '../shared/access.ts'
import { ACTOR, Refusal } from '../shared/app.ts'
import { workspaceLane } from '../shared/lanes.ts'
import { database, type Gateway } from './env.ts'

/** Names the token of a socket, so that revoking it closes the socket. */
const TOKEN = 'x-tidemark-token'
/** JSON: the parts that the socket may hear of; absent: all. */
const PARTS = 'x-tidemark-parts'

/** Opens a live socket to a lane that the caller may hear of. */
export async function openSocket(c: Context<Gateway>): Promise<Response> {
  const lane = c.req.query('lane') ?? ''
  const actor = c.get('actor')
  if (c.req.header('upgrade') !== 'websocket')
    throw new Refusal({ type: 'bad_request', detail: 'This address is a WebSocket.' })
  const owner = ownerOf(actor)
  const projects = await query<{ id: string; workspace_id: string; mine: number }>(
    database(c.env),
    'SELECT id, workspace_id, (?1 IS NULL OR owner = ?1) AS mine FROM projects',
    owner,
  )
  const heard = projects
    .filter((p) => p.mine === 1 && workspaceLane(p.workspace_id) === lane)
    .map(({ id }) => id)
  if (heard.length === 0) throw new Refusal({ type: 'not_found', detail: `There is no lane ${lane}.` })
  const headers = new Headers(c.req.raw.headers)
  for (const name of ['authorization', 'cookie', ACTOR, TOKEN, PARTS]) headers.delete(name)
  headers.set(TOKEN, actor.id)
  if (owner !== null) headers.set(PARTS, JSON.stringify(heard))
  return c.env.LANE.getByName(lane).fetch(new Request(c.req.raw, { headers }))
}
