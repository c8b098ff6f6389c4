import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { type Fetched, fetchImage, type ImageDeps } from '../../workers/coordinator/images.ts'
import { handOver, imageWorld, jpeg, mapStore, picture } from './image-world.ts'

// Messages that come twice and side by side, calls that break before or after they did their work, products that change
// in between: in whatever order all this happens, the pictures end as they should.

const HOURS = 60 * 60_000
const PRODUCTS = ['P-1', 'P-2']
const PICTURES = ['/a.jpg', '/b.jpg']
const PATHS = [...PICTURES, '/gone.jpg']

type Step =
  | { readonly type: 'message' | 'delete'; readonly product: string }
  | { readonly type: 'set'; readonly product: string; readonly path: string | null }

const product = fc.constantFrom(...PRODUCTS)
const path = fc.option(fc.constantFrom(...PATHS), { freq: 4 })
const steps = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ type: fc.constant('set' as const), product, path }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('delete' as const), product }) },
    { weight: 4, arbitrary: fc.record({ type: fc.constant('message' as const), product }) },
  ),
  { minLength: 1, maxLength: 14 },
)
/** What the ERP answers in place of the picture; null: the picture */
const answers = fc.array(
  fc.option(
    fc.constantFrom<Fetched>(
      { type: 'failed', passes: true, reason: 'away' },
      { type: 'busy', at: 0, reason: 'busy' },
      picture(new Uint8Array()),
      picture(jpeg('x'), 'image/png'),
    ),
    { freq: 2 },
  ),
  { maxLength: 8 },
)
/** Calls that break: before they do anything, or after, so that only their answer is lost */
const breaks = fc.array(fc.record({ call: fc.nat(60), after: fc.boolean() }), { maxLength: 4 })
/** Who goes on next, of those that wait */
const turns = fc.infiniteStream(fc.nat(999))

test('each picture ends as its path says, or dead with a reason; nothing is left of others', async () => {
  const errors = vi.spyOn(console, 'error').mockImplementation(() => undefined)
  const seen = { sideBySide: 0, stored: 0, dead: 0, none: 0 }
  await fc.assert(
    fc.asyncProperty(steps, answers, breaks, turns, async (all, given, broken, next) => {
      const store = mapStore()
      const world = imageWorld(store)
      for (const known of PICTURES) world.erp.set(known, jpeg(known))
      world.answers.push(...given.flatMap((answer) => answer ?? []))

      const waiting: (() => void)[] = []
      const turn = () => new Promise<void>((go) => waiting.push(go))
      let calls = 0
      const slow =
        <A extends unknown[], T>(call: (...args: A) => Promise<T>) =>
        async (...args: A): Promise<T> => {
          const breaking = broken.find(({ call: n }) => n === calls)
          calls++
          await turn()
          if (breaking && !breaking.after) throw new Error('broke before')
          const value = await call(...args)
          await turn()
          if (breaking) throw new Error('broke after')
          return value
        }
      const deps: ImageDeps = {
        database: { batch: slow(world.database.batch) },
        store: {
          head: slow(store.head),
          put: slow(store.put),
          list: slow(store.list),
          delete: slow(store.delete),
        },
        source: {
          fetch: async (login, path) => {
            await turn()
            const fetched = await world.deps.source.fetch(login, path)
            await turn()
            return fetched
          },
        },
        now: world.clock.now,
      }
      /** What the queue brings again */
      const unsettled = new Set<string>()
      const inside: string[] = []
      const message = async (id: string) => {
        if (inside.includes(id)) seen.sideBySide++
        inside.push(id)
        const again = await fetchImage(deps, id).catch(() => 0)
        inside.splice(inside.indexOf(id), 1)
        if (again !== null) unsettled.add(id)
      }
      const take = async (step: Step) => {
        if (step.type === 'set') await world.product(step.product, step.path)
        else if (step.type === 'delete') await world.deleteProduct(step.product)
        else void message(step.product)
      }

      const left: Step[] = [...all]
      while (left.length + inside.length > 0) {
        const pick = Number(next.next().value) % (waiting.length + Math.min(left.length, 1) || 1)
        const step = pick === waiting.length ? left.shift() : undefined
        if (step) await take(step)
        else waiting.splice(pick, 1)[0]?.()
        await new Promise(setImmediate)
      }

      const pending = () =>
        world.file.prepare(`SELECT product_id AS id FROM product_images WHERE status = 'pending'`).all()
      for (let round = 0; unsettled.size + pending().length > 0; round++) {
        if (round > 10) throw new Error('it does not come to an end')
        const ids = [...new Set([...unsettled, ...pending().map(({ id }) => String(id))])]
        unsettled.clear()
        const outcomes = await handOver(world.deps, ids)
        for (const [i, id] of ids.entries()) if (outcomes[i] !== 'done') unsettled.add(id)
        world.clock.advance(12 * HOURS)
      }

      const named: string[] = []
      for (const id of PRODUCTS) {
        const live = world.file
          .prepare('SELECT image FROM products WHERE id = ? AND deleted_at IS NULL')
          .get(id)
        const row = world.row(id)
        if (row?.object) named.push(row.object)
        if (!live?.image) {
          seen.none++
          expect(row).toBeUndefined()
        } else if (row?.status === 'stored') {
          seen.stored++
          expect(store.objects.get(row.object ?? '')).toEqual(jpeg(String(live.image)))
          expect(row).toMatchObject({ path: live.image, last_error: null, type: 'image/jpeg' })
        } else {
          seen.dead++
          expect(row).toMatchObject({ path: live.image, status: 'dead' })
          expect(row?.last_error).toMatch(
            live.image === '/gone.jpg' ? /\.$/ : /but its content is|Tried 6 times/,
          )
        }
      }
      expect([...store.objects.keys()].sort()).toEqual(named.sort())
    }),
    { numRuns: 600 },
  )
  errors.mockRestore()
  // The cases are worth something only where all of this happens in them.
  for (const [what, times] of Object.entries(seen)) expect(times, what).toBeGreaterThan(100)
})
