import { beforeEach, describe, expect, test } from 'vitest'
import type { DevicePushAnswer } from '../../sync/protocol/device.ts'
import type { Conflict } from '../../sync/protocol/records.ts'
import { rows } from '../engine/world.ts'
import { type Doors, openDoors, type Who } from './world.ts'

// How assessments are merged, and the two addresses that programs without a copy of their own use.

let doors: Doors
let numbers: Map<string, number>
beforeEach(async () => {
  doors = await openDoors()
  numbers = new Map()
})

const url = 'https://shop.example/dress'
const id = encodeURIComponent(url)
const NONE = { lifecycle_stage: 'pending_assessment', modesty_status: null, assessed_at: null }
const LATE = '2026-11-21T08:30:00.000Z'
const EARLY = '2026-11-21T08:00:00.000Z'

/** One edit of a device; its result. */
async function edit(
  device: string,
  op: string,
  values: object,
  base: object = NONE,
  who: Who = 'annsDevice',
) {
  const first = (numbers.get(device) ?? 0) + 1
  numbers.set(device, first)
  const mutations = [{ table: 'listings', op, key: url, values, base }]
  const body = { lane: 'listings', incarnation: device, first, mutations }
  const answered = await doors.call(who, 'POST', '/api/push', { body })
  expect(answered.status).toBe(200)
  return answered.json<DevicePushAnswer>().results?.[0] ?? { n: first, status: 'applied' as const }
}
const found = (over = {}) => edit('laptop', 'insert', { product_url: url, title: 'Dress', ...over }, {})
const verdict = (modesty_status: string, assessed_at: string) => ({ modesty_status, assessed_at })
const row = () => rows(doors, 'SELECT * FROM listings')[0]
const conflicts = () => rows(doors, 'SELECT kind, ours, theirs FROM conflicts WHERE resolved_at IS NULL')
const configure = async (value: object) =>
  expect((await doors.call('admin', 'PUT', '/api/config/assessments.rules', { body: value })).status).toBe(
    200,
  )

describe('an assessment', () => {
  beforeEach(() => found())

  test('brings what it implies: the stage, who, and that an approved product is published', async () => {
    expect(await edit('phone', 'update', verdict('modest', EARLY))).toMatchObject({
      status: 'applied',
      set: { lifecycle_stage: 'assessed_approved', shopify_status: 'published', assessed_by: 'annsDevice' },
    })
    expect(row()).toMatchObject({
      lifecycle_stage: 'assessed_approved',
      modesty_status: 'modest',
      assessed_at: Date.parse(EARLY),
      shopify_status: 'published',
    })
    await edit('phone', 'update', verdict('not_modest', LATE), {
      ...verdict('modest', EARLY),
      lifecycle_stage: 'assessed_approved',
    })
    expect(row()).toMatchObject({ lifecycle_stage: 'assessed_rejected', shopify_status: 'draft' })
  })

  test.each(['pending row', 'pending row that is written later'])(
    'is never overwritten by a %s',
    async (what) => {
      await edit('phone', 'update', verdict('modest', EARLY))
      const again = {
        lifecycle_stage: 'pending_assessment',
        modesty_status: null,
        assessed_at: null,
        title: 'New title',
        ...(what.endsWith('later') && { last_updated: '2026-12-01T00:00:00.000Z' }),
      }
      const result = await edit('laptop', 'insert', again, {})
      expect(result).toMatchObject({
        status: 'merged',
        reason: 'kept by stateMachine',
        set: { lifecycle_stage: 'assessed_approved', modesty_status: 'modest', assessed_at: EARLY },
      })
      // Each side's write touches only what it changed.
      expect(row()).toMatchObject({ title: 'New title', modesty_status: 'modest' })
      expect(
        rows(doors, `SELECT after FROM history WHERE op = 'refuse'`).map(({ after }) =>
          JSON.parse(String(after)),
        ),
      ).toMatchObject([{ lifecycle_stage: 'pending_assessment' }])
    },
  )

  test('that contradicts itself is rejected', async () => {
    const wrong = { lifecycle_stage: 'assessed_approved', modesty_status: 'not_modest' }
    expect(await edit('phone', 'update', wrong)).toMatchObject({
      status: 'rejected',
      reason: 'assessed_approved contradicts not_modest',
    })
  })

  test('uses the statuses that an operator configured', async () => {
    await configure({ statuses: [{ id: 'ok', label: 'Fine', approved: true }] })
    expect((await doors.call('ann', 'GET', '/api/assessments/rules')).json()).toMatchObject({
      policy: 'newest',
      statuses: [{ id: 'ok' }],
    })
    expect(await edit('phone', 'update', verdict('modest', EARLY))).toMatchObject({ status: 'rejected' })
    expect(await edit('phone', 'update', verdict('ok', EARLY))).toMatchObject({ status: 'applied' })
  })
})

describe('of two assessments of one listing', () => {
  beforeEach(() => found())
  const status = () => row()?.modesty_status

  test.each([
    ['the later one stands, though it came first', LATE, EARLY, 'modest'],
    ['the later one stands, though it came last', EARLY, LATE, 'not_modest'],
    ['of the same time, the one that came last stands', EARLY, EARLY, 'not_modest'],
  ])('%s', async (_what, first, second, stands) => {
    await edit('phone', 'update', verdict('modest', first))
    const result = await edit('tablet', 'update', verdict('not_modest', second), NONE, 'bobsDevice')
    expect(status()).toBe(stands)
    // The loser stays in the history.
    const losing = stands === 'modest' ? 'not_modest' : 'modest'
    expect(JSON.stringify(rows(doors, 'SELECT before, after FROM history'))).toContain(losing)
    expect(result.status).toBe(stands === 'modest' ? 'merged' : 'applied')
  })

  test('a clock that is more than 5 minutes ahead counts as the time of arrival', async () => {
    await edit('phone', 'update', verdict('modest', '2036-01-01T00:00:00.000Z'))
    expect(Number(row()?.assessed_at)).toBeLessThan(Date.now() + 5 * 60_000)
    await edit('tablet', 'update', verdict('not_modest', new Date(Date.now() + 60_000).toISOString()))
    expect(status()).toBe('not_modest')
  })

  test('the first stands where that is the policy', async () => {
    await configure({ policy: 'first' })
    await edit('phone', 'update', verdict('modest', EARLY))
    expect(await edit('tablet', 'update', verdict('not_modest', LATE))).toMatchObject({
      status: 'merged',
      reason: 'kept by first',
    })
    expect(status()).toBe('modest')
  })

  test('neither is believed where a person is to say: a conflict keeps both', async () => {
    await configure({ policy: 'review' })
    await edit('phone', 'update', verdict('modest', EARLY))
    const result = await edit('tablet', 'update', { ...verdict('not_modest', LATE), title: 'Red dress' })
    expect(result).toMatchObject({
      status: 'conflict',
      set: { modesty_status: 'modest', assessed_at: EARLY },
    })
    expect(conflicts()).toEqual([
      {
        kind: 'merge',
        ours: expect.stringContaining('"modest"'),
        theirs: expect.stringContaining('"not_modest"'),
      },
    ])
    // What does not clash is taken.
    expect(row()).toMatchObject({ modesty_status: 'modest', title: 'Red dress' })
  })

  test('what a person is to say is shown to everybody who keeps listings, and to nobody else', async () => {
    await configure({ policy: 'review' })
    await edit('phone', 'update', verdict('modest', EARLY))
    await edit('other', 'update', verdict('not_modest', LATE))
    const shown = async (who: Who) => {
      const answer = await doors.call(who, 'GET', '/api/conflicts')
      return answer.status === 200
        ? answer.json<Conflict[]>().map(({ table, key }) => [table, key])
        : answer.status
    }
    for (const who of ['admin', 'ann', 'bob'] as const) expect(await shown(who)).toEqual([['listings', url]])
    const [conflict] = (await doors.call('bob', 'GET', '/api/conflicts')).json<Conflict[]>()
    expect((await doors.call('bob', 'GET', `/api/conflicts/${conflict?.id}`)).json()).toEqual(conflict)
    doors.file.exec(`UPDATE conflicts SET lane = 'customers:ann'`)
    expect([await shown('ann'), await shown('bob')]).toEqual([[], []])
  })

  test('who saw the first one corrects it, whatever the policy and the clock', async () => {
    await configure({ policy: 'first' })
    await edit('phone', 'update', verdict('modest', LATE))
    const seen = { lifecycle_stage: 'assessed_approved', ...verdict('modest', LATE) }
    expect(await edit('tablet', 'update', verdict('not_modest', EARLY), seen)).toMatchObject({
      status: 'applied',
    })
    expect(status()).toBe('not_modest')
  })
})

describe('a listing that the laptop deletes', () => {
  beforeEach(() => found())
  const live = () => rows(doors, 'SELECT 1 FROM listings WHERE deleted_at IS NULL').length

  test('is gone while nobody assessed it, and comes back when it is found again', async () => {
    expect(await edit('laptop', 'delete', {})).toMatchObject({ status: 'applied' })
    expect(live()).toBe(0)
    await found({ title: 'Found again' })
    expect(row()).toMatchObject({ title: 'Found again', deleted_at: null })
  })

  test('stays with its assessment, as a conflict', async () => {
    await edit('phone', 'update', verdict('modest', EARLY))
    expect(await edit('laptop', 'delete', {})).toMatchObject({
      status: 'conflict',
      reason: 'it was assessed as modest',
      set: { title: 'Dress', modesty_status: 'modest' },
    })
    expect(live()).toBe(1)
    expect(conflicts()).toMatchObject([{ kind: 'delete' }])
  })

  test('is one conflict, however often it is deleted, and by how many', async () => {
    await edit('phone', 'update', verdict('modest', EARLY))
    const first = await edit('laptop', 'delete', {})
    expect(await edit('laptop', 'delete', {})).toMatchObject({ conflict: first.conflict })
    expect(await edit('copy of the laptop'.replaceAll(' ', '-'), 'delete', {})).toMatchObject({
      conflict: first.conflict,
    })
    expect(conflicts()).toHaveLength(1)
  })

  test('keeps an assessment that comes later, as a conflict, and tells the phone that it is gone', async () => {
    const { cursor } = (await doors.call('annsDevice', 'GET', '/api/pull?lane=listings')).json<{
      cursor: string
    }>()
    await edit('laptop', 'delete', {})
    const after = (await doors.call('annsDevice', 'GET', `/api/pull?lane=listings&cursor=${cursor}`)).json<{
      cursor: string
    }>()
    const mutations = [{ table: 'listings', op: 'update', key: url, values: verdict('modest', EARLY) }]
    const body = { lane: 'listings', incarnation: 'phone', first: 1, mutations, cursor: after.cursor }
    expect((await doors.call('annsDevice', 'POST', '/api/push', { body })).json()).toMatchObject({
      results: [{ status: 'conflict', reason: 'it was deleted meanwhile' }],
      tables: [{ deleted: [url] }],
    })
    expect(conflicts()).toMatchObject([{ kind: 'deleted', theirs: expect.stringContaining('modest') }])
  })
})

describe('without a copy of its own, a program', () => {
  beforeEach(() => found())
  const review = (modesty_status: string, who: Who = 'ann') =>
    doors.call(who, 'POST', `/api/assessments/${id}/review`, { body: { modesty_status } })

  test('lists what is pending', async () => {
    const pending = await doors.call('ann', 'GET', '/api/assessments?stage=pending')
    expect(pending.json()).toMatchObject([{ id: url, title: 'Dress', lifecycle_stage: 'pending_assessment' }])
    await review('modest')
    expect((await doors.call('ann', 'GET', '/api/assessments?stage=pending')).json()).toEqual([])
    expect((await doors.call('ann', 'GET', '/api/assessments')).json()).toHaveLength(1)
  })

  test('assesses one, and the same again changes nothing', async () => {
    const first = (await review('modest')).json()
    expect(first).toMatchObject({
      status: 'applied',
      listing: { modesty_status: 'modest', assessed_by: 'ann' },
    })
    const { version } = row() ?? {}
    expect((await review('modest')).json()).toEqual(first)
    expect(row()?.version).toBe(version)
    expect((await review('not_modest')).json()).toMatchObject({ listing: { modesty_status: 'not_modest' } })
  })

  const say = async (body: object, headers = {}, who: Who = 'ann') =>
    doors.call(who, 'POST', `/api/assessments/${id}/review`, { body, headers })
  const history = () => rows(doors, 'SELECT count(*) AS n FROM history')[0]?.n
  const AHEAD = new Date(Date.now() + 3_600_000).toISOString()

  test.each([
    ['that loses', 'newest', { assessed_at: EARLY }, {}],
    ['that loses to the first one', 'first', {}, {}],
    ['that opens a conflict', 'review', {}, {}],
    ['that opens a conflict, with its time', 'review', { assessed_at: LATE }, {}],
    ['by a clock that is ahead', 'newest', { assessed_at: AHEAD }, {}],
    ['with a key', 'newest', {}, { 'idempotency-key': 'k1' }],
  ])('says one %s twice, and it is said once', async (_what, policy, time, headers) => {
    await configure({ policy })
    await say({ modesty_status: 'modest', assessed_at: LATE }, {}, 'bob')
    const first = await say({ modesty_status: 'not_modest', ...time }, headers)
    expect(first.status).toBe(200)
    const [before, opened] = [history(), conflicts().length]
    const again = await say({ modesty_status: 'not_modest', ...time }, headers)
    expect(again.json()).toMatchObject({ status: first.json<{ status: string }>().status })
    expect([history(), conflicts().length]).toEqual([before, opened])
  })

  test('finds one that lost in the history', async () => {
    await configure({ policy: 'first' })
    await say({ modesty_status: 'modest' }, {}, 'bob')
    expect((await say({ modesty_status: 'not_modest' })).json()).toMatchObject({
      status: 'merged',
      reason: 'kept by first',
    })
    expect(row()).toMatchObject({ modesty_status: 'modest', assessed_by: 'bob' })
    const refused = rows(doors, `SELECT actor, after FROM history WHERE op = 'refuse'`)
    expect(refused).toMatchObject([{ actor: 'ann', after: expect.stringContaining('not_modest') }])
  })

  test('repeats one with a key when somebody else has answered since, and changes nothing', async () => {
    await say({ modesty_status: 'modest' })
    const key = { 'idempotency-key': 'k1' }
    await say({ modesty_status: 'not_modest' }, key)
    await say({ modesty_status: 'modest' }, {}, 'bob')
    expect((await say({ modesty_status: 'not_modest' }, key)).json()).toMatchObject({
      status: 'applied',
      listing: { modesty_status: 'modest' },
    })
    // Somebody else's key is another one.
    expect((await say({ modesty_status: 'moderately_modest' }, key, 'bob')).status).toBe(200)
  })

  test('changes its mind and back', async () => {
    for (const [i, status] of ['modest', 'not_modest', 'modest', 'not_modest'].entries()) {
      const assessed_at = new Date(Date.parse(EARLY) + i).toISOString()
      await say({ modesty_status: status, assessed_at })
      expect(row()?.modesty_status).toBe(status)
    }
  })

  test('is told what is wrong', async () => {
    expect((await review('fine')).status).toBe(400)
    const body = { modesty_status: 'modest' }
    expect((await doors.call('ann', 'POST', '/api/assessments/nothing/review', { body })).status).toBe(404)
    expect((await doors.call('hook', 'GET', '/api/assessments')).status).toBe(403)
  })
})
