import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Account, Growth, Project, Snapshot } from '../../sync/protocol/smart-sync.ts'
import { hashOf } from '../../workers/gateway/tokens.ts'
import { type Answer, accountId, type Doors, openDoors } from './world.ts'

const DAY = 86_400_000
let doors: Doors
let ann: string
beforeEach(async () => {
  doors = await openDoors()
  ann = accountId(doors, 'https://youtube.com/@ann')
})
afterEach(() => void vi.useRealTimers())

const next = (answer: Answer) => /<([^>]+)>; rel="next"/.exec(answer.headers.get('link') ?? '')?.[1]

/** What a request cost in D1, the look-up of its token not counted. */
async function queriesOf(path: string): Promise<number> {
  const hash = await hashOf(doors.secrets.ann)
  await doors.call('ann', 'GET', path)
  doors.database.batches.length = 0
  expect((await doors.call('ann', 'GET', path)).status).toBe(200)
  return doors.database.batches.filter((batch) => !batch.some(({ params }) => params.includes(hash))).length
}

describe('accounts', () => {
  it('are read in one query: one account, and a project’s list', async () => {
    expect(await queriesOf(`/api/accounts/${ann}`)).toBe(1)
    expect(await queriesOf('/api/projects/annie/accounts')).toBe(1)
    expect(await queriesOf('/api/projects')).toBe(1)
  })

  it('wait for no lane', async () => {
    for (const path of ['/api/projects', '/api/projects/annie/accounts', `/api/accounts/${ann}`, '/api/runs'])
      await doors.call('ann', 'GET', path)
    expect(doors.lanes.calls).toEqual([])
  })

  it('come with their pins', async () => {
    const pin = { value: 42, note: 'bots removed', until: '2099-01-01T00:00:00.000Z' }
    await doors.call('ann', 'PUT', `/api/accounts/${ann}/pins/followers`, { body: pin })
    const list = (await doors.call('ann', 'GET', '/api/projects/annie/accounts')).json<Account[]>()
    const [pinned] = list.filter(({ id }) => id === ann)
    expect(pinned?.followers).toBe(42)
    expect(pinned?.pins).toEqual(
      [{ ...pin, column: 'followers', source: 'api', by: 'ann', at: expect.any(String) }].map(
        ({ value, note, until, ...of }) => ({ ...of, value, note, until }),
      ),
    )
    expect(list.filter(({ id }) => id !== ann)[0]?.pins).toEqual([])
    expect((await doors.call('ann', 'GET', `/api/accounts/${ann}`)).json()).toEqual(pinned)
  })

  it('say null for a number that nobody ever reported', async () => {
    const { likes, views } = (await doors.call('ann', 'GET', `/api/accounts/${ann}`)).json<Account>()
    expect({ likes, views }).toEqual({ likes: null, views: 7 })
  })

  it('go on by Link headers, each once', async () => {
    const insert =
      doors.file.prepare(`INSERT INTO accounts (id, project_id, platform, profile_url, profile_url_key, version,
      updated_at, origin) VALUES (?1, 'annie', 'x', ?1, ?1, 1, 1, 'test')`)
    for (let i = 0; i < 7; i++) insert.run(`extra-${i}`)
    const pages: number[] = []
    const seen = new Set<string>()
    for (let path: string | undefined = '/api/projects/annie/accounts?limit=4'; path; ) {
      const answer = await doors.call('ann', 'GET', path)
      const list = answer.json<Account[]>()
      pages.push(list.length)
      for (const { id } of list) seen.add(id)
      path = next(answer)
    }
    expect(pages).toEqual([4, 4, 1])
    expect(seen.size).toBe(9)
  })

  it('are not sent again to who has them, also where a proxy weakened the tag', async () => {
    const path = '/api/projects/annie/accounts'
    const first = await doors.call('ann', 'GET', path)
    const tag = first.headers.get('etag') ?? ''
    expect(tag).toMatch(/^"[^"]+"$/)
    for (const known of [tag, `W/${tag}`, `"old", W/${tag}`]) {
      const again = await doors.call('ann', 'GET', path, { headers: { 'if-none-match': known } })
      expect([again.status, again.text, again.headers.get('etag')]).toEqual([304, '', tag])
      expect(again.headers.get('content-type')).toBeNull()
    }
    await doors.call('ann', 'PUT', `/api/accounts/${ann}/pins/followers`, { body: { value: 1 } })
    const changed = await doors.call('ann', 'GET', path, { headers: { 'if-none-match': tag } })
    expect(changed.status).toBe(200)
    expect(changed.headers.get('etag')).not.toBe(tag)
  })

  it('that were deleted are not there', async () => {
    doors.file.prepare('UPDATE accounts SET deleted_at = 1 WHERE id = ?').run(ann)
    expect((await doors.call('ann', 'GET', `/api/accounts/${ann}`)).status).toBe(404)
    const list = (await doors.call('ann', 'GET', '/api/projects/annie/accounts')).json<Account[]>()
    expect(list.map(({ id }) => id)).not.toContain(ann)
  })
})

describe('projects', () => {
  it('come with the number and the totals of their live accounts', async () => {
    const list = (await doors.call('ann', 'GET', '/api/projects')).json<Project[]>()
    expect(list.map(({ id, active, accounts }) => [id, active, accounts])).toEqual([
      ['annie', true, 2],
      ['asleep', false, 0],
    ])
    expect(list[0]?.totals).toEqual({ followers: 150, likes: null, comments: null, videos: null, views: 7 })
    expect(list[1]?.totals.followers).toBeNull()
    expect((await doors.call('ann', 'GET', '/api/projects/annie')).json()).toEqual(list[0])
  })

  it('are at most 1,000 a page', async () => {
    const insert = doors.file.prepare(
      `INSERT INTO projects (id, workspace_id, name, tab) VALUES (?1, 'w1', 'Same name', 't')`,
    )
    for (let i = 0; i < 1_001; i++) insert.run(`many-${i}`)
    const first = await doors.call('admin', 'GET', '/api/projects')
    const second = await doors.call('admin', 'GET', next(first) ?? '')
    const ids = [first, second].flatMap((page) => page.json<Project[]>().map(({ id }) => id))
    expect(first.json<Project[]>()).toHaveLength(1_000)
    expect(new Set(ids).size).toBe(1_006)
    expect(next(second)).toBeUndefined()
  })
})

describe('snapshots and growth', () => {
  const today = Date.UTC(2026, 10, 21, 12)
  const day = (ago: number) => new Date(today - ago * DAY).toISOString().slice(0, 10)
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'], now: today })
    doors.file.exec('DELETE FROM account_snapshots')
    const insert = doors.file.prepare(
      'INSERT INTO account_snapshots (account_id, day, followers, likes, at) VALUES (?, ?, ?, ?, 1)',
    )
    for (const [ago, followers] of [
      [0, 100],
      [1, 90],
      [8, 70],
      [29, 60],
      [30, 50],
      [400, 1],
    ] as const)
      insert.run(ann, day(ago), followers, null)
  })

  it('are one a day, of the last 30 days or as many as are asked for, oldest first', async () => {
    const read = async (query = '') =>
      (await doors.call('ann', 'GET', `/api/accounts/${ann}/snapshots${query}`))
        .json<Snapshot[]>()
        .map(({ followers }) => followers)
    expect(await read()).toEqual([60, 70, 90, 100])
    expect(await read('?days=31')).toEqual([50, 60, 70, 90, 100])
    expect(await read('?days=1')).toEqual([100])
    expect((await doors.call('ann', 'GET', `/api/accounts/${ann}/snapshots?days=1001`)).status).toBe(400)
  })

  it('of an account is the change since the snapshot of then, or the last one before', async () => {
    const growth = (await doors.call('ann', 'GET', `/api/accounts/${ann}/growth`)).json<Growth>()
    expect([growth.day.followers, growth.week.followers, growth.month.followers]).toEqual([10, 30, 50])
    expect(growth.day.likes).toBeNull()
  })

  it('of a project is the sum over its accounts that have so old a snapshot', async () => {
    const growth = (await doors.call('ann', 'GET', '/api/projects/annie/growth')).json<Growth>()
    expect([growth.day.followers, growth.week.followers, growth.month.followers]).toEqual([10, 30, 50])
    const none = (await doors.call('bob', 'GET', '/api/projects/bobby/growth')).json<Growth>()
    expect(none.month.followers).toBeNull()
  })

  it('count days in the project’s time zone', async () => {
    doors.file.exec(`UPDATE projects SET time_zone = 'Pacific/Kiritimati' WHERE id = 'annie'`)
    const list = (await doors.call('ann', 'GET', `/api/accounts/${ann}/snapshots?days=2`)).json<Snapshot[]>()
    // It is 02:00 of the 22nd there: two days are the 22nd and the 21st.
    expect(list.map((snapshot) => snapshot.day)).toEqual(['2026-11-21'])
  })
})
