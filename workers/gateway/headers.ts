import type { Context, Next } from 'hono'

/** What every answer says to browsers: take the type as it is told, tell nobody where you were, keep nothing unasked. */
export async function careful(c: Context, next: Next): Promise<void> {
  await next()
  // A socket's answer has no headers to add to.
  if (c.res.status === 101) return
  c.header('x-content-type-options', 'nosniff')
  c.header('referrer-policy', 'no-referrer')
  if (c.req.path.startsWith('/api/') && !c.res.headers.has('cache-control'))
    c.header('cache-control', 'no-store')
}
