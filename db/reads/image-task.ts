import { type Database, statement } from '../database.ts'

/** What there is to do about a product's picture. */
export interface ImageTask {
  readonly path: string
  readonly status: string
  readonly attempts: number
  readonly next_at: number
  /** 0: the product was deleted, or has no picture any more */
  readonly wanted: number
  /** With whose login it is fetched; null: no user of the ERP is active */
  readonly login: ImageLogin | null
}

export interface ImageLogin {
  readonly user: string
  readonly login: string
  /** The sealed password */
  readonly sealed: string
  readonly dialect: 'json' | 'html'
  /** Calls that the ERP takes at once */
  readonly most: number
}

/** null: the product has no picture here. The login is the one that reads the catalogue: the operator's choice, or the first. */
export async function readImageTask(database: Database, product: string): Promise<ImageTask | null> {
  const [images, logins] = await database.batch([
    statement(
      `SELECT i.path, i.status, i.attempts, i.next_at,
          coalesce(p.image, '') != '' AND p.deleted_at IS NULL AS wanted
        FROM product_images i LEFT JOIN products p ON p.id = i.product_id WHERE i.product_id = ?1`,
      product,
    ),
    statement(
      `SELECT u.id AS user, u.login, u.password AS sealed, coalesce(c.value ->> 'dialect', 'json') AS dialect,
          coalesce(c.value ->> 'concurrency', 1) AS most
        FROM erp_users u LEFT JOIN config c ON c.key = 'erp.connection' WHERE u.active = 1
        ORDER BY u.id IS NOT c.value ->> 'catalogue_user', u.id LIMIT 1`,
    ),
  ])
  const [image] = images?.rows ?? []
  const [login = null] = logins?.rows ?? []
  if (!image) return null
  return { ...(image as unknown as Omit<ImageTask, 'login'>), login: login as unknown as ImageLogin | null }
}
