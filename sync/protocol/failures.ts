import type { Problem } from './common.ts'
import type { PlanView } from './plan.ts'

/** Expected failures, by what the caller can do about them. They cross RPC and HTTP as data. */
export type FailureType =
  | 'bad_request'
  | 'unauthorized'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'forked'
  | 'gap'
  | 'moved'
  | 'changed'
  | 'in_progress'
  | 'paused'
  | 'refused'
  | 'too_large'
  | 'too_many'
  | 'overloaded'
  | 'unavailable'

export interface Failure {
  readonly type: FailureType
  /** What happened, in words */
  readonly detail: string
  /** What was kept */
  readonly kept?: string
  /** What to do */
  readonly mend?: string
  /** Seconds */
  readonly retryAfter?: number
  /** `gap`: the number that should come next */
  readonly expected?: number
  /** `in_progress`: the sync to wait for */
  readonly run?: string
  /** `moved`: what it would come to now; `plans` where several lanes were asked */
  readonly plan?: PlanView
  readonly plans?: readonly PlanView[]
  /** `changed`: the row as it stands; null: there is none */
  readonly row?: Readonly<Record<string, string | number | null>> | null
  readonly errors?: readonly { readonly path: string; readonly message: string }[]
}

/** The one table of failure types, HTTP statuses and titles. The compiler checks that it is complete. */
export const HTTP = {
  bad_request: [400, 'The request is not understood'],
  unauthorized: [401, 'Sign in first'],
  forbidden: [403, 'Not allowed'],
  not_found: [404, 'Not found'],
  conflict: [409, 'Conflicts with what is there'],
  forked: [409, 'This id was used with other content'],
  gap: [409, 'Numbers are missing'],
  moved: [409, 'The world has moved since the plan'],
  changed: [412, 'It has changed since'],
  in_progress: [409, 'Sync already in progress'],
  paused: [409, 'Switched off for now'],
  refused: [422, 'The other side refused it'],
  too_large: [413, 'Too large'],
  too_many: [429, 'Too many requests'],
  overloaded: [503, 'Busy; try again'],
  unavailable: [503, 'Not to be had at the moment'],
} as const satisfies Record<FailureType, readonly [number, string]>

/** A failure as problem+json. */
export function problem(failure: Failure): Problem {
  const [status, title] = HTTP[failure.type]
  return {
    type: `urn:tidemark:problem:${failure.type}`,
    title,
    status,
    detail: failure.detail,
    kept: failure.kept ?? 'Nothing was changed.',
    mend: failure.mend ?? 'Correct the request and send it again.',
    ...(failure.expected === undefined ? {} : { expected: failure.expected }),
    ...(failure.run === undefined ? {} : { run: failure.run }),
    ...(failure.plan ? { plan: failure.plan } : {}),
    ...(failure.plans ? { plans: [...failure.plans] } : {}),
    ...(failure.row === undefined ? {} : { row: failure.row && { ...failure.row } }),
    ...(failure.errors ? { errors: [...failure.errors] } : {}),
  }
}
