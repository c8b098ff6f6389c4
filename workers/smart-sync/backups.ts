import type { RouteHandler } from '@hono/zod-openapi'
import { Refusal } from '../shared/app.ts'
import { exportLinks } from '../shared/names.ts'
import type * as routes from './backup-routes.ts'
import { database, type SmartSync } from './env.ts'
import { askScope, existing } from './erp-start.ts'

export const startBackups: RouteHandler<typeof routes.startBackups, SmartSync> = async (c) => {
  const { force } = c.req.valid('query')
  const links = await existing(database(c.env), exportLinks, '')
  if (links.length === 0) throw new Refusal(NOT_SET_UP)
  const how = { trigger: 'manual', full: force, actor: c.get('actor').name } as const
  const started = await Promise.all(links.map((link) => askScope(c.env.LANE, link, '', how)))
  return c.json({ started, timestamp: new Date().toISOString() }, 202)
}

const NOT_SET_UP = {
  type: 'conflict',
  detail: 'No tables are backed up to a workbook.',
  mend: 'An admin says which, and to which workbook, with PUT /api/config/backups.sheet.',
} as const
