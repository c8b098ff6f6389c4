import { beforeEach, describe, expect, it } from 'vitest'
import { Problem } from '../../sync/protocol/common.ts'
import type { Push } from '../../sync/protocol/lane.ts'
import { ReadingsAnswer } from '../../sync/protocol/smart-sync.ts'
import { forgetCallers } from '../../workers/gateway/guard.ts'
import { hashOf } from '../../workers/gateway/tokens.ts'
import { accountId, type Doors, look, openDoors, type Who } from './world.ts'

let doors: Doors
let ann: string
let bob: string
let cleo: string
beforeEach(async () => {
  doors = await openDoors()
  ann = accountId(doors, 'https://youtube.com/@ann')
  bob = accountId(doors, 'https://youtube.com/@bobsecret')
  cleo = accountId(doors, 'https://youtube.com/@cleosecret')
})

const reading = (over: object = {}) => ({
  account_id: ann,
  metric: 'followers',
  value: 120,
  at: new Date(Date.now() - 1_000).toISOString(),
  source: 'parser-1',
  ...over,
})
const send = (readings: unknown, who: Who = 'admin', headers: Record<string, string> = {}) =>
  doors.call(who, 'POST', '/api/admin/readings', { body: { readings }, headers })
async function taken(readings: unknown[], who: Who = 'admin', headers: Record<string, string> = {}) {
  const answer = await send(readings, who, headers)
  expect(answer.status).toBe(200)
  const parsed = ReadingsAnswer.parse(answer.json())
  expect(parsed).toEqual(answer.json())
  return parsed
}
const pushes = () => doors.lanes.calls.filter(({ method }) => method === 'push')
const stored = () => look(doors, 'SELECT id, value, source FROM metric_readings ORDER BY id')

describe('readings', () => {
  it('are taken in through the lane of their workspace, and merged by the next sync', async () => {
    expect(await taken([reading(), reading({ account_id: cleo, value: 5 })])).toMatchObject({
      success: true,
      accepted: 2,
      unchanged: 0,
      rejected: [],
    })
    expect(pushes().map(({ lane }) => lane)).toEqual(['workspace:w1', 'workspace:w2'])
    expect(stored()).toHaveLength(2)
    await doors.call('admin', 'POST', '/api/admin/smart_sync?project_id=annie')
    expect(look(doors, 'SELECT followers FROM accounts WHERE id = ?', ann)).toEqual([{ followers: 120 }])
  })

  it('are judged each alone: a bad one is named with its place and the reason', async () => {
    const { accepted, rejected, success } = await taken([
      reading(),
      reading({ value: -1 }),
      reading({ value: 1.5 }),
      reading({ metric: 'money' }),
      'no object',
      reading({ account_id: 'unknown' }),
      reading({ account_id: undefined }),
      reading({ at: 'yesterday' }),
      reading({ metric: 'views', value: 9 }),
    ])
    expect({ accepted, success }).toEqual({ accepted: 2, success: false })
    expect(rejected.map(({ index }) => index)).toEqual([1, 2, 3, 4, 5, 6, 7])
    expect(rejected.map(({ reason }) => reason)).toEqual([
      expect.stringContaining('value'),
      expect.stringContaining('value'),
      expect.stringContaining('metric'),
      expect.stringContaining('reading'),
      'there is no such account',
      expect.stringContaining('account_id'),
      expect.stringContaining('at'),
    ])
  })

  it('from more than five minutes in the future are rejected: they would outrank all later ones', async () => {
    const at = (ms: number) => new Date(Date.now() + ms).toISOString()
    const { accepted, rejected } = await taken([
      reading({ at: at(4 * 60_000) }),
      reading({ at: at(6 * 60_000), metric: 'likes' }),
    ])
    expect(accepted).toBe(1)
    expect(rejected).toEqual([{ index: 1, reason: expect.stringContaining('in the future') }])
  })

  it('name accounts by profile URL too, however it is written', async () => {
    const by = (profile_url: string, metric: string) =>
      reading({ account_id: undefined, project_id: 'annie', profile_url, metric })
    const { accepted, rejected } = await taken([
      by('https://youtube.com/@ann', 'likes'),
      by('http://www.YouTube.com/@ANN/', 'views'),
      by('https://youtube.com/@nobody', 'views'),
      by('not an address', 'views'),
    ])
    expect(accepted).toBe(2)
    expect(rejected.map(({ index }) => index)).toEqual([2, 3])
  })

  it('find all their accounts in one query', async () => {
    const hash = await hashOf(doors.secrets.admin)
    await taken([reading()])
    forgetCallers(doors.env)
    doors.database.batches.length = 0
    const list = Array.from({ length: 600 }, (_, i) => reading({ source: `s${i}` }))
    await taken(list)
    const lookups = doors.database.batches.filter((batch) =>
      batch.some(({ sql }) => /json_each.*CROSS JOIN accounts/s.test(sql)),
    )
    expect(lookups).toHaveLength(1)
    expect(
      doors.database.batches.filter((batch) => batch.some(({ params }) => params.includes(hash))),
    ).toHaveLength(1)
  })

  it('are pushed in chunks of 500', async () => {
    const list = Array.from({ length: 1_000 }, (_, i) => reading({ source: `s${i}` }))
    expect(await taken(list)).toMatchObject({ accepted: 1_000 })
    expect(pushes().map(({ given }) => (given as Push).mutations.length)).toEqual([500, 500])
    expect((await send([...list, reading()])).status).toBe(400)
    expect((await send([])).status).toBe(400)
  })

  it('that are older than what is known change nothing', async () => {
    const at = new Date(Date.now() - 3_600_000).toISOString()
    await taken([reading({ value: 120 })])
    expect(await taken([reading({ value: 999, at })])).toMatchObject({
      accepted: 0,
      unchanged: 1,
      rejected: [],
    })
    expect(stored()).toMatchObject([{ value: 120 }])
  })
})

describe('a repeat', () => {
  it('of the same readings is the same push, and changes nothing', async () => {
    const list = [reading(), reading({ metric: 'likes' })]
    await taken(list)
    const [before] = look(doors, `SELECT version FROM lanes WHERE lane = 'workspace:w1'`)
    await taken(list)
    const ids = pushes().map(({ given }) => (given as Push).id)
    expect(ids[0]).toBe(ids[1])
    expect(look(doors, `SELECT version FROM lanes WHERE lane = 'workspace:w1'`)).toEqual([before])
  })

  it('under the same Idempotency-Key answers the same; other content under it is refused', async () => {
    const key = { 'idempotency-key': 'night-1' }
    const list = [reading()]
    const first = await taken(list, 'hook', key)
    const again = await taken(list, 'hook', key)
    expect({ ...again, timestamp: '' }).toEqual({ ...first, timestamp: '' })
    const other = await send([reading({ value: 130 })], 'hook', key)
    expect(other.status).toBe(409)
    expect(Problem.strict().parse(other.json()).type).toBe('urn:tidemark:problem:forked')
    // Keys are the caller's own: another's night-1 is another push.
    expect(await taken([reading({ value: 140, at: new Date().toISOString() })], 'admin', key)).toMatchObject({
      accepted: 1,
    })
  })

  it('after a failure in the middle completes it; the failure says what was kept', async () => {
    const list = [reading(), reading({ account_id: cleo, value: 5 })]
    doors.lanes.fail.set('workspace:w2', [Object.assign(new Error('busy'), { overloaded: true })])
    const failed = await send(list)
    expect(failed.status).toBe(503)
    expect(Problem.strict().parse(failed.json()).kept).toMatch(/^1 of the readings/)
    expect(stored()).toHaveLength(1)
    expect(await taken(list)).toMatchObject({ accepted: 2 })
    expect(stored()).toHaveLength(2)
  })
})

describe('a device', () => {
  it('reports for its own user only; of others’ accounts it learns nothing', async () => {
    const { accepted, rejected } = await taken(
      [
        reading(),
        reading({ account_id: bob }),
        reading({
          account_id: undefined,
          project_id: 'bobby',
          profile_url: 'https://youtube.com/@bobsecret',
        }),
        reading({ account_id: 'unknown' }),
      ],
      'annsDevice',
    )
    expect(accepted).toBe(1)
    expect(new Set(rejected.map(({ reason }) => reason))).toEqual(new Set(['there is no such account']))
    expect(stored().map(({ id }) => id)).toEqual([`${ann}:followers:parser-1`])
  })
})
