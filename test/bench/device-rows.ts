/** Columns of a listing as a laptop's catalogue monitor keeps it, the key first. */
export const COLUMNS = [
  'id',
  'product_url',
  'title',
  'retailer',
  'price',
  'currency',
  'image_url',
  'lifecycle_stage',
  'assessed_at',
  'modesty_status',
  'shopify_status',
  'first_seen_at',
] as const

type Cell = string | number | null

/** The nth listing: some 400 bytes of JSON, as shops have them. */
export function listingRow(n: number): Cell[] {
  const url = `https://www.shop-${n % 7}.example/women/dresses/${WORDS[n % 9]}-${WORDS[(n * 7) % 9]}-dress-${10_000_000 + n * 7919}`
  return [
    url.replace('www.', ''),
    url,
    `${WORDS[n % 9]} ${WORDS[(n * 5) % 9]} dress with long sleeves, no. ${n}`,
    `Shop ${n % 7}`,
    1_000 + ((n * 37) % 20_000),
    'EUR',
    `https://images.shop-${n % 7}.example/${(n * 2_654_435_761) % 4_294_967_296}/front.jpg`,
    'pending_assessment',
    null,
    null,
    'draft',
    new Date(Date.UTC(2026, 8, 1) + n * 61_000).toISOString(),
  ]
}

const WORDS = ['navy', 'linen', 'pleated', 'midi', 'floral', 'wrap', 'cotton', 'long', 'black'] as const
