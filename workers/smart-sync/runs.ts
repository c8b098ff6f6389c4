import type { RouteHandler } from '@hono/zod-openapi'
import type { Database, Row } from '../../db/database.ts'
import { ownedProjects, readRun, readRuns } from '../../db/reads/runs.ts'
import { runFromRow, runOfParts, runView } from '../../sync/engine/run-state.ts'
import type { Actor } from '../../sync/protocol/common.ts'
import type { Run } from '../../sync/protocol/runs.ts'
import { notFound, ownerOf, seenProject } from '../shared/access.ts'
import { nextLink } from '../shared/app.ts'
import { SHEET_LINK, sharedLinks, userLinks } from '../shared/names.ts'
import { database, type SmartSync } from './env.ts'
import type * as routes from './routes.ts'

export const listRuns: RouteHandler<typeof routes.listRuns, SmartSync> = async (c) => {
  const { limit, before = null, project_id: project = null, link = null, scope = null } = c.req.valid('query')
  const actor = c.get('actor')
  if (project !== null) await seenProject(database(c.env), actor, project)
  const rows = await readRuns(database(c.env), readerOf(actor), { project, link, scope, before, limit })
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

const readerOf = (actor: Actor) => ({
  owner: ownerOf(actor),
  link: SHEET_LINK,
  own: userLinks.map(({ name }) => name),
  shared: sharedLinks.map(({ name }) => name),
})

/**
 * Runs as this actor may see them: somebody who owns some projects is told of those parts; what is all the actor's own, or
 * everybody's, is told whole. Who else asked is not said.
 */
export async function runsFor(database: Database, actor: Actor, rows: readonly Row[]): Promise<Run[]> {
  const owner = ownerOf(actor)
  const runs = rows.map((row) => runView(runFromRow(row)))
  if (owner === null) return runs
  const mixed = runs.some(({ link }) => link === SHEET_LINK)
  const mine = mixed ? await ownedProjects(database, owner) : new Set()
  return runs.map((run) =>
    run.link === SHEET_LINK
      ? runOfParts(run, (part) => mine.has(part), actor.name)
      : { ...run, actor: asSeenBy(actor, run.actor) },
  )
}

/** Who asked, as this actor is told. */
export const asSeenBy = (actor: Actor, name: string): string =>
  ownerOf(actor) === null || name === actor.name ? name : 'someone else'
