import { computed, signal } from '@preact/signals'
import { dashboardOf, dayOf, queueOf, type Reviewed, reviewedOf, type Status, unsentOf } from './queue.ts'
import type { Person } from './server.ts'
import type { Look } from './store.ts'
import type { Outcome } from './sync.ts'
import type { Visit } from './visit.ts'

/** What came of the last try to reach the server. */
export type Link = Outcome | { readonly type: 'asking' }

/** Whether there is a copy to show: `refused`, where the browser stores nothing. */
export const stage = signal<'opening' | 'open' | 'refused'>('opening')
export const link = signal<Link>({ type: 'asking' })
export const isOnline = signal(navigator.onLine)
export const person = signal<Person | null>(null)
export const rules = signal<readonly Status[] | null>(null)
export const seen = signal<Look>({ copy: undefined, kept: [], entries: [] })
export const visit = signal<Visit>({ since: null, lastSeen: 0 })
export const now = signal(Date.now())
/** The listing that is shown. It stays until it is answered or skipped, so that nothing moves under a finger. */
export const current = signal<string | null>(null)
export const skipped = signal<readonly string[]>([])
/** Undo has gone back to before this answer. */
export const undone = signal<number | null>(null)
/** What a person tried and could not be done */
export const problem = signal<{ readonly title: string; readonly text: string } | null>(null)

export const unsent = computed(() => unsentOf(seen.value.entries))
export const queue = computed(() => queueOf(seen.value.kept, unsent.value, skipped.value))
export const dashboard = computed(() =>
  dashboardOf(seen.value.kept, unsent.value, dayOf(now.value), visit.value.since),
)
/** Answers that a person must look at. */
export const troubled = computed(() =>
  seen.value.entries.filter(({ result }) => result?.status === 'rejected' || result?.status === 'conflict'),
)
/** Nothing was ever read here. */
export const isNew = computed(() => !seen.value.copy || seen.value.copy.cursor === null)

export const shown = computed(() => seen.value.kept.find(({ id }) => id === current.value) ?? null)

/** The answer that stands for the listing that is shown, if it has one. */
export const standing = computed((): Reviewed | null => {
  const kept = shown.value
  if (!kept) return null
  const reviewed = reviewedOf(kept.id, kept.row, unsent.value.get(kept.id))
  return reviewed.status === '' ? null : reviewed
})

export const labelOf = (status: string): string =>
  rules.value?.find(({ id }) => id === status)?.label ?? status
