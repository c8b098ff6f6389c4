import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { httpFor } from '../../cli/http.ts'
import { attach } from '../../cli/laptop/attach.ts'
import { openFile, transaction } from '../../cli/laptop/file.ts'
import { remoteOf } from '../../cli/laptop/remote.ts'
import { type SyncDeps, syncFile } from '../../cli/laptop/sync.ts'
import { type Stack, startStack } from '../stack/stack.ts'
import { median, print } from './print.ts'

const OFFLINE = 20_000
const MANY = 10_000
const UNDONE = 1_000
const ROUNDS = 3

/** What a site that was off line for days costs: its edits, its collisions, and taking a push back. */
export async function benchCollections(): Promise<void> {
  const stack = await startStack()
  try {
    const token = await deviceOf(stack)
    const say = sayer(stack, token)
    await say('warm', UNDONE, (i) => inserted(`warm${i}`, `warm${i}`))
    const plain = await say('plain', OFFLINE, (i) => inserted(`plain${i}`, `plain${i}`))
    const drained = await drain(stack, token)
    const [clean, colliding, undone, pushed]: number[][] = [[], [], [], []]
    for (let round = 0; round < ROUNDS; round++) {
      const name = (i: number) => `r${round}-${i}`
      clean?.push(await say(`c${round}`, MANY, (i) => inserted(`c${name(i)}`, name(i))))
      colliding?.push(await say(`d${round}`, MANY, (i) => inserted(`d${name(i)}`, name(i))))
      pushed?.push(await say(`u${round}`, UNDONE, (i) => renamed(`c${name(i)}`, round)))
      undone?.push(await undo(stack, `c${name(0)}`))
    }
    const [a, b, c, d] = [clean, colliding, pushed, undone].map((all) => median(all ?? []))
    const row = (what: string, ms = 0, floor = 0, wanted = '') => [
      what,
      ms.toFixed(0),
      floor.toFixed(0),
      `${(ms / floor).toFixed(2)} ×`,
      wanted,
    ]
    print('collections: ms, over a floor of the same run', [
      ['', 'ms', 'floor', 'ratio', 'wanted'],
      row(`${OFFLINE} offline edits of a SQLite file, over the same as bare pushes`, drained, plain, '10 s'),
      row(`${MANY} rows whose unique value is taken, over ${MANY} clean ones`, b, a, '3 ×'),
      row(`undo of ${UNDONE} rows, over the push of them`, d, c, '2 s'),
    ])
  } finally {
    await stack.close()
  }
}

async function deviceOf(stack: Stack): Promise<string> {
  const { body } = await stack.call<{ code: string }>('POST', '/api/codes', {
    body: { role: 'device', user_id: 'ann', name: 'bench' },
  })
  const paired = await stack.call<{ token: string }>('POST', '/api/devices/pair', {
    body: { code: body.code, name: 'bench' },
    token: null,
  })
  return paired.body.token
}

const inserted = (key: string, username: string) => ({
  table: 'admins',
  op: 'insert',
  key,
  values: { username, name: `Name of ${username}`, email: `${username}@example.org` },
})

const renamed = (key: string, round: number) => ({
  table: 'admins',
  op: 'update',
  key,
  values: { name: `Round ${round}` },
  base: { name: `Name of ${key.slice(1)}` },
})

/** Edits of a device, a thousand a push: milliseconds. */
const sayer =
  (stack: Stack, token: string) =>
  async (incarnation: string, count: number, edit: (i: number) => object): Promise<number> => {
    const start = performance.now()
    for (let from = 0; from < count; from += 1_000) {
      const mutations = Array.from({ length: Math.min(1_000, count - from) }, (_, i) => edit(from + i))
      const response = await fetch(new URL('/api/push', stack.runtime.url), {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ lane: 'admins', incarnation, first: from + 1, mutations }),
      })
      if (!response.ok) throw new Error(await response.text())
      await response.arrayBuffer()
    }
    return performance.now() - start
  }

/** A laptop's program writes for days; then its command syncs once, capture included. */
async function drain(stack: Stack, token: string): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-offline-'))
  const path = join(folder, 'site.db')
  const http = httpFor(stack.runtime.url.origin, token, { fetch, wait: async () => {}, onWait: () => {} })
  const remote = remoteOf(stack.runtime.url.origin, http)
  const deps: SyncDeps = { remote, now: Date.now, wait: async () => {}, say: () => {}, moved: () => {} }
  const site = new DatabaseSync(path)
  site.exec('CREATE TABLE admins (id TEXT PRIMARY KEY, username TEXT, name TEXT, email TEXT)')
  const db = await openFile(path)
  try {
    const view = (await remote.tables()).find(({ name }) => name === 'admins')
    if (!view) throw new Error('the server shares no admins')
    await transaction(db, deps, () => attach(db, { table: 'admins', view, url: stack.runtime.url.origin }))
    await syncFile(db, deps)
    site.exec('BEGIN')
    const insert = site.prepare('INSERT INTO admins VALUES (?, ?, ?, ?)')
    for (let i = 0; i < OFFLINE; i++) insert.run(`off${i}`, `off${i}`, `Name ${i}`, `off${i}@example.org`)
    site.exec('COMMIT')
    const start = performance.now()
    const { went } = await syncFile(db, deps)
    const ms = performance.now() - start
    if (went !== OFFLINE) throw new Error(`${went} edits went`)
    return ms
  } finally {
    site.close()
    db.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** Takes the last push back: milliseconds. */
async function undo(stack: Stack, key: string): Promise<number> {
  const [last] = (
    await stack.call<{ version: number }[]>('GET', `/api/history?table=admins&key=${key}&limit=1`)
  ).body
  const start = performance.now()
  const { body } = await stack.call<{ plans: { changes: unknown[] }[] }>('POST', '/api/undo', {
    body: { lane: 'admins', version: last?.version },
  })
  if (body.plans[0]?.changes.length !== UNDONE) throw new Error(JSON.stringify(body).slice(0, 500))
  return performance.now() - start
}
