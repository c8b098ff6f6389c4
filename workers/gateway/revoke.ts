import { query } from '../../db/database.ts'
import { askLane } from '../shared/lanes.ts'
import { workspaceLane } from '../shared/names.ts'
import { database, type GatewayEnv } from './env.ts'
import { revokeToken } from './tokens.ts'

/**
 * Revokes a token with the sessions that it opened, and closes their live sockets in all lanes; false where there is no
 * such token. A lane that can't be reached keeps its sockets: the token is revoked all the same, and the log has it.
 */
export async function revoke(env: GatewayEnv, id: string): Promise<boolean> {
  const ids = await revokeToken(database(env), id, Date.now())
  if (ids.length === 0) return false
  // A lane that has not run yet may have sockets too.
  const known = await query<{ lane: string }>(database(env), 'SELECT lane FROM lanes')
  const workspaces = await query<{ id: string }>(database(env), 'SELECT id FROM workspaces')
  const lanes = new Set([
    ...known.map(({ lane }) => lane),
    ...workspaces.map((each) => workspaceLane(each.id)),
  ])
  const closed = await Promise.allSettled(
    [...lanes].map((lane) =>
      askLane(env.LANE, lane, async (stub) => {
        for (const each of ids) await stub.closeSockets(lane, each)
      }),
    ),
  )
  for (const one of closed)
    if (one.status === 'rejected')
      console.error(JSON.stringify({ event: 'sockets.not_closed', token: id, error: String(one.reason) }))
  return true
}
