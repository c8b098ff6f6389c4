import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Problem } from '../../sync/protocol/common.ts'
import { type ErpUser, Started } from '../../sync/protocol/erp.ts'
import { unseal } from '../../workers/shared/seal.ts'
import { openErpDoors } from './erp-world.ts'
import { type Doors, ERP_KEY, look, type Who } from './world.ts'

let doors: Doors
beforeEach(async () => {
  doors = await openErpDoors()
})

const asked = () => doors.lanes.calls.filter(({ method }) => method === 'request').map(({ given }) => given)
const sync = (who: Who, body: object) => doors.call(who, 'POST', '/api/erp/sync', { body })
const event = async (who: Who, name: 'login' | 'reconnect') => {
  const answer = await doors.call(who, 'POST', `/api/session/${name}`)
  expect(answer.status).toBe(200)
  return Started.parse(answer.json()).started
}
/** As if the lists of ann were brought up to date so long ago. */
const lastGood = (ms: number) =>
  doors.file.prepare(`UPDATE link_state SET last_good_at = ? WHERE scope = 'ann'`).run(Date.now() - ms)
const HOUR = 3_600_000

describe('a login that an app tells of', () => {
  it.each(['ann', 'annsDevice'] as const)(
    'asks the lists of the caller that a login may start: %s',
    async (who) => {
      const started = await event(who, 'login')
      expect(started.map(({ link, scope, answer }) => [link, scope, answer])).toEqual([
        ['customers.erp', 'ann', 'queued'],
        ['orders.erp', 'ann', 'queued'],
      ])
      const of = { scope: 'ann', parts: null, trigger: 'login', full: false, actor: who }
      expect(asked()).toEqual([
        { link: 'customers.erp', ...of },
        { link: 'orders.erp', ...of },
      ])
      for (const { run_id } of started)
        expect(look(doors, 'SELECT status FROM runs WHERE id = ?', run_id ?? '')).toEqual([
          { status: 'queued' },
        ])
    },
  )

  it('that is told twice is one run', async () => {
    const first = await event('ann', 'login')
    const second = await event('annsDevice', 'login')
    expect(second.map(({ answer }) => answer)).toEqual(['joined', 'joined'])
    expect(second.map(({ run_id }) => run_id)).toEqual(first.map(({ run_id }) => run_id))
  })

  it('skips what is fresh, and says why', async () => {
    lastGood(HOUR)
    const started = await event('ann', 'login')
    expect(started.map(({ answer }) => answer)).toEqual(['skipped', 'skipped'])
    for (const { reason } of started) expect(reason).toContain('less than 2 h ago')
  })

  it('starts nothing for somebody who is not set up in the ERP, or no more', async () => {
    doors.file.exec(
      `UPDATE erp_users SET active = 0 WHERE id = 'ann'; DELETE FROM erp_users WHERE id = 'bob'`,
    )
    for (const who of ['ann', 'bob', 'bobsDevice'] as const) expect(await event(who, 'login')).toEqual([])
    expect(asked()).toEqual([])
  })

  it('is answered though a lane is busy or broken: the others are started', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    doors.lanes.fail.set('customers:ann', [Object.assign(new Error('full'), { overloaded: true })])
    const started = await event('ann', 'login')
    expect(started.map(({ answer }) => answer)).toEqual(['skipped', 'queued'])
    expect(started[0]?.reason).toContain('The next check brings it up to date.')
    doors.lanes.fail.set('orders:bob', [new Error('a bug of the lane: secret')])
    const other = await event('bob', 'login')
    expect(other.map(({ answer }) => answer)).toEqual(['queued', 'skipped'])
    expect(other[1]?.reason).not.toContain('secret')
    expect(log).toHaveBeenCalledTimes(2)
    log.mockRestore()
  })
})

describe('a reconnect that an app tells of', () => {
  it('asks only the lists that declare it', async () => {
    lastGood(4 * 24 * HOUR)
    expect((await event('annsDevice', 'reconnect')).map(({ link }) => link)).toEqual(['customers.erp'])
    expect(asked()).toEqual([expect.objectContaining({ trigger: 'reconnect', link: 'customers.erp' })])
  })

  it('starts nothing where the customers are not three days old', async () => {
    lastGood(2 * 24 * HOUR)
    expect(await event('ann', 'reconnect')).toMatchObject([{ answer: 'skipped' }])
  })
})

describe('POST /api/erp/sync', () => {
  it.each([
    ['customers', 'customers:ann', 'ann'],
    ['orders', 'orders:ann', 'ann'],
    ['products', 'products', 'shared'],
    ['prices', 'products', 'shared'],
  ])('starts %s for a user, and does not wait', async (system, lane, scope) => {
    const answer = await sync('ann', { system })
    expect(answer.status).toBe(202)
    expect(Started.parse(answer.json()).started).toMatchObject([
      { link: `${system}.erp`, scope, answer: 'queued' },
    ])
    expect(doors.lanes.calls.map((call) => [call.lane, call.method])).toEqual([[lane, 'request']])
    expect(asked()).toMatchObject([{ trigger: 'manual', full: false, actor: 'ann' }])
  })

  it('lets an admin start it for anybody, and read everything', async () => {
    const answer = await sync('admin', { system: 'orders', user_id: 'bob', full: true })
    expect(answer.status).toBe(202)
    expect(asked()).toMatchObject([{ link: 'orders.erp', scope: 'bob', full: true, actor: 'admin' }])
    expect((await sync('admin', { system: 'prices', full: true })).status).toBe(202)
  })

  it('needs to know of an admin whose rows are meant', async () => {
    const answer = await sync('admin', { system: 'customers' })
    expect(answer.status).toBe(400)
    expect(answer.json<Problem>().errors?.[0]?.path).toBe('user_id')
  })

  it('does not read everything for a user, nor anything of others', async () => {
    expect((await sync('ann', { system: 'customers', full: true })).status).toBe(403)
    const [theirs, unknown] = [
      await sync('ann', { system: 'orders', user_id: 'bob' }),
      await sync('ann', { system: 'orders', user_id: 'nobody' }),
    ]
    expect([theirs.status, unknown.status]).toEqual([404, 404])
    expect(theirs.text.replaceAll('bob', '?')).toBe(unknown.text.replaceAll('nobody', '?'))
    expect((await sync('ann', { system: 'orders', user_id: 'ann' })).status).toBe(202)
  })

  it('says what to do where no login is set up', async () => {
    expect((await sync('admin', { system: 'customers', user_id: 'nobody' })).status).toBe(404)
    doors.file.exec('UPDATE erp_users SET active = 0')
    const mine = await sync('ann', { system: 'customers' })
    const shared = await sync('ann', { system: 'products' })
    expect([mine.status, shared.status]).toEqual([404, 409])
    for (const answer of [mine, shared]) expect(answer.json<Problem>().mend).toContain('PUT /api/erp/users')
    expect(asked()).toEqual([])
  })

  it('takes only the four systems', async () => {
    for (const body of [{ system: 'smart-sync' }, {}, { system: 'orders', more: 1 }])
      expect((await sync('admin', body)).status).toBe(400)
  })
})

describe('a user of the ERP', () => {
  const put = (id: string, body: object) =>
    doors.call('admin', 'PUT', `/api/erp/users/${encodeURIComponent(id)}`, { body })
  const stored = (id: string) =>
    String(look(doors, 'SELECT password FROM erp_users WHERE id = ?', id)[0]?.password)

  it('is set up with a password that is stored sealed and told nobody', async () => {
    const answer = await put('eva@example.com', { name: 'Eva', login: 'eva', password: 'pass word é' })
    expect(answer.status).toBe(200)
    const { updated_at, ...user } = answer.json<ErpUser>()
    expect(user).toEqual({ id: 'eva@example.com', name: 'Eva', login: 'eva', active: true })
    expect(Date.now() - Date.parse(updated_at)).toBeLessThan(5_000)
    expect(stored('eva@example.com')).toMatch(/^v1\./)
    expect(await unseal(ERP_KEY, stored('eva@example.com'))).toBe('pass word é')
    const [one, list] = [
      await doors.call('admin', 'GET', '/api/erp/users/eva@example.com'),
      await doors.call('admin', 'GET', '/api/erp/users'),
    ]
    expect(one.json()).toEqual(answer.json())
    expect(list.json<ErpUser[]>().map(({ id }) => id)).toEqual(['ann', 'bob', 'eva@example.com'])
    expect(one.text + list.text).not.toMatch(/v1\.|pass/)
  })

  it('keeps the password where none is given, and has one from the start', async () => {
    await put('eva', { name: 'Eva', login: 'eva', password: 'one' })
    const before = stored('eva')
    const changed = await put('eva', { name: 'Eva', login: 'eva2', active: false })
    expect(changed.json()).toMatchObject({ login: 'eva2', active: false })
    expect(stored('eva')).toBe(before)
    await put('eva', { name: 'Eva', login: 'eva2', password: 'two' })
    expect(await unseal(ERP_KEY, stored('eva'))).toBe('two')
    const fresh = await put('fresh', { name: 'Fresh', login: 'fresh' })
    expect(fresh.status).toBe(400)
    expect(fresh.json<Problem>().errors?.[0]?.path).toBe('password')
    expect((await doors.call('admin', 'GET', '/api/erp/users/fresh')).status).toBe(404)
  })

  it.each(['a:b', 'a#b', 'a b', '-a', 'x'.repeat(101)])(
    'can’t have the id %s: lanes and rows are named by it',
    async (id) => {
      expect((await put(id, { name: 'X', login: 'x', password: 'x' })).status).toBe(400)
    },
  )
})
