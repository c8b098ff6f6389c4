import fc from 'fast-check'
import { expect, test } from 'vitest'
import { disputedOf } from '../../cli/laptop/disputed.ts'
import { folded } from '../../sync/engine/unique.ts'
import type { Strategy } from '../../sync/protocol/lane.ts'
import { rows } from '../engine/world.ts'
import { type DeviceServer, deviceServer } from './device-world.ts'
import { type Laptop, newLaptop, syncLaptop, waiting } from './laptop-replica.ts'
import type { Fault } from './replica.ts'

// Three laptops that name and rename people in one table, in which a username may stand once, and a person who settles what they
// can't: cut and repeated requests, laptops and lanes that die at any await.

const LAPTOPS = 3
const NAMES = ['ann', 'Ann ', 'bob', 'eve'] as const
const STRATEGIES: readonly Strategy[] = ['rename_local', 'keep_local', 'keep_remote', 'merge']
const RUNS = 200
const LANE = 'admins'
const ADMINS = {
  sql: 'CREATE TABLE admins (id TEXT PRIMARY KEY, username TEXT, name TEXT)',
  table: 'admins',
  shared: 'admins',
}

const fault: fc.Arbitrary<Fault> = fc.oneof(
  { arbitrary: fc.constant<Fault>({ type: 'none' }), weight: 5 },
  fc
    .constantFrom('request lost', 'answer lost', 'killed before', 'killed after', 'twice')
    .map((type): Fault => ({ type })),
  fc
    .record({ stopAt: fc.nat(14), late: fc.boolean() })
    .map((crash): Fault => ({ type: 'server dies', crash })),
)
const who = fc.nat(LAPTOPS - 1)
const username = fc.constantFrom(...NAMES)
// Most rows are of one laptop alone, as people make them; some are everybody's.
const row = fc.nat(4)
const act = fc.oneof(
  { arbitrary: fc.record({ type: fc.constant('make' as const), who, row, username }), weight: 3 },
  { arbitrary: fc.record({ type: fc.constant('rename' as const), who, row, username }), weight: 5 },
  {
    arbitrary: fc.record({ type: fc.constantFrom('retitle' as const, 'drop' as const), who, row }),
    weight: 2,
  },
  {
    arbitrary: fc.record({
      type: fc.constant('settle' as const),
      which: fc.nat(5),
      strategy: fc.constantFrom(...STRATEGIES),
    }),
    weight: 2,
  },
  {
    arbitrary: fc.record({
      type: fc.constant('sync' as const),
      who,
      faults: fc.array(fault, { maxLength: 3 }),
      dies: fc.oneof({ arbitrary: fc.constant(null), weight: 3 }, fc.nat(12)),
    }),
    weight: 5,
  },
)
type Act = typeof act extends fc.Arbitrary<infer A> ? A : never

const worlds = fc.record({
  policy: fc.constantFrom(
    'manual' as const,
    'newest' as const,
    'keep_remote' as const,
    'keep_local' as const,
  ),
  acts: fc.array(act, { minLength: 10, maxLength: 45 }),
})
type World = typeof worlds extends fc.Arbitrary<infer W> ? W : never

/** What the worlds came to: a generator that never hits is no test. */
const came = { parked: 0, kept: 0, settled: 0, renamed: 0, left: 0 }

test('no value stands twice, what waits stands on its own laptop, and when all is settled all copies are the server’s', async () => {
  await fc.assert(fc.asyncProperty(worlds, holds), { numRuns: RUNS })
  expect(Object.entries(came).filter(([, count]) => count < RUNS / 10)).toEqual([])
}, 400_000)

const idOf = (each: { who: number; row: number }) =>
  each.row < 3 ? `p${each.who}${each.row}` : `shared${each.row}`

async function holds({ policy, acts }: World): Promise<void> {
  const server = deviceServer(Date.UTC(2026, 10, 21, 9))
  const { world } = server
  const config = JSON.stringify({ conflictResolutionStrategy: policy })
  world.file.prepare("INSERT INTO config VALUES ('sync.collections', ?, 0, 'op')").run(config)
  const laptops: Laptop[] = []
  for (const user of ['ann', 'bob', 'cid']) laptops.push(await newLaptop(user, server, 0, ADMINS))
  let said = 0
  const titles: string[] = []
  // Everybody has somebody to begin with.
  const begun = laptops.flatMap((_, i): Act[] => [
    { type: 'make', who: i, row: 0, username: NAMES[i + 1] ?? 'ann' },
    { type: 'sync', who: i, faults: [], dies: null },
  ])
  for (const each of [...begun, ...acts]) {
    world.clock.advance(60_000)
    await perform(each)
    isUnique(server)
  }
  await allSynced()
  // Every open conflict of a device's edit stands on a laptop, and every one that stands there is open.
  const open = openIds(server)
  const shown = laptops.flatMap(({ db }) => disputedOf(db))
  const here = new Set(shown.map(({ id }) => id))
  expect(here.difference(new Set(open))).toEqual(new Set())
  const parked = rows(world, "SELECT id FROM conflicts WHERE resolved_at IS NULL AND op = 'insert'")
  expect(parked.filter(({ id }) => !here.has(String(id)))).toEqual([])
  for (const laptop of laptops) expect(differences(server, laptop)).toEqual([])
  came.kept += shown.filter(({ kept, op }) => kept.length > 0 && op === 'update').length
  came.parked += shown.filter(({ kept, op }) => kept.length > 0 && op === 'insert').length
  came.left += open.length
  // Nothing that was said is lost.
  const history = rows(world, 'SELECT after FROM history').map(({ after }) => String(after))
  const held = rows(world, 'SELECT theirs FROM conflicts').map(({ theirs }) => String(theirs))
  for (const title of titles)
    expect([title, [...history, ...held].some((text) => text.includes(`"${title}"`))]).toEqual([title, true])
  // A person settles the rest.
  for (const id of openIds(server)) await settle(id, 'keep_remote')
  await allSynced()
  for (const { db } of laptops) {
    expect(disputedOf(db)).toEqual([])
    expect(rowsIn(db)).toEqual(stored(server))
  }
  isUnique(server)

  async function allSynced(): Promise<void> {
    for (let round = 0; round < 3; round++)
      for (const laptop of laptops) {
        let done = false
        for (let tries = 0; !done && tries < 5; tries++) done = await syncLaptop(laptop, server, [], null)
        expect(done).toBe(true)
        expect(waiting(laptop, LANE)).toBe(0)
      }
  }

  async function settle(conflict: string, strategy: Strategy): Promise<void> {
    const newValue = `name${++said}`
    const answer = await server.change(LANE, {
      actor: 'op',
      origin: 'person',
      dryRun: false,
      proposal: {
        type: 'resolve',
        conflict,
        strategy,
        notes: '',
        ...(strategy !== 'keep_remote' && { newValue }),
      },
    })
    if (answer.type !== 'applied') return
    came.settled++
    if (strategy === 'rename_local') came.renamed++
  }

  async function perform(each: Act): Promise<void> {
    if (each.type === 'settle') {
      const open = openIds(server)
      const id = open[each.which % Math.max(1, open.length)]
      if (id !== undefined) await settle(id, each.strategy)
      return
    }
    const laptop = laptops[each.who] as Laptop
    if (each.type === 'sync') {
      await syncLaptop(laptop, server, [...each.faults], each.dies)
      return
    }
    const id = idOf(each)
    const title = `title${++said}`
    const isThere = laptop.db.prepare('SELECT 1 FROM admins WHERE id = ?').get(id) !== undefined
    if (each.type === 'make' && !isThere)
      laptop.db.prepare('INSERT INTO admins VALUES (?, ?, ?)').run(id, each.username, title)
    if (each.type === 'rename')
      laptop.db.prepare('UPDATE admins SET username = ? WHERE id = ?').run(each.username, id)
    if (each.type === 'retitle' && isThere)
      laptop.db.prepare('UPDATE admins SET name = ? WHERE id = ?').run(title, id)
    if (each.type === 'drop') laptop.db.prepare('DELETE FROM admins WHERE id = ?').run(id)
    // A title that is sent at once is one that nobody can overwrite unseen.
    const isSaid = each.type === 'retitle' && isThere && (await syncLaptop(laptop, server, [], null))
    if (isSaid) titles.push(title)
  }
}

type Cells = readonly unknown[]
const rowsIn = (db: Laptop['db']): Cells[] =>
  db.prepare('SELECT id, username, name FROM admins ORDER BY id').all().map(Object.values)
const stored = ({ world }: DeviceServer): Cells[] =>
  rows(world, 'SELECT id, username, name FROM admins WHERE deleted_at IS NULL ORDER BY id').map(Object.values)
const openIds = ({ world }: DeviceServer): string[] =>
  rows(world, 'SELECT id FROM conflicts WHERE resolved_at IS NULL ORDER BY id').map(({ id }) => String(id))

function isUnique(server: DeviceServer): void {
  const names = stored(server).map(([, name]) => folded(String(name)))
  expect(new Set(names).size).toBe(names.length)
}

/** Cells in which a laptop is not as the server is, but for those that it keeps in a dispute. */
function differences(server: DeviceServer, { db }: Laptop): string[] {
  const there = new Map(stored(server).map((cells) => [cells[0], cells]))
  const here = new Map(rowsIn(db).map((cells) => [cells[0], cells]))
  const kept = new Set(
    disputedOf(db).flatMap(({ row: of, kept: names }) => names.map((name) => `${of} ${name}`)),
  )
  return [...new Set([...there.keys(), ...here.keys()])].flatMap((id) =>
    ['username', 'name'].flatMap((name, i) => {
      const [a, b] = [there.get(id)?.[i + 1] ?? null, here.get(id)?.[i + 1] ?? null]
      return a === b || kept.has(`${id} ${name}`) ? [] : [`${id} ${name}: ${a} there, ${b} here`]
    }),
  )
}
