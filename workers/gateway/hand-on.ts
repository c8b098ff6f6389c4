import type { Context } from 'hono'
import { ACTOR } from '../shared/app.ts'
import type { Gateway } from './env.ts'
import { ACCESS } from './guard.ts'

export const toSmartSync = (c: Context<Gateway>): Promise<Response> => handOn(c, c.env.SMART_SYNC)
export const toPushPull = (c: Context<Gateway>): Promise<Response> => handOn(c, c.env.PUSH_PULL)

/** Hands a request on to an inner Worker, with who calls in place of the secret; of a ping nobody is known. */
function handOn(c: Context<Gateway>, to: Fetcher): Promise<Response> {
  const headers = new Headers(c.req.raw.headers)
  for (const name of ['authorization', 'cookie', ACTOR, ACCESS]) headers.delete(name)
  // A header takes no letter beyond Latin-1; a name may have any.
  const actor = c.get('actor')
  if (actor) headers.set(ACTOR, encodeURIComponent(JSON.stringify(actor)))
  return to.fetch(new Request(c.req.raw, { headers }))
}
