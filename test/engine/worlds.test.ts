import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Row } from '../../db/database.ts'
import type { Plan, Proposal, Strategy } from '../../sync/protocol/lane.ts'
import { dump, type Said, type Site, site } from './site.ts'

// Generated worlds: devices whose copies are old push edits that collide; people resolve, undo and restore. Between a plan and its
// application somebody else may push.

const KEYS = ['1', '2', '3', '4']
/** Few, so that they collide, and written in different ways */
const NAMES = ['ann', 'Ann ', 'bob', ' BOB', 'eve', 'zoe\u0308', 'ZO\u00cb']
const DEVICES = ['a', 'b', 'c']
const COLUMNS = ['username', 'name', 'role']

const key = fc.constantFrom(...KEYS)
const text = fc.constantFrom('x', 'y', 'z', null)
const values = fc.record(
  { username: fc.constantFrom(...NAMES), name: text, role: text },
  { requiredKeys: [] },
)
const edit = fc.oneof(
  {
    arbitrary: fc.record({
      op: fc.constant('insert' as const),
      key,
      values,
      name: fc.constantFrom(...NAMES),
    }),
    weight: 4,
  },
  {
    arbitrary: fc.record({ op: fc.constant('update' as const), key, values, name: fc.constant('') }),
    weight: 4,
  },
  {
    arbitrary: fc.record({ op: fc.constant('delete' as const), key, values, name: fc.constant('') }),
    weight: 2,
  },
)
const pushed = fc.record({
  do: fc.constant('push' as const),
  who: fc.constantFrom(...DEVICES),
  /** Whether it pulls before it edits */
  pulls: fc.boolean(),
  edits: fc.array(edit, { minLength: 1, maxLength: 4 }),
})
/** Whether somebody pushes between the plan and its application */
const between = fc.option(pushed, { freq: 3 })
const which = fc.nat(20)
const act = fc.oneof(
  { arbitrary: pushed, weight: 6 },
  {
    arbitrary: fc.record({ do: fc.constant('wait' as const), minutes: fc.constantFrom(1, 70) }),
    weight: 1,
  },
  { arbitrary: fc.record({ do: fc.constant('keep' as const) }), weight: 1 },
  {
    arbitrary: fc.record({
      do: fc.constant('pin' as const),
      key,
      column: fc.constantFrom('username', 'name'),
      value: fc.constantFrom(...NAMES),
      off: fc.boolean(),
    }),
    weight: 1,
  },
  {
    arbitrary: fc.record({
      do: fc.constant('resolve' as const),
      which,
      strategy: fc.constantFrom<Strategy>('rename_local', 'keep_local', 'keep_remote', 'merge'),
      newValue: fc.option(fc.constantFrom(...NAMES, 'kim', 'lea'), { nil: undefined, freq: 3 }),
      between,
    }),
    weight: 4,
  },
  {
    arbitrary: fc.record({ do: fc.constant('auto' as const), max: fc.constantFrom(1, 10), between }),
    weight: 2,
  },
  { arbitrary: fc.record({ do: fc.constant('undo' as const), which, between }), weight: 4 },
  { arbitrary: fc.record({ do: fc.constant('undo resolution' as const), which, between }), weight: 2 },
  { arbitrary: fc.record({ do: fc.constant('restore' as const), which, between }), weight: 1 },
)
type Act = typeof act extends fc.Arbitrary<infer A> ? A : never

const RUNS = 1_000
/** What it came to, over all worlds: a generator that never hits is no test. */
const came = {
  applied: 0,
  moved: 0,
  refused: 0,
  undone: 0,
  disputed: 0,
  restored: 0,
  conflicts: 0,
  repeated: 0,
}

test('plans do what they say, unique values stay so, undo restores what nobody touched, and nothing said is lost', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 6, maxLength: 16 }), async (acts) => {
      const of = await world()
      for (const one of acts) await of.act(one)
      of.check()
    }),
    { numRuns: RUNS },
  )
  expect(came).toMatchObject({
    applied: expect.toSatisfy((n) => n > RUNS / 2),
    moved: expect.toSatisfy((n) => n > RUNS / 20),
    refused: expect.toSatisfy((n) => n > RUNS / 20),
    undone: expect.toSatisfy((n) => n > RUNS / 2),
    disputed: expect.toSatisfy((n) => n > RUNS / 100),
    restored: expect.toSatisfy((n) => n > RUNS / 50),
    conflicts: expect.toSatisfy((n) => n > RUNS),
    repeated: expect.toSatisfy((n) => n > RUNS / 2),
  })
}, 120_000)

async function world() {
  const at = site()
  // The lane is claimed once.
  await at.lane.poke()
  const copies = new Map<string, Map<string, Row>>()
  const kept: Row[][] = []
  const said: { key: string; column: string; value: unknown }[] = []
  let pins = 0

  const rowsNow = () => at.rows('SELECT * FROM admins ORDER BY id')
  const liveNow = () => rowsNow().filter(({ deleted_at }) => deleted_at === null)
  const conflictsNow = () => at.rows('SELECT * FROM conflicts ORDER BY opened_at, id')
  const nth = <T>(all: readonly T[], n: number): T | undefined => all[n % Math.max(1, all.length)]

  async function push({ who, pulls, edits }: typeof pushed extends fc.Arbitrary<infer P> ? P : never) {
    if (pulls) copies.set(who, new Map(liveNow().map((row) => [String(row.id), row])))
    const copy = copies.get(who) ?? new Map<string, Row>()
    copies.set(who, copy)
    const sent = edits.map(({ op, key, values, name }): Said => {
      const seen = copy.get(key)
      const all: Row = op === 'insert' ? { username: name, ...values } : { ...values }
      const base = seen
        ? Object.fromEntries(Object.keys(all).map((column) => [column, seen[column] ?? null]))
        : {}
      const deleted = seen ? { username: seen.username ?? null, name: seen.name ?? null } : {}
      if (op === 'delete') copy.delete(key)
      else copy.set(key, { ...seen, ...all })
      return op === 'delete' ? [op, key, {}, deleted] : [op, key, all, base]
    })
    const results = await at.push(who, ...sent)
    for (const [i, [op, key, all = {}, base = {}]] of sent.entries()) {
      const status = results[i]?.status
      if (status === 'rejected') {
        copy.delete(key)
        continue
      }
      // That nothing stands where nothing stood says nothing.
      for (const [column, value] of Object.entries(all))
        if (value !== null || (op !== 'insert' && (base[column] ?? null) !== null))
          said.push({ key, column, value })
      if (status === 'conflict') came.conflicts++
    }
  }

  function unmoved(before: ReturnType<typeof dump>, why: string) {
    const now = dump(at.world)
    if (JSON.stringify(now) !== JSON.stringify(before)) expect(now, why).toEqual(before)
  }

  /** Plans, lets somebody else push, applies: exactly as planned, or not at all; and once more, which changes nothing. */
  async function change(
    proposal: Proposal,
    meanwhile: typeof between extends fc.Arbitrary<infer B> ? B : never,
  ) {
    const before = dump(at.world)
    const planned = await at.change(proposal, { dryRun: true })
    unmoved(before, 'a dry run writes nothing')
    if (planned.type === 'failed') {
      expect((await at.change(proposal)).type).toBe('failed')
      unmoved(before, 'a refusal writes nothing')
      came.refused++
      return
    }
    if (planned.type !== 'planned') throw new Error(planned.type)
    if (meanwhile) await push(meanwhile)
    const [found, stood] = [dump(at.world), rowsNow()]
    const oracle = undoOracle(proposal)
    const applied = await at.change(proposal, { expect: planned.plan.digest })
    if (applied.type === 'failed') {
      expect(meanwhile, applied.failure.detail).not.toBeNull()
      unmoved(found, 'a refusal writes nothing')
      return
    }
    if (applied.type === 'moved') {
      expect(meanwhile, 'nobody moved anything').not.toBeNull()
      unmoved(found, 'what moved changes nothing')
      came.moved++
      return
    }
    came.applied++
    if (applied.plan.digest === planned.plan.digest) expect(applied.plan).toEqual(planned.plan)
    else expect(applied.plan).toMatchObject({ changes: [], settles: [], opens: [] })
    agrees(applied.plan, stood, rowsNow())
    settledAsPlanned(applied.plan)
    oracle?.()
    if (proposal.type === 'auto') return
    const after = dump(at.world)
    const again = await at.change(proposal)
    expect(again.type, 'said again').not.toBe('moved')
    unmoved(after, 'said again, it changes nothing')
    came.repeated++
  }

  function settledAsPlanned({ settles, opens }: Plan) {
    const now = new Map(conflictsNow().map((conflict) => [conflict.id, conflict]))
    for (const { conflict, strategy } of settles)
      expect(now.get(conflict)?.resolution ?? 'reopen', `${conflict} was settled as planned`).toBe(strategy)
    for (const { conflict } of opens) expect(now.get(conflict)).toMatchObject({ resolved_at: null })
  }

  /** What an undo of a commit must come to, by the history alone: column by column. */
  function undoOracle(proposal: Proposal): (() => void) | null {
    if (proposal.type !== 'undo' || !('version' in proposal.of)) return null
    const { version } = proposal.of
    const past = at.rows(
      `SELECT * FROM history WHERE version = ? AND op IN ('insert', 'update', 'delete') ORDER BY n`,
      version,
    )
    const before = new Map(rowsNow().map((row) => [row.id, row]))
    const pinned = new Set(at.rows('SELECT key, col FROM pins').map(({ key, col }) => `${key} ${col}`))
    return () => {
      came.undone++
      const now = new Map(rowsNow().map((row) => [row.id, row]))
      const open = conflictsNow().filter(({ resolved_at }) => resolved_at === null)
      for (const change of past) {
        const was = JSON.parse(String(change.before ?? '{}')) as Row
        const made = JSON.parse(String(change.after)) as Row
        const stood = before.get(change.key) as Row
        const is = now.get(change.key) as Row
        const asked = open.filter(
          ({ key, kind }) => key === change.key && ['undo', 'unique'].includes(String(kind)),
        )
        if (stood.deleted_at !== (made.deleted_at ?? null)) continue
        if (change.op === 'insert') {
          const touched = COLUMNS.some((column) => (stood[column] ?? null) !== (made[column] ?? null))
          if (touched) expect(asked, `${change.key} was touched since`).not.toEqual([])
          else expect(is.deleted_at, `${change.key} was made, and goes`).not.toBeNull()
          continue
        }
        for (const column of COLUMNS.filter((one) => one in made && made[one] !== was[one])) {
          const about = `${change.key}.${column} of ${version}`
          if (pinned.has(`${change.key} ${column}`)) continue
          const isBack =
            is[column] === was[column] && (is.deleted_at === null) === ((was.deleted_at ?? null) === null)
          if (stood[column] === made[column])
            expect(isBack || asked.length > 0, `${about} is back`).toBe(true)
          else if (stood[column] !== was[column]) {
            expect(is[column], `${about} stays as somebody said since`).toBe(stood[column])
            expect(asked, `${about} was touched`).not.toEqual([])
            came.disputed++
          }
        }
        if ('deleted_at' in made && was.deleted_at === null && asked.length === 0)
          expect(is.deleted_at, `${change.key} is back`).toBeNull()
      }
    }
  }

  return {
    async act(one: Act) {
      at.world.clock.advance(1_000)
      if (one.do === 'push') await push(one)
      else if (one.do === 'wait') at.world.clock.advance(one.minutes * 60_000)
      else if (one.do === 'keep') kept.push(liveNow())
      else if (one.do === 'pin') {
        const { key, column, value, off } = one
        const of = { table: 'admins', key, column }
        await at.lane.push({
          id: `pin ${++pins}`,
          actor: 'boss',
          origin: 'person',
          mutations: [off ? { type: 'unpin', ...of } : { type: 'pin', ...of, value, note: '', until: null }],
        })
      } else if (one.do === 'resolve') {
        const conflict = nth(conflictsNow(), one.which)
        if (!conflict) return
        const { strategy, newValue } = one
        await change(
          {
            type: 'resolve',
            conflict: String(conflict.id),
            strategy,
            notes: 'so',
            ...(newValue !== undefined && { newValue }),
          },
          one.between,
        )
      } else if (one.do === 'auto') await change({ type: 'auto', max: one.max }, one.between)
      else if (one.do === 'undo') {
        const version = at.version() - (one.which % Math.max(1, at.version()))
        if (version > 0) await change({ type: 'undo', of: { version }, pin: false }, one.between)
      } else if (one.do === 'undo resolution') {
        const conflict = nth(
          conflictsNow().filter(({ resolved_version }) => resolved_version !== null),
          one.which,
        )
        if (conflict)
          await change({ type: 'undo', of: { resolution: String(conflict.id) }, pin: false }, one.between)
      } else {
        const backup = nth(kept, one.which)
        if (!backup) return
        came.restored++
        const columns = ['id', 'username', 'name', 'email', 'role']
        const rows = backup.map((row) => columns.map((column) => row[column] ?? null))
        await change({ type: 'restore', tables: [{ name: 'admins', columns, rows }] }, one.between)
      }
      unique(liveNow())
    },
    check: () => {
      nothingLost(at, said)
      pointsAtCommits(at)
    },
  }
}

/** The rows differ in what the plan says, to the value, and in nothing else. */
function agrees(plan: Plan, before: readonly Row[], after: readonly Row[]) {
  const old = new Map(before.map((row) => [row.id, row]))
  for (const row of after) {
    const was = old.get(row.id)
    const changes = plan.changes.filter(
      ({ key, op }) => key === row.id && !['refuse', 'pin', 'unpin'].includes(op),
    )
    const columns = Object.assign(
      {},
      ...changes.map((change) => change.columns),
    ) as Plan['changes'][0]['columns']
    for (const column of [...COLUMNS, 'email']) {
      const about = `${row.id}.${column}`
      expect(was?.[column] ?? null, `${about} was as planned`).toBe(
        columns[column]?.before ?? was?.[column] ?? null,
      )
      expect(row[column], `${about} is as planned`).toBe(
        column in columns ? columns[column]?.after : (was?.[column] ?? null),
      )
    }
    const [lived, lives] = [was !== undefined && was.deleted_at === null, row.deleted_at === null]
    const op = changes[0]?.op
    if (op === undefined) expect(lives, `${row.id} stays`).toBe(lived)
    if (op === 'insert') expect([lived, lives], `${row.id} comes`).toEqual([false, true])
    if (op === 'update') expect(lives, `${row.id} stays`).toBe(lived)
    if (op === 'delete') expect(lives, `${row.id} goes`).toBe(false)
  }
}

function unique(live: readonly Row[]) {
  const names = live.flatMap(({ username }) => fold(String(username ?? '')) || [])
  expect(new Set(names).size, `${names} stand once each`).toBe(names.length)
}

/** What the declaration promises, in other words than the engine's: case, blanks and composition don't tell names apart. */
const fold = (name: string) => name.trim().normalize('NFD').toUpperCase()

/** Every edit that was acknowledged is in its row, its history, or a conflict of it. */
function nothingLost(at: Site, said: readonly { key: string; column: string; value: unknown }[]) {
  const known = new Map<string, Set<unknown>>()
  const add = (key: unknown, values: unknown) => {
    for (const [column, value] of Object.entries((values ?? {}) as Row))
      known.set(`${key}.${column}`, (known.get(`${key}.${column}`) ?? new Set()).add(value))
  }
  for (const row of at.rows('SELECT * FROM admins')) add(row.id, row)
  for (const { key, before, after, why, op } of at.rows('SELECT * FROM history')) {
    add(key, JSON.parse(String(before)))
    add(key, JSON.parse(String(after)))
    if (op !== 'refuse') continue
    const whys = Object.values(JSON.parse(String(why)) as Record<string, [string, string]>)
    expect(whys.every(([origin, rule]) => origin !== '' && rule !== '')).toBe(true)
  }
  for (const { key, theirs } of at.rows('SELECT key, theirs FROM conflicts'))
    add(key, JSON.parse(String(theirs)))
  for (const { key, column, value } of said) {
    expect(known.get(`${key}.${column}`)?.has(value), `${key}.${column} = ${value} is somewhere`).toBe(true)
  }
}

/** Conflicts point at the commits that opened and settled them. */
function pointsAtCommits(at: Site) {
  const commits = new Set(at.rows('SELECT DISTINCT version FROM history').map(({ version }) => version))
  for (const { id, version, resolved_version, resolved_at } of at.rows('SELECT * FROM conflicts')) {
    expect(commits.has(version), `${id} was opened by commit ${version}`).toBe(true)
    expect(resolved_at === null, `${id} says when and by which commit`).toBe(resolved_version === null)
    if (resolved_version !== null)
      expect(commits.has(resolved_version), `${id} was settled by commit ${resolved_version}`).toBe(true)
  }
}
