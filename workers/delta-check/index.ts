import { d1Database } from '../../db/d1.ts'
import type { Database } from '../../db/database.ts'
import { wrongBinding } from '../shared/bindings.ts'
import type { ImageMessage } from '../shared/images.ts'
import type { LaneNamespace } from '../shared/lanes.ts'
import { consume, type DueMessage, type DueQueue } from './fan-out.ts'
import { type TickDeps, tick } from './tick.ts'

/** What this Worker is given. Tests hand in another `Database`. */
export interface DeltaCheckEnv {
  readonly DB: D1Database
  readonly LANE: LaneNamespace
  readonly EVENTS: Pick<Queue<{ deliveryId: string }>, 'sendBatch'>
  readonly DUE: DueQueue
  readonly IMAGE_QUEUE: Pick<Queue<ImageMessage>, 'sendBatch'>
  readonly database?: Database
}

export default {
  fetch: () => new Response('Not found', { status: 404 }),
  async scheduled(controller: { readonly scheduledTime: number }, env: DeltaCheckEnv): Promise<void> {
    const done = await tick({ ...open(env), at: controller.scheduledTime })
    console.log(JSON.stringify({ event: 'cron.ended', ...done }))
  },
  async queue(batch: Pick<MessageBatch<DueMessage>, 'messages'>, env: DeltaCheckEnv): Promise<void> {
    await consume(batch, open(env))
  },
}

function open(env: DeltaCheckEnv): Omit<TickDeps, 'at'> {
  const wrong = wrongBinding(env, {
    DB: 'D1',
    LANE: 'Durable Objects',
    EVENTS: 'queue',
    DUE: 'queue',
    IMAGE_QUEUE: 'queue',
  })
  if (wrong !== null) throw new Error(wrong)
  const database = env.database ?? d1Database(env.DB)
  return {
    database,
    lanes: env.LANE,
    events: env.EVENTS,
    due: env.DUE,
    images: env.IMAGE_QUEUE,
    now: () => Date.now(),
  }
}
