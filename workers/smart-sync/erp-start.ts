import type { RouteHandler } from '@hono/zod-openapi'
import type { Database } from '../../db/database.ts'
import type { LinkDeclaration } from '../../sync/engine/declare.ts'
import type { Started } from '../../sync/protocol/erp.ts'
import type { RunRequest } from '../../sync/protocol/lane.ts'
import { ownerOf, userOf } from '../shared/access.ts'
import { Refusal } from '../shared/app.ts'
import { askLane, type LaneNamespace } from '../shared/lanes.ts'
import { linksOf, scopeFor } from '../shared/names.ts'
import { database, type SmartSync } from './env.ts'
import type * as routes from './erp-routes.ts'

export const startErpSync: RouteHandler<typeof routes.startErpSync, SmartSync> = async (c) => {
  const { system, user_id, full } = c.req.valid('json')
  const actor = c.get('actor')
  if (full && ownerOf(actor) !== null)
    throw new Refusal({
      type: 'forbidden',
      detail: 'Only an admin may have everything read again.',
      mend: 'Leave out `full`: what changed is found all the same.',
    })
  const user = userOf(actor, user_id)
  const links = linksOf(system)
  if (user === null && links.some(({ scopes }) => scopes.per === 'user')) throw noUser('user_id', system)
  const found = await existing(database(c.env), links, user ?? '')
  if (found.length === 0) throw notSetUp(links, user)
  const started = await Promise.all(
    found.map((link) =>
      askScope(c.env.LANE, link, user ?? '', { trigger: 'manual', full, actor: actor.name }),
    ),
  )
  return c.json({ started, timestamp: new Date().toISOString() }, 202)
}

/** Asks a link's lane to run in the scope of this user, or in the one that all share. */
export async function askScope(
  lanes: LaneNamespace,
  link: LinkDeclaration,
  user: string,
  how: Pick<RunRequest, 'trigger' | 'full' | 'actor'>,
): Promise<Started['started'][number]> {
  const scope = scopeFor(link, user)
  const lane = link.lane(scope)
  const request: RunRequest = { link: link.name, scope, parts: null, ...how }
  const answer = await askLane(lanes, lane, (stub) => stub.request(lane, request))
  return answer.type === 'skipped'
    ? { link: link.name, scope, answer: answer.type, reason: answer.reason }
    : { link: link.name, scope, answer: answer.type, run_id: answer.runId }
}

/** Of these links, those whose scope is there for this user. One batch. */
export async function existing(
  database: Database,
  links: readonly LinkDeclaration[],
  user: string,
): Promise<LinkDeclaration[]> {
  if (links.length === 0) return []
  const targets = await database.batch(links.map((link) => link.scopes.target(scopeFor(link, user))))
  return links.filter((_, i) => (targets[i]?.rows.length ?? 0) > 0)
}

/** An admin has no rows of his own. */
export const noUser = (path: string, what: string): Refusal =>
  new Refusal({
    type: 'bad_request',
    detail: `The ${what} of which user?`,
    mend: `Say whose with ${path}.`,
    errors: [{ path, message: 'is needed: each user has these for himself' }],
  })

/** Nobody's login in the ERP is known for these rows, or it was switched off. */
export const notSetUp = (links: readonly LinkDeclaration[], user: string | null): Refusal =>
  links.some(({ scopes }) => scopes.per === 'user')
    ? new Refusal({
        type: 'not_found',
        detail: `There is no active user ${user} of the ERP.`,
        mend: 'An admin sets the login up with PUT /api/erp/users/{id}.',
      })
    : new Refusal({
        type: 'conflict',
        detail: 'No login in the ERP is set up.',
        mend: 'An admin sets one up with PUT /api/erp/users/{id}.',
      })
