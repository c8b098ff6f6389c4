import * as z from 'zod'
import { LIMITS, PageQuery, Time } from './common.ts'

// Rows of the ERP's lists as they travel.

const Cents = z.number().int()
const Day = z.iso.date()
const text = z.string().nullable()

/** A customer as it travels. */
export const Customer = z
  .object({
    id: z.string(),
    erp_id: z.string(),
    user_id: z.string(),
    name: z.string(),
    vat_number: text,
    fiscal_code: text,
    address: text,
    zip: text,
    city: text,
    province: text,
    phone: text,
    mobile: text,
    email: text,
    pec: text,
    sdi: text,
    last_order_on: Day.nullable(),
    updated_at: Time,
    version: z.number().int(),
  })
  .meta({ id: 'Customer' })
export type Customer = z.infer<typeof Customer>

/** A product with its price. */
export const Product = z
  .object({
    id: z.string(),
    code: text,
    name: z.string(),
    description: text,
    product_group: text,
    package_size: z.number().int().nullable(),
    vat: z.number().int().nullable(),
    /** Cents; null: no price is known */
    price: Cents.nullable(),
    /** Hundredths of a percent */
    discount: z.number().int().nullable(),
    currency: text,
    /** `/api/products/<id>/image`; null while there is none */
    image: text,
    updated_at: Time,
    version: z.number().int(),
  })
  .meta({ id: 'Product' })
export type Product = z.infer<typeof Product>

const OrderLine = z.object({
  line: z.number().int(),
  product_id: text,
  name: text,
  quantity: z.number().nullable(),
  price: Cents.nullable(),
  discount: z.number().int().nullable(),
  amount: Cents.nullable(),
})

const DeliveryDocument = z.object({
  number: text,
  on: text,
  carrier: text,
  tracking: text,
  status: text,
})

/** An order with its lines and delivery documents. */
export const Order = z
  .object({
    id: z.string(),
    erp_id: z.string(),
    user_id: z.string(),
    number: text,
    customer_id: text,
    customer_name: text,
    ordered_on: Day.nullable(),
    delivery_on: Day.nullable(),
    status: text,
    total: Cents.nullable(),
    external_ref: text,
    note: text,
    lines: z.array(OrderLine),
    ddt: z.array(DeliveryDocument),
    updated_at: Time,
    version: z.number().int(),
  })
  .meta({ id: 'Order' })
export type Order = z.infer<typeof Order>

/** Queries of the lists above: `q` looks in names and codes, `after` is the id that the last page ended at. */
export const RowsQuery = z.object({
  q: z.string().trim().max(100).optional(),
  limit: z.coerce.number().int().min(1).max(LIMITS.page).default(50),
  after: z.string().optional(),
})

export const PriceChange = z
  .object({
    product_id: z.string(),
    name: text,
    old: Cents.nullable(),
    new: Cents.nullable(),
    at: Time,
    run_id: z.string().nullable(),
    /** Position in the history; `before` of the next page */
    id: z.string(),
  })
  .meta({ id: 'PriceChange' })
export type PriceChange = z.infer<typeof PriceChange>

export const UnmatchedPrice = z
  .object({
    name: text,
    product_id: text,
    price: Cents.nullable(),
    kind: z.string(),
    reason: z.string(),
    since: Time,
  })
  .meta({ id: 'UnmatchedPrice' })
export type UnmatchedPrice = z.infer<typeof UnmatchedPrice>

/** A picture on its way from the ERP into R2. */
export const ProductImage = z
  .object({
    product_id: z.string(),
    path: z.string(),
    status: z.enum(['pending', 'stored', 'dead']),
    attempts: z.number().int(),
    last_error: text,
    type: text,
    bytes: z.number().int().nullable(),
    stored_at: Time.nullable(),
  })
  .meta({ id: 'ProductImage' })
export type ProductImage = z.infer<typeof ProductImage>

export const ImagesQuery = PageQuery.extend({ status: z.enum(['pending', 'stored', 'dead']).optional() })
