import { bodyOf, type Dialect, Refusal, refusalFor } from './failure.ts'
import { createFaults, type Kind, type StatusFault } from './faults.ts'
import { googleLimits, sheetsExhausted } from './quota.ts'

// What stands before every API: faults, the time limit, the shape of errors, and the record of calls.

/** One call as it was answered. */
export interface RecordedCall {
  readonly at: number
  readonly method: string
  /** `sheets.getByDataFilter`, `drive.files.get`, … or `unknown` */
  readonly api: string
  readonly kind: Kind
  /** Path and query */
  readonly target: string
  readonly status: number
  /** What became of the answer on its way */
  readonly outcome: 'answered' | 'lost' | 'cut' | 'dropped' | 'aborted'
  /** Size of the answer; Google advises to stay under 2 MB, and so do the tests that read this */
  readonly bytes: number
  readonly requestBytes: number
}

export interface Call {
  readonly request: Request
  readonly url: URL
  readonly body: string
}

/** An API method: how it is called, and what it does at once and without waiting. */
export interface Route {
  readonly api: string
  readonly kind: Kind
  readonly dialect: Dialect
  answer(call: Call): unknown
}

export interface FrontOptions {
  readonly clock: () => number
  readonly random: () => number
  /** Waits by the test's clock */
  readonly sleep: (ms: number) => Promise<void>
  /** Told of every call when it is recorded */
  readonly answered?: () => void
}

// Google gives up after 180 s: https://developers.google.com/workspace/sheets/api/limits
const deadline = 180_000

/** Faults, records and errors around a set of routes. */
export function createFront({ clock, random, sleep, answered }: FrontOptions) {
  const faults = createFaults(random)
  const calls: RecordedCall[] = []

  async function serve(route: Route, request: Request): Promise<Response> {
    const url = new URL(request.url)
    const at = clock()
    const shape = {
      method: request.method,
      target: url.pathname + url.search,
      api: route.api,
      kind: route.kind,
    }
    const body = await request.text()
    const record = (status: number, bytes: number, outcome: RecordedCall['outcome']) => {
      calls.push({ at, ...shape, status, outcome, bytes, requestBytes: body.length })
      answered?.()
    }
    const refuse = (refusal: Refusal, headers?: Readonly<Record<string, string>>) => {
      const text = JSON.stringify(bodyOf(refusal, route.dialect))
      record(refusal.code, text.length, 'answered')
      return json(refusal.code, text, headers)
    }
    const abandoned = (error: unknown) => {
      record(0, 0, 'aborted')
      return error
    }

    const { signal } = request
    await faults.wait(shape, 'before', signal).catch((error) => Promise.reject(abandoned(error)))
    const fault = faults.strike(shape)
    if (fault && 'hang' in fault) {
      await faults.hang(signal).catch((error) => Promise.reject(abandoned(error)))
    } else if (fault && 'drop' in fault) {
      record(0, 0, 'dropped')
      throw connectionError('connect ECONNREFUSED', 'ECONNREFUSED')
    } else if (fault && 'late' in fault) {
      faults.fly(() => void route.answer({ request, url, body }))
      if (fault.status !== undefined) return refuse(refusalFor(fault.status))
      record(0, 0, 'lost')
      throw connectionError('read ECONNRESET', 'ECONNRESET')
    } else if (fault && 'html' in fault) {
      record(fault.status ?? 502, htmlPage.length, 'answered')
      return new Response(htmlPage, { status: fault.status ?? 502, headers: { 'content-type': 'text/html' } })
    } else if (fault && 'status' in fault) {
      return refuse(scriptedRefusal(fault, route.kind), fault.headers)
    } else if (fault && 'delayMs' in fault && fault.when !== 'after') {
      await sleep(Math.min(fault.delayMs, deadline))
      if (fault.delayMs > deadline) return refuse(refusalFor(504))
    }
    if (signal?.aborted) throw abandoned(signal.reason)

    let text: string
    try {
      text = JSON.stringify(route.answer({ request, url, body }))
    } catch (error) {
      if (error instanceof Refusal) return refuse(error)
      throw error
    }
    await faults.wait(shape, 'after', signal).catch((error) => Promise.reject(abandoned(error)))
    if (fault && 'delayMs' in fault && fault.when === 'after') {
      await sleep(Math.min(fault.delayMs, deadline))
      if (fault.delayMs > deadline) return refuse(refusalFor(504))
    }
    const bytes = Buffer.byteLength(text)
    if (fault && 'lost' in fault) {
      record(200, bytes, 'lost')
      throw connectionError('read ECONNRESET', 'ECONNRESET')
    }
    if (fault && 'cut' in fault) {
      record(200, bytes, 'cut')
      return cutAnswer(text)
    }
    record(200, bytes, 'answered')
    return json(200, text)
  }

  return { faults, calls, serve, clock, random, sleep }
}

function scriptedRefusal(fault: StatusFault, kind: Kind): Refusal {
  if (fault.status === 429 && fault.message === undefined && (kind === 'read' || kind === 'write')) {
    return sheetsExhausted(kind, true, googleLimits.readsPerMinutePerUser)
  }
  return refusalFor(fault.status, fault.message)
}

function json(status: number, text: string, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(text, {
    status,
    headers: { 'content-type': 'application/json; charset=UTF-8', ...headers },
  })
}

/** What fetch rejects with when the connection breaks, and what reading a body does. */
function connectionError(cause: string, code: string, message = 'fetch failed'): TypeError {
  return new TypeError(message, { cause: Object.assign(new Error(cause), { code }) })
}

function cutAnswer(text: string): Response {
  const bytes = new TextEncoder().encode(text)
  let sent = false
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (sent) controller.error(connectionError('other side closed', 'UND_ERR_SOCKET', 'terminated'))
      else controller.enqueue(bytes.subarray(0, Math.ceil(bytes.length / 2)))
      sent = true
    },
  })
  return new Response(stream, {
    status: 200,
    headers: { 'content-type': 'application/json; charset=UTF-8', 'content-length': String(bytes.length) },
  })
}

const htmlPage = `<!DOCTYPE html>
<html lang=en>
  <title>Error 502 (Server Error)!!1</title>
  <p><b>502.</b> <ins>That’s an error.</ins>
  <p>The server encountered a temporary error and could not complete your request.<p>Please try again in 30 seconds.
</html>
`
