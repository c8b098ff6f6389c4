import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Row } from '../../db/database.ts'
import type { LaneCore } from '../../sync/engine/lane.ts'
import { fakeLists, type ListWorld, listWorld, price, product, request, SHARED } from './list-world.ts'
import { rows } from './world.ts'

// Products and prices in one table and one lane (seed C-1), and prices that change while the products are merged (D-2):
// started together from nothing, in generated orders of their pages' answers, without being forced.

/** What is another one in the n-th row from the n-th round on. */
interface Change {
  readonly round: number
  readonly row: number
  readonly what: 'code' | 'name' | 'price' | 'discount'
  readonly to: number
}

interface World {
  readonly rows: number
  readonly concurrency: number
  /** Which of the calls under way is answered next; and how many turns of the loop it takes to be */
  readonly order: readonly (readonly [who: number, delay: number])[]
  readonly changes: readonly Change[]
  readonly pricesFirst: boolean
  /** Rows whose price is known by name alone */
  readonly byName: readonly number[]
}

const ROUNDS = 3
const MOST = 12
const worlds: fc.Arbitrary<World> = fc.record({
  rows: fc.integer({ min: 1, max: MOST }),
  concurrency: fc.integer({ min: 1, max: 3 }),
  order: fc.array(fc.tuple(fc.nat(5), fc.nat(3)), { minLength: 1, maxLength: 40 }),
  changes: fc.array(
    fc.record({
      round: fc.integer({ min: 1, max: ROUNDS - 1 }),
      row: fc.nat(MOST - 1),
      what: fc.constantFrom('code', 'name', 'price', 'price', 'discount'),
      to: fc.nat(999),
    }),
    { maxLength: 8 },
  ),
  pricesFirst: fc.boolean(),
  byName: fc.array(fc.nat(MOST - 1), { maxLength: 3 }),
})

const PRICE_COLUMNS = ['currency', 'discount', 'price']
/** The orders in which a round's pages were answered */
const seenOrders = new Set<string>()

test('from nothing and from change to change, both are as the lists say, and neither touches the other', async () => {
  await fc.assert(fc.asyncProperty(worlds, holds), { numRuns: 200 })
  // The orders in which pages were answered do differ.
  expect(seenOrders.size).toBeGreaterThan(100)
}, 120_000)

async function holds(world: World): Promise<void> {
  const remote = fakeLists(3)
  const at = listWorld(['ann'], remote)
  at.world.file
    .prepare(`INSERT INTO config VALUES ('erp.connection', ?, 0, 'ann')`)
    .run(JSON.stringify({ concurrency: world.concurrency }))
  const bell = bellOf(at, world)
  let before = new Map<unknown, unknown>()
  let changesBefore = 0
  for (let round = 0; round < ROUNDS; round++) {
    const { catalogue, list } = listsOf(world, round)
    remote.lists.set(`products/${SHARED}`, catalogue)
    remote.lists.set(`prices/${SHARED}`, list)
    remote.stamp++
    remote.reads.length = 0
    const { lane } = at.start()
    const links = ['products.erp', 'prices.erp']
    for (const link of world.pricesFirst ? links.toReversed() : links) await lane.request(request(link))
    seenOrders.add((await bell(lane)).join())

    const odd = `SELECT link, status, report FROM runs WHERE finished_at IS NULL OR status NOT IN ('done', 'unchanged')`
    expect(rows(at.world, odd)).toEqual([])
    expect(rows(at.world, 'SELECT name FROM unmatched_prices')).toEqual([])
    const wanted = catalogue.map(({ id, code, name }, n) => ({
      id,
      code,
      name,
      price: list[n]?.price,
      discount: list[n]?.discount,
      currency: 'EUR',
    }))
    expect(
      rows(at.world, 'SELECT id, code, name, price, discount, currency FROM products ORDER BY id'),
    ).toEqual(wanted)

    // Each changed price once, in the order of the products; from nothing, all of them.
    const changes = rows(at.world, 'SELECT product_id, old, new FROM price_changes ORDER BY version, n')
    expect(changes.slice(changesBefore).sort(byProduct)).toEqual(
      wanted
        .filter(({ id, price: now }) => now !== before.get(id))
        .map(({ id, price: now }) => ({ product_id: id, old: before.get(id) ?? null, new: now })),
    )
    changesBefore = changes.length
    before = new Map(wanted.map(({ id, price: now }) => [id, now]))
  }
  // Inserts too: a product comes without a price, and no run of the prices makes a product.
  const written = rows(
    at.world,
    `SELECT DISTINCT r.link, h.op, c.key AS col FROM history h JOIN runs r ON r.id = h.run_id, json_each(h.after) c
      WHERE c.value IS NOT NULL`,
  )
  for (const { link, op, col } of written) {
    expect([link, op, col, PRICE_COLUMNS.includes(String(col))]).toEqual([
      link,
      op,
      col,
      link === 'prices.erp',
    ])
    if (link === 'prices.erp') expect(op).toBe('update')
  }
  expect(
    rows(at.world, 'SELECT 1 FROM history WHERE run_id IS NULL OR run_id NOT IN (SELECT id FROM runs)'),
  ).toEqual([])
}

/** The two lists as they stand in a round. */
function listsOf(world: World, round: number): { catalogue: Row[]; list: Row[] } {
  const over = (n: number, what: Change['what'], usual: unknown) =>
    world.changes.findLast((change) => change.round <= round && change.row === n && change.what === what)
      ?.to ?? usual
  const names = Array.from({ length: world.rows }, (_, n) => `Product ${n} of ${over(n, 'name', 'old')}`)
  return {
    catalogue: names.map((name, n) => product(n, { name, code: `C${over(n, 'code', n)}` })),
    list: names.map((name, n) =>
      price(n, Number(over(n, 'price', 1_000 + n)), {
        name,
        discount: Number(over(n, 'discount', 0)),
        ...(world.byName.includes(n) && { id: null }),
      }),
    ),
  }
}

/** Rings a lane until it is quiet, answering the calls under way in the generated order, and says in which. */
function bellOf(at: ListWorld, world: World): (lane: LaneCore) => Promise<string[]> {
  const waiting: { readonly call: string; readonly go: () => void }[] = []
  at.remote.wait = () => {
    const read = at.remote.reads.at(-1)
    return new Promise((go) => void waiting.push({ call: `${read?.list} ${read?.page}`, go }))
  }
  let step = 0
  return async (lane) => {
    const answered: string[] = []
    while (at.world.alarm !== null) {
      at.world.clock.set(at.world.alarm)
      at.world.alarm = null
      let over = false
      const rung = lane.alarm().finally(() => {
        over = true
      })
      while (!over) {
        const [who, delay] = world.order[step++ % world.order.length] ?? [0, 0]
        for (let turn = 0; turn <= delay; turn++) await new Promise((next) => setImmediate(next))
        const [next] = waiting.splice(who % Math.max(1, waiting.length), 1)
        if (next) answered.push(next.call)
        next?.go()
      }
      await rung
    }
    return answered
  }
}

const byProduct = (a: Row, b: Row) => (String(a.product_id) < String(b.product_id) ? -1 : 1)
