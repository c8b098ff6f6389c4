import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as z from 'zod'
import { Problem } from '../../sync/protocol/common.ts'
import { AutoResolveAnswer, PlanAnswer, ResolveAnswer, SyncConflict } from '../../sync/protocol/conflicts.ts'
import {
  Customer,
  ErpStatus,
  OrderRequest,
  PriceChange,
  Product,
  ProductImage,
  Started,
  UnmatchedPrice,
} from '../../sync/protocol/erp.ts'
import { Conflict, HistoryEntry } from '../../sync/protocol/records.ts'
import { LiveEvent, Run } from '../../sync/protocol/runs.ts'
import {
  Account,
  GrowthAnswer,
  Project,
  SmartSyncAccepted,
  SmartSyncAnswer,
  Snapshot,
  SyncStatusAnswer,
} from '../../sync/protocol/smart-sync.ts'
import { ConfigChange, SyncConfig } from '../../sync/protocol/sync-config.ts'
import { NetworkStatus, SyncLog, SyncOutcome, SyncStatus } from '../../sync/protocol/sync-logs.ts'
import { CODE, type FakeServer, startFake } from './fake-server.ts'

// A double that answers otherwise than the wire declares would prove nothing.

let fake: FakeServer
let cookie: string

beforeAll(async () => {
  fake = await startFake('.', { projects: 5, accounts: 12, conflicts: 20 }, { pace: 5 })
  const answer = await fetch(`${fake.url}/api/session`, {
    method: 'POST',
    body: JSON.stringify({ code: CODE }),
  })
  cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? ''
})
afterAll(() => fake.close())

const ask = (path: string, init: RequestInit = {}) => fetch(fake.url + path, { ...init, headers: { cookie } })

const ANSWERS: [string, z.ZodType][] = [
  ['/api/projects', z.array(Project)],
  ['/api/projects/project-1/accounts', z.array(Account)],
  ['/api/projects/project-1/growth', GrowthAnswer],
  ['/api/projects/project-4/growth', GrowthAnswer],
  ['/api/accounts/project-1-a1', Account],
  ['/api/accounts/project-1-a1/growth', GrowthAnswer],
  ['/api/accounts/project-1-a6/snapshots?days=90', z.array(Snapshot)],
  ['/api/history?table=accounts&key=project-1-a1', z.array(HistoryEntry)],
  ['/api/runs', z.array(Run)],
  ['/api/runs/01JD0000000000000000000100', Run],
  ['/api/conflicts?open=false', z.array(Conflict)],
  ['/api/conflicts/c_2', Conflict],
  ['/api/runs?project_id=project-2&limit=3', z.array(Run)],
  ['/api/admin/sync_status', SyncStatusAnswer],
  ['/api/sync/conflicts?resolved=false', z.array(SyncConflict)],
  ['/api/sync/conflicts/d_merge', SyncConflict],
  ['/api/sync/status', SyncStatus],
  ['/api/sync/network-status', NetworkStatus],
  ['/api/sync/logs?limit=20', z.array(SyncLog)],
  ['/api/sync/config', SyncConfig],
  ['/api/sync/config/history', z.array(ConfigChange)],
  ['/api/history?table=events&key=e_lamps', z.array(HistoryEntry)],
  ['/api/erp/status', ErpStatus],
  ['/api/price-changes?limit=10', z.array(PriceChange)],
  ['/api/unmatched-prices?limit=10', z.array(UnmatchedPrice)],
  ['/api/images?status=dead', z.array(ProductImage)],
  ['/api/customers?q=mario&user_id=ada', z.array(Customer)],
  ['/api/products?q=e', z.array(Product)],
]

test.each(ANSWERS)('GET %s answers what the wire declares', async (path, schema) => {
  const answer = await ask(path)
  expect(answer.status).toBe(200)
  schema.parse(await answer.json())
})

test('a sync answers as declared, at its end or at once', async () => {
  SmartSyncAnswer.parse(await (await ask('/api/admin/smart_sync', { method: 'POST' })).json())
  fake.behaviour.slowSync = true
  const accepted = await ask('/api/admin/smart_sync', { method: 'POST' })
  expect(accepted.status).toBe(202)
  SmartSyncAccepted.parse(await accepted.json())
})

test('a resolution and an undo are planned, applied as planned, or moved; a sync of devices is summed up', async () => {
  const post = async (path: string, body: object) => {
    const answer = await ask(path, { method: 'POST', body: JSON.stringify(body) })
    return { status: answer.status, body: await answer.json() }
  }
  const settle = (body: object) =>
    post('/api/sync/conflicts/d_phone/resolve', { strategy: 'keep_local', ...body })
  const planned = ResolveAnswer.parse((await settle({ dry_run: true })).body)
  const expected = await settle({ expect: { employees: 'another plan' } })
  expect([expected.status, Problem.parse(expected.body).type]).toEqual([409, 'urn:tidemark:problem:moved'])
  const applied = ResolveAnswer.parse(
    (await settle({ expect: { employees: planned.plans[0]?.digest } })).body,
  )
  expect([applied.plans[0]?.changes, applied.resolved_by]).toEqual([planned.plans[0]?.changes, 'Ada'])
  const undone = PlanAnswer.parse((await post('/api/undo', { conflict: 'd_phone', dry_run: true })).body)
  expect(undone.plans[0]?.settles).toEqual([{ conflict: 'd_phone', strategy: 'reopen' }])
  AutoResolveAnswer.parse((await post('/api/sync/conflicts/auto-resolve?max=10', { dry_run: true })).body)
  SyncOutcome.parse((await post('/api/sync/sync', {})).body)
})

test('a sync of a list of the ERP and an order answer as declared, and a known key makes no second order', async () => {
  const post = (path: string, body: object, key = '') =>
    fetch(fake.url + path, {
      method: 'POST',
      headers: { cookie, 'idempotency-key': key },
      body: JSON.stringify(body),
    })
  const started = await post('/api/erp/sync', { system: 'customers', user_id: 'ada', full: false })
  expect(started.status).toBe(202)
  Started.parse(await started.json())
  const order = { customer_id: 'C1', lines: [{ product_id: 'P1', quantity: 1 }], note: '', user_id: 'ada' }
  const first = await post('/api/orders', order, 'k1')
  expect(first.status).toBe(201)
  const made = OrderRequest.parse(await first.json())
  expect(await (await post('/api/orders', order, 'k1')).json()).toEqual(made)
  expect((await post('/api/orders', { ...order, note: 'x' }, 'k1')).status).toBe(409)
  expect((await post('/api/orders', { ...order, user_id: undefined }, 'k2')).status).toBe(400)
})

test('live events are as declared', async () => {
  const socket = new WebSocket(`${fake.url.replace('http', 'ws')}/api/live?lane=workspace:main`, {
    headers: { cookie },
  } as never)
  await new Promise((resolve) => socket.addEventListener('open', resolve))
  const heard: LiveEvent[] = []
  socket.addEventListener('message', ({ data }) => heard.push(LiveEvent.parse(JSON.parse(String(data)))))
  fake.behaviour.slowSync = false
  const answer = SmartSyncAnswer.parse(await (await ask('/api/admin/smart_sync', { method: 'POST' })).json())
  const statuses = () =>
    heard.flatMap((event) =>
      event.type === 'run' && event.run.id === answer.results[0]?.run_id ? [event.run.status] : [],
    )
  await expect.poll(statuses).toEqual(['queued', 'running', 'running', 'running', 'done'])
  socket.close()
})

test('a page that gives up while it connects is not counted as listening', async () => {
  const { hostname, port } = new URL(fake.url)
  const page = connect(Number(port), hostname)
  page.write(
    `GET /api/live?lane=given-up HTTP/1.1\r\nHost: ${hostname}\r\nCookie: ${cookie}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`,
  )
  await expect.poll(fake.lanes).toContain('given-up')
  page.end()
  await expect.poll(fake.lanes).not.toContain('given-up')
})

test('a refusal is a problem that says what was kept and what to do', async () => {
  const answer = await ask('/api/runs/nothing')
  expect(answer.status).toBe(404)
  Problem.parse(await answer.json())
  expect((await fetch(`${fake.url}/api/projects`)).status).toBe(401)
})
