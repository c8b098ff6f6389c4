import { d1Database } from '../../db/d1.ts'
import { type Database, query } from '../../db/database.ts'
import { systems } from '../../sync/systems/index.ts'
import { wrongBinding } from '../shared/bindings.ts'
import { offerEvents } from '../shared/events.ts'
import { askLane, type LaneNamespace } from '../shared/lanes.ts'

/** What this Worker is given. Tests hand in another `Database`. */
export interface DeltaCheckEnv {
  readonly DB: D1Database
  readonly LANE: LaneNamespace
  readonly EVENTS: Pick<Queue<{ deliveryId: string }>, 'sendBatch'>
  readonly database?: Database
}

/** Calls of lanes under way at once: a Worker may wait for six. */
const AT_ONCE = 6
/** Codes and sessions that ended so long ago are forgotten. */
const FORGET = 30 * 86_400_000

/**
 * The cron: asks the lanes of all due links to check, wakes lanes with unfinished runs, offers events that wait. It only
 * fans out; two that overlap do no harm, because a lane joins equal requests and skips what is not due.
 */
export async function tick(env: DeltaCheckEnv, now: number): Promise<{ asked: number; failed: number }> {
  const database = env.database ?? d1Database(env.DB)
  const wakes = await unfinishedLanes(database)
  const requests = await dueLinks(database, now)
  const lanes = new Set([...wakes, ...requests.map(({ lane }) => lane)])
  const failed = await runAll([...lanes].map((lane) => () => visit(env, lane, wakes, requests)))
  await offerEvents(database, env.EVENTS, now)
  await database.batch([
    {
      sql: `DELETE FROM tokens WHERE kind IN ('code', 'session') AND coalesce(revoked_at, expires_at) < ?1`,
      params: [now - FORGET],
    },
    { sql: 'DELETE FROM pushes WHERE at < ?1', params: [now - FORGET] },
  ])
  return { asked: requests.length, failed }
}

/** A lane's part of a tick. Its links are asked in the order of their declaration: what one reads, the next one merges. */
async function visit(
  env: DeltaCheckEnv,
  lane: string,
  wakes: readonly string[],
  requests: readonly { lane: string; link: string; scope: string }[],
): Promise<void> {
  if (wakes.includes(lane)) await askLane(env.LANE, lane, (stub) => stub.poke(lane))
  for (const { link, scope } of requests.filter((request) => request.lane === lane))
    await askLane(env.LANE, lane, (stub) =>
      stub.request(lane, { link, scope, parts: null, trigger: 'cron', full: false, actor: 'cron' }),
    )
}

const unfinishedLanes = async (database: Database): Promise<string[]> =>
  (await query<{ lane: string }>(database, 'SELECT DISTINCT lane FROM runs WHERE finished_at IS NULL')).map(
    ({ lane }) => lane,
  )

/** Links whose time has come, and those of scopes that never ran. */
async function dueLinks(database: Database, now: number) {
  const links = systems.flatMap((system) => system.links)
  const results = await database.batch([
    { sql: 'SELECT link, scope FROM link_state WHERE next_due_at > ?1', params: [now] },
    ...links.map((link) => link.scopes.list),
  ])
  const resting = new Set(results[0]?.rows.map(({ link, scope }) => `${link}|${scope}`))
  return links.flatMap((link, i) =>
    (results[i + 1]?.rows ?? [])
      .map(({ scope }) => String(scope))
      .filter((scope) => !resting.has(`${link.name}|${scope}`))
      .map((scope) => ({ link: link.name, scope, lane: link.lane(scope) })),
  )
}

/** Runs jobs a few at a time. One that fails is counted and stops nobody. */
async function runAll(jobs: (() => Promise<unknown>)[]): Promise<number> {
  const queue = [...jobs]
  let failed = 0
  const worker = async () => {
    for (let job = queue.shift(); job; job = queue.shift())
      await job().catch((error) => {
        failed++
        console.error(JSON.stringify({ event: 'cron.lane_failed', error: String(error) }))
      })
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return failed
}

export default {
  fetch: () => new Response('Not found', { status: 404 }),
  async scheduled(_controller, env) {
    const wrong = wrongBinding(env, { DB: 'D1', LANE: 'Durable Objects', EVENTS: 'queue' })
    if (wrong !== null) throw new Error(wrong)
    console.log(JSON.stringify({ event: 'cron.ended', ...(await tick(env, Date.now())) }))
  },
} satisfies ExportedHandler<DeltaCheckEnv>
