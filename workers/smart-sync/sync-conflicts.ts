import type { RouteHandler } from '@hono/zod-openapi'
import type { Row } from '../../db/database.ts'
import { readConflict } from '../../db/reads/conflicts.ts'
import {
  readSyncConflict,
  readSyncConflicts,
  type SyncConflictReader,
} from '../../db/reads/sync-conflicts.ts'
import { conflictOf } from '../../sync/engine/changes.ts'
import { GUARDS } from '../../sync/engine/guard-kinds.ts'
import type { Actor } from '../../sync/protocol/common.ts'
import type { SyncConflict } from '../../sync/protocol/conflicts.ts'
import type { Failure } from '../../sync/protocol/failures.ts'
import { notFound, ownerOf } from '../shared/access.ts'
import { nextLink, Refusal } from '../shared/app.ts'
import { bothWayNames, declaredTable, deviceTables, tableNames } from '../shared/names.ts'
import { database, type SmartSync, type SmartSyncEnv } from './env.ts'
import { readStanding } from './standing.ts'
import { syncConflictView } from './sync-conflict-view.ts'
import type * as routes from './sync-routes.ts'

export const listSyncConflicts: RouteHandler<typeof routes.conflicts, SmartSync> = async (c) => {
  const { limit, before = null, collection = null, resolved } = c.req.valid('query')
  if (collection !== null && !tableNames.includes(collection)) throw new Refusal(noCollection(collection))
  const actor = c.get('actor')
  const rows = await readSyncConflicts(database(c.env), readerOf(actor, null), {
    resolved: resolved === undefined ? null : resolved === 'true',
    table: collection,
    before,
    limit,
  })
  nextLink(c, rows, limit, rows.at(-1)?.id as string | undefined)
  return c.json(await shown(c.env, actor, rows), 200)
}

export const getSyncConflict: RouteHandler<typeof routes.conflict, SmartSync> = async (c) => {
  const { id } = c.req.valid('param')
  const actor = c.get('actor')
  const row = await readSyncConflict(database(c.env), readerOf(actor, null), id)
  const [conflict] = row ? await shown(c.env, actor, [row]) : []
  if (!conflict) throw notFound('conflict', id)
  return c.json(conflict, 200)
}

async function shown(env: SmartSyncEnv, actor: Actor, rows: readonly Row[]): Promise<SyncConflict[]> {
  const conflicts = rows.map((row) => ({
    conflict: conflictOf(row),
    notes: row.notes as string | null,
    owner: row.owner as string | null,
    table: declaredTable(String(row.tbl)),
  }))
  const standing = await readStanding(database(env), conflicts)
  return conflicts.map((of) => syncConflictView(of, standing, actor))
}

/** The conflict, if the actor may settle it: an admin any, also of a sheet or the ERP; others those of their own devices. */
export async function settleable(env: SmartSyncEnv, actor: Actor, id: string): Promise<Row> {
  const owner = ownerOf(actor)
  const row =
    (await readSyncConflict(database(env), readerOf(actor, owner), id)) ??
    (owner === null ? await readConflict(database(env), EVERYTHING, id) : undefined)
  if (!row) throw notFound('conflict', id)
  return row
}

/** A slip of the name must not look as if nothing were open. */
const noCollection = (name: string): Failure => ({
  type: 'bad_request',
  detail: `There is no collection ${name}. They are ${tableNames.join(', ')}.`,
  mend: 'Name one of that list.',
  errors: [{ path: 'collection', message: `${name} is not a collection` }],
})

const EVERYTHING = { owner: null, own: [], shared: [], tables: [] }

/** An undo asks about rows of any table; who may not see everything has those that devices keep. */
const readerOf = (actor: Actor, owner: string | null): SyncConflictReader => ({
  tables:
    ownerOf(actor) === null
      ? tableNames.map((name) => [name, null])
      : deviceTables.map(({ name, device }) => [name, device.lane(actor.user)]),
  owner,
  links: bothWayNames,
  guards: ownerOf(actor) === null ? GUARDS : [],
})
