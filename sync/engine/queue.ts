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
  /** A page is on its way */
  readonly fetching: boolean
  /** It reads nothing of the remote: it only tries again the rows that wait here */
  readonly onlyWaiting: boolean
  /** When it had its last step, as a count of the lane's steps; 0: never */
  readonly stepped: number
  /** A link whose runs go first where both came due by themselves */
  readonly after: string | null
}

/**
 * The run that a request may join: same link, scope and parts, and not yet asked of the remote, so that it will see
 * all that the caller saw. A forced run never joins a lesser one, and nobody joins one that reads nothing. While an equal run is already reading, the request
 * is queued behind it as one more check.
 */
export function joinable(queue: readonly Waiting[], request: RunRequest): Waiting | undefined {
  return queue.find(
    (run) =>
      run.link === request.link &&
      run.scope === request.scope &&
      sameParts(run.parts, request.parts) &&
      !run.asked &&
      !run.onlyWaiting &&
      (run.full || !request.full),
  )
}

function sameParts(a: readonly string[] | null, b: readonly string[] | null): boolean {
  if (a === null || b === null) return a === b
  return a.length === b.length && [...a].sort().join('\n') === [...b].sort().join('\n')
}

/**
 * The run that goes on now. Runs of one link in one scope go by age; those of different links take turns, a step each, so
 * that two that share a lane both move. A run that waits, for its remote or for a page, lets others by: nothing wedges.
 */
export const nextRun = <T extends Waiting>(queue: readonly T[], now: number): T | undefined =>
  queue
    .filter((run) => run.notBefore <= now && !run.fetching && !isHeldUp(run, queue))
    .reduce<T | undefined>(
      (best, run) => (best === undefined || goesBefore(run, best) ? run : best),
      undefined,
    )

const goesBefore = (a: Waiting, b: Waiting): boolean =>
  a.stepped === b.stepped ? a.id < b.id : a.stepped < b.stepped

const shareParts = (a: readonly string[] | null, b: readonly string[] | null): boolean =>
  a === null || b === null || a.some((part) => b.includes(part))

/** By an older run over the same, or by the link that goes first. */
const isHeldUp = (run: Waiting, queue: readonly Waiting[]): boolean =>
  queue.some(
    (other) =>
      other.scope === run.scope &&
      ((other.link === run.link && other.id < run.id && shareParts(other.parts, run.parts)) ||
        (run.after !== null && other.link === run.after)),
  )

/** A page that is on its way wakes the lane itself; this is for an object that was taken out of memory meanwhile. */
export const LOOK_AGAIN = 5_000

/** When the queue next has something to do; null when it is empty. */
export const wakeAt = (queue: readonly Waiting[], now: number): number | null =>
  queue.length === 0
    ? null
    : Math.min(
        ...queue.map((run) =>
          run.fetching || isHeldUp(run, queue) ? Math.max(run.notBefore, now + LOOK_AGAIN) : run.notBefore,
        ),
      )
