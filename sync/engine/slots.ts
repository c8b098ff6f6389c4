// The decisions of a gate with few places, for a remote that does one thing, or few, at a time: pure functions of its
// state. Beside gate.ts, which counts calls in a minute; here what counts is who is inside now.

/** Who is inside, and who waits: the waiting in the order of their coming. Times in milliseconds by the gate's clock. */
export interface Slots {
  readonly inUse: readonly {
    readonly ticket: string
    readonly exclusive: boolean
    readonly until: number
  }[]
  /** Tickets inside that are in the background */
  readonly behind: readonly string[]
  readonly waiting: readonly Waiting[]
  /** The remote said "too many" or "not now": nobody is let in before */
  readonly closedUntil: number
  /** When a place was given back last by somebody who is not in the background */
  readonly freedAt: number
}

interface Waiting {
  readonly ticket: string
  readonly priority: number
  readonly exclusive: boolean
  readonly lease: number
  readonly since: number
  /** When it last asked */
  readonly seen: number
}

/** A wish to come in. */
export interface Entry {
  /** Names the caller and its call; who asks again under the same name keeps its place */
  readonly ticket: string
  /** Higher goes first */
  readonly priority: number
  /** Alone inside, and before everybody who is not */
  readonly exclusive: boolean
  /** How long the place is needed at most, in milliseconds */
  readonly lease: number
  /** Places that there are, 1 to 6: the caller's configuration, which may change at run time */
  readonly most: number
}

/** What people see. The waiting stand in the order in which they will go. */
export interface SlotsView {
  readonly inside: Slots['inUse']
  readonly waiting: readonly Pick<Waiting, 'ticket' | 'exclusive' | 'priority' | 'since'>[]
  readonly closedUntil: number
  /** An exclusive one is inside, or waits and keeps the others out; null: neither */
  readonly exclusive: 'inside' | 'waiting' | null
}

export const noSlots: Slots = { inUse: [], waiting: [], closedUntil: 0, behind: [], freedAt: 0 }

/** Priority of what nobody waits for, such as pictures; and how long a gate must have been quiet before it is let in. */
const BACKGROUND = -1
/** A run comes back for its next page within some 10 ms: without this, a picture would go between any two pages. */
export const LINGER = 100

/** Who waits and does not ask again within this time has lost its place: a dead one must not keep the others out. */
export const PATIENCE = 5_000

/**
 * Longest lease, whatever was asked: a dead holder keeps the others out so long, and Cloudflare keeps an idle object
 * in memory for at least 70 s (PLATFORM §1), so that no gate forgets who is inside.
 */
export const LONGEST_LEASE = 60_000

/** Most places a gate may have: spec/erp.md, Pipelining. */
const MOST = 6

/**
 * Someone asks to come in, or asks again. Inside already: its lease is renewed. A ticket that comes back with the other
 * wish (exclusive or not) has given up its place and asks anew.
 */
export function enter(
  slots: Slots,
  entry: Entry,
  now: number,
): { readonly slots: Slots; readonly granted: boolean } {
  const live = forget(slots, now)
  const { ticket, priority, exclusive, lease } = entry
  if (live.inUse.some((inside) => inside.ticket === ticket && inside.exclusive === exclusive)) {
    // Never shorter than it was told before: the holder counts on that.
    const inUse = live.inUse.map((inside) =>
      inside.ticket === ticket ? { ...inside, until: Math.max(inside.until, leaseEnd(lease, now)) } : inside,
    )
    return { slots: { ...live, inUse }, granted: true }
  }
  const before = live.waiting.find((waiting) => waiting.ticket === ticket)
  const wish: Waiting = { ticket, priority, exclusive, lease, since: before?.since ?? now, seen: now }
  const asked: Slots = {
    ...live,
    inUse: live.inUse.filter((inside) => inside.ticket !== ticket),
    waiting: before
      ? live.waiting.map((waiting) => (waiting === before ? wish : waiting))
      : [...live.waiting, wish],
  }
  const granted = turn(asked, entry.most, now).includes(wish)
  return { slots: granted ? letIn(asked, [wish], now) : asked, granted }
}

/** Someone is done, or waits no longer. Unknown tickets, and those whose lease ended meanwhile, are harmless. */
export function leave(slots: Slots, ticket: string, now: number): Slots {
  const live = forget(slots, now)
  const gone = live.inUse.find((inside) => inside.ticket === ticket)
  return {
    ...live,
    freedAt: gone && !live.behind.includes(ticket) ? now : live.freedAt,
    behind: live.behind.filter((other) => other !== ticket),
    inUse: live.inUse.filter((inside) => inside.ticket !== ticket),
    waiting: live.waiting.filter((waiting) => waiting.ticket !== ticket),
  }
}

/**
 * Lets in who may come in now, in their order. Who does not listen at this moment keeps its turn, and nobody takes it
 * until it asks again or has lost its place: were it let in unheard, a dead one would hold a whole lease.
 */
export function admit(
  slots: Slots,
  most: number,
  now: number,
  listens: (ticket: string) => boolean = () => true,
): { readonly slots: Slots; readonly granted: readonly string[] } {
  const live = forget(slots, now)
  const coming = turn(live, most, now).filter(({ ticket }) => listens(ticket))
  return { slots: letIn(live, coming, now), granted: coming.map(({ ticket }) => ticket) }
}

/** The remote said "too many" or "not now": nobody is let in before `until`; who waits keeps its place meanwhile. */
export const close = (slots: Slots, until: number, now: number): Slots => {
  const live = forget(slots, now)
  return { ...live, closedUntil: Math.max(live.closedUntil, until) }
}

/** Who is inside, who waits, and whether an exclusive one keeps the others out. */
export function view(slots: Slots, now: number): SlotsView {
  const { inUse, waiting, closedUntil } = forget(slots, now)
  const ranked = rank(waiting)
  return {
    inside: inUse,
    waiting: ranked.map(({ ticket, exclusive, priority, since }) => ({ ticket, exclusive, priority, since })),
    closedUntil,
    exclusive: inUse.some(({ exclusive }) => exclusive) ? 'inside' : ranked[0]?.exclusive ? 'waiting' : null,
  }
}

/** When the passing of time alone changes something next: a lease's end, a lost place, a gate that opens. Or null. */
export function nextChange(slots: Slots, now: number): number | null {
  const { inUse, waiting, closedUntil, freedAt } = forget(slots, now)
  const times = [
    ...inUse.map(({ until }) => until),
    ...waiting.map((each) => lostAt(each, closedUntil)),
    ...(waiting.length > 0 && closedUntil > now ? [closedUntil] : []),
    ...(waiting.some(isBackground) && freedAt + LINGER > now ? [freedAt + LINGER] : []),
  ]
  return times.length > 0 ? Math.min(...times) : null
}

/** Those of the waiting whose turn it is. `slots` holds nobody whose time is over. */
function turn(slots: Slots, most: number, now: number): readonly Waiting[] {
  if (now < slots.closedUntil || slots.inUse.some(({ exclusive }) => exclusive)) return []
  const quiet = now >= slots.freedAt + LINGER
  const ranked = rank(quiet ? slots.waiting : slots.waiting.filter((each) => !isBackground(each)))
  // One that wants to be alone keeps all others out, and so waits for those inside only.
  if (ranked[0]?.exclusive) return slots.inUse.length === 0 ? ranked.slice(0, 1) : []
  return ranked.slice(0, Math.max(0, Math.min(Math.max(most, 1), MOST) - slots.inUse.length))
}

const isBackground = ({ exclusive, priority }: Waiting): boolean => !exclusive && priority <= BACKGROUND

/** The exclusive first, then the higher priority, then who came first: the sort is stable, no clock is asked. */
const rank = (waiting: readonly Waiting[]): readonly Waiting[] =>
  waiting.toSorted((a, b) => Number(b.exclusive) - Number(a.exclusive) || b.priority - a.priority)

const letIn = (slots: Slots, coming: readonly Waiting[], now: number): Slots => ({
  ...slots,
  inUse: [
    ...slots.inUse,
    ...coming.map(({ ticket, exclusive, lease }) => ({ ticket, exclusive, until: leaseEnd(lease, now) })),
  ],
  behind: [...slots.behind, ...coming.filter(isBackground).map(({ ticket }) => ticket)],
  waiting: slots.waiting.filter((waiting) => !coming.includes(waiting)),
})

const forget = (slots: Slots, now: number): Slots => ({
  ...slots,
  inUse: slots.inUse.filter(({ until }) => now < until),
  waiting: slots.waiting.filter((each) => now < lostAt(each, slots.closedUntil)),
})

/** Nobody needs to ask while the gate is closed, and who waited before still goes first when it opens. */
const lostAt = ({ seen }: Waiting, closedUntil: number) => Math.max(seen, closedUntil) + PATIENCE

const leaseEnd = (lease: number, now: number) => now + Math.min(lease, LONGEST_LEASE)
