import type { RouteHandler } from '@hono/zod-openapi'
import { readProject, readProjects } from '../../db/reads/accounts.ts'
import { projectGrowth as readGrowth } from '../../db/reads/growth.ts'
import { dayIn } from '../../sync/engine/due.ts'
import { LIMITS } from '../../sync/protocol/common.ts'
import { notFound, ownerOf, seenProject } from '../shared/access.ts'
import { nextLink } from '../shared/app.ts'
import { database, type PushPull } from './env.ts'
import type * as routes from './routes.ts'
import { projectView } from './views.ts'

export const listProjects: RouteHandler<typeof routes.listProjects, PushPull> = async (c) => {
  const after = c.req.query('before') ?? null
  const rows = await readProjects(database(c.env), ownerOf(c.get('actor')), after, LIMITS.page)
  nextLink(c, rows, LIMITS.page, rows.at(-1)?.id as string | undefined)
  return c.json(rows.map(projectView), 200)
}

export const getProject: RouteHandler<typeof routes.getProject, PushPull> = async (c) => {
  const { id } = c.req.valid('param')
  const row = await readProject(database(c.env), id, ownerOf(c.get('actor')))
  if (!row) throw notFound('project', id)
  return c.json(projectView(row), 200)
}

export const projectGrowth: RouteHandler<typeof routes.projectGrowth, PushPull> = async (c) => {
  const project = await seenProject(database(c.env), c.get('actor'), c.req.valid('param').id)
  const today = dayIn(project.time_zone, Date.now())
  return c.json(await readGrowth(database(c.env), project.id, today), 200)
}
