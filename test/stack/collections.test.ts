import { afterAll, beforeAll, expect, test } from 'vitest'
import type {
  AutoResolveAnswer,
  PlanAnswer,
  ResolveAnswer,
  SyncConflict,
} from '../../sync/protocol/conflicts.ts'
import type { DevicePushAnswer } from '../../sync/protocol/device.ts'
import type { LiveEvent } from '../../sync/protocol/runs.ts'
import type { NetworkStatus, SyncLog, SyncOutcome } from '../../sync/protocol/sync-logs.ts'
import { SEED } from '../doors/collections-world.ts'
import { type Stack, startStack } from './stack.ts'

// Two laptops that keep `admins`, the five real Workers over HTTP, and an admin who looks after the conflicts. The tests tell it in order.

type Laptop = 'ann' | 'bob'

let stack: Stack
const tokens: Record<Laptop, string> = { ann: '', bob: '' }

beforeAll(async () => {
  stack = await startStack()
  for (const user of ['ann', 'bob'] as const) {
    const code = await stack.call<{ code: string }>('POST', '/api/codes', {
      body: { role: 'device', user_id: user, name: user },
    })
    const paired = await stack.call<{ token: string }>('POST', '/api/devices/pair', {
      token: null,
      body: { code: code.body.code, name: `${user}'s laptop` },
    })
    tokens[user] = paired.body.token
  }
})
afterAll(() => stack.close())

async function push(who: Laptop, first: number, ...mutations: object[]): Promise<DevicePushAnswer> {
  const answer = await stack.call<DevicePushAnswer>('POST', '/api/push', {
    token: tokens[who],
    body: {
      lane: 'admins',
      incarnation: `${who}-laptop`,
      first,
      mutations: mutations.map((each) => ({ table: 'admins', at: new Date().toISOString(), ...each })),
    },
  })
  expect([answer.status, answer.body]).toEqual([200, expect.anything()])
  return answer.body
}
const insert = (key: string, username: string) => ({ op: 'insert', key, values: { username } })
const get = async <T>(path: string): Promise<T> => (await stack.call<T>('GET', path)).body
const names = async () =>
  (await stack.runtime.query('SELECT username FROM admins WHERE deleted_at IS NULL ORDER BY username')).map(
    ({ username }) => username,
  )

test('a name that is taken waits in the inbox, and the admin’s word settles it as it was shown', async () => {
  await push('ann', 1, insert('a', 'john_admin'))
  const { results } = await push('bob', 1, insert('b', 'JOHN_ADMIN'))
  expect(results).toMatchObject([{ n: 1, status: 'conflict' }])
  const [conflict] = await get<SyncConflict[]>('/api/sync/conflicts?resolved=false')
  expect(SEED.conflict.parse(conflict)).toMatchObject({ localId: 'b', remoteId: 'a', field: 'username' })
  expect(await get(`/api/sync/conflicts?before=${conflict?._id}`)).toEqual([])
  const path = `/api/sync/conflicts/${conflict?._id}/resolve`
  const how = { strategy: 'rename_local', newValue: conflict?.strategies[0]?.suggestion }
  const seen = await stack.call<ResolveAnswer>('POST', path, { body: { ...how, dry_run: true } })
  const expected = { admins: seen.body.plans[0]?.digest }
  const foreign = await stack.call('POST', path, { body: how, token: tokens.ann })
  expect(foreign.status).toBe(404)
  await push('ann', 2, { op: 'update', key: 'a', values: { name: 'John' }, base: { name: null } })
  const done = await stack.call<ResolveAnswer>('POST', path, { body: { ...how, expect: expected } })
  expect(SEED.resolved.parse(done.body)).toMatchObject({ conflict_id: conflict?._id })
  expect(await names()).toEqual([how.newValue, 'john_admin'].sort())
})

test('live laptops are asked to sync, and what they report is summed up', async () => {
  const sockets = await Promise.all(
    (['ann', 'bob'] as const).map(async (who) => {
      const url = new URL('/api/live?lane=admins', stack.runtime.url)
      url.protocol = 'ws:'
      const socket = new WebSocket(url, { headers: { authorization: `Bearer ${tokens[who]}` } } as never)
      socket.onmessage = async ({ data }) => {
        const event = JSON.parse(String(data)) as LiveEvent
        if (event.type !== 'sync') return
        const now = new Date().toISOString()
        const answer = await stack.call('POST', '/api/sync/reports', {
          token: tokens[who],
          body: {
            id: `${who}-${event.id}`,
            nudge: event.id,
            startTime: now,
            endTime: now,
            status: 'completed',
            localToRemote: { admins: who === 'ann' ? 1 : 2 },
            remoteToLocal: {},
            conflicts: {},
          },
        })
        expect(answer.status).toBe(200)
      }
      await new Promise((resolve, reject) => {
        socket.onopen = resolve
        socket.onerror = reject
      })
      return socket
    }),
  )
  const network = await get<ReturnType<typeof NetworkStatus.parse>>('/api/sync/network-status')
  expect(SEED.network.parse(network)).toMatchObject({ is_online: true })
  expect(network.devices.map(({ name, is_online }) => [name, is_online])).toEqual([
    ["ann's laptop", true],
    ["bob's laptop", true],
  ])
  const { body } = await stack.call<SyncOutcome>('POST', '/api/sync/sync', { body: {} })
  expect(SEED.sync.parse(body)).toMatchObject({ status: 'completed', localToRemote: { admins: 3 } })
  expect(body.devices.map(({ status }) => status)).toEqual(['completed', 'completed'])
  expect(await get<SyncLog[]>('/api/sync/logs')).toHaveLength(3)
  expect(SEED.status.parse(await get('/api/sync/status'))).toMatchObject({
    totalSyncsCompleted: 1,
    totalConflicts: 1,
    unresolvedConflicts: 0,
    isOnline: true,
  })
  await Promise.all(
    sockets.map(
      (socket) =>
        new Promise((resolve) => {
          socket.onclose = resolve
          socket.close()
        }),
    ),
  )
})

test('the configuration is changed in part, with a history', async () => {
  const put = await stack.call('PUT', '/api/sync/config', { body: { syncIntervalMinutes: 60 } })
  expect(SEED.config.parse(put.body)).toMatchObject({ syncIntervalMinutes: 60, autoSyncEnabled: true })
  await stack.call('DELETE', '/api/config/sync.collections')
  expect(await get('/api/sync/config/history')).toMatchObject([
    { value: null },
    { value: { syncIntervalMinutes: 60, maxRetries: 3 } },
  ])
  expect(await get('/api/sync/config/history?before=1.0')).toEqual([])
})

test('rules settle what they can, an undo takes it back, and a backup brings everything back', async () => {
  const before = await names()
  const { body: backup } = await stack.call<{ columns: string[]; rows: (string | number | null)[][] }>(
    'GET',
    '/api/rows?lane=admins&table=admins',
    { token: tokens.ann },
  )
  await push('bob', 2, insert('c', 'john_admin'), insert('d', 'jane'))
  const auto = await stack.call<AutoResolveAnswer>('POST', '/api/sync/conflicts/auto-resolve?max=50')
  expect(auto.body).toMatchObject({ resolved: 1, skipped: 0, failed: 0 })
  expect(await names()).toHaveLength(before.length + 2)
  const [settled] = auto.body.results
  const undone = await stack.call<PlanAnswer>('POST', '/api/undo', {
    body: { conflict: settled?.conflict_id },
  })
  expect(undone.body.plans).toMatchObject([{ status: 'applied' }])
  expect(await names()).toHaveLength(before.length + 1)
  const { columns, rows } = backup
  const restored = await stack.call<PlanAnswer>('POST', '/api/restore', {
    body: { lane: 'admins', tables: [{ name: 'admins', columns, rows }] },
  })
  expect([restored.status, restored.body.plans[0]?.status]).toEqual([200, 'applied'])
  expect(await names()).toEqual(before)
})
