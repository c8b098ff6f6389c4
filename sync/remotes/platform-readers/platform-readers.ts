import type { Row } from '../../../db/database.ts'
import type { Answer, Clock, Pacer, Page, Remote, RemoteFailure, RemoteRow } from '../../engine/ports.ts'
import { ReaderConfig } from '../../protocol/config.ts'
import type { Fetch } from '../google/fetch.ts'
import { platformOf } from '../profile-url.ts'
import { jsonReader } from './json.ts'
import type { PlatformReader, ReaderAccount } from './reader.ts'
import { youtubeReader } from './youtube.ts'

export interface PlatformReadersOptions {
  /** Absent: a YouTube reader is refused, with what to do */
  readonly youtubeKey: string | null
  /** Another address for Google's APIs; null: Google itself */
  readonly origin: string | null
  readonly fetch: Fetch
  readonly clock: Clock
  readonly pacer: Pacer
}

/** Accounts of one page: as many as YouTube takes in one call. */
const PAGE = 50

/**
 * Parsers as a remote: a part is a reader that an operator configured (`options.reader`, JSON), its pages are the
 * link's subjects, fifty at a time, and its rows are readings. It has no cheap way to ask whether anything changed.
 */
export function platformReaders(options: PlatformReadersOptions): Remote {
  const { clock, pacer } = options
  /** A YouTube reader remembers the ids of the handles that it looked up. */
  const readers = new Map<string, PlatformReader>()

  function readerOf(config: ReaderConfig): PlatformReader | null {
    const key = JSON.stringify(config)
    const reader = readers.get(key) ?? make(config)
    if (reader) readers.set(key, reader)
    return reader
  }

  function make(config: ReaderConfig): PlatformReader | null {
    if (config.type === 'json') return jsonReader(config, options)
    const { youtubeKey } = options
    return youtubeKey ? youtubeReader({ source: config.source, apiKey: youtubeKey }, options) : null
  }

  return {
    probe: async () => ({ ok: true, value: String(clock.now()) }),
    async read(context, part, cursor) {
      const config = ReaderConfig.parse(JSON.parse(String(part.options.reader)))
      const reader = readerOf(config)
      if (!reader) return failed(NO_KEY)
      const permit = await pacer.permit(`${config.type}:${config.source}`, 'read', context.priority)
      if (!permit.granted)
        return failed({
          type: 'busy',
          at: permit.at,
          reason: `${config.source} is asked often enough for now`,
        })
      const from = Number(cursor ?? 0)
      const accounts = context.subjects.slice(from, from + PAGE).map(accountOf)
      context.called('read')
      const answer = await reader.read(accounts)
      if (!answer.ok) return answer
      const addresses = new Map(accounts.map(({ id, profileUrl }) => [id, profileUrl]))
      const rows = answer.value.readings.map(
        ({ account_id, metric, value, at }, position): RemoteRow => ({
          position,
          values: {
            id: `${account_id}:${metric}:${reader.source}`,
            account_id,
            metric,
            source: reader.source,
            value,
            at,
          },
        }),
      )
      const page: Page = {
        part: part.id,
        rows,
        warnings: answer.value.warnings,
        where: (position) =>
          `${reader.source}: ${addresses.get(String(rows[position]?.values.account_id)) ?? ''}`,
        next: from + PAGE < context.subjects.length ? String(from + PAGE) : null,
      }
      return { ok: true, value: page }
    },
  }
}

const accountOf = (row: Row): ReaderAccount => ({
  id: String(row.id),
  // What people type into the sheet (“YouTube”) is theirs; the address says it in one way.
  platform: platformOf(String(row.profile_url)),
  profileUrl: String(row.profile_url),
  username: row.username === null ? null : String(row.username),
})

const failed = (failure: RemoteFailure): Answer<never> => ({ ok: false, failure })

const NO_KEY: RemoteFailure = {
  type: 'refused',
  reason: 'There is no key for the YouTube Data API',
  mend: 'Set the secret YOUTUBE_API_KEY of the coordinator, or remove the YouTube reader from smart-sync.readers.',
}
