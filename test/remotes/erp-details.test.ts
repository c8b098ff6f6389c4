import { describe, expect, it } from 'vitest'
import { bad, createWorld, dialects, good, part } from './erp-world.ts'

const user = { user: 'anna@erp' }
const line = {
  line: 1,
  product_id: 'P1',
  name: 'Valvola 1/2" & dado',
  quantity: 2.5,
  price: 1_234.5,
  discount: 12.5,
  amount: 2_700.47,
}

function withOrders(count: number, options = {}) {
  const world = createWorld(options)
  for (let i = 1; i <= count; i++)
    world.person.put(
      'orders',
      {
        id: `O${i}`,
        number: `2026/${i}`,
        customer_id: 'K1',
        total: 5,
        lines: [line, { ...line, line: 2, product_id: null, discount: 0 }],
        note: i === 1 ? 'Ring twice,\nthen <wait>' : null,
        ddt: [{ number: 'D1', on: '2026-11-20', carrier: 'BRT', tracking: null, status: 'gone' }],
      },
      user,
    )
  return world
}

describe.each(dialects)('The details of orders (%s)', (dialect) => {
  async function detailed(world: ReturnType<typeof createWorld>, ahead = 1) {
    const context = world.context('orders', dialect, { ahead })
    const { rows } = good(await world.remote.read(context, part, '1'))
    world.calls()
    return { rows, details: await world.remote.detail!(context, part, rows) }
  }

  it('are lines with cents and hundredths, delivery documents and the note, in two calls each', async () => {
    const world = withOrders(1)
    const { details } = await detailed(world)
    const row = good(details).rows.get(0)!
    expect(JSON.parse(String(row.lines))).toEqual([
      {
        line: 1,
        product_id: 'P1',
        name: 'Valvola 1/2" & dado',
        quantity: 2.5,
        price: 123_450,
        discount: 1_250,
        amount: 270_047,
      },
      {
        line: 2,
        product_id: null,
        name: 'Valvola 1/2" & dado',
        quantity: 2.5,
        price: 123_450,
        discount: 0,
        amount: 270_047,
      },
    ])
    expect(row.ddt).toBe(
      '[{"number":"D1","on":"2026-11-20","carrier":"BRT","tracking":null,"status":"gone"}]',
    )
    expect(row.note).toBe('Ring twice,\nthen <wait>')
    expect(world.calls()).toHaveLength(2)
  })

  it('are empty where there are none', async () => {
    const world = createWorld()
    world.person.put('orders', { id: 'O1', number: '1' }, user)
    const { details } = await detailed(world)
    expect(good(details).rows.get(0)).toEqual({ lines: '[]', ddt: '[]', note: null })
  })

  it.each([
    ['is not there', { status: 404 }, /order O2 with HTTP 404/],
    ['is broken', { status: 500, body: 'oops' }, /HTTP 500/],
    ['comes as half an answer', { truncated: 0.5 }, /not complete JSON|lacks its/],
    ['comes as nothing', { empty: true }, /was empty/],
    ['has no end', { endless: true }, /has no end/],
    ['breaks the connection', { cut: 10 }, /connection/],
  ] as const)(
    'of an order that %s are told to be missing; the others are there',
    async (_name, fault, reason) => {
      const world = withOrders(5)
      world.erp.faults.add({ match: { path: /orders\/O2$/ }, do: fault })
      const { rows, details } = await detailed(world)
      const at = rows.find(({ values }) => values.erp_id === 'O2')!.position
      const { rows: done, failed } = good(details)
      expect([...failed.keys()]).toEqual([at])
      expect(failed.get(at)).toMatch(reason)
      expect(done.size).toBe(4)
    },
  )

  it('of an order whose delivery documents are missing are not half there', async () => {
    const world = withOrders(2)
    world.erp.faults.add({ match: { path: /orders\/O1\/ddt$/ }, do: { status: 404 } })
    const { details } = await detailed(world)
    expect(good(details).rows.size).toBe(1)
    expect([...good(details).failed.values()]).toEqual([
      expect.stringContaining('delivery documents of order O1 with HTTP 404'),
    ])
  })

  it('with a line that says no number are told to be unreadable', async () => {
    const world = withOrders(1)
    world.person.put('orders', { id: 'O1', number: '1', lines: [{ ...line, price: 1.005 }] }, user)
    const { details } = await detailed(world)
    if (dialect === 'json')
      expect([...good(details).failed.values()]).toEqual([
        expect.stringMatching(/lines of order O1 can't be read: row 1: price/),
      ])
  })

  it.each([
    ['is not to be reached', { cut: 0 }, 'unavailable'],
    ['is busy', { status: 503, headers: { 'retry-after': '1' } }, 'busy'],
  ] as const)(
    'of no order can be had when the ERP %s: that is the answer, and not all are asked',
    async (_name, fault, type) => {
      const world = withOrders(20)
      const context = world.context('orders', dialect)
      const { rows } = good(await world.remote.read(context, part, '1'))
      let asked = 0
      world.network.answer = async () => {
        asked++
        if ('cut' in fault) throw new TypeError('fetch failed')
        return new Response('', fault)
      }
      expect(bad(await world.remote.detail!(context, part, rows)).type).toBe(type)
      expect(asked).toBe(3)
      world.network.answer = null
    },
  )

  it('that were had stay, when the ERP goes away in mid-way', async () => {
    const world = withOrders(20)
    const context = world.context('orders', dialect)
    const { rows } = good(await world.remote.read(context, part, '1'))
    let left = 6
    world.network.answer = async (request) => {
      if (left-- > 0) return world.erp.fetch(request)
      throw new TypeError('fetch failed')
    }
    const { rows: done, failed } = good(await world.remote.detail!(context, part, rows))
    expect([done.size, failed.size]).toEqual([3, 17])
    expect(failed.get(19)).toContain('not asked')
  })

  it('of all orders are asked for while some come through, though others break the connection', async () => {
    const world = withOrders(8)
    for (const id of ['O8', 'O7', 'O5', 'O4', 'O2'])
      world.erp.faults.add({ match: { path: new RegExp(`orders/${id}$`) }, do: { cut: 0 } })
    const { details } = await detailed(world)
    expect([good(details).rows.size, good(details).failed.size]).toEqual([3, 5])
  })

  it('are not asked for with a password that is wrong more than once', async () => {
    const world = withOrders(20)
    const { rows } = good(await world.read('orders', dialect))
    world.cookies.clear()
    world.called.length = 0
    const target = { list: 'orders', user: 'anna', login: 'anna@erp', sealed: 'sealed:wrong' }
    const answer = await world.remote.detail!(world.context('orders', dialect, { target }), part, rows)
    expect(bad(answer)).toMatchObject({ type: 'refused' })
    expect(world.called).toEqual(['login'])
  })

  it('are asked for as many at once as the ERP takes', async () => {
    const world = withOrders(20, {
      concurrency: 4,
      latency: 1,
      sleep: () => new Promise<void>((go) => setTimeout(go, 1)),
    })
    const { details } = await detailed(world, 4)
    expect(good(details).rows.size).toBe(20)
    expect(world.erp.mostAtOnce).toBe(4)
    expect(world.erp.overruns).toBe(0)
  })
})
