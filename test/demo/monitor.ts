import { DatabaseSync } from 'node:sqlite'
import { productAt } from './catalogue.ts'

// The demo's catalogue monitor, a program of its own that knows nothing of Tidemark: it writes what it finds into its SQLite
// file with ordinary SQL. monitor.ts FILE SHOP: twenty products at first, then one now and then.

const AT_FIRST = 20
const EVERY_MS = 90_000

const [file = '', shop = ''] = process.argv.slice(2)
const db = new DatabaseSync(file, { timeout: 10_000 })
db.exec(`CREATE TABLE IF NOT EXISTS products (
  url TEXT PRIMARY KEY,
  title TEXT,
  retailer TEXT,
  price REAL,
  currency TEXT DEFAULT 'GBP',
  image_url TEXT,
  lifecycle_stage TEXT DEFAULT 'pending_assessment',
  assessed_at TEXT,
  modesty_status TEXT,
  shopify_status TEXT DEFAULT 'draft',
  first_seen TEXT,
  last_updated TEXT,
  catalogue_number INTEGER
)`)

const count = () => Number(db.prepare('SELECT count(*) AS n FROM products').get()?.n)
/** A number that nobody has: a person may have removed some. */
const next = () =>
  Number(db.prepare('SELECT coalesce(max(catalogue_number), -1) + 1 AS n FROM products').get()?.n)

function find(): void {
  const n = next()
  const product = productAt(n)
  if (!product) return
  const now = new Date().toISOString().slice(0, 19).replace('T', ' ')
  db.prepare(
    `INSERT INTO products (url, title, retailer, price, image_url, first_seen, last_updated, catalogue_number)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7) ON CONFLICT (url) DO NOTHING`,
  ).run(`${shop}/${n}`, product.title, product.retailer, product.price, `${shop}/${n}.svg`, now, n)
  console.log(`found ${product.title}`)
}

// Pictures lie where the shop is now; after a start on another port that is elsewhere.
db.prepare(
  `UPDATE products SET image_url = ?1 || '/' || catalogue_number || '.svg'
    WHERE catalogue_number IS NOT NULL AND image_url IS NOT ?1 || '/' || catalogue_number || '.svg'`,
).run(shop)
for (let n = count(); n < AT_FIRST; n++) find()
console.log('ready')
setInterval(find, EVERY_MS)
