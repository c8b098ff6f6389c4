import type { Context } from 'hono'

/** Adds an ETag of the content to an answer, and answers 304 where the caller has it already. */
export async function etagged<R extends Response>(c: Context, answer: R): Promise<R> {
  const bytes = await answer.clone().arrayBuffer()
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  const tag = `"${btoa(String.fromCharCode(...hash.slice(0, 12)))}"`
  const headers = new Headers(answer.headers)
  headers.set('etag', tag)
  headers.set('cache-control', 'private, no-cache')
  const same = known(c.req.header('if-none-match')).includes(tag)
  if (same) headers.delete('content-type')
  return new Response(same ? null : bytes, { status: same ? 304 : answer.status, headers }) as R
}

/** Tags that the caller has. Compressing on the way makes a tag weak (`W/`), which for a GET counts as the same. */
const known = (header = ''): string[] => header.split(',').map((tag) => tag.trim().replace(/^W\//, ''))
