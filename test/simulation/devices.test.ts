import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rows } from '../engine/world.ts'
import { deviceServer } from './device-world.ts'
import { edit, type Fault, newReplica, type Replica, seen, syncReplica } from './replica.ts'

// Two phones and two laptops over one shared queue, in generated worlds: edits and deletions, clocks that are wrong by up to a
// week, cut connections, repeated and late requests, devices and lanes that die at any await.

const DAY = 86_400_000
const START = Date.UTC(2026, 10, 21, 9)
const STATUSES = ['modest', 'moderately_modest', 'not_modest'] as const
const KEYS = 4

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

const act = fc.oneof(
  fc.record({ type: fc.constant('find' as const), who: fc.nat(1), key: fc.nat(KEYS - 1) }),
  fc.record({ type: fc.constant('retitle' as const), who: fc.nat(1), key: fc.nat(KEYS - 1) }),
  fc.record({ type: fc.constant('drop' as const), who: fc.nat(1), key: fc.nat(KEYS - 1) }),
  {
    arbitrary: fc.record({
      type: fc.constant('assess' as const),
      who: fc.integer({ min: 2, max: 3 }),
      key: fc.nat(KEYS - 1),
      status: fc.constantFrom(...STATUSES),
    }),
    weight: 3,
  },
  // A laptop's file that is put back as it was.
  {
    arbitrary: fc.record({ type: fc.constantFrom('back up' as const, 'put back' as const), who: fc.nat(1) }),
    weight: 3,
  },
  {
    arbitrary: fc.record({
      type: fc.constant('sync' as const),
      who: fc.nat(3),
      faults: fc.array(fault, { maxLength: 4 }),
    }),
    weight: 3,
  },
)
type Act = typeof act extends fc.Arbitrary<infer A> ? A : never

const worlds = fc.record({
  policy: fc.constantFrom('newest' as const, 'first' as const, 'review' as const),
  shared: fc.boolean().map((no) => !no),
  offsets: fc.array(fc.integer({ min: -7 * DAY, max: 7 * DAY }), { minLength: 4, maxLength: 4 }),
  acts: fc.array(act, { minLength: 5, maxLength: 40 }),
})

/** What the faults came to, over all worlds: a generator that never hits is no test. */
const came = { conflicts: 0, merged: 0, forks: 0, rejected: 0 }

test('all copies end as the server is, and every edit is in a row, in the history or in a conflict, once', async () => {
  await fc.assert(fc.asyncProperty(worlds, holds), {
    numRuns: 1_000,
    ...(process.env.SEED && { seed: Number(process.env.SEED) }),
  })
  expect(came.forks).toBeGreaterThan(10)
  expect(Math.min(came.conflicts, came.merged, came.rejected)).toBeGreaterThan(100)
}, 300_000)

const url = (key: number) => `https://shop.example/p${key}`

async function holds({
  policy,
  shared,
  offsets,
  acts,
}: typeof worlds extends fc.Arbitrary<infer W> ? W : never) {
  const server = deviceServer(START)
  const { world } = server
  world.file
    .prepare(`INSERT INTO config VALUES ('assessments.rules', ?, 0, 'op')`)
    .run(JSON.stringify({ policy }))
  let drawn = 0
  const draw = () => `inc-${++drawn}`
  const replicas = ['ann', 'bob', 'ann', 'bob'].map((user, i) => newReplica(user, draw(), offsets[i] ?? 0))
  const backups = new Map<number, Replica>()
  let unique = 0
  const everyone = () => replicas.map((_, who): Act => ({ type: 'sync', who, faults: [] }))
  // Most worlds begin with something that everybody has.
  const begun: Act[] = [{ type: 'find', who: 0, key: 0 }, { type: 'find', who: 1, key: 1 }, ...everyone()]
  for (const each of [...(shared ? begun : []), ...acts]) {
    world.clock.advance(60_000)
    await perform(each)
  }
  for (let round = 0; round < 2; round++)
    for (const replica of replicas) {
      let done = false
      for (let tries = 0; !done && tries < 5; tries++) done = await syncReplica(replica, server, [], draw)
      expect(done).toBe(true)
    }

  const stored = rows(world, 'SELECT * FROM listings WHERE deleted_at IS NULL ORDER BY id')
  const shown = stored.map(({ id, title, lifecycle_stage, modesty_status, assessed_at }) => ({
    id,
    title,
    lifecycle_stage,
    modesty_status,
    assessed_at: assessed_at === null ? null : new Date(Number(assessed_at)).toISOString(),
  }))
  for (const replica of replicas) {
    const copy = [...replica.rows.values()].sort((a, b) => (String(a.id) < String(b.id) ? -1 : 1))
    expect(
      copy.map(({ id, title = null, lifecycle_stage, modesty_status = null, assessed_at = null }) => ({
        id,
        title,
        lifecycle_stage,
        modesty_status,
        assessed_at,
      })),
    ).toEqual(shown)
    expect(replica.entries.filter(({ state }) => state === 'waiting' || state === 'sending')).toEqual([])
  }
  const history = rows(world, 'SELECT op, key, after FROM history').map(({ op, key, after }) => ({
    op: String(op),
    key: String(key),
    after: JSON.parse(String(after)) as Record<string, unknown>,
  }))
  const conflicts = rows(world, 'SELECT kind, key, theirs FROM conflicts')
  came.conflicts += conflicts.length
  came.forks += replicas.filter(({ copy }, i) => copy.incarnation !== `inc-${i + 1}`).length
  const isRestored = acts.some(({ type }) => type === 'put back')
  for (const { entries } of replicas)
    for (const { state, mutation, result } of entries) {
      if (state === 'rejected') {
        came.rejected++
        // Only what names a row that never was is refused.
        expect(result?.reason).toMatch(/has no row/)
        continue
      }
      if (result?.status === 'merged') came.merged++
      for (const column of ['title', 'modesty_status']) {
        const value = mutation.values?.[column]
        if (value === undefined) continue
        const told = history.filter(({ key, after }) => key === mutation.key && after[column] === value)
        const held = conflicts.filter(
          ({ key, theirs }) => key === mutation.key && String(theirs).includes(`"${value}"`),
        )
        expect([column, value, told.length + held.length > 0]).toEqual([column, value, true])
        // Titles are all different: each took effect at most once. A copy that was put back can't know, and says it anew.
        const effects = told.filter(({ op }) => op === 'insert' || op === 'update')
        if (column === 'title' && !isRestored) expect(effects.length).toBeLessThanOrEqual(1)
      }
    }

  async function perform(each: Act): Promise<void> {
    const replica = replicas[each.who] as Replica
    if (each.type === 'back up') {
      backups.set(each.who, structuredClone(replica))
      return
    }
    if (each.type === 'put back') {
      const backup = backups.get(each.who)
      if (backup) replicas[each.who] = { ...structuredClone(backup), ids: replica.ids, sent: replica.sent }
      return
    }
    if (each.type === 'sync') {
      await syncReplica(replica, server, [...each.faults], draw)
      return
    }
    const key = url('key' in each ? each.key : 0)
    const table = 'listings'
    const there = seen(replica).has(key)
    const title = `title ${++unique}`
    if (each.type === 'find')
      edit(replica, {
        table,
        op: 'insert',
        key,
        values: { product_url: key, title, lifecycle_stage: 'pending_assessment' },
      })
    // Now and then a row that this device never saw: a mutation that the server must refuse, and go on.
    else if (each.type === 'retitle') edit(replica, { table, op: 'update', key, values: { title } })
    else if (each.type === 'drop' && there) edit(replica, { table, op: 'delete', key })
    else if (each.type === 'assess' && there) {
      const approved = each.status !== 'not_modest'
      const at = new Date(world.clock.now() + replica.clock.offset).toISOString()
      edit(replica, {
        table,
        op: 'update',
        key,
        values: {
          lifecycle_stage: approved ? 'assessed_approved' : 'assessed_rejected',
          modesty_status: each.status,
          assessed_at: at,
        },
        at,
      })
    }
  }
}
