import { ulid } from 'ulid'
import { d1Database } from '../../db/d1.ts'
import { type Database, query, type Row, statement } from '../../db/database.ts'
import { readConflict, readConflicts } from '../../db/reads/conflicts.ts'
import { ownedProjects, readRun, readRuns } from '../../db/reads/runs.ts'
import { readSyncStatus } from '../../db/reads/status.ts'
import { ConfigValues } from '../../sync/protocol/config.ts'
import { notFound, ownerOf, seenProject } from '../shared/access.ts'
import { createApp, type Door, identified, nextLink, only, Refusal } from '../shared/app.ts'
import type { LaneNamespace } from '../shared/lanes.ts'
import { SHEET_LINK } from '../shared/names.ts'
import * as routes from './routes.ts'
import { syncProjects } from './sync.ts'
import { conflictView, deliveryView, runAnswer, webhookView } from './views.ts'
import { bury, deliver, isPrivateHost, retryIn, webhookSecret } from './webhooks.ts'

/** What this Worker is given. Tests hand in another `Database`. */
export interface SmartSyncEnv {
  readonly DB: D1Database
  readonly LANE: LaneNamespace
  readonly EVENTS: Pick<Queue<Offer>, 'send'>
  /** Every webhook's secret is derived from it */
  readonly WEBHOOK_KEY: string
  /** `1`: webhooks may go to this machine and its network (demo, tests) */
  readonly ALLOW_PRIVATE_WEBHOOKS?: string
  readonly database?: Database
}

/** A message of the events queue. */
interface Offer {
  readonly deliveryId: string
}

interface SmartSync extends Door {
  Bindings: SmartSyncEnv
}

const db = (env: SmartSyncEnv): Database => env.database ?? d1Database(env.DB)
const iso = (at: number) => new Date(at).toISOString()

const base = createApp<SmartSync>({
  DB: 'D1',
  LANE: 'Durable Objects',
  EVENTS: 'queue',
  WEBHOOK_KEY: 'secret',
  ALLOW_PRIVATE_WEBHOOKS: 'optional text',
})
base.use('/api/*', identified)
base.use('/api/admin/*', only('admin', 'hook'))
for (const path of ['/api/workspaces', '/api/projects', '/api/config', '/api/webhooks'])
  base.use(`${path}/*`, only('admin'))
for (const path of ['/api/runs', '/api/conflicts']) base.use(`${path}/*`, only('admin', 'user'))

const app = base
  .openapi(routes.startSync, async (c) => {
    const { project_id = null, full } = c.req.valid('query')
    const outcome = await syncProjects(db(c.env), c.env.LANE, c.get('actor'), project_id, full)
    if (outcome.type === 'ended') return c.json(outcome.answer, 200)
    return c.json({ success: true as const, run_ids: [...outcome.runIds], timestamp: iso(Date.now()) }, 202)
  })
  .openapi(routes.syncStatus, async (c) => {
    const status = await readSyncStatus(db(c.env), SHEET_LINK)
    const trouble = status.troubles.find((each) => each !== null) ?? null
    const words = trouble === null ? null : (JSON.parse(trouble) as { reason: string; mend: string })
    return c.json(
      {
        success: true,
        total_projects: status.projects,
        active_projects: status.active,
        // The seed's cache stood between its pages and the sheet; here every read is D1's.
        cache_enabled: false,
        timestamp: iso(Date.now()),
        last_run: status.run && {
          ...status.run,
          finished_at: status.run.finished_at === null ? null : iso(status.run.finished_at),
        },
        next_due: status.nextDue === null ? null : iso(status.nextDue),
        open_conflicts: status.conflicts,
        sheets_reachable: status.troubles.length === 0 ? null : trouble === null,
        sheets_trouble: words && `${words.reason} ${words.mend}`,
      },
      200,
    )
  })
  .openapi(routes.listRuns, async (c) => {
    const { limit, before = null, project_id: project = null } = c.req.valid('query')
    const owner = ownerOf(c.get('actor'))
    if (project !== null) await seenProject(db(c.env), c.get('actor'), project)
    const rows = await readRuns(db(c.env), { owner, project, before, limit })
    const visible = owner === null ? null : await ownedProjects(db(c.env), owner)
    nextLink(c, rows, limit, rows.at(-1)?.id as string | undefined)
    return c.json(
      rows.map((row) => runAnswer(row, visible)),
      200,
    )
  })
  .openapi(routes.getRun, async (c) => {
    const { id } = c.req.valid('param')
    const owner = ownerOf(c.get('actor'))
    const row = await readRun(db(c.env), id, owner)
    if (!row) throw notFound('run', id)
    return c.json(runAnswer(row, owner === null ? null : await ownedProjects(db(c.env), owner)), 200)
  })
  .openapi(routes.listConflicts, async (c) => {
    const { limit, before = null, open } = c.req.valid('query')
    const rows = await readConflicts(db(c.env), { owner: ownerOf(c.get('actor')), open, before, limit })
    nextLink(c, rows, limit, rows.at(-1)?.id as string | undefined)
    return c.json(rows.map(conflictView), 200)
  })
  .openapi(routes.getConflict, async (c) => {
    const { id } = c.req.valid('param')
    const row = await readConflict(db(c.env), id, ownerOf(c.get('actor')))
    if (!row) throw notFound('conflict', id)
    return c.json(conflictView(row), 200)
  })
  .openapi(routes.listWorkspaces, async (c) => {
    const sql = 'SELECT id, name, spreadsheet_id FROM workspaces ORDER BY id'
    return c.json(await query<{ id: string; name: string; spreadsheet_id: string }>(db(c.env), sql), 200)
  })
  .openapi(routes.putWorkspace, async (c) => {
    const { id } = c.req.valid('param')
    const { name, spreadsheet_id } = c.req.valid('json')
    await db(c.env).batch([
      statement(
        `INSERT INTO workspaces (id, name, spreadsheet_id) VALUES (?1, ?2, ?3) ON CONFLICT (id) DO UPDATE
          SET name = excluded.name, spreadsheet_id = excluded.spreadsheet_id`,
        id,
        name,
        spreadsheet_id,
      ),
    ])
    return c.json({ id, name, spreadsheet_id }, 200)
  })
  .openapi(routes.putProject, async (c) => {
    const { id } = c.req.valid('param')
    const project = c.req.valid('json')
    const [found] = await db(c.env).batch([
      statement('SELECT workspace_id FROM projects WHERE id = ?1', id),
      statement(
        `INSERT INTO projects (id, workspace_id, name, active, tab, time_zone, owner, write_back)
          SELECT ?1, w.id, ?3, ?4, ?5, ?6, ?7, ?8 FROM workspaces w WHERE w.id = ?2
          ON CONFLICT (id) DO UPDATE SET name = excluded.name, active = excluded.active, tab = excluded.tab,
            time_zone = excluded.time_zone, owner = excluded.owner, write_back = excluded.write_back
          WHERE projects.workspace_id = excluded.workspace_id`,
        id,
        project.workspace_id,
        project.name,
        project.active ? 1 : 0,
        project.tab,
        project.time_zone,
        project.owner,
        project.write_back ? 1 : 0,
      ),
    ])
    const before = found?.rows[0]
    if (before && before.workspace_id !== project.workspace_id)
      throw new Refusal({
        type: 'conflict',
        detail: `The project ${id} belongs to the workspace ${before.workspace_id}, and its history with it.`,
        mend: `Make a new project in ${project.workspace_id} and set this one inactive.`,
      })
    const [saved] = await query<Row>(db(c.env), 'SELECT id FROM projects WHERE id = ?1', id)
    if (!saved) throw notFound('workspace', project.workspace_id)
    return c.json({ id, ...project }, 200)
  })
  .openapi(routes.listConfig, async (c) => {
    const rows = await query<Row>(db(c.env), 'SELECT * FROM config ORDER BY key')
    return c.json(rows.map(configView), 200)
  })
  .openapi(routes.putConfig, async (c) => {
    const { key } = c.req.valid('param')
    const value = ConfigValues[key].safeParse(c.req.valid('json'))
    if (!value.success)
      throw new Refusal({
        type: 'bad_request',
        detail: `${key} does not take that value.`,
        errors: value.error.issues.map(({ path, message }) => ({ path: path.join('.'), message })),
      })
    const row = {
      key,
      value: JSON.stringify(value.data),
      updated_at: Date.now(),
      updated_by: c.get('actor').name,
    }
    await db(c.env).batch([
      statement(
        `INSERT INTO config (key, value, updated_at, updated_by) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (key)
          DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at, updated_by = excluded.updated_by`,
        row.key,
        row.value,
        row.updated_at,
        row.updated_by,
      ),
    ])
    return c.json(configView(row), 200)
  })
  .openapi(routes.deleteConfig, async (c) => {
    await db(c.env).batch([statement('DELETE FROM config WHERE key = ?1', c.req.valid('param').key)])
    return c.body(null, 204)
  })
  .openapi(routes.listWebhooks, async (c) => {
    const rows = await query<Row>(db(c.env), 'SELECT * FROM webhooks ORDER BY id')
    return c.json(rows.map(webhookView), 200)
  })
  .openapi(routes.addWebhook, async (c) => {
    const { url, events } = c.req.valid('json')
    if (c.env.ALLOW_PRIVATE_WEBHOOKS !== '1' && isPrivateHost(url))
      throw new Refusal({ type: 'bad_request', detail: `${new URL(url).hostname} is not a public host.` })
    const row = {
      id: `wh_${ulid()}`,
      url,
      events: JSON.stringify(events),
      active: 1,
      created_at: Date.now(),
      created_by: c.get('actor').name,
    }
    await db(c.env).batch([
      statement(
        `INSERT INTO webhooks (id, url, events, active, created_at, created_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6)`,
        ...Object.values(row),
      ),
    ])
    return c.json({ ...webhookView(row), secret: await webhookSecret(c.env.WEBHOOK_KEY, row.id) }, 201)
  })
  .openapi(routes.listDeliveries, async (c) => {
    const { limit, before = null, status = null } = c.req.valid('query')
    const rows = await query<Row>(
      db(c.env),
      `SELECT * FROM deliveries WHERE (?1 IS NULL OR status = ?1)
        AND (?2 IS NULL OR (created_at, id) < (SELECT created_at, id FROM deliveries WHERE id = ?2))
        ORDER BY created_at DESC, id DESC LIMIT ?3`,
      status,
      before,
      limit,
    )
    nextLink(c, rows, limit, rows.at(-1)?.id as string | undefined)
    return c.json(rows.map(deliveryView), 200)
  })
  .openapi(routes.retryDelivery, async (c) => {
    const { id } = c.req.valid('param')
    const [row] = await query<Row>(
      db(c.env),
      `UPDATE deliveries SET status = 'pending', attempts = 0, next_at = ?2 WHERE id = ?1 RETURNING *`,
      id,
      Date.now(),
    )
    if (!row) throw notFound('delivery', id)
    await c.env.EVENTS.send({ deliveryId: id })
    return c.json(deliveryView(row), 202)
  })
  .openapi(routes.deleteWebhook, async (c) => {
    const { id } = c.req.valid('param')
    const [row] = await query<Row>(db(c.env), 'DELETE FROM webhooks WHERE id = ?1 RETURNING id', id)
    if (!row) throw notFound('webhook', id)
    return c.body(null, 204)
  })

base.doc31('/openapi.json', { openapi: '3.1.0', info: { title: 'Tidemark', version: '1' } })

const configView = (row: Row) => ({
  key: row.key as keyof typeof ConfigValues,
  value: JSON.parse(String(row.value)) as unknown,
  updated_at: iso(Number(row.updated_at)),
  updated_by: String(row.updated_by),
})

/** Messages of the events queue are sent; those of its dead-letter queue go to the dead-letter list. */
async function consume(batch: MessageBatch<Offer>, env: SmartSyncEnv): Promise<void> {
  const database = db(env)
  const deps = {
    database,
    masterKey: env.WEBHOOK_KEY,
    fetch: (r: Request) => fetch(r),
    now: () => Date.now(),
  }
  await Promise.all(
    batch.messages.map(async (message) => {
      const { deliveryId } = message.body
      if (batch.queue.includes('-dead')) await bury(database, deliveryId)
      else if ((await deliver(deps, deliveryId)) === 'again')
        return message.retry({ delaySeconds: retryIn(message.attempts) })
      message.ack()
    }),
  )
}

export type SmartSyncApi = typeof app
export default { fetch: app.fetch, queue: consume } satisfies ExportedHandler<SmartSyncEnv, Offer>
