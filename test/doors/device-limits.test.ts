import fc from 'fast-check'
import { beforeEach, expect, test } from 'vitest'
import type { DevicePushAnswer, PullAnswer, RowsAnswer } from '../../sync/protocol/device.ts'
import { rows } from '../engine/world.ts'
import { type Doors, openDoors } from './world.ts'

// Rows as large as they may be, and answers that say much: no value of D1 is above 2 MB, and nothing is stuck for that.

let doors: Doors
beforeEach(async () => {
  doors = await openDoors()
})

const url = (n: number) => `https://shop.example/p${n}`
const ROWS = 450
/** Of some 6 KB each: 2.7 MB in all */
const large = (n: number) => ({
  table: 'listings',
  op: 'insert',
  key: url(n),
  values: {
    product_url: `${url(n)}?utm_source=${'s'.repeat(1_900)}`,
    image_url: `${url(n)}/${'i'.repeat(1_900)}`,
    title: 't'.repeat(2_000),
    modesty_status: 'modest',
  },
})
const send = async (body: object) => {
  const sent = { lane: 'listings', incarnation: 'laptop', ...body }
  return doors.call('annsDevice', 'POST', '/api/push', { body: sent })
}
const get = async <T>(path: string): Promise<T> => {
  const answered = await doors.call('annsDevice', 'GET', path)
  expect([answered.status, answered.text.slice(0, 300)]).toEqual([200, expect.any(String)])
  return answered.json()
}
/** Keys of everything since a cursor, in the order in which it is shown. */
async function keysSince(from?: string): Promise<unknown[]> {
  const keys: unknown[] = []
  for (let cursor = from; ; ) {
    const page: PullAnswer = await get(
      `/api/pull?lane=listings${cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
    )
    for (const { rows: shown, deleted } of page.tables ?? [])
      keys.push(...shown.map(([key]) => key), ...deleted)
    cursor = page.cursor
    if (!page.more) return keys
  }
}
const EACH = 150
const pushLarge = async () => {
  for (let first = 1; first <= ROWS; first += EACH) {
    const mutations = Array.from({ length: EACH }, (_, i) => large(10_000 + first + i))
    expect((await send({ first, mutations })).status).toBe(200)
  }
}
const all = Array.from({ length: ROWS }, (_, i) => url(10_001 + i))

test('rows of more than 2 MB are read, in one page if they are not too many', async () => {
  const { cursor } = await get<PullAnswer>('/api/pull?lane=listings')
  await pushLarge()
  expect(await keysSince()).toEqual(all)
  expect((await keysSince(cursor)).sort()).toEqual(all)
  const { rows: shown } = await get<RowsAnswer>('/api/rows?lane=listings&table=listings&limit=500')
  expect(shown.map(([key]) => key)).toEqual(all)
  await get('/api/digest?lane=listings&table=listings')
})

test('a push whose answer is longer than what is remembered of one is taken, and answered again without its values', async () => {
  await pushLarge()
  const { cursor } = await get<PullAnswer>('/api/pull?lane=listings')
  const mutations = all.map((key) => ({ table: 'listings', op: 'delete', key }))
  const first = (await send({ first: ROWS + 1, mutations })).json<DevicePushAnswer>()
  expect(first).toMatchObject({ last: 2 * ROWS })
  expect(first.results?.[0]).toMatchObject({ status: 'conflict', set: { title: 't'.repeat(2_000) } })
  const again = (await send({ first: ROWS + 1, mutations, cursor })).json<DevicePushAnswer>()
  expect(again.results).toEqual(first.results?.map(({ set: _, ...said }) => said))
  // The page shows the rows as they stand.
  expect(again.tables?.[0]?.rows.map(([key]) => key).sort()).toEqual(all)
})

test('what is answered of a value that is no good is no longer than a sentence', async () => {
  const values = { product_url: url(1), price: '"\\\u0001'.repeat(40_000) }
  const strange = { [`x${'"'.repeat(200_000)}`]: 1 }
  const mutations = [{ table: 'listings', op: 'insert', key: url(1), values }, strange]
  const answered = (await send({ first: 1, mutations })).json<DevicePushAnswer>()
  expect(answered.results?.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  for (const { reason = '' } of answered.results ?? []) expect(reason.length).toBeLessThan(500)
  expect(String(rows(doors, 'SELECT recent FROM device_lanes')[0]?.recent).length).toBeLessThan(2_000)
})

test.each([
  ['half a character', 'Dress \ud83d'],
  ['a character of no width', 'Dress \u0000 red'],
  ['letters of all kinds', 'Größe "38"\n\\ 😀 \u2028 ‮ \ufeff'],
  ['what looks like SQL', `'); DROP TABLE listings; --`],
])('a title with %s is refused, or stands as it was said', async (_what, title) => {
  const values = { product_url: url(1), title }
  const { results } = (
    await send({ first: 1, mutations: [{ table: 'listings', op: 'insert', key: url(1), values }] })
  ).json<DevicePushAnswer>()
  if (results?.[0]?.status === 'rejected') return
  const shown = await get<RowsAnswer>('/api/rows?lane=listings&table=listings')
  expect(shown.rows[0]?.[shown.columns.indexOf('title')]).toBe(title)
  const again = { table: 'listings', op: 'update', key: url(1), values: { title } }
  expect((await send({ first: 2, mutations: [again] })).json()).toEqual({ last: 2 })
  expect(rows(doors, `SELECT count(*) AS n FROM history WHERE lane = 'listings'`)).toEqual([{ n: 1 }])
})

test('a column that the runtime has a meaning for is refused like any other', async () => {
  const row = (name: string) => {
    const values = `{"product_url":"${url(1)}","${name}":"x"}`
    return `{"table":"listings","op":"insert","key":"${url(1)}","values":${values}}`
  }
  const names = ['constructor', 'hasOwnProperty', 'toString', 'id', 'version', 'deleted_at']
  const body = `{"lane":"listings","incarnation":"laptop","first":1,"mutations":[${names.map(row)}]}`
  const answered = (
    await doors.call('annsDevice', 'POST', '/api/push', {
      body,
      headers: { 'content-type': 'application/json' },
    })
  ).json<DevicePushAnswer>()
  expect(answered.results?.map(({ status }) => status)).toEqual(names.map(() => 'rejected'))
})

test.each(['null', '[]', '1', '"x"', '{}', '{"mutations":{}}', '{"lane":[],"incarnation":{}}', '', '[[['])(
  'the body %s is refused',
  async (body) => {
    const answered = await doors.call('annsDevice', 'POST', '/api/push', {
      body,
      headers: { 'content-type': 'application/json' },
    })
    expect(answered.status).toBe(400)
  },
)

test('mutations that are none are rejected one by one', async () => {
  const odd = [null, [], 1, 'x', {}, { table: '__proto__', op: 'insert', key: 'a' }, { table: ['listings'] }]
  const mutations = [
    ...odd,
    { table: 'listings', op: 'insert', key: url(1), values: { product_url: url(1) } },
  ]
  const { last, results } = (await send({ first: 1, mutations })).json<DevicePushAnswer>()
  expect(last).toBe(odd.length + 1)
  expect(results?.map(({ status }) => status)).toEqual([...odd.map(() => 'rejected'), 'applied'])
})

test.each(['0001-01-01T00:00:00.000Z', '9999-12-31T23:59:59.999Z', '1969-12-31T23:59:59.999Z'])(
  'the time %s stands as it was said',
  async (last_updated) => {
    const values = { product_url: url(1), last_updated }
    await send({ first: 1, mutations: [{ table: 'listings', op: 'insert', key: url(1), values }] })
    const { columns, rows: shown } = await get<RowsAnswer>('/api/rows?lane=listings&table=listings')
    expect(shown[0]?.[columns.indexOf('last_updated')]).toBe(last_updated)
  },
)

test.each(['0000-01-01T00:00:00+23:59', '9999-12-31T23:59:59-23:59', '2026-02-31T25:00:00Z', '2026-11-21'])(
  'the time %s is none',
  async (last_updated) => {
    const values = { product_url: url(1), last_updated }
    const mutations = [{ table: 'listings', op: 'insert', key: url(1), values }]
    expect((await send({ first: 1, mutations })).json()).toMatchObject({
      results: [{ status: 'rejected', reason: expect.stringMatching(/is not a time/) }],
    })
  },
)

test('whatever stands in a push, each of its mutations is settled with an answer', async () => {
  const columns = [
    'product_url',
    'title',
    'price',
    'lifecycle_stage',
    'modesty_status',
    'assessed_at',
    'id',
    'x',
  ]
  const scalar = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.double(),
    fc.constantFrom(null, true, url(1), 'modest', 'assessed_rejected', '2026-11-21T10:00:00.000Z', [], {}),
  )
  const values = fc.oneof(
    { arbitrary: fc.dictionary(fc.oneof(fc.constantFrom(...columns), fc.string()), scalar), weight: 4 },
    fc.jsonValue(),
  )
  const mutation = fc.oneof(
    {
      arbitrary: fc.record(
        {
          table: fc.oneof({ arbitrary: fc.constant('listings'), weight: 5 }, fc.jsonValue()),
          op: fc.oneof(
            { arbitrary: fc.constantFrom('insert', 'update', 'delete'), weight: 5 },
            fc.jsonValue(),
          ),
          key: fc.oneof({ arbitrary: fc.constantFrom(url(1), url(2)), weight: 3 }, fc.webUrl(), fc.string()),
          values,
          base: values,
          at: fc.oneof(fc.constant('2026-11-21T10:00:00.000Z'), fc.jsonValue()),
        },
        { requiredKeys: ['table', 'op', 'key'] },
      ),
      weight: 5,
    },
    fc.jsonValue(),
  )
  let first = 1
  await fc.assert(
    fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 10 }), async (mutations) => {
      const last = first + mutations.length - 1
      const answered = await send({ first, mutations })
      expect([answered.status, answered.text]).toEqual([200, expect.any(String)])
      const said = answered.json<DevicePushAnswer>()
      expect(said.last).toBe(last)
      // Its repeat says the same.
      expect((await send({ first, mutations })).json()).toEqual(said)
      first = last + 1
    }),
    { numRuns: 300 },
  )
})
