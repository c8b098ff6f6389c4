import type { Database } from '../../db/database.ts'
import { offerEvents } from '../shared/events.ts'
import { offerImages } from '../shared/images.ts'
import { dueVisits } from './due.ts'
import { type FanOut, INTERVAL, send, visitAndRepeat } from './fan-out.ts'
import { forget } from './forget.ts'
import { LANES } from './visit.ts'

export interface TickDeps extends FanOut {
  readonly database: Database
  readonly events: Parameters<typeof offerEvents>[1]
  readonly images: Parameters<typeof offerImages>[1]
  /** The time that this tick stands for: the same however late it begins */
  readonly at: number
}

/** `asked`: links that were due. The others are lanes: woken, handed to the queue, and failed or refused by the queue. */
export interface Ticked {
  readonly asked: number
  readonly woken: number
  readonly sent: number
  readonly failed: number
}

/**
 * The cron: asks the lanes of all due links to check, wakes lanes with unfinished runs, offers events that wait. It only
 * fans out: the lanes that wait longest it asks itself, those that one invocation can't reach go to the queue, before
 * that, so that no lane here holds them up. Two ticks that overlap do no harm, because a lane joins equal requests and
 * skips what is not due.
 */
export async function tick(deps: TickDeps): Promise<Ticked> {
  const { database, at } = deps
  const now = deps.now()
  const visits = await dueVisits(database, now)
  const { sent, refused } = await send(deps.due, at, visits.slice(LANES))
  const failed = await visitAndRepeat(deps, { at, failures: 0, visits: visits.slice(0, LANES) })
  await offerEvents(database, deps.events, now)
  await offerImages(database, deps.images, now)
  if (at % HOUR < INTERVAL) await forget(database, now)
  return {
    asked: visits.reduce((n, { due }) => n + due.length, 0),
    woken: visits.filter(({ wake }) => wake).length,
    sent,
    failed: failed + refused,
  }
}

const HOUR = 3_600_000
