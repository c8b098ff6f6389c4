/** What the stand-in shops sell; prices as people write them. */
export type Product = { title: string; retailer: string; price: number }

const LOOKS = [
  'Linen',
  'Pleated',
  'Silk',
  'Embroidered',
  'Cotton',
  'Velvet',
  'Ribbed',
  'Tiered',
  'Satin',
  'Quilted',
  'Denim',
]
const CUTS = [
  'midi dress',
  'wrap dress',
  'slip dress',
  'kaftan',
  'shirt dress',
  'evening gown',
  'maxi skirt',
  'tunic',
  'pinafore',
]
const SHOPS = ['Anthropologie', 'Sézane', 'Toast', 'Arket', 'COS']

/** The nth product. No two are alike, because 11 looks and 9 cuts have no factor in common; the last one is the 99th. */
export const productAt = (n: number): Product | undefined =>
  n >= 0 && n < LOOKS.length * CUTS.length
    ? {
        title: `${LOOKS[n % LOOKS.length]} ${CUTS[n % CUTS.length]}`,
        retailer: SHOPS[n % SHOPS.length] ?? '',
        price: 39 + ((n * 37) % 200) + 0.5 * (n % 2),
      }
    : undefined
