import type { RouteHandler } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { readConfigHistory } from '../../db/reads/config-history.ts'
import type { ConfigKey } from '../../sync/protocol/config.ts'
import { nextLink } from '../shared/app.ts'
import { COLLECTIONS } from '../shared/names.ts'
import { database, type SmartSync } from './env.ts'
import type * as routes from './routes.ts'
import { sheetOfSetting } from './sheet-config.ts'
import type * as syncRoutes from './sync-routes.ts'

export const listConfigHistory: RouteHandler<typeof routes.listConfigHistory, SmartSync> = (c) => {
  const { limit, before } = c.req.valid('query')
  const { key } = c.req.valid('param')
  sheetOfSetting(key)
  return configHistory(c, key, limit, before)
}

export const syncConfigHistory: RouteHandler<typeof syncRoutes.configHistory, SmartSync> = (c) => {
  const { limit, before } = c.req.valid('query')
  return configHistory(c, COLLECTIONS, limit, before)
}

/** Changes of one setting, newest first. `before`: `<milliseconds>.<number>`. */
async function configHistory(
  c: Context<SmartSync>,
  key: ConfigKey,
  limit: number,
  before: string | undefined,
) {
  const [at = 0, n = 0] = before?.split('.').map(Number) ?? []
  const rows = await readConfigHistory(database(c.env), key, before === undefined ? null : [at, n], limit)
  const last = rows.at(-1)
  nextLink(c, rows, limit, last && `${last.at}.${last.n}`)
  return c.json(
    rows.map((row) => ({
      key,
      at: new Date(Number(row.at)).toISOString(),
      by: String(row.actor),
      value: row.value === null ? null : (JSON.parse(String(row.value)) as unknown),
    })),
    200,
  )
}
