import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createWorld, dialects, good, type ListName, part, valuesOf } from './erp-world.ts'

// Any row that the ERP can hold arrives equal through both dialects, and as what it is.

const user = { user: 'anna@erp' }
/** What people type into a field; an ERP keeps no half characters and no NUL */
const text = fc
  .oneof(
    fc.string({ unit: 'grapheme', maxLength: 30 }),
    fc.string({ unit: fc.constantFrom(...'&<>"\'; \t\u00a0€è#x0123456789./,-'), maxLength: 20 }),
    fc.constantFrom(
      '&amp;',
      '&nbsp;',
      '</td></tr></table>',
      '<script>',
      '<!--',
      '12/11/2026',
      '€ 1.234,50',
      ']]>',
    ),
  )
  .filter((value) => value.isWellFormed() && !/[\0\r]/.test(value))
const filledText = text.filter((value) => value.trim() !== '')
const maybe = <T>(of: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 3, arbitrary: of }, fc.constant(null), fc.constant(undefined))
const cents = fc.integer({ min: -1_000_000_000, max: 1_000_000_000 })
const money = cents.map((value) => value / 100)
const percent = fc.integer({ min: 0, max: 10_000 }).map((value) => value / 100)
const day = fc
  .integer({ min: Date.UTC(1990) / 86_400_000, max: Date.UTC(2060) / 86_400_000 })
  .map((days) => new Date(days * 86_400_000).toISOString().slice(0, 10))
const id = fc.string({ unit: fc.constantFrom(...'ABC0129-_.'), minLength: 1, maxLength: 8 })

const rows = {
  customers: fc.record({
    id,
    name: filledText,
    address: maybe(text),
    phone: maybe(text),
    last_order_on: maybe(day),
  }),
  products: fc.record({
    id,
    code: maybe(text),
    name: filledText,
    description: maybe(text),
    package_size: maybe(fc.maxSafeInteger()),
    vat: maybe(fc.nat(100)),
  }),
  prices: fc.record({
    product_id: maybe(id),
    name: filledText,
    price: money,
    discount: maybe(percent),
    currency: maybe(fc.constant('EUR')),
  }),
  orders: fc.record({
    id,
    number: maybe(text),
    customer_name: maybe(text),
    ordered_on: maybe(day),
    total: maybe(money),
    external_ref: maybe(text),
  }),
} satisfies Record<ListName, unknown>

const expected = (value: unknown) => (typeof value === 'string' ? value.trim() || null : (value ?? null))

it.each(Object.keys(rows) as ListName[])(
  'Any row of %s is the same by JSON and by HTML, and none is rejected',
  async (list) => {
    const key = list === 'prices' ? 'name' : 'id'
    const some = fc.uniqueArray(rows[list] as fc.Arbitrary<Record<string, unknown>>, {
      selector: (row) => String(row[key]).trim(),
      minLength: 1,
      maxLength: 6,
    })
    await fc.assert(
      fc.asyncProperty(some, async (given) => {
        const world = createWorld()
        for (const row of given) world.person.put(list, row as never, user)
        const [json, html] = [good(await world.read(list, 'json')), good(await world.read(list, 'html'))]
        expect(json.rejected).toEqual([])
        expect(html.rejected).toEqual([])
        expect(valuesOf(html)).toEqual(valuesOf(json))
        const shown = new Map(
          valuesOf(json).map((values) => [
            String(
              values[key === 'name' ? 'name' : list === 'customers' || list === 'orders' ? 'erp_id' : 'id'],
            ),
            values,
          ]),
        )
        for (const row of given) {
          const values = shown.get(String(row[key]).trim())!
          expect(values.name ?? values.number).toBe(expected(row.name ?? row.number))
          if (list === 'prices') expect(values.price).toBe(Math.round(Number(row.price) * 100) + 0)
          if (list === 'products') expect(values.package_size).toBe(expected(row.package_size))
          if (list === 'orders') expect(values.ordered_on).toBe(expected(row.ordered_on))
        }
      }),
      { numRuns: 60 },
    )
  },
)

it('Any details of an order are the same by JSON and by HTML', async () => {
  const line = fc.record({
    line: fc.integer({ min: 1, max: 999 }),
    product_id: fc.oneof(id, fc.constant(null)),
    name: filledText,
    quantity: fc.integer({ min: 1, max: 10_000_000 }).map((value) => value / 1_000),
    price: money,
    discount: percent,
    amount: money,
  })
  const ddt = fc.record({
    number: filledText,
    on: fc.oneof(day, fc.constant(null)),
    carrier: fc.oneof(text, fc.constant(null)),
    tracking: fc.oneof(text, fc.constant(null)),
    status: fc.oneof(text, fc.constant(null)),
  })
  const details = fc.record({
    lines: fc.array(line, { maxLength: 5 }),
    note: fc.oneof(text, fc.constant(null)),
    ddt: fc.array(ddt, { maxLength: 3 }),
  })
  await fc.assert(
    fc.asyncProperty(details, async (given) => {
      const world = createWorld()
      world.person.put('orders', { id: 'O1', number: '1', ...given }, user)
      const answers = []
      for (const dialect of dialects) {
        const context = world.context('orders', dialect)
        const { rows: listed } = good(await world.remote.read(context, part, '1'))
        const { rows: done, failed } = good(await world.remote.detail!(context, part, listed))
        expect([...failed]).toEqual([])
        answers.push(done.get(0))
      }
      expect(answers[1]).toEqual(answers[0])
      expect(JSON.parse(String(answers[0]!.lines)).map(({ price }: { price: number }) => price)).toEqual(
        given.lines.map(({ price }) => Math.round(price * 100) + 0),
      )
    }),
    { numRuns: 60 },
  )
})
