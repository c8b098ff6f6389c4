import { type Database, query, type Row } from '../database.ts'

/** Live listings of a stage (null: of all), the oldest first, after the id that the last page ended at. */
export const readListings = (
  database: Database,
  stage: string | null,
  after: string | null,
  limit: number,
): Promise<Row[]> =>
  query<Row>(
    database,
    `SELECT * FROM listings WHERE deleted_at IS NULL AND (?1 IS NULL OR lifecycle_stage = ?1)
      AND (?2 IS NULL OR (coalesce(first_seen_at, 0), id) >
        (SELECT coalesce(first_seen_at, 0), id FROM listings WHERE id = ?2))
      ORDER BY coalesce(first_seen_at, 0), id LIMIT ?3`,
    stage,
    after,
    limit,
  )

/** One live listing. */
export async function readListing(database: Database, id: string): Promise<Row | undefined> {
  const [row] = await query<Row>(database, 'SELECT * FROM listings WHERE id = ?1 AND deleted_at IS NULL', id)
  return row
}
