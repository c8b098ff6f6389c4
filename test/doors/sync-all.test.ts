import { beforeEach, describe, expect, test } from 'vitest'
import { Problem } from '../../sync/protocol/common.ts'
import { SyncOutcome } from '../../sync/protocol/sync-logs.ts'
import { syncAll } from '../../workers/smart-sync/sync-all.ts'
import { reportOf, SEED, tokenOf } from './collections-world.ts'
import { ask, type Doors, look, openDoors, type Who } from './world.ts'

// `POST /api/sync/sync`: somebody asks all live devices to sync now.

let doors: Doors
beforeEach(async () => {
  doors = await openDoors()
})

const SYNC = '/api/sync/sync'
const sync = (body: object = {}) => doors.call('admin', 'POST', SYNC, { body })
/** The same without the seconds between two looks. */
const soon = (wait = 1_000) => syncAll(doors.database, doors.lanes, ['admins'], { wait, look: 5 })
const nudges = () => doors.lanes.calls.filter(({ method }) => method === 'nudge')
const logged = () => look(doors, 'SELECT * FROM sync_logs WHERE device IS NULL ORDER BY id')

/** These devices are on line, and report this when they are asked. */
function online(reports: Partial<Record<Who, Record<string, unknown> | null>>): void {
  doors.lanes.listening.set(
    'admins',
    Object.keys(reports).map((who) => tokenOf(doors, who as Who)),
  )
  doors.lanes.nudged = async (_lane, id) => {
    for (const [who, over] of Object.entries(reports)) {
      if (over === null) continue
      const body = reportOf(`sync-of-${who}`, { nudge: id, ...over })
      expect((await doors.call(who as Who, 'POST', '/api/sync/reports', { body })).status).toBe(200)
    }
  }
}

test('with no device on line it is over at once, with zeros', async () => {
  const answer = await sync()
  expect(answer.status).toBe(200)
  expect(SEED.sync.parse(answer.json())).toEqual(SyncOutcome.parse(answer.json()))
  expect(answer.json()).toMatchObject({
    status: 'completed',
    collections: expect.arrayContaining(['admins']),
    localToRemote: { admins: 0 },
    remoteToLocal: { admins: 0 },
    conflicts: { admins: 0 },
    devices: [],
    error: null,
  })
  expect(nudges().map(({ lane }) => lane)).toContain('admins')
  expect(nudges().map(({ lane }) => lane)).not.toContain('listings')
})

test('nothing needs to be said to sync all', async () => {
  const answer = await doors.call('admin', 'POST', SYNC)
  expect(SEED.sync.parse(answer.json()).collections).toContain('admins')
})

test('it answers what the devices report, summed over them', async () => {
  online({ annsDevice: {}, bobsDevice: { localToRemote: { admins: 1, listings: 70 }, conflicts: {} } })
  const answer = await sync({ collections: ['admins'] })
  expect(SEED.sync.parse(answer.json())).toMatchObject({
    status: 'completed',
    collections: ['admins'],
    localToRemote: { admins: 6 },
    remoteToLocal: { admins: 4 },
    conflicts: { admins: 1 },
    devices: [
      { name: 'annsDevice', status: 'completed', error: null },
      { name: 'bobsDevice', status: 'completed', error: null },
    ],
  })
  const [row] = logged()
  expect(row).toMatchObject({ status: 'completed', pushed: '{"admins":6}', lease_until: null })
})

test('a device that is slow syncs on, and does not spoil what the others did', async () => {
  online({ annsDevice: {}, bobsDevice: null })
  const { status, devices, localToRemote } = await soon(50)
  expect([status, localToRemote]).toEqual(['completed', { admins: 5 }])
  expect(devices.map((each) => [each.name, each.status])).toEqual([
    ['annsDevice', 'completed'],
    ['bobsDevice', 'waiting'],
  ])
})

test('is over as soon as the last device has reported, and not at the next look', async () => {
  online({ annsDevice: null })
  const going = syncAll(doors.database, doors.lanes, ['admins'], { wait: 60_000, look: 60_000 })
  await expect.poll(() => doors.lanes.calls.some(({ method }) => method === 'heard')).toBe(true)
  const nudge = String(logged()[0]?.id)
  await doors.call('annsDevice', 'POST', '/api/sync/reports', { body: reportOf('sync-late', { nudge }) })
  expect(await going).toMatchObject({ status: 'completed', devices: [{ status: 'completed' }] })
})

test('where no device reports in time it is not called complete', async () => {
  online({ bobsDevice: null })
  expect(await soon(20)).toMatchObject({
    status: 'failed',
    error: 'No device has reported yet. They sync on, and the log has them when they have.',
    devices: [{ name: 'bobsDevice', status: 'waiting' }],
  })
})

test('a device that fails says why', async () => {
  online({ annsDevice: {}, bobsDevice: { status: 'failed', error: 'the file is locked' } })
  expect(await soon()).toMatchObject({
    status: 'failed',
    error: 'bobsDevice: the file is locked',
    localToRemote: { admins: 10 },
    devices: [
      { name: 'annsDevice', status: 'completed' },
      { name: 'bobsDevice', status: 'failed', error: 'the file is locked' },
    ],
  })
})

test('nobody waits for the page of a browser that listens', async () => {
  const opened = await ask(
    doors.env,
    'POST',
    '/api/session',
    { 'content-type': 'application/json' },
    { token: doors.secrets.admin },
  )
  expect(opened.status).toBe(200)
  const [session] = look(doors, `SELECT id FROM tokens WHERE kind = 'session'`)
  doors.lanes.listening.set('admins', [String(session?.id)])
  expect(await soon(60_000)).toMatchObject({ status: 'completed', devices: [] })
})

test('of eight that ask at once, one syncs and seven are told which sync to wait for', async () => {
  const { promise: barrier, resolve: go } = Promise.withResolvers<void>()
  doors.lanes.nudged = () => barrier
  let refused = 0
  const asked = Array.from({ length: 8 }, async () => {
    const answer = await sync()
    // The one that syncs may end when all others have their answer.
    if (answer.status === 409 && ++refused === 7) go()
    return answer
  })
  const answers = await Promise.all(asked)
  const [one] = answers.filter(({ status }) => status === 200)
  const id = SyncOutcome.parse(one?.json()).id
  const others = answers.filter(({ status }) => status === 409)
  expect(others).toHaveLength(7)
  for (const other of others) {
    const problem = Problem.strict().parse(other.json())
    expect(problem).toMatchObject({ type: 'urn:tidemark:problem:in_progress', run: id })
    expect(problem.title).toBe('Sync already in progress')
    expect(Number(other.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(Number(other.headers.get('retry-after'))).toBeLessThanOrEqual(60)
  }
  expect(logged()).toHaveLength(1)
  doors.lanes.nudged = async () => undefined
  expect((await sync()).status).toBe(200)
})

test('one that got stuck frees itself when its lease is over, and the log says that it was cut off', async () => {
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  doors.lanes.nudged = () => released
  const stuck = sync()
  await expect.poll(() => logged().length).toBe(1)
  expect((await doors.call('admin', 'GET', '/api/sync/status')).json()).toMatchObject({
    lastSyncStatus: 'running',
    isSyncing: true,
  })
  doors.file.exec(`UPDATE sync_logs SET started_at = started_at - 61000, lease_until = lease_until - 61000`)
  doors.lanes.nudged = async () => undefined
  expect((await doors.call('admin', 'GET', '/api/sync/status')).json()).toMatchObject({
    lastSyncStatus: 'failed',
    isSyncing: false,
  })
  expect((await sync()).status).toBe(200)
  const logs = (await doors.call('admin', 'GET', '/api/sync/logs')).json<object[]>()
  expect(logs).toMatchObject([
    { status: 'completed' },
    { status: 'failed', error: 'It was cut off. The next one may begin.', durationSeconds: 60 },
  ])
  release()
  await stuck
})

test('a lane that can’t be asked does not hold up the others, and it is said', async () => {
  const log = console.error
  console.error = () => undefined
  doors.lanes.fail.set('admins', [Object.assign(new Error('too much'), { overloaded: true })])
  expect(await soon()).toMatchObject({
    status: 'failed',
    error: 'The devices of admins could not be asked.',
  })
  doors.lanes.nudged = () => new Promise(() => undefined)
  expect(await soon(20)).toMatchObject({
    status: 'failed',
    error: 'The devices of admins could not be asked.',
  })
  console.error = log
  const ended = { status: 'failed', lease_until: null }
  expect(logged()).toMatchObject([ended, ended])
})

describe('only collections that are there and switched on are synced:', () => {
  test('an unknown one is refused with those that there are', async () => {
    const answer = await sync({ collections: ['admins', 'gods'] })
    expect(answer.status).toBe(400)
    const { detail, errors } = Problem.strict().parse(answer.json())
    expect(detail).toMatch(/gods.*admins/)
    expect(errors?.[0]?.path).toBe('collections')
    expect(logged()).toEqual([])
  })

  test('one that is switched off is refused, with how to switch it on; switching off all by itself forbids nothing', async () => {
    const put = await doors.call('admin', 'PUT', '/api/sync/config', {
      body: { collectionsToSync: [], autoSyncEnabled: false },
    })
    expect(put.status).toBe(200)
    const answer = await sync({ collections: ['admins'] })
    expect([answer.status, Problem.strict().parse(answer.json()).type]).toEqual([
      409,
      'urn:tidemark:problem:paused',
    ])
    await doors.call('admin', 'PUT', '/api/sync/config', { body: { collectionsToSync: ['admins'] } })
    expect((await sync()).json()).toMatchObject({ status: 'completed', collections: ['admins'] })
  })
})
