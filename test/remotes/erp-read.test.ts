import { describe, expect, it } from 'vitest'
import { bad, createWorld, dialects, good, type ListName, valuesOf } from './erp-world.ts'

const product = (id: string, more = {}) => ({
  id,
  code: `C-${id}`,
  name: `Product ${id}`,
  description: 'Acciaio & ottone, 1/2"',
  product_group: 'Valvole',
  package_size: 1_250,
  vat: 22,
  image: `/images/${id}.jpg`,
  modified: '2026-11-01T09:10:11Z',
  ...more,
})

describe.each(dialects)('Reading a list as %s', (dialect) => {
  it('types every column of every list', async () => {
    const { person, read } = createWorld()
    person.put(
      'customers',
      { id: 'K1', name: 'Rossi & figli', zip: '00184', last_order_on: '2026-10-31' },
      { user: 'anna@erp' },
    )
    person.put('products', product('P1'))
    person.put('prices', {
      product_id: 'P1',
      name: 'Product P1',
      price: 1_234.5,
      discount: 12.5,
      currency: 'EUR',
    })
    person.put(
      'orders',
      {
        id: 'O1',
        number: '2026/1',
        customer_id: 'K1',
        customer_name: 'Rossi',
        ordered_on: '2026-11-20',
        status: 'open',
        total: 1_000,
      },
      { user: 'anna@erp' },
    )
    const rows = async (list: ListName) => valuesOf(good(await read(list, dialect)))

    const [customer] = await rows('customers')
    expect(customer).toMatchObject({
      erp_id: 'K1',
      name: 'Rossi & figli',
      zip: '00184',
      last_order_on: '2026-10-31',
      phone: null,
    })
    const [first] = await rows('products')
    expect(first).toMatchObject({
      id: 'P1',
      description: 'Acciaio & ottone, 1/2"',
      package_size: 1_250,
      vat: 22,
      image: '/images/P1.jpg',
    })
    expect(first!.erp_modified_at).toEqual(expect.any(Number))
    expect(await rows('prices')).toEqual([
      { id: 'P1', name: 'Product P1', price: 123_450, discount: 1_250, currency: 'EUR' },
    ])
    const [order] = await rows('orders')
    expect(order).toMatchObject({
      erp_id: 'O1',
      number: '2026/1',
      ordered_on: '2026-11-20',
      delivery_on: null,
      total: 100_000,
    })
  })

  it('goes from page to page, and says how many there are', async () => {
    const { person, read } = createWorld()
    for (let i = 10; i < 55; i++) person.put('products', product(`P${i}`))
    const [one, two, three] = [
      good(await read('products', dialect, 1)),
      good(await read('products', dialect, 2)),
      good(await read('products', dialect, 3)),
    ]
    expect(
      [one, two, three].map(({ next, total, pages, rows }) => [next, total, pages, rows.length]),
    ).toEqual([
      ['2', 45, 3, 20],
      ['3', 45, 3, 20],
      [null, 45, 3, 5],
    ])
    expect(three.rows[4]).toMatchObject({ position: 4, values: { id: 'P54' } })
    expect([three.part, three.warnings, three.rejected]).toEqual(['anna', [], []])
    expect(three.where(6, 'id')).toBe('products page 3, row 7 (id)')
    expect(three.where(0, 'erp_modified_at')).toBe('products page 3, row 1 (modified)')
    expect(three.where(0)).toBe('products page 3, row 1')
  })

  it('reads the first page without a cursor, and counts in thousands', async () => {
    const { person, remote, context } = createWorld()
    person.fill({ customersEach: 0, products: 1_201, ordersEach: 0 })
    const page = good(
      await remote.read(
        context('products', dialect),
        { id: 'shared', name: 'Products', timeZone: 'UTC', options: {} },
        null,
      ),
    )
    expect(page).toMatchObject({ part: 'shared', total: 1_201, pages: 61, next: '2' })
  })

  it('reads an empty list', async () => {
    const { read } = createWorld()
    const page = good(await read('orders', dialect))
    expect(page).toMatchObject({ rows: [], rejected: [], total: 0, next: null })
  })

  it('shows each user their own rows', async () => {
    const { person, read } = createWorld()
    person.put('customers', { id: 'K1', name: "Anna's" }, { user: 'anna@erp' })
    person.put('customers', { id: 'K2', name: "Ben's" }, { user: 'ben@erp' })
    const target = { list: 'customers', user: 'ben', login: 'ben@erp', sealed: 'sealed:ben' }
    expect(valuesOf(good(await read('customers', dialect)))).toMatchObject([{ erp_id: 'K1' }])
    expect(valuesOf(good(await read('customers', dialect, 1, { target })))).toMatchObject([{ erp_id: 'K2' }])
  })

  it('has no rows beyond the last page, and says how long the list is now', async () => {
    const { person, read } = createWorld()
    for (let i = 10; i < 35; i++) person.put('products', product(`P${i}`))
    expect(good(await read('products', dialect, 4))).toMatchObject({
      rows: [],
      rejected: [],
      total: 25,
      pages: 2,
      next: null,
    })
  })

  it('does not believe that a page is missing which the list itself counts', async () => {
    const { erp, person, read } = createWorld()
    for (let i = 10; i < 35; i++) person.put('products', product(`P${i}`))
    erp.faults.add({
      match: { list: 'products', page: 2 },
      do: { status: 404, body: '{"error":"no such page"}' },
    })
    expect(bad(await read('products', dialect, 2))).toMatchObject({
      type: 'unavailable',
      reason: 'The ERP says that products page 2 does not exist, and that there are 2',
    })
  })

  it('rejects a row with a text of 1 MB, by its id, and keeps the others', async () => {
    const { erp, person, read } = createWorld()
    for (const id of ['P1', 'P2', 'P3']) person.put('products', product(id))
    erp.faults.add({ match: { list: 'products' }, do: { huge: 'description' } })
    const page = good(await read('products', dialect))
    expect(page.rows).toHaveLength(2)
    const [rejected, ...more] = page.rejected!
    expect(more).toEqual([])
    expect(rejected!.reason).toBe('description: the text is longer than 50000 characters')
    expect(rejected!.raw.length).toBe(1_000)
    expect(rejected!.values).toMatchObject({ id: expect.stringMatching(/^P\d$/) })
    expect(rejected!.values).not.toHaveProperty('description')
  })

  it('rejects a row without its key; nobody can say which one it is', async () => {
    const { erp, person, read } = createWorld()
    for (const id of ['P1', 'P2', 'P3']) person.put('products', product(id))
    erp.faults.add({ match: { list: 'products' }, do: { keyless: true } })
    const page = good(await read('products', dialect))
    expect(valuesOf(page)).toMatchObject([{ id: 'P2' }, { id: 'P3' }])
    expect(page.rejected).toEqual([
      { reason: 'id is missing', raw: expect.stringContaining('Product P1'), position: 0 },
    ])
  })

  it.each([
    ['products', { vat: 'twenty-two' }, 'vat: '],
    ['products', { modified: '2026-02-31T00:00:00Z' }, 'modified: '],
    ['prices', { price: 'a lot' }, 'price: '],
    ['prices', { price: 1.005 }, 'price: '],
    ['prices', { price: null }, 'price is missing'],
    ['prices', { discount: { percent: 5 } }, 'discount: '],
    ['orders', { ordered_on: 'yesterday' }, 'ordered_on: '],
  ] as const)('rejects a row of %s with %j, and says which row it was', async (list, field, reason) => {
    const { erp, person, read } = createWorld()
    const rows = {
      products: product('A1'),
      prices: { product_id: 'A1', name: 'A1', price: 1, currency: 'EUR' },
      orders: { id: 'A1', number: '1', total: 5 },
    }
    person.put(list, rows[list], { user: 'anna@erp' })
    erp.faults.add({ match: { list }, do: { garbage: field } })
    const page = good(await read(list, dialect))
    expect(page.rows).toEqual([])
    expect(page.rejected).toMatchObject([
      { position: 0, values: { [list === 'prices' ? 'name' : list === 'orders' ? 'erp_id' : 'id']: 'A1' } },
    ])
    expect(page.rejected![0]!.reason).toContain(reason)
  })

  it('lets pages through that only the whole list tells to be wrong: repeated, shorter, with another total, with a key twice', async () => {
    const { erp, person, read } = createWorld()
    for (let i = 10; i < 55; i++) person.put('products', product(`P${i}`))
    const ids = async (page: number) =>
      valuesOf(good(await read('products', dialect, page))).map(({ id }) => id)
    erp.faults.add({ match: { list: 'products', page: 2 }, do: { repeat: true } })
    expect(await ids(2)).toEqual(await ids(1))
    erp.faults.add({ match: { list: 'products', page: 2 }, do: { shorter: 5 } })
    expect(await ids(2)).toHaveLength(15)
    erp.faults.add({ match: { list: 'products' }, do: { total: 7 } })
    expect(good(await read('products', dialect)).total).toBe(7)
    erp.faults.add({ match: { list: 'products' }, do: { duplicate: true } })
    const doubled = await ids(1)
    expect(doubled.filter((id) => id === doubled[0])).toHaveLength(2)
    erp.faults.add({ match: { list: 'products' }, do: { noRows: true } })
    expect(good(await read('products', dialect))).toMatchObject({ rows: [], total: 45 })
    erp.faults.add({ match: { list: 'products', page: 3 }, do: { pagesForever: true } })
    expect(good(await read('products', dialect, 3)).next).toBe('4')
  })
})

describe('The probe of a list', () => {
  it('is its stamp, which the pages tell too', async () => {
    const { person, remote, context, read } = createWorld()
    person.put('products', product('P1'))
    const before = good(await remote.probe(context('products', 'json')))
    expect(good(await read('products', 'json')).stamp).toBe(before)
    expect(good(await remote.probe(context('products', 'json')))).toBe(before)
    person.put('products', product('P1', { name: 'Other' }))
    expect(good(await remote.probe(context('products', 'json')))).not.toBe(before)
  })

  it('is refused where a list tells no stamp, with what to set', async () => {
    const { remote, context, read } = createWorld()
    expect(bad(await remote.probe(context('prices', 'json')))).toEqual({
      type: 'refused',
      reason: 'The ERP tells no stamp of prices',
      mend: 'Set probe to rolling in prices.erp.',
    })
    expect(bad(await remote.probe(context('products', 'html')))).toMatchObject({
      type: 'refused',
      mend: 'Set probe to rolling in products.erp.',
    })
    expect(good(await read('products', 'html'))).not.toHaveProperty('stamp')
  })
})

describe('A page with more rows than it says', () => {
  it('is read, and the run says so', async () => {
    const { erp, read } = createWorld()
    const body = JSON.stringify({
      list: 'products',
      page: 1,
      pages: 1,
      total: 3,
      pageSize: 2,
      rows: ['A', 'B', 'C'].map((id) => ({ id, name: id })),
    })
    erp.faults.add({ match: { list: 'products' }, do: { status: 200, body } })
    const page = good(await read('products', 'json'))
    expect(page.rows).toHaveLength(3)
    expect(page.warnings).toEqual([
      {
        kind: 'long_page',
        message: 'The page has 3 rows; the ERP says that pages have 2',
        where: 'products page 1',
      },
    ])
  })
})
