import type { Entry, Values } from './outbox.ts'

/** A row as this phone keeps it. */
export interface Kept {
  readonly id: string
  readonly row: Values
  /** When it first came here, in milliseconds */
  readonly came: number
  readonly reading: number
}

export interface Status {
  readonly id: string
  readonly label: string
  readonly approved: boolean
}

export const PENDING = 'pending_assessment'

/** Answers that have not been acknowledged, by listing: the last one counts. */
export function unsentOf(entries: readonly Entry[]): Map<string, Entry> {
  const unsent = entries.filter(({ state }) => state === 'waiting' || state === 'sending')
  return new Map(unsent.sort((a, b) => a.id - b.id).map((entry) => [entry.mutation.key, entry]))
}

/** What is to be reviewed: oldest first, skipped ones at the end in the order in which they were skipped. */
export function queueOf(
  kept: readonly Kept[],
  unsent: ReadonlyMap<string, Entry>,
  skipped: readonly string[],
): Kept[] {
  const pending = kept.filter(({ id, row }) => row.lifecycle_stage === PENDING && !unsent.has(id))
  const turn = new Map(skipped.map((id, i) => [id, i + 1]))
  const age = ({ row, came }: Kept) => String(row.first_seen_at ?? new Date(came).toISOString())
  return pending.sort(
    (a, b) => (turn.get(a.id) ?? 0) - (turn.get(b.id) ?? 0) || compare(age(a), age(b)) || compare(a.id, b.id),
  )
}

/** One listing that was answered today, by anybody. */
export interface Reviewed {
  readonly id: string
  readonly title: string
  readonly status: string
  readonly approved: boolean
  readonly at: string
  readonly isWaiting: boolean
}

export interface Dashboard {
  readonly pending: number
  /** Came since the last visit; null while there is nothing to compare with */
  readonly fresh: number | null
  readonly today: readonly Reviewed[]
}

/** The numbers of the seed's dashboard. `from`: when today began here; `since`: when the last visit ended. */
export function dashboardOf(
  kept: readonly Kept[],
  unsent: ReadonlyMap<string, Entry>,
  from: number,
  since: number | null,
): Dashboard {
  const pending = queueOf(kept, unsent, [])
  const today = kept
    .map(({ id, row }) => reviewedOf(id, row, unsent.get(id)))
    .filter(({ at, status }) => status !== '' && Date.parse(at) >= from)
    .sort((a, b) => compare(b.at, a.at) || compare(a.id, b.id))
  return {
    pending: pending.length,
    fresh: since === null ? null : pending.filter(({ came }) => came > since).length,
    today,
  }
}

/** How a row reads with the answer that has not been acknowledged yet. */
export function reviewedOf(id: string, row: Values, unsent: Entry | undefined): Reviewed {
  const seen: Values = { ...row, ...unsent?.mutation.values }
  return {
    id,
    title: String(seen.title ?? id),
    status: seen.lifecycle_stage === PENDING ? '' : String(seen.modesty_status ?? ''),
    approved: seen.lifecycle_stage === 'assessed_approved',
    at: String(seen.assessed_at ?? ''),
    isWaiting: unsent !== undefined,
  }
}

/** When the day of `now` began, by the phone's clock. */
export const dayOf = (now: number): number => new Date(now).setHours(0, 0, 0, 0)

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
