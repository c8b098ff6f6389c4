import type { Context } from 'hono'
import { query } from '../../db/database.ts'
import {
  deviceTables,
  scopeFor,
  scopeOfLane,
  sharedLinks,
  userLinks,
  workspaceLane,
} from '../shared/names.ts'
import { database, type SmartSync } from './env.ts'

// What the gateway asks about lanes before it opens and closes live sockets: it names no system, so that its script stays
// small. Not under /api: nothing from outside is handed on to here.

/** `GET /lanes?owner=`: lanes in which sockets of this user may be open; without an owner, all that are there. */
export async function listLanes(c: Context<SmartSync>): Promise<Response> {
  const owner = c.req.query('owner')
  const [workspaces, known, ...scopes] = await database(c.env).batch([
    { sql: 'SELECT id FROM workspaces', params: [] },
    // A lane that has not run yet may have sockets too, and one of a user who is gone.
    { sql: 'SELECT lane FROM lanes WHERE ?1 IS NULL', params: [owner ?? null] },
    ...userLinks.map((link) => link.scopes.list),
  ])
  const ofUsers = userLinks.flatMap((link, i) =>
    owner === undefined
      ? (scopes[i]?.rows ?? []).map(({ scope }) => link.lane(String(scope)))
      : [link.lane(owner)],
  )
  const lanes = [
    ...(workspaces?.rows ?? []).map(({ id }) => workspaceLane(String(id))),
    ...(known?.rows ?? []).map(({ lane }) => String(lane)),
    ...ofUsers,
    ...sharedLinks.map((link) => link.lane(scopeFor(link, ''))),
    ...deviceTables.map(({ device }) => device.lane(owner ?? null)),
  ]
  return c.json([...new Set(lanes)])
}

/**
 * `GET /lanes/heard?lane=&owner=`: the parts of a lane that this user may hear of, as the lane's links declare them; none
 * where there is no such lane, or it is another's. Without an owner, everything may be heard, and the list only says
 * whether the lane is there.
 */
export async function heardParts(c: Context<SmartSync>): Promise<Response> {
  const lane = c.req.query('lane') ?? ''
  const owner = c.req.query('owner') ?? null
  const kept = deviceTables.filter(({ device }) => device.lane(owner) === lane)
  if (kept.length > 0) return c.json(kept.map(({ name }) => name))
  return c.json((await partsOfScope(c, lane, owner)) ?? (await partsOfWorkspace(c, lane, owner)))
}

/** Parts of a user's lane, or of one that all share; null where the lane is of neither kind. */
async function partsOfScope(
  c: Context<SmartSync>,
  lane: string,
  owner: string | null,
): Promise<string[] | null> {
  const found = scopeOfLane(lane)
  if (!found) return null
  const { link, scope } = found
  if (owner !== null && (link.exports || scope !== scopeFor(link, owner))) return []
  const [parts] = await database(c.env).batch([link.scopes.parts(scope)])
  return (parts?.rows ?? []).map(({ id }) => String(id))
}

/** Parts of a workspace's lane that are the owner's; without an owner, at least one where it has none yet. */
async function partsOfWorkspace(
  c: Context<SmartSync>,
  lane: string,
  owner: string | null,
): Promise<string[]> {
  const rows = await query<{ workspace: string; project: string | null }>(
    database(c.env),
    `SELECT w.id AS workspace, p.id AS project FROM workspaces w LEFT JOIN projects p ON p.workspace_id = w.id
      AND p.owner = ?1 WHERE ?1 IS NULL OR p.id IS NOT NULL`,
    owner,
  )
  const here = rows.filter(({ workspace }) => workspaceLane(workspace) === lane)
  return here.map(({ workspace, project }) => project ?? workspace)
}
