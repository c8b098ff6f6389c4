import { beforeEach, describe, expect, test } from 'vitest'
import { Problem } from '../../sync/protocol/common.ts'
import type { ConfigChange } from '../../sync/protocol/sync-config.ts'
import { collections } from '../../workers/shared/names.ts'
import { pagesOf, SEED } from './collections-world.ts'
import { type Answer, type Doors, look, openDoors } from './world.ts'

// The configuration of the collections, and the history of every setting.

let doors: Doors
beforeEach(async () => {
  doors = await openDoors()
})

const CONFIG = '/api/sync/config'
const names = collections.map(({ name }) => name)
const get = async () => SEED.config.parse((await doors.call('admin', 'GET', CONFIG)).json())
const put = (body: object): Promise<Answer> => doors.call('admin', 'PUT', CONFIG, { body })
const stored = () => look(doors, `SELECT value FROM config WHERE key = 'sync.collections'`)
type Change = ReturnType<typeof ConfigChange.parse>
const history = async (path = `${CONFIG}/history`): Promise<Change[]> =>
  (await doors.call('admin', 'GET', path)).json()

describe('the configuration', () => {
  test('has the fields of the seed, and defaults under which all collections are synced', async () => {
    expect(await get()).toEqual({
      autoSyncEnabled: true,
      syncIntervalMinutes: null,
      conflictResolutionStrategy: 'manual',
      collectionsToSync: names,
      maxRetries: 3,
      batchSize: 1_000,
    })
  })

  test('takes what the seed sends, and answers it', async () => {
    const body = {
      autoSyncEnabled: true,
      syncIntervalMinutes: 60,
      conflictResolutionStrategy: 'manual',
      collectionsToSync: ['admins'],
      maxRetries: 3,
      batchSize: 100,
    }
    const answer = await put(body)
    expect([answer.status, SEED.config.parse(answer.json())]).toEqual([200, body])
    expect(await get()).toEqual(body)
  })

  test('is changed in part: what is left out stays, also where two people change it at once', async () => {
    await put({ syncIntervalMinutes: 60, batchSize: 7 })
    await Promise.all([put({ maxRetries: 9 }), put({ autoSyncEnabled: false }), put({ batchSize: 8 })])
    expect(await get()).toMatchObject({
      syncIntervalMinutes: 60,
      maxRetries: 9,
      autoSyncEnabled: false,
      batchSize: 8,
      conflictResolutionStrategy: 'manual',
    })
    await put({ syncIntervalMinutes: null })
    expect((await get()).syncIntervalMinutes).toBeNull()
  })

  test('whoever names all collections also means those that are added later', async () => {
    await put({ collectionsToSync: [] })
    expect((await get()).collectionsToSync).toEqual([])
    await put({ collectionsToSync: names.toReversed() })
    expect(JSON.parse(String(stored()[0]?.value))).toMatchObject({ collectionsToSync: null })
    await put({ collectionsToSync: null })
    expect((await get()).collectionsToSync).toEqual(names)
  })

  test('names collections that there are, by whichever door; the answer lists them', async () => {
    for (const path of [CONFIG, '/api/config/sync.collections']) {
      const answer = await doors.call('admin', 'PUT', path, {
        body: { collectionsToSync: ['admins', 'listings', 'gods'] },
      })
      expect(answer.status).toBe(400)
      const { detail, errors } = Problem.strict().parse(answer.json())
      expect(detail).toContain('listings, gods')
      expect(detail).toContain(names.join(', '))
      expect(errors).toHaveLength(2)
    }
    expect(stored()).toEqual([])
  })

  test.each([
    [{ syncIntervalMinutes: 0 }],
    [{ syncIntervalMinutes: 1.5 }],
    [{ conflictResolutionStrategy: 'coin' }],
    [{ maxRetries: 21 }],
    [{ batchSize: 1_001 }],
    [{ autoSyncEnabled: 'yes' }],
    [{ autoSync: true }],
  ])('does not take %j', async (body) => {
    expect((await put(body)).status).toBe(400)
    expect((await doors.call('admin', 'PUT', CONFIG)).status).toBe(400)
    expect(stored()).toEqual([])
  })
})

describe('the history of a setting', () => {
  test('says who set what when, newest first', async () => {
    await put({ batchSize: 7 })
    await put({ batchSize: 8 })
    await doors.call('admin', 'DELETE', '/api/config/sync.collections')
    const [dropped, second, first, ...others] = await history()
    expect(others).toEqual([])
    expect(dropped).toMatchObject({ key: 'sync.collections', by: 'admin', value: null })
    expect(second).toMatchObject({ by: 'admin', value: { batchSize: 8, maxRetries: 3 } })
    expect(first).toMatchObject({ value: { batchSize: 7 } })
    expect(Math.abs(Date.parse(first?.at ?? '') - Date.now())).toBeLessThan(60_000)
    expect(await history('/api/config/sync.collections/history')).toEqual([dropped, second, first])
  })

  test('is kept for every setting; what changes nothing leaves no trace', async () => {
    const schedule = '/api/config/smart-sync.schedule'
    const set = (value: object) => doors.call('admin', 'PUT', schedule, { body: value })
    await doors.call('admin', 'DELETE', schedule)
    await set({ check_minutes: 5 })
    await set({ check_minutes: 5 })
    expect(await history(`${schedule}/history`)).toMatchObject([
      { key: 'smart-sync.schedule', value: { check_minutes: 5, full_hours: 24 } },
    ])
    expect(await history()).toEqual([])
    await set({ check_minutes: 0 })
    expect(await history(`${schedule}/history`)).toHaveLength(1)
    expect((await doors.call('admin', 'GET', '/api/config/unknown/history')).status).toBe(400)
  })

  test('goes on by Link headers, each change once, also where many fall on one millisecond', async () => {
    const { now } = Date
    const at = now()
    Date.now = () => at
    for (let i = 1; i <= 7; i++) await put({ batchSize: i })
    Date.now = now
    const { all, pages } = await pagesOf<Change>(doors, `${CONFIG}/history?limit=3`)
    const sizes = all.map(({ value }) => (value as { batchSize: number }).batchSize)
    expect([sizes, pages]).toEqual([[7, 6, 5, 4, 3, 2, 1], 3])
    expect((await doors.call('admin', 'GET', `${CONFIG}/history?before=x`)).status).toBe(400)
  })
})
