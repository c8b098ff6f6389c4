import { type Database, query, statement } from '../../db/database.ts'

/** Work that waits in a table until a queue has it: rows that are pending, and may be offered from `next_at` on. */
export interface Waiting {
  readonly table: 'deliveries' | 'product_images'
  /** Its primary key, and the field of the message that names it */
  readonly key: 'id' | 'product_id'
  readonly field: 'deliveryId' | 'productId'
}

/** Work is offered again after this, unless it was settled meanwhile: a message that the queue lost costs an hour. */
export const OFFER_AGAIN = 60 * 60_000

/** Messages that one call of the queue takes. https://developers.cloudflare.com/queues/platform/limits/ */
const BATCH = 100
/** Batches of one call: a backlog of more is a receiver that was down for days, and may wait for the next one. */
const BATCHES = 20

/** Offers what waits to the queue. Never fails: what could not be offered, the next call offers. */
export async function offer<F extends Waiting['field']>(
  database: Database,
  queue: Pick<Queue<Record<F, string>>, 'sendBatch'>,
  waiting: Waiting & { readonly field: F },
  now: number,
): Promise<void> {
  try {
    for (let i = 0; i < BATCHES; i++) if ((await offerBatch(database, queue, waiting, now)) < BATCH) return
  } catch (error) {
    console.error(JSON.stringify({ event: 'queue.not_offered', table: waiting.table, error: String(error) }))
  }
}

/** These are with the queue now, which tries by itself for a while. */
export async function markOffered(
  database: Database,
  { table, key }: Waiting,
  ids: readonly string[],
  now: number,
): Promise<void> {
  await database.batch([
    statement(
      `UPDATE ${table} SET next_at = ?1
        WHERE status = 'pending' AND next_at <= ?2 AND ${key} IN (SELECT value FROM json_each(?3))`,
      now + OFFER_AGAIN,
      now,
      JSON.stringify(ids),
    ),
  ])
}

/** Marked after they were offered: a crash between the two offers them twice, and both consumers bear repeats. */
async function offerBatch<F extends Waiting['field']>(
  database: Database,
  queue: Pick<Queue<Record<F, string>>, 'sendBatch'>,
  waiting: Waiting & { readonly field: F },
  now: number,
): Promise<number> {
  const { table, key, field } = waiting
  const rows = await query<{ id: string }>(
    database,
    `SELECT ${key} AS id FROM ${table} WHERE status = 'pending' AND next_at <= ?1 ORDER BY next_at LIMIT ?2`,
    now,
    BATCH,
  )
  if (rows.length === 0) return 0
  const ids = rows.map(({ id }) => id)
  await queue.sendBatch(ids.map((id) => ({ body: { [field]: id } as Record<F, string> })))
  await markOffered(database, waiting, ids, now)
  return rows.length
}
