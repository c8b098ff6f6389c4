import type { IncomingHttpHeaders } from 'node:http'
import type { FailureType } from '../../sync/protocol/failures.ts'
import { problem } from '../../sync/protocol/failures.ts'
import type { MetricName } from '../../sync/protocol/smart-sync.ts'

export type Reply = { status?: number; body: unknown; headers?: Record<string, string> }
export type Handler = (call: {
  id: string
  metric: MetricName
  query: URLSearchParams
  body: Record<string, unknown>
  headers: IncomingHttpHeaders
}) => Reply | Promise<Reply>

/** A page of a list, newest first, with the address of the next one in `Link`. */
export function page(rows: readonly { readonly id: string }[], query: URLSearchParams, path: string): Reply {
  const next = new URLSearchParams(query)
  const limit = Number(query.get('limit') ?? 50)
  const before = query.get('before')
  const start = before ? rows.findIndex((row) => row.id === before) + 1 : 0
  const body = rows.slice(start, start + limit)
  const last = body.at(-1)
  const isMore = start + limit < rows.length
  next.set('before', last?.id ?? '')
  return {
    body,
    headers: isMore && last ? { link: `<${path}?${next}>; rel="next"` } : {},
  }
}

export function refuse(type: FailureType, detail: string, mend: string, kept?: string): Reply {
  const body = problem({ type, detail, mend, ...(kept ? { kept } : {}) })
  return { status: body.status, body, headers: { 'content-type': 'application/problem+json' } }
}
