import { describe, expect, it } from 'vitest'
import { ben, createBench, dialects, told } from './bench.ts'

const user = { user: 'anna' }

async function shop(dialect: 'json' | 'html', options = {}) {
  const bench = createBench(options)
  const { person } = bench
  person.put('customers', { id: 'K1', name: 'Rossi & figli' }, user)
  person.put('products', { id: 'P1', name: 'Valve' })
  person.put('products', { id: 'P2', name: 'Unpriced' })
  person.put('prices', { name: 'Valve', product_id: 'P1', price: 10.5, discount: 10, currency: 'EUR' })
  const cookie = await bench.login()
  const order = {
    external_ref: 'key & 1',
    customer_id: 'K1',
    note: 'Ring',
    lines: [{ product_id: 'P1', quantity: 2.5 }] as object[],
  }
  const post = (given: object = {}) => {
    const { lines, ...rest } = { ...order, ...given }
    if (dialect === 'json')
      return bench.call('/api/orders', cookie, { method: 'POST', body: JSON.stringify({ ...rest, lines }) })
    const form = new URLSearchParams(rest)
    for (const [at, line] of lines.entries())
      for (const [name, value] of Object.entries(line)) form.append(`line.${at + 1}.${name}`, String(value))
    return bench.call('/orders', cookie, { method: 'POST', body: form.toString() })
  }
  return { ...bench, cookie, post, orders: () => person.rows('orders', user) }
}

describe.each(dialects)('Making an order (%s)', (dialect) => {
  it('makes it by the price list, and says which one it is', async () => {
    const { post, orders, call, cookie } = await shop(dialect)
    const response = await post()
    const [order] = orders()
    if (dialect === 'json')
      expect([response.status, await response.json()]).toEqual([
        201,
        { id: order!.id, number: order!.number },
      ])
    else expect([response.status, response.headers.get('location')]).toEqual([302, `/orders/${order!.id}`])
    expect(order).toEqual({
      id: expect.any(String),
      number: expect.stringMatching(/^2026\//),
      customer_id: 'K1',
      customer_name: 'Rossi & figli',
      ordered_on: '2026-11-21',
      delivery_on: null,
      status: 'Nuovo',
      total: 23.63,
      external_ref: 'key & 1',
      modified: '2026-11-21T08:05:09Z',
    })
    expect(await (await call(`/api/orders/${order!.id}`, cookie)).json()).toEqual({
      id: order!.id,
      lines: [
        { line: 1, product_id: 'P1', name: 'Valve', quantity: 2.5, price: 10.5, discount: 10, amount: 23.63 },
      ],
      note: 'Ring',
    })
  })

  it('takes prices and discounts that are said; without any it costs nothing', async () => {
    const { post, orders } = await shop(dialect)
    await post({
      lines: [
        { product_id: 'P1', quantity: 2, price: 1.25, discount: 0 },
        { product_id: 'P2', quantity: 1 },
      ],
    })
    expect(orders()[0]).toMatchObject({ total: 2.5 })
  })

  it('makes two of the same reference: the ERP does not look', async () => {
    const { post, orders, call, cookie } = await shop(dialect)
    await post()
    await post()
    await post({ external_ref: 'other' })
    expect(orders().map(({ external_ref }) => external_ref)).toEqual(['other', 'key & 1', 'key & 1'])
    expect(new Set(orders().map(({ id }) => id)).size).toBe(3)
    const query = new URLSearchParams({ external_ref: 'key & 1' })
    const found = await told(await call(`/api/orders?${query}`, cookie))
    expect(found).toMatchObject({ list: 'orders', page: 1, pages: 1, total: 2 })
    expect(found.rows).toEqual(orders().slice(1))
    expect(await (await call(`/lists/orders?${query}`, cookie)).text()).toContain('Page 1 of 1 (2 items)')
    expect((await told(await call('/api/orders?external_ref=nobody', cookie))).total).toBe(0)
  })

  it.each([
    ['of an unknown customer', { customer_id: 'K2' }, 'Unknown customer K2'],
    ['of an unknown product', { lines: [{ product_id: 'P9', quantity: 1 }] }, 'Unknown product P9'],
    ['without lines', { lines: [] }, 'The order has no lines'],
    ['of nothing', { lines: [{ product_id: 'P1', quantity: 0 }] }, 'Wrong quantity of product P1'],
    ['without a quantity', { lines: [{ product_id: 'P1' }] }, 'Wrong quantity of product P1'],
  ])('%s is refused, and nothing is made', async (_name, given, error) => {
    const { post, orders } = await shop(dialect)
    const response = await post(given)
    expect(response.status).toBe(422)
    if (dialect === 'json') expect(await response.json()).toEqual({ error })
    else expect(await response.text()).toContain(`<p class="error">${error}</p>`)
    expect(orders()).toEqual([])
  })

  it('is for customers of one’s own, and takes its own time', async () => {
    const { post, person, slept, pass, orders, erp } = await shop(dialect, { createLatency: 900 })
    person.put('customers', { id: 'K3', name: 'of ben' }, ben)
    expect((await post({ customer_id: 'K3' })).status).toBe(422)
    pass(1_000)
    await post()
    expect(slept).toEqual([900, 900])
    expect(erp.calls.at(-1)!.ms).toBe(900)
    expect(orders()).toHaveLength(1)
  })
})

it('What is no JSON is no order', async () => {
  const { call, cookie } = await shop('json')
  for (const body of ['', 'null', '[]', '{', '{"lines":5}', '{"customer_id":"K1","lines":[null]}'])
    expect((await call('/api/orders', cookie, { method: 'POST', body })).status).toBe(422)
})
