import type { RouteHandler } from '@hono/zod-openapi'
import type { Row } from '../../db/database.ts'
import { readCollections, readDocuments } from '../../db/reads/collections.ts'
import type { CollectionDocument } from '../../sync/protocol/collections.ts'
import { notFound } from '../shared/access.ts'
import { nextLink } from '../shared/app.ts'
import { etagged } from '../shared/etag.ts'
import { collections, type DeviceTable } from '../shared/names.ts'
import type * as routes from './collection-routes.ts'
import { database, type PushPull } from './env.ts'
import { isPaused } from './paused.ts'
import { columnsOf } from './tables.ts'
import { iso } from './views.ts'

export const listCollections: RouteHandler<typeof routes.listCollections, PushPull> = async (c) => {
  const names = collections.map(({ name }) => name)
  const { counts, offered } = await readCollections(database(c.env), names)
  const all = collections.map((table, i) => ({
    name: table.name,
    label: table.device.label,
    unique: table.unique.map(({ column }) => column),
    columns: columnsOf(table),
    documents: Number(counts[i]?.documents),
    unresolvedConflicts: Number(counts[i]?.conflicts),
    synced: !isPaused(table, offered),
  }))
  return etagged(c, c.json(all, 200))
}

export const listDocuments: RouteHandler<typeof routes.listDocuments, PushPull> = async (c) => {
  const { name } = c.req.valid('param')
  const { id = null, after = null, limit } = c.req.valid('query')
  const table = collections.find((each) => each.name === name)
  if (!table) throw notFound('collection', name)
  const fields = Object.keys(table.device.columns)
  const rows = await readDocuments(database(c.env), { name, fields }, { id, after, limit })
  if (id !== null && rows.length === 0) throw notFound(`document of ${name}`, id)
  nextLink(c, rows, limit, rows.at(-1)?.id as string | undefined, 'after')
  return etagged(
    c,
    c.json(
      rows.map((row) => documentView(row, table)),
      200,
    ),
  )
}

/** A document as it travels: times as ISO-8601. */
function documentView(row: Row, { device }: DeviceTable): CollectionDocument {
  const times = Object.entries(device.columns).flatMap(([name, { type }]) => (type === 'time' ? [name] : []))
  const shown = [...times, 'updatedAt', 'syncedAt'].filter((name) => row[name] !== null)
  return { ...row, ...Object.fromEntries(shown.map((name) => [name, iso(row[name])])) } as CollectionDocument
}
