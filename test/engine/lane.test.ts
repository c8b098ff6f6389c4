import { beforeEach, expect, test } from 'vitest'
import type { Report } from '../../sync/protocol/runs.ts'
import {
  type Durable,
  drain,
  durable,
  type FakeRemote,
  fakeRemote,
  instance,
  rows,
  seed,
  syncRequest,
  testIds,
} from './world.ts'

const LANE = 'workspace:w1'
let world: Durable
let remote: FakeRemote
let ids: { next(): string }

beforeEach(() => {
  world = durable()
  seed(world, 3)
  remote = fakeRemote()
  ids = testIds()
  for (const part of ['p1', 'p2', 'p3'])
    remote.tabs.set(part, [{ profile_url: `https://${part}`, followers: 1 }])
})

const start = () => instance(world, LANE, () => remote, undefined, ids)
const runs = () =>
  rows(world, 'SELECT * FROM runs ORDER BY id').map((row) => ({
    ...row,
    status: String(row.status),
    report: JSON.parse(String(row.report)) as Report,
  }))
/** Makes the next read wait until it is told to go on. */
function holdRead() {
  let release: () => void = () => undefined
  let arrived: () => void = () => undefined
  const waiting = new Promise<void>((resolve) => {
    arrived = resolve
  })
  const read = remote.read
  remote.read = async (context, part, cursor) => {
    remote.read = read
    await new Promise<void>((resolve) => {
      release = resolve
      arrived()
    })
    return read(context, part, cursor)
  }
  return { waiting, release: () => release() }
}
const ring = (lane: ReturnType<typeof start>['lane']) => {
  world.clock.set(world.alarm ?? 0)
  world.alarm = null
  return lane.alarm()
}

test('a request that comes while an equal run is reading becomes one more run, however many ask', async () => {
  const { lane } = start()
  const first = await lane.request(syncRequest())
  const hold = holdRead()
  const running = ring(lane)
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
  expect(runs().map(({ status }) => status)).toEqual(['done', 'unchanged'])
})

test('runs of different parts all complete, oldest first', async () => {
  const { lane } = start()
  for (const part of ['p3', 'p1', 'p2']) await lane.request(syncRequest({ parts: [part] }))
  await drain(world, lane)
  expect(runs().map(({ status, report }) => [status, report.parts[0]?.id])).toEqual([
    ['done', 'p3'],
    ['done', 'p1'],
    ['done', 'p2'],
  ])
  const starts = runs().map((run) => Number((run as { started_at?: number }).started_at))
  expect([...starts].sort((a, b) => a - b)).toEqual(starts)
})

test('a push that comes in the middle of a run is applied before its next step', async () => {
  const { lane } = start()
  await lane.request(syncRequest())
  const hold = holdRead()
  const running = ring(lane)
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

test('a lane that lost its storage and memory rebuilds its queue from D1 and finishes', async () => {
  await start().lane.request(syncRequest())
  world.storage.clear()
  world.alarm = null
  const { lane } = start()
  await lane.poke()
  await drain(world, lane)
  expect(runs().map(({ status }) => status)).toEqual(['done'])
})

test('a second instance fences the first, which writes nothing any more and gives itself up', async () => {
  const first = start()
  await first.lane.request(syncRequest())
  const hold = holdRead()
  const running = ring(first.lane)
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
  const hold = holdRead()
  void ring(stuck.lane)
  await hold.waiting
  world.clock.advance(130_000)
  await expect(stuck.lane.poke()).rejects.toThrow('held by another instance')
  const next = start()
  await next.lane.poke()
  await drain(world, next.lane)
  expect(runs().map(({ status }) => status)).toEqual(['done'])
})

test('a run of a link that nobody declares any more holds nobody up', async () => {
  world.file.exec(
    `INSERT INTO runs (id, link, scope, lane, "trigger", params, actor, status, report, enqueued_at)
      VALUES ('a', 'gone.link', 'w1', '${LANE}', 'manual', '{"parts":null,"full":false}', 'x', 'queued', '{}', 0)`,
  )
  const { lane } = start()
  await lane.request(syncRequest())
  await drain(world, lane)
  expect(runs().map(({ status }) => status)).toEqual(['queued', 'done'])
})

test('an unexpected error of the database is tried again, and the run goes on where it stood', async () => {
  let failures = 3
  const { lane } = instance(
    world,
    LANE,
    () => remote,
    (engine) => ({
      ...engine,
      database: {
        batch(statements) {
          const writes = statements.some(({ sql }) => sql.includes('INTO history'))
          if (writes && failures-- > 0) return Promise.reject(new Error('D1 is overloaded'))
          return engine.database.batch(statements)
        },
      },
    }),
    ids,
  )
  await lane.request(syncRequest())
  await drain(world, lane)
  expect(runs().map(({ status }) => status)).toEqual(['done'])
  expect(rows(world, 'SELECT * FROM accounts')).toHaveLength(3)
})

test('a run that keeps failing unexpectedly ends as failed, and the next request works', async () => {
  let broken = true
  const { lane } = instance(
    world,
    LANE,
    () => ({
      ...remote,
      probe: () => (broken ? Promise.reject(new Error('bug')) : remote.probe({} as never)),
    }),
    undefined,
    ids,
  )
  await lane.request(syncRequest())
  await drain(world, lane)
  expect(runs()[0]).toMatchObject({ status: 'failed', report: { mend: expect.any(String) } })
  broken = false
  remote.probe = async () => ({ ok: true, value: '1' })
  await lane.request(syncRequest())
  await drain(world, lane)
  expect(runs()[1]?.status).toBe('done')
})

test('a run that waits for its remote lets the others by', async () => {
  const { lane } = start()
  remote.fail.push({ ok: false, failure: { type: 'busy', at: world.clock.now() + 30_000, reason: 'quota' } })
  const slow = await lane.request(syncRequest({ parts: ['p1'] }))
  await ring(lane)
  const fast = await lane.request(syncRequest({ parts: ['p2'] }))
  await ring(lane)
  const finished = runs().filter(({ status }) => status === 'done')
  expect(finished.map((run) => (run as { id?: string }).id)).toEqual(['runId' in fast ? fast.runId : ''])
  await drain(world, lane)
  expect(runs().map(({ status }) => status)).toEqual(['done', 'done'])
  expect(slow.type).toBe('queued')
})

test('of two rows that claim one unique value one lands, the other is a conflict, and the rest is untouched by it', async () => {
  const { lane } = start()
  await lane.request(syncRequest())
  await drain(world, lane)
  world.file.exec(`UPDATE link_pages SET rows = '[]'`)
  world.file.exec(`UPDATE accounts SET deleted_at = NULL`)
  // A row that the plan can't know of: its key is taken between the read and the commit.
  const [first] = rows(world, "SELECT * FROM accounts WHERE profile_url_key = 'https://p1'")
  const sneaky = instance(
    world,
    LANE,
    () => remote,
    (engine) => ({
      ...engine,
      database: {
        async batch(statements) {
          const results = await engine.database.batch(statements)
          const reads = statements.some(({ sql }) => sql.includes('CROSS JOIN accounts'))
          if (!reads) return results
          return results.map((result) => ({
            ...result,
            rows: result.rows.filter(({ id }) => id !== first?.id),
          }))
        },
      },
    }),
    ids,
  )
  remote.tabs.get('p1')!.push({ profile_url: 'https://new', followers: 5 })
  remote.stamp++
  await sneaky.lane.request(syncRequest())
  await drain(world, sneaky.lane)
  expect(rows(world, "SELECT * FROM accounts WHERE profile_url_key = 'https://new'")).toHaveLength(1)
  expect(rows(world, "SELECT kind FROM conflicts WHERE kind = 'unique'")).toHaveLength(1)
  expect(runs().at(-1)?.status).toBe('done')
})
