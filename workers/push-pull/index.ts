import { d1Database } from '../../db/d1.ts'
import type { Database } from '../../db/database.ts'
import { query } from '../../db/database.ts'
import { readAccount, readAccounts, readProjects, readSnapshots } from '../../db/reads/accounts.ts'
import { accountGrowth as growthOfAccount, projectGrowth as growthOfProject } from '../../db/reads/growth.ts'
import { readHistory } from '../../db/reads/history.ts'
import { dayIn } from '../../sync/engine/due.ts'
import type { Mutation } from '../../sync/protocol/lane.ts'
import { notFound, ownerOf, seenProject } from '../shared/access.ts'
import { createApp, type Door, identified, nextLink, only, Refusal } from '../shared/app.ts'
import { etagged } from '../shared/etag.ts'
import { askLane, type LaneNamespace } from '../shared/lanes.ts'
import { workspaceLane } from '../shared/names.ts'
import { takeReadings } from './readings.ts'
import * as routes from './routes.ts'
import { accountView, historyView, iso, projectView } from './views.ts'

/** What this Worker is given. Tests hand in another `Database`. */
export interface PushPullEnv {
  readonly DB: D1Database
  readonly LANE: LaneNamespace
  readonly database?: Database
}

interface PushPull extends Door {
  Bindings: PushPullEnv
}

const db = (env: PushPullEnv): Database => env.database ?? d1Database(env.DB)

const base = createApp<PushPull>({ DB: 'D1', LANE: 'Durable Objects' })
base.use('/api/*', identified)
base.use('/api/admin/readings', only('admin', 'hook', 'device'))

const app = base
  .openapi(routes.listProjects, async (c) => {
    const rows = await readProjects(db(c.env), ownerOf(c.get('actor')))
    return c.json(rows.map(projectView), 200)
  })
  .openapi(routes.getProject, async (c) => {
    const { id } = c.req.valid('param')
    const [row] = await readProjects(db(c.env), ownerOf(c.get('actor')), id)
    if (!row) throw notFound('project', id)
    return c.json(projectView(row), 200)
  })
  .openapi(routes.listAccounts, async (c) => {
    const { id } = c.req.valid('param')
    const { limit, before } = c.req.valid('query')
    const owner = ownerOf(c.get('actor'))
    const rows = await readAccounts(db(c.env), id, owner, before ?? '', limit)
    if (rows.length === 0) await seenProject(db(c.env), c.get('actor'), id)
    nextLink(c, rows, limit, rows.at(-1)?.id)
    return etagged(c, c.json(rows.map(accountView), 200))
  })
  .openapi(routes.projectGrowth, async (c) => {
    const project = await seenProject(db(c.env), c.get('actor'), c.req.valid('param').id)
    const growth = await growthOfProject(db(c.env), project.id, dayIn(project.time_zone, Date.now()))
    return c.json(growth, 200)
  })
  .openapi(routes.getAccount, async (c) => c.json(accountView(await account(c)), 200))
  .openapi(routes.listSnapshots, async (c) => {
    const { id, time_zone } = await account(c)
    const rows = await readSnapshots(db(c.env), id, dayIn(time_zone, Date.now()), c.req.valid('query').days)
    return c.json(rows, 200)
  })
  .openapi(routes.accountGrowth, async (c) => {
    const { id, time_zone } = await account(c)
    return c.json(await growthOfAccount(db(c.env), id, dayIn(time_zone, Date.now())), 200)
  })
  .openapi(routes.setPin, async (c) => {
    const { value, note, until } = c.req.valid('json')
    await pin(c, (key) => ({
      type: 'pin',
      table: 'accounts',
      key,
      column: c.req.valid('param').metric,
      ...(value === undefined ? {} : { value }),
      note,
      until: until === undefined ? null : Date.parse(until),
    }))
    return c.json(accountView(await account(c)), 200)
  })
  .openapi(routes.releasePin, async (c) => {
    await pin(c, (key) => ({ type: 'unpin', table: 'accounts', key, column: c.req.valid('param').metric }))
    return c.json(accountView(await account(c)), 200)
  })
  .openapi(routes.pushReadings, async (c) => {
    const now = Date.now()
    const key = c.req.header('idempotency-key') ?? null
    const { readings } = c.req.valid('json')
    const outcome = await takeReadings(db(c.env), c.env.LANE, c.get('actor'), readings, key, now)
    return c.json({ success: outcome.rejected.length === 0, ...outcome, timestamp: iso(now) }, 200)
  })
  .openapi(routes.listHistory, async (c) => {
    const { table, key, limit, before } = c.req.valid('query')
    const [row] = await query<{ version: number; workspace_id: string }>(
      db(c.env),
      `SELECT a.version, p.workspace_id FROM accounts a JOIN projects p ON p.id = a.project_id
        WHERE a.id = ?1 AND (?2 IS NULL OR p.owner = ?2)`,
      key,
      ownerOf(c.get('actor')),
    )
    if (!row) throw notFound('account', key)
    const head = { lane: workspaceLane(row.workspace_id), version: row.version }
    const rows = await readHistory(db(c.env), head, table, key, limit, before ?? null)
    nextLink(c, rows, limit, String(rows.at(-1)?.version ?? ''))
    return c.json(rows.map(historyView), 200)
  })

base.doc31('/openapi.json', { openapi: '3.1.0', info: { title: 'Tidemark', version: '1' } })

interface AccountContext {
  readonly env: PushPullEnv
  get(name: 'actor'): Door['Variables']['actor']
  readonly req: { valid(part: 'param'): { id: string } }
}

async function account(c: AccountContext) {
  const { id } = c.req.valid('param')
  const row = await readAccount(db(c.env), id, ownerOf(c.get('actor')))
  if (!row) throw notFound('account', id)
  return row
}

/** Sets or releases a pin through the account's lane. */
async function pin(c: AccountContext, mutation: (key: string) => Mutation): Promise<void> {
  const { id, workspace_id } = await account(c)
  const actor = c.get('actor')
  if (actor.role === 'device' || actor.role === 'hook')
    throw new Refusal({
      type: 'forbidden',
      detail: `A ${actor.role} can't pin.`,
      mend: 'Sign in as a person.',
    })
  const lane = workspaceLane(workspace_id)
  const push = { id: crypto.randomUUID(), actor: actor.name, origin: 'api', mutations: [mutation(id)] }
  const answer = await askLane(c.env.LANE, lane, (stub) => stub.push(lane, push))
  if (answer.type === 'failed') throw new Refusal(answer.failure)
  const [result] = answer.results
  if (result?.status === 'rejected')
    throw new Refusal({ type: 'bad_request', detail: result.reason ?? 'The pin was not accepted.' })
}

export type PushPullApi = typeof app
export default app
