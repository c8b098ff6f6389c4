import { beforeEach, describe, expect, test } from 'vitest'
import { NetworkStatus, SyncLog, SyncStatus } from '../../sync/protocol/sync-logs.ts'
import { forget } from '../../workers/delta-check/forget.ts'
import { listening } from '../../workers/smart-sync/listening.ts'
import { pagesOf, reportOf, SEED, takenName, tokenOf } from './collections-world.ts'
import { type Doors, look, openDoors, type Who } from './world.ts'

// What devices report of their syncs, and what is said of it: the log, the status, the network.

let doors: Doors
beforeEach(async () => {
  doors = await openDoors()
})

const report = (who: Who, id: string, over: Record<string, unknown> = {}) =>
  doors.call(who, 'POST', '/api/sync/reports', { body: reportOf(id, over) })
const get = async <T>(path: string): Promise<T> => (await doors.call('admin', 'GET', path)).json()
const logs = () => get<SyncLog[]>('/api/sync/logs')

describe('a report', () => {
  test('is in the log as the device said it, under its name', async () => {
    expect((await report('annsDevice', 'sync-0001')).json()).toEqual({ id: 'sync-0001', known: false })
    const [log] = await logs()
    expect(SEED.log.parse(log)).toEqual(SyncLog.parse(log))
    expect(log).toMatchObject({
      status: 'completed',
      trigger: 'automatic',
      collections: ['admins'],
      localToRemote: { admins: 5 },
      remoteToLocal: { admins: 2 },
      conflicts: { admins: 1 },
      durationSeconds: 1,
      device: 'annsDevice',
      error: null,
    })
  })

  test('that is sent again changes nothing; another device may use the same id', async () => {
    const body = reportOf('sync-0001')
    const send = (who: Who) => doors.call(who, 'POST', '/api/sync/reports', { body })
    expect((await send('annsDevice')).json()).toMatchObject({ known: false })
    expect((await send('annsDevice')).json()).toMatchObject({ known: true })
    expect((await send('bobsDevice')).json()).toMatchObject({ known: false })
    expect((await logs()).map(({ device }) => device).sort()).toEqual(['annsDevice', 'bobsDevice'])
  })

  test.each([
    ['tomorrow', 86_400_000],
    ['1970', -Date.now()],
  ])('of a device whose clock says %s is logged as of now, once, with its duration', async (_when, off) => {
    const body = reportOf('sync-0001', {
      startTime: new Date(Date.now() + off).toISOString(),
      endTime: new Date(Date.now() + off + 3_000).toISOString(),
    })
    const send = () => doors.call('annsDevice', 'POST', '/api/sync/reports', { body })
    expect([(await send()).json(), (await send()).json()]).toMatchObject([{ known: false }, { known: true }])
    const [log, ...others] = await logs()
    expect(others).toEqual([])
    expect(Math.abs(Date.parse(log?.startTime ?? '') - Date.now())).toBeLessThan(60_000)
    expect(log?.durationSeconds).toBeCloseTo(3, 1)
  })

  test('belongs to a sync that was asked for only if there is one', async () => {
    await report('annsDevice', 'sync-0001', { nudge: '01NOSUCHSYNC' })
    await report('annsDevice', 'sync-0002', { trigger: 'manual' })
    expect(look(doors, 'SELECT nudge, trigger FROM sync_logs ORDER BY id')).toEqual([
      { nudge: null, trigger: 'automatic' },
      { nudge: null, trigger: 'manual' },
    ])
  })

  test('is bounded', async () => {
    const many = Object.fromEntries(Array.from({ length: 201 }, (_, i) => [`c${i}`, 1]))
    for (const over of [
      { localToRemote: many },
      { conflicts: { admins: -1 } },
      { remoteToLocal: { ['x'.repeat(101)]: 1 } },
      { error: 'x'.repeat(1_001) },
      { startTime: 'yesterday' },
      { owner: 'bob' },
    ])
      expect((await report('annsDevice', 'sync-0001', over)).status, JSON.stringify(over)).toBe(400)
    expect((await report('annsDevice', '../escape')).status).toBe(400)
    expect(await logs()).toEqual([])
  })

  test('is forgotten after 90 days', async () => {
    await report('annsDevice', 'sync-0001')
    await forget(doors.database, Date.now() + 89 * 86_400_000)
    expect(await logs()).toHaveLength(1)
    await forget(doors.database, Date.now() + 91 * 86_400_000)
    expect(await logs()).toEqual([])
  })
})

test('the log goes on by Link headers, newest first, each sync once, 20 a page', async () => {
  for (let i = 0; i < 23; i++)
    await report('annsDevice', `sync-${1_000 + i}`, {
      startTime: new Date(Date.now() - i * 1_000).toISOString(),
    })
  expect(await logs()).toHaveLength(20)
  const { all, pages } = await pagesOf<SyncLog>(doors, '/api/sync/logs?limit=10')
  expect([all.length, pages]).toEqual([23, 3])
  const times = all.map(({ startTime }) => startTime)
  expect(times).toEqual([...times].sort().reverse())
})

describe('the status', () => {
  test('knows nothing before the first sync', async () => {
    const status = await get('/api/sync/status')
    expect(SEED.status.parse(status)).toEqual(SyncStatus.parse(status))
    expect(status).toEqual({
      lastSyncTime: null,
      lastSyncStatus: null,
      lastSyncDuration: null,
      totalSyncsCompleted: 0,
      totalConflicts: 0,
      unresolvedConflicts: 0,
      isOnline: false,
      isSyncing: false,
    })
  })

  test('counts a sync that several devices were asked for once, and conflicts of devices', async () => {
    await report('annsDevice', 'sync-0001', { startTime: '2026-11-21T10:00:00Z' })
    const { id } = (await doors.call('admin', 'POST', '/api/sync/sync', { body: {} })).json<SyncLog>()
    await report('annsDevice', 'sync-0002', { nudge: id })
    await report('bobsDevice', 'sync-0002', { nudge: id })
    await takenName(doors)
    doors.lanes.listening.set('admins', [tokenOf(doors, 'bobsDevice')])
    expect(SEED.status.parse(await get('/api/sync/status'))).toMatchObject({
      lastSyncStatus: 'completed',
      lastSyncDuration: expect.any(Number),
      totalSyncsCompleted: 2,
      totalConflicts: 1,
      unresolvedConflicts: 1,
      isOnline: true,
      isSyncing: false,
    })
  })
})

describe('the network', () => {
  const network = () => get<ReturnType<typeof NetworkStatus.parse>>('/api/sync/network-status')

  test('names each device, who holds a live socket, and when it was heard of', async () => {
    await report('bobsDevice', 'sync-0001')
    doors.lanes.listening.set('admins', [tokenOf(doors, 'annsDevice')])
    const status = await network()
    expect(SEED.network.parse(status)).toEqual(NetworkStatus.parse(status))
    expect(status).toMatchObject({ is_running: true, is_online: true, check_interval_seconds: 30 })
    expect(status.devices).toEqual([
      {
        id: tokenOf(doors, 'annsDevice'),
        name: 'annsDevice',
        user: 'ann',
        is_online: true,
        last_check: expect.any(String),
        check_interval_seconds: 30,
      },
      expect.objectContaining({ name: 'bobsDevice', user: 'bob', is_online: false }),
    ])
    expect(status.last_check).toBe(status.devices[0]?.last_check)
    expect(Date.parse(status.devices[1]?.last_check ?? '')).toBeLessThanOrEqual(Date.now())
  })

  test('a device that syncs by the clock is looked for by the clock; one whose token was revoked is none', async () => {
    await doors.call('admin', 'PUT', '/api/sync/config', {
      body: { syncIntervalMinutes: 60, autoSyncEnabled: false },
    })
    await doors.call('admin', 'DELETE', `/api/tokens/${tokenOf(doors, 'bobsDevice')}`)
    expect(await network()).toMatchObject({
      is_running: false,
      is_online: false,
      last_check: null,
      devices: [{ name: 'annsDevice', is_online: false, last_check: null, check_interval_seconds: 3_600 }],
    })
  })

  test('a lane that does not answer, or fails, keeps nobody waiting', async () => {
    const logged: string[] = []
    const log = console.error
    console.error = (text: string) => void logged.push(text)
    doors.lanes.fail.set('admins', [new Error('broken')])
    const { getByName } = doors.lanes
    const lanes: typeof doors.lanes = {
      ...doors.lanes,
      getByName: (lane) => ({
        ...getByName(lane),
        listening: async (name) =>
          name === 'deaf' ? new Promise<never>(() => undefined) : getByName(lane).listening(name),
      }),
    }
    doors.lanes.listening.set('events', ['t1'])
    const heard = await listening(lanes, ['deaf', 'admins', 'events'], () => false, 20)
    console.error = log
    expect([...heard]).toEqual(['t1'])
    expect(logged.join()).toContain('lane.not_heard')
  })

  test('as soon as everybody is known nobody else is waited for, and without devices no lane is asked', async () => {
    doors.lanes.listening.set('admins', ['t1'])
    const { getByName } = doors.lanes
    const lanes: typeof doors.lanes = {
      ...doors.lanes,
      getByName: (lane) =>
        lane === 'deaf'
          ? { ...getByName(lane), listening: () => new Promise<never>(() => undefined) }
          : getByName(lane),
    }
    const heard = await listening(lanes, ['deaf', 'admins'], (tokens) => tokens.has('t1'), 60_000)
    expect([...heard]).toEqual(['t1'])
    doors.file.exec(`UPDATE tokens SET revoked_at = 1 WHERE role = 'device'`)
    doors.lanes.calls.length = 0
    await network()
    await get('/api/sync/status')
    expect(doors.lanes.calls).toEqual([])
  })
})
