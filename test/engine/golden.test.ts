import { describe, expect, test } from 'vitest'
import type { Row, SqlValue } from '../../db/database.ts'
import type { Mutation, Proposal, Strategy } from '../../sync/protocol/lane.ts'
import { GOLDEN, type GoldenCase } from './golden-cases.ts'
import { COLUMNS, HOUR, type PeopleWorld, peopleWorld, rowOf } from './golden-world.ts'

test('the table has two hundred cases and more, each kind from each source in each way', () => {
  expect(GOLDEN.length).toBeGreaterThan(200)
  const ways = new Set(GOLDEN.map(({ kind, from, settle }) => `${kind} ${from} ${settle.split(/[ ,]/)[0]}`))
  for (const kind of ['insert', 'update', 'delete', 'unique', 'max', 'state', 'pin'])
    for (const from of ['phone', 'laptop', 'sheet', 'erp'])
      for (const way of ['rename_local', 'keep_local', 'keep_remote', 'merge', 'auto'])
        expect(ways, `${kind} ${from} ${way}`).toContain(`${kind} ${from} ${way}`)
})

for (const [kind, cases] of Map.groupBy(GOLDEN, (one) => one.kind))
  describe(kind, () => {
    test.each(cases.map((one): [string, GoldenCase] => [titleOf(one), one]))('%s', (_title, one) => play(one))
  })

const titleOf = ({ from, base, ours, theirs, settle, ends }: GoldenCase) =>
  `${from}: ${base} | ${ours} | ${theirs}, ${settle}: ${ends}`

const isRemote = (from: string) => from === 'sheet' || from === 'erp'

/** Two days: the source sees `base`; a day later somebody makes `ours` of it; then `theirs` arrives, and is settled and undone. */
async function play(one: GoldenCase) {
  const at = peopleWorld()
  const began = at.world.clock.now()
  await begin(at, one)
  at.world.clock.set(began + 24 * HOUR)
  await at.push('somebody', ['insert', 'o', { nick: 'bob' }])
  await makeOurs(at, one)
  at.world.clock.set(began + 48 * HOUR)
  const before = seen(at)
  const arrived = await arrive(at, one, began + 12 * HOUR)

  expect(at.person('r')).toBe(one.stands)
  expect(waits(at), 'what waits').toBe(one.waits)
  const settled = await settle(at, one)
  inHistory(at, one)
  if (settled) {
    expect(at.person('r').replace(/_[0-9a-z]{4}\b/, '_****')).toBe(one.ends)
    expect(waits(at), 'nothing waits any more').toBe('-')
    if (isRemote(one.from)) {
      const before = [at.person('r'), open(at), at.version()]
      // It still shows what it showed.
      await at.shows(one.from, shownOf(one.theirs))
      expect([at.person('r'), open(at), at.version()], 'shown again, it stays settled').toEqual(before)
    }
    await at.applied({ type: 'undo', of: { resolution: String(settled) }, pin: false })
    expect([at.person('r'), waits(at)], 'the resolution is undone').toEqual([
      one.stands === 'none' ? expect.toSatisfy((row) => row === 'none' || row === 'gone') : one.stands,
      one.waits,
    ])
  }
  if (arrived) await at.applied({ type: 'undo', of: arrived, pin: false })
  const { row, ...others } = seen(at)
  expect(others, 'all is undone').toEqual({ conflicts: before.conflicts, pins: before.pins })
  // A row that was here once leaves a tombstone.
  expect(row === 'gone' && before.row === 'none' ? 'none' : row).toBe(before.row)
}

async function begin(at: PeopleWorld, { from, base }: GoldenCase) {
  const row = rowOf(base)?.row
  if (isRemote(from)) await at.shows(from, shownOf(base))
  else if (row) await at.push(from, ['insert', 'r', row])
}

const shownOf = (written: string): Row[] => {
  const row = rowOf(written)?.row
  return row ? [{ id: 'r', ...row }] : []
}

async function makeOurs(at: PeopleWorld, { base, ours }: GoldenCase) {
  const [was, now] = [rowOf(base)?.row ?? null, rowOf(ours)]
  if (ours === 'gone' && was === null) await at.push('somebody', ['insert', 'r', { note: 'old' }])
  if (ours === 'gone') await at.push('somebody', ['delete', 'r', {}, was ?? { note: 'old' }])
  else if (now && was === null) await at.push('somebody', ['insert', 'r', now.row])
  else if (now && was) await at.push('somebody', ['update', 'r', changed(was, now.row), was])
  const pins = (now?.pinned ?? []).map(
    (column): Mutation => ({
      type: 'pin',
      table: 'people',
      key: 'r',
      column,
      note: '',
      until: null,
    }),
  )
  if (pins.length > 0) await at.lane.push({ id: 'pins', actor: 'boss', origin: 'person', mutations: pins })
}

const changed = (was: Row, now: Row): Row =>
  Object.fromEntries(COLUMNS.filter((column) => was[column] !== now[column]).map((c) => [c, now[c] ?? null]))

const given = (row: Row): Row => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null))

/** What the source says arrives; answers what can be undone, null where nothing was changed. */
async function arrive(
  at: PeopleWorld,
  { from, base, theirs, answer }: GoldenCase,
  saidAt: number,
): Promise<Extract<Proposal, { type: 'undo' }>['of'] | null> {
  const version = at.version()
  const [was, now] = [rowOf(base)?.row ?? null, rowOf(theirs)?.row ?? null]
  if (isRemote(from)) {
    let run = await at.shows(from, shownOf(theirs))
    // What is not shown any more is believed at the second look, which is a list's second whole reading.
    for (let look = 1; !now && at.person('r') !== 'gone' && look < 4; look++) {
      at.world.clock.advance(HOUR)
      run = await at.shows(from, shownOf(theirs))
    }
    expect(at.rows('SELECT status FROM runs WHERE id = ?', run)).toEqual([
      { status: expect.stringMatching(/done|unchanged/) },
    ])
    const did = at.rows(
      'SELECT key FROM history WHERE run_id = ?1 UNION ALL SELECT key FROM conflicts WHERE run_id = ?1',
      run,
    )
    return did.length === 0 ? null : { run }
  }
  const [result] = await at.pushAt(
    from,
    from === 'laptop' ? saidAt : at.world.clock.now(),
    !now
      ? ['delete', 'r', {}, was ?? {}]
      : was
        ? ['update', 'r', changed(was, now), was]
        : ['insert', 'r', given(now)],
  )
  expect(result?.status).toBe(answer)
  return at.version() === version ? null : { version: at.version() }
}

const open = (at: PeopleWorld): Row[] =>
  at.rows('SELECT * FROM conflicts WHERE resolved_at IS NULL ORDER BY id')

const waits = (at: PeopleWorld): string =>
  open(at)
    .map(({ kind, op, col }) => `${kind} ${op ?? '-'} ${col ?? '-'}`)
    .join(', ') || '-'

const seen = (at: PeopleWorld) => ({
  row: at.person('r'),
  conflicts: open(at),
  pins: at.rows('SELECT key, col, value FROM pins ORDER BY key, col'),
})

/** Settles what waits; answers the conflict that was. What is refused, or finds nothing, changes nothing. */
async function settle(at: PeopleWorld, one: GoldenCase): Promise<SqlValue> {
  const [conflict] = open(at)
  if (one.settle === 'auto, bob left') await at.push('somebody', ['delete', 'o', {}, { nick: 'bob' }])
  const before = [at.version(), seen(at)]
  const answer = await at.change(proposalOf(one, String(conflict?.id ?? 'c_none')))
  if (one.ends !== 'refused' && one.ends !== 'nothing to settle') {
    expect(answer).toMatchObject({ type: 'applied', plan: { settles: [{ conflict: conflict?.id }] } })
    return conflict?.id ?? null
  }
  if (one.settle.startsWith('auto'))
    expect(answer).toMatchObject({ type: 'applied', plan: { changes: [], settles: [] } })
  else
    expect(answer).toMatchObject({
      type: 'failed',
      failure: { type: one.ends === 'refused' ? expect.stringMatching(/conflict|bad_request/) : 'not_found' },
    })
  expect([at.version(), seen(at)]).toEqual(before)
  return null
}

function proposalOf({ settle: way }: GoldenCase, conflict: string): Proposal {
  const [strategy = '', value] = way.split(' ')
  if (strategy.startsWith('auto')) return { type: 'auto', max: 10 }
  const [column, named] = (value ?? '').split('=')
  return {
    type: 'resolve',
    conflict,
    strategy: strategy as Strategy,
    notes: '',
    ...(named !== undefined ? { values: { [String(column)]: named } } : value && { newValue: value }),
  }
}

/** `op column=value rule`, among all that the history has of the row. */
function inHistory(at: PeopleWorld, { history }: GoldenCase) {
  if (history === '-') return
  const [op, what = ''] = history.split(' ')
  const [column = '', value] = what.split('=')
  const found = at
    .rows("SELECT after, why FROM history WHERE key = 'r' AND op = ?", String(op))
    .map((row) => {
      const why = (JSON.parse(String(row.why)) as Record<string, [string, string]>)[column]
      const after = (JSON.parse(String(row.after)) as Row)[column]
      return `${op} ${column}${value === undefined ? '' : `=${after}`} ${why?.[1].split(' ')[0]}`
    })
  expect(found, 'the history says so').toContain(history)
}
