import { beforeEach, describe, expect, it, vi } from 'vitest'
import { ErpStatus } from '../../sync/protocol/erp.ts'
import type { Run } from '../../sync/protocol/runs.ts'
import { forgetCallers } from '../../workers/gateway/guard.ts'
import { collections } from '../../workers/shared/names.ts'
import { ERP_SECRETS, openErpDoors } from './erp-world.ts'
import { ask, type Doors, look, type Who } from './world.ts'

let doors: Doors
beforeEach(async () => {
  doors = await openErpDoors()
})

const HOUR = 3_600_000
async function status(who: Who = 'admin'): Promise<ErpStatus> {
  const answer = await doors.call(who, 'GET', '/api/erp/status')
  expect(answer.status).toBe(200)
  const parsed = ErpStatus.parse(answer.json())
  expect(parsed).toEqual(answer.json())
  return parsed
}
const config = (key: string, body: object) => doors.call('admin', 'PUT', `/api/config/${key}`, { body })
const scopes = ({ systems }: ErpStatus) =>
  systems.map(({ link, scopes: of }) => [link, of.map(({ scope }) => scope)])

describe('the status of the ERP', () => {
  it('tells an admin of every list and scope: the table of the spec, as it holds', async () => {
    const { systems, configured } = await status()
    expect(configured).toBe(true)
    expect(systems.map(({ scopes: _, ...of }) => of)).toEqual([
      {
        link: 'customers.erp',
        system: 'customers',
        per: 'user',
        probe: 'rolling',
        check_ms: HOUR / 2,
        full_ms: 24 * HOUR,
        priority: 4,
      },
      {
        link: 'products.erp',
        system: 'products',
        per: 'shared',
        probe: 'stamp',
        check_ms: 2 * HOUR,
        full_ms: 24 * HOUR,
        priority: 2,
      },
      {
        link: 'prices.erp',
        system: 'prices',
        per: 'shared',
        probe: 'rolling',
        check_ms: 3 * HOUR,
        full_ms: 24 * HOUR,
        priority: 1,
      },
      {
        link: 'orders.erp',
        system: 'orders',
        per: 'user',
        probe: 'recentFirst',
        check_ms: HOUR,
        full_ms: 12 * HOUR,
        priority: 3,
      },
    ])
    expect(scopes(await status())).toEqual([
      ['customers.erp', ['ann', 'bob']],
      ['products.erp', ['shared']],
      ['prices.erp', ['shared']],
      ['orders.erp', ['ann', 'bob']],
    ])
  })

  it('tells of a scope when it was good, how many rows it has, what waits, and the bound of its checks', async () => {
    const [customers, products, prices] = (await status()).systems
    expect(customers?.scopes[0]).toMatchObject({
      scope: 'ann',
      lane: 'customers:ann',
      active: true,
      rows: 23,
      last_status: 'done',
      trouble: null,
      checks: 9,
      skips: 4,
      waiting_rows: 0,
      resumes_at_page: null,
      bound: { checks: 4, ms: (4 * HOUR) / 2 },
    })
    expect(products?.scopes[0]?.bound).toBeNull()
    expect(prices?.scopes[0]?.waiting_rows).toBe(2)
  })

  it('follows what an operator set', async () => {
    await config('customers.erp', { check_minutes: 60, full_hours: 48, probe_pages: 20 })
    await config('products.erp', { probe: 'rolling' })
    const [customers, products] = (await status()).systems
    expect(customers).toMatchObject({ check_ms: HOUR, full_ms: 48 * HOUR })
    expect(customers?.scopes[0]?.bound).toEqual({ checks: 2, ms: 2 * HOUR })
    expect(products).toMatchObject({ probe: 'rolling', check_ms: 2 * HOUR })
  })

  it('tells of trouble, and where a broken run will be taken up', async () => {
    doors.file.exec(`UPDATE link_state SET trouble = '{"reason":"It is down.","mend":"Wait."}', last_status = 'degraded',
      list = '{"pages":40,"resume":{"hash":"h","at":1,"state":{"next":17}}}' WHERE link = 'customers.erp' AND scope = 'bob'`)
    const [customers] = (await status()).systems
    expect(customers?.scopes[1]).toMatchObject({
      trouble: { reason: 'It is down.', mend: 'Wait.' },
      last_status: 'degraded',
      resumes_at_page: 17,
    })
  })

  it('shows a user the own and the shared lists only, at most that somebody else is there', async () => {
    doors.file.exec(`INSERT INTO runs (id, link, scope, lane, trigger, params, actor, status, report, enqueued_at)
      SELECT 'going-' || id, link, scope, lane, trigger, params, 'admin', 'running', report, 1 FROM runs WHERE id LIKE '01-%'`)
    const given = await doors.call('ann', 'GET', '/api/erp/status')
    for (const secret of ERP_SECRETS) expect(given.text).not.toContain(secret)
    const mine = await status('ann')
    expect(scopes(mine)).toEqual([
      ['customers.erp', ['ann']],
      ['products.erp', ['shared']],
      ['prices.erp', ['shared']],
      ['orders.erp', ['ann']],
    ])
    expect(mine.systems[0]?.scopes[0]?.rows).toBe(23)
    expect(mine.runs.map(({ id, actor }) => [id, actor])).toEqual([
      ['going-01-ann-run', 'someone else'],
      ['going-01-shared-run', 'someone else'],
    ])
    expect(mine.runs[0]?.report.counts.read).toBe(5)
    expect(mine.orders.map(({ id, actor }) => [id, actor])).toEqual([['ann-request', 'someone else']])
    expect((await status()).runs).toHaveLength(3)
    expect((await status()).orders).toHaveLength(2)
  })

  it('shows who is inside the gate and who waits, by lane, and to a user others as others', async () => {
    const until = Date.now() + 5_000
    doors.gate.view = {
      inside: [{ ticket: 'customers:ann#1', exclusive: false, until }],
      waiting: [
        { ticket: 'orders:bob#order', exclusive: true, priority: 9, since: until - 6_000 },
        { ticket: 'products', exclusive: false, priority: 2, since: until - 6_000 },
      ],
      closedUntil: 0,
      exclusive: 'waiting',
    }
    const all = (await status()).gate
    expect(all).toMatchObject({ concurrency: 1, closed_until: null })
    expect(all?.inside).toEqual([
      { who: 'customers:ann', exclusive: false, until: new Date(until).toISOString() },
    ])
    expect(all?.waiting.map(({ who, exclusive }) => [who, exclusive])).toEqual([
      ['orders:bob', true],
      ['products', false],
    ])
    const mine = (await status('ann')).gate
    expect([...(mine?.inside ?? []), ...(mine?.waiting ?? [])].map(({ who }) => who)).toEqual([
      'customers:ann',
      'another user',
      'products',
    ])
    expect(doors.gate.asked).toContain('erp call')
    doors.gate.view = { inside: [], waiting: [], closedUntil: until, exclusive: null }
    await config('erp.connection', { concurrency: 3 })
    expect((await status()).gate).toMatchObject({
      concurrency: 3,
      closed_until: new Date(until).toISOString(),
    })
  })

  it('does not need the gate: it says that it knows nothing of it', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    doors.gate.view = null
    expect((await status()).gate).toBeNull()
    log.mockRestore()
  })

  it('counts pictures and prices that wait', async () => {
    expect(await status('ann')).toMatchObject({
      images: { pending: 0, stored: 1, dead: 1 },
      unmatched_prices: 2,
    })
  })

  it('says where nothing is set up, and what was synced once stays in sight', async () => {
    doors.file.exec('DELETE FROM erp_users')
    const { configured, systems } = await status()
    expect(configured).toBe(false)
    expect(systems[0]?.scopes.map(({ scope, active }) => [scope, active])).toEqual([
      ['ann', false],
      ['bob', false],
    ])
    doors.file.exec('DELETE FROM link_state')
    expect(scopes(await status()).flatMap(([, of]) => of)).toEqual([])
  })

  it('costs a few reads, however much there is', async () => {
    await status()
    forgetCallers(doors.env)
    doors.database.batches.length = 0
    await status()
    // The token, the facts, the scopes.
    expect(doors.database.batches).toHaveLength(3)
  })
})

describe('the forecast', () => {
  const forget = () => doors.file.exec(`DELETE FROM runs WHERE link LIKE '%.erp'`)

  it('is the checks of all scopes, at what a call took of late, against their intervals', async () => {
    // Three runs of 20 s: 50 calls. Checks: customers 12 calls in 30 min, twice; products 1 in 2 h; prices 12 in 3 h;
    // orders 1 in 1 h, twice.
    const { forecast } = await status()
    expect(forecast).toMatchObject({ scopes: 6, call_ms: 1_200 })
    const busy = (2 * 12) / 30 + 1 / 120 + 12 / 180 + 2 / 60
    expect(forecast.share).toBeCloseTo((busy * 1_200) / 60_000, 10)
    await config('erp.connection', { concurrency: 2 })
    expect((await status()).forecast.share).toBeCloseTo((busy * 1_200) / 60_000 / 2, 10)
  })

  it('says above 1 where the checks can’t keep up', async () => {
    await config('customers.erp', { check_minutes: 1, probe_pages: 100 })
    expect((await status()).forecast.share).toBeGreaterThan(1)
  })

  it('is the same for a user, who learns no more than a number', async () => {
    expect((await status('ann')).forecast).toEqual((await status()).forecast)
  })

  it('is not made where no run of late made a call', async () => {
    forget()
    expect((await status()).forecast).toEqual({ scopes: 6, call_ms: null, share: null })
  })
})

describe('runs and conflicts of the ERP', () => {
  const runs = async (who: Who, query = '') =>
    (await doors.call(who, 'GET', `/api/runs${query}`)).json<Run[]>().map(({ id }) => id)

  it('are shown to those whose lists they brought up to date, and the shared ones to all', async () => {
    const mine = await runs('ann')
    expect(mine).toContain('01-ann-run')
    expect(mine).toContain('01-shared-run')
    expect(mine).not.toContain('01-bob-run')
    expect((await doors.call('ann', 'GET', '/api/runs/01-bob-run')).status).toBe(404)
    const run = (await doors.call('ann', 'GET', '/api/runs/01-shared-run')).json<Run>()
    expect(run).toMatchObject({ actor: 'someone else', report: { counts: { read: 5 } } })
    expect(run.report.parts.map(({ id }) => id)).toEqual(['shared'])
  })

  it('can be chosen by link and scope', async () => {
    expect(await runs('admin', '?link=customers.erp')).toEqual(['01-bob-run', '01-ann-run'])
    expect(await runs('admin', '?link=customers.erp&scope=bob')).toEqual(['01-bob-run'])
    expect(await runs('admin', '?scope=shared')).toEqual(['01-shared-run'])
    expect(await runs('ann', '?link=customers.erp')).toEqual(['01-ann-run'])
    expect(await runs('ann', '?link=customers.erp&scope=bob')).toEqual([])
  })

  it('are not mixed up where a user and a project, or a workspace, have the same id', async () => {
    doors.file.exec(`UPDATE projects SET owner = 'bob' WHERE id = 'bobby';
      UPDATE conflicts SET part = 'bobby' WHERE id = 'ann-conflict';
      UPDATE runs SET scope = 'bob' WHERE lane = 'workspace:w2'`)
    const conflicts = async (who: Who) =>
      (await doors.call(who, 'GET', '/api/conflicts')).json<{ id: string }[]>().map(({ id }) => id)
    expect(await conflicts('bob')).toEqual(['bob-conflict'])
    expect(await conflicts('ann')).toEqual(['ann-conflict'])
    expect((await runs('bob')).filter((id) => id.startsWith('w2'))).toEqual([])
  })

  it('of shared lists are an admin’s to settle', async () => {
    for (const who of ['ann', 'bob'] as const)
      expect((await doors.call(who, 'GET', '/api/conflicts/shared-conflict')).status).toBe(404)
    expect((await doors.call('admin', 'GET', '/api/conflicts/shared-conflict')).status).toBe(200)
  })
})

describe('a token that is revoked', () => {
  const everybodys = [...collections.map(({ name }) => name), 'listings', 'products', 'reference']
  const closed = async (name: string) => {
    const [row] = look(doors, 'SELECT id FROM tokens WHERE name = ?', name)
    await doors.call('admin', 'DELETE', `/api/tokens/${row?.id}`)
    const calls = doors.lanes.calls.filter(({ method }) => method === 'closeSockets')
    return calls.map(({ lane }) => lane).sort()
  }

  it('of a user closes sockets where that user may have any, and wakes nobody else’s lanes', async () => {
    const own = ['customers:ann', 'orders:ann', 'workspace:w1', 'workspace:w2']
    expect(await closed('ann')).toEqual([...own, ...everybodys].sort())
  })

  it('of an admin closes them in every lane, also where no run has been yet', async () => {
    doors.file.exec(`INSERT INTO lanes VALUES ('orders:gone', 1, 1, 'c')`)
    const users = ['customers:ann', 'customers:bob', 'orders:ann', 'orders:bob', 'orders:gone']
    expect(await closed('admin')).toEqual([...users, ...everybodys, 'workspace:w1', 'workspace:w2'].sort())
  })

  it('is revoked where nobody can say which lanes there are', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const { id } = (doors.file.prepare(`SELECT id FROM tokens WHERE name = 'ann'`).get() ?? {}) as {
      id: string
    }
    const env = {
      ...doors.env,
      SMART_SYNC: { fetch: async () => new Response('no', { status: 500 }) } as unknown as Fetcher,
    }
    const headers = { authorization: `Bearer ${doors.secrets.admin}` }
    expect((await ask(env, 'DELETE', `/api/tokens/${id}`, headers)).status).toBe(204)
    expect((await doors.call('ann', 'GET', '/api/session')).status).toBe(401)
    expect(log.mock.calls.join()).toContain('sockets.not_closed')
    log.mockRestore()
  })
})

describe('a live socket to a list of the ERP', () => {
  const open = (who: Who, lane: string) =>
    doors.call(who, 'GET', `/api/live?lane=${encodeURIComponent(lane)}`, {
      headers: { upgrade: 'websocket' },
    })
  const heard = () =>
    doors.lanes.calls
      .filter(({ method }) => method === 'fetch')
      .map(({ lane, given }) => [lane, (given as Headers).get('x-tidemark-parts')])

  it.each(['ann', 'annsDevice'] as const)('leads %s to ann’s own lanes and the shared one', async (who) => {
    for (const lane of ['customers:ann', 'orders:ann', 'products'])
      expect((await open(who, lane)).status).toBe(200)
    expect(heard()).toEqual([
      ['customers:ann', '["ann"]'],
      ['orders:ann', '["ann"]'],
      ['products', '["shared"]'],
    ])
  })

  it('does not say whether a lane is another’s or not there', async () => {
    const [theirs, unknown] = [await open('ann', 'orders:bob'), await open('ann', 'orders:nobody')]
    expect([theirs.status, unknown.status]).toEqual([404, 404])
    expect(theirs.text.replace('bob', '')).toBe(unknown.text.replace('nobody', ''))
    doors.file.exec(`DELETE FROM erp_users WHERE id = 'ann'`)
    expect((await open('ann', 'orders:ann')).status).toBe(404)
  })

  it('is asked for at /api/live only: what the Workers ask each other is not for callers', async () => {
    for (const path of ['/lanes', '/lanes/heard?lane=orders:bob', '/api/lanes'])
      expect((await doors.call('admin', 'GET', path)).status).toBe(404)
  })

  it('leads an admin to any that a declaration makes for somebody who is there', async () => {
    for (const lane of ['customers:bob', 'orders:ann', 'products'])
      expect((await open('admin', lane)).status).toBe(200)
    expect(heard().map(([, parts]) => parts)).toEqual([null, null, null])
    for (const lane of ['customers:nobody', 'customers:', 'orders', 'products:ann', 'shared', ''])
      expect((await open('admin', lane)).status).toBe(404)
  })
})
