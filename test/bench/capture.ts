import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { attach, detach } from '../../cli/laptop/attach.ts'
import { deviceServer } from '../simulation/device-world.ts'

// What attaching a file costs the program that writes it: the same writes into the same file with and without our triggers, in
// turn, so that the machine's moods hit both. `node test/bench/capture.ts`

const ROWS = 100_000
const TURNS = 5

const answer = await deviceServer(Date.now()).ask('ann', 'GET', '/api/tables')
if (!answer) throw new Error('no answer')
const { tables } = (await answer.json()) as { tables: Parameters<typeof attach>[1]['view'][] }
const folder = mkdtempSync(join(tmpdir(), 'tidemark-capture-'))
const db = new DatabaseSync(join(folder, 'products.db'))
db.exec(`CREATE TABLE products (id INTEGER PRIMARY KEY AUTOINCREMENT, url TEXT UNIQUE NOT NULL, title TEXT, retailer TEXT,
  price REAL, currency TEXT, image_url TEXT, lifecycle_stage TEXT DEFAULT 'pending_assessment', assessed_at TEXT,
  modesty_status TEXT, shopify_status TEXT, first_seen TEXT, last_updated TEXT)`)

const insert = db.prepare(
  `INSERT INTO products (url, title, retailer, price, currency, image_url, first_seen) VALUES (?, ?, 'Anthropologie', ?, 'USD', ?, '2026-11-21 10:00:00')`,
)
const update = db.prepare(`UPDATE products SET price = ?, last_updated = '2026-11-21 11:00:00' WHERE url = ?`)
const upsert = db.prepare(
  'INSERT INTO products (url, title) VALUES (?, ?) ON CONFLICT (url) DO UPDATE SET title = excluded.title',
)
const url = (n: number) => `https://shop.example/products/a-long-dress-with-a-name-${n}`
let next = 0
const add = () => insert.run(url(next), `Dress ${next}`, next++, 'https://shop.example/picture.jpg')
const change = (n: number) => update.run(Math.random(), url(n % ROWS))
const say = (n: number) => upsert.run(url((n * 7) % ROWS), `Dress ${Math.random()}`)

const inOne = (work: () => void) => {
  db.exec('BEGIN')
  work()
  db.exec('COMMIT')
}
const times = (n: number, work: (i: number) => void) => {
  for (let i = 0; i < n; i++) work(i + Math.floor(Math.random() * ROWS))
}
const WRITES = {
  '1,000 inserts in one transaction': () => inOne(() => times(1_000, add)),
  '1,000 updates in one transaction': () => inOne(() => times(1_000, change)),
  '1,000 upserts in one transaction': () => inOne(() => times(1_000, say)),
  '100 inserts, a transaction each': () => times(100, add),
  '100 updates, a transaction each': () => times(100, change),
}

const took = (work: () => void) => {
  const begin = performance.now()
  work()
  return performance.now() - begin
}
inOne(() => times(ROWS, add))
const spent = new Map<string, { plain: number[]; attached: number[] }>()
let attaching = 0
for (let turn = 0; turn < TURNS; turn++)
  for (const how of ['plain', 'attached'] as const) {
    if (how === 'attached') {
      const [view] = tables
      if (!view) throw new Error('the server shares no table')
      attaching = Math.max(
        attaching,
        took(() => inOne(() => attach(db, { table: 'products', view, url: 'https://tidemark.example' }))),
      )
    }
    for (const [name, work] of Object.entries(WRITES)) {
      const all = spent.get(name) ?? { plain: [], attached: [] }
      spent.set(name, all)
      all[how].push(took(work))
    }
    if (how === 'attached') inOne(() => detach(db))
  }
db.close()
rmSync(folder, { recursive: true, force: true })

const median = (all: number[]) => all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0
console.log(`attach with ${ROWS} rows: ${attaching.toFixed(0)} ms`)
for (const [name, { plain, attached }] of spent)
  console.log(
    `${name.padEnd(36)} ${median(plain).toFixed(1).padStart(7)} ms, attached ${median(attached).toFixed(1).padStart(7)} ms: ${(median(attached) / median(plain)).toFixed(2)} x`,
  )
