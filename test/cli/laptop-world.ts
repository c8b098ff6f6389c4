import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { attach } from '../../cli/laptop/attach.ts'
import { transaction } from '../../cli/laptop/file.ts'
import { remoteOf } from '../../cli/laptop/remote.ts'
import { syncFile } from '../../cli/laptop/sync.ts'
import type { DeviceMutation } from '../../sync/protocol/device.ts'
import { rows } from '../engine/world.ts'
import { type DeviceServer, deviceServer } from '../simulation/device-world.ts'
import { type Cut, networkTo, ORIGIN } from '../simulation/network.ts'

/** The table that the catalogue's programs keep, as the seed's `products`. */
export const PRODUCTS = `CREATE TABLE products (
  id INTEGER PRIMARY KEY AUTOINCREMENT, url TEXT UNIQUE NOT NULL, title TEXT, retailer TEXT, price REAL, currency TEXT,
  lifecycle_stage TEXT DEFAULT 'pending_assessment', assessed_at TEXT, modesty_status TEXT, shopify_status TEXT,
  first_seen TEXT, notes TEXT
)`

const NOW = Date.parse('2026-11-21T12:00:00Z')
export const shop = (name: string | number) => `https://shop.example/${name}`

type Values = NonNullable<DeviceMutation['values']>

/** A laptop with a file, and the real doors and lanes in this process. */
export function world({
  sql = PRODUCTS,
  table = 'products',
  key,
}: {
  sql?: string
  table?: string
  key?: string
} = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-laptop-'))
  const path = join(folder, 'products.db')
  const host = new DatabaseSync(path)
  host.exec(sql)
  const server = deviceServer(NOW)
  const network = networkTo(server, 'ann')
  const remote = remoteOf(ORIGIN, network.http)
  const deps = {
    remote,
    now: () => server.world.clock.now(),
    wait: async () => {},
    say: () => {},
    moved: () => {},
  }
  const person = personOf(server)
  const open = (at = path) => new DatabaseSync(at, { timeout: 50, enableForeignKeyConstraints: false })
  return {
    folder,
    path,
    host,
    server,
    person,
    deps,
    open,
    /** Bodies of pushes and paths of other requests, as they went out */
    sent: network.sent,
    cut: (cuts: () => Cut) => {
      network.next = cuts
    },
    async attach() {
      const view = (await remote.tables()).find(({ name }) => name === 'listings')
      const db = open()
      if (!view) throw new Error('the server shares no table')
      await transaction(db, deps, () => attach(db, { table, view, url: ORIGIN, key }))
      db.close()
    },
    async sync(at = path) {
      const db = open(at)
      try {
        return await syncFile(db, deps)
      } finally {
        db.close()
      }
    },
    backUp: () => backUp(server.world),
    putBack: (backup: ReturnType<typeof backUp>) => putBack(server, backup),
    /** A listing as the server has it */
    stored: (id: string) =>
      rows(server.world, 'SELECT * FROM listings WHERE id = ? AND deleted_at IS NULL', id)[0],
    listings: () => rows(server.world, 'SELECT * FROM listings WHERE deleted_at IS NULL ORDER BY id'),
    /** The file's rows by address */
    rows: () =>
      Object.fromEntries(
        host
          .prepare(`SELECT * FROM ${table} ORDER BY url`)
          .all()
          .map((row) => [row.url, row]),
      ),
    row: (url: string) => ({ ...host.prepare(`SELECT * FROM ${table} WHERE url = ?`).get(url) }),
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

/** What a backup of the database holds. */
const backUp = ({ file }: DeviceServer['world']) =>
  file
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    .all()
    .map(({ name }) => ({ name: String(name), all: file.prepare(`SELECT * FROM "${String(name)}"`).all() }))

/** As an operator does it: the tables of then, a new generation, and Workers that begin anew. */
async function putBack(server: DeviceServer, backup: ReturnType<typeof backUp>): Promise<void> {
  const { file } = server.world
  for (const { name, all } of backup) {
    file.exec(`DELETE FROM "${name}"`)
    for (const row of all)
      file
        .prepare(`INSERT INTO "${name}" VALUES (${Object.keys(row).map(() => '?')})`)
        .run(...Object.values(row))
  }
  file.exec(`INSERT OR REPLACE INTO config VALUES ('generation', '"${backup.length}b"', 0, 'restore')`)
  await server.ask('bob', 'GET', '/api/tables', undefined, { stopAt: -1, late: false })
}

/** Another device of the same people: what it says is there at once. */
function personOf(server: DeviceServer) {
  let n = 0
  const push = async (mutations: DeviceMutation[]) => {
    const body = { lane: 'listings', incarnation: `phone-${++n}`, first: 1, mutations }
    server.world.clock.advance(1_000)
    const answer = await server.ask('bob', 'POST', '/api/push', JSON.stringify(body))
    const text = await answer?.text()
    if (answer?.status !== 200 || text?.includes('"rejected"')) throw new Error(text)
  }
  const mutationOf = (key: string, values: Values | null): DeviceMutation => {
    const [row] = rows(server.world, 'SELECT * FROM listings WHERE id = ? AND deleted_at IS NULL', key)
    if (values === null) return { table: 'listings', op: 'delete', key }
    if (!row) return { table: 'listings', op: 'insert', key, values: { product_url: key, ...values } }
    const base = Object.fromEntries(Object.keys(values).map((name) => [name, shown(name, row[name])]))
    return { table: 'listings', op: 'update', key, values, base }
  }
  return {
    edit: (key: string, values: Values | null) => push([mutationOf(key, values)]),
    /** The same for many, a push a thousand */
    async editAll(keys: readonly string[], values: Values) {
      const mutations = keys.map((key) => mutationOf(key, values))
      while (mutations.length > 0) await push(mutations.splice(0, 1_000))
    },
    assess: (key: string, at = '2026-11-21T10:35:00.000Z') =>
      push([mutationOf(key, { modesty_status: 'modest', assessed_at: at })]),
  }
}

const shown = (name: string, value: unknown) =>
  name === 'assessed_at' && typeof value === 'number'
    ? new Date(value).toISOString()
    : (value as string | null)
