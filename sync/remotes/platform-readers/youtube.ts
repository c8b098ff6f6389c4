import { youtube, type youtube_v3 } from 'googleapis/build/src/apis/youtube/index.js'
import type { Clock, RemoteFailure } from '../../engine/ports.ts'
import { type CallFailure, callFailure, garbled, isRateLimit } from '../google/call-failure.ts'
import { type Fetch, googleFetch } from '../google/fetch.ts'
import { profileUrlKey } from '../profile-url.ts'
import { nextPacificMidnight } from './pacific-midnight.ts'
import {
  type Asked,
  askAll,
  notRead,
  type PlatformReader,
  type PlatformReading,
  type Question,
  type ReaderAccount,
  strictCount,
} from './reader.ts'

/** The secret's name, as messages name it. */
const YOUTUBE_SECRET = 'YOUTUBE_API_KEY'

export interface YoutubeReaderConfig {
  readonly source: string
  /** An API key of a Google Cloud project in which the YouTube Data API v3 is enabled */
  readonly apiKey: string
}

export interface YoutubeOptions {
  readonly origin: string | null
  readonly fetch: Fetch
  readonly clock: Clock
  /** Milliseconds for one call */
  readonly timeout?: number
}

/** Ids in one call, which costs one unit of 10,000 a day: https://developers.google.com/youtube/v3/docs/channels/list */
const IDS = 50

type Filter = { readonly id: string[] } | { readonly forHandle: string }

/**
 * Statistics of YouTube channels. Channel ids cost a unit for 50, handles (`/@name`) a unit each, the first time: the id is
 * then remembered as long as the reader lives. Addresses of the old kinds (`/c/`, `/user/`) need a handle as user name.
 */
export function youtubeReader(
  config: YoutubeReaderConfig,
  { origin, fetch, clock, timeout = 30_000 }: YoutubeOptions,
): PlatformReader {
  const api = youtube({
    version: 'v3',
    fetchImplementation: googleFetch(fetch, origin),
    retry: false,
    timeout,
  })
  const idOfHandle = new Map<string, string>()

  async function list(
    filter: Filter,
  ): Promise<{ channels: readonly youtube_v3.Schema$Channel[] } | CallFailure> {
    try {
      const { data } = await api.channels.list(
        { part: ['statistics'], maxResults: IDS, prettyPrint: false, ...filter },
        { headers: { 'x-goog-api-key': config.apiKey } },
      )
      return typeof data === 'object' ? { channels: data.items ?? [] } : garbled(data)
    } catch (error) {
      return callFailure(error, clock.now())
    }
  }

  async function ask(
    filter: Filter,
    accounts: ReadonlyMap<string, readonly ReaderAccount[]>,
  ): Promise<Asked> {
    const listed = await list(filter)
    if (!('channels' in listed)) return failed(listed, clock.now())
    const at = clock.now()
    const found = new Map(
      listed.channels.map((channel) => ['id' in filter ? (channel.id ?? '') : filter.forHandle, channel]),
    )
    const readings: PlatformReading[] = []
    const warnings = []
    for (const [key, who] of accounts) {
      const channel = found.get(key)
      if (!channel) warnings.push(...who.map((account) => notRead(account, 'YouTube has no such channel')))
      else readings.push(...who.flatMap(({ id }) => readingsOf(id, channel, at)))
      if (channel?.id && 'forHandle' in filter) idOfHandle.set(key, channel.id)
    }
    return { ok: true, answer: { readings, warnings } }
  }

  return {
    source: config.source,
    read(accounts) {
      const ids = new Map<string, ReaderAccount[]>()
      const handles = new Map<string, ReaderAccount[]>()
      const unknown: ReaderAccount[] = []
      for (const account of accounts) {
        if (account.platform !== 'youtube') continue
        const { id, handle } = channelOf(account)
        const known = id ?? (handle && idOfHandle.get(handle))
        if (known) ids.set(known, [...(ids.get(known) ?? []), account])
        else if (handle) handles.set(handle, [...(handles.get(handle) ?? []), account])
        else unknown.push(account)
      }
      const questions: Question[] = []
      const all = [...ids]
      for (let i = 0; i < all.length; i += IDS) {
        const some = new Map(all.slice(i, i + IDS))
        questions.push({
          accounts: [...some.values()].flat(),
          ask: () => ask({ id: [...some.keys()] }, some),
        })
      }
      for (const [forHandle, who] of handles)
        questions.push({ accounts: who, ask: () => ask({ forHandle }, new Map([[forHandle, who]])) })
      const reason =
        'neither a channel id nor a handle: give the address as youtube.com/@handle or /channel/UC…'
      const warnings = unknown.map((account) => notRead(account, reason))
      if (warnings.length > 0)
        questions.push({ accounts: [], ask: async () => ({ ok: true, answer: { readings: [], warnings } }) })
      return askAll(questions)
    },
  }
}

/** The channel's id where the address has it, else a handle from the address or the user name. */
function channelOf({ profileUrl, username }: ReaderAccount): { id?: string; handle?: string } {
  const path = profileUrlKey(profileUrl)?.split('/').slice(3) ?? []
  if (path[0] === 'channel' && path[1]?.startsWith('UC')) return { id: path[1] }
  const handle = [path[0], username?.trim().toLowerCase()].find((text) => text?.startsWith('@'))
  return handle ? { handle } : {}
}

/** A hidden number of subscribers is absent, which isn't zero. */
function readingsOf(
  account_id: string,
  { statistics }: youtube_v3.Schema$Channel,
  at: number,
): PlatformReading[] {
  const stated = [
    ['followers', statistics?.hiddenSubscriberCount ? null : statistics?.subscriberCount],
    ['videos', statistics?.videoCount],
    ['views', statistics?.viewCount],
  ] as const
  return stated.flatMap(([metric, text]) => {
    const value = strictCount(text)
    return value === null ? [] : [{ account_id, metric, value, at }]
  })
}

function failed(failure: CallFailure, now: number): Asked {
  const { status, message, reasons } = failure
  const refuse = (answer: RemoteFailure, stop: boolean): Asked => ({ ok: false, failure: answer, stop })
  const reason = `YouTube: ${message.replace(/<[^>]*>/g, '')}`
  if (reasons.some((word) => /^(quotaExceeded|dailyLimitExceeded)$/.test(word))) {
    const mend = 'Nothing: it goes on at midnight Pacific time. For more, ask Google for a higher quota.'
    return refuse({ type: 'unavailable', reason, mend, at: nextPacificMidnight(now) }, true)
  }
  if (isRateLimit(failure))
    return refuse({ type: 'busy', at: now + (failure.retryAfter ?? 60_000), reason }, true)
  if (status === null || status >= 500)
    return refuse({ type: 'unavailable', reason, mend: 'Nothing to do: it is tried again.' }, false)
  const mend = `Check the secret ${YOUTUBE_SECRET}, and that the YouTube Data API v3 is enabled in its project.`
  return refuse({ type: 'refused', reason, mend }, true)
}
