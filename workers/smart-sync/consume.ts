import { wrongBinding } from '../shared/bindings.ts'
import { bury, deliver } from './deliver.ts'
import { BINDINGS, database, type Offer, type SmartSyncEnv } from './env.ts'

/**
 * Messages of the events queue are sent; those of its dead-letter queue go to the dead-letter list. Each is settled by
 * itself: one that fails is tried again, and the others stay done.
 */
export async function consume(batch: MessageBatch<Offer>, env: SmartSyncEnv): Promise<void> {
  const wrong = wrongBinding(env, BINDINGS)
  if (wrong !== null) throw new Error(wrong)
  const deps = {
    database: database(env),
    masterKey: env.WEBHOOK_KEY,
    allowPrivate: env.ALLOW_PRIVATE_WEBHOOKS === '1',
    fetch: (request: Request) => fetch(request),
    now: () => Date.now(),
  }
  const isDead = batch.queue.includes('-dead')
  await Promise.all(
    batch.messages.map(async (message) => {
      const { deliveryId } = message.body
      try {
        const again = isDead ? await bury(deps.database, deliveryId) : await deliver(deps, deliveryId)
        if (again === 'again') message.retry({ delaySeconds: retryIn(message.attempts) })
        else message.ack()
      } catch (error) {
        console.error(JSON.stringify({ event: 'delivery.error', delivery: deliveryId, error: String(error) }))
        message.retry({ delaySeconds: retryIn(message.attempts) })
      }
    }),
  )
}

/** Seconds until the next try: 5 s, doubled each time, at most an hour. */
const retryIn = (attempts: number): number => Math.min(3_600, 5 * 2 ** (attempts - 1))
