import { readFileSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { parse } from 'smol-toml'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Database, Statement } from '../../db/database.ts'
import { openSqlite, sqliteDatabase } from '../../db/node/sqlite.ts'
import { systems } from '../../sync/systems/index.ts'
import { type DueMessage, INTERVAL } from '../../workers/delta-check/fan-out.ts'
import deltaCheck, { type DeltaCheckEnv } from '../../workers/delta-check/index.ts'
import { migrations } from '../engine/world.ts'
import {
  type CountingLanes,
  countingLanes,
  handOver,
  handOverAll,
  type TestQueue,
  testQueue,
} from './due-queue.ts'

const MINUTE = 60_000
/** Half past: the tick that forgets nothing */
const AT = Date.UTC(2026, 10, 21, 9, 30)
let file: DatabaseSync
let batches: (readonly Statement[])[]
let lanes: CountingLanes
let queue: TestQueue
let env: DeltaCheckEnv
let ticked: Record<string, number>

beforeEach(() => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined)
  vi.spyOn(console, 'log').mockImplementation((line) => {
    ticked = JSON.parse(line)
  })
  vi.spyOn(Date, 'now').mockReturnValue(AT)
  open()
  return () => {
    vi.useRealTimers()
    vi.restoreAllMocks()
  }
})

function open() {
  file = openSqlite(migrations)
  batches = []
  lanes = countingLanes()
  queue = testQueue()
  const inner = sqliteDatabase(file)
  const database: Database = {
    batch(statements) {
      batches.push(statements)
      return inner.batch(statements)
    },
  }
  env = {
    DB: {},
    LANE: lanes,
    EVENTS: { send: () => undefined, sendBatch: () => undefined },
    DUE: queue,
    IMAGE_QUEUE: { send: () => undefined, sendBatch: () => undefined },
    database,
  } as unknown as DeltaCheckEnv
}

/** So many users of the ERP (two scopes in two lanes each; two shared scopes in one lane for all) and workspaces. */
function add({ users = 0, workspaces = 0 }) {
  const user = file.prepare(
    `INSERT INTO erp_users (id, name, login, password, updated_at) VALUES (?1, ?1, ?1, 'sealed', 0)`,
  )
  const workspace = file.prepare('INSERT INTO workspaces VALUES (?1, ?1, ?1)')
  const project = file.prepare(
    `INSERT INTO projects (id, workspace_id, name, tab) VALUES ('of ' || ?1, ?1, 'P', 'P')`,
  )
  file.exec('BEGIN')
  for (let i = 0; i < users; i++) user.run(`u${i}`)
  for (let i = 0; i < workspaces; i++) {
    workspace.run(`w${i}`)
    project.run(`w${i}`)
  }
  file.exec('COMMIT')
}

const setDue = (link: string, scope: string, lane: string, at: number) =>
  file
    .prepare('INSERT OR REPLACE INTO link_state (link, scope, lane, next_due_at) VALUES (?, ?, ?, ?)')
    .run(link, scope, lane, at)
const sheetDue = (i: number, at: number) => setDue('smart-sync.sheet', `w${i}`, `workspace:w${i}`, at)

const tick = (at = AT) => deltaCheck.scheduled({ scheduledTime: at }, env)
const broken = async () => {
  throw new Error('broken')
}
/** All lanes in the order in which they were asked or handed to the queue. */
const inOrder = () => [
  ...lanes.calls.map(({ lane }) => lane),
  ...queue.waiting.flatMap(({ body }) => body.visits.map(({ lane }) => lane)),
]
const message = (scopes: readonly string[], over: Partial<DueMessage> = {}): DueMessage => ({
  at: AT,
  failures: 0,
  visits: scopes.map((scope) => ({
    lane: `workspace:${scope}`,
    wake: false,
    due: [{ link: 'smart-sync.sheet', scope }],
  })),
  ...over,
})

describe('a tick of 10,000 due scopes', () => {
  beforeEach(() => add({ users: 3_000, workspaces: 3_998 }))

  it('reaches each of them once, through messages that come in any order', async () => {
    await tick()
    expect(ticked).toMatchObject({ event: 'cron.ended', asked: 10_000, sent: 9_899, failed: 0 })
    expect(lanes.calls).toHaveLength(100)
    await handOverAll(env, queue, (messages) => messages.toReversed())
    expect(lanes.calls).toHaveLength(10_000)
    expect(new Set(lanes.calls.map(({ of }) => of)).size).toBe(10_000)
    expect([...lanes.runs.values()].every((n) => n === 1)).toBe(true)
  })

  it('reads them in one batch of a statement a link, and sends them in few calls', async () => {
    await tick()
    const [reading = [], ...others] = batches
    expect(reading).toHaveLength(1 + systems.flatMap(({ links }) => links).length)
    expect(others.length).toBeLessThan(3)
    expect(queue.calls.reduce((a, b) => a + b)).toBe(99)
    expect(queue.calls.length).toBeLessThan(10)
  })

  it('names a lane in one message only, with all that it is asked', async () => {
    await tick()
    const named = inOrder()
    expect(named).toHaveLength(new Set(named).size)
  })

  it('begins no second run where every message comes twice', async () => {
    await tick()
    await handOverAll(env, queue, (messages) => [...messages, ...messages.toReversed()])
    lanes.settle()
    expect(lanes.calls.length).toBeGreaterThan(19_000)
    expect(lanes.runs.size).toBe(10_000)
    expect([...lanes.runs.values()].every((n) => n === 1)).toBe(true)
  })
})

describe('the order of a tick', () => {
  it('is the longest overdue first, before them what never ran', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.option(fc.integer({ min: -100, max: 20 })), { minLength: 90, maxLength: 250 }),
        async (minutes) => {
          open()
          add({ workspaces: minutes.length })
          minutes.forEach((minute, i) => {
            if (minute !== null) sheetDue(i, AT + minute * MINUTE)
          })
          await tick()
          const due = minutes
            .map((minute, i) => ({ lane: `workspace:w${i}`, since: minute ?? -Infinity }))
            .filter(({ since }) => since <= 0)
          const since = new Map(due.map((each) => [each.lane, each.since]))
          const order = inOrder()
          expect(new Set(order)).toEqual(new Set(since.keys()))
          const times = order.map((lane) => since.get(lane) ?? Number.NaN)
          expect(times).toEqual(times.toSorted((a, b) => (a === b ? 0 : a - b)))
        },
      ),
      { numRuns: 30 },
    )
  })

  it.each([
    [5, 30],
    [30, 5],
  ])(
    'counts a lane by the link that waits longest (%i, %i min), and keeps its links as declared',
    async (products, prices) => {
      add({ users: 1, workspaces: 1 })
      for (const link of ['customers', 'orders']) setDue(`${link}.erp`, 'u0', `${link}:u0`, AT - 10 * MINUTE)
      sheetDue(0, AT - 20 * MINUTE)
      setDue('products.erp', 'shared', 'products', AT - products * MINUTE)
      setDue('prices.erp', 'shared', 'products', AT - prices * MINUTE)
      await tick()
      expect(lanes.calls.filter(({ lane }) => lane === 'products').map(({ of }) => of)).toEqual([
        'products.erp shared',
        'prices.erp shared',
      ])
      expect([...new Set(inOrder())]).toEqual(['products', 'workspace:w0', 'customers:u0', 'orders:u0'])
    },
  )

  it('wakes lanes with unfinished runs the same way: by their age, each once', async () => {
    add({ workspaces: 150 })
    for (let i = 0; i < 150; i++) sheetDue(i, AT + MINUTE)
    const insert = file.prepare(
      `INSERT INTO runs (id, link, scope, lane, "trigger", params, actor, status, report, enqueued_at)
        VALUES (?1, 'l', 's', ?2, 'cron', '{}', 'x', 'queued', '{}', ?3)`,
    )
    for (let i = 0; i < 150; i++)
      for (const n of [1, 2]) insert.run(`${i} ${n}`, `workspace:w${i}`, AT - i * (n - 1) * MINUTE)
    await tick()
    expect(ticked).toMatchObject({ asked: 0, woken: 150, sent: 50 })
    expect(lanes.calls[0]).toEqual({ lane: 'workspace:w149', of: 'poke' })
    await handOverAll(env, queue)
    expect(lanes.calls.map(({ lane }) => lane)).toEqual(
      Array.from({ length: 150 }, (_, i) => `workspace:w${149 - i}`),
    )
  })
})

describe('a lane that fails', () => {
  it('is asked again alone, a little later, thrice in all', async () => {
    lanes.fail.set('workspace:b', [broken, broken, broken])
    expect(await handOver(env, message(['a', 'b', 'c']))).toBe(true)
    for (const failures of [1, 2]) {
      expect(queue.waiting).toEqual([{ body: message(['b'], { failures }), delay: 60 * failures }])
      await handOver(env, queue.waiting.splice(0)[0]?.body ?? message([]))
    }
    expect(queue.waiting).toEqual([])
    expect(lanes.calls.map(({ lane }) => lane.slice(-1)).join('')).toBe('abcbb')
  })

  it('is handed to the queue by the tick too, and counted', async () => {
    add({ workspaces: 3 })
    lanes.fail.set('workspace:w1', [broken])
    await tick()
    expect(ticked).toMatchObject({ asked: 3, sent: 0, failed: 1 })
    await handOverAll(env, queue)
    expect(lanes.runs.size).toBe(3)
    expect(lanes.calls).toHaveLength(4)
  })

  it('is asked only for what it has not answered', async () => {
    const due = ['products.erp', 'prices.erp'].map((link) => ({ link, scope: 'shared' }))
    lanes.fail.set('products', [async () => undefined, async () => undefined, broken])
    await handOver(env, message([], { visits: [{ lane: 'products', wake: true, due }] }))
    expect(queue.waiting[0]?.body.visits).toEqual([{ lane: 'products', wake: false, due: [due[1]] }])
  })

  it('is left to the next tick where the queue is down: those that answered are not asked again', async () => {
    lanes.fail.set('workspace:b', [broken])
    queue.broken = true
    expect(await handOver(env, message(['a', 'b', 'c']))).toBe(true)
    expect(lanes.calls).toHaveLength(3)
  })

  it('never costs another its run, whatever fails, comes twice or changes places', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 101, max: 350 }),
        fc.array(fc.tuple(fc.nat(349), fc.integer({ min: 1, max: 4 })), { maxLength: 30 }),
        fc.infiniteStream(fc.nat()),
        async (workspaces, failing, numbers) => {
          open()
          add({ workspaces })
          const times = new Map(failing)
          for (const [i, n] of times) lanes.fail.set(`workspace:w${i}`, Array(n).fill(broken))
          await tick()
          await handOverAll(env, queue, (messages) => {
            const twice = messages.flatMap((each) => (numbers.next().value % 3 === 0 ? [each, each] : [each]))
            const places = new Map(twice.map((each) => [each, numbers.next().value]))
            return twice.toSorted((a, b) => (places.get(a) ?? 0) - (places.get(b) ?? 0))
          })
          for (let i = 0; i < workspaces; i++) {
            const n = lanes.runs.get(`smart-sync.sheet w${i}`) ?? 0
            if ((times.get(i) ?? 0) < 3) expect(n, `w${i}`).toBe(1)
            else expect(n, `w${i}`).toBeLessThanOrEqual(1)
          }
        },
      ),
      { numRuns: 40 },
    )
  })
})

describe('a lane that hangs', () => {
  it('holds up nobody, and is asked again alone', async () => {
    vi.useFakeTimers({ now: AT })
    const names = Array.from({ length: 100 }, (_, i) => `n${i}`)
    for (const i of [0, 1, 2, 3, 50]) lanes.fail.set(`workspace:n${i}`, [() => new Promise(() => undefined)])
    const done = handOver(env, message(names))
    await vi.advanceTimersByTimeAsync(0)
    expect(lanes.runs.size).toBe(95)
    await vi.advanceTimersByTimeAsync(20_000)
    expect(await done).toBe(true)
    expect(queue.waiting[0]?.body.visits.map(({ lane }) => lane).sort()).toEqual(
      [0, 1, 2, 3, 50].map((i) => `workspace:n${i}`),
    )
  })

  it('is asked for nothing more by the visit that gave it up', async () => {
    vi.useFakeTimers({ now: AT })
    const answer = Promise.withResolvers<void>()
    lanes.fail.set('products', [() => answer.promise])
    const due = ['products.erp', 'prices.erp'].map((link) => ({ link, scope: 'shared' }))
    const done = handOver(env, message([], { visits: [{ lane: 'products', wake: false, due }] }))
    await vi.advanceTimersByTimeAsync(20_000)
    await done
    answer.resolve()
    await vi.advanceTimersByTimeAsync(0)
    expect(lanes.calls.map(({ of }) => of)).toEqual(['products.erp shared'])
    expect(queue.waiting[0]?.body.visits[0]?.due).toEqual(due)
  })

  it('keeps a full message within six minutes, though all its lanes hang', async () => {
    vi.useFakeTimers({ now: AT })
    const names = Array.from({ length: 100 }, (_, i) => `n${i}`)
    for (const name of names) lanes.fail.set(`workspace:${name}`, [() => new Promise(() => undefined)])
    const done = handOver(env, message(names))
    await vi.advanceTimersByTimeAsync(6 * MINUTE)
    expect(await done).toBe(true)
    expect(queue.waiting[0]?.body.visits).toHaveLength(100)
  })
})

describe('a backlog', () => {
  it.each([
    [INTERVAL, 0],
    [INTERVAL + MINUTE, 0],
    [INTERVAL - 1, 2],
  ])('does not outgrow a tick: of a message %i ms old, %i lanes are asked', async (age, asked) => {
    expect(await handOver(env, message(['a', 'b'], { at: AT - age }))).toBe(true)
    expect(lanes.calls).toHaveLength(asked)
    expect(queue.waiting).toEqual([])
  })

  it('starves nobody: what the queue did not take or deliver goes first in the next tick', async () => {
    add({ workspaces: 250 })
    for (let i = 0; i < 250; i++) sheetDue(i, AT - MINUTE)
    queue.broken = true
    await tick()
    expect(ticked).toMatchObject({ asked: 250, sent: 0, failed: 150 })
    const first = new Set(lanes.calls.map(({ lane }) => lane))
    // Those that were asked ran, and are due again.
    for (const lane of first) sheetDue(Number(lane.slice('workspace:w'.length)), AT + INTERVAL - 1)
    queue.broken = false
    lanes.calls.length = 0
    vi.spyOn(Date, 'now').mockReturnValue(AT + INTERVAL)
    await tick(AT + INTERVAL)
    const order = inOrder()
    expect(order).toHaveLength(250)
    expect(order.slice(0, 150).filter((lane) => first.has(lane))).toEqual([])
  })
})

describe('messages', () => {
  it('keep to the queue’s limits in bytes, whatever the names of lanes are made of', async () => {
    const insert = file.prepare('INSERT INTO workspaces VALUES (?1, ?1, ?1)')
    const project = file.prepare(
      `INSERT INTO projects (id, workspace_id, name, tab) VALUES ('of ' || ?1, ?1, 'P', 'P')`,
    )
    for (let i = 0; i < 600; i++) {
      const name = `${i}${'界"'.repeat(400)}`
      insert.run(name)
      project.run(name)
    }
    await tick()
    expect(ticked).toMatchObject({ asked: 600, sent: 500, failed: 0 })
    await handOverAll(env, queue)
    expect(lanes.runs.size).toBe(600)
  })

  it('are one an invocation, and as old as a tick when the next one comes: the Worker’s configuration says so', () => {
    const { triggers, queues } = parse(readFileSync('workers/delta-check/wrangler.toml', 'utf8'))
    expect(triggers).toEqual({ crons: [`*/${INTERVAL / MINUTE} * * * *`] })
    expect(queues).toMatchObject({
      consumers: [{ queue: 'tidemark-due', max_batch_size: 1, max_concurrency: 10, max_retries: 3 }],
    })
  })
})
