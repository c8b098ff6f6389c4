import { d1Database } from '../../db/d1.ts'
import type { Database } from '../../db/database.ts'
import { wrongBinding } from '../shared/bindings.ts'
import type { LaneNamespace } from '../shared/lanes.ts'
import { tick } from './tick.ts'

/** What this Worker is given. Tests hand in another `Database`. */
export interface DeltaCheckEnv {
  readonly DB: D1Database
  readonly LANE: LaneNamespace
  readonly EVENTS: Pick<Queue<{ deliveryId: string }>, 'sendBatch'>
  readonly database?: Database
}

export default {
  fetch: () => new Response('Not found', { status: 404 }),
  async scheduled(_controller: unknown, env: DeltaCheckEnv): Promise<void> {
    const wrong = wrongBinding(env, { DB: 'D1', LANE: 'Durable Objects', EVENTS: 'queue' })
    if (wrong !== null) throw new Error(wrong)
    const database = env.database ?? d1Database(env.DB)
    const done = await tick({ database, lanes: env.LANE, events: env.EVENTS, now: Date.now() })
    console.log(JSON.stringify({ event: 'cron.ended', ...done }))
  },
}
