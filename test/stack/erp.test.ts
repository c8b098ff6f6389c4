import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { ErpStatus, OrderRequest, Started } from '../../sync/protocol/erp.ts'
import { addErpUsers, type Stack, startStack } from './stack.ts'

// The emulated ERP over HTTP, which does one thing at a time, and the five real Workers in front of it.

const PAGES = 40
const PAGE = 20
const LATENCY = 150

let stack: Stack

beforeAll(async () => {
  stack = await startStack()
  await addErpUsers(stack, 'ann', 'bruno')
  stack.erp.person.fill({ customersEach: 60, products: PAGES * PAGE, ordersEach: 5 })
})
afterAll(() => stack.close())
afterEach(() => stack.erp.faults.clear())
beforeEach(() => stack.erp.person.setLatency(0))

async function start(system: string, options: { user_id?: string; full?: boolean } = {}) {
  const { status, body } = await stack.call<Started>('POST', '/api/erp/sync', {
    body: { system, ...options },
  })
  expect(status).toBe(202)
  const [started] = body.started
  if (!started?.run_id) throw new Error(JSON.stringify(body))
  return { answer: started.answer, id: started.run_id }
}

const listCalls = (list: string) =>
  stack.erp.calls.filter(({ path }) => path.startsWith(`/api/${list}?page=`)).map(({ path }) => path)

/** Until the ERP was asked for so many pages of the list. */
async function asked(list: string, pages: number) {
  while (listCalls(list).length < pages) await soon()
}

const soon = () => new Promise((resolve) => setTimeout(resolve, 5))

const order = (key: string, body: object) =>
  stack.call<OrderRequest>('POST', '/api/orders', { headers: { 'idempotency-key': key }, body })

const tokenOf = async (user: string) => {
  const body = { role: 'user', user_id: user, name: user }
  return (await stack.call<{ secret: string }>('POST', '/api/tokens', { body })).body.secret
}

/** Never more than one thing at a time, whatever a test did. */
const oneAtATime = () => {
  expect(stack.erp.overruns).toBe(0)
  expect(stack.erp.mostAtOnce).toBe(1)
}

test('two users’ customers and orders and the shared catalogue arrive, each user’s own and all of it', async () => {
  const runs = await Promise.all([
    start('products'),
    start('prices'),
    ...['ann', 'bruno'].flatMap((user_id) => [start('customers', { user_id }), start('orders', { user_id })]),
  ])
  const ended = await Promise.all(runs.map(({ id }) => stack.ended(id)))
  expect(ended.map(({ status }) => status)).toEqual(ended.map(() => 'done'))

  for (const user of ['ann', 'bruno'])
    for (const list of ['customers', 'orders'] as const) {
      const here = await stack.runtime.query(
        `SELECT erp_id FROM ${list} WHERE user_id = ?1 AND deleted_at IS NULL`,
        user,
      )
      const there = stack.erp.person.rows(list, { user })
      expect(here.map((row) => row.erp_id).sort()).toEqual(there.map((row) => row.id).sort())
    }
  const products = await stack.runtime.query('SELECT id, name, price FROM products ORDER BY id')
  const prices = new Map(stack.erp.person.rows('prices').map(({ name, price }) => [name, price]))
  expect(products).toHaveLength(PAGES * PAGE)
  for (const { id, name, price } of products) expect(price, `${id}`).toBe(cents(prices.get(name as string)))
  const [{ lines } = {}] = await stack.runtime.query(
    'SELECT lines FROM orders WHERE lines IS NOT NULL LIMIT 1',
  )
  expect(JSON.parse(String(lines))).not.toHaveLength(0)
  oneAtATime()
})

const cents = (price: unknown) => Math.round(Number(price) * 100)

test('products and prices started together both complete, and change each their own columns', async () => {
  const [product] = stack.erp.person.rows('products')
  const [price] = stack.erp.person.rows('prices')
  stack.erp.person.put('products', { ...product, description: 'changed' })
  stack.erp.person.put('prices', { ...price, price: 77.7 })
  const full = { full: true }
  const runs = await Promise.all([start('products', full), start('prices', full)])
  const ended = await Promise.all(runs.map(({ id }) => stack.ended(id)))
  expect(ended.map(({ status }) => status)).toEqual(['done', 'done'])
  expect(ended.map(({ report }) => report.counts.written)).toEqual([1, 1])
  expect(
    await stack.runtime.query('SELECT price FROM products WHERE name = ?1', String(price?.name)),
  ).toEqual([{ price: 7_770 }])
  oneAtATime()
})

test('an order waits for one page of a run at most; the run pauses and completes; the order is made once', async () => {
  stack.erp.person.setLatency(LATENCY)
  stack.erp.calls.length = 0
  const run = await start('products', { full: true })
  await asked('products', 3)
  const hold = stack.erp.faults.hold({ method: 'POST', path: '/api/orders' })
  const before = listCalls('products').length
  const customer = stack.erp.person.rows('customers', { user: 'ann' })[0]?.id
  const body = { user_id: 'ann', customer_id: customer, lines: [{ product_id: 'P-0001', quantity: 2 }] }
  const sent = Date.now()
  const answer = order('one', body)
  await hold.arrived()
  // One that the gate had let in before it heard of the order.
  expect(listCalls('products').length - before).toBeLessThanOrEqual(1)
  const create = stack.erp.calls.find(({ method, path }) => method === 'POST' && path === '/api/orders')
  expect((create?.at ?? 0) - sent).toBeLessThan(2 * LATENCY)

  const held = stack.erp.calls.length
  const gate = async () => (await stack.call<ErpStatus>('GET', '/api/erp/status')).body.gate
  let seen = await gate()
  while (!seen?.waiting.some(({ who }) => who === 'products')) seen = await gate()
  expect(seen.inside).toMatchObject([{ who: 'orders:ann', exclusive: true }])
  expect(stack.erp.calls).toHaveLength(held)
  hold.release()

  const made = await answer
  expect(made).toMatchObject({ status: 201, body: { status: 'done', erp_id: expect.any(String) } })
  const again = await order('one', body)
  expect(again.body).toMatchObject({ id: made.body.id, erp_id: made.body.erp_id })
  expect(await stack.ended(run.id)).toMatchObject({
    status: 'unchanged',
    report: { parts: [{ page: PAGES }] },
  })
  const inErp = stack.erp.person.rows('orders', { user: 'ann' })
  expect(inErp.filter(({ external_ref }) => external_ref === 'ann:one')).toHaveLength(1)
  oneAtATime()
})

test('an order sent many times at once, and over a kill, is one order', async () => {
  const customer = stack.erp.person.rows('customers', { user: 'bruno' })[0]?.id
  const body = { user_id: 'bruno', customer_id: customer, lines: [{ product_id: 'P-0002', quantity: 1 }] }
  const hold = stack.erp.faults.hold({ method: 'POST', path: '/api/orders' })
  const cut = Promise.allSettled(Array.from({ length: 5 }, () => order('many', body)))
  await hold.arrived()
  await stack.killAndRestart(() => hold.release())
  await cut
  const answers = await Promise.all(Array.from({ length: 5 }, () => order('many', body)))
  expect(new Set(answers.map((each) => each.body.id)).size).toBe(1)
  expect(answers[0]).toMatchObject({ status: 201, body: { status: 'done' } })
  const inErp = stack.erp.person.rows('orders', { user: 'bruno' })
  expect(inErp.filter(({ external_ref }) => external_ref === 'bruno:many')).toHaveLength(1)
  oneAtATime()
})

test('a run that is killed goes on where it was: one page is read twice at most', async () => {
  stack.erp.person.setLatency(LATENCY)
  stack.erp.calls.length = 0
  const [product] = stack.erp.person.rows('products').slice(-1)
  stack.erp.person.put('products', { ...product, description: 'on the last page' })
  const run = await start('products', { full: true })
  await asked('products', 15)
  await stack.killAndRestart()
  expect(await stack.ended(run.id)).toMatchObject({ status: 'done', report: { counts: { written: 1 } } })
  const read = listCalls('products')
  expect(new Set(read).size).toBe(PAGES)
  expect(read.length).toBeLessThanOrEqual(PAGES + 1)
  oneAtATime()
})

test('two refreshes at once are one run', async () => {
  const hold = stack.erp.faults.hold({ list: 'customers' })
  const busy = await start('customers', { user_id: 'ann', full: true })
  await hold.arrived()
  const [one, two] = await Promise.all([
    start('orders', { user_id: 'ann' }),
    start('orders', { user_id: 'ann' }),
  ])
  expect(one.id).toBe(two.id)
  expect([one.answer, two.answer].sort()).toEqual(['joined', 'queued'])
  hold.release()
  for (const { id } of [busy, one]) expect((await stack.ended(id)).finished_at).not.toBeNull()
  oneAtATime()
})

test('a login and a reconnect answer at once what they started, and why not', async () => {
  const ann = await tokenOf('ann')
  for (const event of ['login', 'reconnect']) {
    const { status, body } = await stack.call<Started>('POST', `/api/session/${event}`, { token: ann })
    expect(status).toBe(200)
    expect(body.started.length).toBeGreaterThan(0)
    for (const each of body.started)
      expect(each).toMatchObject({ scope: 'ann', answer: 'skipped', reason: expect.any(String) })
  }

  await addErpUsers(stack, 'carla')
  stack.erp.person.put('customers', { id: 'C1', name: 'Ferramenta Rossi' }, { user: 'carla' })
  const carla = await tokenOf('carla')
  // The ERP hangs, and yet there is an answer.
  const hold = stack.erp.faults.hold({})
  const login = await stack.call<Started>('POST', '/api/session/login', { token: carla })
  expect(login.body.started.map(({ link, answer }) => `${link} ${answer}`).sort()).toEqual([
    'customers.erp queued',
    'orders.erp queued',
  ])
  hold.release()
  for (const { run_id } of login.body.started) await stack.ended(String(run_id))
  const { body } = await stack.call<unknown[]>('GET', '/api/customers', { token: carla })
  expect(body).toMatchObject([{ name: 'Ferramenta Rossi' }])
  oneAtATime()
})
