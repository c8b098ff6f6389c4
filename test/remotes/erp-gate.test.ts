import { describe, expect, it } from 'vitest'
import { bad, createWorld, dialects, good, part } from './erp-world.ts'

function filled(options = {}) {
  const world = createWorld(options)
  world.person.fill({ customersEach: 200, products: 200, ordersEach: 30 })
  return world
}

/** Lets everybody go on who can without an answer of the ERP. */
const settled = async () => {
  for (let i = 0; i < 50; i++) await Promise.resolve()
}

describe.each(dialects)('The gate (%s)', (dialect) => {
  it('is asked for a place before each call, its login included, with what the run says', async () => {
    const { read, gate, called } = filled()
    good(await read('products', dialect, 1, { priority: 3, ahead: 2 }))
    expect(gate.asked).toEqual([{ priority: 3, exclusive: false, most: 2, lease: 30_000, patience: 90_000 }])
    expect(called).toEqual(['login', 'list'])
    good(await read('products', dialect, 2))
    expect(gate.asked).toHaveLength(2)
  })

  it.each([1, 2, 6])('lets no more calls at the ERP at once than %i, whatever runs', async (most) => {
    const { erp, remote, gate, context } = filled({
      concurrency: most,
      latency: 1,
      sleep: () => new Promise((go) => setTimeout(go, 1)),
    })
    const reads = (['customers', 'products', 'prices', 'orders'] as const).flatMap((list) =>
      [1, 2, 3].map((page) => remote.read(context(list, dialect, { ahead: most }), part, String(page))),
    )
    const orders = good(await remote.read(context('orders', dialect, { ahead: most }), part, '1'))
    const details = remote.detail!(context('orders', dialect, { ahead: most }), part, orders.rows)
    for (const answer of await Promise.all(reads)) expect(answer.ok).toBe(true)
    expect(good(await details).rows.size).toBe(20)
    expect(erp.overruns).toBe(0)
    expect(erp.mostAtOnce).toBe(most)
    expect(gate.mostAtOnce).toBe(most)
  })

  it('says why it keeps one waiting, and when it goes on', async () => {
    const { erp, remote, context, waits } = filled()
    good(await remote.read(context('products', dialect), part, '1'))
    waits.length = 0
    const held = erp.faults.hold({ list: 'products', page: 2 })
    const first = remote.read(context('products', dialect), part, '2')
    await held.arrived()
    const second = remote.read(context('products', dialect), part, '3')
    await settled()
    expect(waits).toEqual([null, 'others are in the ERP'])
    held.release()
    good(await first)
    good(await second)
    expect(waits).toEqual([null, 'others are in the ERP', null])
  })

  it('that has no place in all the time makes the run step aside', async () => {
    const { read, gate, called, clock } = filled()
    gate.full = true
    expect(bad(await read('products', dialect))).toEqual({
      type: 'busy',
      at: clock.now() + 5_000,
      reason: 'Others were in the ERP all the time; no place was free',
    })
    expect(called).toEqual([])
  })

  it.each([
    [{ status: 503, headers: { 'retry-after': '7' } }, 7_000],
    [{ status: 429, headers: { 'retry-after': 'Sat, 21 Nov 2026 08:05:19 GMT' } }, 10_000],
    [{ status: 429, headers: {} }, 5_000],
    [{ status: 503, headers: { 'retry-after': '86400' } }, 900_000],
  ])('is closed for as long as the ERP asks: %j', async ({ status, headers }, wait) => {
    const world = filled()
    good(await world.read('products', dialect))
    world.network.answer = async () => new Response('busy', { status, headers })
    const failure = bad(await world.read('products', dialect))
    world.network.answer = null
    expect(failure).toEqual({
      type: 'busy',
      at: world.clock.now() + wait,
      reason: `The ERP is busy (HTTP ${status})`,
    })
    expect(world.gate.penalties).toEqual([world.clock.now() + wait])
  })

  it('stays open for an ERP that is out of service, which says nothing of when it comes back', async () => {
    const world = filled()
    good(await world.read('products', dialect))
    world.network.answer = async () => new Response('', { status: 503 })
    expect(bad(await world.read('products', dialect))).toMatchObject({
      type: 'unavailable',
      reason: expect.stringContaining('out of service'),
    })
    expect(world.gate.penalties).toEqual([])
  })

  it('takes the place back at its time: the call was given up before', async () => {
    const { erp, read, gate } = filled()
    good(await read('products', dialect))
    gate.lease = 1_040
    const held = erp.faults.hold({ list: 'products', page: 2 })
    const began = performance.now()
    expect(bad(await read('products', dialect, 2))).toMatchObject({
      type: 'unavailable',
      reason: expect.stringContaining('did not answer'),
    })
    expect(performance.now() - began).toBeLessThan(1_000)
    held.release()
  })

  it('whose lease is as good as over lets nothing be sent', async () => {
    const { read, gate, called } = filled()
    gate.lease = 900
    expect(bad(await read('products', dialect))).toMatchObject({
      type: 'unavailable',
      reason: expect.stringContaining('too slow'),
    })
    expect(called).toEqual([])
  })
})

describe('An ERP that nobody set up', () => {
  it.each([null, '', 'erp.example'])('at %j is said so, without a call', async (origin) => {
    const { read, called } = createWorld({ origin })
    expect(bad(await read('products', 'json'))).toEqual({
      type: 'refused',
      reason: 'Nobody said where the ERP is',
      mend: 'Set ERP_ORIGIN to its address (https://…).',
    })
    expect(called).toEqual([])
  })
})
