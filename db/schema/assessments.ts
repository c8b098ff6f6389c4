import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { syncColumns } from './engine.ts'

/** Products that a catalogue monitor found and a person assesses. */
export const listings = sqliteTable(
  'listings',
  {
    /** The product's address without what doesn't belong to it (`listingKey`) */
    id: text().primaryKey(),
    product_url: text().notNull(),
    title: text(),
    retailer: text(),
    /** In the smallest unit of `currency` */
    price: integer(),
    currency: text(),
    image_url: text(),
    /** pending_assessment, assessed_approved, assessed_rejected */
    lifecycle_stage: text().notNull(),
    assessed_at: integer(),
    assessed_by: text(),
    modesty_status: text(),
    /** draft, published */
    shopify_status: text(),
    first_seen_at: integer(),
    last_updated: integer(),
    ...syncColumns,
  },
  (t) => [index('listings_stage').on(t.lifecycle_stage, t.first_seen_at)],
)
