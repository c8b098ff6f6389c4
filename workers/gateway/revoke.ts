import { ownerOf } from '../shared/access.ts'
import { askLane } from '../shared/lanes.ts'
import { database, type GatewayEnv } from './env.ts'
import { forgetCallers } from './guard.ts'
import { lanesOf } from './lanes.ts'
import { revokeToken } from './tokens.ts'

/**
 * Revokes a token with the sessions that it opened, and closes their live sockets in all lanes that they might hear; false
 * where there is no such token. A lane that can't be reached keeps its sockets: the token is revoked all the same, and the
 * log has it.
 */
export async function revoke(env: GatewayEnv, id: string): Promise<boolean> {
  const revoked = await revokeToken(database(env), id, Date.now())
  forgetCallers(env)
  if (!revoked) return false
  const { ids, role, user } = revoked
  const lanes = await lanesOf(env, ownerOf({ role, user })).catch((error) => {
    console.error(JSON.stringify({ event: 'sockets.not_closed', token: id, error: String(error) }))
    return []
  })
  const closed = await Promise.allSettled(
    lanes.map((lane) =>
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
