import { describe, expect, test } from 'vitest'
import type { Database, Row, Statement } from '../../db/database.ts'
import type { LaneCore } from '../../sync/engine/lane.ts'
import {
  fakeLists,
  type ListWorld,
  listWorld,
  price,
  product,
  products,
  request,
  SHARED,
} from './list-world.ts'
import { drain, instance, rows } from './world.ts'

// A page's stored rows come with the commit of the page before it; what happens in between is seen all the same.

const SIZE = 3
const PAGES = 5

/** Products on some pages, read once; `calls`: the ERP's concurrency. */
async function begun(calls = 1): Promise<ListWorld> {
  const at = listWorld(['ann'], fakeLists(SIZE))
  at.world.file
    .prepare(`INSERT INTO config VALUES ('erp.connection', ?, 0, 'ann')`)
    .run(JSON.stringify({ concurrency: calls }))
  show(at, products(SIZE * PAGES))
  await full(at)
  return at
}

function show({ remote }: ListWorld, catalogue: Row[], prices: Row[] = []): void {
  remote.lists.set(`products/${SHARED}`, catalogue)
  remote.lists.set(`prices/${SHARED}`, prices)
  remote.stamp++
}

/** A lane over a database that `over` replaces in part. */
const lay = (at: ListWorld, over: Partial<Database>): LaneCore =>
  instance(
    at.world,
    'products',
    () => at.remote,
    (engine) => ({ ...engine, database: { ...at.world.database, ...over } }),
    at.ids,
  ).lane

async function full(at: ListWorld, link = 'products.erp', over: Partial<Database> = {}): Promise<void> {
  const lane = lay(at, over)
  await lane.request(request(link, { full: true }))
  await drain(at.world, lane)
}

/** Batches that a full run sends between its fetches of one page and of the next, by page. */
async function batchesByPage(at: ListWorld, link: string): Promise<number[]> {
  const counts: number[] = []
  at.remote.between = (_, page) => {
    counts[page - 1] = 0
  }
  await full(at, link, {
    batch: (statements) => {
      if (counts.length > 0) counts[counts.length - 1] = (counts.at(-1) ?? 0) + 1
      return at.world.database.batch(statements)
    },
  })
  at.remote.between = () => undefined
  return counts.slice(0, PAGES - 1)
}

const propose = (lane: LaneCore, key: string, values: Row) =>
  lane.push({
    id: `push of ${key}`,
    actor: 'ann',
    origin: 'api',
    mutations: [{ type: 'propose', table: 'products', key, values }],
  })

const historyOf = (at: ListWorld, key: string) =>
  rows(at.world, 'SELECT op, before, after, origin FROM history WHERE key = ? ORDER BY version', key)
const stored = (at: ListWorld, key: string) =>
  rows(at.world, 'SELECT * FROM products WHERE id = ?', key)[0] ?? {}
const seen = (at: ListWorld) =>
  rows(at.world, 'SELECT id, name, code, price, deleted_at FROM products ORDER BY id')

describe('a page of a full run costs one batch', () => {
  test('behind the first: of products read for the first time, again, and of their prices', async () => {
    const at = listWorld(['ann'], fakeLists(SIZE))
    show(
      at,
      products(SIZE * PAGES),
      products(SIZE * PAGES).map((_, n) => price(n + 1, 100)),
    )
    expect(await batchesByPage(at, 'products.erp')).toEqual([2, 1, 1, 1])
    expect(await batchesByPage(at, 'products.erp')).toEqual([2, 1, 1, 1])
    expect(await batchesByPage(at, 'prices.erp')).toEqual([2, 1, 1, 1])
    expect(await batchesByPage(at, 'prices.erp')).toEqual([2, 1, 1, 1])
    expect(rows(at.world, 'SELECT DISTINCT price FROM products')).toEqual([{ price: 100 }])
  })

  test('also where every page opens conflicts and brings rows that wait', async () => {
    const at = await begun()
    const catalogue: Row[] = []
    const prices: Row[] = []
    for (let n = 1; n < SIZE * PAGES; n += SIZE) {
      const name = `Twin ${n}`
      catalogue.push(product(n, { name }), product(n + 1, { name }), product(n + 2))
      prices.push(
        price(n, 100),
        price(n + 1, 100, { id: null, name }),
        price(n + 2, 100, { id: `none ${n}`, name: 'No' }),
      )
    }
    show(at, catalogue, prices)
    await full(at)
    expect(await batchesByPage(at, 'prices.erp')).toEqual([2, 1, 1, 1])
    expect(rows(at.world, 'SELECT kind, count(*) AS n FROM unmatched_prices GROUP BY kind')).toEqual([
      { kind: 'ambiguous', n: PAGES },
      { kind: 'unmatched', n: PAGES },
    ])
  })

  test('also where it shows rows that it did not show, if it is here in time', async () => {
    const at = await begun(3)
    const before = rows(at.world, 'SELECT version FROM lanes')[0]?.version
    show(at, products(SIZE * PAGES).reverse())
    let reads = 0
    await full(at, 'products.erp', {
      batch: (statements) => {
        reads += statements.every(({ sql }) => sql.startsWith('SELECT t.*')) ? 1 : 0
        return at.world.database.batch(statements)
      },
    })
    // How many pages there are is known with the first, so that the second is sent for behind it.
    expect(reads).toBe(1)
    expect(rows(at.world, 'SELECT version FROM lanes')[0]?.version).toBe(before)
  })
})

describe.each([
  ['one call at a time', 1],
  ['three calls at once', 3],
])('with %s', (_, calls) => {
  test('a push between the commit of a page and the next page is seen by that page', async () => {
    const at = await begun(calls)
    const { lane } = at.start()
    let pushed: unknown = null
    at.remote.fault = async (_part, page) => {
      // The last page is on its way when the one before it has been committed, or is about to be.
      if (page === PAGES) pushed = await propose(lane, product(SIZE * PAGES).id as string, { code: 'mine' })
      return null
    }
    await lane.request(request('products.erp', { full: true }))
    await drain(at.world, lane)
    expect(pushed).toMatchObject({ results: [{ status: 'applied' }] })
    const { id, code } = product(SIZE * PAGES)
    expect(stored(at, String(id))).toMatchObject({ code })
    expect(historyOf(at, String(id)).slice(1)).toEqual([
      expect.objectContaining({ after: '{"code":"mine"}', origin: 'api' }),
      expect.objectContaining({ before: '{"code":"mine"}', after: JSON.stringify({ code }), origin: 'erp' }),
    ])
  })

  test('a row that two pages show: the second page sees what the first one wrote', async () => {
    const at = await begun(calls)
    const catalogue = products(SIZE * PAGES)
    const twice: Row = { ...product(1), code: 'first' }
    // Page 2 shows in its middle what page 1 shows as well.
    catalogue[0] = twice
    catalogue[SIZE + 1] = { ...twice, code: 'second' }
    show(at, catalogue)
    await full(at)
    const ofIt = historyOf(at, String(twice.id)).map(({ before, after }) => [before, after])
    expect(ofIt.slice(1, 3)).toEqual([
      ['{"code":"C1"}', '{"code":"first"}'],
      ['{"code":"first"}', '{"code":"second"}'],
    ])
  })

  test('a commit whose reply was lost brought nothing along', async () => {
    const at = await begun(calls)
    show(
      at,
      products(SIZE * PAGES).map((row) => ({ ...row, code: `again ${row.id}` })),
    )
    let lost = 0
    await full(at, 'products.erp', {
      batch: async (statements) => {
        const results = await at.world.database.batch(statements)
        if (isCommit(statements) && lost++ < 3) throw new Error('the network is away')
        return results
      },
    })
    expect(lost).toBeGreaterThan(3)
    expect(rows(at.world, 'SELECT op, count(*) AS n FROM history GROUP BY op')).toEqual([
      { op: 'insert', n: SIZE * PAGES },
      { op: 'update', n: SIZE * PAGES },
    ])
  })

  test('a commit that failed is made again upon what a push changed meanwhile', async () => {
    const at = await begun(calls)
    show(
      at,
      products(SIZE * PAGES).map((row) => ({ ...row, code: `again ${row.id}` })),
    )
    const key = String(product(SIZE * 2).id)
    let commits = 0
    let pushed: Promise<unknown> | null = null
    const over: Partial<Database> = {
      batch: async (statements) => {
        if (!isCommit(statements) || ++commits !== 2) return at.world.database.batch(statements)
        pushed = propose(lane, key, { code: 'mine' })
        throw new Error('D1 is away')
      },
    }
    const lane = lay(at, over)
    await lane.request(request('products.erp', { full: true }))
    await drain(at.world, lane)
    expect(await pushed).toMatchObject({ results: [{ status: 'applied' }] })
    expect(historyOf(at, key).at(-1)).toMatchObject({ before: '{"code":"mine"}' })
    expect(stored(at, key)).toMatchObject({ code: `again ${key}` })
  })
})

const isCommit = (statements: readonly Statement[]) =>
  statements[0]?.sql.startsWith('INSERT INTO lanes') === true && statements.length > 2

test('a price that went by its id and goes by a name now finds a product that its page did not show the last time', async () => {
  const at = listWorld(['ann'], fakeLists(SIZE))
  const prices = [1, 2, 3, 4, 5, 6].map((n) => price(n, 100 * n))
  show(at, products(8), prices)
  await full(at)
  await full(at, 'prices.erp')
  show(at, products(8), [...prices.slice(0, 4), price(8, 800, { id: null }), ...prices.slice(5)])
  await full(at, 'prices.erp')
  expect(stored(at, String(product(8).id)).price).toBe(800)
  expect(rows(at.world, 'SELECT kind FROM link_deferred')).toEqual([])
})

test('a price whose product was deleted meanwhile goes to the other one of its name', async () => {
  const at = listWorld(['ann'], fakeLists(SIZE))
  const catalogue = [...products(5), product(6, { name: 'Twin' }), product(7, { name: 'Twin' })]
  const prices = [1, 2, 3, 4, 5].map((n) => price(n, 100 * n))
  show(at, catalogue, [...prices, price(6, 600, { name: 'Twin' })])
  await full(at)
  await full(at, 'prices.erp')
  at.world.file.prepare('UPDATE products SET deleted_at = 1 WHERE id = ?').run(String(product(6).id))
  show(at, catalogue, [...prices, price(6, 700, { name: 'Twin' })])
  await full(at, 'prices.erp')
  expect(seen(at).map((row) => row.price)).toEqual([100, 200, 300, 400, 500, 600, 700])
})

test('two runs that take turns with commits of theirs stop reading ahead in vain, and begin again when one is over', async () => {
  const at = listWorld(['ann'], fakeLists(SIZE))
  const count = SIZE * 40
  const some = products(count)
  show(
    at,
    some,
    some.slice(0, count / 2).map((row, n) => price(n + 1, 100, { name: String(row.name) })),
  )
  const tried: boolean[] = []
  const reads: number[] = []
  const lane = lay(at, {
    batch: (statements) => {
      if (isCommit(statements)) tried.push(statements.some(({ sql }) => sql.includes('LIMIT ?2')))
      if (statements[0]?.sql.startsWith('SELECT t.*')) reads.push(tried.length)
      return at.world.database.batch(statements)
    },
  })
  await lane.request(request('products.erp', { full: true }))
  await lane.request(request('prices.erp', { full: true }))
  await drain(at.world, lane)
  expect(rows(at.world, 'SELECT DISTINCT status FROM runs')).toEqual([{ status: 'done' }])
  // Of either three times, and each eighth page.
  expect(tried.slice(0, 38).filter(Boolean).length).toBeLessThan(12)
  // Some ten pages later at the latest, the other one reads nothing apart.
  expect(reads.filter((at) => at > 50)).toEqual([])
  expect(tried.length).toBe(60)
  expect(seen(at).filter((row) => row.price === 100)).toHaveLength(count / 2)
})

describe('the copy of a table, from which a first reading of prices is served', () => {
  /** Prices read for the first time, with `over` before page `at`; what they came to. */
  async function priced(catalogue: Row[], prices: Row[], over?: (lane: LaneCore) => Promise<unknown>) {
    const at = listWorld(['ann'], fakeLists(SIZE))
    show(at, catalogue, prices)
    await full(at)
    const { lane } = at.start()
    at.remote.fault = async (_part, page) => {
      if (page === 3) await over?.(lane)
      return null
    }
    await lane.request(request('prices.erp', { full: true }))
    await drain(at.world, lane)
    return at
  }

  const named = (n: number, name: string) => price(n, 100 * n, { id: null, name })

  test('finds rows by name, leaves to a person what could be several, and lets wait what is not here', async () => {
    const catalogue = products(9).map((row, n) => (n === 6 || n === 7 ? { ...row, name: 'Twin' } : row))
    const prices = [1, 2, 3].map((n) => price(n, 100 * n))
    prices.push(named(4, 'PRODUCT-4'), named(5, 'Product 5'), named(6, 'product 6'))
    prices.push(named(7, 'Twin'), named(8, 'Nobody'), named(9, 'Product 9'))
    const at = await priced(catalogue, prices)
    expect(seen(at).map((row) => row.price)).toEqual([100, 200, 300, 400, 500, 600, null, null, 900])
    expect(rows(at.world, 'SELECT kind, name FROM unmatched_prices ORDER BY kind')).toEqual([
      { kind: 'ambiguous', name: 'Twin' },
      { kind: 'unmatched', name: 'Nobody' },
    ])
  })

  test('a row that two pages show: the second page sees what the first one wrote', async () => {
    // The first page's commit begins the copy, the second one's writes what the third shows again.
    const prices = [1, 2, 3, 4, 5, 6, 7, 8, 4].map((n, i) => price(n, 100 + i))
    const at = await priced(products(9), prices)
    const ofIt = rows(
      at.world,
      'SELECT old, new FROM price_changes WHERE product_id = ? ORDER BY version, n',
      String(product(4).id),
    )
    expect(ofIt.slice(0, 2)).toEqual([
      { old: null, new: 103 },
      { old: 103, new: 108 },
    ])
  })

  test('is not made of a table in which other people have rows', async () => {
    const at = listWorld(['ann', 'bob'], fakeLists(2))
    const customers = [1, 2, 3, 4, 5].map((n) => ({ erp_id: `C${n}`, name: `Customer ${n}` }))
    at.remote.lists.set('customers/ann', customers)
    const asked: string[] = []
    const on = instance(
      at.world,
      'customers:ann',
      () => at.remote,
      (engine) => ({
        ...engine,
        database: {
          batch: (statements) => {
            asked.push(...statements.map(({ sql }) => sql))
            return at.world.database.batch(statements)
          },
        },
      }),
      at.ids,
    )
    await on.lane.request(request('customers.erp', { scope: 'ann', full: true }))
    await drain(at.world, on.lane)
    expect(rows(at.world, 'SELECT name FROM customers')).toHaveLength(5)
    expect(asked.filter((sql) => sql.startsWith('SELECT * FROM customers'))).toEqual([])
  })

  test('is not asked before all of the table is here', async () => {
    const at = listWorld(['ann'], fakeLists(200))
    const many = Array.from({ length: 1_300 }, (_, n) => n + 1)
    show(
      at,
      many.map((n) => product(n)),
      // From the other end: the copy has not come there yet.
      many.map((n) => price(n, n)).reverse(),
    )
    await full(at)
    await full(at, 'prices.erp')
    expect(
      rows(at.world, `SELECT count(*) AS n FROM products WHERE 'P' || printf('%05d', price) = id`),
    ).toEqual([{ n: 1_300 }])
    expect(rows(at.world, 'SELECT kind FROM link_deferred')).toEqual([])
  })

  test('a product that a push renamed meanwhile goes by its new name', async () => {
    const prices = [1, 2, 3, 4, 5, 6].map((n) => price(n, 100 * n))
    prices.push(named(7, 'Product 7'), named(8, 'Renamed'), named(9, 'Product 9'))
    const at = await priced(products(9), prices, (lane) =>
      propose(lane, String(product(8).id), { name: 'Renamed', name_key: 'renamed' }),
    )
    expect(stored(at, String(product(8).id)).price).toBe(800)
  })
})
