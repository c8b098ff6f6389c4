import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rows } from '../engine/world.ts'
import { type Device, laptop, phone } from './device.ts'
import { deviceServer } from './device-world.ts'
import type { Fault } from './replica.ts'

// Two phones and two laptops over one shared queue, in generated worlds: edits and deletions, clocks that are wrong by up to a
// week, cut connections, repeated and late requests, devices and lanes that die at any await, files that are put back.

const DAY = 86_400_000
const START = Date.UTC(2026, 10, 21, 9)
const STATUSES = ['modest', 'moderately_modest', 'not_modest'] as const
const KEYS = 3
const LAPTOPS = 2

const fault: fc.Arbitrary<Fault> = fc.oneof(
  { arbitrary: fc.constant<Fault>({ type: 'none' }), weight: 4 },
  fc
    .constantFrom('request lost', 'answer lost', 'killed before', 'killed after', 'twice')
    .map((type): Fault => ({ type })),
  fc.nat(5).map((back): Fault => ({ type: 'echo', back })),
  fc
    .record({ stopAt: fc.nat(14), late: fc.boolean() })
    .map((crash): Fault => ({ type: 'server dies', crash })),
)

const key = fc.nat(KEYS - 1)
const onLaptop = fc.nat(LAPTOPS - 1)
const anybody = fc.nat(3)
const act = fc.oneof(
  {
    arbitrary: fc.record({ type: fc.constantFrom('find', 'retitle', 'drop'), who: onLaptop, key }),
    weight: 3,
  },
  // Phones too correct a title now and then, also of a listing that they have not seen.
  { arbitrary: fc.record({ type: fc.constant('retitle' as const), who: anybody, key }), weight: 1 },
  {
    arbitrary: fc.record({
      type: fc.constant('assess' as const),
      who: anybody,
      key,
      status: fc.constantFrom(...STATUSES),
    }),
    weight: 3,
  },
  {
    arbitrary: fc.record({
      type: fc.constantFrom('back up' as const, 'put back' as const),
      who: onLaptop,
      key,
    }),
    weight: 2,
  },
  {
    arbitrary: fc.record({
      type: fc.constant('sync' as const),
      who: anybody,
      key,
      faults: fc.array(fault, { maxLength: 4 }),
      dies: fc.oneof({ arbitrary: fc.constant(null), weight: 3 }, fc.nat(12)),
    }),
    weight: 4,
  },
)
type Act = typeof act extends fc.Arbitrary<infer A> ? A : never

const worlds = fc.record({
  policy: fc.constantFrom('newest' as const, 'first' as const, 'review' as const),
  shared: fc.boolean().map((no) => !no),
  offsets: fc.array(fc.integer({ min: -7 * DAY, max: 7 * DAY }), { minLength: 4, maxLength: 4 }),
  acts: fc.array(act, { minLength: 8, maxLength: 40 }),
})
type World = typeof worlds extends fc.Arbitrary<infer W> ? W : never

const RUNS = 1_000
/** What the faults came to, over all worlds: a generator that never hits is no test. */
const came = { answered: 0, conflicts: 0, merged: 0, rejected: 0, cutShort: 0, putBack: 0 }

test('all copies end as the server is, and every edit is in a row, in the history or in a conflict, once', async () => {
  await fc.assert(fc.asyncProperty(worlds, holds), { numRuns: RUNS })
  expect(Object.entries(came).filter(([, count]) => count < RUNS / 10)).toEqual([])
}, 400_000)

const url = (n: number) => `https://shop.example/p${n}`

async function holds({ policy, shared, offsets, acts }: World): Promise<void> {
  const server = deviceServer(START)
  const { world } = server
  world.file
    .prepare(`INSERT INTO config VALUES ('assessments.rules', ?, 0, 'op')`)
    .run(JSON.stringify({ policy }))
  const devices: Device[] = []
  for (const [i, user] of ['ann', 'bob', 'ann', 'bob'].entries())
    devices.push(await (i < LAPTOPS ? laptop : phone)(user, server, offsets[i] ?? 0))
  let unique = 0
  let wasPutBack = false
  /** The last title that a program gave each listing: it must have gone, whatever happened */
  const said = devices.map(() => new Map<string, string>())
  // Most worlds begin with something that everybody has.
  const everyone = devices.map((_, who): Act => ({ type: 'sync', who, key: 0, faults: [], dies: null }))
  const begun: Act[] = [{ type: 'find', who: 0, key: 0 }, { type: 'find', who: 1, key: 1 }, ...everyone]
  for (const each of [...(shared ? begun : []), ...acts]) {
    world.clock.advance(60_000)
    await perform(each)
  }
  for (let round = 0; round < 3; round++)
    for (const device of devices) {
      let done = false
      for (let tries = 0; !done && tries < 5; tries++) done = await device.sync([], null)
      expect(done).toBe(true)
    }

  const COLUMNS = ['id', 'title', 'lifecycle_stage', 'modesty_status', 'assessed_at'] as const
  const stored = rows(world, 'SELECT * FROM listings WHERE deleted_at IS NULL ORDER BY id').map((row) =>
    COLUMNS.map((name) =>
      name === 'assessed_at' && row[name] !== null ? new Date(Number(row[name])).toISOString() : row[name],
    ),
  )
  for (const device of devices) {
    const copy = [...device.seen().values()].sort((a, b) => (String(a.id) < String(b.id) ? -1 : 1))
    expect(copy.map((row) => COLUMNS.map((name) => row[name] ?? null))).toEqual(stored)
    expect(device.waiting()).toBe(0)
  }
  const history = rows(world, 'SELECT op, key, after FROM history').map(({ op, key: of, after }) => ({
    op: String(op),
    key: String(of),
    after: JSON.parse(String(after)) as Record<string, unknown>,
  }))
  const conflicts = rows(world, 'SELECT key, theirs FROM conflicts').map(({ key: of, theirs }) => ({
    key: String(of),
    theirs: String(theirs),
  }))
  came.conflicts += conflicts.length
  for (const { mutation, result } of devices.flatMap((device) => [...device.answered()])) {
    came.answered++
    if (result?.status === 'rejected') {
      came.rejected++
      // Only what names a row that never was is refused.
      expect(result.reason).toMatch(/has no row/)
      continue
    }
    if (result?.status === 'merged') came.merged++
    for (const column of ['title', 'modesty_status']) {
      const value = mutation.values?.[column]
      if (value == null) continue
      const told = history.filter((one) => one.key === mutation.key && one.after[column] === value)
      const held = conflicts.filter((one) => one.key === mutation.key && one.theirs.includes(`"${value}"`))
      expect([column, value, told.length + held.length > 0]).toEqual([column, value, true])
      // Titles are all different: each took effect at most once. A copy that was put back can't know, and says it anew.
      const effects = told.filter(({ op }) => op === 'insert' || op === 'update')
      if (column === 'title' && !wasPutBack) expect(effects.length).toBeLessThanOrEqual(1)
    }
  }
  for (const [of, text] of said.flatMap((one) => [...one])) {
    const wasTold = history.some((one) => one.key === of && one.after.title === text)
    const isHeld = conflicts.some(({ theirs }) => theirs.includes(`"${text}"`))
    expect([text, wasTold || isHeld]).toEqual([text, true])
  }

  async function perform(each: Act): Promise<void> {
    const device = devices[each.who] as Device
    const of = url(each.key)
    const table = 'listings'
    const there = device.seen().has(of)
    const title = `title ${++unique}`
    const own = each.who < LAPTOPS ? said[each.who] : undefined
    if (each.type === 'back up') device.backUp()
    else if (each.type === 'put back') {
      if (!device.putBack()) return
      wasPutBack = true
      came.putBack++
      own?.clear()
    } else if (each.type === 'sync') {
      if (!(await device.sync([...each.faults], each.dies))) came.cutShort++
    } else if (each.type === 'find') {
      own?.set(of, title)
      const values = { product_url: of, title, lifecycle_stage: 'pending_assessment' }
      device.edit({ table, op: 'insert', key: of, values })
    } else if (each.type === 'retitle') {
      if (there) own?.set(of, title)
      device.edit({ table, op: 'update', key: of, values: { title } })
    } else if (each.type === 'drop') {
      own?.delete(of)
      if (there) device.edit({ table, op: 'delete', key: of })
    } else if (each.type === 'assess' && there) {
      const approved = each.status !== 'not_modest'
      const at = new Date(world.clock.now() + device.offset).toISOString()
      const values = {
        lifecycle_stage: approved ? 'assessed_approved' : 'assessed_rejected',
        modesty_status: each.status,
        assessed_at: at,
      }
      device.edit({ table, op: 'update', key: of, values, at })
    }
  }
}
