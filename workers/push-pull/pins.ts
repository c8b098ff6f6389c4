import type { RouteHandler } from '@hono/zod-openapi'
import type { Actor } from '../../sync/protocol/common.ts'
import type { Mutation } from '../../sync/protocol/lane.ts'
import type { Account } from '../../sync/protocol/smart-sync.ts'
import { Refusal } from '../shared/app.ts'
import { askLane } from '../shared/lanes.ts'
import { workspaceLane } from '../shared/names.ts'
import { seenAccount } from './accounts.ts'
import type { PushPull, PushPullEnv } from './env.ts'
import type * as routes from './routes.ts'
import { accountView } from './views.ts'

export const setPin: RouteHandler<typeof routes.setPin, PushPull> = async (c) => {
  const { id, metric } = c.req.valid('param')
  const { value, note, until } = c.req.valid('json')
  const end = until === undefined ? null : Date.parse(until)
  if (end !== null && end <= Date.now())
    throw new Refusal({
      type: 'bad_request',
      detail: `A pin until ${until} would have ended already.`,
      errors: [{ path: 'until', message: 'is in the past' }],
    })
  const account = await pinned(c.env, c.get('actor'), id, {
    type: 'pin',
    table: 'accounts',
    key: id,
    column: metric,
    ...(value === undefined ? {} : { value }),
    note,
    until: end,
  })
  return c.json(account, 200)
}

export const releasePin: RouteHandler<typeof routes.releasePin, PushPull> = async (c) => {
  const { id, metric } = c.req.valid('param')
  const mutation = { type: 'unpin', table: 'accounts', key: id, column: metric } as const
  return c.json(await pinned(c.env, c.get('actor'), id, mutation), 200)
}

/** Sets or releases a pin through the account's lane, and answers the account as it then stands. */
async function pinned(env: PushPullEnv, actor: Actor, id: string, mutation: Mutation): Promise<Account> {
  const { workspace_id } = await seenAccount(env, actor, id)
  const lane = workspaceLane(workspace_id)
  const push = { id: crypto.randomUUID(), actor: actor.name, origin: 'api', mutations: [mutation] }
  const answer = await askLane(env.LANE, lane, (stub) => stub.push(lane, push))
  if (answer.type === 'failed') throw new Refusal(answer.failure)
  const [result] = answer.results
  if (result?.status === 'rejected')
    throw new Refusal({ type: 'bad_request', detail: result.reason ?? 'The pin was not accepted.' })
  return accountView(await seenAccount(env, actor, id))
}
