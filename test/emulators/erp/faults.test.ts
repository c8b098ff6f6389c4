import { describe, expect, it } from 'vitest'
import { createBench, dialects, gridOf, listPath } from './bench.ts'
import type { FaultAction } from './index.ts'

async function withProducts(dialect: 'json' | 'html', options = {}) {
  const bench = createBench(options)
  bench.person.fill({ customersEach: 30, products: 45, ordersEach: 5 })
  const cookie = await bench.login(dialect)
  const get = (page = 1) => bench.call(listPath(dialect, 'products', page), cookie)
  const under = (fault: FaultAction, page = 1) => {
    bench.erp.faults.add({ match: { list: 'products', page }, do: fault })
    return get(page)
  }
  /** Rows and counts as either dialect shows them */
  const seen = async (response: Response) => {
    expect(response.status).toBe(200)
    const text = await response.text()
    if (dialect === 'json') {
      const { rows, page, pages, total } = JSON.parse(text)
      return { rows: rows as Record<string, unknown>[], page, pages, total }
    }
    const [, page, pages, total] = /Page (\S+) of (\S+) \((\S+) items\)/.exec(text) ?? []
    return { rows: gridOf(text), page: Number(page), pages: Number(pages), total: Number(total) }
  }
  return {
    ...bench,
    cookie,
    get,
    under,
    seen,
    ids: async (r: Response) => (await seen(r)).rows.map(({ id }) => id),
  }
}

describe.each(dialects)('A fault in place of the answer (%s)', (dialect) => {
  it('is a status, with a body of the dialect or the one that is given', async () => {
    const { under } = await withProducts(dialect)
    const own = await under({ status: 500 })
    expect([own.status, own.headers.get('retry-after')]).toEqual([500, null])
    expect(await own.text()).toContain(dialect === 'json' ? '"error"' : '<html')
    const given = await under({ status: 418, body: 'I am not yours' })
    expect([given.status, await given.text()]).toEqual([418, 'I am not yours'])
    expect((await under({ status: 204, body: 'no' })).status).toBe(204)
  })

  it.each([
    ['a web page that says all is well', { html: true }, /<h1>Application error/],
    ['the sign-in page', { loginPage: true }, /<form id="login" method="post" action="\/login">/],
    ['an error sentence', { errorText: 'ORA-1' }, dialect === 'json' ? /^ORA-1$/ : /<p>ORA-1<\/p>/],
  ] as const)('is %s', async (_name, fault, text) => {
    const { under } = await withProducts(dialect)
    const response = await under(fault)
    const body = await response.text()
    expect(response.status).toBe(200)
    expect(body).toMatch(text)
    expect(body).not.toMatch(/P-0001|class="grid"/)
  })

  it('is a redirect to itself, for ever, also after a login', async () => {
    const { erp, get, login, call } = await withProducts(dialect)
    erp.faults.add({
      match: { list: 'products' },
      times: Number.POSITIVE_INFINITY,
      do: { redirectLoop: true },
    })
    const cookie = await login(dialect)
    for (const response of [await get(), await call(listPath(dialect, 'products'), cookie)])
      expect([response.status, response.headers.get('location')]).toEqual([
        302,
        listPath(dialect, 'products'),
      ])
  })

  it('leaves an order unmade', async () => {
    const { erp, person, call, cookie } = await withProducts(dialect)
    const before = person.rows('orders', { user: 'anna' }).length
    for (const fault of [
      { status: 500 },
      { html: true },
      { loginPage: true },
      { errorText: 'no' },
    ] as const) {
      erp.faults.add({ match: { method: 'POST' }, do: fault })
      await call('/api/orders', cookie, { method: 'POST', body: orderFor(person) })
    }
    expect(person.rows('orders', { user: 'anna' })).toHaveLength(before)
  })
})

describe.each(dialects)('A fault of the answer on its way (%s)', (dialect) => {
  it('is an answer of zero bytes, or of a part', async () => {
    const { under, get } = await withProducts(dialect)
    const whole = await (await get()).text()
    expect(await (await under({ empty: true })).text()).toBe('')
    const part = await (await under({ truncated: 0.5 })).text()
    expect(whole.startsWith(part.slice(0, -1))).toBe(true)
    expect(part.length / whole.length).toBeCloseTo(0.5, 2)
  })

  it('is a dead connection after so many bytes', async () => {
    const { under } = await withProducts(dialect)
    const reader = (await under({ cut: 10 })).body!.getReader()
    expect((await reader.read()).value).toHaveLength(10)
    await expect(reader.read()).rejects.toThrow('fetch failed')
    await expect(under({ cut: 0 })).rejects.toThrow('fetch failed')
  })

  it('is an answer without an end, until the reader has had enough', async () => {
    const { under, get } = await withProducts(dialect)
    const reader = (await under({ endless: true })).body!.getReader()
    let text = ''
    while (text.length < 200_000) {
      const { value, done } = await reader.read()
      expect(done).toBe(false)
      text += new TextDecoder().decode(value)
    }
    await reader.cancel()
    expect(text.match(/Endless/g)!.length).toBeGreaterThan(1_000)
    expect((await get()).status).toBe(200)
  })

  it.each([{ lost: true }, { cut: 5 }, { empty: true }, { truncated: 0.3 }, { endless: true }] as const)(
    'leaves an order made: %j',
    async (fault) => {
      const { erp, person, call, cookie } = await withProducts(dialect)
      const before = person.rows('orders', { user: 'anna' }).length
      erp.faults.add({ match: { method: 'POST', path: /orders$/ }, do: fault })
      const response = call('/api/orders', cookie, { method: 'POST', body: orderFor(person) })
      if ('lost' in fault) await expect(response).rejects.toThrow('fetch failed')
      else await response
      expect(person.rows('orders', { user: 'anna' })).toHaveLength(before + 1)
      if ('lost' in fault) expect(erp.calls.at(-1)).toMatchObject({ status: 0 })
    },
  )

  it('hides even a redirect when it is empty or cut short', async () => {
    const { erp, call } = createBench()
    for (const fault of [{ empty: true }, { truncated: 0.5 }] as const) {
      erp.faults.add({ match: { path: '/home' }, do: fault })
      const response = await call('/home', null)
      expect([response.status, response.headers.get('location')]).toEqual([200, null])
    }
  })
})

describe.each(dialects)('A fault of the rows of a page (%s)', (dialect) => {
  it('shows no rows, fewer, or those of the page before', async () => {
    const { under, seen, ids, get } = await withProducts(dialect)
    expect(await seen(await under({ noRows: true }))).toEqual({ rows: [], page: 1, pages: 3, total: 45 })
    const shorter = await seen(await under({ shorter: 3 }, 2))
    expect([shorter.rows.length, shorter.total, shorter.page]).toEqual([17, 45, 2])
    const [one, repeated] = [await get(1), await under({ repeat: true }, 2)]
    const again = await seen(repeated)
    expect(again.page).toBe(2)
    expect(again.rows.map(({ id }) => id)).toEqual(await ids(one))
  })

  it('tells a wrong total, and nothing else wrong', async () => {
    const { under, seen, get } = await withProducts(dialect)
    const { rows } = await seen(await get())
    expect(await seen(await under({ total: 7 }))).toEqual({ rows, page: 1, pages: 3, total: 7 })
  })

  it('shows the first row twice with another name, wrong, huge, or without its key', async () => {
    const { under, seen } = await withProducts(dialect)
    const [first, second, third] = (await seen(await under({ duplicate: true }))).rows
    expect(second).toEqual({ ...first, name: `${first!.name} (2)` })
    expect(third!.id).not.toBe(first!.id)
    const [wrong, good] = (await seen(await under({ garbage: { vat: 'twenty', name: 5, code: { a: 1 } } })))
      .rows
    expect(wrong).toMatchObject(
      dialect === 'json'
        ? { vat: 'twenty', name: 5, code: { a: 1 } }
        : { vat: 'twenty', name: '5', code: '{"a":1}' },
    )
    expect(good).toEqual(third)
    const [huge] = (await seen(await under({ huge: 'description' }))).rows
    expect(huge!.description).toHaveLength(1_000_000)
    const [keyless] = (await seen(await under({ keyless: true }))).rows
    expect(keyless!.id ?? '').toBe('')
    expect(keyless!.name).toBe(first!.name)
  })

  it('says that there is one more page, for ever', async () => {
    const { erp, get, seen } = await withProducts(dialect)
    expect((await get(4)).status).toBe(404)
    erp.faults.add({
      match: { list: 'products' },
      times: Number.POSITIVE_INFINITY,
      do: { pagesForever: true },
    })
    for (const page of [1, 3, 4, 400]) {
      const { pages, rows, page: told } = await seen(await get(page))
      expect(told).toBe(page)
      expect(pages).toBeGreaterThan(page)
      expect(rows.length).toBeGreaterThan(0)
    }
  })
})

describe('The script of faults', () => {
  it('meets a call once, or so many times, or for ever, and lets so many pass first', async () => {
    const { erp, get } = await withProducts('json')
    const statuses = async (count: number) => {
      const seen = []
      for (let i = 0; i < count; i += 1) seen.push((await get()).status)
      return seen
    }
    erp.faults.add({ match: {}, do: { status: 500 } })
    expect(await statuses(3)).toEqual([500, 200, 200])
    erp.faults.add({ match: {}, times: 2, after: 2, do: { status: 500 } })
    expect(await statuses(5)).toEqual([200, 200, 500, 500, 200])
    erp.faults.add({ match: {}, times: Number.POSITIVE_INFINITY, do: { status: 500 } })
    expect(await statuses(3)).toEqual([500, 500, 500])
    erp.faults.clear()
    expect(await statuses(1)).toEqual([200])
  })

  it.each([
    [{ path: '/api/products' }, true],
    [{ path: '/api/products?page=2' }, true],
    [{ path: '/api/product' }, false],
    [{ path: /page=2$/ }, true],
    [{ path: /prices/g }, false],
    [{ list: 'products' }, true],
    [{ list: 'prices' }, false],
    [{ page: 2 }, true],
    [{ page: 3 }, false],
    [{ method: 'GET' }, true],
    [{ method: 'POST' }, false],
    [{ user: 'anna' }, true],
    [{ user: 'ben' }, false],
  ] as const)('matches %j: %s', async (match, meets) => {
    const { erp, get } = await withProducts('json')
    erp.faults.add({ match, do: { status: 500 } })
    expect((await get(2)).status).toBe(meets ? 500 : 200)
  })

  it('keeps a fault of rows for a page that somebody sees', async () => {
    const { erp, person, call, get, login } = await withProducts('json')
    erp.faults.add({ match: {}, do: { total: 7 } })
    person.expireSessions()
    expect((await get()).status).toBe(401)
    const cookie = await login()
    expect((await call('/api/products/stamp', cookie)).status).toBe(200)
    expect(await (await call('/api/products', cookie)).json()).toMatchObject({ total: 7 })
  })

  it('delays by the given sleep, then answers as ever', async () => {
    const { under, slept, erp } = await withProducts('json')
    expect((await under({ delay: 2_500 })).status).toBe(200)
    expect(slept).toEqual([2_500])
    expect(erp.calls.at(-1)!.ms).toBe(2_500)
  })

  it('calls back just before the answer is made', async () => {
    const { under, person, ids } = await withProducts('json')
    const [first] = person.rows('products')
    const seen = await ids(await under({ before: () => person.remove('products', String(first!.id)) }))
    expect(seen).not.toContain(first!.id)
    expect(await (await under({ before: () => person.expireSessions() })).json()).toEqual({
      error: 'session expired',
    })
  })

  it('holds calls until it lets them go, and later ones pass', async () => {
    const { erp, person, get, ids } = await withProducts('json', { concurrency: 2 })
    const hold = erp.faults.hold({ list: 'products', page: 2 })
    const held = get(2)
    await hold.arrived()
    const [gone] = person.rows('products').slice(20)
    person.remove('products', String(gone!.id))
    expect((await get(1)).status).toBe(200)
    hold.release()
    expect(await ids(await held)).not.toContain(gone!.id)
    expect((await get(2)).status).toBe(200)
  })

  it('lets held calls go when it is cleared', async () => {
    const { erp, get } = await withProducts('json')
    const hold = erp.faults.hold({})
    const held = get()
    await hold.arrived()
    erp.faults.clear()
    expect((await held).status).toBe(200)
  })
})

function orderFor(person: ReturnType<typeof createBench>['person']): string {
  const [customer] = person.rows('customers', { user: 'anna' })
  const [product] = person.rows('products')
  const lines = [{ product_id: product!.id, quantity: 1 }]
  return JSON.stringify({ external_ref: 'k', customer_id: customer!.id, lines, note: '' })
}
