import { scopesFor } from '../google/auth.ts'
import { Refusal, refusalFor } from '../google/failure.ts'
import type { Call, Route } from '../google/front.ts'
import type { Google } from '../google/google.ts'
import { channelsList } from './channels-list.ts'
import type { Channel, Channels, Statistics } from './model.ts'

export interface YouTubeOptions {
  /** Lends its clock, tokens, quota, faults and record of calls */
  readonly google: Google
  /** API keys that are let in */
  readonly keys?: readonly string[]
}

export type YouTube = ReturnType<typeof createYouTube>

/** An emulated YouTube Data API (`channels.list`), and statistics of any other platform as plain JSON. */
export function createYouTube({ google, keys = [] }: YouTubeOptions) {
  const { front, auth, quota } = google
  let state: Channels = { channels: {}, statistics: {} }

  const channels: Route = {
    api: 'youtube.channels.list',
    kind: 'youtube',
    dialect: 'youtube',
    answer: (call) => {
      admit(call)
      quota.take(pacificDay(front.clock()), [
        { key: 'youtube:project', limit: quota.limits.youtubePerDay, refusal: () => exhausted() },
      ])
      return channelsList(state.channels, call.url.searchParams)
    },
  }

  function admit({ request, url }: Call): void {
    const key = url.searchParams.get('key') ?? request.headers.get('x-goog-api-key')
    if (key !== null) {
      if (keys.includes(key)) return
      throw new Refusal(400, 'API key not valid. Please pass a valid API key.', {
        reason: 'badRequest',
        details: [
          {
            '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
            reason: 'API_KEY_INVALID',
            domain: 'googleapis.com',
          },
        ],
      })
    }
    if (!request.headers.has('authorization')) {
      throw new Refusal(
        403,
        "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API.",
        { reason: 'forbidden' },
      )
    }
    auth.authenticate(request, url, scopesFor.youtube)
  }

  function statistics(platform: string, username: string): Route {
    return {
      api: 'stats.get',
      kind: 'stats',
      dialect: 'plain',
      answer: () => {
        const found = state.statistics[keyOf(platform, username)]
        if (!found) throw refusalFor(404, `No account ${username} on ${platform}.`)
        const { updatedAt, ...numbers } = found
        return { platform, username, updatedAt: new Date(updatedAt).toISOString(), statistics: numbers }
      },
    }
  }

  function route(method: string, url: URL): Route {
    if (method === 'GET' && url.pathname === '/youtube/v3/channels') return channels
    const found = /^\/stats\/([^/]+)\/([^/]+)$/.exec(url.pathname)
    if (method === 'GET' && found) {
      return statistics(decodeURIComponent(found[1] ?? ''), decodeURIComponent(found[2] ?? ''))
    }
    return {
      api: 'unknown',
      kind: 'youtube',
      dialect: 'youtube',
      answer: () => {
        throw refusalFor(404, `The emulator has nothing at ${method} ${url.pathname}.`)
      },
    }
  }

  /** Answers `/youtube/v3/channels` and `/stats/:platform/:username`. Takes what `fetch` takes. */
  async function fetch(input: Request | URL | string, init?: RequestInit): Promise<Response> {
    const request = input instanceof Request && init === undefined ? input : new Request(input, init)
    return front.serve(route(request.method, new URL(request.url)), request)
  }

  /** Makes or changes a channel; what isn't given stays, or starts at zero. */
  function setChannel(id: string, change: Partial<Omit<Channel, 'id'>>): Channel {
    const before: Channel = state.channels[id] ?? {
      id,
      title: id,
      publishedAt: new Date(front.clock()).toISOString(),
      viewCount: 0,
      subscriberCount: 0,
      hiddenSubscriberCount: false,
      videoCount: 0,
    }
    const channel = { ...before, ...change }
    state = { ...state, channels: { ...state.channels, [id]: channel } }
    return channel
  }

  function removeChannel(id: string): void {
    const { [id]: _gone, ...rest } = state.channels
    state = { ...state, channels: rest }
  }

  /** Sets what `/stats/:platform/:username` answers; what isn't given stays. */
  function setStatistics(platform: string, username: string, change: Statistics): void {
    const key = keyOf(platform, username)
    const changed = { ...state.statistics[key], ...change, updatedAt: front.clock() }
    state = { ...state, statistics: { ...state.statistics, [key]: changed } }
  }

  return {
    fetch,
    person: { setChannel, removeChannel, setStatistics },
    /** Channels and statistics as plain JSON; quota and tokens are Google's */
    snapshot: (): Channels => state,
    restore: (channels: Channels): void => {
      state = channels
    },
  }
}

function keyOf(platform: string, username: string): string {
  return `${platform}/${username}`.toLowerCase()
}

function exhausted(): Refusal {
  return new Refusal(
    403,
    'The request cannot be completed because you have exceeded your <a href="/youtube/v3/getting-started#quota">quota</a>.',
    { reason: 'quotaExceeded' },
  )
}

const pacific = new Intl.DateTimeFormat('en-CA', { timeZone: 'America/Los_Angeles', dateStyle: 'short' })

/** YouTube's quota is a day's, and its day begins at midnight Pacific time. */
function pacificDay(now: number): string {
  return `day ${pacific.format(now)}`
}
