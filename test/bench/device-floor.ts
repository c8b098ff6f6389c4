import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { gzipSync } from 'node:zlib'
import { convertV4MiniflareOptions, Miniflare } from 'miniflare'
import { COLUMNS, listingRow } from './device-rows.ts'
import { type Contender, ROWS, type Took } from './devices.ts'
import { type LineOptions, openLine } from './line.ts'
import { builtWorker } from './worker.ts'

const TABLE = `(${COLUMNS.map((name) => (name === 'id' ? 'id TEXT PRIMARY KEY' : name)).join(', ')}`
const MARKS = COLUMNS.map(() => '?').join(', ')

/** The plainest server and client: the same rows through gzipped HTTP into D1, and into a SQLite file in one transaction. */
export async function openFloor(options: LineOptions): Promise<Contender> {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-floor-'))
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host: '127.0.0.1',
      defaultPersistRoot: join(folder, 'state'),
      workers: [
        {
          name: 'floor',
          modules: [
            { type: 'ESModule', path: 'index.js', contents: await builtWorker('device-floor-worker') },
          ],
          compatibilityDate: '2026-10-01',
          d1Databases: { DB: 'floor' },
          durableObjects: { LIVE: { className: 'Live', useSQLite: true } },
        },
      ],
    }),
  )
  const line = await openLine(await miniflare.ready, options)
  const { DB } = await miniflare.getBindings<{ DB: D1Database }>()
  await DB.exec(`CREATE TABLE floor ${TABLE}, version INTEGER)`.replaceAll('\n', ' '))
  await DB.exec('CREATE INDEX floor_version ON floor (version)')
  let version = 0
  const send = async (rows: unknown[], to: URL, query = '') => {
    const text = JSON.stringify(rows)
    const isPacked = text.length > 1_000
    const answer = await fetch(new URL(`/rows?version=${++version}${query}`, to), {
      method: 'POST',
      ...(isPacked && { headers: { 'content-encoding': 'gzip' } }),
      body: isPacked ? gzipSync(text) : text,
    })
    await answer.json()
  }
  const direct = await miniflare.ready
  for (let n = 0; n < ROWS; n += 1_000)
    await send(
      Array.from({ length: 1_000 }, (_, i) => listingRow(n + i)),
      direct,
    )

  let files = 0
  let file = newFile()
  let seen = 0
  function newFile(): DatabaseSync {
    const db = new DatabaseSync(join(folder, `${++files}.db`))
    db.exec(`CREATE TABLE products ${TABLE})`)
    return db
  }
  const changed = (count: number, from: number) =>
    Array.from({ length: count }, (_, i) => {
      const row = listingRow((from + i) % ROWS)
      row[4] = 1_000 + version + i
      return row
    })
  const pull = async () => {
    const answer = (await (await fetch(new URL(`/rows?after=${seen}`, line.url))).json()) as {
      version: number
      rows: (string | number | null)[][]
    }
    seen = answer.version
    if (answer.rows.length === 0) return
    const put = file.prepare(`INSERT OR REPLACE INTO products VALUES (${MARKS})`)
    file.exec('BEGIN')
    for (const row of answer.rows) put.run(...row)
    file.exec('COMMIT')
  }
  const took = async (work: () => Promise<void>): Promise<Took> => {
    line.bytes()
    const start = performance.now()
    await work()
    return { ms: performance.now() - start, bytes: line.bytes() }
  }
  let told = () => {}
  const address = new URL('/live', line.url)
  address.protocol = 'ws'
  const socket = new WebSocket(address)
  await new Promise((resolve) => socket.addEventListener('open', resolve))
  socket.addEventListener('message', () => told())

  return {
    async firstPull() {
      file.close()
      file = newFile()
      seen = 0
      return took(pull)
    },
    async push(edits) {
      const update = file.prepare('UPDATE products SET price = ? WHERE id = ?')
      const keys = file.prepare('SELECT id FROM products LIMIT ?').all(edits)
      file.exec('BEGIN')
      for (const [i, { id }] of keys.entries()) update.run(version * 1_000 + i, id ?? null)
      file.exec('COMMIT')
      const read = `SELECT json_array(${COLUMNS.join(', ')}) AS row FROM products LIMIT ?`
      const spent = await took(() =>
        send(
          file
            .prepare(read)
            .all(edits)
            .map(({ row }) => JSON.parse(String(row))),
          line.url,
        ),
      )
      seen = version
      return spent
    },
    async pull(changes) {
      await send(changed(changes, version * 31), direct)
      return took(pull)
    },
    noChange: () => took(pull),
    async live() {
      const done = new Promise<void>((resolve) => {
        told = () => void pull().then(resolve)
      })
      return took(async () => {
        await send(changed(1, version * 17), line.url, '&tell=1')
        await done
      })
    },
    async close() {
      socket.close()
      file.close()
      await line.close()
      await miniflare.dispose()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
