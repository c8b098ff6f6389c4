import type { Random, RemoteFailure } from './ports.ts'

/** Tries of one call in a run before the run goes on without the remote. At 30 % failures 1 run in 4,500 gives up. */
const TRIES = 7
/** Longest wait between two tries: with TRIES, a remote that is down costs a run 12 s, which a person can wait for. */
const LONGEST_WAIT = 4_000
/** A quota that frees later than this is treated as trouble. A minute's quota always frees sooner. */
const LONGEST_QUEUE = 90_000
/**
 * Longest time in a line for a quota that many wait for. Fifty workbooks that are read for the first time take four minutes of
 * 60 calls each; whoever leaves the line before its turn makes the quota idle until the next tick.
 */
const LONGEST_LINE = 300_000

/** Truncated exponential back-off with full jitter on the upper half: 0.25 s, 0.5 s, 1 s … */
export const retryDelay = (tries: number, random: Random): number => {
  const wait = Math.min(LONGEST_WAIT, 250 * 2 ** (tries - 1))
  return Math.round(wait / 2 + (random() * wait) / 2)
}

export type Retry =
  | { readonly type: 'wait'; readonly at: number }
  | { readonly type: 'give_up'; readonly reason: string; readonly mend: string }

/** What to do after a failed call: pure. `tries` counts failed calls in a row, `waitingSince` the first of them. */
export function afterFailure(
  failure: RemoteFailure,
  tries: number,
  waitingSince: number,
  now: number,
  random: Random,
): Retry {
  if (failure.type === 'refused') return { type: 'give_up', reason: failure.reason, mend: failure.mend }
  if (failure.type === 'busy') {
    if (failure.at - now > LONGEST_QUEUE || now - waitingSince > LONGEST_LINE)
      return { type: 'give_up', reason: failure.reason, mend: 'Nothing: the next run tries again.' }
    return { type: 'wait', at: Math.max(failure.at, now + 1) }
  }
  const late = (failure.at ?? 0) - waitingSince > LONGEST_QUEUE
  if (tries >= TRIES || late) return { type: 'give_up', reason: failure.reason, mend: failure.mend }
  return { type: 'wait', at: Math.max(failure.at ?? 0, now + retryDelay(tries, random)) }
}
