import type { Database } from '../../db/database.ts'
import { markOffered as mark, offer } from './offer.ts'

const DELIVERIES = { table: 'deliveries', key: 'id', field: 'deliveryId' } as const

/** Offers pending deliveries to the queue. Never fails: what could not be offered, the next tick offers. */
export const offerEvents = (
  database: Database,
  events: Pick<Queue<{ deliveryId: string }>, 'sendBatch'>,
  now: number,
): Promise<void> => offer(database, events, DELIVERIES, now)

/** These deliveries are with the queue now, which tries by itself for a while. */
export const markOffered = (database: Database, ids: readonly string[], now: number): Promise<void> =>
  mark(database, DELIVERIES, ids, now)
