import { describe, expect, test } from 'vitest'
import { type Site, site } from './site.ts'

// What undo, restore and repeated requests do where the plain case ends.

const undo = (at: Site, version: number) => at.applied({ type: 'undo', of: { version }, pin: false })
const names = (at: Site) => at.admins().map(({ username }) => username)

async function two() {
  const at = site()
  await at.push(
    'a',
    ['insert', '1', { username: 'ann', name: 'A' }],
    ['insert', '2', { username: 'bob', name: 'B' }],
  )
  return at
}

describe('an undo', () => {
  test('sends names round again that a push had sent round', async () => {
    const at = await two()
    await at.push(
      'a',
      ['update', '1', { username: 'bob' }, { username: 'ann' }],
      ['update', '2', { username: 'ann' }, { username: 'bob' }],
    )
    expect(names(at)).toEqual(['bob', 'ann'])
    const plan = await undo(at, at.version())
    expect(plan.opens).toEqual([])
    expect(names(at)).toEqual(['ann', 'bob'])
  })

  test('that is undone again and once more ends where it began', async () => {
    const at = await two()
    await at.push('a', ['delete', '1', {}, { username: 'ann', name: 'A' }])
    const deleted = at.version()
    await undo(at, deleted)
    expect(names(at)).toEqual(['ann', 'bob'])
    await undo(at, at.version())
    expect(names(at)).toEqual(['bob'])
    await undo(at, at.version())
    expect(names(at)).toEqual(['ann', 'bob'])
  })

  test('asks once, however often it is said', async () => {
    const at = await two()
    await at.push('a', ['update', '1', { name: 'X' }, { name: 'A' }])
    const version = at.version()
    await at.push('b', ['update', '1', { name: 'Y' }, { name: 'X' }])
    await undo(at, version)
    const asked = at.version()
    await undo(at, version)
    expect(at.version()).toBe(asked)
    expect(at.conflicts()).toMatchObject([{ kind: 'undo', col: 'name', theirs: '{"name":"A"}' }])
  })

  test('of an edit that only amended what waits leaves it waiting, and says so', async () => {
    const at = await two()
    await at.push('b', ['insert', '3', { username: 'Ann' }])
    at.world.clock.advance(1_000)
    await at.push('b', ['update', '3', { name: 'C' }, { name: null }])
    const plan = await undo(at, at.version())
    expect(plan.skips).toMatchObject([{ reason: 'it waits since before, and is still to be settled' }])
    expect(at.conflicts()).toMatchObject([{ key: '3', resolution: null }])
  })

  test('releases the pin that it undoes, and the value behind it returns', async () => {
    const at = await two()
    const pin = {
      type: 'pin',
      table: 'admins',
      key: '1',
      column: 'name',
      value: 'P',
      note: '',
      until: null,
    } as const
    await at.lane.push({ id: 'p', actor: 'boss', origin: 'person', mutations: [pin] })
    expect(at.admins()[0]?.name).toBe('P')
    await undo(at, at.version())
    expect(at.rows('SELECT * FROM pins')).toEqual([])
    expect(at.admins()[0]?.name).toBe('A')
    await undo(at, at.version())
    expect(at.rows('SELECT value FROM pins')).toEqual([{ value: '"P"' }])
    expect(at.admins()[0]?.name).toBe('P')
  })

  test('leaves a pinned value, and says so once', async () => {
    const at = await two()
    await at.push('a', ['update', '1', { name: 'X' }, { name: 'A' }])
    const version = at.version()
    const pin = { type: 'pin', table: 'admins', key: '1', column: 'name', note: '', until: null } as const
    await at.lane.push({ id: 'p', actor: 'boss', origin: 'person', mutations: [pin] })
    const pinned = at.version()
    expect((await undo(at, version)).skips).toEqual([{ about: 'admins 1', reason: 'name is pinned' }])
    expect(at.version()).toBe(pinned)
  })
})

describe('an edit', () => {
  test('of a row that is not there, but that its device saw, makes it', async () => {
    const at = site()
    const [result] = await at.push('a', ['insert', '1', { username: 'ann' }, { username: 'ann' }])
    expect(result?.status).toBe('applied')
    expect(names(at)).toEqual(['ann'])
  })

  test('that waits and is taken back in the same push leaves no row, and stands in the history', async () => {
    const at = await two()
    const results = await at.push(
      'b',
      ['insert', '3', { username: 'Ann' }],
      ['delete', '3', {}, { username: 'Ann' }],
    )
    expect(results.map(({ status }) => status)).toEqual(['conflict', 'applied'])
    expect(at.rows("SELECT * FROM admins WHERE id = '3'")).toEqual([])
    expect(at.conflicts()).toEqual([])
    expect(at.rows("SELECT op FROM history WHERE key = '3'")).toEqual([{ op: 'refuse' }])
  })

  test('that waits is moot when its own device deletes the row, and no auto-resolve brings back what somebody else deleted', async () => {
    const at = await two()
    await at.push('b', ['update', '2', { username: 'ANN' }, { username: 'bob' }])
    await at.push('b', ['delete', '2', {}, { username: 'bob' }])
    expect(at.conflicts()).toMatchObject([{ resolution: 'withdrawn' }])
    await at.push('b', ['insert', '3', { username: 'eve' }])
    await at.push('b', ['update', '3', { username: 'ann' }, { username: 'eve' }])
    await at.push('a', ['delete', '3', {}, { username: 'eve' }])
    const plan = await at.applied({ type: 'auto', max: 10 })
    expect(plan.skips).toMatchObject([{ reason: 'the row was deleted meanwhile: a person must say' }])
    expect(names(at)).toEqual(['ann'])
  })

  test('that a person lets back in under a new name leaves its old one to whoever has it now', async () => {
    const at = await two()
    await at.push('b', ['update', '2', { username: 'ann' }, { username: 'bob' }])
    await at.push('a', ['delete', '2', {}, { username: 'bob' }], ['insert', '3', { username: 'bob' }])
    await at.push('c', ['insert', '4', { username: 'bob' }])
    const [first, second] = at.conflicts()
    const resolve = (id: unknown, newValue?: string) =>
      at.change({
        type: 'resolve',
        conflict: String(id),
        strategy: newValue ? 'rename_local' : 'keep_local',
        notes: '',
        ...(newValue && { newValue }),
      })
    expect((await resolve(first?.id, 'kim')).type).toBe('applied')
    expect(await resolve(second?.id)).toMatchObject({ type: 'failed', failure: { type: 'conflict' } })
    expect(names(at)).toEqual(['ann', 'kim', 'bob'])
  })

  test('that asks for another name of a row than a device before it leaves that one’s in the history, by name', async () => {
    const at = await two()
    await at.push('a', ['insert', '3', { username: 'cleo' }])
    await at.push('b', ['update', '3', { username: 'Ann' }, { username: 'cleo' }])
    await at.push('c', ['update', '3', { username: 'Bob' }, { username: 'cleo' }])
    expect(at.conflicts()).toMatchObject([{ theirs: '{"username":"Bob"}' }])
    expect(at.rows(`SELECT after, why FROM history WHERE version = 4 ORDER BY n`)).toEqual([
      { after: '{"username":"Bob"}', why: '{"username":["device:c","conflict"]}' },
      { after: '{"username":"Ann"}', why: '{"username":["device:b","later edit"]}' },
    ])
  })

  test('that deletes a row after all, as it is by now, ends the question whether to', async () => {
    const at = await two()
    await at.push('a', ['update', '1', { name: 'X' }, { name: 'A' }])
    await at.push('b', ['delete', '1', {}, { username: 'ann', name: 'A' }])
    expect(at.conflicts()).toMatchObject([{ kind: 'delete', resolution: null }])
    await at.push('b', ['delete', '1', {}, { username: 'ann', name: 'X' }])
    expect(names(at)).toEqual(['bob'])
    expect(at.conflicts()).toMatchObject([{ kind: 'delete', resolution: 'withdrawn' }])
  })

  test('of a deleted row ends with the row that its device deletes too; what somebody else deleted is deleted', async () => {
    const at = await two()
    await at.push('a', ['delete', '1'])
    await at.push('b', ['update', '1', { name: 'X' }, { name: 'A' }])
    await at.push('b', ['delete', '1', {}, { username: 'ann', name: 'X' }])
    expect(at.conflicts()).toMatchObject([{ kind: 'deleted', resolution: 'withdrawn' }])
    await at.push('a', ['update', '2', { name: 'Y' }, { name: 'B' }])
    await at.push('b', ['delete', '2', {}, { name: 'B' }])
    await at.push('a', ['delete', '2', {}, { name: 'Y' }])
    const plan = await at.applied({ type: 'auto', max: 10 })
    expect([plan.settles, plan.changes]).toMatchObject([[{ strategy: 'keep_local' }], []])
    expect(at.admins()).toEqual([])
  })

  test('that says nothing of a deleted row opens nothing', async () => {
    const at = await two()
    await at.push('a', ['delete', '1', {}, { username: 'ann' }])
    expect(await at.push('b', ['update', '1', {}, {}])).toMatchObject([{ status: 'applied' }])
    expect(at.conflicts()).toEqual([])
  })

  test('of long ago that is taken is not called merged', async () => {
    const at = await two()
    const [result] = await at.pushAt('b', at.world.clock.now() - 86_400_000, [
      'update',
      '1',
      { role: 'x' },
      { role: null },
    ])
    expect(result).toEqual({ status: 'applied' })
    expect(at.rows("SELECT op FROM history WHERE key = '1'")).toEqual([{ op: 'insert' }, { op: 'update' }])
  })

  test('that goes on from a value of its own that waits goes on from what stands', async () => {
    const at = await two()
    await at.push('b', ['update', '2', { username: 'ANN' }, { username: 'bob' }])
    const [result] = await at.push('b', ['update', '2', { username: 'eve' }, { username: 'ANN' }])
    expect(result?.status).toBe('applied')
    expect(names(at)).toEqual(['ann', 'eve'])
    expect(at.conflicts()).toMatchObject([{ resolution: 'amended' }])
  })
})

test('auto-resolve looks at whoever holds the name by now', async () => {
  const at = await two()
  await at.push('b', ['insert', '3', { username: 'Ann' }])
  at.world.clock.advance(3 * 3_600_000)
  await at.push('a', ['delete', '1', {}, { username: 'ann' }], ['insert', '5', { username: 'ann' }])
  const plan = await at.applied({ type: 'auto', max: 10 })
  expect([plan.skips, plan.settles]).toMatchObject([[], [{ strategy: 'keep_remote' }]])
})

test('a resolution of several columns finds out whose the new name is', async () => {
  const at = await two()
  await at.push('a', ['update', '2', { username: 'x', name: 'X' }, { username: 'bob', name: 'B' }])
  await at.push('b', ['update', '2', { username: 'y', name: 'Y' }, { username: 'bob', name: 'B' }])
  const [open] = at.conflicts()
  const answer = await at.change({
    type: 'resolve',
    conflict: String(open?.id),
    strategy: 'keep_local',
    newValue: 'ANN',
    notes: '',
  })
  expect(answer).toMatchObject({
    type: 'failed',
    failure: { detail: 'username "ANN" is taken by another row.' },
  })
})

test('a restore brings names back that went round, and one that is done is done', async () => {
  const at = await two()
  const columns = ['id', 'username', 'name']
  const rows = at.admins().map((row) => columns.map((column) => row[column] ?? null))
  await at.push(
    'a',
    ['update', '1', { username: 'bob' }, { username: 'ann' }],
    ['update', '2', { username: 'ann' }, { username: 'bob' }],
    ['insert', '3', { username: 'eve' }],
  )
  const proposal = { type: 'restore', tables: [{ name: 'admins', columns, rows }] } as const
  const planned = await at.change(proposal, { dryRun: true })
  if (planned.type !== 'planned') throw new Error(planned.type)
  const { digest } = planned.plan
  expect(await at.change(proposal, { expect: digest })).toMatchObject({ type: 'applied', plan: planned.plan })
  expect(names(at)).toEqual(['ann', 'bob'])
  // Its answer was lost; there is nothing left to do.
  expect(await at.change(proposal, { expect: digest })).toMatchObject({
    type: 'applied',
    plan: { changes: [] },
  })
})

test('a restore leaves a row whose name is gone, and so the one that wants what that row keeps; the others return', async () => {
  const at = await two()
  await at.push('a', ['insert', '3', { username: 'eve' }])
  const columns = ['id', 'username', 'name']
  const rows = at.admins().map((row) => columns.map((column) => row[column] ?? null))
  await at.push('a', ['update', '2', { username: 'x' }, { username: 'bob' }])
  await at.push('a', ['update', '1', { username: 'bob' }, { username: 'ann' }])
  await at.push(
    'a',
    ['update', '3', { username: 'z' }, { username: 'eve' }],
    ['insert', '9', { username: 'ann' }],
  )
  const plan = await at.applied({ type: 'restore', tables: [{ name: 'admins', columns, rows, until: '9' }] })
  expect(plan.skips.map(({ about }) => about)).toEqual(['admins 1', 'admins 2'])
  expect(names(at)).toEqual(['bob', 'x', 'eve', 'ann'])
})

describe('a restore of rows that can’t be', () => {
  const rows = (columns: readonly string[], ...kept: readonly (readonly (string | number | null)[])[]) =>
    ({ type: 'restore', tables: [{ name: 'admins', columns, rows: kept, from: '3' }] }) as const

  test('leaves those with what is missing or no such value, says why, and brings the others back', async () => {
    const at = await two()
    const short = await at.applied(rows(['id', 'name'], ['3', 'C'], ['4', 'D']))
    expect(short.skips).toEqual([
      { about: 'admins 3', reason: 'username: it is never empty' },
      { about: 'admins 4', reason: 'username: it is never empty' },
    ])
    const odd = await at.applied(
      rows(['id', 'username', 'name'], [null, 'x', 'X'], ['3', 'cleo', 7], ['4', 'dan', 'D']),
    )
    expect(odd.skips).toEqual([
      { about: 'admins null', reason: 'that can’t name a row' },
      { about: 'admins 3', reason: 'name: 7 is not a text' },
    ])
    expect(names(at)).toEqual(['ann', 'bob', 'dan'])
  })

  test('takes no column that the table doesn’t have', async () => {
    const at = await two()
    await at.applied(rows(['id', 'username', 'constructor', 'gone'], ['3', 'cleo', 'x', 'y']))
    expect(names(at)).toEqual(['ann', 'bob', 'cleo'])
  })

  test('writes no table of another lane', async () => {
    const at = await two()
    const table = { name: 'feedback', columns: ['id'], rows: [] }
    expect(await at.change({ type: 'restore', tables: [table] })).toMatchObject({
      type: 'failed',
      failure: { type: 'bad_request', detail: 'feedback is no table of admins that can be restored.' },
    })
  })
})

describe('an undo of how a conflict was settled', () => {
  const undoOf = (at: Site, key: string) =>
    at.applied({
      type: 'undo',
      of: { resolution: String(at.conflicts().find((conflict) => conflict.key === key)?.id) },
      pin: false,
    })

  test('leaves the others that were settled with it', async () => {
    const at = await two()
    await at.push('b', ['insert', '3', { username: 'Ann' }], ['insert', '4', { username: 'Bob' }])
    await at.applied({ type: 'auto', max: 10 })
    const four = names(at)[3]
    const plan = await undoOf(at, '3')
    expect(plan.changes).toMatchObject([{ key: '3', op: 'delete' }])
    expect(names(at)).toEqual(['ann', 'bob', four])
    expect(at.conflicts().find(({ key }) => key === '4')).toMatchObject({ resolution: 'rename_local' })
    expect(at.conflicts().find(({ key }) => key === '3')).toMatchObject({ resolution: null })
  })

  test('is undone too: it is settled as it was', async () => {
    const at = await two()
    await at.push('b', ['insert', '3', { username: 'Ann' }])
    const conflict = String(at.conflicts()[0]?.id)
    await at.applied({
      type: 'resolve',
      conflict,
      strategy: 'rename_local',
      newValue: 'cleo',
      notes: '',
    })
    await undoOf(at, '3')
    const plan = await undo(at, at.version())
    expect(plan.settles).toEqual([{ conflict, strategy: 'rename_local' }])
    expect(names(at)).toEqual(['ann', 'bob', 'cleo'])
    expect(at.conflicts()).toMatchObject([{ resolution: 'rename_local' }])
  })

  test('by a device’s own edit leaves what else that device said with it', async () => {
    const at = await two()
    await at.push('b', ['insert', '3', { username: 'Ann' }])
    await at.push(
      'b',
      ['update', '3', { username: 'cleo' }, { username: 'Ann' }],
      ['insert', '4', { username: 'dan' }],
      ['update', '1', { name: 'X' }, { name: 'A' }],
    )
    await undoOf(at, '3')
    expect(names(at)).toEqual(['ann', 'bob', 'dan'])
    expect(at.admins()[0]?.name).toBe('X')
    expect(at.conflicts()).toMatchObject([{ key: '3', resolution: null }])
  })
})
