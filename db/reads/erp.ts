import { type Database, query, type Row } from '../database.ts'

/** A page of a list: rows after the one that the last page ended at, of those that hold `q`. */
export interface RowsPage {
  readonly q: string | null
  readonly after: string | null
  readonly limit: number
}

/** Text that stands anywhere in a column: `%` and `_` of the caller are letters. `?` names the parameter. */
const holds = (column: string, parameter: string): string => `${column} LIKE ${parameter} ESCAPE '\\'`
export const pattern = (q: string | null): string | null =>
  q === null || q === '' ? null : `%${q.replace(/[\\%_]/g, (letter) => `\\${letter}`)}%`

/** Of one user, or of all: two texts in place of one with OR, which would not use the index of a user. */
const ofUser = (user: string | null, parameter: string): string =>
  user === null ? `${parameter} IS NULL` : `user_id = ${parameter}`

/** Live customers by user, name and id. `user` null: of all. */
export const readCustomers = (
  database: Database,
  user: string | null,
  { q, after, limit }: RowsPage,
): Promise<Row[]> =>
  query<Row>(
    database,
    `SELECT * FROM customers WHERE ${ofUser(user, '?1')} AND deleted_at IS NULL
      AND (?2 IS NULL OR ${['name', 'erp_id', 'vat_number'].map((column) => holds(column, '?2')).join(' OR ')})
      AND (?3 IS NULL OR (user_id, name, id) >
        (SELECT user_id, name, id FROM customers WHERE id = ?3 AND ${ofUser(user, '?1')}))
      ORDER BY user_id, name, id LIMIT ?4`,
    user,
    pattern(q),
    after,
    limit,
  )

/** One live customer, if it is this user's. */
export async function readCustomer(
  database: Database,
  id: string,
  user: string | null,
): Promise<Row | undefined> {
  const sql = 'SELECT * FROM customers WHERE id = ?1 AND deleted_at IS NULL AND (?2 IS NULL OR user_id = ?2)'
  const [row] = await query<Row>(database, sql, id, user)
  return row
}

const product = `p.*, i.object IS NOT NULL AS pictured FROM products p
  LEFT JOIN product_images i ON i.product_id = p.id`

/** Live products by the key of their name. `key`: the caller's `q` as such a key. */
export const readProducts = (
  database: Database,
  { q, after, limit }: RowsPage,
  key: string | null,
): Promise<Row[]> =>
  query<Row>(
    database,
    `SELECT ${product} WHERE p.deleted_at IS NULL
      AND (?1 IS NULL OR ${holds('p.code', '?1')} OR ${holds('p.id', '?1')} OR ${holds('p.name_key', '?2')})
      AND (?3 IS NULL OR (p.name_key, p.id) > (SELECT name_key, id FROM products WHERE id = ?3))
      ORDER BY p.name_key, p.id LIMIT ?4`,
    pattern(q),
    pattern(key),
    after,
    limit,
  )

/** One live product. */
export async function readProduct(database: Database, id: string): Promise<Row | undefined> {
  const sql = `SELECT ${product} WHERE p.id = ?1 AND p.deleted_at IS NULL`
  const [row] = await query<Row>(database, sql, id)
  return row
}

/** Live orders, newest first. `user` null: of all. */
export const readOrders = (
  database: Database,
  user: string | null,
  { q, after, limit }: RowsPage,
): Promise<Row[]> => {
  const place = `coalesce(ordered_on, ''), id`
  const columns = ['number', 'customer_name', 'erp_id', 'external_ref']
  return query<Row>(
    database,
    `SELECT * FROM orders WHERE ${ofUser(user, '?1')} AND deleted_at IS NULL
      AND (?2 IS NULL OR ${columns.map((column) => holds(column, '?2')).join(' OR ')})
      AND (?3 IS NULL OR (${place}) < (SELECT ${place} FROM orders WHERE id = ?3 AND ${ofUser(user, '?1')}))
      ORDER BY coalesce(ordered_on, '') DESC, id DESC LIMIT ?4`,
    user,
    pattern(q),
    after,
    limit,
  )
}

/** One live order, if it is this user's. */
export async function readOrder(
  database: Database,
  id: string,
  user: string | null,
): Promise<Row | undefined> {
  const sql = 'SELECT * FROM orders WHERE id = ?1 AND deleted_at IS NULL AND (?2 IS NULL OR user_id = ?2)'
  const [row] = await query<Row>(database, sql, id, user)
  return row
}
