import { beforeEach, expect, test } from 'vitest'
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
