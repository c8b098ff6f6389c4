import { beforeEach, describe, expect, test } from 'vitest'
import { readHistory } from '../../db/reads/history.ts'
import {
  type Durable,
  drain,
  durable,
  type FakeRemote,
  fakeRemote,
  type Instance,
  instance,
  rows,
  seed,
  syncRequest,
  testIds,
} from './world.ts'

let world: Durable
let remote: FakeRemote
let it: Instance

beforeEach(() => {
  world = durable()
  seed(world, 2)
  remote = fakeRemote()
  it = instance(world, 'workspace:w1', () => remote)
  remote.tabs.set('p1', [
    { profile_url: 'https://a', username: 'a', followers: 1000, likes: 10 },
    { profile_url: 'https://b', username: 'b', followers: 2000 },
  ])
  remote.tabs.set('p2', [{ profile_url: 'https://c', username: 'c', followers: 5 }])
})

async function sync(over = {}) {
  const answer = await it.lane.request(syncRequest(over))
  await drain(world, it.lane)
  if (answer.type === 'skipped') throw new Error(answer.reason)
  const [row] = rows(world, 'SELECT * FROM runs WHERE id = ?', answer.runId)
  return { ...row, report: JSON.parse(String(row?.report)) } as {
    status: string
    report: {
      counts: Record<string, number>
      parts: {
        warnings: { kind: string; where: string }[]
        updated: number
        derived: number
        status: string
      }[]
    }
  }
}

const account = (key: string) => rows(world, 'SELECT * FROM accounts WHERE profile_url_key = ?', key)[0]

describe('a mirror run', () => {
  test('stores what the remote shows, with history and snapshots', async () => {
    const run = await sync()
    expect(run.status).toBe('done')
    expect(run.report.counts).toMatchObject({ read: 3, written: 3 })
    expect(account('https://a')).toMatchObject({
      followers: 1000,
      likes: 10,
      comments: null,
      project_id: 'p1',
    })
    expect(rows(world, 'SELECT * FROM history')).toHaveLength(3)
    expect(rows(world, 'SELECT * FROM account_snapshots')).toHaveLength(3)
    expect(run.report.parts.map((p) => p.derived)).toEqual([2, 1])
  })

  test('that finds the remote unchanged reads nothing and writes no row of a synced table', async () => {
    await sync()
    const before = rows(world, 'SELECT * FROM lanes')
    const run = await sync()
    expect(run.status).toBe('unchanged')
    expect(run.report.counts).toMatchObject({ calls: 1, written: 0, read: 0 })
    expect(rows(world, 'SELECT * FROM lanes')).toEqual(before)
    expect(rows(world, 'SELECT * FROM history')).toHaveLength(3)
  })

  test('keeps the larger number, and records the smaller one as refused, once', async () => {
    await sync()
    remote.tabs.get('p1')![0]!.followers = 950
    remote.stamp++
    const run = await sync()
    expect(account('https://a')?.followers).toBe(1000)
    expect(run.report.parts[0]?.warnings).toMatchObject([{ kind: 'refused', where: 'Project 1!followers2' }])
    remote.stamp++
    await sync()
    expect(rows(world, "SELECT * FROM history WHERE op = 'refuse'")).toHaveLength(1)
    expect(rows(world, "SELECT version FROM history WHERE op = 'refuse'")[0]?.version).toBe(
      account('https://a')?.version,
    )
  })

  test('believes a vanished row at the second look, and deletes it under the guard', async () => {
    await sync()
    remote.tabs.get('p1')!.pop()
    remote.stamp++
    await sync()
    expect(account('https://b')?.deleted_at).toBeNull()
    await sync()
    expect(account('https://b')?.deleted_at).not.toBeNull()
    remote.tabs.get('p1')!.push({ profile_url: 'https://b', username: 'b', followers: 2500 })
    remote.stamp++
    await sync()
    expect(rows(world, "SELECT * FROM accounts WHERE profile_url_key = 'https://b'")).toHaveLength(1)
    expect(account('https://b')).toMatchObject({ deleted_at: null, followers: 2500 })
  })

  test('goes on without a remote that is down, and says how to mend it', async () => {
    await sync()
    remote.fail.push({ ok: false, failure: { type: 'refused', reason: 'not shared', mend: 'share it' } })
    const run = await sync()
    expect(run.status).toBe('degraded')
    expect(run.report).toMatchObject({ reason: 'not shared', mend: 'share it' })
  })

  test('takes a renamed key on the same row as the same row', async () => {
    await sync()
    const before = account('https://a')
    remote.tabs.get('p1')![0]!.profile_url = 'https://a2'
    remote.stamp++
    await sync()
    expect(account('https://a2')?.id).toBe(before?.id)
    expect(account('https://a')).toBeUndefined()
  })

  test('a pin outranks MAX until it is released, and then everything is merged again', async () => {
    await sync()
    const id = String(account('https://a')?.id)
    const pin = {
      type: 'pin',
      table: 'accounts',
      key: id,
      column: 'followers',
      value: 900,
      note: 'agreed',
      until: null,
    } as const
    const push = { id: 'push-1', actor: 'ann', origin: 'api', mutations: [pin] }
    expect(await it.lane.push(push)).toMatchObject({ results: [{ status: 'applied' }] })
    expect(await it.lane.push(push)).toMatchObject({ results: [{ status: 'applied' }] })
    expect(account('https://a')?.followers).toBe(900)
    remote.tabs.get('p1')![0]!.followers = 1500
    remote.stamp++
    await sync()
    expect(account('https://a')?.followers).toBe(900)
    await it.lane.push({
      id: 'push-2',
      actor: 'ann',
      origin: 'api',
      mutations: [{ type: 'unpin', table: 'accounts', key: id, column: 'followers' }],
    })
    await drain(world, it.lane)
    expect(account('https://a')?.followers).toBe(1500)
  })

  test('merges readings of parsers with the stored values', async () => {
    await sync()
    const id = String(account('https://a')?.id)
    const reading = (value: number, at: number) => ({
      type: 'propose' as const,
      table: 'metric_readings',
      key: `${id}:followers:tool`,
      values: { account_id: id, metric: 'followers', source: 'tool', value, at },
    })
    await it.lane.push({ id: 'r1', actor: 'tool', origin: 'api', mutations: [reading(950, 1)] })
    await sync()
    expect(account('https://a')?.followers).toBe(1000)
    await it.lane.push({ id: 'r2', actor: 'tool', origin: 'api', mutations: [reading(1050, 2)] })
    const run = await sync()
    expect(run.report.counts).toMatchObject({ calls: 1, written: 1 })
    expect(account('https://a')?.followers).toBe(1050)
    expect((await sync()).status).toBe('unchanged')
  })

  test('writes merged values back to the cells that differ, where the switch is on', async () => {
    world.file.exec('UPDATE projects SET write_back = 1')
    await sync()
    const id = String(account('https://a')?.id)
    await it.lane.push({
      id: 'r1',
      actor: 'tool',
      origin: 'api',
      mutations: [
        {
          type: 'propose',
          table: 'metric_readings',
          key: `${id}:followers:tool`,
          values: { account_id: id, metric: 'followers', source: 'tool', value: 7777, at: 1 },
        },
      ],
    })
    const run = await sync({ full: true })
    expect(remote.tabs.get('p1')![0]).toMatchObject({ followers: 7777 })
    expect(run.report.counts.written).toBe(1)
  })
})

test('a request that joins a run left by a killed instance wakes the lane', async () => {
  const first = instance(world, 'workspace:w1', () => remote)
  await first.lane.request(syncRequest())
  world.alarm = null
  it = instance(world, 'workspace:w1', () => remote)
  const run = await sync()
  expect(run.status).toBe('done')
})

test('what was wrong with a page is told again by runs that do not read it', async () => {
  await sync()
  remote.tabs.get('p1')![0]!.followers = 1
  remote.stamp++
  const wrong = (await sync()).report.parts[0]?.warnings
  expect(wrong).toHaveLength(1)
  expect((await sync()).report.parts[0]?.warnings).toEqual(wrong)
  const id = String(account('https://b')?.id)
  const values = { account_id: id, metric: 'views', source: 'tool', value: 5, at: 1 }
  await it.lane.push({
    id: 'r',
    actor: 'tool',
    origin: 'api',
    mutations: [{ type: 'propose', table: 'metric_readings', key: `${id}:views:tool`, values }],
  })
  const merged = await sync()
  expect(merged.status).toBe('done')
  expect(merged.report.parts[0]?.warnings).toEqual(wrong)
})

test('a refused value is recorded once, however often everything is read', async () => {
  await sync()
  remote.tabs.get('p1')![0]!.followers = 1
  remote.stamp++
  await sync()
  await sync({ full: true })
  await sync({ full: true })
  expect(rows(world, "SELECT * FROM history WHERE op = 'refuse'")).toHaveLength(1)
})

test('a switched write-back, another spreadsheet or another alias is a change, though the remote has the same stamp', async () => {
  await sync()
  for (const sql of [
    'UPDATE projects SET write_back = 1',
    `UPDATE workspaces SET spreadsheet_id = 'another'`,
    `INSERT INTO config VALUES ('smart-sync.aliases', '{"likes": ["Gefällt"]}', 0, 'ann')`,
  ]) {
    expect((await sync()).report.counts.calls).toBe(1)
    world.file.exec(sql)
    expect((await sync()).report.counts.calls).toBeGreaterThan(1)
  }
})

test('a conflict is opened and announced once, and closes by itself', async () => {
  world.file.exec(
    `INSERT INTO webhooks VALUES ('w', 'https://hook.test', '["conflict.opened"]', 1, 0, 'ann')`,
  )
  remote.tabs.get('p1')!.push({ profile_url: 'https://A', followers: 1 })
  await sync()
  await sync({ full: true })
  expect(rows(world, 'SELECT kind, resolved_at FROM conflicts')).toEqual([
    { kind: 'duplicate', resolved_at: null },
  ])
  expect(rows(world, 'SELECT type FROM deliveries')).toEqual([{ type: 'conflict.opened' }])
  remote.tabs.get('p1')!.pop()
  remote.stamp++
  await sync()
  expect(rows(world, 'SELECT resolution FROM conflicts')).toEqual([{ resolution: 'gone' }])
})

test('an account typed over another does not inherit its numbers, where the rows show nothing but their keys', async () => {
  remote.tabs.set(
    'p1',
    [1, 2, 3].map((n) => ({ profile_url: `https://${n}` })),
  )
  await sync()
  const id = String(account('https://2')?.id)
  await it.lane.push({
    id: 'r',
    actor: 'tool',
    origin: 'api',
    mutations: [
      {
        type: 'propose',
        table: 'metric_readings',
        key: `${id}:followers:tool`,
        values: { account_id: id, metric: 'followers', source: 'tool', value: 5_000_000, at: 1 },
      },
    ],
  })
  await sync()
  remote.tabs.get('p1')![1]!.profile_url = 'https://99'
  remote.stamp++
  await sync()
  expect(account('https://99')).toMatchObject({ followers: null })
  expect(account('https://2')).toMatchObject({ followers: 5_000_000, deleted_at: null })
})

test('a pin that expires, or comes and goes with the remote, keeps the history one chain', async () => {
  await sync()
  const id = String(account('https://a')?.id)
  const until = world.clock.now() + 1_000
  const pin = {
    type: 'pin',
    table: 'accounts',
    key: id,
    column: 'followers',
    value: 900,
    note: '',
    until,
  } as const
  await it.lane.push({ id: 'p', actor: 'ann', origin: 'api', mutations: [pin] })
  world.clock.advance(5_000)
  await sync()
  remote.pinned.add('https://a.followers')
  remote.stamp++
  await sync()
  remote.pinned.clear()
  remote.stamp++
  await sync()
  const head = { lane: 'workspace:w1', version: Number(account('https://a')?.version) }
  const chain = await readHistory(world.database, head, 'accounts', id, 50, null)
  const all = rows(world, 'SELECT * FROM history WHERE key = ?', id)
  expect(chain.map(({ op }) => op).sort()).toEqual(all.map(({ op }) => op).sort())
  expect(all.map(({ op }) => op)).toEqual(expect.arrayContaining(['insert', 'pin', 'unpin', 'update']))
})

test('a run that is given up leaves what it had not done to be done', async () => {
  await sync()
  for (const part of ['p1', 'p2'])
    remote.tabs.set(
      part,
      Array.from({ length: 1_200 }, (_, n) => ({ profile_url: `https://${part}/${n}`, followers: 1 })),
    )
  remote.stamp++
  await sync()
  for (const list of remote.tabs.values()) for (const row of list) row.followers = 5_000
  remote.stamp++
  let commits = 0
  it = instance(
    world,
    'workspace:w1',
    () => remote,
    (engine) => ({
      ...engine,
      database: {
        batch: (statements) =>
          statements.some(({ sql }) => sql.includes('INTO accounts')) && commits++ > 0
            ? Promise.reject(new Error('D1 is overloaded'))
            : engine.database.batch(statements),
      },
    }),
    testIds('second'),
  )
  expect((await sync()).status).toBe('failed')
  it = instance(world, 'workspace:w1', () => remote, undefined, testIds('third'))
  await sync()
  expect(rows(world, 'SELECT count(*) AS n FROM accounts WHERE followers = 5000')).toEqual([{ n: 2_400 }])
})

test('many conflicts are a few statements, and a broken tab does not make the others read again', async () => {
  let most = 0
  it = instance(
    world,
    'workspace:w1',
    () => remote,
    (engine) => ({
      ...engine,
      database: {
        batch(statements) {
          most = Math.max(most, statements.length)
          return engine.database.batch(statements)
        },
      },
    }),
    testIds('second'),
  )
  remote.tabs.set(
    'p1',
    Array.from({ length: 1_500 }, (_, n) => ({ profile_url: 'https://same', followers: n })),
  )
  const { read } = remote
  remote.read = async (context, part, cursor) => {
    const answer = await read(context, part, cursor)
    if (!answer.ok || part.id !== 'p2') return answer
    return {
      ok: true,
      value: { ...answer.value, rows: [], refused: { reason: 'no header', mend: 'add it' } },
    }
  }
  expect((await sync()).status).toBe('failed')
  expect(most).toBeLessThan(50)
  const parts: string[] = []
  const { read: refusing } = remote
  remote.read = (context, part, cursor) => {
    parts.push(part.id)
    return refusing(context, part, cursor)
  }
  await sync()
  expect(parts).toEqual(['p2'])
})

test('a large write-back and long texts stay below the size of a value of D1', async () => {
  world.file.exec('UPDATE projects SET write_back = 1')
  let largest = 0
  it = instance(
    world,
    'workspace:w1',
    () => remote,
    (engine) => ({
      ...engine,
      database: {
        batch(statements) {
          for (const { params } of statements)
            for (const param of params) largest = Math.max(largest, String(param).length)
          return engine.database.batch(statements)
        },
      },
    }),
    testIds('second'),
  )
  const long = 'x'.repeat(200)
  const row = (n: number, more: object) => ({ profile_url: `https://${long}/${n}`, ...more })
  remote.tabs.set(
    'p1',
    Array.from({ length: 4_000 }, (_, n) => row(n, { followers: 1, likes: 1, comments: 1 })),
  )
  await sync()
  remote.tabs.set(
    'p1',
    Array.from({ length: 4_000 }, (_, n) => row(n, {})),
  )
  remote.stamp++
  const { read } = remote
  remote.read = async (context, part, cursor) => {
    const answer = await read(context, part, cursor)
    const wrong = { kind: 'unreadable', message: 'no number', where: 'A1', raw: 'y'.repeat(50_000) }
    return answer.ok ? { ok: true, value: { ...answer.value, warnings: Array(100).fill(wrong) } } : answer
  }
  const run = await sync()
  expect(run.status).toBe('done')
  expect(rows(world, 'SELECT n FROM link_writes').length).toBeGreaterThan(1)
  expect(largest).toBeLessThanOrEqual(1_000_000)
})

test('a push between an unexpected error and its retry is applied', async () => {
  remote.tabs.set(
    'p1',
    Array.from({ length: 700 }, (_, n) => ({ profile_url: `https://${n}`, followers: n })),
  )
  let slices = 0
  const broken = instance(
    world,
    'workspace:w1',
    () => remote,
    (engine) => ({
      ...engine,
      database: {
        batch: (statements) =>
          statements.some(({ sql }) => sql.includes('INTO accounts')) && ++slices === 2
            ? Promise.reject(new Error('D1 is overloaded'))
            : engine.database.batch(statements),
      },
    }),
    testIds('second'),
  )
  await broken.lane.request(syncRequest())
  world.clock.set(world.alarm ?? 0)
  await broken.lane.alarm()
  const values = { account_id: 'a', metric: 'views', source: 'tool', value: 1, at: 1 }
  const pushed = await broken.lane.push({
    id: 'p',
    actor: 'ann',
    origin: 'api',
    mutations: [{ type: 'propose', table: 'metric_readings', key: 'a:views:tool', values }],
  })
  expect(pushed).toMatchObject({ results: [{ status: 'applied' }] })
  await drain(world, broken.lane)
  expect(rows(world, 'SELECT count(*) AS n FROM accounts')).toEqual([{ n: 701 }])
})

test('a request that comes while a run reads what there is to do is a run of its own', async () => {
  let answer: Promise<{ type: string }> | null = null
  const curious = instance(
    world,
    'workspace:w1',
    () => remote,
    (engine) => ({
      ...engine,
      database: {
        async batch(statements) {
          const results = await engine.database.batch(statements)
          if (!answer && statements.some(({ sql }) => sql.includes('FROM inbox_heads')))
            answer = curious.lane.request(syncRequest())
          return results
        },
      },
    }),
    testIds('second'),
  )
  await curious.lane.request(syncRequest())
  await drain(world, curious.lane)
  expect(await answer).toMatchObject({ type: 'queued' })
})

test('an instance that dies between the halves of a bisected commit leaves the other half to be done', async () => {
  remote.tabs.set(
    'p1',
    [1, 2, 3, 4].map((n) => ({ profile_url: `https://u${n}`, followers: n })),
  )
  let dead = false
  const dying = instance(
    world,
    'workspace:w1',
    () => remote,
    (engine) => ({
      ...engine,
      database: {
        async batch(statements) {
          if (dead) return new Promise(() => undefined)
          const writes = statements.some(({ sql }) => sql.includes('INTO accounts'))
          if (writes && JSON.stringify(statements).includes('https://u4'))
            throw new Error('UNIQUE constraint failed: accounts.profile_url_key')
          const results = await engine.database.batch(statements)
          dead = writes
          return results
        },
      },
    }),
    testIds('second'),
  )
  await dying.lane.request(syncRequest())
  world.clock.set(world.alarm ?? 0)
  void dying.lane.alarm()
  while (!dead) await new Promise((resolve) => setImmediate(resolve))
  const next = instance(world, 'workspace:w1', () => remote, undefined, testIds('third'))
  await next.lane.poke()
  await drain(world, next.lane)
  expect(rows(world, `SELECT * FROM accounts WHERE profile_url_key LIKE 'https://u%'`)).toHaveLength(4)
})
