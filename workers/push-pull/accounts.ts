import type { RouteHandler } from '@hono/zod-openapi'
import { type AccountRow, readAccount, readAccounts, readSnapshots } from '../../db/reads/accounts.ts'
import { accountGrowth as readGrowth } from '../../db/reads/growth.ts'
import { dayIn } from '../../sync/engine/due.ts'
import type { Actor } from '../../sync/protocol/common.ts'
import { notFound, ownerOf, seenProject } from '../shared/access.ts'
import { nextLink } from '../shared/app.ts'
import { etagged } from '../shared/etag.ts'
import { database, type PushPull, type PushPullEnv } from './env.ts'
import type * as routes from './routes.ts'
import { accountView } from './views.ts'

export const listAccounts: RouteHandler<typeof routes.listAccounts, PushPull> = async (c) => {
  const { id } = c.req.valid('param')
  const { limit, before = '' } = c.req.valid('query')
  const rows = await readAccounts(database(c.env), id, ownerOf(c.get('actor')), before, limit)
  // One query where there are accounts; only an empty list must be told from an unknown project.
  if (rows.length === 0) await seenProject(database(c.env), c.get('actor'), id)
  nextLink(c, rows, limit, rows.at(-1)?.id)
  return etagged(c, c.json(rows.map(accountView), 200))
}

export const getAccount: RouteHandler<typeof routes.getAccount, PushPull> = async (c) =>
  c.json(accountView(await seenAccount(c.env, c.get('actor'), c.req.valid('param').id)), 200)

export const listSnapshots: RouteHandler<typeof routes.listSnapshots, PushPull> = async (c) => {
  const { id, time_zone } = await seenAccount(c.env, c.get('actor'), c.req.valid('param').id)
  const today = dayIn(time_zone, Date.now())
  return c.json(await readSnapshots(database(c.env), id, today, c.req.valid('query').days), 200)
}

export const accountGrowth: RouteHandler<typeof routes.accountGrowth, PushPull> = async (c) => {
  const { id, time_zone } = await seenAccount(c.env, c.get('actor'), c.req.valid('param').id)
  return c.json(await readGrowth(database(c.env), id, dayIn(time_zone, Date.now())), 200)
}

/** The account, if the actor may see it. */
export async function seenAccount(env: PushPullEnv, actor: Actor, id: string): Promise<AccountRow> {
  const row = await readAccount(database(env), id, ownerOf(actor))
  if (!row) throw notFound('account', id)
  return row
}
