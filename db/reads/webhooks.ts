import { type Database, query, type Row } from '../database.ts'

/** Webhooks in the order in which they were made, after the id that the last page ended at. */
export const readWebhooks = (database: Database, after: string | null, limit: number): Promise<Row[]> =>
  query<Row>(
    database,
    `SELECT * FROM webhooks WHERE id > coalesce(?1, '') ORDER BY id LIMIT ?2`,
    after,
    limit,
  )

/** Deliveries newest first, of one status or all. `before`: the id that the last page ended at. */
export const readDeliveries = (
  database: Database,
  status: string | null,
  before: string | null,
  limit: number,
): Promise<Row[]> =>
  query<Row>(
    database,
    `SELECT * FROM deliveries WHERE (?1 IS NULL OR status = ?1)
      AND (?2 IS NULL OR (created_at, id) < (SELECT created_at, id FROM deliveries WHERE id = ?2))
      ORDER BY created_at DESC, id DESC LIMIT ?3`,
    status,
    before,
    limit,
  )

/** What is needed to send a delivery that waits; its webhook's columns are null where that was removed. */
export async function readPendingDelivery(database: Database, id: string): Promise<Row | undefined> {
  const [row] = await query<Row>(
    database,
    `SELECT d.body, w.id AS webhook, w.url, w.active FROM deliveries d
      LEFT JOIN webhooks w ON w.id = d.webhook_id WHERE d.id = ?1 AND d.status = 'pending'`,
    id,
  )
  return row
}
