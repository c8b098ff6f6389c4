import type { Clock, Places } from '../../engine/ports.ts'
import type { Fetch } from '../google/fetch.ts'
import { bodyOf, ConnectionLost, overNetwork, TooLong } from './body.ts'
import { broken, busy, type Called, type Expired, type Trouble, unreachable } from './outcome.ts'
import { loginPath } from './sign-in.ts'
import { waitOf } from './wait.ts'

/** Makes something of an answer. It may throw what reading a body throws. */
export type Reader<T> = (response: Response, signal: AbortSignal) => Promise<Called<T> | Expired>

interface Sent<T> {
  readonly init: RequestInit
  /** Milliseconds for all of it, the body included */
  readonly most: number
  readonly reader: Reader<T>
}

/** One HTTP request and its answer, without redirects. */
export function http({ fetch, clock, places }: { fetch: Fetch; clock: Clock; places: Places }) {
  async function send<T>(url: URL, { init, most, reader }: Sent<T>): Promise<Called<T> | Expired> {
    if (most <= 0) return { ...unreachable('The ERP was too slow: the time of this call was over', false) }
    const abort = new AbortController()
    const timer = setTimeout(() => abort.abort(new OutOfTime()), most)
    try {
      const request = new Request(url, { ...init, redirect: 'manual', signal: abort.signal })
      const response = await overNetwork(fetch(request), abort.signal)
      const turned = await turnedAway(response, url)
      if (turned === null) return await reader(response, abort.signal)
      await bodyOf(response, abort.signal, 0).stop()
      return turned
    } catch (error) {
      return failureOf(error, most)
    } finally {
      clearTimeout(timer)
    }
  }

  /** Answers that mean the same to every call. */
  async function turnedAway(response: Response, url: URL): Promise<Trouble | Expired | null> {
    const { status, headers } = response
    if (status === 401)
      return url.pathname.endsWith('/login') ? null : { expired: true, reason: 'asks for a login (HTTP 401)' }
    if (status >= 300 && status < 400) {
      const to = URL.parse(headers.get('location') ?? '', url.href)?.pathname
      return to === loginPath && url.pathname !== loginPath
        ? { expired: true, reason: 'sends us to its sign-in page' }
        : null
    }
    if (status !== 429 && status !== 503) return null
    const wait = waitOf(headers.get('retry-after'), status, clock.now())
    if (wait === null) return { ...unreachable(`The ERP is out of service (HTTP ${status})`, true) }
    const until = clock.now() + wait
    await places.penalise(until)
    return busy(until, `The ERP is busy (HTTP ${status})`)
  }

  return { send }
}

class OutOfTime extends Error {
  override readonly name = 'OutOfTime'
}

/** What these say of a connection that was never made: nothing was sent. */
const NEVER_MADE = /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|UND_ERR_CONNECT_TIMEOUT/

function failureOf(error: unknown, most: number): Trouble {
  if (error instanceof OutOfTime)
    return unreachable(`The ERP did not answer within ${Math.round(most / 1_000)} s`, true)
  if (error instanceof TooLong) return broken(`The ERP's answer has no end: ${error.message}`)
  if (!(error instanceof ConnectionLost)) throw error
  const made = !NEVER_MADE.test(wordsOf(error))
  return unreachable(`The connection to the ERP ${made ? 'broke' : 'could not be made'}`, made)
}

/** What an error and its causes say; runtimes hide the code in one of them. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return ''
  return `${Reflect.get(error, 'code') ?? ''} ${error.message} ${wordsOf(error.cause)}`
}
