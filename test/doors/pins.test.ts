import { beforeEach, describe, expect, it } from 'vitest'
import { Problem } from '../../sync/protocol/common.ts'
import type { Account } from '../../sync/protocol/smart-sync.ts'
import { accountId, type Doors, look, openDoors } from './world.ts'

let doors: Doors
let ann: string
beforeEach(async () => {
  doors = await openDoors()
  ann = accountId(doors, 'https://youtube.com/@ann')
})

const path = (metric: string) => `/api/accounts/${ann}/pins/${metric}`
const pin = (body: object, metric = 'followers') => doors.call('ann', 'PUT', path(metric), { body })
const sync = () => doors.call('admin', 'POST', '/api/admin/smart_sync?project_id=annie')
const followers = () => look(doors, 'SELECT followers FROM accounts WHERE id = ?', ann)[0]?.followers

describe('a pin', () => {
  it('fixes a metric to an exact value, lower ones too, until it is released', async () => {
    const account = (await pin({ value: 10, note: 'bots' })).json<Account>()
    expect(account).toMatchObject({
      followers: 10,
      pins: [{ column: 'followers', value: 10, by: 'ann', note: 'bots' }],
    })
    await sync()
    expect(followers()).toBe(10)
    const released = await doors.call('ann', 'DELETE', path('followers'))
    expect(released.json<Account>().pins).toEqual([])
    await sync()
    expect(followers()).toBe(100)
  })

  it('without a value fixes what is there', async () => {
    expect((await pin({})).json<Account>()).toMatchObject({ followers: 100, pins: [{ value: 100 }] })
  })

  it('of a metric that has no value needs one', async () => {
    const answer = await pin({}, 'likes')
    expect(answer.status).toBe(400)
    expect(Problem.strict().parse(answer.json()).detail).toContain('no value')
  })

  it.each([
    ['a fraction', { value: 1.5 }],
    ['below zero', { value: -1 }],
    ['text', { value: '10' }],
    ['over already', { value: 1, until: '2020-01-01T00:00:00Z' }],
  ])('is refused where its value is %s', async (_, body) => {
    expect((await pin(body)).status).toBe(400)
    expect(look(doors, 'SELECT * FROM pins')).toEqual([])
  })

  it('is for a metric', async () => {
    expect((await pin({ value: 1 }, 'username')).status).toBe(400)
  })

  it('set or released twice changes nothing the second time', async () => {
    const version = () => look(doors, `SELECT version FROM lanes WHERE lane = 'workspace:w1'`)
    await pin({ value: 10 })
    const set = version()
    expect((await pin({ value: 10 })).status).toBe(200)
    expect(version()).toEqual(set)
    await doors.call('ann', 'DELETE', path('followers'))
    const released = version()
    expect((await doors.call('ann', 'DELETE', path('followers'))).status).toBe(200)
    expect(version()).toEqual(released)
  })

  it('is set once where the lane is restarted in between', async () => {
    doors.lanes.fail.set('workspace:w1', [Object.assign(new Error('reset'), { retryable: true })])
    expect((await pin({ value: 10 })).status).toBe(200)
    const ids = doors.lanes.calls.filter(({ method }) => method === 'push').map(({ given }) => given)
    expect(ids).toHaveLength(2)
    expect(ids[0]).toEqual(ids[1])
  })
})
