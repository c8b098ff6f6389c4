import { Problem } from '../sync/protocol/common.ts'
import { Refusal, refusal } from './failure.ts'

export interface HttpDeps {
  readonly fetch: typeof fetch
  /** Resolves after so many milliseconds */
  readonly wait: (ms: number) => Promise<void>
  /** The server asked for patience: so many seconds */
  readonly onWait: (seconds: number) => void
}

/** The server answers a sync within 25 s, whatever the runs do. */
const LONGEST_ANSWER = 40_000

/** A `Retry-After` beyond this, in seconds, is told to the person instead of waited for; as is one that comes too often. */
const PATIENCE = { seconds: 60, times: 5 } as const

/**
 * `fetch` for one server: any answer but a success ends the command with the server's problem. 429 and 503 say that
 * nothing was done, so they are repeated when their `Retry-After` has passed.
 */
export function httpFor(url: string, token: string | null, deps: HttpDeps): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, { ...init, redirect: 'manual' })
    if (new URL(request.url).origin !== url) throw foreign(request.url, url)
    request.headers.set('accept', 'application/json')
    if (token !== null) request.headers.set('authorization', `Bearer ${token}`)
    for (let attempt = 1; ; attempt++) {
      const response = await attemptOf(request.clone(), url, deps)
      if (response.ok) return response
      const seconds = patience(response)
      if (seconds === null || attempt === PATIENCE.times) throw await problemOf(response, request.method, url)
      deps.onWait(seconds)
      await response.body?.cancel()
      await deps.wait(seconds * 1_000)
    }
  }
}

async function attemptOf(request: Request, url: string, deps: HttpDeps): Promise<Response> {
  try {
    return await deps.fetch(request, { signal: AbortSignal.timeout(LONGEST_ANSWER) })
  } catch (error) {
    throw unreachable(error, request.method, url)
  }
}

function patience(response: Response): number | null {
  if (response.status !== 429 && response.status !== 503) return null
  const header = response.headers.get('retry-after')
  const seconds = header === null ? Number.NaN : Number(header)
  return seconds >= 0 && seconds <= PATIENCE.seconds ? seconds : null
}

async function problemOf(response: Response, method: string, url: string): Promise<Refusal> {
  const { status } = response
  const location = response.headers.get('location')
  if (status >= 300 && status < 400 && location) {
    const target = URL.parse(location, url)?.origin ?? location
    return refusal('redirected', {
      title: 'Another address',
      detail: `${url} sends callers on to ${target}.`,
      kept: keptBy(method),
      mend: 'Sign in with the address at which Tidemark itself answers: tidemark login URL',
    })
  }
  const text = await response.text().catch(() => '')
  const problem = Problem.safeParse(jsonOf(text))
  if (problem.success) return new Refusal(problem.data)
  return refusal('unexpected', {
    title: 'Unexpected answer',
    detail: `${url} answered ${status} without saying why.`,
    kept: keptBy(method),
    mend: 'Is this the address of a Tidemark? If so, the log of its gateway says more.',
  })
}

/** System errors by their codes, as fetch hides them in the cause. */
const NETWORK: Record<string, string> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'there is no such name',
  EAI_AGAIN: 'the name could not be looked up; is this machine online?',
  ECONNRESET: 'the connection was cut',
  UND_ERR_SOCKET: 'the connection was cut',
  ETIMEDOUT: 'the connection took too long',
  UND_ERR_CONNECT_TIMEOUT: 'the connection took too long',
}

/** With these, nothing reached the server. */
const UNSENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'])

function unreachable(error: unknown, method: string, url: string): Refusal {
  const { name, cause } = error as { name: string; cause?: { code?: string; message?: string } }
  const code = cause?.code ?? ''
  const why =
    name === 'TimeoutError'
      ? `no answer within ${LONGEST_ANSWER / 1_000} s`
      : (NETWORK[code] ?? cause?.message ?? (error as Error).message)
  return refusal('unreachable', {
    title: 'No answer',
    detail: `${url}: ${why}.`,
    kept: UNSENT.has(code) ? 'Nothing was sent.' : keptBy(method),
    mend: 'Check the address and the network, then run the same command again.',
  })
}

const keptBy = (method: string) =>
  method === 'GET'
    ? 'Nothing was changed.'
    : 'What was there before. Whether the request arrived is not known.'

/** A server's link that leads elsewhere would take the token along. */
const foreign = (target: string, url: string) =>
  refusal('foreign', {
    title: 'A link to somewhere else',
    detail: `${url} sent a link to ${new URL(target).origin}, which was not followed.`,
    mend: 'Tell whoever runs that server.',
  })

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
