import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rows } from '../engine/world.ts'
import { deviceServer } from './device-world.ts'
import { backUp, edit, type Laptop, newLaptop, putBack, seen, syncLaptop, waiting } from './laptop-replica.ts'
import type { Fault } from './replica.ts'

// Two laptops with real SQLite files and the real sync: programs that write them, cut connections, processes that are killed in
// any transaction, servers that die at any await, files that are put back from a backup.

const DAY = 86_400_000
const KEYS = 4
const url = (key: number) => `https://shop.example/p${key}`

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

const who = fc.nat(1)
const key = fc.nat(KEYS - 1)
const act = fc.oneof(
  {
    arbitrary: fc.record({
      type: fc.constantFrom('find', 'find', 'retitle', 'drop', 'assess', 'assess', 'price'),
      who,
      key,
    }),
    weight: 8,
  },
  fc.record({ type: fc.constantFrom('back up' as const, 'put back' as const), who, key }),
  {
    arbitrary: fc.record({
      type: fc.constant('sync' as const),
      who,
      key,
      faults: fc.array(fault, { maxLength: 4 }),
      dies: fc.oneof({ arbitrary: fc.constant(null), weight: 3 }, fc.nat(12)),
    }),
    weight: 5,
  },
)
type Act = typeof act extends fc.Arbitrary<infer A> ? A : never

const worlds = fc.record({
  policy: fc.constantFrom('newest', 'first', 'review'),
  offsets: fc.tuple(fc.integer({ min: -7 * DAY, max: 7 * DAY }), fc.integer({ min: -7 * DAY, max: 7 * DAY })),
  acts: fc.array(act, { minLength: 15, maxLength: 60, size: 'max' }),
})
type World = typeof worlds extends fc.Arbitrary<infer W> ? W : never

/** What the faults came to, over all worlds: a generator that never hits is no test. */
const came = { answered: 0, conflicts: 0, merged: 0, killed: 0, restored: 0 }
const RUNS = Number(process.env.RUNS ?? 200)

test('two files and the server end the same, and every edit that was answered is in the history or in a conflict', async () => {
  await fc.assert(fc.asyncProperty(worlds, holds), { numRuns: RUNS })
  expect(Object.values(came).filter((count) => count < RUNS / 20)).toEqual([])
}, 200_000)

async function holds({ policy, offsets, acts }: World): Promise<void> {
  const server = deviceServer(Date.UTC(2026, 10, 21, 9))
  const { world } = server
  world.file
    .prepare(`INSERT INTO config VALUES ('assessments.rules', ?, 0, 'op')`)
    .run(JSON.stringify({ policy }))
  const laptops = [await newLaptop('ann', server, offsets[0]), await newLaptop('bob', server, offsets[1])]
  const backups = new Map<number, ReturnType<typeof backUp>>()
  let unique = 0
  let wasPutBack = false
  /** The last title that a program gave each listing: it must have gone, whatever happened */
  const said = laptops.map(() => new Map<string, string>())
  for (const each of acts) {
    world.clock.advance(60_000)
    await perform(each)
  }
  for (let round = 0; round < 3; round++)
    for (const laptop of laptops) expect(await syncLaptop(laptop, server, [])).toBe(true)

  const stored = rows(world, 'SELECT * FROM listings WHERE deleted_at IS NULL ORDER BY id').map(
    ({ id, title, price, lifecycle_stage, modesty_status, assessed_at }) => ({
      id,
      title,
      price,
      lifecycle_stage,
      modesty_status,
      assessed_at: assessed_at === null ? null : new Date(Number(assessed_at)).toISOString(),
    }),
  )
  for (const laptop of laptops) {
    const copy = [...seen(laptop).values()].sort((a, b) => (String(a.id) < String(b.id) ? -1 : 1))
    expect(copy).toEqual(stored)
    expect(waiting(laptop)).toBe(0)
    expect(laptop.db.prepare('SELECT * FROM tidemark_rejected').all()).toEqual([])
  }
  checkEdits(laptops)

  function checkEdits(all: readonly Laptop[]): void {
    const history = rows(world, 'SELECT op, key, after FROM history').map(({ op, key: of, after }) => ({
      op: String(op),
      key: String(of),
      after: JSON.parse(String(after)) as Record<string, unknown>,
    }))
    const conflicts = rows(world, 'SELECT key, theirs FROM conflicts')
    came.conflicts += conflicts.length
    for (const { answered } of all)
      for (const { mutation, result } of answered.values()) {
        came.answered++
        if (result?.status === 'merged') came.merged++
        expect(result?.status).not.toBe('rejected')
        for (const column of ['title', 'modesty_status', 'price']) {
          const value = mutation.values?.[column]
          if (value == null) continue
          const told = history.filter((one) => one.key === mutation.key && one.after[column] === value)
          const held = conflicts.filter(
            (one) => one.key === mutation.key && String(one.theirs).includes(JSON.stringify(value)),
          )
          expect([column, value, told.length + held.length > 0]).toEqual([column, value, true])
          // Titles are all different: each took effect once, but for what a restored copy says anew.
          const effects = told.filter(({ op }) => op === 'insert' || op === 'update')
          if (column === 'title' && !wasPutBack) expect(effects.length).toBeLessThanOrEqual(1)
        }
      }
    const conflictTexts = conflicts.map(({ theirs }) => String(theirs)).join()
    for (const [of, text] of said.flatMap((one) => [...one])) {
      const wasTold = history.some((one) => one.key === of && one.after.title === text)
      expect([text, wasTold || conflictTexts.includes(`"${text}"`)]).toEqual([text, true])
    }
  }

  function title(which: number, of: string): string {
    const text = `title ${++unique}`
    said[which]?.set(of, text)
    return text
  }

  async function perform(each: Act): Promise<void> {
    const laptop = laptops[each.who] as Laptop
    const table = 'listings'
    const of = url(each.key)
    if (each.type === 'back up') backups.set(each.who, backUp(laptop))
    else if (each.type === 'put back') {
      const backup = backups.get(each.who)
      if (!backup) return
      wasPutBack = true
      came.restored++
      putBack(laptop, backup)
      said[each.who]?.clear()
    } else if (each.type === 'sync') {
      if (!(await syncLaptop(laptop, server, [...each.faults], each.dies))) came.killed++
    } else if (each.type === 'find')
      edit(laptop, { table, op: 'insert', key: of, values: { title: title(each.who, of) } })
    else if (each.type === 'retitle' && seen(laptop).has(of))
      edit(laptop, { table, op: 'update', key: of, values: { title: title(each.who, of) } })
    else if (each.type === 'price')
      edit(laptop, { table, op: 'update', key: of, values: { price: ++unique } })
    else if (each.type === 'drop') {
      edit(laptop, { table, op: 'delete', key: of })
      said[each.who]?.delete(of)
    } else
      edit(laptop, {
        table,
        op: 'update',
        key: of,
        values: {
          lifecycle_stage: each.key % 2 ? 'assessed_approved' : 'assessed_rejected',
          modesty_status: each.key % 2 ? 'modest' : 'not_modest',
          assessed_at: new Date(world.clock.now() + laptop.clock.offset).toISOString(),
        },
      })
  }
}
