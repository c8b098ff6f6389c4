import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { attach } from '../../cli/laptop/attach.ts'
import { syncFile } from '../../cli/laptop/sync.ts'
import { type Fault, remoteOver, view } from '../emulators/device-server/remote.ts'
import { DeviceStore } from '../emulators/device-server/store.ts'

/** The table that the catalogue's programs keep. */
export const PRODUCTS = `CREATE TABLE products (
  id INTEGER PRIMARY KEY AUTOINCREMENT, url TEXT UNIQUE NOT NULL, title TEXT, price REAL, currency TEXT,
  stage TEXT DEFAULT 'pending', assessed_at TEXT, score INTEGER, notes TEXT
)`

export const NOW = Date.parse('2026-11-21T12:00:00Z')
export const shop = (name: string | number) => `https://shop.example/${name}`

/** A laptop with a file, and a server from memory. */
export function world({ sql = PRODUCTS, table = 'products' } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-laptop-'))
  const path = join(folder, 'products.db')
  const host = new DatabaseSync(path)
  host.exec(sql)
  const store = new DeviceStore()
  let next: () => Fault = () => 'none'
  const { remote, sent } = remoteOver(store, () => next())
  const attached = () => {
    const db = new DatabaseSync(path, { timeout: 50 })
    db.exec('BEGIN IMMEDIATE')
    attach(db, { table, view, url: 'https://tidemark.example' })
    db.exec('COMMIT')
    db.close()
  }
  const deps = { remote, now: () => NOW, wait: async () => {}, say: () => {}, moved: () => {} }
  return {
    path,
    host,
    store,
    sent,
    remote,
    deps,
    attach: attached,
    faults: (faults: () => Fault) => {
      next = faults
    },
    async sync(open = () => new DatabaseSync(path, { timeout: 50, enableForeignKeyConstraints: false })) {
      const db = open()
      try {
        return await syncFile(db, deps)
      } finally {
        db.close()
      }
    },
    /** What the file says, by address */
    rows: () =>
      Object.fromEntries(
        host
          .prepare('SELECT * FROM products ORDER BY url')
          .all()
          .map((row) => [row.url, row]),
      ),
    row: (url: string) => ({ ...host.prepare('SELECT * FROM products WHERE url = ?').get(url) }),
    all: (query: string) =>
      host
        .prepare(query)
        .all()
        .map((row) => ({ ...row })),
    remove: () => {
      host.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
export type World = ReturnType<typeof world>
