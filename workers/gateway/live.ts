import type { Context } from 'hono'
import { query } from '../../db/database.ts'
import { ownerOf } from '../shared/access.ts'
import { ACTOR, Refusal } from '../shared/app.ts'
import { workspaceLane } from '../shared/names.ts'
import { database, type Gateway } from './env.ts'
import { isSocket } from './guard.ts'

/** Names the token of a socket, so that revoking it closes the socket. */
const TOKEN = 'x-tidemark-token'
/** JSON: the parts that the socket may hear of; absent: all. */
const PARTS = 'x-tidemark-parts'

/** Opens a live socket to the lane of a workspace: an admin to any, others where they own a project. */
export async function openSocket(c: Context<Gateway>): Promise<Response> {
  const lane = c.req.query('lane') ?? ''
  const actor = c.get('actor')
  if (!isSocket(c)) throw new Refusal({ type: 'bad_request', detail: 'This address is a WebSocket.' })
  const owner = ownerOf(actor)
  const rows = await query<{ workspace: string; project: string | null }>(
    database(c.env),
    `SELECT w.id AS workspace, p.id AS project FROM workspaces w LEFT JOIN projects p ON p.workspace_id = w.id
      AND p.owner = ?1 WHERE ?1 IS NULL OR p.id IS NOT NULL`,
    owner,
  )
  const heard = rows.filter(({ workspace }) => workspaceLane(workspace) === lane)
  if (heard.length === 0) throw new Refusal({ type: 'not_found', detail: `There is no lane ${lane}.` })
  const headers = new Headers(c.req.raw.headers)
  for (const name of ['authorization', 'cookie', ACTOR, TOKEN, PARTS]) headers.delete(name)
  headers.set(TOKEN, actor.id)
  if (owner !== null) headers.set(PARTS, JSON.stringify(heard.map(({ project }) => project)))
  return c.env.LANE.getByName(lane).fetch(new Request(c.req.raw, { headers }))
}
