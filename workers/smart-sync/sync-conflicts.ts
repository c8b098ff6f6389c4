import type { RouteHandler } from '@hono/zod-openapi'
import type { Row } from '../../db/database.ts'
import {
  readSyncConflict,
  readSyncConflicts,
  type SyncConflictReader,
} from '../../db/reads/sync-conflicts.ts'
import { conflictOf } from '../../sync/engine/changes.ts'
import type { Actor } from '../../sync/protocol/common.ts'
import { notFound, ownerOf } from '../shared/access.ts'
import { nextLink } from '../shared/app.ts'
import { deviceTable, deviceTables } from '../shared/names.ts'
import { database, type SmartSync, type SmartSyncEnv } from './env.ts'
import { readStanding } from './standing.ts'
import { syncConflictView } from './sync-conflict-view.ts'
import type * as routes from './sync-routes.ts'

export const listSyncConflicts: RouteHandler<typeof routes.conflicts, SmartSync> = async (c) => {
  const { limit, before = null, collection = null, resolved } = c.req.valid('query')
  const actor = c.get('actor')
  const rows = await readSyncConflicts(database(c.env), readerOf(actor, null), {
    resolved: resolved === undefined ? null : resolved === 'true',
    table: collection,
    before,
    limit,
  })
  nextLink(c, rows, limit, rows.at(-1)?.id as string | undefined)
  const conflicts = rows.map((row) => ({
    conflict: conflictOf(row),
    notes: row.notes as string | null,
    table: deviceTable(String(row.tbl)),
  }))
  const standing = await readStanding(database(c.env), conflicts)
  return c.json(
    conflicts.map((of) => syncConflictView(of, standing, actor)),
    200,
  )
}

/** The conflict, if the actor may settle it: an admin any, others those of their own devices. */
export async function settleable(env: SmartSyncEnv, actor: Actor, id: string): Promise<Row> {
  const row = await readSyncConflict(database(env), readerOf(actor, ownerOf(actor)), id)
  if (!row) throw notFound('conflict', id)
  return row
}

const readerOf = (actor: Actor, owner: string | null): SyncConflictReader => ({
  tables: deviceTables.map(({ name, device }) => [
    name,
    ownerOf(actor) === null ? null : device.lane(actor.user),
  ]),
  owner,
})
