import { type Database, query, statement } from '../../db/database.ts'

/** A delivery is offered to the queue again after this, unless it was settled meanwhile. */
const OFFER_AGAIN = 60 * 60_000

/** Offers pending deliveries to the queue, a hundred at most. Never fails: what could not be offered, the next tick offers. */
export async function offerEvents(
  database: Database,
  events: Pick<Queue<{ deliveryId: string }>, 'sendBatch'>,
  now: number,
): Promise<void> {
  try {
    const rows = await query<{ id: string }>(
      database,
      `SELECT id FROM deliveries WHERE status = 'pending' AND next_at <= ?1 ORDER BY next_at LIMIT 100`,
      now,
    )
    if (rows.length === 0) return
    await events.sendBatch(rows.map(({ id }) => ({ body: { deliveryId: id } })))
    await database.batch([
      statement(
        `UPDATE deliveries SET next_at = ?1 WHERE status = 'pending' AND id IN (SELECT value FROM json_each(?2))`,
        now + OFFER_AGAIN,
        JSON.stringify(rows.map(({ id }) => id)),
      ),
    ])
  } catch (error) {
    console.error(JSON.stringify({ event: 'events.not_offered', error: String(error) }))
  }
}
