import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ben, createBench, dialects, gridOf, listNames, listPath, shown, told } from './bench.ts'
import { cell, number } from './format.ts'
import { lists } from './lists.ts'

async function filled(counts = { customersEach: 60, products: 1_201, ordersEach: 45 }, options = {}) {
  const bench = createBench(options)
  bench.person.fill(counts)
  const cookie = await bench.login()
  const json = async (path: string) => told(await bench.call(path, cookie))
  const text = async (path: string) => (await bench.call(path, cookie)).text()
  return { ...bench, cookie, json, text }
}

describe('A list by JSON', () => {
  it('says which page of how many it is', async () => {
    const { json } = await filled()
    const { rows, ...counts } = await json('/api/products?page=3')
    expect(counts).toEqual({ list: 'products', page: 3, pages: 61, total: 1_201, pageSize: 20 })
    expect(rows).toHaveLength(20)
    expect((await json('/api/products')).page).toBe(1)
    expect(await json('/api/customers')).toMatchObject({ pageSize: 25, pages: 3, total: 60 })
  })

  it.each(['62', '0', '-1', '1.5', 'x', 'Infinity'])('has no page %s', async (page) => {
    const { call, cookie } = await filled()
    const response = await call(`/api/products?page=${page}`, cookie)
    expect([response.status, await response.json()]).toEqual([404, { error: 'no such page' }])
  })

  it('is one empty page where there is nothing', async () => {
    const { json } = await filled({ customersEach: 0, products: 0, ordersEach: 0 })
    for (const list of listNames)
      expect(await json(`/api/${list}`)).toMatchObject({ page: 1, pages: 1, total: 0, rows: [] })
  })

  it('tells a stamp that changes with every change, where it offers one', async () => {
    const { call, cookie, json, person } = await filled()
    const stamp = async () => (await call('/api/products?page=2', cookie)).headers.get('x-list-stamp')
    const seen = new Set<unknown>([await stamp()])
    const [first, second] = person.rows('products').map(({ id }) => String(id))
    for (const change of [
      () => person.put('products', { id: first!, name: 'x' }),
      () => person.put('products', { id: first!, name: 'x' }),
      () => person.move('products', first!, 9),
      () => person.order('products', [second!]),
      () => person.remove('products', first!),
      () => person.put('products', { id: 'new', name: 'x' }),
    ]) {
      change()
      expect(`"${(await json('/api/products/stamp')).stamp}"`).toBe(await stamp())
      seen.add(await stamp())
    }
    expect(seen.size).toBe(7)
    expect(await json('/api/products/stamp')).toMatchObject({ total: 1_201 })
    expect((await call('/api/prices', cookie)).headers.get('x-list-stamp')).toBeNull()
    expect((await call('/api/prices/stamp', cookie)).status).toBe(404)
  })

  it('offers the stamps that are asked for, of each user their own', async () => {
    const { json, person, call, login, cookie } = await filled(undefined, { stamps: ['customers'] })
    expect((await call('/api/products/stamp', cookie)).status).toBe(404)
    const { stamp } = await json('/api/customers/stamp')
    person.put('customers', { id: 'K', name: 'of ben' }, ben)
    expect((await json('/api/customers/stamp')).stamp).toBe(stamp)
    const other = await told(await call('/api/customers/stamp', await login('json', ben)))
    expect(other.total).toBe(61)
  })
})

describe('A list by HTML', () => {
  it('has a pager that counts in thousands, and a grid with fields', async () => {
    const { text } = await filled()
    const page = await text('/lists/products?page=3')
    expect(page).toContain('<div class="pager">Page 3 of 61 (1.201 items)</div>')
    expect(page).toContain('<table id="grid" class="grid"><thead><tr><th data-field="id">ID</th>')
    expect(page).toContain('<tr data-row="1"><td> P-')
    expect(page.indexOf('old')).toBeLessThan(page.indexOf('class="grid"'))
  })

  it('has no page beyond the last, and says nothing of a stamp', async () => {
    const { call, cookie } = await filled()
    expect((await call('/lists/products?page=62', cookie)).status).toBe(404)
    expect((await call('/lists/nothing?page=1', cookie)).status).toBe(404)
    expect((await call('/lists/products', cookie)).headers.get('x-list-stamp')).toBeNull()
  })
})

describe('Both dialects', () => {
  it('show the same rows of all lists, in the order of each', async () => {
    const { json, text, person } = await filled()
    for (const list of listNames) {
      const key = lists[list].key
      const { pages } = await json(`/api/${list}`)
      const seen: unknown[] = []
      for (let page = 1; page <= pages; page += 1) {
        const { rows } = await json(listPath('json', list, page))
        const grid = gridOf(await text(listPath('html', list, page)))
        expect(grid).toEqual(
          rows.map((row) =>
            Object.fromEntries(
              lists[list].fields.map(({ name, type }) => [name, shown(cell(row[name], type))]),
            ),
          ),
        )
        seen.push(...rows.map((row) => row[key]))
      }
      expect(seen).toEqual(person.rows(list, { user: 'anna' }).map((row) => row[key]))
      expect(new Set(seen).size).toBe(seen.length)
    }
  })

  it.each(dialects)('show each user their own customers and orders (%s)', async (dialect) => {
    const { call, cookie, login } = await filled()
    const other = await login('json', ben)
    const of = async (list: string, who: string) => (await call(listPath(dialect, list), who)).text()
    for (const list of ['customers', 'orders']) expect(await of(list, cookie)).not.toBe(await of(list, other))
    for (const list of ['products', 'prices']) expect(await of(list, cookie)).toBe(await of(list, other))
  })

  it('show the details of an order, and of no order of somebody else', async () => {
    const { call, cookie, json, text, person, login } = await filled()
    const user = { user: 'anna' }
    const lines = [
      {
        line: 1,
        product_id: null,
        name: 'Vite & dado',
        quantity: 2.5,
        price: 1_234.5,
        discount: 12.5,
        amount: 2_700.47,
      },
    ]
    const ddt = [{ number: 'D1', on: '2026-11-20', carrier: 'BRT', tracking: null, status: 'gone' }]
    person.put('orders', { id: 'O/1', number: '1', lines, note: 'Ring,\nthen <wait>', ddt }, user)
    expect(await json('/api/orders/O%2F1')).toEqual({ id: 'O/1', lines, note: 'Ring,\nthen <wait>' })
    expect(await json('/api/orders/O%2F1/ddt')).toEqual({ ddt })
    const page = await text('/orders/O%2F1')
    expect(gridOf(page, 'lines')).toEqual([
      {
        line: '1',
        product_id: '',
        name: 'Vite & dado',
        quantity: '2,50',
        price: '€ 1.234,50',
        discount: '12,50',
        amount: '€ 2.700,47',
      },
    ])
    expect(page).toContain('<p id="note">Ring,\nthen &lt;wait&gt;</p>')
    expect(gridOf(await text('/orders/O%2F1/ddt'), 'ddt')).toEqual([
      { number: 'D1', on: '20/11/2026', carrier: 'BRT', tracking: '', status: 'gone' },
    ])
    const other = await login('json', ben)
    for (const path of ['/api/orders/O%2F1', '/api/orders/O%2F1/ddt', '/orders/O%2F1', '/orders/none/ddt']) {
      expect((await call(path, other)).status).toBe(404)
    }
    expect((await call('/api/orders/none', cookie)).status).toBe(404)
  })

  it('know no other paths', async () => {
    const { call, cookie } = await filled()
    for (const path of [
      '/api',
      '/api/',
      '/api/nothing',
      '/api/products/1',
      '/nothing',
      '/lists/products/1',
      '/orders/%',
      '/api/orders/1/x',
    ])
      expect((await call(path, cookie)).status, path).toBe(404)
    expect((await call('/api/products', cookie, { method: 'DELETE' })).status).toBe(404)
  })
})

describe('A picture', () => {
  it('is there where a product names it, the same every time and another for each', async () => {
    const { call, cookie, person } = await filled()
    const get = async (path: string) => new Uint8Array(await (await call(path, cookie)).arrayBuffer())
    const [one, two] = person.rows('products').flatMap(({ image }) => (image ? [String(image)] : []))
    const bytes = await get(one!)
    expect([...bytes.subarray(1, 4)]).toEqual([...'PNG'].map((sign) => sign.charCodeAt(0)))
    expect(await get(one!)).toEqual(bytes)
    expect(await get(two!)).not.toEqual(bytes)
    expect((await call('/images/none.jpg', cookie)).status).toBe(404)
    const owner = person.rows('products').find(({ image }) => image === one)
    person.put('products', { id: owner!.id!, image: null })
    expect((await call(one!, cookie)).status).toBe(404)
  })
})

describe('A cell of the grid', () => {
  it.each([
    [1_234.5, 'money', '€ 1.234,50'],
    [-1_234_567.89, 'money', '€ -1.234.567,89'],
    [0, 'money', '€ 0,00'],
    [1.005, 'money', '€ 1,005'],
    [1_250, 'whole', '1.250'],
    [12.125, 'decimal', '12,125'],
    ['2026-11-21', 'date', '21/11/2026'],
    ['2026-11-21T08:05:09Z', 'time', '21/11/2026 08:05:09'],
    ['2026-11-21', 'text', '2026-11-21'],
    ['yesterday', 'date', 'yesterday'],
    ['', 'text', ''],
    [null, 'money', ''],
    ['<b>&nbsp;</b>', 'text', '<b>&nbsp;</b>'],
  ] as const)('shows %j as %s: %s', (value, type, text) => {
    expect(shown(cell(value, type))).toBe(text)
  })

  it('shows any number so that it can be read back', () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(4), (digits, decimals) => {
        const value = digits / 10 ** decimals
        const text = number(value, 2)
        expect(text).toMatch(/^-?\d{1,3}(\.\d{3})*,\d{2,}$/)
        expect(Number(text.replaceAll('.', '').replace(',', '.'))).toBe(value)
      }),
    )
  })

  it('shows any text so that no tag comes of it', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...`<>&"'€\u00a0a;#`) }), (text) => {
        const inner = cell(text, 'text')
        expect(inner).not.toMatch(/[<>"'\u00a0]/)
        expect(shown(inner)).toBe(text.trim())
      }),
    )
  })
})
