import type { Row } from '../../db/database.ts'
import type {
  Customer,
  Order,
  PriceChange,
  Product,
  ProductImage,
  UnmatchedPrice,
} from '../../sync/protocol/erp-rows.ts'
import { iso } from './views.ts'

type Text = string | null
const text = (value: unknown): Text => (value == null ? null : String(value))
const number = (value: unknown): number | null => (value == null ? null : Number(value))

/** A customer as it travels. */
export const customerView = (row: Row): Customer => ({
  id: String(row.id),
  erp_id: String(row.erp_id),
  user_id: String(row.user_id),
  name: String(row.name),
  vat_number: text(row.vat_number),
  fiscal_code: text(row.fiscal_code),
  address: text(row.address),
  zip: text(row.zip),
  city: text(row.city),
  province: text(row.province),
  phone: text(row.phone),
  mobile: text(row.mobile),
  email: text(row.email),
  pec: text(row.pec),
  sdi: text(row.sdi),
  last_order_on: text(row.last_order_on),
  updated_at: iso(row.updated_at),
  version: Number(row.version),
})

/** A product as it travels. */
export const productView = (row: Row): Product => ({
  id: String(row.id),
  code: text(row.code),
  name: String(row.name),
  description: text(row.description),
  product_group: text(row.product_group),
  package_size: number(row.package_size),
  vat: number(row.vat),
  price: number(row.price),
  discount: number(row.discount),
  currency: text(row.currency),
  image: row.pictured === 1 ? `/api/products/${encodeURIComponent(String(row.id))}/image` : null,
  updated_at: iso(row.updated_at),
  version: Number(row.version),
})

/** An order as it travels. */
export const orderView = (row: Row): Order => ({
  id: String(row.id),
  erp_id: String(row.erp_id),
  user_id: String(row.user_id),
  number: text(row.number),
  customer_id: text(row.customer_id),
  customer_name: text(row.customer_name),
  ordered_on: text(row.ordered_on),
  delivery_on: text(row.delivery_on),
  status: text(row.status),
  total: number(row.total),
  external_ref: text(row.external_ref),
  note: text(row.note),
  lines: list(row.lines).map((line, i) => ({
    line: number(line.line) ?? i + 1,
    product_id: text(line.product_id),
    name: text(line.name),
    quantity: number(line.quantity),
    price: number(line.price),
    discount: number(line.discount),
    amount: number(line.amount),
  })),
  ddt: list(row.ddt).map((document) => ({
    number: text(document.number),
    on: text(document.on),
    carrier: text(document.carrier),
    tracking: text(document.tracking),
    status: text(document.status),
  })),
  updated_at: iso(row.updated_at),
  version: Number(row.version),
})

const list = (json: unknown): readonly Record<string, unknown>[] =>
  json == null ? [] : (JSON.parse(String(json)) as Record<string, unknown>[])

/** A changed price as it travels. */
export const priceChangeView = (row: Row): PriceChange => ({
  product_id: String(row.product_id),
  name: text(row.name),
  old: number(row.old),
  new: number(row.new),
  at: iso(row.at),
  run_id: text(row.run_id),
  id: `${row.version}.${row.n}`,
})

/** A price that waits, as it travels. */
export const unmatchedView = (row: Row): UnmatchedPrice => ({
  name: text(row.name),
  product_id: text(row.product_id),
  price: number(row.price),
  kind: String(row.kind),
  reason: String(row.reason),
  since: iso(row.since),
})

/** A picture on its way, as it travels. */
export const imageView = (row: Row): ProductImage => ({
  product_id: String(row.product_id),
  path: String(row.path),
  status: row.status as ProductImage['status'],
  attempts: Number(row.attempts),
  last_error: text(row.last_error),
  type: text(row.type),
  bytes: number(row.bytes),
  stored_at: row.stored_at == null ? null : iso(row.stored_at),
})
