import type { RouteHandler } from '@hono/zod-openapi'
import { type HistoryCursor, readHead, readHistory } from '../../db/reads/history.ts'
import { notFound, ownerOf } from '../shared/access.ts'
import { nextLink } from '../shared/app.ts'
import { recordedTable } from '../shared/names.ts'
import { database, type PushPull } from './env.ts'
import type * as routes from './routes.ts'
import { historyView } from './views.ts'

export const listHistory: RouteHandler<typeof routes.listHistory, PushPull> = async (c) => {
  const { table: name, key: called, limit, before } = c.req.valid('query')
  const table = recordedTable(name)
  const key = table.nameOf(called)
  const row = await readHead(database(c.env), table, key, ownerOf(c.get('actor')))
  if (!row) throw notFound(`row of ${name}`, called)
  const head = { lane: table.lane(row.scope), version: row.version }
  const rows = await readHistory(database(c.env), head, name, key, limit, cursorOf(before))
  const last = rows.at(-1)
  nextLink(c, rows, limit, last && `${last.version}.${last.n}`)
  return c.json(rows.map(historyView), 200)
}

/** `<version>.<n>`: the last entry shown. A version alone: all of its entries were shown. */
function cursorOf(before: string | undefined): HistoryCursor | null {
  if (before === undefined) return null
  const [version, n = 0] = before.split('.').map(Number)
  return { version: version ?? 0, n }
}
