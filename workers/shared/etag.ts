import type { Context } from 'hono'

/**
 * Adds an ETag of the content to an answer, and answers 304 where the caller has it already. `version`: the row's, with which
 * the tag begins, so that it will do in `If-Match`.
 */
export async function etagged<R extends Response>(c: Context, answer: R, version?: number): Promise<R> {
  const bytes = await answer.clone().arrayBuffer()
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  const digest = btoa(String.fromCharCode(...hash.slice(0, 12)))
  const tag = version === undefined ? `"${digest}"` : `"${version}.${digest}"`
  const headers = new Headers(answer.headers)
  headers.set('etag', tag)
  headers.set('cache-control', 'private, no-cache')
  const same = known(c.req.header('if-none-match')).includes(tag)
  if (same) headers.delete('content-type')
  return new Response(same ? null : bytes, { status: same ? 304 : answer.status, headers }) as R
}

/** Tags that the caller has. Compressing on the way makes a tag weak (`W/`), which for a GET counts as the same. */
const known = (header = ''): string[] => header.split(',').map((tag) => tag.trim().replace(/^W\//, ''))
