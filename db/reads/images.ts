import { type Database, query, type Row } from '../database.ts'

/** Pictures of one status or all, by product, after the one that the last page ended at. */
export const readImages = (
  database: Database,
  status: string | null,
  after: string | null,
  limit: number,
): Promise<Row[]> =>
  query<Row>(
    database,
    `SELECT * FROM product_images WHERE (?1 IS NULL OR status = ?1) AND product_id > coalesce(?2, '')
      ORDER BY product_id LIMIT ?3`,
    status,
    after,
    limit,
  )

/** Where the picture of a live product lies in R2, and its media type; none where there is no picture yet. */
export async function readStoredImage(
  database: Database,
  product: string,
): Promise<{ object: string; type: string } | undefined> {
  const [row] = await query<{ object: string; type: string }>(
    database,
    `SELECT i.object, i.type FROM product_images i JOIN products p ON p.id = i.product_id AND p.deleted_at IS NULL
      WHERE i.product_id = ?1 AND i.object IS NOT NULL AND i.type IS NOT NULL`,
    product,
  )
  return row
}
