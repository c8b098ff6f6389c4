/** Deletions that are never questioned, and those that always are (DESIGN §9, "Deletions"). */
const SHARE = 0.2
const MOST = 50
const SMALL = 25

/** Deletions of the last day: [at, rows]. */
export type Deletions = readonly (readonly [number, number])[]

const DAY = 86_400_000

/** Forgets what is older than a day. */
export const recentDeletions = (all: Deletions, now: number): Deletions =>
  all.filter(([at]) => now - at < DAY)

/**
 * How many of the rows known may go without a person's word: a fifth, at most 50; below 25 rows, one.
 * Deletions of the last 24 h count, so that many small ones are one large one.
 */
export function mayDelete(known: number, wanted: number, recent: Deletions): boolean {
  const before = recent.reduce((sum, [, rows]) => sum + rows, 0)
  const total = known + before
  const allowed = total < SMALL ? 1 : Math.min(MOST, Math.floor(total * SHARE))
  return wanted + before <= allowed
}
