import type { RouteHandler } from '@hono/zod-openapi'
import { type Database, query, type Row, statement } from '../../db/database.ts'
import { readWorkspace, readWorkspaces } from '../../db/reads/setup.ts'
import { LIMITS } from '../../sync/protocol/common.ts'
import { notFound } from '../shared/access.ts'
import { nextLink, Refusal } from '../shared/app.ts'
import { askLane, type LaneNamespace } from '../shared/lanes.ts'
import { workspaceLane } from '../shared/names.ts'
import { database, type SmartSync } from './env.ts'
import type * as routes from './routes.ts'

export const listWorkspaces: RouteHandler<typeof routes.listWorkspaces, SmartSync> = async (c) => {
  const rows = await readWorkspaces(database(c.env), c.req.query('before') ?? null, LIMITS.page)
  nextLink(c, rows, LIMITS.page, rows.at(-1)?.id)
  return c.json(rows, 200)
}

export const getWorkspace: RouteHandler<typeof routes.getWorkspace, SmartSync> = async (c) => {
  const { id } = c.req.valid('param')
  const row = await readWorkspace(database(c.env), id)
  if (!row) throw notFound('workspace', id)
  return c.json(row, 200)
}

export const putWorkspace: RouteHandler<typeof routes.putWorkspace, SmartSync> = async (c) => {
  const { id } = c.req.valid('param')
  const { name, spreadsheet_id } = c.req.valid('json')
  await database(c.env).batch([
    statement(
      `INSERT INTO workspaces (id, name, spreadsheet_id) VALUES (?1, ?2, ?3) ON CONFLICT (id) DO UPDATE
        SET name = excluded.name, spreadsheet_id = excluded.spreadsheet_id`,
      id,
      name,
      spreadsheet_id,
    ),
  ])
  return c.json({ id, name, spreadsheet_id }, 200)
}

export const putProject: RouteHandler<typeof routes.putProject, SmartSync> = async (c) => {
  const { id } = c.req.valid('param')
  const project = c.req.valid('json')
  const [found, saved] = await database(c.env).batch([
    statement('SELECT workspace_id, owner FROM projects WHERE id = ?1', id),
    statement(
      `INSERT INTO projects (id, workspace_id, name, active, tab, time_zone, owner, write_back)
        SELECT ?1, w.id, ?3, ?4, ?5, ?6, ?7, ?8 FROM workspaces w WHERE w.id = ?2
        ON CONFLICT (id) DO UPDATE SET name = excluded.name, active = excluded.active, tab = excluded.tab,
          time_zone = excluded.time_zone, owner = excluded.owner, write_back = excluded.write_back
        WHERE projects.workspace_id = excluded.workspace_id RETURNING id`,
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
  if (!saved?.rows[0]) throw notFound('workspace', project.workspace_id)
  if (before?.owner != null && before.owner !== project.owner)
    await closeSocketsOf(database(c.env), c.env.LANE, String(before.owner), project.workspace_id)
  return c.json({ id, ...project }, 200)
}

/** A live socket was opened for the projects that its user owned then. Closed, it is opened again for those of now. */
async function closeSocketsOf(
  database: Database,
  lanes: LaneNamespace,
  user: string,
  workspace: string,
): Promise<void> {
  const rows = await query<Row>(
    database,
    `SELECT id FROM tokens WHERE user_id = ?1 AND kind != 'code' AND revoked_at IS NULL`,
    user,
  )
  const lane = workspaceLane(workspace)
  // `access:<user>` is how the gateway names those whom Cloudflare Access let in.
  for (const token of [`access:${user}`, ...rows.map(({ id }) => String(id))])
    await askLane(lanes, lane, (stub) => stub.closeSockets(lane, token))
}
