import { beforeEach, expect, test } from 'vitest'
import type { Row } from '../../db/database.ts'
import type { LaneCore } from '../../sync/engine/lane.ts'
import { holdRead, type LaneWorld, laneWorld, PARTS, ring, runsOf } from './lane-world.ts'
import { type Durable, drain, durable, type FakeRemote, instance, rows, syncRequest } from './world.ts'

let world: Durable
let remote: FakeRemote
let start: LaneWorld['start']

beforeEach(() => {
  ;({ world, remote, start } = laneWorld())
})

test('eight equal requests at once are one run, in D1 before any of them is answered', async () => {
  const { lane } = start()
  const requests = Array.from({ length: 8 }, () =>
    lane.request(syncRequest()).then((answer) => ({ answer, runs: runsOf(world).length })),
  )
  const answers = await Promise.all(requests)
  expect(answers.map(({ answer, runs }) => [answer.type, runs])).toEqual([
    ['queued', 1],
    ...Array.from({ length: 7 }, () => ['joined', 1]),
  ])
  await drain(world, lane)
  expect(runsOf(world).map(({ status }) => status)).toEqual(['done'])
})

test('a request that comes while an equal run is reading becomes one more run, however many ask', async () => {
  const { lane } = start()
  const first = await lane.request(syncRequest())
  const hold = holdRead(remote)
  const running = ring(world, lane)
  await hold.waiting
  const later = await Promise.all([
    lane.request(syncRequest()),
    lane.request(syncRequest()),
    lane.request(syncRequest()),
  ])
  hold.release()
  await running
  await drain(world, lane)
  expect(later.map(({ type }) => type)).toEqual(['queued', 'joined', 'joined'])
  expect(new Set([first, ...later].map((answer) => ('runId' in answer ? answer.runId : '')))).toHaveProperty(
    'size',
    2,
  )
  expect(runsOf(world).map(({ status }) => status)).toEqual(['done', 'unchanged'])
})

test('ten different runs all complete, each once, oldest first', async () => {
  const { lane } = start()
  const chosen = [['p3'], ['p1'], ['p2'], ['p1', 'p2'], ['p1', 'p3'], ['p2', 'p3'], null]
  const asked = [
    ...chosen.map((parts) => ({ parts, full: false })),
    ...chosen.slice(0, 3).map((parts) => ({ parts, full: true })),
  ]
  const answers = await Promise.all(asked.map((over) => lane.request(syncRequest(over))))
  await drain(world, lane)
  expect(answers.map(({ type }) => type)).toEqual(asked.map(() => 'queued'))
  const runs = runsOf(world)
  expect(runs.map(({ report }) => report.parts.map(({ id }) => id))).toEqual(
    asked.map(({ parts }) => parts ?? PARTS),
  )
  expect(runs.filter(({ finished_at }) => finished_at === null)).toEqual([])
  const starts = runs.map(({ started_at }) => started_at)
  expect([...starts].sort((x, y) => x - y)).toEqual(starts)
})

test('a push that comes in the middle of a run is applied before its next step', async () => {
  const { lane } = start()
  await lane.request(syncRequest())
  const hold = holdRead(remote)
  const running = ring(world, lane)
  await hold.waiting
  const push = lane.push({
    id: 'p',
    actor: 'ann',
    origin: 'api',
    mutations: [
      {
        type: 'propose',
        table: 'metric_readings',
        key: 'a:views:tool',
        values: { account_id: 'a', metric: 'views', source: 'tool', value: 1, at: 1 },
      },
    ],
  })
  hold.release()
  await Promise.all([push, running])
  await drain(world, lane)
  expect(rows(world, 'SELECT version FROM metric_readings')).toEqual([{ version: 2 }])
  expect(rows(world, 'SELECT max(version) AS version FROM accounts')).toEqual([{ version: 4 }])
})

test.each([
  ['by the alarm that was set', (lane: LaneCore) => lane.alarm()],
  ['by the cron, though no alarm is set', (lane: LaneCore) => lane.poke()],
])('a lane that lost its storage and memory is rebuilt from D1 %s, and finishes', async (_, wake) => {
  await start().lane.request(syncRequest())
  world.storage.clear()
  world.alarm = null
  const { lane } = start()
  await wake(lane)
  await drain(world, lane)
  expect(runsOf(world).map(({ status }) => status)).toEqual(['done'])
})

test('a request that comes after a restart does not join a run that has read before it', async () => {
  const killed = start()
  await killed.lane.request(syncRequest())
  const hold = holdRead(remote, 'p2')
  void ring(world, killed.lane)
  await hold.waiting
  // The first part is committed; a person edits it, and asks.
  remote.tabs.get('p1')![0]!.followers = 77
  remote.stamp++
  const { lane } = start()
  const answer = await lane.request(syncRequest())
  await drain(world, lane)
  expect(answer.type).toBe('queued')
  expect(rows(world, "SELECT followers FROM accounts WHERE profile_url = 'https://p1'")).toEqual([
    { followers: 77 },
  ])
})

test('a second instance fences the first, which writes nothing any more and gives itself up', async () => {
  const first = start()
  await first.lane.request(syncRequest())
  const hold = holdRead(remote)
  const running = ring(world, first.lane)
  await hold.waiting
  const second = start()
  await second.lane.poke()
  hold.release()
  await expect(running).rejects.toThrow('held by another instance')
  expect(first.abandoned).toHaveLength(1)
  expect(rows(world, 'SELECT * FROM accounts')).toEqual([])
  await drain(world, second.lane)
  expect(rows(world, 'SELECT * FROM accounts')).toHaveLength(3)
  await expect(first.lane.request(syncRequest())).rejects.toThrow()
})

test('a turn that has lasted longer than its lease is given up with its instance', async () => {
  const stuck = start()
  await stuck.lane.request(syncRequest())
  const hold = holdRead(remote)
  void ring(world, stuck.lane)
  await hold.waiting
  world.clock.advance(130_000)
  await expect(stuck.lane.poke()).rejects.toThrow('held by another instance')
  const next = start()
  await next.lane.poke()
  await drain(world, next.lane)
  expect(runsOf(world).map(({ status }) => status)).toEqual(['done'])
})

test('a run of a link that nobody declares any more holds nobody up', async () => {
  world.file.exec(
    `INSERT INTO runs (id, link, scope, lane, "trigger", params, actor, status, report, enqueued_at)
      VALUES ('a', 'gone.link', 'w1', 'workspace:w1', 'manual', '{"parts":null,"full":false}', 'x', 'queued', '{}', 0)`,
  )
  const { lane } = start()
  await lane.request(syncRequest())
  await drain(world, lane)
  expect(runsOf(world).map(({ status }) => status)).toEqual(['queued', 'done'])
})

test('an edit costs two questions to the database: what stands there, and the commit', async () => {
  let batches = 0
  const { lane } = instance(
    durable(),
    'listings',
    () => remote,
    (engine) => ({
      ...engine,
      database: {
        batch: (statements) => {
          batches++
          return engine.database.batch(statements)
        },
      },
    }),
  )
  const of = { type: 'edit', table: 'listings', key: 'shop.example/a', base: {}, at: null } as const
  const push = (id: string, op: 'insert' | 'update', values: Row) =>
    lane.push({ id, actor: 'ann', origin: 'api', mutations: [{ ...of, op, values }] })
  await push('1', 'insert', { product_url: 'https://shop.example/a', title: 'A' })
  batches = 0
  expect(await push('2', 'update', { title: 'B' })).toMatchObject({ results: [{ status: 'applied' }] })
  expect(batches).toBe(2)
})
