import type { Context } from 'hono'

/** Below this, packing makes an answer longer or hardly shorter. */
const WORTH = 1_000

/** JSON text as an answer, gzipped for who takes it. */
export function packed(c: Context, text: string): Response {
  const headers: Record<string, string> = { 'content-type': 'application/json' }
  const takes = /\bgzip\b/.test(c.req.header('accept-encoding') ?? '')
  // The runtime packs what is said to be packed.
  if (takes && text.length >= WORTH) headers['content-encoding'] = 'gzip'
  return new Response(text, { headers })
}
