import type { RouteHandler } from '@hono/zod-openapi'
import { type Database, query } from '../../db/database.ts'
import { columnsOf, type FeedTable, feedPage, rowsStatement } from '../../db/reads/feed.ts'
import type { Actor } from '../../sync/protocol/common.ts'
import { DEVICE_LIMITS } from '../../sync/protocol/device.ts'
import { notFound } from '../shared/access.ts'
import { Refusal } from '../shared/app.ts'
import { sha256 } from '../shared/sha256.ts'
import type * as routes from './device-routes.ts'
import { database, type PushPull } from './env.ts'
import { feedTable, tablesOf } from './pull.ts'

/** Buckets of one answer: what a Worker hashes within its share of CPU. */
const BUCKETS = 4

export const listDigests: RouteHandler<typeof routes.digests, PushPull> = async (c) => {
  const { lane, table: name, from = '', columns } = c.req.valid('query')
  const table = only(tableOf(c.get('actor'), lane, name), columns?.split(','))
  const limit = BUCKETS * DEVICE_LIMITS.bucket
  const { version, rows, next } = await readRows(database(c.env), lane, table, { from, limit })
  const buckets: [string, number, string][] = []
  for (let i = 0; i < rows.length; i += DEVICE_LIMITS.bucket) {
    const some = rows.slice(i, i + DEVICE_LIMITS.bucket)
    buckets.push([String(some[0]?.[0]), some.length, await digestOf(some)])
  }
  return c.json({ version, columns: columnsOf(table), buckets, ...next }, 200)
}

export const listRows: RouteHandler<typeof routes.rows, PushPull> = async (c) => {
  const { lane, table: name, from = '', limit } = c.req.valid('query')
  const table = tableOf(c.get('actor'), lane, name)
  const { version, rows, next } = await readRows(database(c.env), lane, table, { from, limit })
  return c.json({ version, columns: columnsOf(table), rows, ...next }, 200)
}

type Cells = (string | number | null)[]

function tableOf(actor: Actor, lane: string, name: string): FeedTable {
  const table = tablesOf(actor, lane).find((each) => each.name === name)
  if (!table) throw notFound('table', name)
  return feedTable(table)
}

/** The table with these of its columns, in their order; the key is always there. */
function only(table: FeedTable, names: readonly string[] | undefined): FeedTable {
  if (!names) return table
  const unknown = names.find((name) => !columnsOf(table).includes(name))
  if (unknown !== undefined)
    throw new Refusal({ type: 'bad_request', detail: `${table.name} has no column ${unknown}.` })
  return { ...table, columns: table.columns.filter(({ name }) => names.includes(name)) }
}

async function readRows(
  from: Database,
  lane: string,
  table: FeedTable,
  part: { from: string; limit: number },
): Promise<{ version: number; rows: Cells[]; next: { next?: string } }> {
  const { sql, params } = rowsStatement(lane, table, part)
  const { version, until, tables } = feedPage(await query(from, sql, ...params), 1)
  return {
    version,
    rows: JSON.parse(`[${tables[0]?.rows ?? ''}]`) as Cells[],
    next: until === null ? {} : { next: until },
  }
}

/** SHA-256 of the rows as lines of JSON, in lower-case hexadecimal (docs/protocol.md). */
const digestOf = (rows: readonly Cells[]): Promise<string> =>
  sha256(rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
