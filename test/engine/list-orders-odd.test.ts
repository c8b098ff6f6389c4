import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Row } from '../../db/database.ts'
import type { LaneCore } from '../../sync/engine/lane.ts'
import { fakeLists, type ListWorld, listWorld, request, run } from './list-world.ts'
import { drain, rows } from './world.ts'

// A user's orders where things go on at once or go wrong in the middle; the plain cases are in list-orders.test.ts.

const DAY = 86_400_000
const SIZE = 5
let at: ListWorld
/** Orders whose details were asked for, since the last look */
let asked: string[]

const order = (n: number, daysOld: number, over: Row = {}): Row => ({
  erp_id: `O${n}`,
  number: `${n}`,
  status: 'open',
  erp_modified_at: at.world.clock.now() - daysOld * DAY,
  ...over,
})
/** So many orders, the newest with the highest number, the youngest so many days old. */
const orders = (count: number, daysOld = 40): Row[] =>
  Array.from({ length: count }, (_, i) => order(count - i, daysOld + i))
const show = (list: Row[], user = 'ann') => at.remote.lists.set(`orders/${user}`, list)
const shown = () => at.remote.lists.get('orders/ann') ?? []
const read = (over = {}) => run(at, 'orders.erp', { scope: 'ann', ...over }, at.start('orders:ann'))
const pagesRead = () => at.remote.reads.splice(0).map(({ page }) => page)
const stored = (columns = 'erp_id') =>
  rows(at.world, `SELECT ${columns} FROM orders WHERE deleted_at IS NULL ORDER BY erp_id`)
const sorted = (list: readonly Row[]) => list.map(({ erp_id }) => String(erp_id)).sort()

function begin(): void {
  at = listWorld(['ann', 'bob'], fakeLists(SIZE))
  asked = []
  at.remote.details = (row) => {
    asked.push(String(row.values.erp_id))
    return { lines: `[{"of":"${row.values.erp_id}"}]`, ddt: '[]' }
  }
}
beforeEach(begin)

describe('an order whose details are broken', () => {
  const breakDetailsOf = (id: string) => {
    const details = at.remote.details
    at.remote.details = (row) => (row.values.erp_id === id ? 'the page of the order is broken' : details(row))
    return () => {
      at.remote.details = details
    }
  }

  test('deep in the list arrives with the next run, which reads no further than the front', async () => {
    show(orders(60))
    const mend = breakDetailsOf('O13')
    const first = await read()
    expect(first.status).toBe('done')
    expect(stored()).toHaveLength(59)
    expect(first.report.parts[0].warnings).toMatchObject([
      { kind: 'details', message: expect.stringContaining('the page of the order is broken'), where: 'O13' },
    ])
    mend()
    pagesRead()
    asked = []
    await read()
    expect(pagesRead()).toEqual([1])
    expect(asked).toEqual(['O13'])
    expect(stored()).toHaveLength(60)
    expect(rows(at.world, `SELECT lines FROM orders WHERE erp_id = 'O13'`)).toEqual([
      { lines: '[{"of":"O13"}]' },
    ])
  })

  test('keeps what is stored of it until it can be read, and is then as the list says', async () => {
    show(orders(10))
    await read()
    const mend = breakDetailsOf('O4')
    const changed = order(4, 30, { status: 'shipped' })
    show([changed, ...shown().filter(({ erp_id }) => erp_id !== 'O4')])
    await read()
    const one = () => rows(at.world, `SELECT status, lines, deleted_at FROM orders WHERE erp_id = 'O4'`)
    expect(one()).toEqual([{ status: 'open', lines: '[{"of":"O4"}]', deleted_at: null }])
    mend()
    await read()
    expect(one()).toEqual([{ status: 'shipped', lines: '[{"of":"O4"}]', deleted_at: null }])
  })

  test('and that was missing the last time is there, and not gone', async () => {
    show(orders(10))
    await read()
    const all = shown()
    show(all.filter(({ erp_id }) => erp_id !== 'O4'))
    await read()
    show(all)
    breakDetailsOf('O4')
    await read()
    expect(stored()).toHaveLength(10)
  })

  test('is asked for as one that waits and as one of its page, and not once more at the end', async () => {
    show(orders(10))
    breakDetailsOf('O4')
    await read()
    const { detail } = at.remote
    const wanted: string[] = []
    at.remote.detail = (context, part, list) => {
      wanted.push(...list.map(({ values }) => String(values.erp_id)))
      if (!detail) throw new Error('the lists give no details')
      return detail(context, part, list)
    }
    await read({ full: true })
    expect(wanted.filter((id) => id === 'O4').length).toBeLessThanOrEqual(2)
  })

  test('that is gone from the list before it could be read waits no longer once all is read', async () => {
    show(orders(10))
    breakDetailsOf('O4')
    await read()
    show(shown().filter(({ erp_id }) => erp_id !== 'O4'))
    await read({ full: true })
    expect(rows(at.world, 'SELECT * FROM link_deferred')).toEqual([])
    expect(stored()).toHaveLength(9)
  })
})

test('an order deep in the list that was pinned is as the list says after its pin, though nothing is new', async () => {
  show(orders(30))
  await read()
  const { lane } = at.start('orders:ann')
  await lane.push({
    id: 'pin',
    actor: 'ann',
    origin: 'api',
    mutations: [
      {
        type: 'pin',
        table: 'orders',
        key: 'ann:O3',
        column: 'status',
        value: 'held',
        note: '',
        until: at.world.clock.now() + 60_000,
      },
    ],
  })
  show(shown().map((row) => (row.erp_id === 'O3' ? { ...row, status: 'sent' } : row)))
  await read({ full: true })
  const status = () => rows(at.world, `SELECT status FROM orders WHERE erp_id = 'O3'`)[0]?.status
  expect(status()).toBe('held')
  at.world.clock.advance(120_000)
  await read()
  expect(status()).toBe('sent')
})

test('where the ERP tells a stamp, details that can’t be had make nothing be read that has not changed', async () => {
  at.world.file.exec(`INSERT INTO config VALUES ('orders.erp', '{"probe":"stamp"}', 0, 'ann')`)
  show(orders(12))
  const { detail } = at.remote
  const { details } = at.remote
  at.remote.details = (row) => (row.values.erp_id === 'O2' ? 'the page of the order is broken' : details(row))
  await read()
  expect(stored()).toHaveLength(11)
  pagesRead()
  at.remote.detail = async () => ({
    ok: false,
    failure: { type: 'refused', reason: 'no login', mend: 'correct it' },
  })
  expect((await read()).status).toBe('degraded')
  Object.assign(at.remote, { detail, details })
  await read()
  expect(stored()).toHaveLength(12)
  expect(pagesRead()).toEqual([])
})

describe('a run that stops because the ERP is away', () => {
  const away = { ok: false, failure: { type: 'refused', reason: 'no login', mend: 'correct it' } } as const

  test('before the changed orders ended leaves them to the next one, which reads further than to what is known', async () => {
    at.world.file.exec(`INSERT INTO config VALUES ('orders.erp', '{"overlap_days":0}', 0, 'op')`)
    show(orders(15))
    await read()
    show(shown().map((row, i) => (i < 8 ? { ...row, status: 'shipped' } : row)))
    at.remote.fault = (_part, page) => (page === 2 ? away : null)
    expect((await read()).status).toBe('degraded')
    at.remote.fault = () => null
    await read()
    expect(stored('erp_id, status')).toEqual(
      sorted(shown()).map((id) => ({ erp_id: id, status: Number(id.slice(1)) > 7 ? 'shipped' : 'open' })),
    )
  })

  test('when all was read but for the last look at the front does not keep the next one from ending', async () => {
    show(orders(15))
    let reads = 0
    at.remote.fault = () => (++reads > 3 ? away : null)
    expect((await read()).status).toBe('degraded')
    at.remote.fault = () => null
    expect(await read()).toMatchObject({ status: 'done', report: { parts: [{ status: 'done' }] } })
    expect(stored()).toHaveLength(15)
  })
})

test('12 pages in a database 30 days old: the pages with what is new are read, and one more, whatever it is (D-3)', async () => {
  const worlds = fc.record({ fresh: fc.nat(14), changed: fc.array(fc.nat(59), { maxLength: 6 }) })
  await fc.assert(
    fc.asyncProperty(worlds, async ({ fresh, changed }) => {
      begin()
      show(orders(60))
      await read()
      pagesRead()
      at.world.clock.advance(30 * DAY)
      const numbers = new Set(changed.map((n) => n + 1))
      // What changed stands at the front with what is new.
      const moved = [...numbers].map((n, i) => order(n, 20 + i, { status: 'shipped' }))
      const news = [...Array.from({ length: fresh }, (_, i) => order(61 + i, 10)), ...moved]
      show([...news, ...shown().filter((row) => !numbers.has(Number(row.number)))])
      asked = []
      await read()
      const pages = Math.ceil(news.length / SIZE) + 1
      expect(pagesRead()).toEqual(Array.from({ length: pages }, (_, i) => i + 1))
      expect(asked.sort()).toEqual(sorted(news))
      const wanted = [...shown()].sort((a, b) => (String(a.erp_id) < String(b.erp_id) ? -1 : 1))
      expect(stored('erp_id, status')).toEqual(wanted.map(({ erp_id, status }) => ({ erp_id, status })))
    }),
    { numRuns: 60 },
  )
})

test.each([
  [0, []],
  [3, ['O5']],
  [45, ['O1', 'O2', 'O3', 'O4', 'O5']],
])(
  'with an overlap of %i days, set while the lane lives, so old orders are asked again',
  async (days, again) => {
    show([order(5, 2), order(4, 12), order(3, 22), order(2, 32), order(1, 42)])
    const { lane } = at.start('orders:ann')
    const ask = async () => {
      asked = []
      await lane.request(request('orders.erp', { scope: 'ann' }))
      await drain(at.world, lane)
    }
    await ask()
    await ask()
    expect(asked).toEqual(['O5'])
    at.world.file
      .prepare(`INSERT INTO config VALUES ('orders.erp', ?, 0, 'op')`)
      .run(JSON.stringify({ overlap_days: days }))
    await ask()
    expect(asked.sort()).toEqual(again)
  },
)

test('a forced run asks for the details of every order again', async () => {
  show(orders(20))
  await read()
  asked = []
  await read({ full: true })
  expect([...new Set(asked)].sort()).toEqual(sorted(shown()))
})

test('an order that is removed makes the run read on to the end, though nothing at the front is new', async () => {
  show(orders(30))
  await read()
  pagesRead()
  show(shown().filter((_, i) => i !== 20))
  await read()
  expect(new Set(pagesRead())).toEqual(new Set([1, 2, 3, 4, 5, 6]))
  expect(stored()).toHaveLength(30)
  await read()
  expect(stored()).toEqual(
    shown()
      .map(({ erp_id }) => ({ erp_id }))
      .sort((a, b) => (String(a.erp_id) < String(b.erp_id) ? -1 : 1)),
  )
})

describe('at once', () => {
  /** Holds the calls of the lists until they are let go, one list apart from the other. */
  function hold() {
    const held: { readonly list: string; readonly go: () => void }[] = []
    let list = ''
    const { read: usual } = at.remote
    at.remote.read = (context, ...rest) => {
      list = String(context.target.user)
      return usual(context, ...rest)
    }
    at.remote.wait = () => new Promise((go) => void held.push({ list, go }))
    const answer = (user: string): boolean => {
      const next = held.findIndex((call) => call.list === user)
      if (next >= 0) held.splice(next, 1)[0]?.go()
      return next >= 0
    }
    return { held, answer }
  }
  const turn = () => new Promise((next) => setImmediate(next))
  /** A lane's alarm, and whether it is over. */
  const ring = (lane: LaneCore) => {
    at.world.clock.advance(1_000)
    const bell = { over: false, end: Promise.resolve() }
    bell.end = lane.alarm().finally(() => {
      bell.over = true
    })
    return bell
  }

  test('two users are read side by side: one ends while the other still waits for its first page (C-2)', async () => {
    show(orders(10))
    show([order(9, 40)], 'bob')
    const { held, answer } = hold()
    const [ann, bob] = [at.start('orders:ann').lane, at.start('orders:bob').lane]
    await ann.request(request('orders.erp', { scope: 'ann' }))
    await bob.request(request('orders.erp', { scope: 'bob' }))
    const bells = [ring(ann), ring(bob)]
    while (new Set(held.map(({ list }) => list)).size < 2) await turn()
    expect(at.remote.most).toBe(2)
    while (!bells[1]?.over) {
      answer('bob')
      await turn()
    }
    expect(rows(at.world, 'SELECT scope, status FROM runs ORDER BY scope')).toMatchObject([
      { scope: 'ann', status: expect.stringMatching(/queued|running/) },
      { scope: 'bob', status: 'done' },
    ])
    while (!bells[0]?.over) {
      answer('ann')
      await turn()
    }
    expect(rows(at.world, 'SELECT DISTINCT status FROM runs')).toEqual([{ status: 'done' }])
    expect(rows(at.world, 'SELECT user_id, count(*) AS n FROM orders GROUP BY user_id')).toEqual([
      { user_id: 'ann', n: 10 },
      { user_id: 'bob', n: 1 },
    ])
  })

  test('a second refresh while the first reads is one look behind it, and never a second call at once (C-3)', async () => {
    show(orders(10))
    const { answer } = hold()
    const { lane } = at.start('orders:ann')
    const refresh = () => lane.request(request('orders.erp', { scope: 'ann' }))
    const first = await refresh()
    const bell = ring(lane)
    while (at.remote.reads.length === 0) await turn()
    // Both later ones are the same look.
    const [second, third] = [await refresh(), await refresh()]
    expect([first.type, second.type, third.type]).toEqual(['queued', 'queued', 'joined'])
    const later = rows(at.world, 'SELECT id FROM runs ORDER BY id')
    expect(later).toHaveLength(2)
    while (!bell.over) {
      answer('ann')
      await turn()
    }
    await bell.end
    const unfinished = () => rows(at.world, 'SELECT 1 FROM runs WHERE finished_at IS NULL').length > 0
    for (let i = 0; i < 100 && unfinished(); i++) {
      const again = ring(lane)
      while (!again.over) {
        answer('ann')
        await turn()
      }
    }
    expect(at.remote.most).toBe(1)
    expect(pagesRead()).toEqual([1, 2, 1, 1])
    expect(rows(at.world, 'SELECT status FROM runs ORDER BY id')).toEqual([
      { status: 'done' },
      { status: 'unchanged' },
    ])
  })
})
