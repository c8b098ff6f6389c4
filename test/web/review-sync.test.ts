import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { afterGap, requestOf } from '../../web/review/src/outbox.ts'
import { type Deps, type Reply, sync } from '../../web/review/src/sync.ts'
import { FakeLane, type LaneReply } from './fake-lane.ts'
import { answer, changing, type Memory, newMemory } from './memory-copy.ts'

const STATUSES = [
  { id: 'modest', label: 'Modest', approved: true },
  { id: 'not_modest', label: 'Not modest', approved: false },
] as const
const BLANK = {
  lifecycle_stage: 'pending_assessment',
  assessed_at: null,
  modesty_status: null,
  shopify_status: null,
}
const START = Date.parse('2026-11-21T10:30:00.000Z')

type Fault = 'none' | 'request lost' | 'answer lost' | 'killed'

/** One lane, one phone, and a clock that goes on with each thing that happens. */
function makeWorld(listings: number, page = 1_000) {
  const lane = new FakeLane(page)
  for (let i = 0; i < listings; i++) lane.edit(`l${i}`, { title: `Dress ${i}`, ...BLANK })
  let drawn = 0
  const draw = () => `incarnation-${++drawn}`
  const world = {
    lane,
    memory: newMemory(draw()),
    faults: [] as Fault[],
    sent: [] as string[],
    isOnline: true,
    time: START,
    tick: () => (world.time += 1_000),
    sync: () => sync(deps(world.memory)).catch(() => 'killed' as const),
    answer: (i: number, approved = true) =>
      answer(world.memory, `l${i}`, STATUSES[approved ? 0 : 1], world.tick()),
    waiting: () =>
      world.memory.entries.filter(({ state }) => state === 'waiting' || state === 'sending').length,
    deps,
  }
  return world

  function deps(memory: Memory): Deps {
    return {
      change: changing(memory),
      now: () => world.time,
      isOnline: () => world.isOnline,
      draw,
      async send(request): Promise<Reply> {
        const fault = world.faults.shift() ?? 'none'
        if (fault === 'request lost') return { type: 'away', detail: '' }
        if (request.method === 'POST') world.sent.push(request.body)
        const query = new URLSearchParams(request.path.split('?')[1])
        const reply =
          request.method === 'POST' ? lane.push(JSON.parse(request.body)) : lane.pull(query.get('cursor'))
        if (fault === 'killed') throw new Error('killed')
        return fault === 'answer lost' ? { type: 'away', detail: '' } : replyOf(reply)
      },
    }
  }
}

function replyOf(reply: LaneReply): Reply {
  if (reply.status === 200) return { type: 'answer', answer: reply.body }
  return reply.type === 'gap' ? { type: 'gap', expected: reply.expected ?? 0 } : { type: 'forked' }
}

const rowsOf = ({ rows }: Memory) => Object.fromEntries([...rows].map(([id, { row }]) => [id, { ...row }]))
const rowsAt = (lane: FakeLane) =>
  Object.fromEntries(Object.entries(lane.state.rows).map(([id, { values }]) => [id, { ...values }]))

test('a first reading comes page by page, and a sync without news is one request', async () => {
  const world = makeWorld(12, 5)
  expect(await world.sync()).toEqual({ type: 'done' })
  expect(world.memory.rows.size).toBe(12)
  world.sent.length = 0
  await world.sync()
  expect(world.sent.map((body) => JSON.parse(body).mutations)).toEqual([[]])
})

test('answers are numbered without gaps, and a repeat has the same bytes', async () => {
  const world = makeWorld(4)
  await world.sync()
  for (const i of [0, 1, 2]) world.answer(i)
  world.faults.push('answer lost')
  expect(await world.sync()).toMatchObject({ type: 'away' })
  world.answer(3)
  await world.sync()
  const [lost, repeat, next] = world.sent.slice(-3)
  expect(repeat).toBe(lost)
  expect(JSON.parse(next ?? '')).toMatchObject({ first: 4, mutations: [{ key: 'l3' }] })
  expect(world.lane.taken).toHaveLength(4)
  expect(rowsOf(world.memory)).toEqual(rowsAt(world.lane))
})

test('without a network nothing gets a number before the server has answered something', async () => {
  const world = makeWorld(2)
  await world.sync()
  world.isOnline = false
  world.answer(0)
  world.faults.push('request lost')
  expect(await world.sync()).toMatchObject({ type: 'away' })
  expect(world.memory.entries.map(({ state }) => state)).toEqual(['waiting'])
  expect(await world.sync()).toEqual({ type: 'done' })
  expect(world.lane.taken).toMatchObject([{ key: 'l0' }])
})

test('what the server set, refused or parked is taken over', async () => {
  const world = makeWorld(4)
  await world.sync()
  const parked = { lifecycle_stage: 'assessed_approved', modesty_status: 'modest' }
  world.lane.judge = ({ key }) =>
    key === 'l1'
      ? { status: 'rejected', reason: 'unknown status' }
      : key === 'l2'
        ? { status: 'conflict', conflict: 'c_1', reason: 'it was assessed', set: parked }
        : null
  world.lane.edit('l3', { lifecycle_stage: 'assessed_rejected', assessed_at: '2027-01-01T00:00:00.000Z' })
  for (const i of [0, 1, 2, 3]) world.answer(i, false)
  await world.sync()
  expect(world.memory.entries.map(({ state, result }) => [state, result?.status])).toEqual([
    ['settled', 'applied'],
    ['rejected', 'rejected'],
    ['settled', 'conflict'],
    ['settled', 'merged'],
  ])
  expect(world.memory.rows.get('l0')?.row).toMatchObject({ shopify_status: 'draft' })
  expect(world.memory.rows.get('l1')?.row).toMatchObject({ lifecycle_stage: 'pending_assessment' })
  expect(world.memory.rows.get('l2')?.row).toMatchObject(parked)
  expect(world.memory.rows.get('l3')?.row).toMatchObject({ assessed_at: '2027-01-01T00:00:00.000Z' })
})

test('a second answer before the first is acknowledged is based on the first', async () => {
  const world = makeWorld(1)
  await world.sync()
  world.answer(0)
  world.faults.push('answer lost')
  await world.sync()
  world.answer(0, false)
  const [first, second] = world.memory.entries.map(({ mutation }) => mutation)
  expect(second?.base).toEqual(first?.values)
  await world.sync()
  expect(world.memory.rows.get('l0')?.row).toMatchObject({ modesty_status: 'not_modest' })
})

test('a restored server is offered again what it forgot', async () => {
  const world = makeWorld(5)
  await world.sync()
  world.answer(0)
  await world.sync()
  const backup = world.lane.save()
  world.answer(1)
  world.answer(2)
  await world.sync()
  world.lane.restore(backup)
  world.answer(3)
  await world.sync()
  const assessed = Object.values(rowsAt(world.lane)).filter((row) => row.assessed_at !== null)
  expect(assessed).toHaveLength(4)
  expect(rowsOf(world.memory)).toEqual(rowsAt(world.lane))
})

test('a restored phone goes on as a new incarnation, and loses nothing that it holds', async () => {
  const world = makeWorld(4)
  await world.sync()
  world.answer(0)
  const backup = structuredClone(world.memory)
  await world.sync()
  world.answer(1)
  await world.sync()
  world.memory = backup
  world.answer(2)
  const before = world.memory.copy.incarnation
  await world.sync()
  expect(world.memory.copy.incarnation).not.toBe(before)
  expect(world.waiting()).toBe(0)
  expect(rowsOf(world.memory)).toEqual(rowsAt(world.lane))
})

test('what was removed while the phone was away for long goes, but for what holds an unsent answer', async () => {
  const world = makeWorld(3)
  await world.sync()
  world.answer(0)
  world.lane.generation++
  world.lane.remove('l0')
  world.lane.remove('l1')
  world.lane.state.deleted = {}
  world.faults.push('none', 'killed')
  await world.sync()
  await world.sync()
  expect([...world.memory.rows.keys()]).toEqual(['l2'])
  expect(world.memory.entries).toMatchObject([{ state: 'rejected' }])
})

const fault = fc.constantFrom<Fault>('none', 'none', 'request lost', 'answer lost', 'killed')
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('answer' as const), i: fc.nat(5), yes: fc.boolean() }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('sync' as const), faults: fc.array(fault, { maxLength: 4 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('other' as const), i: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('two tabs' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('save' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restore' as const) }) },
)

test.each(['nothing', 'the server', 'the phone'] as const)(
  'whatever is cut off or killed, the newest answer to each listing stands, while %s is restored from backups',
  async (restored) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 40 }),
        fc.integer({ min: 1, max: 4 }),
        async (steps, page) => {
          const world = makeWorld(6, page)
          await world.sync()
          const newest = new Map<string, number>()
          let backup = {
            lane: world.lane.save(),
            memory: structuredClone(world.memory),
            newest: new Map(newest),
          }
          for (const each of steps) {
            if (each.do === 'answer') {
              world.answer(each.i, each.yes)
              if (world.memory.rows.has(`l${each.i}`)) newest.set(`l${each.i}`, world.time)
            } else if (each.do === 'sync') {
              world.faults = [...each.faults]
              await world.sync()
              world.faults = []
            } else if (each.do === 'other') {
              const at = new Date(world.tick()).toISOString()
              // In a server's backup it would be gone: nobody offers it again.
              if (restored !== 'the server') {
                world.lane.edit(`l${each.i}`, { lifecycle_stage: 'assessed_rejected', assessed_at: at })
                newest.set(`l${each.i}`, world.time)
              }
            } else if (each.do === 'two tabs') {
              await Promise.all([world.sync(), world.sync()])
            } else if (each.do === 'save') {
              backup = {
                lane: world.lane.save(),
                memory: structuredClone(world.memory),
                newest: new Map(newest),
              }
            } else if (restored === 'the server') world.lane.restore(backup.lane)
            else if (restored === 'the phone') {
              // What a lost phone had not sent is lost with it.
              for (const { mutation, state } of world.memory.entries)
                if (state !== 'settled') {
                  const at = Date.parse(String(rowsAt(world.lane)[mutation.key]?.assessed_at ?? ''))
                  const before = Math.max(at || 0, backup.newest.get(mutation.key) ?? 0)
                  if (before > 0) newest.set(mutation.key, before)
                  else newest.delete(mutation.key)
                }
              world.memory = structuredClone(backup.memory)
            }
          }
          expect(await world.sync()).toEqual({ type: 'done' })
          expect(await world.sync()).toEqual({ type: 'done' })
          expect(world.waiting()).toBe(0)
          for (const [id, at] of newest)
            expect(rowsAt(world.lane)[id]?.assessed_at).toBe(new Date(at).toISOString())
          expect(rowsOf(world.memory)).toEqual(rowsAt(world.lane))
          if (restored === 'nothing') {
            const times = world.lane.taken.map(({ at }) => at)
            expect(new Set(times).size).toBe(times.length)
          }
        },
      ),
      { numRuns: 300 },
    )
  },
)

test('the next request follows from the copy alone', () => {
  const { copy } = newMemory('one')
  const copyOf = (change: object) => requestOf({ ...copy, ...change })
  expect(copyOf({})).toMatchObject({ method: 'GET', path: '/api/pull?lane=listings' })
  expect(copyOf({ cursor: 'a b' })).toMatchObject({ path: '/api/pull?lane=listings&cursor=a%20b' })
  expect(copyOf({ cursor: 'c', isReading: false })).toMatchObject({ method: 'POST', path: '/api/push' })
  const batch = { first: 1, ids: [1], body: 'frozen' }
  expect(copyOf({ batch, cursor: 'c' })).toMatchObject({ method: 'POST', body: 'frozen' })
})

test('a server that was restored is offered what this life of the copy said in the last 30 days, and no more', () => {
  const now = START + 40 * 86_400_000
  const mutation = { table: 'listings', op: 'update', key: 'l0', values: {} } as const
  const settled = (id: number, incarnation: string, settledAt: number) =>
    ({ id, n: id, state: 'settled', mutation, incarnation, settledAt }) as const
  const entries = [settled(1, 'one', START), settled(2, 'another', now), settled(3, 'one', now)]
  const { copy } = newMemory('one')
  const change = afterGap({ ...copy, next: 4, isReading: false, cursor: 'c' }, entries, 1, now, 'new')
  expect(change.entries).toEqual([{ id: 3, mutation, state: 'waiting' }])
})
