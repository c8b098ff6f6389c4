import { beforeEach, describe, expect, test } from 'vitest'
import { createGoogle, type Google } from '../google/index.ts'
import { createYouTube, type YouTube } from './index.ts'

let now: number
let google: Google
let youtube: YouTube

beforeEach(() => {
  now = Date.UTC(2026, 10, 20, 12)
  google = createGoogle({ clock: () => now })
  youtube = createYouTube({ google, keys: ['key'] })
})

interface Body {
  readonly items?: readonly {
    readonly id: string
    readonly statistics?: Readonly<Record<string, unknown>>
    readonly snippet?: unknown
  }[]
  readonly pageInfo?: unknown
  readonly nextPageToken?: string
  readonly error?: unknown
}

async function list(query: string, headers: Record<string, string> = {}) {
  const response = await youtube.fetch(`https://youtube.test/youtube/v3/channels?${query}`, { headers })
  return { status: response.status, body: (await response.json()) as Body }
}
const ids = (count: number) => Array.from({ length: count }, (_, i) => `UC${String(i).padStart(3, '0')}`)

describe('channels.list', () => {
  test('gives numbers as strings, subscribers rounded down to three digits', async () => {
    youtube.person.setChannel('UC1', {
      title: 'One',
      handle: '@One',
      viewCount: 12_345_678_901,
      subscriberCount: 1_239_999,
      videoCount: 12,
    })
    const { body } = await list('part=statistics,snippet&id=UC1&key=key')
    expect(body.items?.[0]).toMatchObject({
      id: 'UC1',
      snippet: { title: 'One', customUrl: '@one' },
      statistics: {
        viewCount: '12345678901',
        subscriberCount: '1230000',
        hiddenSubscriberCount: false,
        videoCount: '12',
      },
    })
  })

  test('leaves a hidden number of subscribers out, rather than at zero', async () => {
    youtube.person.setChannel('UC1', { subscriberCount: 50, hiddenSubscriberCount: true })
    const { body } = await list('part=statistics&id=UC1&key=key')
    expect(body.items?.[0]?.statistics).toEqual({
      viewCount: '0',
      hiddenSubscriberCount: true,
      videoCount: '0',
    })
  })

  test('leaves unknown ids out, in an order of its own, and `items` too when none is known', async () => {
    youtube.person.setChannel('UC1', {})
    youtube.person.setChannel('UC2', {})
    expect((await list('part=id&id=UC2,UCx,UC1&key=key')).body.items?.map((item) => item.id)).toEqual([
      'UC1',
      'UC2',
    ])
    const { status, body } = await list('part=id&id=UCx&key=key')
    expect({ status, items: body.items, pageInfo: body.pageInfo }).toEqual({
      status: 200,
      items: undefined,
      pageInfo: { totalResults: 0, resultsPerPage: 5 },
    })
  })

  test('gives five at a time unless maxResults says otherwise, and the rest by page', async () => {
    for (const id of ids(50)) youtube.person.setChannel(id, {})
    const query = `part=id&id=${ids(50).join(',')}&key=key`
    const first = await list(query)
    expect(first.body.items).toHaveLength(5)
    const second = await list(`${query}&pageToken=${first.body.nextPageToken}`)
    expect(second.body.items?.[0]?.id).toBe('UC005')
    const whole = await list(`${query}&maxResults=50`)
    expect(whole.body.items).toHaveLength(50)
    expect(whole.body.nextPageToken).toBeUndefined()
  })

  test('gives only what a mask names', async () => {
    youtube.person.setChannel('UC1', { viewCount: 7 })
    const { body } = await list('part=statistics&id=UC1&key=key&fields=items(id,statistics/viewCount)')
    expect(body).toEqual({ items: [{ id: 'UC1', statistics: { viewCount: '7' } }] })
  })

  test('takes fifty ids and not one more', async () => {
    expect((await list(`part=id&id=${ids(50).join(',')}&key=key`)).status).toBe(200)
    expect((await list(`part=id&id=${ids(51).join(',')}&key=key`)).body).toMatchObject({
      error: { code: 400, errors: [{ reason: 'invalidFilters' }] },
    })
  })

  test('finds a channel by its handle, with or without the @, in any case', async () => {
    youtube.person.setChannel('UC1', { handle: '@Tidemark' })
    for (const handle of ['@tidemark', 'TideMark']) {
      expect((await list(`part=id&forHandle=${handle}&key=key`)).body.items).toHaveLength(1)
    }
  })

  test.each([
    ['no part', 'id=UC1', 'missingRequiredParameter'],
    ['an unknown part', 'part=stats&id=UC1', 'unknownPart'],
    ['no filter', 'part=id', 'missingRequiredParameter'],
    ['two filters', 'part=id&id=UC1&forHandle=x', 'incompatibleParameters'],
    ['too large a page', 'part=id&id=UC1&maxResults=51', 'invalidParameter'],
  ])('refuses %s', async (_, query, reason) => {
    expect(await list(`${query}&key=key`)).toMatchObject({
      status: 400,
      body: { error: { errors: [{ reason }] } },
    })
  })
})

describe('admission', () => {
  test('is by a known key, or by a token with a scope of YouTube', async () => {
    const bearer = (scopes?: string[]) => ({ authorization: `Bearer ${google.grant('sa@x', scopes)}` })
    expect((await list('part=id&id=UC1', bearer())).status).toBe(200)
    expect((await list('part=id&id=UC1', { 'x-goog-api-key': 'key' })).status).toBe(200)
    expect((await list('part=id&id=UC1', bearer(['https://www.googleapis.com/auth/drive']))).status).toBe(403)
    expect((await list('part=id&id=UC1', { authorization: 'Bearer none' })).status).toBe(401)
    expect(await list('part=id&id=UC1&key=wrong')).toMatchObject({
      status: 400,
      body: { error: { message: 'API key not valid. Please pass a valid API key.' } },
    })
    expect(await list('part=id&id=UC1')).toMatchObject({ status: 403 })
  })
})

test('ten thousand units last until midnight Pacific time', async () => {
  google = createGoogle({ clock: () => now, limits: { youtubePerDay: 2 } })
  youtube = createYouTube({ google, keys: ['key'] })
  const status = async () => (await list('part=id&id=UC1&key=key')).status
  expect([await status(), await status()]).toEqual([200, 200])
  expect(await list('part=id&id=UC1&key=key')).toMatchObject({
    status: 403,
    body: { error: { errors: [{ reason: 'quotaExceeded', domain: 'youtube.quota' }] } },
  })
  now = Date.UTC(2026, 10, 21, 7, 59, 59)
  expect(await status()).toBe(403)
  now = Date.UTC(2026, 10, 21, 8)
  expect(await status()).toBe(200)
  expect(google.quota.limits.youtubePerDay).toBe(2)
})

test("Google's faults and record of calls cover YouTube", async () => {
  google.faults.add({ match: { kind: 'youtube' }, times: 1, do: { status: 503 } })
  expect((await list('part=id&id=UC1&key=key')).status).toBe(503)
  expect((await list('part=id&id=UC1&key=key')).status).toBe(200)
  expect(google.calls.map(({ api, kind, status }) => [api, kind, status])).toEqual([
    ['youtube.channels.list', 'youtube', 503],
    ['youtube.channels.list', 'youtube', 200],
  ])
})

describe('statistics of any platform', () => {
  const stats = async (path: string) => {
    const response = await youtube.fetch(`https://stats.test/stats/${path}`)
    return { status: response.status, body: await response.json() }
  }

  test('are given as JSON, as they were set, whatever their types', async () => {
    youtube.person.setStatistics('tiktok', 'Some One', { followers: 12, likes: '1.2K', views: null })
    expect(await stats('tiktok/some%20one')).toEqual({
      status: 200,
      body: {
        platform: 'tiktok',
        username: 'some one',
        updatedAt: '2026-11-20T12:00:00.000Z',
        statistics: { followers: 12, likes: '1.2K', views: null },
      },
    })
  })

  test('are 404 for an account that is not there', async () => {
    expect((await stats('tiktok/nobody')).status).toBe(404)
  })
})

test('a snapshot holds channels and statistics', async () => {
  youtube.person.setChannel('UC1', { videoCount: 1 })
  const kept = youtube.snapshot()
  youtube.person.setChannel('UC1', { videoCount: 2 })
  youtube.person.removeChannel('UC1')
  youtube.restore(JSON.parse(JSON.stringify(kept)) as typeof kept)
  expect((await list('part=statistics&id=UC1&key=key')).body.items?.[0]?.statistics?.videoCount).toBe('1')
})
