import type { Problem } from '../../../sync/protocol/common.ts'
import type { DevicePushAnswer, PullAnswer } from '../../../sync/protocol/device.ts'
import type { DeviceRequest } from './outbox.ts'
import type { Reply } from './sync.ts'

/** How long an answer may take, in milliseconds: a train's network can hang for minutes. */
const PATIENCE = 30_000
const PROBLEM = 'urn:tidemark:problem:'

export interface Person {
  readonly name: string
  readonly user: string | null
}

export type Asked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly status: number; readonly problem: Problem | null; readonly after?: number }

export async function ask<T>(method: 'GET' | 'POST', path: string, body?: string): Promise<Asked<T>> {
  try {
    const response = await fetch(path, {
      method,
      headers: { accept: 'application/json', ...(body ? { 'content-type': 'application/json' } : {}) },
      signal: AbortSignal.timeout(PATIENCE),
      ...(body ? { body } : {}),
    })
    const value = await response.json()
    if (response.ok) return { ok: true, value: value as T }
    const after = Number(response.headers.get('retry-after'))
    const problem = value && typeof value === 'object' && 'detail' in value ? (value as Problem) : null
    return { ok: false, status: response.status, problem, ...(after > 0 ? { after } : {}) }
  } catch {
    // No answer, or one cut off in the middle, or a hotel's sign-in page.
    return { ok: false, status: 0, problem: null }
  }
}

/** One request of the protocol. What is not an answer of Tidemark's is as good as none. */
export async function sendToServer(request: DeviceRequest): Promise<Reply> {
  const body = request.method === 'POST' ? request.body : undefined
  const asked = await ask<DevicePushAnswer | PullAnswer>(request.method, request.path, body)
  if (asked.ok) return { type: 'answer', answer: asked.value }
  const { status, problem, after } = asked
  if (status === 401) return { type: 'out' }
  if (!problem || status === 429 || status >= 500)
    return {
      type: 'away',
      detail: problem?.detail ?? 'No answer came.',
      ...(after ? { retryAfter: after } : {}),
    }
  if (problem.type === `${PROBLEM}forked`) return { type: 'forked' }
  if (problem.type === `${PROBLEM}gap` && 'expected' in problem)
    return { type: 'gap', expected: Number(problem.expected) }
  return { type: 'refused', detail: problem.detail, mend: problem.mend }
}
