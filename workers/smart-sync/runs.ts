import type { RouteHandler } from '@hono/zod-openapi'
import type { Database, Row } from '../../db/database.ts'
import { ownedProjects, readRun, readRuns } from '../../db/reads/runs.ts'
import { runFromRow, runOfParts, runView } from '../../sync/engine/run-state.ts'
import type { Actor } from '../../sync/protocol/common.ts'
import type { Run } from '../../sync/protocol/runs.ts'
import { notFound, ownerOf, seenProject } from '../shared/access.ts'
import { nextLink } from '../shared/app.ts'
import { SHEET_LINK } from '../shared/names.ts'
import { database, type SmartSync } from './env.ts'
import type * as routes from './routes.ts'

export const listRuns: RouteHandler<typeof routes.listRuns, SmartSync> = async (c) => {
  const { limit, before = null, project_id: project = null } = c.req.valid('query')
  const actor = c.get('actor')
  if (project !== null) await seenProject(database(c.env), actor, project)
  const rows = await readRuns(database(c.env), readerOf(actor), { project, before, limit })
  nextLink(c, rows, limit, rows.at(-1)?.id as string | undefined)
  return c.json(await runsFor(database(c.env), actor, rows), 200)
}

export const getRun: RouteHandler<typeof routes.getRun, SmartSync> = async (c) => {
  const { id } = c.req.valid('param')
  const actor = c.get('actor')
  const row = await readRun(database(c.env), readerOf(actor), id)
  const [run] = row ? await runsFor(database(c.env), actor, [row]) : []
  if (!run) throw notFound('run', id)
  return c.json(run, 200)
}

const readerOf = (actor: Actor) => ({ owner: ownerOf(actor), link: SHEET_LINK })

/** Runs as this actor may see them: somebody who owns some projects is told of those parts, and not who else asked. */
async function runsFor(database: Database, actor: Actor, rows: readonly Row[]): Promise<Run[]> {
  const owner = ownerOf(actor)
  const runs = rows.map((row) => runView(runFromRow(row)))
  if (owner === null) return runs
  const mine = await ownedProjects(database, owner)
  return runs.map((run) => runOfParts(run, (part) => mine.has(part), actor.name))
}
