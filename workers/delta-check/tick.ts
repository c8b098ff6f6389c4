import { encodeTime } from 'ulid'
import { type Database, query, statement } from '../../db/database.ts'
import { systems } from '../../sync/systems/index.ts'
import { offerEvents } from '../shared/events.ts'
import { askLane, type LaneNamespace } from '../shared/lanes.ts'

/** Calls of lanes under way at once: a Worker may wait for six. */
const AT_ONCE = 6
/** Longest wait for one lane, in milliseconds: a lane that hangs must not keep its place from the others. */
const LANE_WAIT = 20_000
/** Codes and sessions that ended so long ago, and answers to pushes so old, are forgotten. */
const FORGET = 30 * 86_400_000
const FORGET_UNCHANGED = 7 * 86_400_000
const FORGET_RUNS = 90 * 86_400_000
/** Characters of a ULID that are its time */
const ID_TIME = 10

export interface TickDeps {
  readonly database: Database
  readonly lanes: LaneNamespace
  readonly events: Parameters<typeof offerEvents>[1]
  readonly now: number
  readonly laneWait?: number
}

interface Due {
  readonly lane: string
  readonly link: string
  readonly scope: string
}

/**
 * The cron: asks the lanes of all due links to check, wakes lanes with unfinished runs, offers events that wait. It only
 * fans out; two that overlap do no harm, because a lane joins equal requests and skips what is not due.
 */
export async function tick(deps: TickDeps): Promise<{ asked: number; woken: number; failed: number }> {
  const wakes = await unfinishedLanes(deps.database, deps.now)
  const due = await dueLinks(deps.database, deps.now)
  const lanes = [...new Set([...wakes, ...due.map(({ lane }) => lane)])]
  const failed = await runAll(lanes, (lane) =>
    within(deps.laneWait ?? LANE_WAIT, visit(deps.lanes, lane, wakes.has(lane), due)),
  )
  await offerEvents(deps.database, deps.events, deps.now)
  await forget(deps.database, deps.now)
  return { asked: due.length, woken: wakes.size, failed }
}

/** A lane's part of a tick. Its links are asked in the order of their declaration: what one reads, the next one merges. */
async function visit(
  lanes: LaneNamespace,
  lane: string,
  isUnfinished: boolean,
  due: readonly Due[],
): Promise<void> {
  if (isUnfinished) await askLane(lanes, lane, (stub) => stub.poke(lane))
  for (const { link, scope } of due.filter((each) => each.lane === lane))
    await askLane(lanes, lane, (stub) =>
      stub.request(lane, { link, scope, parts: null, trigger: 'cron', full: false, actor: 'cron' }),
    )
}

/** Lanes with runs that nobody moves: not begun yet, or not moved within their lease. */
async function unfinishedLanes(database: Database, now: number): Promise<Set<string>> {
  const sql =
    'SELECT DISTINCT lane FROM runs WHERE finished_at IS NULL AND (lease_until IS NULL OR lease_until <= ?1)'
  return new Set((await query<{ lane: string }>(database, sql, now)).map(({ lane }) => lane))
}

/** Links whose time has come, and those of scopes that never ran. */
async function dueLinks(database: Database, now: number): Promise<Due[]> {
  const links = systems.flatMap((system) => system.links)
  const [states, ...lists] = await database.batch([
    statement('SELECT link, scope FROM link_state WHERE next_due_at > ?1', now),
    ...links.map((link) => link.scopes.list),
  ])
  const resting = new Set(states?.rows.map(({ link, scope }) => `${link}|${scope}`))
  return links.flatMap((link, i) =>
    (lists[i]?.rows ?? [])
      .map(({ scope }) => String(scope))
      .filter((scope) => !resting.has(`${link.name}|${scope}`))
      .map((scope) => ({ link: link.name, scope, lane: link.lane(scope) })),
  )
}

const forget = (database: Database, now: number) =>
  database.batch([
    statement(
      `DELETE FROM tokens WHERE kind IN ('code', 'session') AND coalesce(revoked_at, expires_at) < ?1`,
      now - FORGET,
    ),
    statement('DELETE FROM pushes WHERE at < ?1', now - FORGET),
    // Ids sort by time: a range of the key, a thousand a tick. A run that found nothing is soon of no interest.
    statement(
      `DELETE FROM runs WHERE id IN (SELECT id FROM runs WHERE id < ?1 AND finished_at IS NOT NULL
        AND (status = 'unchanged' OR id < ?2) LIMIT 1000)`,
      encodeTime(now - FORGET_UNCHANGED, ID_TIME),
      encodeTime(now - FORGET_RUNS, ID_TIME),
    ),
    statement(
      `DELETE FROM link_writes WHERE run_id IN (SELECT run_id FROM link_writes WHERE run_id < ?1 LIMIT 1000)`,
      encodeTime(now - FORGET_RUNS, ID_TIME),
    ),
    statement(
      `DELETE FROM deliveries WHERE id IN (SELECT id FROM deliveries
        WHERE status != 'pending' AND created_at < ?1 LIMIT 1000)`,
      now - FORGET_RUNS,
    ),
  ])

/** Visits lanes a few at a time. One that fails is counted and stops nobody. */
async function runAll(lanes: readonly string[], job: (lane: string) => Promise<void>): Promise<number> {
  const queue = [...lanes]
  let failed = 0
  const worker = async () => {
    for (let lane = queue.shift(); lane !== undefined; lane = queue.shift())
      try {
        await job(lane)
      } catch (error) {
        failed++
        console.error(JSON.stringify({ event: 'cron.lane_failed', lane, error: String(error) }))
      }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return failed
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms / 1_000} s`)), ms)
  })
  try {
    await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
