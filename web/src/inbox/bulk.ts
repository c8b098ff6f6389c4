import type { Problem } from '../../../sync/protocol/common.ts'
import type { Answer } from '../data/answer.ts'
import { offerOf } from './recommended.ts'
import { applying, PLAN, type PlanView, type Resolved, type Settlement, type SyncConflict } from './shapes.ts'

/** Conflicts that are asked for at once: a lane takes one after the other all the same. */
const AT_ONCE = 4
/** Tries of a request that came too fast, and the wait before the next, in milliseconds: times the try's number. */
const BUSY = { tries: 6, wait: 2_000 } as const

export interface Deps {
  /** Settles one, or plans it */
  readonly resolve: (
    conflict: string,
    how: Settlement,
    planned: typeof PLAN | ReturnType<typeof applying>,
  ) => Promise<Answer<Resolved>>
  readonly wait: (ms: number) => Promise<void>
  /** So many are done */
  readonly onProgress: (done: number) => void
  /** No further one is begun */
  readonly isStopped: () => boolean
}

/** One of many: what it would come to, or why it can't be. */
export type Job =
  | { readonly conflict: SyncConflict; readonly how: Settlement; readonly plans: readonly PlanView[] }
  | { readonly conflict: SyncConflict; readonly reason: string }

/** Plans the same strategy for many; a name that is taken gives way to the one that is proposed. */
export function planMany(
  conflicts: readonly SyncConflict[],
  strategy: 'keep_local' | 'keep_remote',
  deps: Deps,
): Promise<Job[]> {
  return each(conflicts, deps, async (conflict): Promise<Job> => {
    const offer = offerOf(conflict, strategy)
    if (!offer) return { conflict, reason: 'It needs a value that only you can give.' }
    const answer = await patiently(deps, () => deps.resolve(conflict._id, offer.how, PLAN))
    return answer.ok
      ? { conflict, how: offer.how, plans: answer.value.plans }
      : { conflict, reason: reasonOf(answer.problem) }
  })
}

export interface Outcome {
  readonly conflict: SyncConflict
  /** Why it is still open; null: it is settled */
  readonly reason: string | null
}

/** Does what was planned, each on its own: one that fails leaves the others be. */
export function applyMany(jobs: readonly Job[], notes: string, deps: Deps): Promise<Outcome[]> {
  return each(jobs, deps, async (job): Promise<Outcome> => {
    if ('reason' in job) return job
    const { conflict, how, plans } = job
    const answer = await patiently(deps, () => deps.resolve(conflict._id, { ...how, notes }, applying(plans)))
    return { conflict, reason: answer.ok ? null : reasonOf(answer.problem) }
  })
}

/** In their order, a few at once; what was not begun when it was stopped is left out. */
async function each<T, U>(all: readonly T[], deps: Deps, work: (one: T) => Promise<U>): Promise<U[]> {
  const done: U[] = []
  let next = 0
  let finished = 0
  const worker = async () => {
    while (next < all.length && !deps.isStopped()) {
      const i = next++
      done[i] = await work(all[i] as T)
      deps.onProgress(++finished)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return done.filter((one) => one !== undefined)
}

/** Waits where the server says that it was too much at once. */
async function patiently<T>(deps: Deps, ask: () => Promise<Answer<T>>): Promise<Answer<T>> {
  for (let i = 1; ; i++) {
    const answer = await ask()
    const isBusy = !answer.ok && (answer.problem.status === 429 || answer.problem.status === 503)
    if (!isBusy || i >= BUSY.tries || deps.isStopped()) return answer
    await deps.wait(BUSY.wait * i)
  }
}

const reasonOf = ({ type, detail }: Problem): string =>
  type === 'urn:tidemark:problem:moved' ? 'It changed since you looked, so it was left alone.' : detail
