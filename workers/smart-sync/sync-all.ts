import type { RouteHandler } from '@hono/zod-openapi'
import { ulid } from 'ulid'
import { type Database, query, type Row, statement } from '../../db/database.ts'
import { readPrograms, readReports, underWay } from '../../db/reads/sync-logs.ts'
import type { SyncOutcome } from '../../sync/protocol/sync-logs.ts'
import { Refusal } from '../shared/app.ts'
import { askLane, type LaneNamespace, WAIT } from '../shared/lanes.ts'
import { deviceTable, syncsLane } from '../shared/names.ts'
import { database, type SmartSync } from './env.ts'
import { readSyncConfig, switchedOn, unknownCollections } from './sync-config.ts'
import { LEASE, summed, syncLogView } from './sync-log.ts'
import type * as routes from './sync-routes.ts'

export const syncNow: RouteHandler<typeof routes.syncNow, SmartSync> = async (c) => {
  const on = switchedOn(await readSyncConfig(database(c.env)))
  const { collections: asked = on } = c.req.valid('json')
  const wrong =
    unknownCollections(asked, 'collections') ?? switchedOff(asked.filter((name) => !on.includes(name)))
  if (wrong) throw new Refusal(wrong)
  return c.json(await syncAll(database(c.env), c.env.LANE, [...new Set(asked)]), 200)
}

const switchedOff = (names: readonly string[]) =>
  names.length === 0
    ? null
    : ({
        type: 'paused',
        detail: `${names.join(', ')} is not synced: it is not in collectionsToSync.`,
        mend: 'Add it with PUT /api/sync/config, then sync.',
      } as const)

/** How long devices have, and how long after one look at their reports the next one comes if nobody tells, in milliseconds. */
const PACE = { wait: WAIT, look: 5_000 } as const

/**
 * Asks all live devices of these collections to sync, waits for their reports, and sums them up. A device reports a sync
 * that it was asked for once, however many of its lanes told it. With no device on line it is over at once.
 */
export async function syncAll(
  from: Database,
  lanes: LaneNamespace,
  collections: readonly string[],
  pace: { readonly wait: number; readonly look: number } = PACE,
): Promise<SyncOutcome> {
  const deadline = Date.now() + pace.wait
  const id = await begin(from, collections)
  const { tokens, deaf } = await nudge(lanes, collections, id, pace.wait)
  const asked = await readPrograms(from, tokens)
  let reports: readonly Row[] = []
  const missing = () => [...asked.keys()].filter((token) => !reports.some(({ device }) => device === token))
  while (missing().length > 0) {
    const left = Math.min(pace.look, deadline - Date.now())
    // Heard from before the look, so that no report falls between the two.
    const told = left > 0 ? heard(lanes, id, left) : null
    reports = await readReports(from, id)
    if (!told || missing().length === 0) break
    await told
  }
  const devices = devicesOf(asked, reports)
  const sum = (of: 'pushed' | 'pulled' | 'conflicts') =>
    JSON.stringify(
      summed(
        reports.map((row) => JSON.parse(String(row[of]))),
        collections,
      ),
    )
  const error = wentWrong(devices, deaf)
  const [row = {}] = await query<Row>(
    from,
    `UPDATE sync_logs SET status = ?2, finished_at = ?3, pushed = ?4, pulled = ?5, conflicts = ?6, error = ?7,
      lease_until = NULL WHERE id = ?1 RETURNING *`,
    id,
    error === null ? 'completed' : 'failed',
    Date.now(),
    sum('pushed'),
    sum('pulled'),
    sum('conflicts'),
    error,
  )
  return { ...syncLogView(row, Date.now()), devices }
}

/**
 * Writes down that a sync is under way, unless one is: then that is the answer. One statement decides, so of two callers one
 * is told of the other.
 */
async function begin(from: Database, collections: readonly string[]): Promise<string> {
  const now = Date.now()
  const id = ulid(now)
  const going = underWay(now, LEASE)
  const none = JSON.stringify(summed([], collections))
  const [first, second] = await from.batch([
    going,
    statement(
      `INSERT INTO sync_logs (id, trigger, started_at, status, pushed, pulled, conflicts, lease_until)
        SELECT ?3, 'manual', ?2, 'running', ?4, ?4, ?4, ?5 WHERE NOT EXISTS (${going.sql}) RETURNING id`,
      ...going.params,
      id,
      none,
      now + LEASE,
    ),
  ])
  if ((second?.rows.length ?? 0) > 0) return id
  const other = first?.rows[0] ?? {}
  const left = Math.max(1, Math.ceil((Number(other.lease_until) - now) / 1_000))
  throw new Refusal({
    type: 'in_progress',
    detail: `A sync is under way since ${new Date(Number(other.started_at)).toISOString()}.`,
    kept: `The sync ${String(other.id)} goes on.`,
    mend: `Wait for it: GET /api/sync/logs shows its end. If it is stuck, the next one may begin in ${left} s.`,
    run: String(other.id),
    retryAfter: left,
  })
}

/** Settles when a device has reported, or after `ms`. A lane that can't say is waited for as long. */
async function heard(lanes: LaneNamespace, id: string, ms: number): Promise<void> {
  const lane = syncsLane()
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  const told = lanes.getByName(lane).heard(lane, id, ms)
  await Promise.race([late, told.catch(() => late)])
  clearTimeout(timer)
}

/** Tells all lanes at once. `deaf`: collections whose lane could not be asked, or was too slow; the others go on. */
async function nudge(lanes: LaneNamespace, collections: readonly string[], id: string, wait: number) {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, refuse) => {
    timer = setTimeout(() => refuse(new Error(`no answer within ${wait} ms`)), wait)
  })
  const deaf: string[] = []
  const heard = await Promise.all(
    collections.map(async (name) => {
      const lane = deviceTable(name).device.lane(null)
      try {
        return await Promise.race([askLane(lanes, lane, (stub) => stub.nudge(lane, id)), late])
      } catch (error) {
        console.error(JSON.stringify({ event: 'lane.not_nudged', lane, error: String(error) }))
        deaf.push(name)
        return []
      }
    }),
  )
  clearTimeout(timer)
  return { tokens: [...new Set(heard.flat())], deaf }
}

function devicesOf(asked: ReadonlyMap<string, string>, reports: readonly Row[]): SyncOutcome['devices'] {
  const names = new Map([
    ...asked,
    ...reports.map(({ device, name }) => [String(device), String(name)] as const),
  ])
  return [...names].map(([token, name]) => {
    const own = reports.filter(({ device }) => device === token)
    const failed = own.find(({ status }) => status === 'failed')
    if (failed)
      return { name, status: 'failed', error: (failed.error as string | null) ?? 'It did not say why.' }
    return { name, status: own.length > 0 ? 'completed' : 'waiting', error: null }
  })
}

/** Why the sync as a whole is not complete; null: it is. A device that is slow does not spoil what the others did. */
function wentWrong(devices: SyncOutcome['devices'], deaf: readonly string[]): string | null {
  const failed = devices
    .filter(({ status }) => status === 'failed')
    .map(({ name, error }) => `${name}: ${error}`)
  const lost = deaf.length === 0 ? [] : [`The devices of ${deaf.join(', ')} could not be asked.`]
  const all = [...lost, ...failed]
  if (all.length > 0) return all.join(' ')
  const silent = devices.length > 0 && devices.every(({ status }) => status === 'waiting')
  return silent ? 'No device has reported yet. They sync on, and the log has them when they have.' : null
}
