import { createHash } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import {
  DEVICE_LIMITS,
  type DevicePushAnswer,
  type DigestAnswer,
  type PullAnswer,
  type RowsAnswer,
  type TablesAnswer,
} from '../../sync/protocol/device.ts'
import { forgetCallers } from '../../workers/gateway/guard.ts'
import { rows } from '../engine/world.ts'
import { type Answer, type Doors, openDoors, type Who } from './world.ts'

// The device protocol (docs/protocol.md) over HTTP, as a stranger's client would speak it.

let doors: Doors
beforeEach(async () => {
  doors = await openDoors()
})

const url = (n: number) => `https://shop.example/p${n}`
const listing = (n: number, over: Record<string, unknown> = {}) => ({
  table: 'listings',
  op: 'insert',
  key: url(n),
  values: { product_url: url(n), title: `Dress ${n}`, price: 1_000 + n, currency: 'EUR', ...over },
})
const answer = (n: number, status: string, at = '2026-11-21T08:00:00.000Z', base = {}) => ({
  table: 'listings',
  op: 'update',
  key: url(n),
  values: { modesty_status: status, assessed_at: at },
  base: { modesty_status: null, assessed_at: null, ...base },
})
const push = (body: Record<string, unknown>, who: Who = 'annsDevice'): Promise<Answer> =>
  doors.call(who, 'POST', '/api/push', { body: { lane: 'listings', incarnation: 'laptop', ...body } })
async function pushed(body: Record<string, unknown>, who?: Who): Promise<DevicePushAnswer> {
  const answered = await push(body, who)
  expect([answered.status, answered.text]).toEqual([200, expect.any(String)])
  return answered.json()
}
const pull = async (cursor?: string, who: Who = 'annsDevice'): Promise<PullAnswer> => {
  const query = new URLSearchParams({ lane: 'listings', ...(cursor !== undefined && { cursor }) })
  return (await doors.call(who, 'GET', `/api/pull?${query}`)).json()
}
const stored = (columns: string) => rows(doors, `SELECT ${columns} FROM listings ORDER BY id`)

/** Reads everything there is, as a device would; rows by key, and the last cursor. */
async function copy(from?: string, who?: Who) {
  const held = new Map<string, Record<string, unknown>>()
  let cursor = from
  for (let pages = 1; ; pages++) {
    const page = await pull(cursor, who)
    for (const { columns, rows: shown, deleted } of page.tables ?? []) {
      for (const row of shown)
        held.set(String(row[0]), Object.fromEntries(columns.map((name, i) => [name, row[i]])))
      for (const key of deleted) held.delete(key)
    }
    cursor = page.cursor
    if (!page.more) return { held, cursor, pages }
  }
}

test('says which tables there are, with their types and the names that programs give them', async () => {
  const { tables } = (await doors.call('annsDevice', 'GET', '/api/tables')).json<TablesAnswer>()
  expect(tables[0]).toMatchObject({ name: 'listings', lane: 'listings', key: 'id' })
  expect(tables[0]?.columns).toContainEqual({ name: 'price', type: 'money', write: true })
  expect(tables[0]?.columns[0]).toEqual({ name: 'id', type: 'text', write: false })
})

describe('comparing', () => {
  const sha = (cells: readonly unknown[]) =>
    createHash('sha256')
      .update(cells.map((row) => `${JSON.stringify(row)}\n`).join(''))
      .digest('hex')
  const get = async <T>(path: string): Promise<T> => (await doors.call('annsDevice', 'GET', path)).json()

  test('has digests of up to 500 live rows, which anybody can make of the rows', async () => {
    const many = (from: number) => Array.from({ length: 900 }, (_, i) => listing(10_000 + from + i))
    for (const i of [0, 1, 2]) await pushed({ first: 1 + 900 * i, mutations: many(900 * i) })
    await pushed({
      first: 2_701,
      mutations: [
        { table: 'listings', op: 'delete', key: url(10_001) },
        { table: 'listings', op: 'update', key: url(10_002), values: { title: 'Größe "38"\n😀\u2028' } },
      ],
    })
    const first = await get<DigestAnswer>('/api/digest?lane=listings&table=listings')
    expect(first.buckets.map(([key, count]) => [key, count])).toEqual([
      [url(10_000), 500],
      [url(10_501), 500],
      [url(11_001), 500],
      [url(11_501), 500],
    ])
    expect(first.next).toBe(url(12_001))
    const from = (key: string) => `lane=listings&table=listings&from=${encodeURIComponent(key)}`
    const rest = await get<DigestAnswer>(`/api/digest?${from(url(12_001))}`)
    expect([rest.buckets.map(([, count]) => count), rest.next]).toEqual([[500, 199], undefined])
    for (const [key, count, digest] of [...first.buckets, ...rest.buckets]) {
      const shown = await get<RowsAnswer>(`/api/rows?${from(key)}&limit=500`)
      expect([shown.rows.length, sha(shown.rows), shown.version]).toEqual([count, digest, first.version])
    }
    const { held } = await copy()
    const { columns, rows: shown } = await get<RowsAnswer>(`/api/rows?${from('')}&limit=2`)
    expect(shown.map((row) => Object.fromEntries(columns.map((name, i) => [name, row[i]])))).toEqual([
      held.get(url(10_000)),
      held.get(url(10_002)),
    ])
  })

  test('of an empty table there are none, and an unknown table is not found', async () => {
    expect(await get('/api/digest?lane=listings&table=listings')).toMatchObject({ version: 0, buckets: [] })
    const unknown = await doors.call('annsDevice', 'GET', '/api/digest?lane=listings&table=tokens')
    expect(unknown.status).toBe(404)
  })
})

test('a mutation that is answered again shows its row as it stands, also when the cursor is past that', async () => {
  await pushed({ first: 1, mutations: [listing(1)] })
  await pushed({
    incarnation: 'other',
    first: 1,
    mutations: [{ table: 'listings', op: 'update', key: url(1), values: { title: 'Coat' } }],
  })
  const { cursor } = await copy()
  const again = await pushed({ first: 1, mutations: [listing(1)], cursor })
  const [shown] = again.tables ?? []
  const titles = shown?.rows.map((row) => [row[0], row[shown.columns.indexOf('title')]])
  expect([again.last, titles]).toEqual([1, [[url(1), 'Coat']]])
})

describe('reading', () => {
  /** So many listings of another device, from 10,000 on */
  const fill = async (count: number) => {
    for (let n = 0; n < count; n += 1_000)
      await pushed({
        incarnation: 'other',
        first: n + 1,
        mutations: Array.from({ length: Math.min(1_000, count - n) }, (_, i) => listing(10_000 + n + i)),
      })
  }
  const beginInTwoPages = async () => {
    await fill(DEVICE_LIMITS.snapshot + 1)
    return (await pull()).cursor
  }
  const titles = ({ tables }: PullAnswer) =>
    new Map(tables?.[0]?.rows.map((row) => [row[0], row[tables[0]?.columns.indexOf('title') ?? 0]]))

  test('shows what the device itself does meanwhile, though the page of its key is past', async () => {
    const cursor = await beginInTwoPages()
    const page = await pushed({ first: 1, mutations: [listing(10_000, { title: 'Mine' })], cursor })
    expect(page).toMatchObject({ last: 1, fresh: true })
    expect(titles(page)).toEqual(
      new Map([
        [url(10_000), 'Mine'],
        [url(13_000), 'Dress 13000'],
      ]),
    )
  })

  test('shows the row of an edit that is answered again as it stands', async () => {
    await pushed({ first: 1, mutations: [listing(10_000)] })
    await pushed({
      incarnation: 'third',
      first: 1,
      mutations: [
        { table: 'listings', op: 'update', key: url(10_000), values: { title: 'Coat' } },
        listing(20_000),
        { table: 'listings', op: 'delete', key: url(20_000) },
      ],
    })
    const cursor = await beginInTwoPages()
    await pushed({
      incarnation: 'third',
      first: 4,
      mutations: [{ table: 'listings', op: 'delete', key: url(10_000) }],
    })
    const page = await pushed({ first: 1, mutations: [listing(10_000)], cursor })
    expect(page.tables?.[0]?.deleted).toEqual([url(10_000)])
  })

  test('begins with everything, in pages by key, and goes on with what changed', async () => {
    await fill(DEVICE_LIMITS.snapshot + 1)
    expect(await pull()).toMatchObject({ total: DEVICE_LIMITS.snapshot + 1, more: true })
    const first = await copy()
    expect([first.held.size, first.pages]).toEqual([DEVICE_LIMITS.snapshot + 1, 2])
    expect(first.held.get(url(10_001))).toMatchObject({
      title: 'Dress 10001',
      price: 11_001,
      lifecycle_stage: 'pending_assessment',
      first_seen_at: expect.stringMatching(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    })
    expect(await pull(first.cursor)).toEqual({ cursor: first.cursor })
    await pushed({
      first: 1,
      mutations: [
        { ...listing(10_003), op: 'update', values: { title: 'Coat' } },
        { table: 'listings', op: 'delete', key: url(10_004) },
      ],
    })
    const next = await pull(first.cursor)
    expect(next.tables).toMatchObject([
      { rows: [expect.arrayContaining([url(10_003), 'Coat'])], deleted: [url(10_004)] },
    ])
    expect(await pull(next.cursor)).toEqual({ cursor: next.cursor })
  })

  test('shows what changed while the first pages were read, once the last one is', async () => {
    await fill(DEVICE_LIMITS.snapshot + 1)
    const first = await pull()
    expect(first).toMatchObject({ more: true, fresh: true })
    await pushed({
      first: 1,
      mutations: [
        { ...listing(10_000), op: 'update', values: { title: 'Changed behind the reader' } },
        { table: 'listings', op: 'delete', key: url(10_001) },
      ],
    })
    const rest = await copy(first.cursor)
    expect(rest.held.get(url(10_000))).toMatchObject({ title: 'Changed behind the reader' })
    expect(rest.held.has(url(10_001))).toBe(false)
  })

  test('goes on at the end of a commit, however many rows it has', async () => {
    const empty = await copy()
    await pushed({ first: 1, mutations: Array.from({ length: 700 }, (_, i) => listing(10_000 + i)) })
    await pushed({ first: 701, mutations: Array.from({ length: 700 }, (_, i) => listing(20_000 + i)) })
    const page = await pull(empty.cursor)
    expect([page.tables?.[0]?.rows.length, page.more]).toEqual([700, true])
    expect((await copy(empty.cursor)).held.size).toBe(1_400)
  })

  test('of a cursor from another life of the server begins anew, and of no cursor at all is refused', async () => {
    await pushed({ first: 1, mutations: [listing(1)] })
    const { cursor } = await copy()
    expect(await pull('9.1')).toEqual({ resnapshot: true })
    expect(await pull('1.99')).toEqual({ resnapshot: true })
    // Of a table that is not there any more; what is settled is said all the same.
    expect(await pull('1.1.7.')).toEqual({ resnapshot: true })
    expect(await pushed({ cursor: '1.1.7.' })).toEqual({ last: 1, resnapshot: true })
    doors.file.prepare(`INSERT INTO config VALUES ('generation', '"b7"', 0, 'restore')`).run()
    expect(await pull(cursor)).toEqual({ resnapshot: true })
    expect((await copy()).cursor).toMatch(/^b7\./)
    const query = new URLSearchParams({ lane: 'listings', cursor: 'nonsense' })
    expect((await doors.call('annsDevice', 'GET', `/api/pull?${query}`)).status).toBe(400)
  })

  test('needs a lane that is there, and a role', async () => {
    expect((await doors.call('annsDevice', 'GET', '/api/pull?lane=customers:bob')).status).toBe(404)
    expect((await doors.call('hook', 'GET', '/api/pull?lane=listings')).status).toBe(403)
    expect((await doors.call(null, 'GET', '/api/pull?lane=listings')).status).toBe(401)
  })
})

describe('a push', () => {
  test('is a sync: what went and what came in one answer, without what it brought itself', async () => {
    const { cursor } = await copy()
    await pushed({ first: 1, mutations: [listing(1)] }, 'annsDevice')
    const answered = await pushed({ incarnation: 'phone', first: 1, mutations: [listing(2)], cursor })
    expect(answered).toMatchObject({ last: 1 })
    expect(answered.tables?.[0]?.rows.map(([key]) => key)).toEqual([url(1)])
    const again = await pushed({ incarnation: 'phone', cursor: answered.cursor })
    expect(again).toEqual({ last: 1, cursor: answered.cursor })
  })

  test('without edits and news is one short answer, two statements, and writes nothing', async () => {
    await pushed({ first: 1, mutations: [listing(1)] })
    const { cursor } = await copy()
    const changes = () => rows(doors, 'SELECT total_changes() AS n')[0]?.n
    await push({ cursor })
    const before = changes()
    forgetCallers(doors.env)
    doors.database.batches.length = 0
    const answered = await push({ cursor })
    expect(answered.text).toBe(`{"last":1,"cursor":"${cursor}"}`)
    expect(changes()).toBe(before)
    // The token, and the rest.
    expect(doors.database.batches.map((batch) => batch.length)).toEqual([1, 1])
  })

  test('that is repeated answers the same and changes nothing', async () => {
    const body = { first: 1, mutations: [listing(1), listing(2, { price: 'dear' })] }
    const first = await pushed(body)
    const history = rows(doors, 'SELECT * FROM history')
    expect(await pushed(body)).toEqual(first)
    expect(rows(doors, 'SELECT * FROM history')).toEqual(history)
    // Repeated together with the next one: only that is new.
    const longer = await pushed({ first: 1, mutations: [...body.mutations, listing(3)] })
    expect(longer.results?.slice(0, 2)).toEqual(first.results)
    expect(longer.last).toBe(3)
    expect(stored('title')).toHaveLength(2)
    // And all of it once more.
    const after = rows(doors, 'SELECT * FROM history')
    expect(await pushed({ first: 1, mutations: [...body.mutations, listing(3)] })).toEqual(longer)
    expect(rows(doors, 'SELECT * FROM history')).toEqual(after)
    expect(await pushed({ first: 4, mutations: [listing(4)] })).toMatchObject({ last: 4 })
  })

  test('with a gap in its numbers says which one should come', async () => {
    await pushed({ first: 1, mutations: [listing(1)] })
    const answered = await push({ first: 3, mutations: [listing(3)] })
    expect([answered.status, answered.json()]).toMatchObject([
      409,
      { type: 'urn:tidemark:problem:gap', expected: 2, kept: expect.any(String), mend: expect.any(String) },
    ])
  })

  test.each([
    ['a number with other content', { first: 3, mutations: [listing(9)] }],
    ['numbers from before the last push', { first: 1, mutations: [listing(1)] }],
  ])('of a copied file, with %s, is forked, and applied under a new incarnation', async (_what, body) => {
    await pushed({ first: 1, mutations: [listing(1), listing(2)] })
    await pushed({ first: 3, mutations: [listing(3)] })
    const answered = await push(body)
    expect([answered.status, answered.json<{ type: string }>().type]).toEqual([
      409,
      'urn:tidemark:problem:forked',
    ])
    expect(await pushed({ incarnation: 'copy', ...body, first: 1 })).toMatchObject({ last: 1 })
  })

  test('under the incarnation of somebody else’s device is forked', async () => {
    await pushed({ first: 1, mutations: [listing(1)] })
    expect((await push({ first: 2, mutations: [listing(2)] }, 'bobsDevice')).status).toBe(409)
    // Paired again, with another token of the same user, it goes on.
    expect(await pushed({ first: 2, mutations: [listing(2)] }, 'ann')).toMatchObject({ last: 2 })
  })

  test('under the incarnation of somebody else’s device is forked without edits too, and tells no number', async () => {
    const { cursor } = await copy()
    await pushed({ first: 1, mutations: [listing(1)] })
    for (const body of [{}, { cursor }]) {
      const answered = await push(body, 'bobsDevice')
      expect([answered.status, answered.json()]).toMatchObject([409, { type: 'urn:tidemark:problem:forked' }])
      expect(answered.text).not.toMatch(/last|expected/)
    }
  })

  test('keeps in the history what its later edits of the same row overtake', async () => {
    const titled = (title: string) => ({ table: 'listings', op: 'update', key: url(1), values: { title } })
    await pushed({ first: 1, mutations: [listing(1), titled('Coat'), titled('Hat')] })
    const kept = () =>
      rows(
        doors,
        `SELECT op, after ->> 'title' AS title, why ->> '$.title[1]' AS rule FROM history
        WHERE lane = 'listings' ORDER BY version, n`,
      )
    expect(kept()).toEqual([
      { op: 'insert', title: 'Hat', rule: 'theirs' },
      { op: 'refuse', title: 'Dress 1', rule: 'later edit' },
      { op: 'refuse', title: 'Coat', rule: 'later edit' },
    ])
    // What was refused and is said again is refused once; what is other, once more.
    const seen = (last_updated: string) => ({ ...titled('Hat'), values: { last_updated } })
    const days = ['03', '01', '02', '02'].map((day) => seen(`2026-11-${day}T00:00:00.000Z`))
    await pushed({ first: 4, mutations: days })
    const refused = rows(
      doors,
      `SELECT after ->> 'last_updated' AS at FROM history
      WHERE lane = 'listings' AND version = 2 AND op = 'refuse' ORDER BY at`,
    )
    expect(refused.map(({ at }) => new Date(Number(at)).getUTCDate())).toEqual([1, 2])
  })

  test('with a cursor that is none is refused as a whole', async () => {
    expect((await push({ first: 1, mutations: [listing(1)], cursor: 'nonsense' })).status).toBe(400)
    expect(stored('id')).toEqual([])
  })

  test('takes what is good of it; what is bad is rejected with the reason', async () => {
    const bad = [
      [{ nonsense: 1 }, /table/],
      [{ ...listing(1), table: 'customers' }, /customers is not a table of this lane/],
      [listing(1, { price: '12 EUR' }), /price: "12 EUR" is not a number/],
      [listing(1, { price: 12.5 }), /price: 12.5 is not a whole number/],
      [listing(1, { title: 'x'.repeat(2_001) }), /title: a text of 2001 characters; at most 2000/],
      [listing(1, { colour: 'red' }), /Listings has no column colour/],
      [listing(1, { modesty_status: 'fine' }), /"fine" is none of modest, moderately_modest, not_modest/],
      [listing(1, { assessed_at: 'yesterday' }), /assessed_at: "yesterday" is not a time/],
      [listing(1, { lifecycle_stage: null }), /lifecycle_stage: it is never empty/],
      [listing(1, { lifecycle_stage: 'lost' }), /"lost" is none of/],
      [{ ...listing(1), key: 'dress 1' }, /"dress 1" can't name a row/],
      [listing(1, { product_url: 'dress 1' }), /"dress 1" is not an address/],
      [listing(1, { product_url: url(2) }), /is another listing/],
      [answer(1, 'modest'), /Listings has no row/],
    ] as const
    const answered = await pushed({ first: 1, mutations: [...bad.map(([mutation]) => mutation), listing(7)] })
    expect(answered.last).toBe(bad.length + 1)
    expect(answered.results?.map(({ status }) => status)).toEqual([...bad.map(() => 'rejected'), 'applied'])
    for (const [i, [, reason]] of bad.entries())
      expect(answered.results?.[i]).toMatchObject({
        n: i + 1,
        status: 'rejected',
        reason: expect.stringMatching(reason),
      })
    expect(stored('id')).toEqual([{ id: url(7) }])
  })

  test('names the row as the server does, where the device calls it otherwise', async () => {
    const called = 'http://www.shop.example/p1/?utm_source=mail#top'
    const answered = await pushed({
      first: 1,
      mutations: [{ ...listing(1), key: called, values: { product_url: called } }],
    })
    expect(answered.results).toMatchObject([{ n: 1, status: 'applied', key: url(1) }])
    expect(stored('id, product_url')).toEqual([{ id: url(1), product_url: called }])
    // Also when that is in another push, and is said again when the cursor is past it.
    const renamed = [{ table: 'listings', op: 'update', key: called, values: { title: 'Coat' } }]
    expect((await pushed({ first: 2, mutations: renamed })).results).toEqual([
      { n: 2, status: 'applied', key: url(1) },
    ])
    expect(stored('title, product_url')).toEqual([{ title: 'Coat', product_url: called }])
    const { cursor } = await copy()
    const again = await pushed({ first: 2, mutations: renamed, cursor })
    expect(again.tables?.[0]?.rows.map(([key]) => key)).toEqual([url(1)])
  })

  test('that is gzipped is unpacked, and within the limit', async () => {
    const body = JSON.stringify({
      lane: 'listings',
      incarnation: 'laptop',
      first: 1,
      mutations: [listing(1)],
    })
    const packed = async (text: string) =>
      new Uint8Array(
        await new Response(
          new Blob([text]).stream().pipeThrough(new CompressionStream('gzip')),
        ).arrayBuffer(),
      )
    const send = async (text: string) =>
      doors.call('annsDevice', 'POST', '/api/push', {
        body: await packed(text),
        headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
      })
    expect((await send(body)).json()).toMatchObject({ last: 1 })
    expect((await send(' '.repeat(1_000_001))).status).toBe(413)
    expect((await send('nonsense')).status).toBe(400)
  })
})
