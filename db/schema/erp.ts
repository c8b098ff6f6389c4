import { sql } from 'drizzle-orm'
import { index, integer, sqliteTable, sqliteView, text } from 'drizzle-orm/sqlite-core'
import { syncColumns } from './engine.ts'

/** Who signs in to the ERP for whom. The password is sealed (workers/shared/seal.ts). */
export const erpUsers = sqliteTable('erp_users', {
  /** The user's id here, as tokens name it */
  id: text().primaryKey(),
  name: text().notNull(),
  login: text().notNull(),
  password: text().notNull(),
  /** 0: nothing is synced for this user; what was synced stays */
  active: integer().notNull().default(1),
  updated_at: integer().notNull(),
})

/** A user's customers. */
export const customers = sqliteTable(
  'customers',
  {
    /** user:erp_id */
    id: text().primaryKey(),
    user_id: text().notNull(),
    erp_id: text().notNull(),
    name: text().notNull(),
    vat_number: text(),
    fiscal_code: text(),
    address: text(),
    zip: text(),
    city: text(),
    province: text(),
    phone: text(),
    mobile: text(),
    email: text(),
    pec: text(),
    sdi: text(),
    /** YYYY-MM-DD */
    last_order_on: text(),
    ...syncColumns,
  },
  (t) => [index('customers_user').on(t.user_id, t.name)],
)

/** The catalogue, one for all. Its price columns come by a link of their own. */
export const products = sqliteTable(
  'products',
  {
    id: text().primaryKey(),
    code: text(),
    name: text().notNull(),
    /** The name without case, accents, spaces and punctuation, made in code: prices may be known by name only */
    name_key: text().notNull(),
    description: text(),
    product_group: text(),
    package_size: integer(),
    /** Percent */
    vat: integer(),
    /** Path of the picture in the ERP */
    image: text(),
    erp_modified_at: integer(),
    /** Cents */
    price: integer(),
    /** Hundredths of a percent */
    discount: integer(),
    currency: text(),
    ...syncColumns,
  },
  (t) => [index('products_name_key').on(t.name_key)],
)

/** A user's orders, with their lines and delivery documents. */
export const orders = sqliteTable(
  'orders',
  {
    /** user:erp_id */
    id: text().primaryKey(),
    user_id: text().notNull(),
    erp_id: text().notNull(),
    number: text(),
    customer_id: text(),
    customer_name: text(),
    /** YYYY-MM-DD */
    ordered_on: text(),
    delivery_on: text(),
    status: text(),
    /** Cents */
    total: integer(),
    /** The idempotency key of an order that was made from here */
    external_ref: text(),
    note: text(),
    /** JSON: [{ line, product_id, name, quantity, price, discount, amount }], money in cents */
    lines: text(),
    /** JSON: [{ number, on, carrier, tracking, status }] */
    ddt: text(),
    erp_modified_at: integer(),
    ...syncColumns,
  },
  (t) => [index('orders_user').on(t.user_id, t.ordered_on)],
)

/** A line an order line: a view, so that an order and its lines can't disagree and cost no second write. */
export const orderLines = sqliteView('order_lines', {
  order_id: text(),
  user_id: text(),
  line: integer(),
  product_id: text(),
  name: text(),
  quantity: integer(),
  price: integer(),
  discount: integer(),
  amount: integer(),
}).as(
  sql`SELECT o.id AS order_id, o.user_id, l.value ->> 'line' AS line, l.value ->> 'product_id' AS product_id,
    l.value ->> 'name' AS name, l.value ->> 'quantity' AS quantity, l.value ->> 'price' AS price,
    l.value ->> 'discount' AS discount, l.value ->> 'amount' AS amount
    FROM orders o, json_each(o.lines) l WHERE o.deleted_at IS NULL`,
)

/** A line a delivery document. */
export const ddt = sqliteView('ddt', {
  order_id: text(),
  user_id: text(),
  number: text(),
  on: text(),
  carrier: text(),
  tracking: text(),
  status: text(),
}).as(
  sql`SELECT o.id AS order_id, o.user_id, d.value ->> 'number' AS number, d.value ->> 'on' AS "on",
    d.value ->> 'carrier' AS carrier, d.value ->> 'tracking' AS tracking, d.value ->> 'status' AS status
    FROM orders o, json_each(o.ddt) d WHERE o.deleted_at IS NULL`,
)

/** Every price that changed, from what to what: it is what the history says (DESIGN §9). */
export const priceChanges = sqliteView('price_changes', {
  product_id: text(),
  old: integer(),
  new: integer(),
  at: integer(),
  run_id: text(),
  version: integer(),
  n: integer(),
}).as(
  sql`SELECT key AS product_id, before ->> '$.price' AS old, after ->> '$.price' AS new, at, run_id, version, n
    FROM history WHERE lane = 'products' AND tbl = 'products' AND op IN ('insert', 'update')
      AND json_type(after, '$.price') IS NOT NULL AND before ->> '$.price' IS NOT after ->> '$.price'`,
)

/** Prices that match no product, or several: they wait, and are tried again after each run of the products. */
export const unmatchedPrices = sqliteView('unmatched_prices', {
  name: text(),
  product_id: text(),
  price: integer(),
  kind: text(),
  reason: text(),
  since: integer(),
}).as(
  sql`SELECT row ->> '$.name' AS name, row ->> '$.id' AS product_id, row ->> '$.price' AS price, kind, reason, since
    FROM link_deferred WHERE link = 'prices.erp'`,
)

/** A product's picture on its way from the ERP into R2: one row a product that has one. */
export const productImages = sqliteTable(
  'product_images',
  {
    product_id: text().primaryKey(),
    /** Path in the ERP */
    path: text().notNull(),
    /** pending, stored, dead (given up: a person looks, and may try again) */
    status: text().notNull(),
    attempts: integer().notNull().default(0),
    last_error: text(),
    /** Key in R2, media type and bytes, once stored */
    object: text(),
    type: text(),
    bytes: integer(),
    created_at: integer().notNull(),
    /** Not offered to the queue again before this time */
    next_at: integer().notNull(),
    stored_at: integer(),
  },
  (t) => [index('product_images_pending').on(t.next_at).where(sql`status = 'pending'`)],
)
