import { expect, test } from 'vitest'
import type { Row } from '../../db/database.ts'
import type { LaneCore } from '../../sync/engine/lane.ts'
import { fakeLists, listWorld, price, products, request, SHARED } from '../engine/list-world.ts'
import { type Durable, rows, testRandom } from '../engine/world.ts'
import { stoppableLane, stopper } from './stoppable.ts'

// Runs over lists that are stopped, and what is left of them: the same as if nothing had happened.

/** Rings alarms until none is set, or the world stops. */
async function ringOn(world: Durable, lane: LaneCore): Promise<'quiet'> {
  while (world.alarm !== null) {
    world.clock.set(world.alarm)
    const rung = world.alarm
    world.alarm = null
    await lane.alarm().catch((error: unknown) => {
      if (!/held by another instance/.test(String(error))) throw error
      world.alarm ??= rung
    })
  }
  return 'quiet'
}

/** Goes on in new instances, each stopped after as many awaits as `next` says, until a run has ended. */
async function throughStops(
  at: ReturnType<typeof listWorld>,
  laneName: string,
  ask: (lane: LaneCore) => Promise<unknown>,
  next: () => number | null,
  ended: () => boolean,
): Promise<number> {
  let stops = 0
  for (let asked = false; !asked || !ended(); ) {
    const stop = stopper(next())
    const lane = stoppableLane(at.world, laneName, at.remote, stop, at.ids)
    const work = async () => {
      if (!asked) await ask(lane)
      asked = true
      at.world.alarm ??= at.world.clock.now()
      await ringOn(at.world, lane)
    }
    const end = await Promise.race([work().then(() => 'quiet' as const), stop.stopped])
    if (end === 'stopped') {
      stops++
      if (stops > 3_000) throw new Error('stopped so early each time that nothing moves')
      // The alarm that was ringing rings again.
      at.world.alarm ??= at.world.clock.now()
    }
  }
  return stops
}

const TABLES = ['products', 'history', 'link_pages', 'link_state', 'lanes'] as const
/** All but what tells when it was, who held the lane, and which commit it was. */
const seen = (world: Durable): Record<string, Row[]> =>
  Object.fromEntries(
    TABLES.map((table) => [
      table,
      rows(world, `SELECT * FROM ${table}`).map(
        ({
          updated_at,
          at,
          epoch,
          commit_id,
          run_id,
          last_run_id,
          next_due_at,
          last_full_at,
          last_check_at,
          last_good_at,
          ...rest
        }) => rest,
      ),
    ]),
  )

test('a run of 300 pages that is stopped at every page, and inside pages, reads no page more than once more than it was stopped, and ends as an unbroken one', async () => {
  const make = () => {
    const at = listWorld(['ann'], fakeLists(20))
    at.remote.lists.set(`products/${SHARED}`, products(6_000))
    return at
  }
  const whole = make()
  await throughStops(
    whole,
    'products',
    (lane) => lane.request(request('products.erp')),
    () => null,
    () => true,
  )
  expect(rows(whole.world, 'SELECT status FROM runs')).toEqual([{ status: 'done' }])

  const at = make()
  const random = testRandom(7)
  const finished = () => rows(at.world, 'SELECT 1 FROM runs WHERE finished_at IS NOT NULL').length > 0
  const stops = await throughStops(
    at,
    'products',
    (lane) => lane.request(request('products.erp')),
    // Each call is two points; taking the run up costs 20 and its first page 8: most stops come before a commit, some after.
    () => 14 + Math.floor(random() * 16),
    finished,
  )
  expect(stops).toBeGreaterThan(300)
  const reads = new Map<number, number>()
  for (const { page } of at.remote.reads) reads.set(page, (reads.get(page) ?? 0) + 1)
  expect(reads.size).toBe(300)
  // One page a stop may have been on its way.
  expect(at.remote.reads.length).toBeLessThanOrEqual(300 + stops)
  expect(seen(at.world)).toEqual(seen(whole.world))
}, 120_000)

test('products and prices at once, stopped at any await, end as if they had not been', async () => {
  const tell = async (stopAt: number | null) => {
    const at = listWorld(['ann'], fakeLists(2))
    at.remote.lists.set(`products/${SHARED}`, products(5))
    at.remote.lists.set(
      `prices/${SHARED}`,
      [3, 1, 2, 9].map((n) => price(n, n * 100)),
    )
    let first: number | null = stopAt
    let passed = 0
    await throughStops(
      at,
      'products',
      async (lane) => {
        await lane.request(request('products.erp'))
        await lane.request(request('prices.erp'))
      },
      () => {
        const at_ = first
        first = null
        return at_
      },
      () => rows(at.world, 'SELECT 1 FROM runs WHERE finished_at IS NULL').length === 0,
    )
    passed = at.remote.reads.length
    return {
      passed,
      seen: rows(at.world, 'SELECT id, name, price, deleted_at FROM products ORDER BY id'),
      changes: rows(at.world, 'SELECT product_id, old, new FROM price_changes ORDER BY product_id'),
      waiting: rows(at.world, 'SELECT name FROM unmatched_prices'),
    }
  }
  const { passed: _, ...whole } = await tell(null)
  expect(whole.changes).toHaveLength(3)
  expect(whole.waiting).toEqual([{ name: 'Product 9' }])
  for (let stopAt = 0; stopAt < 140; stopAt++) {
    const { passed: __, ...broken } = await tell(stopAt)
    expect(broken, `stopped at ${stopAt}`).toEqual(whole)
  }
}, 120_000)

test('an order that is asked for once is made at most once, wherever the world stops, and its fate is known', async () => {
  const fates = new Set<string>()
  for (const late of [false, true])
    for (let stopAt = 0; stopAt < 60; stopAt++) {
      const at = listWorld(['ann'])
      at.remote.lists.set('orders/ann', [])
      const stop = stopper(stopAt)
      const order = {
        link: 'orders.erp',
        scope: 'ann',
        kind: 'create_order',
        key: 'k1',
        body: { lines: 1 },
        actor: 'ann',
      }
      const first = stoppableLane(at.world, 'orders:ann', at.remote, stop, at.ids)
      const work = async () => {
        await first.act(order)
        await ringOn(at.world, first)
      }
      await Promise.race([work().catch(() => undefined), stop.stopped])
      if (late) await stop.land()
      at.world.alarm ??= at.world.clock.now()
      const second = at.start('orders:ann').lane
      // The caller repeats what was not answered.
      await second.act(order)
      await ringOn(at.world, second)
      const [action] = rows(at.world, 'SELECT status, reason FROM actions')
      const made = at.remote.performed.length
      expect(made, `stopped at ${stopAt}`).toBeLessThanOrEqual(1)
      expect(rows(at.world, 'SELECT 1 FROM actions')).toHaveLength(1)
      expect([`done ${made}`, `unknown ${made}`]).toContain(`${action?.status} ${made}`)
      if (made === 1) expect(action?.status, `stopped at ${stopAt}`).toBe('done')
      fates.add(`${action?.status} ${made}`)
    }
  // Stopped between the mark and the sending, nobody can know that it was not sent.
  expect([...fates].sort()).toEqual(['done 1', 'unknown 0'])
}, 60_000)
