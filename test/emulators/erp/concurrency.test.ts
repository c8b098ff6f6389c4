import { describe, expect, it } from 'vitest'
import { createBench, dialects, listPath } from './bench.ts'

describe.each(dialects)('One thing at a time (%s)', (dialect) => {
  const path = listPath(dialect, 'products')

  it.each([1, 3])('serves %i at once and turns the next one away', async (concurrency) => {
    const { erp, call, login } = createBench({ concurrency })
    const cookie = await login()
    const hold = erp.faults.hold({})
    const held = Array.from({ length: concurrency }, () => call(path, cookie))
    const busy = await call(path, cookie)
    expect([busy.status, busy.headers.get('retry-after')]).toEqual([503, '1'])
    const text = await busy.text()
    if (dialect === 'json') expect(JSON.parse(text)).toEqual({ error: 'busy' })
    else expect(text).toContain('The system is busy')
    expect([erp.overruns, erp.mostAtOnce]).toEqual([1, concurrency + 1])
    hold.release()
    expect((await Promise.all(held)).map(({ status }) => status)).toEqual(Array(concurrency).fill(200))
    expect((await call(path, cookie)).status).toBe(200)
    expect(erp.overruns).toBe(1)
  })

  it('counts logins and pictures too', async () => {
    const { erp, call, login } = createBench()
    const cookie = await login()
    const hold = erp.faults.hold({})
    const held = call(path, cookie)
    const others = [
      call('/images/a.jpg', cookie),
      call('/login', null),
      call('/api/login', null, { method: 'POST' }),
    ]
    for (const response of await Promise.all(others)) expect(response.status).toBe(503)
    expect(erp.overruns).toBe(3)
    hold.release()
    await held
  })

  it('has a place again after a dead connection and after a fault', async () => {
    const { erp, call, login } = createBench()
    const cookie = await login()
    erp.faults.add({ match: {}, do: { lost: true } })
    await expect(call(path, cookie)).rejects.toThrow('fetch failed')
    erp.faults.add({ match: {}, do: { endless: true } })
    await (await call(path, cookie)).body!.cancel()
    expect((await call(path, cookie)).status).toBe(200)
    expect([erp.overruns, erp.mostAtOnce]).toEqual([0, 1])
  })
})

describe('A caller who gives up', () => {
  async function giveUp(method: string) {
    const bench = createBench()
    bench.person.put('customers', { id: 'K', name: 'K' }, { user: 'anna' })
    bench.person.put('products', { id: 'P', name: 'P' })
    const cookie = await bench.login()
    const abort = new AbortController()
    const hold = bench.erp.faults.hold({})
    const body = JSON.stringify({ customer_id: 'K', lines: [{ product_id: 'P', quantity: 1 }] })
    const called = bench.call('/api/orders', cookie, {
      method,
      signal: abort.signal,
      ...(method === 'POST' && { body }),
    })
    await hold.arrived()
    abort.abort(new Error('enough'))
    await expect(called).rejects.toThrow('enough')
    return { ...bench, cookie, hold, orders: () => bench.person.rows('orders', { user: 'anna' }) }
  }

  it('of a page frees the place, and uses up no fault later', async () => {
    const { erp, call, cookie, hold } = await giveUp('GET')
    erp.faults.add({ match: {}, do: { status: 500 } })
    hold.release()
    await new Promise((resolve) => setImmediate(resolve))
    expect((await call('/api/orders', cookie)).status).toBe(500)
    expect(erp.overruns).toBe(0)
  })

  it('of an order has it made all the same, and the ERP is busy until then', async () => {
    const { call, cookie, hold, orders } = await giveUp('POST')
    expect((await call('/api/orders', cookie)).status).toBe(503)
    expect(orders()).toEqual([])
    hold.release()
    await expect.poll(orders).toHaveLength(1)
    expect((await call('/api/orders', cookie)).status).toBe(200)
  })

  it('before the call is not heard', async () => {
    const { erp, call } = createBench()
    await expect(call('/home', null, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow(
      'enough',
    )
    expect(erp.calls).toEqual([])
  })
})

describe('What was called', () => {
  it('is recorded with who, when, how long and how it ended, and can be forgotten', async () => {
    const { erp, person, call, login, slept } = createBench({ latency: 250 })
    const cookie = await login()
    await call('/api/products?page=9', cookie)
    person.setLatency(40)
    await call('/lists/prices?page=1', null)
    const at = Date.UTC(2026, 10, 21, 8, 5, 9)
    expect(erp.calls).toEqual([
      { method: 'POST', path: '/api/login', user: null, at, ms: 250, status: 200 },
      { method: 'GET', path: '/api/products?page=9', user: 'anna', at: at + 250, ms: 250, status: 404 },
      { method: 'GET', path: '/lists/prices?page=1', user: null, at: at + 500, ms: 40, status: 302 },
    ])
    expect(slept).toEqual([250, 250, 40])
    erp.calls.length = 0
    await call('/login', null)
    expect(erp.calls).toHaveLength(1)
  })
})
