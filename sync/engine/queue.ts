import type { RunRequest } from '../protocol/lane.ts'

/** What the decisions of a lane's queue look at; runs are in the order of their ids, which is their age. */
export interface Waiting {
  readonly id: string
  readonly link: string
  readonly scope: string
  readonly parts: readonly string[] | null
  readonly full: boolean
  /** The remote was already asked: what changes now may be missed by this run */
  readonly asked: boolean
  /** Not before this time: the remote is busy or down */
  readonly notBefore: number
}

/**
 * The run that a request may join: same link, scope and parts, and not yet asked of the remote, so that it will see
 * all that the caller saw. A forced run never joins a lesser one. While an equal run is already reading, the request
 * is queued behind it as one more check.
 */
export function joinable(queue: readonly Waiting[], request: RunRequest): Waiting | undefined {
  return queue.find(
    (run) =>
      run.link === request.link &&
      run.scope === request.scope &&
      sameParts(run.parts, request.parts) &&
      !run.asked &&
      (run.full || !request.full),
  )
}

function sameParts(a: readonly string[] | null, b: readonly string[] | null): boolean {
  if (a === null || b === null) return a === b
  return a.length === b.length && [...a].sort().join('\n') === [...b].sort().join('\n')
}

/** The oldest run that may go on now. A run that waits for its remote lets others by: nothing wedges. */
export const nextRun = <T extends Waiting>(queue: readonly T[], now: number): T | undefined =>
  queue.reduce<T | undefined>(
    (best, run) => (run.notBefore <= now && (best === undefined || run.id < best.id) ? run : best),
    undefined,
  )

/** When the queue next has something to do; null when it is empty. */
export const wakeAt = (queue: readonly Waiting[]): number | null =>
  queue.length === 0 ? null : Math.min(...queue.map((run) => run.notBefore))
