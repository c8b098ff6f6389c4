/** How long a page that nobody looked at is still the same visit, in milliseconds. */
export const PAUSE = 30 * 60_000

export interface Visit {
  /** What came later is new; null until the first reading has ended */
  readonly since: number | null
  readonly lastSeen: number
}

/** Somebody looks at the page. After a pause that is another visit, and what came since the last one is new. */
export function visited(visit: Visit | null, now: number): Visit {
  if (!visit) return { since: null, lastSeen: now }
  const isAnother = now - visit.lastSeen > PAUSE
  return { since: isAnother && visit.since !== null ? visit.lastSeen : visit.since, lastSeen: now }
}

/** The first reading has ended: nothing of it is new. */
export const settledIn = (visit: Visit, now: number): Visit =>
  visit.since === null ? { ...visit, since: now } : visit
