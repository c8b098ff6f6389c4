import type { RouteHandler } from '@hono/zod-openapi'
import type { Database } from '../../db/database.ts'
import {
  columnsOf,
  type FeedPage,
  type FeedQuery,
  type FeedTable,
  feedPage,
  feedStatements,
  snapshotStatements,
} from '../../db/reads/feed.ts'
import type { TableDeclaration } from '../../sync/engine/declare.ts'
import type { Actor } from '../../sync/protocol/common.ts'
import { DEVICE_LIMITS } from '../../sync/protocol/device.ts'
import { notFound } from '../shared/access.ts'
import { Refusal } from '../shared/app.ts'
import { type DeviceTable, deviceTables } from '../shared/names.ts'
import { type Cursor, readCursor, writeCursor } from './cursor.ts'
import type * as routes from './device-routes.ts'
import { database, type PushPull } from './env.ts'
import { packed } from './packed.ts'
import { refusePaused } from './paused.ts'

export const pull: RouteHandler<typeof routes.pull, PushPull> = async (c) => {
  const { lane, cursor } = c.req.valid('query')
  const tables = tablesOf(c.get('actor'), lane)
  const page = await readPage(database(c.env), {
    lane,
    tables,
    incarnation: '',
    owner: '',
    cursor: cursorOf(cursor),
  })
  // What D1 answers is handed on as text: made into objects and back, 6,000 rows take five times as long.
  return packed(c, page.text) as never
}

/** The tables of a lane that this caller's devices keep; an unknown lane and somebody else's are the same answer. */
export function tablesOf(actor: Actor, lane: string): readonly DeviceTable[] {
  const tables = deviceTables.filter(({ device }) => device.lane(actor.user) === lane)
  if (tables.length === 0) throw notFound('lane', lane)
  return tables
}

/** Where a device stands; absent: it has read nothing. */
export function cursorOf(text: string | undefined): Cursor | undefined {
  const cursor = text === undefined ? undefined : readCursor(text)
  if (cursor === null) throw new Refusal({ type: 'bad_request', detail: 'This is no cursor of this server.' })
  return cursor
}

/**
 * One page, the lane's version, and how far the device's numbers are settled (null: it is somebody else's); `text`: the page as
 * JSON. Refuses a lane whose collection is paused.
 */
export async function readPage(
  database: Database,
  asked: {
    readonly lane: string
    readonly tables: readonly DeviceTable[]
    readonly incarnation: string
    readonly owner: string
    readonly cursor: Cursor | undefined
    readonly also?: FeedQuery['also']
  },
): Promise<{ readonly last: number | null; readonly version: number; readonly text: string }> {
  const { lane, incarnation, owner, cursor } = asked
  const of: FeedQuery = {
    lane,
    incarnation,
    owner,
    own: incarnation === '' ? '' : originOf(incarnation),
    tables: asked.tables.map(feedTable),
    also: asked.also ?? {},
    limit: cursor?.type === 'feed' ? DEVICE_LIMITS.rows : DEVICE_LIMITS.snapshot,
  }
  const [asksFor, key] = cursor?.type === 'snapshot' ? [cursor.table, cursor.key] : [0, '']
  const table = Math.min(asksFor, of.tables.length - 1)
  const snapshot = cursor?.type !== 'feed'
  const results = await database.batch(
    snapshot ? snapshotStatements(of, table, key) : feedStatements(of, cursor.version),
  )
  const page = feedPage(
    results.flatMap(({ rows }) => rows),
    of.tables.length,
  )
  refusePaused(asked.tables, page.offered)
  const { last, version } = page
  // A lane that stands below the cursor has been restored, whatever its generation says.
  const isOf = cursor?.generation === page.generation && cursor.version <= page.version && table === asksFor
  if (cursor && !isOf) return { last, version, text: JSON.stringify({ resnapshot: true }) }
  return {
    last,
    version,
    text: snapshot
      ? snapshotText(of, page, cursor?.version ?? page.version, table)
      : feedText(of, page, cursor),
  }
}

/** What a device's commits are said to come from. */
export const originOf = (incarnation: string): string => `device:${incarnation}`

function snapshotText(of: FeedQuery, page: FeedPage, version: number, table: number): string {
  const { generation, until } = page
  const next: Cursor =
    until !== null
      ? { type: 'snapshot', generation, version, table, key: until }
      : table + 1 < of.tables.length
        ? { type: 'snapshot', generation, version, table: table + 1, key: '' }
        : { type: 'feed', generation, version }
  // Also after the last page there may be news: what changed while it was read.
  const more = next.type === 'snapshot' || page.version > version
  return pageText(of, page, next, { more, fresh: true, total: page.total })
}

function feedText(of: FeedQuery, page: FeedPage, cursor: Cursor): string {
  const version = page.until === null ? page.version : Number(page.until)
  const next: Cursor = { type: 'feed', generation: page.generation, version }
  return pageText(of, page, next, {
    more: version < page.version && version > cursor.version,
    fresh: false,
    total: null,
  })
}

function pageText(
  of: FeedQuery,
  page: FeedPage,
  next: Cursor,
  { more, fresh, total }: { more: boolean; fresh: boolean; total: number | null },
): string {
  const tables = of.tables.flatMap((table, i) => {
    const { rows = '', deleted = '' } = page.tables[i] ?? {}
    const columns = JSON.stringify(columnsOf(table))
    return rows === '' && deleted === ''
      ? []
      : [
          `{"name":${JSON.stringify(table.name)},"columns":${columns},"rows":[${rows}],"deleted":[${deleted}]}`,
        ]
  })
  const parts = [
    `"cursor":${JSON.stringify(writeCursor(next))}`,
    ...(more ? ['"more":true'] : []),
    ...(fresh ? ['"fresh":true'] : []),
    ...(total === null ? [] : [`"total":${total}`]),
    ...(tables.length > 0 ? [`"tables":[${tables.join(',')}]`] : []),
    ...(page.resolved === '' ? [] : [`"resolved":[${page.resolved}]`]),
    ...(page.reopened === '' ? [] : [`"reopened":[${page.reopened}]`]),
  ]
  return `{${parts.join(',')}}`
}

/** A table as its pages show it. */
export const feedTable = ({ name, key, device }: TableDeclaration & DeviceTable): FeedTable => ({
  name,
  key,
  columns: Object.entries(device.columns).map(([column, { type }]) => ({
    name: column,
    time: type === 'time',
  })),
})
