import { describe, expect, test } from 'vitest'
import type { Row } from '../../db/database.ts'
import { enter, noSlots, type Slots, view } from '../../sync/engine/slots.ts'
import type { Trigger } from '../../sync/protocol/runs.ts'
import { systems } from '../../sync/systems/index.ts'
import { fakeLists, listWorld, request, SHARED } from './list-world.ts'
import { drain, instance, rows } from './world.ts'

// The table of the specification once more: what a run writes, how much it reads, and which numbers an operator changes
// under a lane that goes on living. When runs start is in erp-table.test.ts.

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

interface System {
  readonly link: string
  readonly scope: string
  readonly lane: string
  readonly size: number
  readonly total: number
  readonly full: number
  /** What a check reads of a list of 8 pages that stood still, and what a run reads when the longer interval has passed */
  readonly reads: { readonly check: number[]; readonly full: number[] }
}
const all = [1, 2, 3, 4, 5, 6, 7, 8]
const customers: System = {
  link: 'customers.erp',
  scope: 'ann',
  lane: 'customers:ann',
  size: 25,
  total: 5_700,
  full: DAY,
  reads: { check: [1, 2, 3, 8], full: all },
}
const products: System = {
  link: 'products.erp',
  scope: SHARED,
  lane: 'products',
  size: 20,
  total: 6_000,
  full: DAY,
  reads: { check: [], full: all },
}
const prices: System = { ...products, link: 'prices.erp', reads: customers.reads }
/** Newest first: also when all is due, reading ends where nothing is new (D-3). Only a forced run reads the rest. */
const orders: System = {
  link: 'orders.erp',
  scope: 'ann',
  lane: 'orders:ann',
  size: 20,
  total: 200,
  full: 12 * HOUR,
  reads: { check: [1], full: [1] },
}
const table = [customers, products, prices, orders]

const listOf = ({ link, scope }: System) => `${link.split('.')[0]}/${scope}`
const nth = (n: number): Row => {
  const id = `N${String(n).padStart(5, '0')}`
  return { id, erp_id: id, name: `Name ${n}`, price: n, erp_modified_at: Date.UTC(2026, 0) - n * MINUTE }
}
const numbered = (count: number): Row[] => Array.from({ length: count }, (_, n) => nth(n + 1))

/** A lane that lives on from request to request, over a list of so many rows. */
function living(system: System, total: number, size: number) {
  const remote = fakeLists(size)
  const at = listWorld(['ann'], remote)
  const begun: unknown[] = []
  const { lane } = instance(
    at.world,
    system.lane,
    () => remote,
    (engine) => ({
      ...engine,
      log: (event, fields) => void (event === 'run.begun' && begun.push(fields?.mode)),
    }),
    at.ids,
  )
  remote.lists.set(listOf(system), numbered(total))
  // Prices fill products that are here.
  if (system.link === 'prices.erp')
    at.world.file.exec(
      `INSERT INTO products (id, name, name_key, version, updated_at, origin)
        SELECT value ->> 'id', value ->> 'name', '', 0, 0, 'seed' FROM json_each('${JSON.stringify(numbered(total))}')`,
    )
  const ask = async (trigger: Trigger, full = false) => {
    remote.reads.length = 0
    begun.length = 0
    const answer = await lane.request(request(system.link, { scope: system.scope, trigger, full }))
    await drain(at.world, lane, 5_000)
    return { answer, mode: begun[0], pages: remote.reads.map(({ page }) => page) }
  }
  const configure = (value: object) =>
    at.world.file
      .prepare(
        `INSERT INTO config VALUES (?, ?, 0, 'op') ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
      )
      .run(system.link, JSON.stringify(value))
  const state = () =>
    rows(at.world, 'SELECT last_full_at, last_good_at, next_due_at FROM link_state')[0] as Record<
      string,
      number
    >
  return { at, remote, lane, ask, configure, state }
}

/** Read in full, and read again, so that nothing is left to look at. */
async function settled(system: System) {
  const lives = living(system, 24, 3)
  lives.configure({ probe_pages: 2 })
  await lives.ask('manual', true)
  await lives.ask('manual', true)
  return lives
}

describe.each(table)('$link', (system) => {
  test('reads as many pages as the ERP says, of the size that the ERP shows', {
    timeout: 60_000,
  }, async () => {
    const { at, ask, remote } = living(system, system.total, system.size)
    const head = system === orders ? [1] : []
    const first = await ask('manual')
    expect(new Set(first.pages).size).toBe(system.total / system.size)
    const [run] = rows(
      at.world,
      `SELECT report FROM runs WHERE link = ? AND "trigger" = 'manual'`,
      system.link,
    )
    expect(JSON.parse(String(run?.report)).parts[0].rows).toBe(system.total)
    // Another size and another total are the ERP's business.
    remote.size = 2 * system.size
    remote.lists.set(listOf(system), numbered(system.total + 1))
    remote.stamp++
    const then = Math.ceil((system.total + 1) / remote.size)
    const again = await ask('manual', true)
    expect(again.pages).toEqual([...Array.from({ length: then }, (_, n) => n + 1), ...head])
  })

  test('asks first while its longer interval lasts, and takes everything as due when it has passed', async () => {
    const { at, ask, state } = await settled(system)
    const last = state().last_full_at as number
    at.world.clock.set(last + system.full - MINUTE)
    expect(await ask('manual')).toMatchObject({ mode: 'check', pages: system.reads.check })
    expect(state().last_full_at).toBe(last)
    // A request waits a moment for equal ones to join it: the run begins after that.
    at.world.clock.set(last + system.full)
    expect(await ask('manual')).toMatchObject({ mode: 'full', pages: system.reads.full })
    expect(state().last_full_at).toBeGreaterThan(last)
  })

  test('reads everything where it is forced, however fresh it is', async () => {
    const { ask } = await settled(system)
    expect(await ask('manual')).toMatchObject({ mode: 'check', pages: system.reads.check })
    const forced = await ask('manual', true)
    expect(forced).toMatchObject({ mode: 'full', pages: system === orders ? [...all, 1] : all })
  })

  test('is due for the cron nine tenths of its interval after it was asked for, to the millisecond', async () => {
    const { at, ask, state } = await settled(system)
    const due = state().next_due_at as number
    at.world.clock.set(due - 1)
    const early = await ask('cron')
    expect(early).toMatchObject({ answer: { type: 'skipped' }, mode: undefined, pages: [] })
    at.world.clock.set(due)
    expect(await ask('cron')).toMatchObject({ answer: { type: 'queued' }, mode: 'check' })
  })
})

describe('an operator changes a number while the lane lives on', () => {
  const events = [
    [customers, 'login', { login_hours: 1 }, HOUR],
    [customers, 'login', { login_hours: 5 }, 5 * HOUR],
    [customers, 'reconnect', { stale_days: 1 }, DAY],
    [customers, 'reconnect', { stale_days: 5 }, 5 * DAY],
    [orders, 'login', { login_hours: 1 }, HOUR],
    [orders, 'login', { login_hours: 5 }, 5 * HOUR],
    [orders, 'read', { lazy_minutes: 3 }, 3 * MINUTE],
    [orders, 'read', { lazy_minutes: 30 }, 30 * MINUTE],
  ] as const
  test.each(events)('$link: a %s goes by %o with the next request', async (system, trigger, set, limit) => {
    const { at, ask, configure, state } = await settled(system)
    configure(set)
    const good = state().last_good_at as number
    at.world.clock.set(good + limit - 1)
    expect((await ask(trigger)).answer).toMatchObject({
      type: 'skipped',
      reason: expect.stringMatching(/^fresh: .* less than .* ago$/),
    })
    at.world.clock.set(good + limit)
    expect((await ask(trigger)).answer).toMatchObject({ type: 'queued' })
  })

  test.each(table)('$link: the longer interval counts with the next request', async (system) => {
    const { at, ask, configure, state } = await settled(system)
    const last = state().last_full_at as number
    configure({ full_hours: 5, probe_pages: 2 })
    at.world.clock.set(last + 5 * HOUR - MINUTE)
    expect(await ask('manual')).toMatchObject({ mode: 'check' })
    at.world.clock.set(last + 5 * HOUR)
    expect(await ask('manual')).toMatchObject({ mode: 'full' })
  })

  test.each(table)(
    '$link: the interval of the checks counts from the end of the next run',
    async (system) => {
      const { at, ask, configure, state } = await settled(system)
      configure({ check_minutes: 7 })
      await ask('manual')
      const asked = Number(rows(at.world, 'SELECT max(enqueued_at) AS at FROM runs')[0]?.at)
      expect(state().next_due_at).toBe(asked + 0.9 * 7 * MINUTE)
    },
  )

  test('the way in which a list is asked, and how many pages of it, count with the next request', async () => {
    const { ask, configure } = await settled(customers)
    configure({ probe_pages: 4 })
    expect((await ask('manual')).pages).toHaveLength(6)
    configure({ probe: 'stamp' })
    // What was asked in another way before has no stamp to compare with yet.
    await ask('manual')
    expect((await ask('manual')).pages).toEqual([])
  })
})

test('each run writes the columns that its link owns, though the ERP shows the others in its list too', async () => {
  const owned = {
    'products.erp': 'code description erp_modified_at image name name_key package_size product_group vat',
    'prices.erp': 'currency discount price',
  }
  const remote = fakeLists(3)
  const at = listWorld(['ann'], remote)
  const everything = (word: string, n: number): Row => ({
    id: 'P1',
    ...Object.fromEntries(
      ['code', 'name', 'description', 'product_group', 'image', 'currency'].map((name) => [
        name,
        `${word} ${name}`,
      ]),
    ),
    ...Object.fromEntries(
      ['package_size', 'vat', 'erp_modified_at', 'price', 'discount'].map((name) => [name, n]),
    ),
  })
  remote.lists.set(`products/${SHARED}`, [everything('first', 1)])
  remote.lists.set(`prices/${SHARED}`, [everything('second', 2)])
  for (const link of ['products.erp', 'prices.erp', 'products.erp', 'prices.erp']) {
    const { lane } = at.start()
    await lane.request(request(link, { full: true }))
    await drain(at.world, lane)
  }
  const mine = ({ price, discount, currency, ...rest }: Row) => ({ price, discount, currency, rest })
  const [row] = rows(at.world, 'SELECT * FROM products')
  const { rest, ...priced } = mine(row as Row)
  expect(priced).toEqual({ price: 2, discount: 2, currency: 'second currency' })
  expect(rest).toMatchObject({
    ...mine(everything('first', 1)).rest,
    name_key: expect.stringContaining('first'),
  })
  const written = rows(
    at.world,
    `SELECT r.link, group_concat(c.key, ' ' ORDER BY c.key) AS columns FROM history h JOIN runs r ON r.id = h.run_id,
      json_each(h.after) c WHERE c.key != 'id' AND c.value IS NOT NULL GROUP BY r.link ORDER BY r.link DESC`,
  )
  expect(written).toEqual(Object.entries(owned).map(([link, columns]) => ({ link, columns })))
  const links = new Map(systems.flatMap((system) => system.links).map((link) => [link.name, link]))
  for (const name of ['customers.erp', 'orders.erp']) {
    const declared = links.get(name)
    const own = new Set(['id', 'version', 'updated_at', 'deleted_at', 'origin', ...(declared?.owns ?? [])])
    const columns = rows(at.world, `SELECT name FROM pragma_table_info('${declared?.table.name}')`)
    expect(columns.map((column) => String(column.name)).filter((column) => !own.has(column))).toEqual([])
  }
})

test('where all four want the one place at the ERP, customers go first, then orders, products and prices', async () => {
  let slots: Slots = enter(
    noSlots,
    { ticket: 'inside', priority: 9, exclusive: false, lease: 60_000, most: 1 },
    0,
  ).slots
  for (const system of [...table].reverse()) {
    const { remote, ask } = living(system, 1, 1)
    const read = remote.read
    remote.read = (context, ...rest) => {
      const entry = {
        ticket: system.link,
        priority: context.priority,
        exclusive: false,
        lease: 60_000,
        most: 1,
      }
      slots = enter(slots, entry, 1).slots
      return read(context, ...rest)
    }
    await ask('manual')
  }
  expect(view(slots, 1).waiting.map(({ ticket }) => ticket)).toEqual([
    'customers.erp',
    'orders.erp',
    'products.erp',
    'prices.erp',
  ])
})

test('a run that was killed is gone on with, though the reconnect that woke its lane is told that all is fresh', async () => {
  const { at, lane, remote } = await settled(customers)
  await lane.request(request(customers.link, { scope: 'ann', full: true }))
  const dead = new Promise<never>(() => undefined)
  const reached = new Promise<void>((arrive) => {
    remote.fault = (_part, page) => {
      if (page !== 5) return null
      arrive()
      return dead
    }
  })
  at.world.clock.set(at.world.alarm ?? 0)
  void lane.alarm()
  await reached
  remote.fault = () => null
  remote.reads.length = 0
  at.world.clock.advance(3 * DAY - HOUR)
  const next = at.start(customers.lane).lane
  expect(await next.request(request(customers.link, { scope: 'ann', trigger: 'reconnect' }))).toMatchObject({
    type: 'skipped',
    reason: expect.stringContaining('fresh'),
  })
  await drain(at.world, next)
  expect(remote.reads.map(({ page }) => page)).toEqual([5, 6, 7, 8])
  expect(rows(at.world, 'SELECT id FROM runs WHERE finished_at IS NULL')).toEqual([])
})
