import { type Database, query, statement } from '../../db/database.ts'

/** A delivery is offered again after this, unless it was settled meanwhile: longer than the queue's own retries last. */
const OFFER_AGAIN = 60 * 60_000

/** Messages that one call of the queue takes. https://developers.cloudflare.com/queues/platform/limits/ */
const BATCH = 100
/** Batches of one tick: a backlog of more is a receiver that was down for days, and may wait for the next tick. */
const BATCHES = 20

/** Offers pending deliveries to the queue. Never fails: what could not be offered, the next tick offers. */
export async function offerEvents(
  database: Database,
  events: Pick<Queue<{ deliveryId: string }>, 'sendBatch'>,
  now: number,
): Promise<void> {
  try {
    for (let i = 0; i < BATCHES; i++) if ((await offerBatch(database, events, now)) < BATCH) return
  } catch (error) {
    console.error(JSON.stringify({ event: 'events.not_offered', error: String(error) }))
  }
}

/** Marked after they were offered: a crash between the two offers them twice, and the receiver tells repeats apart. */
async function offerBatch(
  database: Database,
  events: Pick<Queue<{ deliveryId: string }>, 'sendBatch'>,
  now: number,
): Promise<number> {
  const rows = await query<{ id: string }>(
    database,
    `SELECT id FROM deliveries WHERE status = 'pending' AND next_at <= ?1 ORDER BY next_at LIMIT ?2`,
    now,
    BATCH,
  )
  if (rows.length === 0) return 0
  await events.sendBatch(rows.map(({ id }) => ({ body: { deliveryId: id } })))
  await markOffered(
    database,
    rows.map(({ id }) => id),
    now,
  )
  return rows.length
}

/** These deliveries are with the queue now, which tries by itself for a while. */
export async function markOffered(database: Database, ids: readonly string[], now: number): Promise<void> {
  await database.batch([
    statement(
      `UPDATE deliveries SET next_at = ?1 WHERE status = 'pending' AND id IN (SELECT value FROM json_each(?2))`,
      now + OFFER_AGAIN,
      JSON.stringify(ids),
    ),
  ])
}
