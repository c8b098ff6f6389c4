import { Refusal } from '../google/failure.ts'
import { applyMask, parseMask } from '../google/mask.ts'
import type { Channel } from './model.ts'

/** What `channels.list` may be asked for at once: https://developers.google.com/youtube/v3/docs/channels/list */
const mostIds = 50

const knownParts = ['id', 'snippet', 'statistics', 'contentDetails', 'status']

/**
 * `channels.list` by `id` or `forHandle`. Unknown ids are simply missing; without any match `items` itself is. The
 * order is not that of the request, numbers are strings, and `maxResults` is 5 unless it is given.
 */
export function channelsList(all: Readonly<Record<string, Channel>>, query: URLSearchParams): unknown {
  const parts = listed(query.getAll('part'))
  if (parts.length === 0) throw badRequest('missingRequiredParameter', 'No part selected. Expected: part.')
  for (const part of parts) {
    if (!knownParts.includes(part)) throw badRequest('unknownPart', `'${part}'`)
  }
  const found = matching(all, query)
  const perPage = pageSize(query.get('maxResults'))
  const offset = Number(Buffer.from(query.get('pageToken') ?? '', 'base64url').toString() || '0')
  if (!Number.isInteger(offset)) throw badRequest('invalidPageToken', 'The page token is invalid.')
  const items = found.slice(offset, offset + perPage).map((channel) => resource(channel, parts))
  const next =
    offset + perPage < found.length ? Buffer.from(String(offset + perPage)).toString('base64url') : null
  const fields = query.get('fields')
  return applyMask(fields === null ? true : parseMask(fields, true), {
    kind: 'youtube#channelListResponse',
    etag: etag(items),
    ...(next && { nextPageToken: next }),
    pageInfo: { totalResults: found.length, resultsPerPage: perPage },
    ...(items.length > 0 && { items }),
  })
}

function matching(all: Readonly<Record<string, Channel>>, query: URLSearchParams): Channel[] {
  const ids = listed(query.getAll('id'))
  const handle = query.get('forHandle')
  if (ids.length > 0 === (handle !== null)) {
    const reason = ids.length > 0 ? 'incompatibleParameters' : 'missingRequiredParameter'
    throw badRequest(reason, 'Expected exactly one filter of: id, forHandle.')
  }
  if (handle !== null) {
    const wanted = `@${handle.replace(/^@/, '')}`.toLowerCase()
    return Object.values(all).filter((channel) => channel.handle?.toLowerCase() === wanted)
  }
  if (ids.length > mostIds) {
    throw badRequest(
      'invalidFilters',
      `The request specifies an invalid filter parameter: ${ids.length} ids.`,
    )
  }
  return [...new Set(ids)].toSorted().flatMap((id) => all[id] ?? [])
}

function listed(values: readonly string[]): string[] {
  return values.flatMap((value) => value.split(',')).filter((value) => value !== '')
}

function pageSize(given: string | null): number {
  if (given === null) return 5
  const size = Number(given)
  if (!Number.isInteger(size) || size < 0 || size > 50) {
    throw badRequest('invalidParameter', `Invalid value '${given}'. Values must be within the range: [0, 50]`)
  }
  return size
}

function resource(channel: Channel, parts: readonly string[]): Record<string, unknown> {
  const { id, title, handle, publishedAt, hiddenSubscriberCount } = channel
  const shown: Record<string, unknown> = { kind: 'youtube#channel', id }
  if (parts.includes('snippet')) {
    shown.snippet = {
      title,
      description: '',
      ...(handle && { customUrl: handle.toLowerCase() }),
      publishedAt,
    }
  }
  if (parts.includes('statistics')) {
    shown.statistics = {
      viewCount: String(channel.viewCount),
      // A hidden number is absent, which isn't zero.
      ...(!hiddenSubscriberCount && { subscriberCount: String(roundedDown(channel.subscriberCount)) }),
      hiddenSubscriberCount,
      videoCount: String(channel.videoCount),
    }
  }
  if (parts.includes('contentDetails')) {
    shown.contentDetails = { relatedPlaylists: { uploads: id.replace(/^UC/, 'UU') } }
  }
  if (parts.includes('status')) shown.status = { privacyStatus: 'public', isLinked: true }
  return { ...shown, etag: etag(shown) }
}

/** Three significant digits, downwards: https://developers.google.com/youtube/v3/revision_history (September 2019) */
function roundedDown(count: number): number {
  const unit = 10 ** Math.max(0, String(Math.trunc(count)).length - 3)
  return Math.floor(count / unit) * unit
}

function etag(value: unknown): string {
  let hash = 0
  for (const letter of JSON.stringify(value)) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) | 0
  return (hash >>> 0).toString(36)
}

function badRequest(reason: string, message: string): Refusal {
  return new Refusal(400, message, { reason })
}
