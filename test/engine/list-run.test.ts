import { beforeEach, describe, expect, test } from 'vitest'
import type { Row } from '../../db/database.ts'
import {
  type ListWorld,
  listWorld,
  live,
  price,
  product,
  products,
  request,
  run,
  SHARED,
} from './list-world.ts'
import { drain, instance, rows } from './world.ts'

let at: ListWorld
const list = (name = 'products') => at.remote.lists.get(`${name}/${SHARED}`) ?? []
const set = (name: string, all: Parameters<ListWorld['remote']['lists']['set']>[1]) => {
  at.remote.lists.set(`${name}/${SHARED}`, all)
  at.remote.stamp++
}
const pagesRead = () => at.remote.reads.splice(0).map(({ page }) => page)
const HOUR = 3_600_000

beforeEach(() => {
  at = listWorld()
  set('products', products(10))
})

describe('a list with a stamp', () => {
  test('is read page by page, and each page is visible as soon as it is read', async () => {
    const seen: number[] = []
    at.remote.between = () => void seen.push(live(at.world).length)
    const done = await run(at, 'products.erp')
    expect(done.status).toBe('done')
    expect(live(at.world)).toHaveLength(10)
    expect(pagesRead()).toEqual([1, 2, 3, 4])
    expect(done.report.parts[0]).toMatchObject({ status: 'done', page: 4, pages: 4, rows: 10, updated: 10 })
    expect(seen).toEqual([0, 3, 6, 9])
  })

  test('that did not change costs one question, and no row', async () => {
    await run(at, 'products.erp')
    pagesRead()
    const before = rows(at.world, 'SELECT * FROM history')
    const again = await run(at, 'products.erp')
    expect(again.status).toBe('unchanged')
    expect(pagesRead()).toEqual([])
    expect(rows(at.world, 'SELECT * FROM history')).toEqual(before)
    expect(rows(at.world, 'SELECT checks, skips FROM link_state')).toEqual([{ checks: 1, skips: 1 }])
  })

  test('read in full and unchanged, moves no version and writes no row of the table', async () => {
    await run(at, 'products.erp')
    const before = [
      live(at.world, '*'),
      rows(at.world, 'SELECT * FROM history'),
      rows(at.world, 'SELECT version FROM lanes'),
    ]
    expect((await run(at, 'products.erp', { full: true })).status).toBe('unchanged')
    expect([
      live(at.world, '*'),
      rows(at.world, 'SELECT * FROM history'),
      rows(at.world, 'SELECT version FROM lanes'),
    ]).toEqual(before)
  })

  test('is read again when a row changed, and only that row is written', async () => {
    await run(at, 'products.erp')
    set(
      'products',
      list().map((row, i) => (i === 4 ? { ...row, name: 'Other' } : row)),
    )
    const done = await run(at, 'products.erp')
    expect(done.report.counts.written).toBe(1)
    expect(live(at.world)[4]).toEqual({ id: 'P00005', name: 'Other' })
  })
})

describe('rows that vanish', () => {
  test('go after the second look', async () => {
    await run(at, 'products.erp')
    set(
      'products',
      list().filter((_, i) => i !== 4),
    )
    const first = await run(at, 'products.erp')
    expect(first.status).toBe('unchanged')
    expect(live(at.world)).toHaveLength(10)
    const second = await run(at, 'products.erp')
    expect(second.report.counts.deleted).toBe(1)
    expect(live(at.world).map(({ id }) => id)).not.toContain('P00005')
  })

  test('return with their history', async () => {
    await run(at, 'products.erp')
    const all = list()
    set(
      'products',
      all.filter((_, i) => i !== 4),
    )
    await run(at, 'products.erp')
    await run(at, 'products.erp')
    set('products', all)
    await run(at, 'products.erp')
    expect(live(at.world)).toHaveLength(10)
    expect(rows(at.world, `SELECT op FROM history WHERE key = 'P00005' ORDER BY version`)).toEqual([
      { op: 'insert' },
      { op: 'delete' },
      { op: 'update' },
    ])
  })

  test('leave no page behind on which they stood', async () => {
    await run(at, 'products.erp')
    const pages = () => rows(at.world, `SELECT page FROM link_pages WHERE page LIKE '%/4'`)
    expect(pages()).toHaveLength(1)
    set('products', products(9))
    await run(at, 'products.erp')
    expect(pages()).toEqual([])
  })

  test('may be those that have no key now: nothing is deleted while one has none', async () => {
    await run(at, 'products.erp')
    const keyless = list().map((row, i) => (i === 4 ? { ...row, id: null } : row))
    set('products', keyless)
    for (let look = 0; look < 3; look++) await run(at, 'products.erp', { full: true })
    expect(live(at.world)).toHaveLength(10)
  })

  test('and then stand there again as rows that can’t be read are not gone', async () => {
    await run(at, 'products.erp')
    const all = list()
    set(
      'products',
      all.filter((_, i) => i !== 4),
    )
    await run(at, 'products.erp')
    set('products', all)
    const { read } = at.remote
    at.remote.read = async (...asked) => {
      const answer = await read(...asked)
      if (!answer.ok) return answer
      const { rows: good, ...page } = answer.value
      const bad = good.filter(({ values }) => values.id === 'P00005')
      const rejected = bad.map(({ position }) => ({
        position,
        reason: 'its name is no text',
        raw: '',
        values: { id: 'P00005' },
      }))
      return { ok: true, value: { ...page, rows: good.filter((row) => !bad.includes(row)), rejected } }
    }
    expect((await run(at, 'products.erp')).report.counts).toMatchObject({ rejected: 1, deleted: 0 })
    expect(live(at.world)).toHaveLength(10)
  })

  test('in numbers above the guard stop the run, which says so; a forced run asks for approval of the deletion', async () => {
    set('products', products(30))
    await run(at, 'products.erp')
    set('products', products(10))
    const stopped = await run(at, 'products.erp')
    expect(stopped.status).toBe('failed')
    expect(stopped.report.parts[0].reason).toMatch(/says it has 10 rows; it had 30/)
    expect(live(at.world)).toHaveLength(30)
    await run(at, 'products.erp', { full: true })
    await run(at, 'products.erp', { full: true })
    expect(live(at.world)).toHaveLength(30)
    expect(rows(at.world, `SELECT kind, detail FROM conflicts WHERE resolved_at IS NULL`)).toMatchObject([
      { kind: 'deletion_guard' },
    ])
    // One without a key says nothing about those that are gone.
    set('products', [...products(10), product(31, { id: null })])
    await run(at, 'products.erp', { full: true })
    expect(rows(at.world, 'SELECT 1 FROM conflicts WHERE resolved_at IS NULL')).toHaveLength(1)
    set('products', products(30))
    await run(at, 'products.erp', { full: true })
    expect(rows(at.world, 'SELECT 1 FROM conflicts WHERE resolved_at IS NULL')).toEqual([])
  })
})

describe('a rolling list', () => {
  const rolling = (pages: number) =>
    at.world.file
      .prepare(
        `INSERT INTO config VALUES ('products.erp', ?, 0, 'ann') ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
      )
      .run(JSON.stringify({ probe: 'rolling', probe_pages: pages }))
  beforeEach(async () => {
    at = listWorld()
    at.remote.stampless = true
    rolling(2)
    set('products', products(24))
    await run(at, 'products.erp')
    // What was new is read once more: rows may have moved unseen.
    await run(at, 'products.erp')
    pagesRead()
  })

  test('is looked at in a few pages, in rotation, and nothing is written when they are as they were', async () => {
    const seen: number[][] = []
    for (let i = 0; i < 4; i++) {
      expect((await run(at, 'products.erp')).status).toBe('unchanged')
      seen.push(pagesRead())
    }
    expect(seen).toEqual([
      [1, 2, 3, 8],
      [1, 4, 5, 8],
      [1, 6, 7, 8],
      [1, 2, 3, 8],
    ])
  })

  test('is looked at in the same few pages again after a check that broke, and read whole when it is time', async () => {
    at.remote.fault = (_part, page) =>
      page === 3 ? { ok: false, failure: { type: 'refused', reason: 'no login', mend: 'correct it' } } : null
    await run(at, 'products.erp')
    at.remote.fault = () => null
    pagesRead()
    await run(at, 'products.erp')
    expect(pagesRead()).toEqual([1, 2, 3, 8])
    at.world.clock.advance(25 * HOUR)
    await run(at, 'products.erp')
    expect(pagesRead()).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  })

  test('shows any changed field within its bound, and the page is applied at once', async () => {
    for (let changed = 0; changed < 24; changed++) {
      set(
        'products',
        list().map((row, i) => (i === changed ? { ...row, name: `Renamed ${changed}` } : row)),
      )
      let checks = 0
      do {
        checks++
        await run(at, 'products.erp')
      } while (live(at.world)[changed]?.name !== `Renamed ${changed}`)
      expect(checks, `row ${changed}`).toBeLessThanOrEqual(4)
    }
  })

  test('is read whole when rows came or moved', async () => {
    set('products', [product(0, { id: 'P00000' }), ...list()])
    await run(at, 'products.erp')
    expect(live(at.world)).toHaveLength(25)
  })
})

test('a list that became shorter while it was read is read once more, and no third time', async () => {
  await run(at, 'products.erp')
  pagesRead()
  at.remote.between = (_part, page) => {
    if (page === 2 && list().length === 10) set('products', list().slice(1))
  }
  expect((await run(at, 'products.erp', { full: true })).report.parts[0].warnings).toEqual([])
  expect(pagesRead()).toEqual([1, 2, 3, 1, 2, 3])
})

test('a database that fails once at every page does not end a run that gets on, though nothing is to be written', async () => {
  set('products', products(30))
  await run(at, 'products.erp')
  const failed = new Set<string>()
  const flaky = instance(
    at.world,
    'products',
    () => at.remote,
    (engine) => ({
      ...engine,
      database: {
        batch(statements) {
          const saved = statements.find(({ sql }) => sql.startsWith('UPDATE runs'))
          const next = /"next":\d+/.exec(String(saved?.params[2]))?.[0]
          if (next === undefined || failed.has(next)) return engine.database.batch(statements)
          failed.add(next)
          return Promise.reject(new Error('D1 is overloaded'))
        },
      },
    }),
    at.ids,
  )
  expect((await run(at, 'products.erp', { full: true }, flaky)).status).toBe('unchanged')
  expect(failed.size).toBeGreaterThan(9)
})

describe('a run that stops because the remote is away', () => {
  test('keeps what it read, and the next one goes on from there', async () => {
    at.remote.fault = (_part, page) =>
      page === 3 ? { ok: false, failure: { type: 'refused', reason: 'no login', mend: 'correct it' } } : null
    const stopped = await run(at, 'products.erp')
    expect(stopped.status).toBe('degraded')
    expect(stopped.report.reason).toBe('no login')
    expect(live(at.world)).toHaveLength(6)
    at.remote.fault = () => null
    pagesRead()
    const done = await run(at, 'products.erp')
    expect(done.status).toBe('done')
    expect(pagesRead()).toEqual([3, 4])
    expect(live(at.world)).toHaveLength(10)
  })

  test('is begun anew a day later', async () => {
    at.remote.fault = (_part, page) =>
      page === 3 ? { ok: false, failure: { type: 'refused', reason: 'no login', mend: 'correct it' } } : null
    await run(at, 'products.erp')
    at.remote.fault = () => null
    pagesRead()
    at.world.clock.advance(24 * HOUR)
    await run(at, 'products.erp')
    expect(pagesRead()).toEqual([1, 2, 3, 4])
  })

  test('is begun anew by one that reads its rows in another way', async () => {
    at.remote.fault = (_part, page) =>
      page === 3 ? { ok: false, failure: { type: 'refused', reason: 'no login', mend: 'correct it' } } : null
    await run(at, 'products.erp')
    at.remote.fault = () => null
    pagesRead()
    at.world.file.exec(`UPDATE link_state SET list = json_set(list, '$.resume.hash', 'another declaration')`)
    await run(at, 'products.erp')
    expect(pagesRead()).toEqual([1, 2, 3, 4])
  })
})

describe('prices', () => {
  beforeEach(async () => {
    await run(at, 'products.erp')
  })
  const prices = () => live(at.world, 'id, price').filter((row) => row.price !== null)

  test('find their product by id, by exact name, by normalised name, and write nothing but the price', async () => {
    set('products', [product(1), product(2, { name: 'Crème Brûlée 10%' }), product(3, { name: 'Éclair' })])
    await run(at, 'products.erp', { full: true })
    const before = live(at.world, 'id, name, code, name_key')
    set('prices', [
      price(1, 100, { name: 'another name' }),
      price(2, 200, { id: null, name: 'Crème Brûlée 10%' }),
      price(3, 300, { id: null, name: 'ECLAIR ' }),
    ])
    await run(at, 'prices.erp')
    expect(
      prices()
        .slice(0, 3)
        .map((row) => row.price),
    ).toEqual([100, 200, 300])
    expect(live(at.world, 'id, name, code, name_key')).toEqual(before)
    expect(rows(at.world, 'SELECT product_id, old, new FROM price_changes ORDER BY product_id')).toEqual([
      { product_id: 'P00001', old: null, new: 100 },
      { product_id: 'P00002', old: null, new: 200 },
      { product_id: 'P00003', old: null, new: 300 },
    ])
  })

  test('that match nothing wait, and are tried again after the next run of the products', async () => {
    set('prices', [price(1, 100), price(77, 7_700)])
    await run(at, 'prices.erp')
    expect(rows(at.world, 'SELECT name, price, kind FROM unmatched_prices')).toEqual([
      { name: 'Product 77', price: 7_700, kind: 'unmatched' },
    ])
    at.remote.reads.length = 0
    set('products', [...products(10), product(77)])
    await run(at, 'products.erp')
    expect(at.remote.reads.every(({ page }) => page <= 4)).toBe(true)
    expect(rows(at.world, 'SELECT * FROM unmatched_prices')).toEqual([])
    expect(rows(at.world, `SELECT price FROM products WHERE id = 'P00077'`)).toEqual([{ price: 7_700 }])
  })

  test('whose name stands for several products are a conflict, never a guess, until the names differ', async () => {
    const rest = products(10).slice(2)
    set('products', [product(1, { name: 'Twin' }), product(2, { name: 'twin' }), ...rest])
    await run(at, 'products.erp', { full: true })
    set('prices', [price(1, 100, { id: null, name: 'TWIN' })])
    await run(at, 'prices.erp')
    expect(prices()).toEqual([])
    expect(rows(at.world, 'SELECT kind FROM unmatched_prices')).toEqual([{ kind: 'ambiguous' }])
    expect(rows(at.world, 'SELECT kind FROM conflicts WHERE resolved_at IS NULL')).toEqual([
      { kind: 'ambiguous' },
    ])
    set('products', [product(1, { name: 'Twin' }), product(2, { name: 'Single' }), ...rest])
    await run(at, 'products.erp')
    expect(prices()).toEqual([{ id: 'P00001', price: 100 }])
    expect(rows(at.world, 'SELECT * FROM unmatched_prices')).toEqual([])
    expect(rows(at.world, 'SELECT kind FROM conflicts WHERE resolved_at IS NULL')).toEqual([])
  })

  test('that are tried again after the products are read in full all the same when it is time', async () => {
    set('prices', [price(1, 100), price(77, 7_700)])
    await run(at, 'prices.erp')
    const full = () =>
      rows(at.world, `SELECT last_full_at FROM link_state WHERE link = 'prices.erp'`)[0]?.last_full_at
    const before = full()
    at.world.clock.advance(25 * HOUR)
    set('products', products(11))
    await run(at, 'products.erp')
    expect(rows(at.world, `SELECT status FROM runs WHERE "trigger" = 'after'`)).toHaveLength(1)
    expect(full()).toBe(before)
    await run(at, 'prices.erp')
    expect(full()).not.toBe(before)
  })

  test('that are tried again say nothing of a list that could not be read', async () => {
    set('prices', [price(1, 100), price(77, 7_700)])
    await run(at, 'prices.erp')
    at.remote.fault = () => ({
      ok: false,
      failure: { type: 'refused', reason: 'no login', mend: 'correct it' },
    })
    await run(at, 'prices.erp')
    const state = () =>
      rows(
        at.world,
        `SELECT last_status, trouble, last_check_at, attempt FROM link_state WHERE link = 'prices.erp'`,
      )
    const before = state()
    expect(before).toMatchObject([
      { last_status: 'degraded', trouble: '{"reason":"no login","mend":"correct it"}' },
    ])
    at.remote.fault = () => null
    at.world.clock.advance(HOUR)
    set('products', [...products(10), product(77)])
    await run(at, 'products.erp')
    expect(rows(at.world, `SELECT status FROM runs WHERE "trigger" = 'after'`)).toEqual([{ status: 'done' }])
    expect(state()).toEqual(before)
    await run(at, 'prices.erp')
    expect(state()).toMatchObject([{ last_status: 'unchanged', trouble: null, attempt: 0 }])
  })

  test.each([
    ['stood twice', [price(1, 100), price(2, 200), price(2, 300)], 'duplicate'],
    ['stood for several', [price(1, 100), price(2, 200, { id: null, name: 'TWIN' })], 'ambiguous'],
  ])('that %s and are gone leave no conflict behind', async (_how, odd, kind) => {
    set('products', [...products(10), product(11, { name: 'Twin' }), product(12, { name: 'twin' })])
    await run(at, 'products.erp')
    set('prices', odd)
    await run(at, 'prices.erp')
    const open = () => rows(at.world, 'SELECT kind FROM conflicts WHERE resolved_at IS NULL')
    expect(open()).toEqual([{ kind }])
    // A check that reads everything for another row leaves it.
    set('prices', [...odd, price(3, 300)])
    await run(at, 'prices.erp')
    expect(open()).toEqual([{ kind }])
    set('prices', [price(1, 100)])
    await run(at, 'prices.erp', { full: true })
    expect(rows(at.world, 'SELECT 1 FROM conflicts WHERE resolved_at IS NULL')).toEqual([])
    expect(rows(at.world, 'SELECT * FROM unmatched_prices')).toEqual([])
  })

  test('that stand twice stay a conflict though another instance took the run up after their page', async () => {
    const list = [price(1, 100), price(1, 200), ...[2, 3, 4, 5].map((n) => price(n, 100))]
    set('prices', list)
    await run(at, 'prices.erp')
    const open = () => rows(at.world, 'SELECT kind FROM conflicts WHERE resolved_at IS NULL')
    expect(open()).toEqual([{ kind: 'duplicate' }])
    const first = at.start().lane
    await first.request(request('prices.erp', { full: true }))
    let held = false
    at.remote.fault = (_part, page) => {
      if (page === 1) return null
      held = true
      return new Promise(() => undefined)
    }
    at.world.clock.set(at.world.alarm ?? 0)
    void first.alarm()
    while (!held) await new Promise((next) => setImmediate(next))
    at.remote.fault = () => null
    pagesRead()
    const second = at.start().lane
    await second.poke()
    await drain(at.world, second)
    expect(pagesRead()).toEqual([2])
    expect(rows(at.world, 'SELECT 1 FROM runs WHERE finished_at IS NULL')).toEqual([])
    expect(open()).toEqual([{ kind: 'duplicate' }])
  })

  test('that are asked for while others only try again what waits are read all the same', async () => {
    set('prices', [price(1, 100), price(11, 300)])
    await run(at, 'prices.erp')
    const { lane } = at.start()
    await lane.request(request('prices.erp'))
    // Its page is held until the products are done, and what waits is to be tried again.
    const { read } = at.remote
    let letGo: () => void = () => undefined
    const held = new Promise<void>((go) => {
      letGo = go
    })
    at.remote.read = async (context, ...rest) => {
      if (context.target.list === 'prices') await held
      return read(context, ...rest)
    }
    set('products', products(11))
    await lane.request(request('products.erp'))
    at.world.clock.advance(1_000)
    const rung = lane.alarm()
    const tries = () => rows(at.world, `SELECT 1 FROM runs WHERE "trigger" = 'after'`)
    while (tries().length === 0) await new Promise((next) => setImmediate(next))
    expect(await lane.request(request('prices.erp'))).toMatchObject({ type: 'queued' })
    letGo()
    await rung
    await drain(at.world, lane)
    expect(rows(at.world, `SELECT "trigger" FROM runs WHERE link = 'prices.erp' ORDER BY id`)).toEqual(
      ['manual', 'manual', 'after', 'manual'].map((trigger) => ({ trigger })),
    )
  })

  test.each([
    ['on its page', 5, 5],
    ['to an earlier page', 9, 0],
    ['to a later page', 0, 9],
  ])('of a product that got another name and moved %s find it in the same run', async (_where, from, to) => {
    const list: Row[] = Array.from({ length: 10 }, (_, i) => price(i + 1, 100 + i))
    set('prices', list)
    await run(at, 'prices.erp')
    const renamed: Row = { ...list[from], name: 'Renamed', price: 7_777 }
    const others = list.filter((_, i) => i !== from)
    set('prices', [...others.slice(0, to), renamed, ...others.slice(to)])
    await run(at, 'prices.erp', { full: true })
    expect(prices()).toContainEqual({ id: renamed.id, price: 7_777 })
    expect(rows(at.world, 'SELECT * FROM unmatched_prices')).toEqual([])
    expect(rows(at.world, 'SELECT 1 FROM conflicts WHERE resolved_at IS NULL')).toEqual([])
  })

  test.each([
    ['on one page', 1],
    ['on two pages', 9],
  ])(
    'of one product %s: the first counts, the other is a conflict until one of them goes',
    async (_where, second) => {
      const list = Array.from({ length: 9 }, (_, i) => price(i + 1, 100 + i))
      const other = price(1, 500, { name: 'Another name' })
      set('prices', [...list.slice(0, second), other, ...list.slice(second)])
      for (const full of [false, true]) {
        await run(at, 'prices.erp', { full })
        expect(prices()).toContainEqual({ id: 'P00001', price: 100 })
        expect(rows(at.world, 'SELECT name, kind FROM unmatched_prices')).toEqual([
          { name: 'Another name', kind: 'ambiguous' },
        ])
      }
      set('prices', [...list.slice(1, second), other, ...list.slice(Math.max(1, second))])
      await run(at, 'prices.erp', { full: true })
      expect(prices()).toContainEqual({ id: 'P00001', price: 500 })
      expect(rows(at.world, 'SELECT 1 FROM conflicts WHERE resolved_at IS NULL')).toEqual([])
      expect(rows(at.world, 'SELECT * FROM unmatched_prices')).toEqual([])
    },
  )

  test('wait for the products when both are due, and take turns with them when both are asked for', async () => {
    set(
      'prices',
      products(10).map((_, i) => price(i + 1, i)),
    )
    at.world.file.exec('DELETE FROM link_state')
    const order = async (trigger: 'cron' | 'manual') => {
      at.remote.reads.length = 0
      at.world.clock.advance(30 * HOUR)
      at.remote.stamp++
      const { lane } = at.start()
      for (const link of ['prices.erp', 'products.erp'])
        await lane.request({ link, scope: SHARED, parts: null, trigger, full: false, actor: 'x' })
      await drain(at.world, lane, 5_000)
      return at.remote.reads.map((read) => read.list)
    }
    const four = (name: string) => [name, name, name, name]
    expect(await order('cron')).toEqual([...four('products'), ...four('prices')])
    const together = await order('manual')
    expect(together.slice().sort()).toEqual([...four('prices'), ...four('products')])
    expect(together.indexOf('products')).toBeLessThan(together.lastIndexOf('prices'))
    expect(together.indexOf('prices')).toBeLessThan(together.lastIndexOf('products'))
    expect(rows(at.world, `SELECT status FROM runs WHERE status NOT IN ('done', 'unchanged')`)).toEqual([])
  })
})
