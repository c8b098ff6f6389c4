import { gaxios } from 'google-auth-library'

/** What went wrong with one call, before anyone decides what it means. */
export interface CallFailure {
  /** null: no answer, or not all of it */
  readonly status: number | null
  /** Google's machine-readable word: `rateLimitExceeded`, `SERVICE_DISABLED`, `invalid_grant` … */
  readonly reasons: readonly string[]
  readonly message: string
  /** Milliseconds that Google asks to wait */
  readonly retryAfter: number | null
}

/** Reads an error of Google's packages. Anything else is a bug and is thrown on. */
export function callFailure(error: unknown, now: number): CallFailure {
  if (!(error instanceof gaxios.GaxiosError)) throw error
  const { response } = error
  if (!response) return { status: null, reasons: [], message: networkMessage(error), retryAfter: null }
  const body: unknown = response.data
  const problem = isObject(body) ? body.error : undefined
  const retryAfter = response.headers.get('retry-after')
  return {
    status: response.status,
    reasons: reasonsOf(problem),
    message: messageOf(body, problem) ?? `HTTP ${response.status}`,
    retryAfter: retryAfter === null ? null : waitOf(retryAfter, now),
  }
}

/** An answer with a good status that is not what the API promises: HTML of a proxy, JSON that ends early. */
export const garbled = (data: unknown): CallFailure => {
  const start = typeof data === 'string' ? `: ${data.trim().slice(0, 60)}` : ''
  return { status: null, reasons: [], message: `the answer was not complete JSON${start}`, retryAfter: null }
}

/** Too many calls: 429, or the 403 with which Drive and YouTube say so. */
export const isRateLimit = ({ status, reasons }: CallFailure): boolean =>
  status === 429 || (status === 403 && reasons.some((reason) => /rateLimitExceeded$/i.test(reason)))

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function reasonsOf(problem: unknown): string[] {
  if (typeof problem === 'string') return [problem]
  if (!isObject(problem)) return []
  const listed = [problem.errors, problem.details].flatMap((list) => (Array.isArray(list) ? list : []))
  return listed.flatMap((item) => (isObject(item) && typeof item.reason === 'string' ? [item.reason] : []))
}

function messageOf(body: unknown, problem: unknown): string | null {
  if (isObject(problem) && typeof problem.message === 'string') return problem.message
  if (typeof problem !== 'string' || !isObject(body)) return null
  return typeof body.error_description === 'string' ? `${problem}: ${body.error_description}` : problem
}

/** `Retry-After` is in seconds or a date. */
function waitOf(header: string, now: number): number | null {
  const seconds = Number(header)
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1_000)
  const date = Date.parse(header)
  return Number.isNaN(date) ? null : Math.max(0, date - now)
}

function networkMessage(error: Error & { code?: unknown }): string {
  if (error.code === 'TimeoutError') return 'no answer in time'
  const cause = error.cause instanceof Error ? (error.cause.cause ?? error.cause) : undefined
  return cause instanceof Error ? cause.message : error.message
}
