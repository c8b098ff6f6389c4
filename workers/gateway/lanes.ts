import type { GatewayEnv } from './env.ts'

/** Any host: a service binding looks at the path only. */
const INNER = 'https://smart-sync.internal'

/** Lanes in which live sockets of this user may be open; null: of an admin, in any. */
export const lanesOf = (env: GatewayEnv, owner: string | null): Promise<string[]> =>
  ask(env, '/lanes', { ...(owner === null ? {} : { owner }) })

/** Parts of a lane that this user may hear of (null: all); none where there is no such lane, or it is another's. */
export const heardParts = (env: GatewayEnv, lane: string, owner: string | null): Promise<string[]> =>
  ask(env, '/lanes/heard', { lane, ...(owner === null ? {} : { owner }) })

/** smart-sync knows what the systems declare, and so the names of lanes. A failure of its is a bug, and throws. */
async function ask(env: GatewayEnv, path: string, query: Record<string, string>): Promise<string[]> {
  const answer = await env.SMART_SYNC.fetch(new Request(`${INNER}${path}?${new URLSearchParams(query)}`))
  if (!answer.ok) throw new Error(`${path} of smart-sync answers ${answer.status}`)
  return answer.json<string[]>()
}
