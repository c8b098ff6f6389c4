import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { httpFor } from '../../cli/http.ts'
import { attach } from '../../cli/laptop/attach.ts'
import { openEyes } from '../../cli/laptop/eyes.ts'
import { openFile, transaction } from '../../cli/laptop/file.ts'
import { remoteOf } from '../../cli/laptop/remote.ts'
import { SETTINGS } from '../../cli/laptop/settings.ts'
import { type SyncDeps, syncFile } from '../../cli/laptop/sync.ts'
import { type Told, watchFiles } from '../../cli/laptop/watching.ts'
import { openLive } from '../../cli/live.ts'
import { startStack } from '../stack/stack.ts'
import { COLUMNS, listingRow } from './device-rows.ts'
import { type Contender, ROWS, type Took } from './devices.ts'
import { type LineOptions, openLine } from './line.ts'

const [, ...LOCAL] = COLUMNS

/** The real Workers, and the laptop's command in this process on real files. */
export async function openLaptops(options: LineOptions): Promise<Contender> {
  const stack = await startStack()
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-laptops-'))
  const line = await openLine(stack.runtime.url, options)
  const token = async () => {
    const { body } = await stack.call<{ code: string }>('POST', '/api/codes', {
      body: { role: 'device', user_id: 'ann', name: 'bench' },
    })
    const paired = await stack.call<{ token: string }>('POST', '/api/devices/pair', {
      body: { code: body.code, name: 'bench' },
      token: null,
    })
    return paired.body.token
  }
  const [own, phone] = [await token(), await token()]
  let number = 0
  /** Edits of another device, a thousand a push */
  const say = async (
    op: 'insert' | 'update',
    rows: readonly (readonly [string, object])[],
    to = stack.runtime.url,
  ) => {
    for (let i = 0; i < rows.length; i += 1_000) {
      const mutations = rows
        .slice(i, i + 1_000)
        .map(([key, values]) => ({ table: 'listings', op, key, values }))
      const response = await fetch(new URL('/api/push', to), {
        method: 'POST',
        headers: { authorization: `Bearer ${phone}`, 'content-type': 'application/json' },
        body: JSON.stringify({ lane: 'listings', incarnation: 'phone', first: number + 1, mutations }),
      })
      const answer = (await response.json()) as { last?: number; results?: unknown[] }
      number += mutations.length
      if (answer.last !== number || answer.results) throw new Error(JSON.stringify(answer).slice(0, 1_000))
    }
  }
  await say(
    'insert',
    Array.from({ length: ROWS }, (_, n) => {
      const [key, ...cells] = listingRow(n)
      return [String(key), Object.fromEntries(LOCAL.map((name, i) => [name, cells[i]]))] as const
    }),
  )

  const server = { url: line.url.origin, token: own }
  const http = httpFor(server.url, own, { fetch, wait: async () => {}, onWait: () => {} })
  const remote = remoteOf(server.url, http)
  const deps: SyncDeps = { remote, now: Date.now, wait: async () => {}, say: () => {}, moved: () => {} }
  const sync = async (path: string) => {
    const db = await openFile(path)
    try {
      return await syncFile(db, deps)
    } finally {
      db.close()
    }
  }
  let files = 0
  let path = ''
  async function newFile(): Promise<void> {
    path = join(folder, `${++files}.db`)
    const db = new DatabaseSync(path)
    db.exec(
      `CREATE TABLE products (${LOCAL.map((name) => (name === 'product_url' ? `${name} TEXT PRIMARY KEY` : name)).join(', ')})`,
    )
    const [view] = await remote.tables()
    if (!view) throw new Error('the server shares no table')
    await transaction(db, deps, () => attach(db, { table: 'products', view, url: server.url }))
    db.close()
  }
  const took = async (work: () => Promise<unknown>): Promise<Took> => {
    line.bytes()
    const start = performance.now()
    await work()
    return { ms: performance.now() - start, bytes: line.bytes() }
  }
  const changes = (count: number) =>
    Array.from({ length: count }, (_, i): [string, object] => [
      String(listingRow((number * 31 + i) % ROWS)[0]),
      { price: 1_000 + number + i },
    ])

  let watching: { ended: Promise<void>; stop: AbortController; told: (told: Told) => void } | undefined
  async function watch() {
    const stop = new AbortController()
    const opened = Promise.withResolvers<void>()
    const found = { stop, ended: Promise.resolve(), told: (_: Told) => {} }
    found.ended = watchFiles([path], 600_000, stop.signal, {
      now: Date.now,
      wait: (ms, signal) =>
        new Promise((resolve) => {
          const timer = setTimeout(resolve, ms)
          signal.addEventListener('abort', () => {
            clearTimeout(timer)
            resolve()
          })
        }),
      sync,
      eyes: openEyes,
      settings: async () => SETTINGS,
      refresh: async () => true,
      report: () => {},
      listen: (lane, hint) =>
        openLive(
          server,
          lane,
          ({ type }) => type === 'version' && hint(),
          () => {
            hint()
            opened.resolve()
          },
        ),
      isThere: async () => true,
      tell: (told) => found.told(told),
    })
    await opened.promise
    return found
  }

  return {
    async firstPull() {
      await newFile()
      return took(() => sync(path))
    },
    async push(edits) {
      const db = new DatabaseSync(path)
      db.exec('BEGIN')
      db.prepare('UPDATE products SET price = coalesce(price, 0) + 1 WHERE rowid <= ?').run(edits)
      db.exec('COMMIT')
      db.close()
      return took(() => sync(path))
    },
    async pull(count) {
      await say('update', changes(count))
      return took(() => sync(path))
    },
    noChange: () => took(() => sync(path)),
    async live() {
      watching ??= await watch()
      const arrived = Promise.withResolvers<void>()
      watching.told = (told) => {
        if (told.type === 'synced' && told.report.rows > 0) arrived.resolve()
      }
      return took(async () => {
        await say('update', changes(1), line.url)
        await arrived.promise
      })
    },
    async close() {
      watching?.stop.abort()
      await watching?.ended
      await line.close()
      await stack.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
