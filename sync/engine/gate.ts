// The decisions of a gate: pure functions of its state. The Durable Object holds the state and the clock.

/** How many calls of one kind a remote takes in a period (milliseconds). */
export interface Limit {
  readonly calls: number
  readonly period: number
}

/** Someone who was told to come back. */
interface Waiter {
  readonly ticket: string
  readonly priority: number
  readonly since: number
  /** When it was told to come back; forgotten a while after, so that a dead caller holds nobody up */
  readonly at: number
}

export interface Bucket {
  /** When each token that is out was taken, oldest first */
  readonly taken: readonly number[]
  readonly waiting: readonly Waiter[]
  /** The remote said "too many": nobody passes before */
  readonly closedUntil: number
}

export const emptyBucket: Bucket = { taken: [], waiting: [], closedUntil: 0 }

/** A caller that does not come back within this time lost its place. */
const PATIENCE = 5_000

export type Permit = { readonly granted: true } | { readonly granted: false; readonly at: number }

/**
 * One call, please. A token returns to the bucket a full period after it was taken, so that no window of that length
 * holds more calls than the limit, whichever way the remote counts its minutes. Where tokens are short, the higher
 * priority goes first, then who waited longer.
 */
export function permit(
  bucket: Bucket,
  limit: Limit,
  caller: { readonly ticket: string; readonly priority: number },
  now: number,
): { readonly bucket: Bucket; readonly permit: Permit } {
  const taken = bucket.taken.filter((at) => at > now - limit.period)
  const waiting = bucket.waiting.filter(
    (waiter) => waiter.ticket !== caller.ticket && now <= waiter.at + PATIENCE,
  )
  const since = bucket.waiting.find((waiter) => waiter.ticket === caller.ticket)?.since ?? now
  const ahead = waiting.filter(
    (waiter) =>
      waiter.priority > caller.priority || (waiter.priority === caller.priority && waiter.since < since),
  ).length
  const free = now < bucket.closedUntil ? 0 : limit.calls - taken.length
  if (free > ahead)
    return { bucket: { ...bucket, taken: [...taken, now], waiting }, permit: { granted: true } }
  const returns = taken[Math.min(ahead, taken.length - 1)]
  const at = Math.max(
    now + 1,
    bucket.closedUntil,
    free > 0 || returns === undefined ? now + 100 : returns + limit.period,
  )
  return {
    bucket: {
      ...bucket,
      taken,
      waiting: [...waiting, { ticket: caller.ticket, priority: caller.priority, since, at }],
    },
    permit: { granted: false, at },
  }
}

/** The remote refused a call for its quota: close until it said, and let the waiting know when they ask. */
export const penalise = (bucket: Bucket, until: number): Bucket => ({
  ...bucket,
  closedUntil: Math.max(bucket.closedUntil, until),
})
