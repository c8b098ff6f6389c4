import { query, statement } from '../../db/database.ts'
import type { Engine } from '../../sync/engine/ports.ts'

/** A delivery is offered to the queue again after this, unless it was sent meanwhile. */
const OFFER_AGAIN = 10 * 60_000

/** Offers pending deliveries to the queue. Never fails: what could not be offered, the cron offers again. */
export async function offerEvents(engine: Engine, events: Queue<{ deliveryId: string }>): Promise<void> {
  try {
    const now = engine.clock.now()
    const rows = await query<{ id: string }>(
      engine.database,
      `SELECT id FROM deliveries WHERE status = 'pending' AND next_at <= ?1 ORDER BY next_at LIMIT 100`,
      now,
    )
    if (rows.length === 0) return
    await events.sendBatch(rows.map(({ id }) => ({ body: { deliveryId: id } })))
    await engine.database.batch([
      statement(
        `UPDATE deliveries SET next_at = ?1 WHERE status = 'pending' AND id IN (SELECT value FROM json_each(?2))`,
        now + OFFER_AGAIN,
        JSON.stringify(rows.map(({ id }) => id)),
      ),
    ])
  } catch (error) {
    engine.log('events.not_offered', { error: String(error) })
  }
}
