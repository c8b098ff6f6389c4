import { beforeEach, describe, expect, test } from 'vitest'
import type { CollectionDocument, CollectionView } from '../../sync/protocol/collections.ts'
import type { DevicePushAnswer, PullAnswer, TablesAnswer } from '../../sync/protocol/device.ts'
import type { HistoryEntry } from '../../sync/protocol/records.ts'
import { collections } from '../../workers/shared/names.ts'
import { rows } from '../engine/world.ts'
import { documentOf, insertOf } from './documents.ts'
import { type Answer, type Doors, openDoors, type Who } from './world.ts'

// Collections over HTTP: devices push and pull them, people read them, and an admin says which are synced.

const NAMES = collections.map(({ name }) => name)

let doors: Doors
beforeEach(async () => {
  doors = await openDoors()
})

const push = (lane: string, body: Record<string, unknown>, who: Who = 'annsDevice'): Promise<Answer> =>
  doors.call(who, 'POST', '/api/push', { body: { lane, incarnation: 'laptop', ...body } })
async function pushed(lane: string, body: Record<string, unknown>, who?: Who): Promise<DevicePushAnswer> {
  const answer = await push(lane, body, who)
  expect([answer.status, answer.text]).toEqual([200, expect.any(String)])
  return answer.json()
}
const get = async <T>(path: string, who: Who = 'ann'): Promise<T> => {
  const answer = await doors.call(who, 'GET', path)
  expect([path, answer.status]).toEqual([path, 200])
  return answer.json()
}
const pull = (lane: string, cursor?: string, who: Who = 'bobsDevice') =>
  get<PullAnswer>(`/api/pull?${new URLSearchParams({ lane, ...(cursor !== undefined && { cursor }) })}`, who)
/** Rows of a page, by key */
const shown = ({ tables }: PullAnswer) =>
  new Map(
    tables?.flatMap(({ columns, rows: all }) =>
      all.map((row) => [row[0], Object.fromEntries(columns.map((name, i) => [name, row[i]]))] as const),
    ),
  )
const configured = async (value: Record<string, unknown>) => {
  const answer = await doors.call('admin', 'PUT', '/api/config/sync.collections', { body: value })
  expect(answer.status).toBe(200)
}
const documents = (name: string, query = '', who?: Who) =>
  get<CollectionDocument[]>(`/api/collections/${name}${query}`, who)
const admin = (n: number, values: Record<string, unknown>) => ({
  table: 'admins',
  op: 'insert',
  key: `admin-${n}`,
  values,
})

describe('every collection', () => {
  test.each(NAMES)(
    '%s travels whole from one device to people and to another’s, with its history',
    async (name) => {
      const insert = insertOf(name)
      expect(await pushed(name, { first: 1, mutations: [insert] })).toEqual({ last: 1 })
      const page = await pull(name)
      expect(shown(page)).toEqual(new Map([[insert.key, { id: insert.key, ...insert.values }]]))
      // What a person sees, and what the next page of a device that knows it already says after an edit of one field.
      const [document] = await documents(name)
      expect(document).toMatchObject({
        id: insert.key,
        ...insert.values,
        origin: 'local',
        syncStatus: 'synced',
      })
      const [field = ''] = Object.keys(insert.values)
      const edited = { [field]: documentOf(name, 2)[field] }
      const base = { [field]: insert.values[field] }
      await pushed(name, { first: 2, mutations: [{ ...insert, op: 'update', values: edited, base }] })
      expect(shown(await pull(name, page.cursor)).get(insert.key)).toEqual({
        id: insert.key,
        ...insert.values,
        ...edited,
      })
      const history = await get<HistoryEntry[]>(`/api/history?table=${name}&key=${insert.key}`)
      expect(history.map(({ op, lane }) => [op, lane])).toEqual([
        ['update', name],
        ['insert', name],
      ])
      expect(history[0]?.changes).toContainEqual(
        expect.objectContaining({
          column: field,
          before: base[field],
          after: edited[field],
          rule: 'threeWay',
        }),
      )
    },
  )

  test('is listed with its fields, documents and conflicts', async () => {
    await pushed('events', { first: 1, mutations: [1, 2, 3].map((n) => insertOf('events', n)) })
    await pushed('events', { first: 4, mutations: [{ table: 'events', op: 'delete', key: 'events-0002' }] })
    const mutations = [admin(1, { username: 'ann' }), admin(2, { username: 'Ann ' })]
    expect((await pushed('admins', { first: 1, mutations })).results).toMatchObject([
      { n: 2, status: 'conflict' },
    ])
    const all = await get<CollectionView[]>('/api/collections')
    expect(all.map(({ name }) => name)).toEqual(NAMES)
    expect(all[0]).toMatchObject({
      name: 'admins',
      label: 'Admins',
      unique: ['username'],
      documents: 1,
      unresolvedConflicts: 1,
      synced: true,
    })
    expect(all[0]?.columns.slice(0, 2)).toEqual([
      { name: 'id', type: 'text', write: false },
      { name: 'username', type: 'text', write: true, max: 100 },
    ])
    expect(all.find(({ name }) => name === 'events')).toMatchObject({ documents: 2, unresolvedConflicts: 0 })
  })
})

describe('a document', () => {
  test('says when it was edited and committed, from where, and whether a conflict is open on it', async () => {
    const at = '2026-11-01T08:00:00.000Z'
    const mutations = [admin(1, { username: 'ann' }), admin(2, { username: 'bob' })].map((each) => ({
      ...each,
      at,
    }))
    await pushed('admins', { first: 1, mutations })
    const before = await documents('admins')
    expect(
      before.map(({ id, updatedAt, origin, syncStatus }) => [id, updatedAt, origin, syncStatus]),
    ).toEqual([
      ['admin-1', at, 'local', 'synced'],
      ['admin-2', at, 'local', 'synced'],
    ])
    const [committed] = rows(doors, 'SELECT max(at) AS at FROM history WHERE lane = ?', 'admins')
    expect(before.map(({ syncedAt }) => Date.parse(syncedAt))).toEqual([committed?.at, committed?.at])

    // Another device wants the name that is taken.
    const values = { username: 'ANN' }
    const edit = { table: 'admins', op: 'update', key: 'admin-2', values, base: { username: 'bob' } }
    await pushed('admins', { incarnation: 'other', first: 1, mutations: [edit] }, 'bobsDevice')
    const after = await documents('admins')
    expect(
      after.map(({ id, username, syncStatus, updatedAt }) => [id, username, syncStatus, updatedAt]),
    ).toEqual([
      ['admin-1', 'ann', 'synced', at],
      ['admin-2', 'bob', 'conflict', at],
    ])
    doors.file.prepare('UPDATE conflicts SET resolved_at = 1').run()
    expect((await documents('admins', '?id=admin-2'))[0]?.syncStatus).toBe('synced')
    // What anybody but a device made it is remote.
    doors.file
      .prepare(`UPDATE admins SET origin = 'resolve', edited_at = NULL, updated_at = 5 WHERE id = 'admin-1'`)
      .run()
    expect((await documents('admins'))[0]).toMatchObject({
      origin: 'remote',
      updatedAt: '1970-01-01T00:00:00.005Z',
      syncedAt: '1970-01-01T00:00:00.005Z',
    })
  })

  test('is found by its key, whatever is in it, until it is deleted', async () => {
    const key = 'a/b?c=1&d "é" 😀'
    await pushed('feedback', { first: 1, mutations: [{ ...insertOf('feedback'), key }] })
    const path = `?id=${encodeURIComponent(key)}`
    expect(await documents('feedback', path)).toMatchObject([{ id: key }])
    await pushed('feedback', { first: 2, mutations: [{ table: 'feedback', op: 'delete', key }] })
    const gone = await doors.call('ann', 'GET', `/api/collections/feedback${path}`)
    expect([gone.status, gone.json<{ detail: string }>().detail]).toEqual([404, expect.stringContaining(key)])
    expect(await documents('feedback')).toEqual([])
  })

  test('stands on one page, whatever happens between them, and the last page says that it is', async () => {
    const mutations = Array.from({ length: 7 }, (_, i) => insertOf('shifts', i + 1))
    await pushed('shifts', { first: 1, mutations })
    const seen: string[] = []
    for (let path: string | undefined = '/api/collections/shifts?limit=3'; path; ) {
      const answer = await doors.call('admin', 'GET', path)
      seen.push(...answer.json<CollectionDocument[]>().map(({ id }) => id))
      if (seen.length === 3)
        await pushed('shifts', {
          first: 8,
          mutations: [{ table: 'shifts', op: 'delete', key: 'shifts-0003' }],
        })
      path = /<(.*)>; rel="next"/.exec(answer.headers.get('link') ?? '')?.[1]
    }
    expect(seen).toEqual(mutations.map(({ key }) => key))
  })

  test('of a collection that is none is not found, and neither is a table that is no collection', async () => {
    for (const name of ['nothing', 'listings', 'tokens', 'admins;--'])
      expect((await doors.call('admin', 'GET', `/api/collections/${name}`)).status).toBe(404)
  })
})

describe('a deletion', () => {
  const gone = (base?: Record<string, unknown>) => ({
    table: 'events',
    op: 'delete',
    key: 'events-0001',
    ...(base && { base }),
  })
  const changed = async () => {
    await pushed('events', { first: 1, mutations: [insertOf('events')] })
    const values = { starts_at: '2026-12-01T05:30:00.000Z', place: 'Hall' }
    const edit = { table: 'events', op: 'update', key: 'events-0001', values, base: documentOf('events') }
    await pushed('events', { incarnation: 'other', first: 1, mutations: [edit] }, 'bobsDevice')
  }

  test('of a row that was changed since waits, and the device has the row back whole', async () => {
    await changed()
    const answer = await pushed('events', { first: 2, mutations: [gone(documentOf('events'))] })
    expect(answer.results).toMatchObject([
      {
        n: 2,
        status: 'conflict',
        reason: 'starts_at, place were changed meanwhile',
        set: { ...documentOf('events'), starts_at: '2026-12-01T05:30:00.000Z', place: 'Hall' },
      },
    ])
    expect(await documents('events')).toMatchObject([{ place: 'Hall', syncStatus: 'conflict' }])
  })

  test('by who has seen the row as it is, or says nothing of it, is done', async () => {
    await changed()
    const [document] = await documents('events')
    const { starts_at, place } = document as CollectionDocument
    await pushed('events', { first: 2, mutations: [gone({ ...documentOf('events'), starts_at, place })] })
    expect(await documents('events')).toEqual([])
    await pushed('events', { first: 3, mutations: [{ ...insertOf('events') }, gone()] })
    expect(await documents('events')).toEqual([])
  })

  test('of a row of which it says what can’t be read is rejected', async () => {
    await changed()
    const answer = await pushed('events', { first: 2, mutations: [gone({ starts_at: 'noon' })] })
    expect(answer.results).toMatchObject([
      { status: 'rejected', reason: expect.stringMatching(/^starts_at: "noon"/) },
    ])
    expect(await documents('events')).toHaveLength(1)
  })
})

describe('what an admin sets', () => {
  test('is told to devices: the defaults until something is set', async () => {
    const defaults = await get<TablesAnswer>('/api/tables', 'annsDevice')
    expect(defaults.settings).toEqual({
      autoSyncEnabled: true,
      syncIntervalMinutes: null,
      maxRetries: 3,
      batchSize: 1_000,
    })
    expect(defaults.tables.map(({ name }) => name)).toEqual(['listings', ...NAMES])
    await configured({ autoSyncEnabled: false, syncIntervalMinutes: 60, maxRetries: 0, batchSize: 100 })
    expect((await get<TablesAnswer>('/api/tables', 'annsDevice')).settings).toEqual({
      autoSyncEnabled: false,
      syncIntervalMinutes: 60,
      maxRetries: 0,
      batchSize: 100,
    })
  })

  test('pauses collections: they are not offered, and edits stay where they are until it is taken back', async () => {
    await pushed('admins', { first: 1, mutations: [admin(1, { username: 'ann' })] })
    const { cursor } = await pull('admins')
    await configured({ collectionsToSync: ['events', 'bookings'] })
    const { tables } = await get<TablesAnswer>('/api/tables', 'annsDevice')
    expect(tables.map(({ name }) => name)).toEqual(['listings', 'bookings', 'events'])

    const asked = doors.lanes.calls.length
    const edit = { first: 2, mutations: [admin(2, { username: 'bob' })], cursor }
    const refused = [
      await push('admins', edit),
      await push('admins', { ...edit, dry_run: true }),
      await push('admins', { cursor }),
      await doors.call('annsDevice', 'GET', '/api/pull?lane=admins'),
      await doors.call('annsDevice', 'GET', `/api/pull?lane=admins&cursor=${cursor}`),
    ]
    for (const answer of refused)
      expect([answer.status, answer.json()]).toMatchObject([
        409,
        {
          type: 'urn:tidemark:problem:paused',
          detail: expect.stringMatching(/^Admins: .*paused/),
          kept: expect.stringMatching(/outbox/),
        },
      ])
    expect(doors.lanes.calls.length).toBe(asked)
    // The others go on, and people see which ones wait.
    await pushed('events', { first: 1, mutations: [insertOf('events')] })
    expect(shown(await pull('events')).size).toBe(1)
    expect((await pull('listings')).cursor).toEqual(expect.any(String))
    const all = await get<CollectionView[]>('/api/collections')
    expect(all.filter(({ synced }) => synced).map(({ name }) => name)).toEqual(['bookings', 'events'])
    expect(await documents('admins')).toHaveLength(1)

    await configured({ collectionsToSync: null })
    expect(await pushed('admins', edit)).toMatchObject({ last: 2 })
    expect(shown(await pull('admins', cursor)).size).toBe(1)
  })

  test('costs a sync without edits no statement', async () => {
    const { cursor } = await pull('admins')
    await push('admins', { cursor })
    doors.database.batches.length = 0
    expect((await push('admins', { cursor })).text).toBe(`{"last":0,"cursor":"${cursor}"}`)
    expect(doors.database.batches.map((batch) => batch.length)).toEqual([1])
  })
})

describe('a dry run', () => {
  const duplicate = [admin(2, { username: 'bob' }), admin(3, { username: 'ANN' })]

  test('says what would become of edits, and changes nothing', async () => {
    await pushed('admins', { first: 1, mutations: [admin(1, { username: 'ann' })] })
    const { cursor } = await pull('admins')
    const everything = () =>
      ['admins', 'history', 'conflicts', 'lanes', 'device_lanes', 'deliveries'].map((name) =>
        rows(doors, `SELECT * FROM ${name}`),
      )
    const before = everything()
    const body = { first: 2, mutations: duplicate, cursor }
    const expected = {
      last: 1,
      version: 1,
      cursor,
      results: [{ n: 3, status: 'conflict', conflict: expect.any(String), reason: expect.any(String) }],
    }
    expect(await pushed('admins', { ...body, dry_run: true })).toEqual(expected)
    expect(await pushed('admins', { ...body, cursor: undefined, dry_run: true })).toEqual({
      ...expected,
      cursor: undefined,
    })
    expect(everything()).toEqual(before)
    // What it said is what happens, and its numbers are free.
    const { version: _version, cursor: _cursor, ...said } = expected
    expect(await pushed('admins', { ...body, expect: 1 })).toMatchObject({ ...said, last: 3 })
  })

  test('without edits says where the lane stands, and what would come', async () => {
    await pushed('admins', { first: 1, mutations: [admin(1, { username: 'ann' })] })
    const other = { incarnation: 'other', dry_run: true }
    expect(await pushed('admins', other)).toEqual({ last: 0, version: 1 })
    const { cursor } = await pull('admins')
    await pushed('admins', { first: 2, mutations: [admin(2, { username: 'bob' })] })
    const plan = await pushed('admins', { ...other, cursor })
    expect([plan.version, [...shown(plan).keys()]]).toEqual([2, ['admin-2']])
    expect(await pushed('events', other)).toEqual({ last: 0, version: 0 })
  })

  test('binds what it showed: a sync that expects it is refused where something else happened since', async () => {
    await pushed('admins', { first: 1, mutations: [admin(1, { username: 'ann' })] })
    const { cursor } = await pull('admins')
    const plan = await pushed('admins', { first: 2, mutations: duplicate, cursor, dry_run: true })
    await pushed(
      'admins',
      { incarnation: 'other', first: 1, mutations: [admin(9, { username: 'bob' })] },
      'bobsDevice',
    )
    const stored = rows(doors, 'SELECT * FROM admins')
    for (const body of [
      { first: 2, mutations: duplicate, cursor, expect: plan.version },
      { cursor, expect: plan.version },
      { expect: plan.version },
    ]) {
      const answer = await push('admins', body)
      expect([answer.status, answer.json()]).toMatchObject([
        409,
        { type: 'urn:tidemark:problem:moved', mend: expect.stringMatching(/plan/) },
      ])
    }
    expect(rows(doors, 'SELECT * FROM admins')).toEqual(stored)
    expect(await pushed('admins', { cursor, expect: 2 })).toMatchObject({ last: 1 })
  })
})

describe('what waits in a conflict', () => {
  // docs/protocol.md: a column that the edit named and that is not in `set` keeps the device's value; the page says the rest.
  const ann = { username: 'ann', name: 'Ann', email: 'ann@temple.example' }
  const bob = { username: 'bob', name: 'Bob', email: 'bob@temple.example' }
  const update = (values: Record<string, unknown>, base: Record<string, unknown>) => ({
    table: 'admins',
    op: 'update',
    key: 'admin-2',
    values,
    base,
  })
  let cursor: string | undefined
  beforeEach(async () => {
    await pushed('admins', { first: 1, mutations: [admin(1, ann), admin(2, bob)] })
    cursor = (await pull('admins')).cursor
  })
  const sync = (...mutations: unknown[]) =>
    pushed('admins', { incarnation: 'other', first: 1, mutations, cursor }, 'bobsDevice')
  const result = async (mutation: unknown) => {
    const { results, ...page } = await sync(mutation)
    expect(results).toHaveLength(1)
    return { ...results?.[0], page }
  }

  test('of a new row is all of it, and there is no row of that key', async () => {
    const { status, set, page } = await result(admin(3, { ...ann, name: 'Anna' }))
    expect([status, set, page.tables]).toEqual(['conflict', undefined, undefined])
    expect((await documents('admins')).map(({ id }) => id)).toEqual(['admin-1', 'admin-2'])
  })

  test('of an update is the unique column only', async () => {
    const { status, set, page } = await result(update({ username: 'Ann', name: 'Bobby' }, bob))
    expect([status, set]).toEqual(['conflict', undefined])
    expect(shown(page).get('admin-2')).toMatchObject({ ...bob, name: 'Bobby' })
  })

  test('of columns that were changed on both sides is told with what stands', async () => {
    await pushed('admins', {
      first: 3,
      mutations: [update({ name: 'Robert', role: 'head' }, { ...bob, role: null })],
    })
    const { status, set, page } = await result(update({ name: 'Bobby', email: 'b@temple.example' }, bob))
    expect([status, set]).toEqual(['conflict', { name: 'Robert' }])
    expect(shown(page).get('admin-2')).toMatchObject({
      name: 'Robert',
      email: 'b@temple.example',
      role: 'head',
    })
  })

  test('of a row that was deleted is told, and the page has it as deleted', async () => {
    await pushed('admins', { first: 3, mutations: [{ table: 'admins', op: 'delete', key: 'admin-2' }] })
    const { status, set, page } = await result(update({ name: 'Bobby' }, bob))
    expect([status, set]).toEqual(['conflict', undefined])
    expect(page.tables?.[0]?.deleted).toEqual(['admin-2'])
  })

  test.each([
    ['is edited so that its value is free', { ...admin(3, { username: 'cleo' }), op: 'update' }, ['admin-3']],
    ['is taken back', { table: 'admins', op: 'delete', key: 'admin-3' }, []],
  ])('is settled where it %s, and every device is told', async (_what, edit, rowsThen) => {
    const { conflict } = await result(admin(3, { ...ann, name: 'Anna' }))
    const body = { incarnation: 'other', first: 2, mutations: [edit], cursor }
    const page = await pushed('admins', body, 'bobsDevice')
    expect(page.resolved).toEqual([[conflict, 'admins', 'admin-3']])
    const others = await pull('admins', cursor, 'annsDevice')
    expect([others.resolved, [...shown(others).keys()]]).toEqual([page.resolved, rowsThen])
    if (rowsThen.length > 0)
      expect((await documents('admins', '?id=admin-3'))[0]).toMatchObject({ username: 'cleo', name: 'Anna' })
  })
})

describe('a conflict that was settled', () => {
  /** As a resolution is committed: a row of the history beside what it changed */
  const resolve = (version: number, key: string, conflict: string, origin = 'api') => {
    const sql = `INSERT INTO history (lane, version, n, tbl, key, op, after, origin, actor, at, prev_version)
      VALUES ('admins', ?, 0, 'admins', ?, 'resolve', ?, ?, 'ann', 0, 0)`
    doors.file.prepare(sql).run(version, key, JSON.stringify({ conflict }), origin)
    doors.file.prepare(`UPDATE lanes SET version = ? WHERE lane = 'admins'`).run(version)
  }

  test('is told to every device once, also where the row was never here, and to the one that settled it', async () => {
    await pushed('admins', { first: 1, mutations: [admin(1, { username: 'ann' })] })
    const { cursor } = await pull('admins')
    resolve(2, 'admin-1', 'c_1')
    resolve(3, 'admin "é" 2', 'c_2', 'device:laptop')
    const page = await pull('admins', cursor)
    expect(page.resolved).toEqual([
      ['c_1', 'admins', 'admin-1'],
      ['c_2', 'admins', 'admin "é" 2'],
    ])
    expect([...shown(page).keys()]).toEqual(['admin-1'])
    expect(await pull('admins', page.cursor)).toEqual({ cursor: page.cursor })
    const own = await pushed('admins', { cursor })
    expect(own.resolved).toEqual(page.resolved)
    // Whoever reads everything anew has no conflict that could be settled.
    expect(await pull('admins')).not.toHaveProperty('resolved')
  })
})
