import type { RouteHandler } from '@hono/zod-openapi'
import { readDevices } from '../../db/reads/sync-logs.ts'
import { collections } from '../shared/names.ts'
import { database, type SmartSync } from './env.ts'
import { listening } from './listening.ts'
import { readSyncConfig } from './sync-config.ts'
import type * as routes from './sync-routes.ts'

/** A device that watches its files looks for the network this often, in seconds (cli/laptop/watching.ts). */
const LOOK = 30

const lanes = collections.map(({ device }) => device.lane(null))

/**
 * The server can't look for a device: it knows who holds a live socket now, and who was heard of when. A device that holds
 * none may sleep, be off line, or sync by the clock only; then its interval is the clock's.
 */
export const networkStatus: RouteHandler<typeof routes.networkStatus, SmartSync> = async (c) => {
  const now = Date.now()
  const [paired, config] = await Promise.all([
    readDevices(database(c.env), now),
    readSyncConfig(database(c.env)),
  ])
  const live = await listening(c.env.LANE, lanes, (tokens) => paired.every(({ id }) => tokens.has(id)))
  const byClock = config.syncIntervalMinutes === null ? LOOK : config.syncIntervalMinutes * 60
  const devices = paired.map(({ id, name, user, heardAt }) => {
    const online = live.has(id)
    const at = online ? now : heardAt
    return {
      id,
      name,
      user,
      is_online: online,
      last_check: at === null ? null : new Date(at).toISOString(),
      check_interval_seconds: online ? LOOK : byClock,
    }
  })
  const checks = devices.flatMap(({ last_check }) => last_check ?? []).sort()
  return c.json(
    {
      is_running: config.autoSyncEnabled,
      is_online: devices.some(({ is_online }) => is_online),
      last_check: checks.at(-1) ?? null,
      check_interval_seconds: LOOK,
      devices,
    },
    200,
  )
}
