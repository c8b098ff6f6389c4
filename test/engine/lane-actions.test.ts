import { beforeEach, describe, expect, test } from 'vitest'
import { actionFromRow, stepAction } from '../../sync/engine/action.ts'
import type { LaneCore } from '../../sync/engine/lane.ts'
import type { Performed, RemoteFailure } from '../../sync/engine/ports.ts'
import { ordersSystem } from '../../sync/systems/orders.ts'
import { type ListWorld, listWorld, request } from './list-world.ts'
import { drain, instance, rows } from './world.ts'

// Orders that people ask for, as their lane sees them: beside runs, and with answers that come late.

const order = {
  link: 'orders.erp',
  scope: 'ann',
  kind: 'create_order',
  key: 'k1',
  body: { lines: 1 },
  actor: 'ann',
}
let at: ListWorld
const open = () => rows(at.world, 'SELECT 1 FROM actions WHERE finished_at IS NULL').length
const turn = () => new Promise((next) => setImmediate(next))
/** A promise, and what settles it. */
function hold() {
  let letGo: () => void = () => undefined
  const held = new Promise<void>((go) => {
    letGo = go
  })
  return { held, letGo: () => letGo() }
}

beforeEach(() => {
  at = listWorld()
  at.remote.lists.set('orders/ann', [])
})

test('an order that ended while the database was asked what is unfinished is not sent again', async () => {
  const late = hold()
  let slow = false
  const { lane } = instance(
    at.world,
    'orders:ann',
    () => at.remote,
    (engine) => ({
      ...engine,
      database: {
        async batch(statements) {
          const answer = await engine.database.batch(statements)
          const asks = statements.some(({ sql }) => /FROM actions WHERE .* finished_at IS NULL/.test(sql))
          if (asks && slow) await late.held
          return answer
        },
      },
    }),
    at.ids,
  )
  await lane.act(order)
  slow = true
  const poked = lane.poke()
  await turn()
  slow = false
  at.world.clock.advance(1_000)
  const rung = lane.alarm()
  while (open() > 0) await turn()
  late.letGo()
  await poked
  await rung
  await drain(at.world, lane)
  expect(at.remote.performed).toHaveLength(1)
  expect(rows(at.world, 'SELECT status FROM actions')).toEqual([{ status: 'done' }])
})

test('while an order is made and a run waits for the ERP, the lane sleeps', async () => {
  const making = hold()
  const { perform } = at.remote
  at.remote.perform = async (context, action) => {
    await making.held
    if (!perform) throw new Error('the lists take no orders')
    return perform(context, action)
  }
  const until = at.world.clock.now() + 30_000
  at.remote.fault = () => ({ ok: false, failure: { type: 'busy', at: until, reason: 'busy' } })
  const { lane } = at.start('orders:ann')
  await lane.request(request('orders.erp', { scope: 'ann' }))
  await lane.act(order)
  const ring = async () => {
    at.world.clock.set(at.world.alarm ?? 0)
    at.world.alarm = null
    await lane.alarm()
  }
  for (let alarms = 0; alarms < 5; alarms++) await ring()
  expect(at.world.alarm ?? 0).toBeGreaterThan(at.world.clock.now())
  at.remote.fault = () => null
  making.letGo()
  while (open() > 0) await turn()
  await drain(at.world, lane)
  expect(at.remote.performed).toHaveLength(1)
  expect(rows(at.world, 'SELECT status FROM runs WHERE finished_at IS NULL')).toEqual([])
})

test('a key that was used for something else is refused, and one that ended is known', async () => {
  const { lane } = at.start('orders:ann')
  expect(await lane.act(order)).toMatchObject({ type: 'accepted' })
  expect(await lane.act({ ...order, body: { lines: 2 } })).toMatchObject({
    type: 'failed',
    failure: { type: 'conflict' },
  })
  await drain(at.world, lane)
  expect(await lane.act(order)).toMatchObject({ type: 'known' })
  await drain(at.world, lane)
  expect(at.remote.performed).toHaveLength(1)
})

const away: RemoteFailure = { type: 'unavailable', reason: 'no answer', mend: 'wait' }
const notSent: Performed = { type: 'not_sent', failure: away }
const lost: Performed = { type: 'lost', reason: 'no answer' }
/** What the ERP says to the next orders, instead of taking them; the last is said for ever. */
function says(...answers: readonly Performed[]) {
  const left = [...answers]
  let sent = 0
  at.remote.perform = async () => {
    sent++
    return (left.length > 1 ? left.shift() : left[0]) ?? lost
  }
  return () => sent
}

test.each([
  ['is not there', { ok: true, value: null }, 4],
  ['can’t be looked for because the ERP is away', { ok: false, failure: away }, 12],
  ['may not be looked for', { ok: false, failure: { ...away, type: 'refused' } }, 4],
] as const)(
  'an order whose answer was lost and that %s is unknown after some looks',
  async (_, found, looks) => {
    // Tries before it was sent are none of the looks.
    const sent = says(notSent, notSent, lost)
    let looked = 0
    at.remote.find = async () => {
      looked++
      return found
    }
    const { lane } = at.start('orders:ann')
    await lane.act(order)
    await drain(at.world, lane)
    expect([sent(), looked]).toEqual([3, looks])
    expect(rows(at.world, 'SELECT status FROM actions')).toEqual([{ status: 'unknown' }])
  },
)

describe('an order whose answer was lost, and that can’t be looked for,', () => {
  const made = () =>
    at.remote.lists.set('orders/ann', [{ erp_id: 'O7', number: '7', external_ref: 'ann:k1' }])
  const outcome = () => rows(at.world, 'SELECT status, result, reason, mend FROM actions')
  const done = [{ status: 'done', result: '{"erp_id":"O7","number":"7"}', reason: null, mend: null }]
  const refresh = (lane: LaneCore) => lane.request(request('orders.erp', { scope: 'ann' }))
  /** Until it is given up. `atOnce`: what happens while it is looked for the first time */
  const giveUp = async (how: 'away' | 'bug', atOnce: (lane: LaneCore) => unknown = () => undefined) => {
    says(lost)
    const { lane } = at.start('orders:ann')
    let looked = 0
    at.remote.find = async () => {
      if (looked++ === 0) await atOnce(lane)
      if (how === 'bug') throw new Error('bug')
      return { ok: false, failure: away }
    }
    await lane.act(order)
    await drain(at.world, lane)
    return lane
  }

  test.each(['away', 'bug'] as const)(
    'is done if a run showed it before it was given up (%s)',
    async (how) => {
      await giveUp(how, async (lane) => {
        made()
        await refresh(lane)
      })
      expect(rows(at.world, 'SELECT erp_id FROM orders')).toEqual([{ erp_id: 'O7' }])
      expect(outcome()).toEqual(done)
    },
  )

  test('is done if a run shows it later', async () => {
    const lane = await giveUp('away')
    expect(outcome()).toMatchObject([{ status: 'unknown' }])
    made()
    await refresh(lane)
    await drain(at.world, lane)
    expect(outcome()).toEqual(done)
  })

  test('and that is here since long, unseen, is done after the next run, though nothing is new', async () => {
    const lane = await giveUp('away')
    made()
    await refresh(lane)
    await drain(at.world, lane)
    at.world.file.exec(`UPDATE actions SET status = 'unknown', result = NULL`)
    await refresh(lane)
    await drain(at.world, lane)
    expect(outcome()).toEqual(done)
  })
})

test('an order that did not reach the ERP is sent again, by another instance as well', async () => {
  const sent = says(notSent, { type: 'done', result: { number: 1 } })
  const first = at.start('orders:ann').lane
  await first.act(order)
  at.world.clock.set(at.world.alarm ?? 0)
  await first.alarm()
  expect(rows(at.world, 'SELECT status FROM actions')).toEqual([{ status: 'queued' }])
  const second = at.start('orders:ann').lane
  await second.poke()
  await drain(at.world, second)
  expect(sent()).toBe(2)
  expect(rows(at.world, 'SELECT status FROM actions')).toEqual([{ status: 'done' }])
})

test.each([
  ['before it was sent', 'refused', 0],
  ['after it was sent', 'unknown', 1],
])('an order that meets a bug %s ends as %s', async (when, status, sent) => {
  const bug = async () => {
    throw new Error('bug')
  }
  if (sent === 1) Object.assign(at.remote, { perform: bug, find: bug })
  const { lane } = instance(
    at.world,
    'orders:ann',
    () => at.remote,
    (engine) => ({
      ...engine,
      database: {
        batch: (statements) =>
          sent === 0 && statements.some(({ sql }) => /SET status = 'sending'/.test(sql))
            ? bug()
            : engine.database.batch(statements),
      },
    }),
    at.ids,
  )
  await lane.act(order)
  await drain(at.world, lane)
  expect(rows(at.world, 'SELECT status FROM actions'), when).toEqual([{ status }])
  expect(at.remote.performed).toEqual([])
})

test('an order that ended is not sent by whoever still takes it for queued', async () => {
  const { lane, engine } = at.start('orders:ann')
  await lane.act(order)
  const [stale] = rows(at.world, 'SELECT * FROM actions')
  await drain(at.world, lane)
  const [held] = rows(at.world, `SELECT * FROM lanes WHERE lane = 'orders:ann'`)
  const [link] = ordersSystem.links
  if (!stale || !held || !link) throw new Error('nothing to take up')
  const fence = { lane: 'orders:ann', epoch: Number(held.epoch), version: Number(held.version) }
  expect(await stepAction(engine, fence, link, actionFromRow(stale))).toEqual({ type: 'ended', done: false })
  expect(at.remote.performed).toHaveLength(1)
})
