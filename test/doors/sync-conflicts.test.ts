import { beforeEach, describe, expect, test } from 'vitest'
import { Problem } from '../../sync/protocol/common.ts'
import type {
  AutoResolveAnswer,
  PlanAnswer,
  ResolveAnswer,
  SyncConflict,
} from '../../sync/protocol/conflicts.ts'
import { admin, pagesOf, pushAdmins, SEED, takenName } from './collections-world.ts'
import { type Doors, look, openDoors, type Who } from './world.ts'

// The conflict inbox over HTTP, in front of the real lanes.

let doors: Doors
beforeEach(async () => {
  doors = await openDoors()
})

const conflicts = async (who: Who = 'admin', query = ''): Promise<SyncConflict[]> =>
  (await doors.call(who, 'GET', `/api/sync/conflicts${query}`)).json()
const resolve = (id: string, body: object, who: Who = 'admin') =>
  doors.call(who, 'POST', `/api/sync/conflicts/${id}/resolve`, { body })
const post = (path: string, body?: object) =>
  doors.call('admin', 'POST', path, body === undefined ? {} : { body })
const admins = () => look(doors, 'SELECT id, username, name FROM admins WHERE deleted_at IS NULL ORDER BY id')
const problemOf = (answer: { json<T>(): T }) => Problem.strict().parse(answer.json())

/** Another edit of ann's row that bob's laptop had not seen: a conflict of the kind `merge`. */
async function bothSides(): Promise<string> {
  await pushAdmins(doors, 'annsDevice', 1, admin('r1', 'ann'))
  await pushAdmins(doors, 'annsDevice', 2, {
    op: 'update',
    key: 'r1',
    values: { name: 'Ann A' },
    base: { name: 'Admin r1' },
  })
  const { results } = await pushAdmins(doors, 'bobsDevice', 1, {
    op: 'update',
    key: 'r1',
    values: { name: 'Ann B', email: 'ann@b.example' },
    base: { name: 'Admin r1', email: null },
  })
  return String(results?.[0]?.conflict)
}

describe('the list', () => {
  test('shows a name that is taken as the seed does, and what can settle it', async () => {
    const id = await takenName(doors)
    const [conflict, ...others] = await conflicts()
    expect(others).toEqual([])
    expect(SEED.conflict.parse(conflict)).toMatchObject({
      _id: id,
      collection: 'admins',
      localId: '507f-bob',
      remoteId: '507f-ann',
      field: 'username',
      localValue: ' John_Admin',
      remoteValue: 'john_admin',
      resolved: false,
      notes: "Unique field 'username' conflicts with existing remote document",
    })
    expect(conflict?.local).toMatchObject({ username: ' John_Admin', name: 'Admin 507f-bob' })
    expect(conflict?.remote).toEqual({ username: 'john_admin' })
    const [rename, ...rest] = conflict?.strategies ?? []
    expect(rename).toMatchObject({ strategy: 'rename_local', needsValue: true })
    expect(rename?.suggestion).toMatch(/^John_Admin_[0-9a-z]{4}$/)
    expect(conflict?.recommendations[0]).toContain(`'${rename?.suggestion}'`)
    expect(rest).toMatchObject([
      { strategy: 'keep_local', needsValue: true },
      { strategy: 'keep_remote', needsValue: false, suggestion: null },
      { strategy: 'merge', needsValue: true },
    ])
  })

  test('says that there is no such collection, and not that nothing is open in it', async () => {
    await takenName(doors)
    const answer = await doors.call('admin', 'GET', '/api/sync/conflicts?collection=admin')
    expect(problemOf(answer)).toMatchObject({
      status: 400,
      detail: expect.stringMatching(/^There is no collection admin\. .* admins, /),
    })
  })

  test('proposes no name that is taken too', async () => {
    await takenName(doors)
    const first = String((await conflicts())[0]?.strategies[0]?.suggestion)
    await pushAdmins(doors, 'annsDevice', 2, admin('507f-cleo', first.toUpperCase()))
    const second = (await conflicts())[0]?.strategies[0]?.suggestion
    expect(second).toMatch(/^John_Admin_[0-9a-z]{4}$/)
    expect(second).not.toBe(first)
  })

  test('tells people who are no admins that the name is taken, and not by whom', async () => {
    await takenName(doors)
    for (const who of ['ann', 'annsDevice', 'bob', 'bobsDevice'] as const) {
      const answer = await doors.call(who, 'GET', '/api/sync/conflicts')
      expect(answer.json<SyncConflict[]>()).toMatchObject([
        {
          localId: '507f-bob',
          remoteId: null,
          remoteValue: 'john_admin',
          remote: { username: 'john_admin' },
        },
      ])
      expect(answer.text).not.toContain('507f-ann')
    }
  })

  test('tells an admin who said what and when, and others no strategy for what came from another one’s device', async () => {
    const id = await bothSides()
    const one = async (who: Who) =>
      (await doors.call(who, 'GET', `/api/sync/conflicts/${id}`)).json<SyncConflict>()
    const seen = await one('admin')
    expect(seen).toEqual((await conflicts())[0])
    expect(seen).toMatchObject({ localBy: 'bob’s device', remoteBy: expect.stringMatching(/ann/i) })
    expect(Date.parse(String(seen.remoteAt))).toBeGreaterThan(0)
    const [anns, bobs] = [await one('ann'), await one('bob')]
    expect([anns.strategies, anns.localBy, anns.remoteBy]).toEqual([[], undefined, undefined])
    expect([bobs.strategies.length, bobs.localBy, bobs.remoteBy]).toEqual([3, 'bob’s device', undefined])
    expect((await doors.call('admin', 'GET', '/api/sync/conflicts/none')).status).toBe(404)
  })

  test('shows what stands now, and that a name has become free', async () => {
    await takenName(doors)
    const base = { username: 'john_admin', name: 'Admin 507f-ann' }
    await pushAdmins(doors, 'annsDevice', 2, { op: 'delete', key: '507f-ann', base })
    const [conflict] = await conflicts()
    expect(conflict).toMatchObject({ remoteId: null, remoteValue: null, remote: null })
    expect(conflict?.strategies).toContainEqual({
      strategy: 'keep_local',
      needsValue: false,
      suggestion: null,
    })
  })

  test('shows a column that was changed on both sides, and only that', async () => {
    const id = await bothSides()
    const [conflict] = await conflicts()
    expect(SEED.conflict.parse(conflict)).toMatchObject({
      _id: id,
      kind: 'merge',
      field: 'name',
      localId: 'r1',
      remoteId: 'r1',
      localValue: 'Ann B',
      remoteValue: 'Ann A',
      base: { name: 'Admin r1' },
      local: { name: 'Ann B' },
      remote: { name: 'Ann A' },
    })
    expect(conflict?.strategies).toEqual([
      { strategy: 'keep_local', needsValue: false, suggestion: null },
      { strategy: 'keep_remote', needsValue: false, suggestion: null },
      { strategy: 'merge', needsValue: true, suggestion: null },
    ])
    expect(admins()).toMatchObject([{ id: 'r1', name: 'Ann A' }])
  })

  test('shows a deletion of a row that changed, and an edit of a row that was deleted', async () => {
    await pushAdmins(doors, 'annsDevice', 1, admin('r1', 'ann'), admin('r2', 'bob'))
    await pushAdmins(
      doors,
      'annsDevice',
      3,
      { op: 'update', key: 'r1', values: { name: 'Ann A' }, base: { name: 'Admin r1' } },
      { op: 'delete', key: 'r2' },
    )
    await pushAdmins(
      doors,
      'bobsDevice',
      1,
      { op: 'delete', key: 'r1', base: { name: 'Admin r1' } },
      { op: 'update', key: 'r2', values: { name: 'Bob B' }, base: { name: 'Admin r2' } },
    )
    const shown = await conflicts()
    for (const each of shown) SEED.conflict.parse(each)
    expect(shown.find(({ kind }) => kind === 'delete')).toMatchObject({
      localId: 'r1',
      remoteId: 'r1',
      field: null,
      local: null,
      remote: { username: 'ann', name: 'Ann A' },
    })
    expect(shown.find(({ kind }) => kind === 'deleted')).toMatchObject({
      localId: 'r2',
      remoteId: null,
      local: { name: 'Bob B' },
      remote: null,
    })
  })

  test('is filtered, and goes on by Link headers, newest first, each once', async () => {
    await pushAdmins(doors, 'annsDevice', 1, admin('a', 'taken'))
    const many = Array.from({ length: 7 }, (_, i) => admin(`b${i}`, 'taken'))
    await pushAdmins(doors, 'bobsDevice', 1, ...many)
    const { all, pages } = await pagesOf<SyncConflict>(doors, '/api/sync/conflicts?limit=3')
    expect([new Set(all.map(({ _id }) => _id)).size, pages]).toEqual([7, 3])
    await resolve(String(all[0]?._id), { strategy: 'keep_remote' })
    expect(await conflicts('admin', '?resolved=true')).toMatchObject([{ _id: all[0]?._id, resolved: true }])
    expect(await conflicts('admin', '?resolved=false')).toHaveLength(6)
    expect(await conflicts('admin', '?collection=admins')).toHaveLength(7)
    expect(await conflicts('admin', '?collection=events')).toEqual([])
    expect((await doors.call('admin', 'GET', '/api/sync/conflicts?resolved=maybe')).status).toBe(400)
  })
})

describe('resolving', () => {
  test('answers as the seed does, and the row is here under its new name', async () => {
    const id = await takenName(doors)
    const answer = await resolve(id, {
      strategy: 'rename_local',
      newValue: 'john_admin_2',
      notes: 'as agreed',
    })
    expect(answer.status).toBe(200)
    expect(SEED.resolved.parse(answer.json())).toMatchObject({
      success: true,
      message: 'Conflict resolved using rename_local strategy',
      conflict_id: id,
      resolved_by: 'admin',
      lane: 'admins',
      version: expect.any(Number),
      dry_run: false,
    })
    expect(admins()).toMatchObject([
      { id: '507f-ann', username: 'john_admin' },
      { id: '507f-bob', username: 'john_admin_2' },
    ])
    expect(await conflicts()).toMatchObject([
      {
        resolved: true,
        resolution: 'rename_local',
        resolved_by: 'admin',
        notes: 'as agreed',
        strategies: [],
      },
    ])
    expect(await conflicts('bob')).toMatchObject([{ resolved_by: 'someone else', remoteId: null }])
  })

  test('that is sent again is answered as then; another word comes too late', async () => {
    const id = await takenName(doors)
    const body = { strategy: 'rename_local', newValue: 'john_admin_2' }
    const first = (await resolve(id, body)).json<ResolveAnswer>()
    expect((await resolve(id, body)).json()).toMatchObject({ success: true, resolved_at: first.resolved_at })
    const late = await resolve(id, { strategy: 'keep_remote' })
    expect([late.status, problemOf(late).type]).toEqual([409, 'urn:tidemark:problem:conflict'])
    expect(admins()).toHaveLength(2)
    const other = await resolve(id, { ...body, newValue: 'john_admin_3' })
    expect([other.status, problemOf(other).type]).toEqual([409, 'urn:tidemark:problem:conflict'])
  })

  test('that is open again says why it is, not what was said when it was settled', async () => {
    const id = await takenName(doors)
    await resolve(id, { strategy: 'rename_local', newValue: 'jo', notes: 'agreed with bob' })
    expect(await conflicts()).toMatchObject([{ notes: 'agreed with bob' }])
    await post('/api/undo', { conflict: id })
    const why = "Unique field 'username' conflicts with existing remote document"
    expect(await conflicts()).toMatchObject([{ resolved: false, notes: why }])
    await resolve(id, { strategy: 'keep_remote', notes: 'away with it' })
    await pushAdmins(doors, 'bobsDevice', 2, admin('507f-bob', 'john_admin'))
    expect(await conflicts()).toMatchObject([{ resolved: false, notes: why }])
  })

  test('can be seen before it is done, and is done only as it was seen', async () => {
    const id = await takenName(doors)
    const how = { strategy: 'rename_local', newValue: 'john_2' }
    const seen = (await resolve(id, { ...how, dry_run: true })).json<ResolveAnswer>()
    expect(seen).toMatchObject({ success: true, dry_run: true, resolved_at: null, version: null })
    expect(seen.plans).toMatchObject([
      { lane: 'admins', status: 'planned', settles: [{ conflict: id, strategy: 'rename_local' }] },
    ])
    expect(seen.plans[0]?.changes[0]?.columns.username).toEqual({ before: null, after: 'john_2' })
    expect(admins()).toHaveLength(1)

    const expected = { admins: String(seen.plans[0]?.digest) }
    const other = await resolve(id, { ...how, newValue: 'john_3', expect: expected })
    expect(other.status).toBe(409)
    const moved = problemOf(other)
    expect(moved).toMatchObject({ type: 'urn:tidemark:problem:moved', plan: { status: 'moved' } })
    expect(moved.plan?.changes[0]?.columns.username?.after).toBe('john_3')
    expect((await resolve(id, { ...how, expect: { elsewhere: 'x' } })).status).toBe(409)
    expect(admins()).toHaveLength(1)

    expect((await resolve(id, { ...how, expect: expected })).status).toBe(200)
    expect(admins()).toHaveLength(2)
  })

  test('to a name that is taken is refused with what to do, and changes nothing', async () => {
    const id = await takenName(doors)
    const answer = await resolve(id, { strategy: 'rename_local', newValue: 'JOHN_ADMIN' }, 'bobsDevice')
    expect(answer.status).toBe(409)
    expect(problemOf(answer).mend).toContain('newValue')
    expect(answer.text).not.toContain('507f-ann')
    for (const body of [{ strategy: 'rename_local' }, { strategy: 'keep_local' }, { strategy: 'merge' }])
      expect((await resolve(id, body)).status, JSON.stringify(body)).toBeGreaterThanOrEqual(400)
    expect((await resolve(id, { strategy: 'destroy' })).status).toBe(400)
    expect(await conflicts('admin', '?resolved=false')).toHaveLength(1)
    expect(admins()).toHaveLength(1)
  })

  test('is a person’s own for conflicts of the own devices; others’ ones are unknown ones', async () => {
    const id = await takenName(doors)
    const body = { strategy: 'keep_remote' }
    for (const who of ['ann', 'annsDevice'] as const) {
      const [theirs, unknown] = [await resolve(id, body, who), await resolve('c_none', body, who)]
      expect([theirs.status, unknown.status]).toEqual([404, 404])
      expect(theirs.text.replaceAll(id, '?')).toBe(unknown.text.replaceAll('c_none', '?'))
    }
    expect((await resolve(id, body, 'hook')).status).toBe(403)
    expect((await resolve(id, body, 'bobsDevice')).json()).toMatchObject({
      success: true,
      resolved_by: 'bobsDevice',
    })
    expect(look(doors, `SELECT deleted_at IS NOT NULL AS gone FROM admins WHERE id = '507f-bob'`)).toEqual([
      { gone: 1 },
    ])
  })

  test('that somebody else settled says so, and by whom to admins only', async () => {
    const id = await takenName(doors)
    await resolve(id, { strategy: 'keep_remote' })
    const late = { strategy: 'rename_local', newValue: 'jo' }
    const [own, bobs] = [await resolve(id, late), await resolve(id, late, 'bobsDevice')]
    expect([own.status, bobs.status]).toEqual([409, 409])
    expect(problemOf(own).detail).toBe('It was settled already: keep_remote by admin.')
    expect(problemOf(bobs).detail).toBe('It was settled already: keep_remote by someone else.')
  })

  test('merges values of several columns', async () => {
    const id = await bothSides()
    await resolve(id, { strategy: 'merge', values: { name: 'Ann A and B', email: 'both@b.example' } })
    expect(look(doors, 'SELECT name, email FROM admins')).toEqual([
      { name: 'Ann A and B', email: 'both@b.example' },
    ])
  })

  test('shows and takes times as texts, whatever they are inside', async () => {
    const push = (who: Who, first: number, mutation: object) =>
      doors.call(who, 'POST', '/api/push', {
        body: {
          lane: 'listings',
          incarnation: `${who}-phone`,
          first,
          mutations: [{ table: 'listings', ...mutation }],
        },
      })
    const key = 'https://shop.example/a'
    const at = (hour: number) => `2026-11-21T0${hour}:00:00.000Z`
    const say = (modesty_status: string, assessed_at: string) => ({
      op: 'update',
      key,
      values: { modesty_status, assessed_at },
      base: { modesty_status: null, assessed_at: null },
      at: assessed_at,
    })
    await doors.call('admin', 'PUT', '/api/config/assessments.rules', { body: { policy: 'review' } })
    await push('annsDevice', 1, { op: 'insert', key, values: { product_url: key, title: 'Dress' } })
    await push('annsDevice', 2, say('modest', at(8)))
    await push('bobsDevice', 1, say('not_modest', at(7)))
    const [conflict] = await conflicts()
    expect(conflict?.local).toMatchObject({ modesty_status: 'not_modest', assessed_at: at(7) })
    expect(conflict?.remote).toMatchObject({ modesty_status: 'modest', assessed_at: at(8) })
    const values = { modesty_status: 'not_modest', assessed_at: at(9) }
    const wrong = await resolve(String(conflict?._id), {
      strategy: 'merge',
      values: { ...values, assessed_at: 'nine' },
    })
    expect(wrong.status).toBe(400)
    const done = await resolve(String(conflict?._id), { strategy: 'merge', values })
    expect(done.json<ResolveAnswer>().plans[0]?.changes[0]?.columns.assessed_at).toEqual({
      before: at(8),
      after: at(9),
    })
    expect(look(doors, 'SELECT assessed_at FROM listings')).toEqual([{ assessed_at: Date.parse(at(9)) }])
  })

  test('can be undone: the conflict is open again', async () => {
    const id = await takenName(doors)
    await resolve(id, { strategy: 'rename_local', newValue: 'john_2' })
    const planned = (await post('/api/undo', { conflict: id, dry_run: true })).json<PlanAnswer>()
    expect(planned).toMatchObject({ dry_run: true, plans: [{ lane: 'admins', status: 'planned' }] })
    expect(admins()).toHaveLength(2)
    const undone = await post('/api/undo', {
      conflict: id,
      expect: { admins: planned.plans[0]?.digest },
    })
    expect([undone.status, undone.json<PlanAnswer>().plans[0]?.status]).toEqual([200, 'applied'])
    expect((await conflicts())[0]?.notes).toBe(
      "Unique field 'username' conflicts with existing remote document",
    )
    expect(admins()).toHaveLength(1)
    expect(await conflicts()).toMatchObject([{ _id: id, resolved: false }])
  })
})

describe('auto-resolve', () => {
  test('of a fresh edit of a field that a fresher one has not outdone, it says what holds', async () => {
    const id = await bothSides()
    await post('/api/sync/conflicts/auto-resolve')
    const { results } = (await post('/api/sync/conflicts/auto-resolve')).json<AutoResolveAnswer>()
    expect(results).toMatchObject([
      { conflict_id: id, reason: 'the local edit is newer than the remote row: a person must say' },
    ])
  })

  /** So many conflicts, whose edits are this old */
  async function waiting(count: number, age = 0): Promise<void> {
    await pushAdmins(doors, 'annsDevice', 1, admin('a', 'taken'))
    const at = new Date(Date.now() - age).toISOString()
    const many = Array.from({ length: count }, (_, i) => ({ ...admin(`b${i}`, 'taken'), at }))
    await pushAdmins(doors, 'bobsDevice', 1, ...many)
  }

  test('settles ten at most where nobody says how many, and says what became of each', async () => {
    await waiting(12)
    const answer = (await post('/api/sync/conflicts/auto-resolve')).json<AutoResolveAnswer>()
    expect(answer).toMatchObject({ resolved: 10, skipped: 0, failed: 0, dry_run: false })
    expect(answer.results[0]).toMatchObject({
      status: 'resolved',
      strategy: 'rename_local',
      reason: 'the local edit is younger than an hour',
    })
    expect(new Set(answer.results.map(({ conflict_id }) => conflict_id)).size).toBe(10)
    expect(await conflicts('admin', '?resolved=false')).toHaveLength(2)
    expect((await post('/api/sync/conflicts/auto-resolve?max=1001')).status).toBe(400)
    expect((await post('/api/sync/conflicts/auto-resolve?max=1')).json()).toMatchObject({ resolved: 1 })
  })

  test('leaves to people what is theirs to say, with the reason', async () => {
    await waiting(2)
    doors.file.exec(
      'UPDATE conflicts SET said_at = said_at - 7200000; UPDATE admins SET edited_at = edited_at - 9000000',
    )
    const answer = (await post('/api/sync/conflicts/auto-resolve')).json<AutoResolveAnswer>()
    expect(answer).toMatchObject({ resolved: 0, skipped: 2, failed: 0 })
    expect(answer.results[0]?.reason).toContain('a person must say')
  })

  test('can be seen before it is done; what has moved meanwhile is not done', async () => {
    await waiting(2)
    const seen = (await post('/api/sync/conflicts/auto-resolve', { dry_run: true })).json<AutoResolveAnswer>()
    expect(seen).toMatchObject({ resolved: 2, dry_run: true, plans: [{ status: 'planned' }] })
    expect(admins()).toHaveLength(1)
    const expected = { admins: seen.plans[0]?.digest }
    await pushAdmins(doors, 'bobsDevice', 3, admin('b9', 'taken'))
    const moved = await post('/api/sync/conflicts/auto-resolve', { expect: expected })
    expect(moved.status).toBe(409)
    expect(problemOf(moved)).toMatchObject({
      type: 'urn:tidemark:problem:moved',
      plans: [{ lane: 'admins', status: 'moved' }],
    })
    expect(admins()).toHaveLength(1)
    const same = await post('/api/sync/conflicts/auto-resolve?max=2', { expect: expected })
    expect(same.json()).toMatchObject({ resolved: 2, plans: [{ status: 'applied' }] })
  })

  test('shares what it may settle out over the lanes, the oldest first, and a lane that fails is said', async () => {
    await waiting(3)
    doors.file.exec(`INSERT INTO conflicts (id, lane, link, scope, tbl, key, kind, detail, opened_at)
      VALUES ('old-1', 'listings', '', '', 'listings', 'l', 'merge', 'old', 1)`)
    const log = console.error
    console.error = () => undefined
    doors.lanes.fail.set('listings', [new Error('broken')])
    const answer = (await post('/api/sync/conflicts/auto-resolve?max=3')).json<AutoResolveAnswer>()
    console.error = log
    expect(answer).toMatchObject({ resolved: 2, failed: 1 })
    expect(answer.plans.map(({ lane, status }) => [lane, status])).toEqual([
      ['listings', 'failed'],
      ['admins', 'applied'],
    ])
    expect(answer.results.find(({ status }) => status === 'failed')).toMatchObject({ conflict_id: 'old-1' })
  })
})

describe('undo', () => {
  test('takes a push back, by its lane and version', async () => {
    await pushAdmins(doors, 'annsDevice', 1, admin('r1', 'ann'))
    await pushAdmins(doors, 'annsDevice', 2, {
      op: 'update',
      key: 'r1',
      values: { name: 'Wrong' },
      base: { name: 'Admin r1' },
    })
    const [lane] = look(doors, `SELECT version FROM lanes WHERE lane = 'admins'`)
    const answer = await post('/api/undo', { lane: 'admins', version: Number(lane?.version) })
    expect(answer.json<PlanAnswer>().plans[0]?.changes).toMatchObject([
      { table: 'admins', key: 'r1', op: 'update', columns: { name: { before: 'Wrong', after: 'Admin r1' } } },
    ])
    expect(admins()).toMatchObject([{ name: 'Admin r1' }])
  })

  test('takes a run back in the lane of that run', async () => {
    const [run] = look(doors, `SELECT id FROM runs WHERE lane = 'workspace:w1'`)
    const answer = await post('/api/undo', { run: String(run?.id), dry_run: true })
    expect(answer.json<PlanAnswer>().plans).toMatchObject([{ lane: 'workspace:w1', status: 'planned' }])
    expect(answer.json<PlanAnswer>().plans[0]?.changes.length).toBeGreaterThan(0)
  })

  test('of a run that is under way is refused: it would go on behind it', async () => {
    const [run] = look(doors, `SELECT id FROM runs WHERE lane = 'workspace:w1'`)
    doors.file.exec(`UPDATE runs SET finished_at = NULL WHERE id = '${run?.id}'`)
    const answer = await post('/api/undo', { run: String(run?.id) })
    expect([answer.status, problemOf(answer).type]).toEqual([409, 'urn:tidemark:problem:conflict'])
  })

  test('asks about rows that no device keeps too, where a person can answer it', async () => {
    const [run] = look(doors, `SELECT id FROM runs WHERE lane = 'workspace:w1'`)
    const [account] = look(doors, `SELECT id FROM accounts WHERE project_id = 'annie' ORDER BY id`)
    doors.file.exec(`UPDATE accounts SET followers = 123 WHERE id = '${account?.id}'`)
    await post('/api/undo', { run: String(run?.id) })
    const [open] = await conflicts()
    expect([open, (await conflicts('ann')).length]).toMatchObject([
      {
        collection: 'accounts',
        localId: account?.id,
        kind: 'undo',
        notes: 'undo: followers was changed since the row was made',
        strategies: [{ strategy: 'keep_local' }, { strategy: 'keep_remote' }],
      },
      0,
    ])
    const id = String(open?._id)
    expect((await resolve(id, { strategy: 'keep_remote' }, 'ann')).status).toBe(404)
    expect((await resolve(id, { strategy: 'merge', values: { followers: 'many' } })).status).toBe(400)
    expect((await resolve(id, { strategy: 'keep_local' })).status).toBe(200)
    expect(look(doors, `SELECT id FROM accounts WHERE id = '${account?.id}' AND deleted_at IS NULL`)).toEqual(
      [],
    )
  })

  test('of what is not there is not found, and makes no lane', async () => {
    const id = await takenName(doors)
    for (const body of [
      { run: 'none' },
      { conflict: 'none' },
      { lane: 'none', version: 1 },
      { lane: 'admins', version: 99 },
    ])
      expect((await post('/api/undo', body)).status, JSON.stringify(body)).toBe(404)
    expect((await post('/api/undo', { conflict: id })).status).toBe(409)
    for (const body of [{}, { run: 'a', conflict: 'b' }, { lane: 'admins' }, { version: 1 }])
      expect((await post('/api/undo', body)).status, JSON.stringify(body)).toBe(400)
    expect(doors.lanes.calls.some(({ lane }) => lane === 'none')).toBe(false)
  })
})

describe('restore', () => {
  const backup = () => ({
    name: 'admins',
    columns: ['id', 'username', 'name', 'email', 'role'],
    rows: look(doors, 'SELECT id, username, name, email, role FROM admins WHERE deleted_at IS NULL').map(
      (row) => Object.values(row),
    ),
  })

  test('brings rows back as a backup has them, planned first, as a commit that can be undone', async () => {
    await pushAdmins(doors, 'annsDevice', 1, admin('r1', 'ann'), admin('r2', 'bob'))
    const tables = [backup()]
    const before = admins()
    await pushAdmins(
      doors,
      'annsDevice',
      3,
      { op: 'delete', key: 'r1' },
      { op: 'update', key: 'r2', values: { name: 'X' }, base: { name: 'Admin r2' } },
      admin('r3', 'cleo'),
    )
    const after = admins()
    const seen = (await post('/api/restore', { lane: 'admins', tables, dry_run: true })).json<PlanAnswer>()
    expect(seen.plans[0]?.changes.map(({ key, op }) => [key, op]).sort()).toEqual([
      ['r1', 'insert'],
      ['r2', 'update'],
      ['r3', 'delete'],
    ])
    expect(admins()).toEqual(after)
    const done = await post('/api/restore', {
      lane: 'admins',
      tables,
      expect: { admins: seen.plans[0]?.digest },
    })
    expect(done.status).toBe(200)
    expect(admins()).toEqual(before)
    const { version = 0 } = done.json<PlanAnswer>().plans[0] ?? {}
    expect((await post('/api/undo', { lane: 'admins', version })).status).toBe(200)
    expect(admins()).toEqual(after)
  })

  test('of a part of the keys leaves the others alone', async () => {
    await pushAdmins(doors, 'annsDevice', 1, admin('r1', 'ann'), admin('r2', 'bob'), admin('r3', 'cleo'))
    const part = { ...backup(), rows: [], from: 'r2', until: 'r3' }
    expect((await post('/api/restore', { lane: 'admins', tables: [part] })).status).toBe(200)
    expect(admins().map(({ id }) => id)).toEqual(['r1', 'r3'])
  })

  test('refuses rows and lanes that it does not know, with their place', async () => {
    await pushAdmins(doors, 'annsDevice', 1, admin('r1', 'ann'))
    const odd = await post('/api/restore', { lane: 'admins', tables: [{ ...backup(), rows: [['r1']] }] })
    expect([odd.status, problemOf(odd).errors?.[0]?.path]).toEqual([400, 'tables.0.rows.0'])
    const tables = [{ name: 'tokens', columns: ['id'], rows: [] }]
    expect((await post('/api/restore', { lane: 'admins', tables })).status).toBe(400)
    expect((await post('/api/restore', { lane: 'none', tables: [] })).status).toBe(404)
    expect(admins()).toHaveLength(1)
  })
})

describe('deletions of a sheet that the guard keeps', () => {
  /** Two of ann's accounts are gone from her tab. */
  function guarded(): string[] {
    const gone = look(
      doors,
      `SELECT a.id FROM accounts a JOIN projects p ON p.id = a.project_id
        WHERE p.owner = 'ann' AND a.deleted_at IS NULL ORDER BY a.id LIMIT 2`,
    ).map(({ id }) => String(id))
    doors.file
      .prepare(
        `INSERT INTO conflicts (id, lane, link, scope, part, tbl, key, kind, ours, theirs, detail, opened_at)
          VALUES ('c_guard', 'workspace:w1', 'smart-sync.sheet', 'w1', 'p1', 'accounts', 'p1', 'deletion_guard', ?1, ?1, 'gone', 1)`,
      )
      .run(JSON.stringify(gone))
    return gone
  }
  const left = (ids: readonly string[]) =>
    look(doors, 'SELECT id FROM accounts WHERE deleted_at IS NULL').filter(({ id }) =>
      ids.includes(String(id)),
    )

  test('are an admin’s to let go, as they were shown', async () => {
    await doors.call('admin', 'POST', '/api/admin/smart_sync')
    const gone = guarded()
    expect([gone.length, left(gone).length]).toEqual([2, 2])
    const shown = await doors.call('admin', 'GET', '/api/conflicts/c_guard')
    expect(shown.json()).toMatchObject({ ours: JSON.stringify(gone), theirs: null })
    for (const who of ['ann', 'annsDevice'] as const)
      expect((await resolve('c_guard', { strategy: 'keep_local' }, who)).status).toBe(404)
    const planned = (
      await resolve('c_guard', { strategy: 'keep_local', dry_run: true })
    ).json<ResolveAnswer>()
    expect(planned.plans[0]?.changes.map(({ op, key }) => [op, key])).toEqual(
      gone.map((id) => ['delete', id]),
    )
    const expected = { 'workspace:w1': String(planned.plans[0]?.digest) }
    expect((await resolve('c_guard', { strategy: 'keep_local', expect: expected })).status).toBe(200)
    expect(left(gone)).toEqual([])
  })
})
