import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Answer } from '../../sync/engine/ports.ts'
import { JsonReaderConfig } from '../../sync/protocol/config.ts'
import type { Fetch } from '../../sync/remotes/google/fetch.ts'
import { jsonReader } from '../../sync/remotes/platform-readers/json.ts'
import { nextPacificMidnight } from '../../sync/remotes/platform-readers/pacific-midnight.ts'
import {
  type ReaderAccount,
  type ReaderAnswer,
  strictCount,
} from '../../sync/remotes/platform-readers/reader.ts'
import { youtubeReader } from '../../sync/remotes/platform-readers/youtube.ts'
import { createGoogle, type GoogleOptions } from '../emulators/google/index.ts'
import { createYouTube } from '../emulators/youtube/index.ts'
import { must } from './sheet-world.ts'

const now = Date.parse('2026-03-02T10:00:05Z')
const clock = { now: () => now }

function createPlatforms(options: GoogleOptions = {}) {
  const google = createGoogle({ clock: clock.now, sleep: async () => {}, ...options })
  const platforms = createYouTube({ google, keys: ['key'] })
  return { google, platforms, apis: () => google.calls.splice(0).map(({ api }) => api) }
}

let world: ReturnType<typeof createPlatforms>
beforeEach(() => {
  world = createPlatforms()
})

const account = (id: string, profileUrl: string, more: Partial<ReaderAccount> = {}): ReaderAccount => ({
  id,
  platform: 'youtube',
  profileUrl,
  username: null,
  ...more,
})

const youtubeAt = (api_key = 'key', timeout = 500) =>
  youtubeReader(
    { source: 'youtube', apiKey: api_key },
    {
      origin: 'http://google.test',
      fetch: world.platforms.fetch,
      clock,
      timeout,
    },
  )

const numbers = ({ readings }: ReaderAnswer) =>
  Object.fromEntries(readings.map(({ account_id, metric, value }) => [`${account_id} ${metric}`, value]))

const failing = (answer: Answer<unknown>) => {
  if (answer.ok) throw new Error('it was to fail')
  return answer.failure
}

describe('The YouTube reader', () => {
  test('reads channels by id and by handle, and passes other platforms by', async () => {
    world.platforms.person.setChannel('UCone', { subscriberCount: 12_345, viewCount: 99, videoCount: 3 })
    world.platforms.person.setChannel('UCtwo', { handle: '@Émilie', subscriberCount: 7 })
    const answer = must(
      await youtubeAt().read([
        account('a', 'https://www.youtube.com/channel/UCone/videos'),
        account('b', 'youtube.com/@%C3%89milie'),
        account('c', 'instagram.com/x', { platform: 'instagram' }),
      ]),
    )
    expect(numbers(answer)).toEqual({
      'a followers': 12_300,
      'a views': 99,
      'a videos': 3,
      'b followers': 7,
      'b views': 0,
      'b videos': 0,
    })
    expect(answer.warnings).toEqual([])
    expect(answer.readings[0]?.at).toBe(now)
  })

  test('120 channels are three calls; a handle is one call once', async () => {
    const ids = Array.from({ length: 120 }, (_, i) => `UC${i}`)
    for (const id of ids) world.platforms.person.setChannel(id, { handle: `@h${id}`, subscriberCount: 1 })
    const reader = youtubeAt()
    const byId = ids.map((id) => account(id, `https://youtube.com/channel/${id}`))
    expect(must(await reader.read(byId)).readings).toHaveLength(360)
    expect(world.apis()).toHaveLength(3)
    const byHandle = [account('x', 'https://youtube.com/@hUC1'), account('y', 'https://youtube.com/@hUC2')]
    expect(must(await reader.read(byHandle)).readings).toHaveLength(6)
    expect(world.apis()).toHaveLength(2)
    expect(must(await reader.read(byHandle)).readings).toHaveLength(6)
    expect(world.apis()).toHaveLength(1)
  })

  test('hidden subscribers are absent, not zero', async () => {
    world.platforms.person.setChannel('UC1', {
      hiddenSubscriberCount: true,
      subscriberCount: 5,
      viewCount: 4,
    })
    const answer = must(await youtubeAt().read([account('a', 'youtube.com/channel/UC1')]))
    expect(numbers(answer)).toEqual({ 'a views': 4, 'a videos': 0 })
    const statistics = { hiddenSubscriberCount: true, subscriberCount: '0', viewCount: '4' }
    const zero: Fetch = async () => Response.json({ items: [{ id: 'UC1', statistics }] })
    const reader = youtubeReader(
      { source: 'youtube', apiKey: 'key' },
      {
        origin: null,
        fetch: zero,
        clock,
      },
    )
    expect(numbers(must(await reader.read([account('a', 'youtube.com/channel/UC1')])))).toEqual({
      'a views': 4,
    })
  })

  test('a channel that is gone, or can’t be named, is a warning and stops no other', async () => {
    world.platforms.person.setChannel('UC1', { viewCount: 4 })
    const answer = must(
      await youtubeAt().read([
        account('a', 'youtube.com/channel/UC1'),
        account('b', 'youtube.com/channel/UCgone'),
        account('c', 'youtube.com/@gone'),
        account('d', 'youtube.com/c/oldname'),
      ]),
    )
    expect(answer.readings).toHaveLength(3)
    expect(answer.warnings.map(({ where }) => where).toSorted()).toEqual([
      'youtube.com/@gone',
      'youtube.com/c/oldname',
      'youtube.com/channel/UCgone',
    ])
  })

  test('a used-up quota keeps what was read, and says when the next day begins', async () => {
    world = createPlatforms({ limits: { youtubePerDay: 1 } })
    for (let i = 0; i < 200; i++) world.platforms.person.setChannel(`UC${i}`, {})
    const accounts = Array.from({ length: 200 }, (_, i) => account(`${i}`, `youtube.com/channel/UC${i}`))
    const answer = must(await youtubeAt().read(accounts))
    expect(answer.readings).toHaveLength(150)
    expect(answer.warnings).toHaveLength(150)
    expect(answer.warnings[0]?.message).toContain('quota')
    const failure = failing(await youtubeAt().read(accounts))
    // 10:00 UTC in winter is two in the morning there.
    expect(failure).toMatchObject({ type: 'unavailable', at: Date.parse('2026-03-03T08:00:00Z') })
    expect(failure.reason).not.toContain('<')
  })

  test('a bad key names the secret and doesn’t show it', async () => {
    const failure = failing(await youtubeAt('wrong-key').read([account('a', 'youtube.com/channel/UC1')]))
    expect(failure).toMatchObject({ type: 'refused', mend: expect.stringContaining('YOUTUBE_API_KEY') })
    expect(JSON.stringify(failure)).not.toContain('wrong-key')
    expect(world.google.calls.every(({ target }) => !target.includes('wrong-key'))).toBe(true)
  })

  test.each([
    { status: 500 },
    { html: true, status: 200 },
    { cut: true },
    { drop: true },
    { hang: true },
  ] as const)(
    'trouble (%j) with one call costs its accounts only; with all calls it is unavailable',
    async (fault) => {
      world.platforms.person.setChannel('UC1', { handle: '@one' })
      const accounts = [account('a', 'youtube.com/channel/UC1'), account('b', 'youtube.com/@one')]
      world.google.faults.add({ match: { path: /forHandle/ }, do: fault })
      const answer = must(await youtubeAt('key', 50).read(accounts))
      // Nothing retries behind our back.
      expect(world.apis()).toHaveLength(2)
      expect(answer.readings).toHaveLength(3)
      expect(answer.warnings).toEqual([
        expect.objectContaining({ kind: 'not_read', where: 'youtube.com/@one' }),
      ])
      world.google.faults.add({ do: fault })
      expect(failing(await youtubeAt('key', 50).read(accounts))).toMatchObject({ type: 'unavailable' })
    },
  )
})

describe('The JSON reader', () => {
  const config = JsonReaderConfig.parse({
    type: 'json',
    source: 'stats',
    platforms: ['tiktok', 'instagram'],
    url: 'https://stats.test/stats/{platform}/{username}?from={profile_url}',
    headers: { 'x-key': 'secret' },
    fields: { followers: 'statistics.followers', likes: 'statistics.likes' },
  })
  const readerAt = (more: Partial<JsonReaderConfig> = {}, fetch: Fetch = world.platforms.fetch) =>
    jsonReader({ ...config, ...more }, { fetch, clock, timeout: 50 })
  const tiktok = (id: string, username: string | null = id) =>
    account(id, `https://tiktok.com/@${id}`, { platform: 'tiktok', username })

  test('finds each metric at its path, strictly', async () => {
    world.platforms.person.setStatistics('tiktok', 'ann', { followers: 12, likes: 3 })
    world.platforms.person.setStatistics('tiktok', 'b/ö b', { followers: 1 })
    const answer = must(
      await readerAt().read([tiktok('ann', '@ann'), tiktok('b/ö b'), account('y', 'youtube.com/@y')]),
    )
    expect(numbers(answer)).toEqual({ 'ann followers': 12, 'ann likes': 3, 'b/ö b followers': 1 })
    expect(answer.warnings).toEqual([
      {
        kind: 'unreadable',
        message: 'likes: nothing stands at statistics.likes',
        where: 'https://tiktok.com/@b/ö b',
      },
    ])
    expect(world.google.calls.map(({ target }) => target)).toContain(
      '/stats/tiktok/b%2F%C3%B6%20b?from=https%3A%2F%2Ftiktok.com%2F%40b%2F%C3%B6%20b',
    )
  })

  test('an account that fails is a warning and stops no other', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f'])
      world.platforms.person.setStatistics('tiktok', name, { followers: 1, likes: 1 })
    world.google.faults.add({ match: { path: /tiktok\/b/ }, do: { status: 500 } })
    world.google.faults.add({ match: { path: /tiktok\/c/ }, do: { html: true, status: 200 } })
    world.google.faults.add({ match: { path: /tiktok\/d/ }, do: { cut: true } })
    world.google.faults.add({ match: { path: /tiktok\/e/ }, do: { hang: true } })
    const who = ['a', 'b', 'c', 'd', 'e', 'f', 'gone'].map((name) => tiktok(name))
    const answer = must(await readerAt().read([...who, tiktok('nameless', null)]))
    expect(answer.readings.map(({ account_id }) => account_id).toSorted()).toEqual(['a', 'a', 'f', 'f'])
    expect(answer.warnings.map(({ message }) => message).toSorted()).toEqual([
      'the account has no user name',
      'tiktok b: HTTP 500',
      'tiktok c: the answer is not JSON',
      'tiktok d: the connection failed',
      'tiktok e: no answer in time',
      'tiktok gone: HTTP 404',
    ])
  })

  test('too many, or not allowed, stops asking at once', async () => {
    world.google.faults.add({ do: { status: 429, headers: { 'retry-after': '20' } } })
    const who = Array.from({ length: 30 }, (_, i) => tiktok(`n${i}`))
    expect(failing(await readerAt().read(who))).toMatchObject({ type: 'busy', at: now + 20_000 })
    expect(world.apis().length).toBeLessThanOrEqual(4)
    world.google.faults.clear()
    world.google.faults.add({ do: { status: 403 } })
    expect(failing(await readerAt().read(who))).toMatchObject({
      type: 'refused',
      mend: expect.stringContaining('headers'),
    })
    expect(world.apis().length).toBeLessThanOrEqual(4)
  })

  test('no more than four calls are on their way', async () => {
    let most = 0
    let now = 0
    const slow = async () => {
      most = Math.max(most, ++now)
      await new Promise((resolve) => setTimeout(resolve, 1))
      now--
      return Response.json({ statistics: { followers: 1, likes: 2 } })
    }
    must(await readerAt({}, slow).read(Array.from({ length: 20 }, (_, i) => tiktok(`n${i}`))))
    expect(most).toBe(4)
  })

  test('an endless answer is not read to its end, and a redirect is not followed', async () => {
    let sent = 0
    const endless = async () =>
      new Response(
        new ReadableStream({
          pull(controller) {
            sent += 65_536
            controller.enqueue(new Uint8Array(65_536).fill(32))
          },
        }),
      )
    expect(failing(await readerAt({}, endless).read([tiktok('a')])).reason).toContain('larger')
    expect(sent).toBeLessThan(2_000_000)
    let redirect = ''
    const moved = async (request: Request) => {
      redirect = request.redirect
      return new Response(null, { status: 302, headers: { location: 'https://elsewhere.test/' } })
    }
    const answer = must(await readerAt({}, moved).read([tiktok('a')]))
    expect([redirect, answer.readings]).toEqual(['manual', []])
  })

  test.each([
    'ftp://x.test/{username}',
    'https://{username}.test/',
    'https://x.test',
    'https://x.test/{password}',
    'https://user:pw@x.test/{username}',
    'file:///etc/passwd',
  ])('the address %s is not accepted', (url) => {
    expect(JsonReaderConfig.safeParse({ ...config, url }).success).toBe(false)
  })
})

test('a count is a whole number or its digits, nothing else', () => {
  expect(['12', 12, 0].map(strictCount)).toEqual([12, 12, 0])
  const others = [
    -1,
    1.5,
    '1.5',
    '1,234',
    '',
    ' 1',
    '1e3',
    null,
    undefined,
    true,
    [],
    {},
    Number.NaN,
    2 ** 53,
    '9'.repeat(16),
  ]
  expect(others.map(strictCount).every((value) => value === null)).toBe(true)
})

test('the next Pacific midnight is in the future, within 25 hours, and midnight there', () => {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: 'America/Los_Angeles',
    timeStyle: 'medium',
    hourCycle: 'h23',
  })
  const times = fc.integer({ min: Date.parse('2025-01-01'), max: Date.parse('2028-01-01') })
  fc.assert(
    fc.property(times, (time) => {
      const midnight = nextPacificMidnight(time)
      expect(midnight).toBeGreaterThan(time)
      expect(midnight - time).toBeLessThanOrEqual(25 * 3_600_000)
      expect(format.format(midnight)).toBe('00:00:00')
    }),
    { numRuns: 200 },
  )
})
