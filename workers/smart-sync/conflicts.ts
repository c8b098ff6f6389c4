import type { RouteHandler } from '@hono/zod-openapi'
import { readConflict, readConflicts } from '../../db/reads/conflicts.ts'
import type { Actor } from '../../sync/protocol/common.ts'
import { notFound, ownerOf } from '../shared/access.ts'
import { nextLink } from '../shared/app.ts'
import { deviceTables, sharedLinks, userLinks } from '../shared/names.ts'
import { database, type SmartSync } from './env.ts'
import type * as routes from './routes.ts'
import { conflictView } from './views.ts'

export const listConflicts: RouteHandler<typeof routes.listConflicts, SmartSync> = async (c) => {
  const { limit, before = null, open } = c.req.valid('query')
  const rows = await readConflicts(database(c.env), readerOf(c.get('actor')), { open, before, limit })
  nextLink(c, rows, limit, rows.at(-1)?.id as string | undefined)
  return c.json(rows.map(conflictView), 200)
}

export const getConflict: RouteHandler<typeof routes.getConflict, SmartSync> = async (c) => {
  const { id } = c.req.valid('param')
  const row = await readConflict(database(c.env), readerOf(c.get('actor')), id)
  if (!row) throw notFound('conflict', id)
  return c.json(conflictView(row), 200)
}

const nameOf = ({ name }: { readonly name: string }) => name

const readerOf = (actor: Actor) => ({
  owner: ownerOf(actor),
  own: userLinks.map(nameOf),
  shared: sharedLinks.map(nameOf),
  tables: deviceTables.map(({ name, device }) => [name, device.lane(actor.user)] as const),
})
