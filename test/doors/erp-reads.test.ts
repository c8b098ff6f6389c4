import { beforeEach, describe, expect, it, vi } from 'vitest'
import { Problem } from '../../sync/protocol/common.ts'
import type {
  Customer,
  Order,
  PriceChange,
  Product,
  ProductImage,
  UnmatchedPrice,
} from '../../sync/protocol/erp.ts'
import { openErpDoors } from './erp-world.ts'
import { type Answer, type Doors, look, type Who } from './world.ts'

let doors: Doors
beforeEach(async () => {
  doors = await openErpDoors()
})

const get = (path: string, who: Who = 'ann', headers: Record<string, string> = {}) =>
  doors.call(who, 'GET', path, { headers })
const ids = (answer: Answer) => answer.json<{ id: string }[]>().map(({ id }) => id)
const next = (answer: Answer) => /<([^>]+)>; rel="next"/.exec(answer.headers.get('link') ?? '')?.[1]
/** A list read to its end. */
async function all<T>(path: string, who: Who = 'ann'): Promise<T[]> {
  const rows: T[] = []
  for (let at: string | undefined = path; at; ) {
    const answer = await get(at, who)
    expect(answer.status).toBe(200)
    rows.push(...answer.json<T[]>())
    at = next(answer)
  }
  return rows
}
const asked = () => doors.lanes.calls.filter(({ method }) => method === 'request')

describe('customers', () => {
  it('are one’s own, by name, with all that the ERP tells', async () => {
    const answer = await get('/api/customers')
    expect(ids(answer)).toEqual(['ann:C1', 'ann:C2'])
    const [first] = answer.json<Customer[]>()
    expect(first).toMatchObject({
      erp_id: 'C1',
      user_id: 'ann',
      name: 'ann-client',
      city: 'Roma',
      phone: null,
    })
    expect((await get('/api/customers/ann:C1')).json()).toEqual(first)
  })

  it('are all users’ for an admin, or one’s', async () => {
    expect(ids(await get('/api/customers', 'admin'))).toEqual(['ann:C1', 'ann:C2', 'bob:C1', 'bob:C2'])
    expect(ids(await get('/api/customers?user_id=bob', 'admin'))).toEqual(['bob:C1', 'bob:C2'])
    expect(ids(await get('/api/customers?user_id=nobody', 'admin'))).toEqual([])
  })

  it('are found by name and number, where % and _ are only letters', async () => {
    expect(ids(await get('/api/customers?q=ZETA'))).toEqual(['ann:C2'])
    expect(ids(await get('/api/customers?q=ann-vat'))).toEqual(['ann:C1'])
    for (const q of ['%', '_', '\\', 'bob-client'])
      expect(ids(await get(`/api/customers?q=${encodeURIComponent(q)}`))).toEqual([])
    expect(ids(await get('/api/customers?q='))).toHaveLength(2)
  })

  it.each([
    ['ann', 9],
    ['admin', 11],
  ] as const)('go on by Link headers, each once, also of one name: %s', async (who, rows) => {
    const insert = doors.file.prepare(
      `INSERT INTO customers (id, user_id, erp_id, name, version, updated_at, origin) VALUES ('ann:' || ?1, 'ann', ?1, 'Same', 1, 1, 'erp')`,
    )
    for (let i = 0; i < 7; i++) insert.run(`S${i}`)
    const list = await all<Customer>('/api/customers?limit=2', who)
    expect(list).toHaveLength(rows)
    expect(new Set(list.map(({ id }) => id)).size).toBe(rows)
  })

  it('that the ERP has no more are not there', async () => {
    doors.file.exec(`UPDATE customers SET deleted_at = 1 WHERE id = 'ann:C1'`)
    expect((await get('/api/customers/ann:C1')).status).toBe(404)
    expect(ids(await get('/api/customers'))).toEqual(['ann:C2'])
  })

  it('are read in the order in which the index of the user holds them', async () => {
    await get('/api/customers?after=ann:C1')
    const { sql = '', params = [] } = doors.database.batches.at(-1)?.[0] ?? {}
    const plan = look(doors, `EXPLAIN QUERY PLAN ${sql}`, ...params).map(({ detail }) => detail)
    expect(plan.join('; ')).toContain('customers_user (user_id=?)')
    expect(plan.join('; ')).not.toContain('TEMP B-TREE')
  })
})

describe('products', () => {
  it('are the same for all, with price and picture where there are any', async () => {
    const list = (await get('/api/products')).json<Product[]>()
    expect(list.map(({ id, price, image }) => [id, price, image])).toEqual([
      ['P 3/x', 90, null],
      ['P-1', 1050, '/api/products/P-1/image'],
      ['P-2', null, null],
    ])
    expect((await get('/api/products', 'admin')).json()).toEqual(list)
    expect((await get('/api/products/P%203%2Fx', 'bobsDevice')).json()).toEqual(list[0])
    expect((await get('/api/products/none')).status).toBe(404)
  })

  it('are found by name whatever its case, accents and punctuation, and by code and id', async () => {
    for (const q of ['CAFFÈ', 'caffe nero', 'caffè-nero', 'a-100', 'p-1'])
      expect(ids(await get(`/api/products?q=${encodeURIComponent(q)}`)), q).toEqual(['P-1'])
    expect(ids(await get('/api/products?q=B_2'))).toEqual(['P-2'])
    expect(ids(await get('/api/products?q=%25'))).toEqual([])
  })

  it('go on by Link headers, each once', async () => {
    expect(await all<Product>('/api/products?limit=1')).toHaveLength(3)
  })
})

describe('a product’s picture', () => {
  it('comes as what it is, for one’s own browser only, and not again', async () => {
    const answer = await get('/api/products/P-1/image')
    expect([answer.status, answer.text]).toEqual([200, '\x01\x02\x03'])
    expect(answer.headers.get('content-type')).toBe('image/jpeg')
    expect(answer.headers.get('cache-control')).toBe('private, no-cache')
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'")
    const tag = answer.headers.get('etag') ?? ''
    const again = await get('/api/products/P-1/image', 'ann', { 'if-none-match': tag })
    expect([again.status, again.text, again.headers.get('etag')]).toEqual([304, '', tag])
    expect((await get('/api/products/P-1/image', 'ann', { 'if-none-match': '"old"' })).status).toBe(200)
  })

  it('is not there where there is none, the product is gone, or R2 lost it', async () => {
    for (const id of ['P-2', 'P%203%2Fx', 'none'])
      expect((await get(`/api/products/${id}/image`)).status).toBe(404)
    doors.bucket.clear()
    expect((await get('/api/products/P-1/image')).status).toBe(404)
    doors.bucket.set('P-1/one', new Uint8Array([1]))
    doors.file.exec(`UPDATE products SET deleted_at = 1 WHERE id = 'P-1'`)
    const gone = await get('/api/products/P-1/image')
    expect([gone.status, Problem.strict().parse(gone.json()).title]).toEqual([404, 'Not found'])
  })
})

describe('pictures on their way', () => {
  it('are listed by status, page by page', async () => {
    const list = await all<ProductImage>('/api/images?limit=1', 'admin')
    expect(list.map(({ product_id, status }) => [product_id, status])).toEqual([
      ['P-1', 'stored'],
      ['P-2', 'dead'],
    ])
    const dead = (await get('/api/images?status=dead', 'admin')).json<ProductImage[]>()
    expect(dead).toMatchObject([
      { product_id: 'P-2', last_error: 'it is 9 MB', attempts: 8, stored_at: null },
    ])
    expect((await get('/api/images?status=lost', 'admin')).status).toBe(400)
  })

  it('are fetched again by hand', async () => {
    const answer = await doors.call('admin', 'POST', '/api/images/P-2/retry')
    expect([answer.status, answer.json()]).toMatchObject([202, { status: 'pending', attempts: 0 }])
    expect(doors.pictures.offered).toEqual(['P-2'])
    const [row] = look(doors, `SELECT status, next_at FROM product_images WHERE product_id = 'P-2'`)
    expect(row?.status).toBe('pending')
    // With the queue now: the cron leaves it alone for a while.
    expect(Number(row?.next_at)).toBeGreaterThan(Date.now())
    expect((await doors.call('admin', 'POST', '/api/images/none/retry')).status).toBe(404)
  })

  it('wait for the cron where the queue is away', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    doors.pictures.broken = true
    expect((await doors.call('admin', 'POST', '/api/images/P-2/retry')).status).toBe(202)
    expect(look(doors, `SELECT status FROM product_images WHERE product_id = 'P-2'`)).toEqual([
      { status: 'pending' },
    ])
    expect(log).toHaveBeenCalledOnce()
    log.mockRestore()
  })
})

describe('orders', () => {
  it('are one’s own, newest first, with lines and delivery documents', async () => {
    const list = (await get('/api/orders')).json<Order[]>()
    expect(list.map(({ id }) => id)).toEqual(['ann:O1', 'ann:O2'])
    expect(list[0]?.lines).toEqual([
      { line: 1, product_id: 'P-1', name: 'Caffè', quantity: 2, price: 625, discount: null, amount: 1250 },
    ])
    expect(list[0]?.ddt).toMatchObject([{ number: '7', tracking: null }])
    expect(list[1]).toMatchObject({ ordered_on: null, lines: [], ddt: [] })
    expect((await get('/api/orders/ann:O1')).json()).toEqual(list[0])
    expect(ids(await get('/api/orders?q=ann-ord'))).toEqual(['ann:O1'])
  })

  it('go on by Link headers, each once, those of no date too', async () => {
    const insert = doors.file.prepare(
      `INSERT INTO orders (id, user_id, erp_id, ordered_on, version, updated_at, origin) VALUES ('ann:' || ?1, 'ann', ?1, ?2, 1, 1, 'erp')`,
    )
    for (let i = 0; i < 5; i++) insert.run(`S${i}`, i % 2 ? '2026-11-01' : null)
    const list = await all<Order>('/api/orders?limit=2')
    expect(new Set(list.map(({ id }) => id)).size).toBe(7)
    const days = list.map(({ ordered_on }) => ordered_on ?? '')
    expect(days).toEqual(days.toSorted().reverse())
  })
})

describe('reading orders that were brought up to date', () => {
  const minutesAgo = (minutes: number) =>
    doors.file
      .prepare(`UPDATE link_state SET last_good_at = ? WHERE scope = 'ann'`)
      .run(Date.now() - minutes * 60_000)
  const read = async (path: string, who: Who = 'ann') => {
    expect((await get(path, who)).status).toBe(200)
    await doors.later()
  }

  it.each(['/api/orders', '/api/orders/ann:O1'])(
    'more than 10 minutes ago asks for news, once: %s',
    async (path) => {
      minutesAgo(10.1)
      await read(path)
      expect(asked().map(({ lane, given }) => [lane, given])).toEqual([
        [
          'orders:ann',
          { link: 'orders.erp', scope: 'ann', parts: null, trigger: 'read', full: false, actor: 'ann' },
        ],
      ])
      await read(path, 'annsDevice')
      await read('/api/orders', 'admin')
      expect(asked()).toHaveLength(1)
    },
  )

  it('less than 10 minutes ago asks nobody, unless an operator says otherwise', async () => {
    minutesAgo(9.9)
    await read('/api/orders')
    expect(asked()).toEqual([])
    await doors.call('admin', 'PUT', '/api/config/orders.erp', { body: { lazy_minutes: 5 } })
    await read('/api/orders')
    expect(asked()).toHaveLength(1)
  })

  it('never, asks for them', async () => {
    doors.file.exec(`DELETE FROM link_state WHERE link = 'orders.erp'`)
    await read('/api/orders')
    expect(asked()).toHaveLength(1)
  })

  it('asks for the user whose orders an admin reads, and for nobody who is not synced', async () => {
    await read('/api/orders?user_id=bob', 'admin')
    await read('/api/orders/ann:O1', 'admin')
    expect(asked().map(({ lane }) => lane)).toEqual(['orders:bob', 'orders:ann'])
    doors.lanes.calls.length = 0
    doors.file.exec(`DELETE FROM runs; UPDATE erp_users SET active = 0`)
    await read('/api/orders')
    await read('/api/orders', 'admin')
    expect(asked()).toEqual([])
  })

  it('waits for no lane, and does not fail where the lane does', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    doors.lanes.fail.set('orders:ann', [new Error('away')])
    const { getByName } = doors.lanes
    let release = () => {}
    const held = new Promise<void>((go) => {
      release = go
    })
    doors.lanes.getByName = (lane) => {
      const stub = getByName(lane)
      return { ...stub, request: (...given) => held.then(() => stub.request(...given)) }
    }
    // It answers while the lane does not.
    expect((await get('/api/orders')).status).toBe(200)
    release()
    await doors.later()
    expect(log).toHaveBeenCalledOnce()
    log.mockRestore()
  })

  it('is about orders: customers and products ask nobody', async () => {
    for (const path of ['/api/customers', '/api/products', '/api/customers/ann:C1']) await read(path)
    expect(asked()).toEqual([])
  })
})

describe('changes of prices', () => {
  const change = (
    version: number,
    n: number,
    key: string,
    before: object | null,
    after: object,
    prev: number,
    lane = 'products',
  ) =>
    doors.file
      .prepare(
        `INSERT INTO history (lane, version, n, tbl, key, op, before, after, origin, actor, run_id, at, prev_version)
          VALUES (?1, ?2, ?3, 'products', ?4, ?5, ?6, ?7, 'erp', 'cron', 'r1', ?2 * 1000, ?8)`,
      )
      .run(
        lane,
        version,
        n,
        key,
        before ? 'update' : 'insert',
        before && JSON.stringify(before),
        JSON.stringify(after),
        prev,
      )
  beforeEach(() => {
    change(1, 0, 'P-1', null, { name: 'Caffè Nero' }, 0)
    change(1, 1, 'P-2', null, { name: 'Tè verde' }, 0)
    change(2, 0, 'P-1', { price: null }, { price: 1000 }, 1)
    change(2, 1, 'P-2', { price: null }, { price: 300 }, 1)
    change(3, 0, 'P-1', { name: 'x' }, { name: 'Caffè Nero' }, 2)
    change(4, 0, 'P-1', { price: 1000, discount: 0 }, { price: 1050, discount: 500 }, 3)
    change(4, 1, 'P-2', { discount: 1 }, { discount: 2 }, 2)
    doors.file.exec(`UPDATE products SET version = 4 WHERE id IN ('P-1', 'P-2')`)
  })
  const told = (list: PriceChange[]) => list.map((each) => [each.product_id, each.old, each.new, each.id])

  it('are told newest first, and nothing else is', async () => {
    const list = await all<PriceChange>('/api/price-changes?limit=2')
    expect(told(list)).toEqual([
      ['P-1', 1000, 1050, '4.0'],
      ['P-2', null, 300, '2.1'],
      ['P-1', null, 1000, '2.0'],
    ])
    expect(list[0]).toMatchObject({ name: 'Caffè Nero', at: '1970-01-01T00:00:04.000Z', run_id: 'r1' })
  })

  it('of one product are found along its own changes, page by page', async () => {
    const list = await all<PriceChange>('/api/price-changes?product_id=P-1&limit=1')
    expect(told(list)).toEqual([
      ['P-1', 1000, 1050, '4.0'],
      ['P-1', null, 1000, '2.0'],
    ])
    expect(told(await all('/api/price-changes?product_id=P-2'))).toEqual([['P-2', null, 300, '2.1']])
    expect(await all('/api/price-changes?product_id=none')).toEqual([])
  })

  it('begin at a page that is one', async () => {
    expect((await get('/api/price-changes?before=x')).status).toBe(400)
  })
})

describe('prices that match no product', () => {
  it('are listed by name with the reason, page by page', async () => {
    const list = await all<UnmatchedPrice>('/api/unmatched-prices?limit=1')
    expect(list).toEqual([
      {
        name: 'Caffe',
        product_id: null,
        price: 99,
        kind: 'ambiguous',
        reason: 'two products',
        since: '1970-01-01T00:00:00.001Z',
      },
      {
        name: 'Zucchero',
        product_id: null,
        price: 120,
        kind: 'unmatched',
        reason: 'no product',
        since: '1970-01-01T00:00:00.001Z',
      },
    ])
    expect((await get('/api/unmatched-prices?q=zucc')).json<UnmatchedPrice[]>()).toEqual([list[1]])
  })
})

describe('every list of the ERP', () => {
  it.each([
    '/api/customers',
    '/api/products',
    '/api/orders',
    '/api/price-changes',
    '/api/unmatched-prices',
    '/api/products/P-1',
  ])('%s is not sent again to who has it', async (path) => {
    const first = await get(path)
    const again = await get(path, 'ann', { 'if-none-match': first.headers.get('etag') ?? '' })
    expect([again.status, again.text]).toEqual([304, ''])
    expect(again.headers.get('cache-control')).toBe('private, no-cache')
  })

  it('waits for no lane', async () => {
    for (const path of [
      '/api/customers',
      '/api/products',
      '/api/price-changes',
      '/api/unmatched-prices',
      '/api/erp/status',
    ])
      expect((await get(path)).status).toBe(200)
    expect(doors.lanes.calls).toEqual([])
  })
})
