import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Row } from '../../db/database.ts'
import { fakeLists, listWorld, price, product, request, SHARED } from './list-world.ts'
import { rows } from './world.ts'

// Products and prices share a table and a lane (seed C-1, D-2): started together, in any interleaving of their pages.

interface World {
  readonly rows: number
  readonly concurrency: number
  /** Which of the calls under way is answered next, one after the other */
  readonly order: readonly number[]
  readonly renamed: readonly number[]
  readonly repriced: readonly (readonly [number, number])[]
  readonly pricesFirst: boolean
}

const worlds: fc.Arbitrary<World> = fc.record({
  rows: fc.integer({ min: 1, max: 14 }),
  concurrency: fc.integer({ min: 1, max: 3 }),
  order: fc.array(fc.nat(5), { minLength: 1, maxLength: 40 }),
  renamed: fc.array(fc.nat(13), { maxLength: 4 }),
  repriced: fc.array(fc.tuple(fc.nat(13), fc.nat(9_999)), { maxLength: 6 }),
  pricesFirst: fc.boolean(),
})

test('both complete, and neither loses a write or writes a column of the other', async () => {
  await fc.assert(
    fc.asyncProperty(worlds, async (world) => {
      const remote = fakeLists(3)
      const at = listWorld(['ann'], remote)
      at.world.file
        .prepare(`INSERT INTO config VALUES ('erp.connection', ?, 0, 'ann')`)
        .run(JSON.stringify({ concurrency: world.concurrency }))
      const waiting: (() => void)[] = []
      remote.wait = () => new Promise((go) => void waiting.push(go))
      let step = 0
      const answerOne = () => {
        const place = (world.order[step++ % world.order.length] ?? 0) % Math.max(1, waiting.length)
        waiting.splice(place, 1)[0]?.()
      }
      const together = async () => {
        const { lane } = at.start()
        const links = ['products.erp', 'prices.erp']
        for (const link of world.pricesFirst ? links.reverse() : links)
          await lane.request(request(link, { full: true }))
        while (at.world.alarm !== null) {
          at.world.clock.set(at.world.alarm)
          at.world.alarm = null
          let over = false
          const rung = lane.alarm().then(() => {
            over = true
          })
          while (!over) {
            await new Promise((next) => setImmediate(next))
            answerOne()
          }
          await rung
        }
      }
      let catalogue: Row[] = Array.from({ length: world.rows }, (_, n) => product(n))
      let list: Row[] = catalogue.map((_, n) => price(n, 100 + n))
      const show = () => {
        remote.lists.set(`products/${SHARED}`, catalogue)
        remote.lists.set(`prices/${SHARED}`, list)
        remote.stamp++
      }
      show()
      await together()
      const changesBefore = rows(at.world, 'SELECT 1 FROM price_changes').length
      const before = new Map(list.map((row) => [row.id, row.price]))
      catalogue = catalogue.map((row, n) =>
        world.renamed.includes(n) ? { ...row, code: `again ${n}` } : row,
      )
      for (const [n, cents] of world.repriced)
        list = list.map((row, i) => (i === n ? { ...row, price: cents } : row))
      show()
      await together()

      expect(
        rows(at.world, `SELECT DISTINCT status FROM runs WHERE status NOT IN ('done', 'unchanged')`),
      ).toEqual([])
      expect(rows(at.world, 'SELECT id, code, price FROM products ORDER BY id')).toEqual(
        catalogue.map((row, n) => ({ id: row.id, code: row.code, price: list[n]?.price })),
      )
      const written = rows(
        at.world,
        `SELECT DISTINCT r.link, c.key AS col FROM history h JOIN runs r ON r.id = h.run_id, json_each(h.after) c WHERE h.op = 'update'`,
      )
      for (const { link, col } of written)
        expect(['price', 'discount', 'currency'].includes(String(col)), `${link} wrote ${col}`).toBe(
          link === 'prices.erp',
        )
      const changes = rows(at.world, 'SELECT product_id, old, new FROM price_changes ORDER BY version, n')
      expect(changes.slice(changesBefore).sort(byProduct)).toEqual(
        list
          .filter((row) => row.price !== before.get(row.id))
          .map((row) => ({ product_id: row.id, old: before.get(row.id), new: row.price }))
          .sort(byProduct),
      )
    }),
    { numRuns: 200 },
  )
}, 120_000)

const byProduct = (a: { product_id?: unknown }, b: { product_id?: unknown }) =>
  String(a.product_id) < String(b.product_id) ? -1 : 1
