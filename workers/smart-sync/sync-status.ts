import type { RouteHandler } from '@hono/zod-openapi'
import { readDevices, readSyncFacts, readSyncLogs } from '../../db/reads/sync-logs.ts'
import { nextLink } from '../shared/app.ts'
import { bothWayNames, collections } from '../shared/names.ts'
import { database, type SmartSync } from './env.ts'
import { listening } from './listening.ts'
import { LEASE, syncLogView } from './sync-log.ts'
import type * as routes from './sync-routes.ts'

const lanes = collections.map(({ device }) => device.lane(null))

export const collectionsStatus: RouteHandler<typeof routes.status, SmartSync> = async (c) => {
  const now = Date.now()
  const [facts, devices] = await Promise.all([
    readSyncFacts(database(c.env), bothWayNames, now, LEASE),
    readDevices(database(c.env), now),
  ])
  const online = (tokens: ReadonlySet<string>) => devices.some(({ id }) => tokens.has(id))
  const live = devices.length === 0 ? new Set<string>() : await listening(c.env.LANE, lanes, online)
  const last = facts.last && syncLogView(facts.last, now)
  return c.json(
    {
      lastSyncTime: last?.startTime ?? null,
      lastSyncStatus: last?.status ?? null,
      lastSyncDuration: last?.durationSeconds ?? null,
      totalSyncsCompleted: facts.completed,
      totalConflicts: facts.conflicts,
      unresolvedConflicts: facts.open,
      isOnline: online(live),
      isSyncing: facts.syncing,
    },
    200,
  )
}

export const listSyncLogs: RouteHandler<typeof routes.logs, SmartSync> = async (c) => {
  const { limit, before = null } = c.req.valid('query')
  const rows = await readSyncLogs(database(c.env), before, limit)
  nextLink(c, rows, limit, rows.at(-1)?.id as string | undefined)
  const now = Date.now()
  return c.json(
    rows.map((row) => syncLogView(row, now)),
    200,
  )
}
