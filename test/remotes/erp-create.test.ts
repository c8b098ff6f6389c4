import { describe, expect, it } from 'vitest'
import type { Action } from '../../sync/engine/ports.ts'
import { createWorld, dialects, good } from './erp-world.ts'

const body = {
  customer_id: 'K1',
  lines: [{ product_id: 'P1', quantity: 2.5, price: 1_005, discount: 1_250 }],
  note: 'Ring & wait',
}
const action: Action = { kind: 'create_order', key: 'anna:1', body }

const form = (fields: string) => `<form id="login" method="post" action="/login">${fields}`
const password = '<input name="user"><input name="password" type="password">'
const SIGN_IN = {
  whole: `<html><body>${form(password)}</form></body></html>`,
  half: `<html><body>${form(password)}`,
  withOrder: `<html><body>${form(password)}</form><a href="/orders/O7">Order 7 was made</a></body></html>`,
  nameOnly: `<html><body>${form('<input name="user">')}</form></body></html>`,
}

function withShop(options = {}) {
  const world = createWorld(options)
  world.person.put('customers', { id: 'K1', name: 'Rossi' }, { user: 'anna@erp' })
  world.person.put('products', { id: 'P1', code: 'C1', name: 'Valve' })
  world.person.put('prices', { product_id: 'P1', name: 'Valve', price: 10, currency: 'EUR' })
  const orders = () => world.person.rows('orders', { user: 'anna@erp' })
  return { ...world, orders }
}

describe.each(dialects)('Making an order (%s)', (dialect) => {
  const make = (world: ReturnType<typeof withShop>, given: Partial<Action> = {}) =>
    world.remote.perform!(world.context('orders', dialect), { ...action, ...given })
  const look = (world: ReturnType<typeof withShop>, key = action.key) =>
    world.remote.find!(world.context('orders', dialect), { ...action, key })

  it('answers its id and number; it holds what was asked, and carries the key', async () => {
    const world = withShop()
    const [before] = [world.gate.asked.length]
    const performed = await make(world)
    const [order] = world.orders()
    expect(performed).toEqual({ type: 'done', result: { erp_id: order!.id, number: order!.number } })
    expect(order).toMatchObject({ external_ref: 'anna:1', customer_id: 'K1' })
    expect(world.gate.asked[before]).toMatchObject({ exclusive: true, lease: 60_000 })
    const row = good(await world.read('orders', dialect)).rows
    const details = good(
      await world.remote.detail!(
        world.context('orders', dialect),
        { id: 'x', name: 'x', timeZone: 'UTC', options: {} },
        row,
      ),
    )
    expect(details.rows.get(0)!.note).toBe('Ring & wait')
    expect(JSON.parse(String(details.rows.get(0)!.lines))).toMatchObject([
      { product_id: 'P1', quantity: 2.5, price: 1_005, discount: 1_250 },
    ])
  })

  it('takes one call by JSON; pages tell the number of the new order in a second one', async () => {
    const world = withShop()
    await make(world)
    expect(world.called).toEqual(dialect === 'json' ? ['login', 'create'] : ['login', 'create', 'find'])
  })

  it('is done without a number where pages do not tell it', async () => {
    const world = withShop()
    world.erp.faults.add({ match: { path: /lists/ }, do: { status: 500 } })
    expect(await make(world)).toMatchObject({ type: 'done', result: { erp_id: world.orders()[0]!.id } })
  })

  it('is found by its key afterwards, and by no other', async () => {
    const world = withShop()
    const performed = await make(world)
    expect(good(await look(world))).toEqual(performed.type === 'done' && performed.result)
    expect(good(await look(world, 'anna:2'))).toBeNull()
  })

  it('that the ERP refuses is refused with its sentence', async () => {
    const world = withShop()
    const performed = await make(world, { body: { ...body, customer_id: 'nobody' } })
    expect(performed).toMatchObject({
      type: 'refused',
      reason: expect.stringMatching(/^The ERP refused the order: .*customer/i),
    })
    expect(world.orders()).toEqual([])
  })

  it('that is no order is refused without a call', async () => {
    const world = withShop()
    expect(await make(world, { body: { ...body, lines: [] } })).toMatchObject({ type: 'refused' })
    expect(await make(world, { kind: 'delete_order' })).toMatchObject({ type: 'refused' })
    expect(world.requests).toEqual([])
  })

  it('whose session is over signs in again and makes it once', async () => {
    const world = withShop()
    good(await world.read('orders', dialect))
    world.person.expireSessions()
    expect(await make(world)).toMatchObject({ type: 'done' })
    expect(world.orders()).toHaveLength(1)
  })

  it.each([
    ['the answer is lost', { lost: true }, 1],
    ['the answer breaks off', { cut: 5 }, 1],
    ['the answer is empty', { empty: true }, null],
    ['the answer is half', { truncated: 0.3 }, null],
    ['the ERP answers HTTP 500', { status: 500, body: 'oops' }, null],
    ['the ERP answers HTTP 500 with a sentence', { status: 500, body: '{"error":"deadlock"}' }, null],
    [
      'the ERP answers HTTP 500 with a page that says why',
      { status: 500, body: '<p class="error">no</p>' },
      null,
    ],
    ["the ERP answers HTTP 404 with somebody else's page", { status: 404, body: '<h1>nginx</h1>' }, null],
    ['the ERP answers with an error and HTTP 200', { errorText: 'ORA-1' }, null],
    ...(dialect === 'json'
      ? ([['the sign-in page stands in place of an answer', { loginPage: true }, null]] as const)
      : []),
    ['half of the sign-in page stands in place of an answer', { status: 200, body: SIGN_IN.half }, null],
    ['the sign-in page comes with HTTP 500', { status: 500, body: SIGN_IN.whole }, null],
    ['the sign-in page leads to an order', { status: 200, body: SIGN_IN.withOrder }, null],
    ['the sign-in form has no password', { status: 200, body: SIGN_IN.nameOnly }, null],
    ['the ERP is out of service', { status: 503 }, null],
  ] as const)('is lost when %s: nothing is sent again', async (_name, fault, made) => {
    const world = withShop()
    good(await world.read('orders', dialect))
    world.erp.faults.add({ match: { method: 'POST', path: /orders$/ }, do: fault })
    world.calls()
    expect(await make(world)).toMatchObject({
      type: 'lost',
      reason: expect.stringContaining('not known yet'),
    })
    expect(world.calls().filter((call) => call.startsWith('POST'))).toHaveLength(1)
    if (made !== null) expect(world.orders()).toHaveLength(made)
    const found = good(await look(world))
    expect(found?.erp_id ?? null).toBe(world.orders()[0]?.id ?? null)
  })

  it('is lost when no answer comes in time', async () => {
    const world = withShop()
    good(await world.read('orders', dialect))
    world.gate.lease = 1_030
    const held = world.erp.faults.hold({ method: 'POST', path: /orders$/ })
    expect(await make(world)).toMatchObject({ type: 'lost' })
    held.release()
  })

  it('is not sent when the login is refused, when no place is free, or when the ERP is busy at the door', async () => {
    const world = withShop()
    const target = { list: 'orders', user: 'anna', login: 'anna@erp', sealed: 'sealed:wrong' }
    expect(await world.remote.perform!(world.context('orders', dialect, { target }), action)).toMatchObject({
      type: 'not_sent',
      failure: { type: 'refused', mend: expect.stringContaining('Correct the ERP login of anna') },
    })
    world.gate.full = true
    expect(await make(world)).toMatchObject({ type: 'not_sent', failure: { type: 'busy' } })
    world.gate.full = false
    good(await world.read('orders', dialect))
    world.network.answer = async () =>
      new Response('{"error":"busy"}', { status: 503, headers: { 'retry-after': '1' } })
    expect(await make(world)).toMatchObject({ type: 'not_sent', failure: { type: 'busy' } })
    world.network.answer = null
    expect(world.orders()).toEqual([])
    expect(await make(world)).toMatchObject({ type: 'done' })
  })

  it('is not sent when no connection was made, and lost when one broke', async () => {
    const world = withShop()
    good(await world.read('orders', dialect))
    world.network.answer = () =>
      Promise.reject(
        new TypeError('fetch failed', {
          cause: Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }),
        }),
      )
    expect(await make(world)).toMatchObject({ type: 'not_sent', failure: { type: 'unavailable' } })
    world.network.answer = () =>
      Promise.reject(
        new TypeError('fetch failed', {
          cause: Object.assign(new Error('reset'), { code: 'ECONNRESET' }),
        }),
      )
    expect(await make(world)).toMatchObject({ type: 'lost' })
  })

  it('that is made twice behind our back is found as the older one, and it is said how many there are', async () => {
    const world = withShop()
    const first = await make(world)
    world.wait(5_000)
    expect(await make(world)).toMatchObject({ type: 'done' })
    expect(world.orders()).toHaveLength(2)
    expect(good(await look(world))).toEqual({ ...(first.type === 'done' && first.result), copies: 2 })
  })

  it('is done although the gate broke when the place was given back', async () => {
    const world = withShop()
    const { inside } = world.gate.places
    world.gate.places.inside = async (asked, onWait, work) => {
      const done = await inside(asked, onWait, work)
      if (asked.exclusive) throw new Error('the gate was replaced')
      return done
    }
    expect(await make(world)).toMatchObject({ type: 'done' })
  })

  it.each([
    ['comes as nothing', { empty: true }],
    ['comes as half an answer', { truncated: 0.5 }],
    ['is HTTP 500', { status: 500, body: 'x' }],
    ['breaks the connection', { cut: 3 }],
  ] as const)('is not told to be absent by a search that %s', async (_name, fault) => {
    const world = withShop()
    world.erp.faults.add({ match: { path: /external_ref/ }, do: fault })
    world.erp.faults.add({ match: { path: /orders/ }, do: fault })
    expect(await look(world)).toMatchObject({ ok: false })
  })
})

describe('An ERP that answers an order with its sign-in page and HTTP 200', () => {
  const make = async (times: number) => {
    const world = withShop()
    good(await world.read('orders', 'html'))
    world.erp.faults.add({ match: { method: 'POST', path: /orders$/ }, times, do: { loginPage: true } })
    world.calls()
    const performed = await world.remote.perform!(world.context('orders', 'html'), action)
    const posts = world.calls().filter((call) => call.startsWith('POST'))
    return { world, performed, posts }
  }

  it('made nothing, for the session was over: we sign in and send it again', async () => {
    const { world, performed, posts } = await make(1)
    expect(performed).toMatchObject({ type: 'done', result: { erp_id: world.orders()[0]!.id } })
    expect(world.orders()).toHaveLength(1)
    expect(posts).toEqual(['POST /orders', 'POST /login', 'POST /orders'])
  })

  it('also to a new session has not got it: it is not sent, and tried again later', async () => {
    const { world, performed, posts } = await make(Number.POSITIVE_INFINITY)
    expect(performed).toMatchObject({
      type: 'not_sent',
      failure: { type: 'unavailable', reason: expect.stringContaining('still shows its sign-in page') },
    })
    expect(world.orders()).toEqual([])
    expect(posts).toEqual(['POST /orders', 'POST /login', 'POST /orders'])
  })
})

describe('A search that was none', () => {
  it('proves nothing: the ERP showed other orders', async () => {
    const world = withShop()
    const rows = [{ id: 'O1', number: '1', external_ref: 'other', modified: '2026-11-21T08:05:09Z' }]
    const answer = { list: 'orders', page: 1, pages: 1, total: 1, pageSize: 20, rows }
    world.erp.faults.add({ match: { method: 'GET' }, do: { status: 200, body: JSON.stringify(answer) } })
    expect(await world.remote.find!(world.context('orders', 'json'), action)).toMatchObject({
      ok: false,
      failure: { reason: expect.stringContaining('the ERP did not search') },
    })
  })
})
