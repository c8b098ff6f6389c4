import type { RouteHandler } from '@hono/zod-openapi'
import { type Database, query, statement } from '../../db/database.ts'
import { fromTime, ID_TIME } from '../../db/reads/sync-logs.ts'
import { digest } from '../../sync/engine/digest.ts'
import type { Actor } from '../../sync/protocol/common.ts'
import type { SyncReportInput } from '../../sync/protocol/sync-logs.ts'
import type { LaneNamespace } from '../shared/lanes.ts'
import { syncsLane } from '../shared/names.ts'
import { database, type SmartSync } from './env.ts'
import type * as routes from './sync-routes.ts'

export const report: RouteHandler<typeof routes.report, SmartSync> = async (c) => {
  const input = c.req.valid('json')
  const added = await addReport(database(c.env), c.get('actor'), input, Date.now())
  if (input.nudge !== undefined) await tell(c.env.LANE, input.nudge)
  return c.json(added, 200)
}

/** Whoever waits for the sync looks at once. If that can't be told, it looks some seconds later. */
async function tell(lanes: LaneNamespace, nudge: string): Promise<void> {
  const lane = syncsLane()
  try {
    await lanes.getByName(lane).reported(lane, nudge)
  } catch (error) {
    console.error(JSON.stringify({ event: 'sync.not_told', nudge, error: String(error) }))
  }
}

const DAY = 86_400_000
/** A clock is believed if it is ahead by no more than this, and says no time that is forgotten (delta-check/forget.ts). */
const AHEAD = 5 * 60_000
const BACK = 90 * DAY

/**
 * Adds a device's report to the log. Its id there is made of the token, the device's own id and the time, so that a repeat
 * changes nothing. A device whose clock is wrong is logged as of now, and a repeat of it found by looking at the last day.
 */
async function addReport(from: Database, actor: Actor, input: SyncReportInput, now: number) {
  const said = Date.parse(input.startTime)
  const believed = said <= now + AHEAD && said > now - BACK
  const started = believed ? said : now
  const took = Math.max(0, Date.parse(input.endTime) - said)
  const own = digest(JSON.stringify([actor.id, input.id]))
  const id = `${fromTime(started)}${own}`
  const values = [
    id,
    input.nudge ?? null,
    actor.id,
    actor.user,
    input.trigger ?? 'automatic',
    started,
    input.status,
    started + took,
    JSON.stringify(input.localToRemote),
    JSON.stringify(input.remoteToLocal),
    JSON.stringify(input.conflicts),
    input.error ?? null,
  ]
  const { sql, params } = statement(
    `INSERT INTO sync_logs (id, nudge, device, user_id, trigger, started_at, status, finished_at, pushed, pulled,
        conflicts, error)
      SELECT ?1, (SELECT id FROM sync_logs WHERE id = ?2 AND device IS NULL), ?3, ?4,
        iif(EXISTS (SELECT 1 FROM sync_logs WHERE id = ?2 AND device IS NULL), 'manual', ?5), ?6, ?7, ?8, ?9, ?10, ?11, ?12
      WHERE ?13 OR NOT EXISTS (SELECT 1 FROM sync_logs WHERE id >= ?14 AND substr(id, ?15) = ?16)
      ON CONFLICT (id) DO NOTHING RETURNING id`,
    ...values,
    believed ? 1 : 0,
    fromTime(now - DAY),
    ID_TIME + 1,
    own,
  )
  const added = await query(from, sql, ...params)
  return { id: input.id, known: added.length === 0 }
}
