import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LiveEvent, Run } from '../../sync/protocol/runs.ts'
import {
  type Account,
  type SmartSyncAnswer,
  SmartSyncAnswer as SmartSyncSchema,
  SyncStatusAnswer,
} from '../../sync/protocol/smart-sync.ts'
import { configure, SHEET, type Stack, startStack } from './stack.ts'

// The acceptance lines of smart sync, over HTTP, through the five real Workers.

let stack: Stack
const sync = (query = '') => stack.call<SmartSyncAnswer>('POST', `/api/admin/smart_sync${query}`)
const accounts = async (project: string) =>
  (await stack.call<Account[]>('GET', `/api/projects/${project}/accounts`)).body
const first = async () => (await accounts('p1')).find(({ profile_url }) => profile_url.endsWith('@p1-1'))!
const person = () => stack.google.person

beforeAll(async () => {
  stack = await startStack({ 'smart-sync': { ALLOW_PRIVATE_WEBHOOKS: '1' } })
  await configure(stack, 10, 5)
})
afterAll(() => stack.close())

/** The fields of the seed's "Successful Sync Response", and the project's own, none other. */
const SEED_RESULT = [
  'success',
  'project_id',
  'project_name',
  'total_accounts',
  'updated_count',
  'snapshot_count',
  'timestamp',
]

describe('a sync over HTTP', () => {
  test('answers field for field as the seed says', async () => {
    const { status, body } = await sync()
    expect(status).toBe(200)
    expect(SmartSyncSchema.strict().parse(body)).toMatchObject({
      success: true,
      total_projects: 10,
      success_count: 10,
      error_count: 0,
    })
    expect(Object.keys(body).sort()).toEqual(
      ['success', 'total_projects', 'success_count', 'error_count', 'results', 'timestamp'].sort(),
    )
    for (const result of body.results) {
      expect(Object.keys(result).sort()).toEqual([...SEED_RESULT, 'run_id', 'warnings'].sort())
      expect(result).toMatchObject({ total_accounts: 5, updated_count: 5, snapshot_count: 5 })
    }
  })

  test('the status answers field for field as the seed says', async () => {
    const { body } = await stack.call('GET', '/api/admin/sync_status')
    expect(SyncStatusAnswer.strict().parse(body)).toMatchObject({
      success: true,
      total_projects: 10,
      active_projects: 10,
      cache_enabled: false,
      open_conflicts: 0,
      sheets_reachable: true,
    })
  })

  test('a second run makes one call of Google and writes no row of a synced table', async () => {
    const tables = () => stack.runtime.query('SELECT version FROM lanes')
    const before = await tables()
    stack.google.calls.length = 0
    const { body } = await sync()
    expect(stack.google.calls.map(({ api }) => api)).toEqual(['drive.files.get'])
    expect(await tables()).toEqual(before)
    expect(
      body.results.every(({ updated_count, snapshot_count }) => updated_count + snapshot_count === 0),
    ).toBe(true)
  })

  test('an unknown project is 404 with its id, an inactive one says what to do', async () => {
    const unknown = await sync('?project_id=nowhere')
    expect(unknown.status).toBe(404)
    expect(unknown.body).toMatchObject({ detail: expect.stringContaining('nowhere') })
    expect(unknown.headers.get('content-type')).toContain('application/problem+json')
  })

  test('two syncs of one project at once are one run', async () => {
    const joined = () => stack.runtime.logs().filter(({ message }) => message.includes('run.joined')).length
    const before = joined()
    person().set(SHEET, { cell: 'Project 1!D2', text: '1001' })
    const hold = stack.google.faults.hold({ api: 'drive.files.get' })
    const busy = sync('?project_id=p2')
    await hold.arrived()
    const both = [sync('?project_id=p1'), sync('?project_id=p1')]
    while (joined() === before) await new Promise((resolve) => setTimeout(resolve, 10))
    hold.release()
    const answers = await Promise.all(both)
    await busy
    expect(answers[0]?.body.results[0]?.run_id).toBe(answers[1]?.body.results[0]?.run_id)
    expect((await first()).followers).toBe(1001)
  })

  test('ten syncs of ten projects at once all complete', async () => {
    for (let p = 1; p <= 10; p++) person().set(SHEET, { cell: `Project ${p}!D2`, text: String(2000 + p) })
    const answers = await Promise.all(Array.from({ length: 10 }, (_, p) => sync(`?project_id=p${p + 1}`)))
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200))
    for (let p = 1; p <= 10; p++) {
      const found = (await accounts(`p${p}`)).find(({ profile_url }) => profile_url.endsWith(`@p${p}-1`))
      expect(found?.followers).toBe(2000 + p)
    }
  })

  test('the cron does the same', async () => {
    person().set(SHEET, { cell: 'Project 3!D3', text: '77777' })
    await stack.runtime.query('UPDATE link_state SET next_due_at = 0')
    expect((await stack.runtime.cron()).outcome).toBe('ok')
    for (;;) {
      const [run] = await stack.runtime.query<{ id: string; trigger: string }>(
        'SELECT id, "trigger" FROM runs ORDER BY id DESC LIMIT 1',
      )
      if (run?.trigger === 'cron') {
        expect((await stack.ended(run.id)).status).toBe('done')
        break
      }
    }
    expect((await accounts('p3')).map(({ followers }) => followers)).toContain(77777)
  })

  test('with Google down it is degraded, not failed, and says how to mend it', async () => {
    stack.google.faults.down(true)
    const { status, body } = await sync()
    stack.google.faults.down(false)
    expect(status).toBe(200)
    expect(body).toMatchObject({ success: true, error_count: 0 })
    expect(body.results[0]).toMatchObject({
      degraded: true,
      error: expect.any(String),
      mend: expect.any(String),
    })
    await sync()
  })

  test('a tab without its header fails with the headers found and expected, and writes nothing', async () => {
    person().set(SHEET, { cell: 'Project 4!A1', text: 'Something' })
    const before = await accounts('p4')
    const { body } = await sync('?project_id=p4')
    expect(body).toMatchObject({ success: false, error_count: 1 })
    expect(body.results[0]?.error).toMatch(/Something/)
    expect(await accounts('p4')).toEqual(before)
    person().set(SHEET, { cell: 'Project 4!A1', text: 'Profile URL' })
    expect((await sync('?project_id=p4')).body.success).toBe(true)
  })
})

describe('readings and pins over HTTP', () => {
  const reading = (over: object) => ({
    metric: 'followers',
    value: 1,
    at: new Date().toISOString(),
    source: 'tool',
    ...over,
  })

  test('a bad reading is rejected with its reason, the others are merged by the next sync', async () => {
    const { id, followers } = await first()
    const { body } = await stack.call('POST', '/api/admin/readings', {
      body: {
        readings: [
          reading({ account_id: id, value: (followers ?? 0) + 50 }),
          reading({ project_id: 'p1', profile_url: 'youtube.com/@P1-2/', metric: 'views', value: 9_999_999 }),
          reading({ account_id: 'nobody' }),
          reading({ account_id: id, value: -1 }),
          reading({ account_id: id, at: '2099-01-01T00:00:00Z' }),
        ],
      },
    })
    expect(body).toMatchObject({
      success: false,
      accepted: 2,
      rejected: [{ index: 2 }, { index: 3 }, { index: 4 }],
    })
    await sync('?project_id=p1')
    expect((await first()).followers).toBe((followers ?? 0) + 50)
    expect((await accounts('p1')).map(({ views }) => views)).toContain(9_999_999)
  })

  test('a pin at 900 stays 900 until it is released, and the history says why', async () => {
    const { id, followers } = await first()
    const pinned = await stack.call<Account>('PUT', `/api/accounts/${id}/pins/followers`, {
      body: { value: 900, note: 'counted by hand' },
    })
    expect(pinned.body).toMatchObject({ followers: 900, pins: [{ column: 'followers', value: 900 }] })
    await sync('?full=true')
    expect((await first()).followers).toBe(900)
    await stack.call('DELETE', `/api/accounts/${id}/pins/followers`)
    await sync()
    expect((await first()).followers).toBe(followers)
    const { body } = await stack.call<{ op: string; changes: { rule: string }[] }[]>(
      'GET',
      `/api/history?table=accounts&key=${id}`,
    )
    expect(body.map(({ op }) => op)).toEqual(expect.arrayContaining(['insert', 'update', 'pin', 'unpin']))
    expect(body.at(-1)?.op).toBe('insert')
  })

  test('growth and snapshots are there', async () => {
    const { id } = await first()
    const today = await stack.call<object[]>('GET', `/api/accounts/${id}/snapshots?days=30`)
    expect(today.body).toHaveLength(1)
    await stack.runtime.query(
      `INSERT INTO account_snapshots SELECT account_id, date(day, '-7 day'), followers - 5, likes, comments, videos, views, at
        FROM account_snapshots WHERE account_id = '${id}'`,
    )
    const growth = await stack.call<Record<string, Record<string, number>>>(
      'GET',
      `/api/accounts/${id}/growth`,
    )
    expect(growth.body).toMatchObject({ week: { likes: 0 }, month: { followers: null } })
    expect(growth.body.week?.followers).toBeGreaterThanOrEqual(0)
  })
})

test('runs are told live over a socket', async () => {
  const token = stack.adminToken
  const { body } = await stack.call<{ code: string }>('POST', '/api/codes', {
    body: { role: 'admin', name: 'live' },
  })
  const session = await stack.call('POST', '/api/session', { token: null, body: { code: body.code } })
  const cookie = session.headers.get('set-cookie')?.split(';')[0] ?? ''
  expect(cookie).not.toContain(token)
  const url = new URL('/api/live?lane=workspace:w1', stack.runtime.url)
  url.protocol = 'ws:'
  const socket = new WebSocket(url, { headers: { cookie, origin: stack.runtime.url.origin } } as never)
  const events: LiveEvent[] = []
  socket.addEventListener('message', ({ data }) => events.push(JSON.parse(String(data)) as LiveEvent))
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve)
    socket.addEventListener('error', reject)
  })
  await sync()
  while (!events.some((event) => event.type === 'run' && event.run.finished_at))
    await new Promise((resolve) => socket.addEventListener('message', resolve, { once: true }))
  for (const event of events) if (event.type === 'run') Run.parse(event.run)
  // Signing out revokes the session, which closes its sockets.
  await stack.call('DELETE', '/api/session', {
    token: null,
    headers: { cookie, origin: stack.runtime.url.origin },
  })
  // The close frame is here at once; the local runtime keeps the connection under it for a while longer.
  while (socket.readyState === WebSocket.OPEN) await new Promise((resolve) => setTimeout(resolve, 10))
})

test('a user hears of runs of its own projects only, and of nothing else in them', async () => {
  await stack.call('PUT', '/api/projects/p6', {
    body: { workspace_id: 'w1', name: 'Project 6', tab: 'Project 6', owner: 'eve' },
  })
  const made = await stack.call<{ secret: string }>('POST', '/api/tokens', {
    body: { role: 'user', user_id: 'eve', name: 'eve' },
  })
  const url = new URL('/api/live?lane=workspace:w1', stack.runtime.url)
  url.protocol = 'ws:'
  const socket = new WebSocket(url, { headers: { authorization: `Bearer ${made.body.secret}` } } as never)
  const runs: Run[] = []
  socket.addEventListener('message', ({ data }) => {
    const event = JSON.parse(String(data)) as LiveEvent
    if (event.type === 'run') runs.push(event.run)
  })
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve)
    socket.addEventListener('error', reject)
  })
  await sync('?project_id=p1')
  await sync()
  while (!runs.some(({ finished_at }) => finished_at))
    await new Promise((resolve) => socket.addEventListener('message', resolve, { once: true }))
  expect(runs.every((run) => run.parts === null)).toBe(true)
  expect(new Set(runs.flatMap((run) => run.report.parts.map(({ id }) => id)))).toEqual(new Set(['p6']))
  expect(new Set(runs.map(({ actor }) => actor))).toEqual(new Set(['someone else']))
  socket.close()
})

test('webhooks are signed, tried again, and end on the dead-letter list only after their retries', async () => {
  const received: { headers: Record<string, string>; body: string }[] = []
  let arrived: () => void = () => undefined
  let refusals = 1
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    if (refusals-- > 0) {
      response.writeHead(500).end()
      return
    }
    received.push({
      headers: request.headers as Record<string, string>,
      body: Buffer.concat(chunks).toString(),
    })
    response.writeHead(204).end()
    arrived()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const hook = await stack.call<{ id: string; secret: string }>('POST', '/api/webhooks', {
    body: { url: `http://127.0.0.1:${port}/hook`, events: ['run.completed'] },
  })
  expect(hook.status).toBe(201)
  const delivered = new Promise<void>((resolve) => {
    arrived = resolve
  })
  person().set(SHEET, { cell: 'Project 5!D2', text: '555555' })
  await sync()
  await delivered
  const [message] = received
  expect(new Webhook(hook.body.secret).verify(message?.body ?? '', message?.headers ?? {})).toMatchObject({
    type: 'run.completed',
  })
  await stack.call('DELETE', `/api/webhooks/${hook.body.id}`)
  server.close()
})
