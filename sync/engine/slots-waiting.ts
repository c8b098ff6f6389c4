import type { Clock } from './ports.ts'
import {
  admit,
  close,
  type Entry,
  enter,
  leave,
  nextChange,
  noSlots,
  PATIENCE,
  type Slots,
  type SlotsView,
  view,
} from './slots.ts'

/**
 * Let in, until when; or when to ask again, and what it waits for: one that is inside alone or wants to be, or just others.
 * `at` is now where the stay alone was too short: whoever has patience left asks again at once.
 */
export type Entrance =
  | { readonly granted: true; readonly until: number }
  | { readonly granted: false; readonly at: number; readonly held: 'exclusive' | 'busy' }

/** A gate with few places, whose callers wait inside it. */
export interface SlotsGate {
  /** Answers when let in, or after `patience` ms, LONGEST_STAY at most. The place in the queue is kept until PATIENCE after the call. */
  enter(entry: Entry, patience: number): Promise<Entrance>
  /** Done, or no longer interested. */
  leave(ticket: string): void
  look(): SlotsView
  /** Nobody is let in before `until`. */
  close(until: number): void
}

export interface SlotsDeps {
  readonly clock: Clock
  /** Runs `work` once, after so many milliseconds or a little later; the answer calls it off. */
  readonly later: (ms: number, work: () => void) => () => void
}

/**
 * Longest that one call waits here. A caller that is gone can't be noticed (its call goes on in the object: seen in
 * workerd), so asking is the sign of life, and half of PATIENCE remains to come back. While it is on its way back its turn
 * waits for it, so that this costs a call, and no time.
 */
const LONGEST_STAY = PATIENCE / 2

export function createSlotsGate({ clock, later }: SlotsDeps): SlotsGate {
  let slots: Slots = noSlots
  let most = 1
  /** Callers that wait here now */
  const here = new Map<string, { readonly until: number; readonly answer: (entrance: Entrance) => void }>()
  let callOff = () => {}

  const answer = (ticket: string, now: number) => {
    here.get(ticket)?.answer(entranceOf(slots, ticket, now))
    here.delete(ticket)
  }

  /** After every change, and whenever time alone changes something: let in, send away, set the next alarm. */
  const settle = () => {
    const now = clock.now()
    const admitted = admit(slots, most, now, (ticket) => here.has(ticket))
    slots = admitted.slots
    for (const ticket of admitted.granted) answer(ticket, now)
    for (const [ticket, { until }] of [...here]) if (until <= now) answer(ticket, now)
    callOff()
    // Also with nobody waiting: an object without a timer is taken out of memory after 10 s, and who is inside forgotten.
    const times = [nextChange(slots, now), ...[...here.values()].map(({ until }) => until)]
    const next = Math.min(...times.filter((at) => at !== null))
    callOff = next === Number.POSITIVE_INFINITY ? () => {} : later(Math.max(next - now, 1), settle)
  }

  return {
    enter(entry, patience) {
      const now = clock.now()
      const { ticket } = entry
      // A second call of the same ticket: its first one was cut off.
      answer(ticket, now)
      most = entry.most
      const asked = enter(slots, entry, now)
      slots = asked.slots
      const until = now + Math.min(patience, LONGEST_STAY)
      if (asked.granted || until <= now || until < slots.closedUntil) {
        const entrance = entranceOf(slots, ticket, now)
        settle()
        return Promise.resolve(entrance)
      }
      return new Promise((answer) => {
        here.set(ticket, { until, answer })
        settle()
      })
    },
    leave(ticket) {
      const now = clock.now()
      slots = leave(slots, ticket, now)
      answer(ticket, now)
      settle()
    },
    look: () => view(slots, clock.now()),
    close(until) {
      slots = close(slots, until, clock.now())
      settle()
    },
  }
}

/** How a ticket stands. */
function entranceOf(slots: Slots, ticket: string, now: number): Entrance {
  const place = slots.inUse.find((inside) => inside.ticket === ticket)
  if (place) return { granted: true, until: place.until }
  const { exclusive, waiting, closedUntil } = view(slots, now)
  const held = exclusive === 'inside' || (exclusive === 'waiting' && waiting[0]?.ticket !== ticket)
  return { granted: false, at: Math.max(now, closedUntil), held: held ? 'exclusive' : 'busy' }
}
