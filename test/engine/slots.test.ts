import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  admit,
  close,
  type Entry,
  enter,
  LINGER,
  LONGEST_LEASE,
  leave,
  nextChange,
  noSlots,
  PATIENCE,
  type Slots,
  view,
} from '../../sync/engine/slots.ts'

const LEASE = 30_000
const shared = (ticket: string, rest: Partial<Entry> = {}): Entry => ({
  ticket,
  priority: 1,
  exclusive: false,
  lease: LEASE,
  most: 1,
  ...rest,
})
const alone = (ticket: string, rest: Partial<Entry> = {}) => shared(ticket, { exclusive: true, ...rest })

/** Everyone asks once, at the same time; answers the state and who was let in at once. */
function come(entries: readonly Entry[], now: number, from: Slots = noSlots) {
  let slots = from
  const granted: string[] = []
  for (const entry of entries) {
    const asked = enter(slots, entry, now)
    slots = asked.slots
    if (asked.granted) granted.push(entry.ticket)
  }
  return { slots, granted }
}

type Op =
  | { type: 'enter'; who: number; priority: number; exclusive: boolean; lease: number; most: number }
  | { type: 'leave'; who: number }
  | { type: 'admit'; most: number }
  | { type: 'close'; ms: number }
  | { type: 'wait'; ms: number }
const who = fc.nat(9)
const most = fc.integer({ min: 1, max: 6 })
const op: fc.Arbitrary<Op> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('enter' as const),
      who,
      priority: fc.nat(2),
      exclusive: fc.integer({ min: 0, max: 3 }).map((n) => n === 0),
      lease: fc.constantFrom(1, 400, 3_000, LEASE, 10 * LONGEST_LEASE),
      most,
    }),
  },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('leave' as const), who }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('admit' as const), most }) },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('close' as const), ms: fc.integer({ min: 1, max: 20_000 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('wait' as const),
      ms: fc.constantFrom(1, 399, 1_000, PATIENCE, LEASE),
    }),
  },
)

interface Held {
  exclusive: boolean
  until: number
}
interface Wish extends Held {
  priority: number
  seen: number
  lease: number
}

/** Plays a history, and keeps its own book of who is inside and who waits, by which each letting in is judged. */
function play(ops: readonly Op[]) {
  let slots: Slots = noSlots
  let now = 1_000
  let closedUntil = 0
  const inside = new Map<string, Held>()
  const waiting = new Map<string, Wish>()
  const letIn = (tickets: readonly string[], places: number) => {
    for (const ticket of tickets) {
      const wish = waiting.get(ticket)!
      expect(now).toBeGreaterThanOrEqual(closedUntil)
      const others = [...waiting].filter(([other]) => other !== ticket)
      // Alone, and never beside one that is alone.
      if (wish.exclusive) expect(inside.size).toBe(0)
      else {
        expect(inside.size).toBeLessThan(places)
        expect([...inside.values()].some(({ exclusive }) => exclusive)).toBe(false)
        expect(others.filter(([, { exclusive }]) => exclusive)).toEqual([])
      }
      // Nobody of its kind went before it who ought to: higher first, then who came first.
      const order = [...waiting.keys()]
      const better = others.filter(
        ([other, { exclusive, priority }]) =>
          exclusive === wish.exclusive &&
          (priority > wish.priority ||
            (priority === wish.priority && order.indexOf(other) < order.indexOf(ticket))),
      )
      if (wish.exclusive) expect(better).toEqual([])
      else expect(better.length).toBeLessThan(places - inside.size)
      waiting.delete(ticket)
      inside.set(ticket, { exclusive: wish.exclusive, until: now + wish.lease })
    }
  }
  for (const each of ops) {
    for (const [ticket, { until }] of inside) if (until <= now) inside.delete(ticket)
    for (const [ticket, { seen }] of waiting)
      if (Math.max(seen, closedUntil) + PATIENCE <= now) waiting.delete(ticket)
    if (each.type === 'wait') now += each.ms
    else if (each.type === 'close') {
      slots = close(slots, now + each.ms, now)
      closedUntil = Math.max(closedUntil, now + each.ms)
    } else if (each.type === 'admit') {
      const admitted = admit(slots, each.most, now)
      slots = admitted.slots
      letIn(admitted.granted, each.most)
    } else if (each.type === 'leave') {
      slots = leave(slots, `t${each.who}`, now)
      inside.delete(`t${each.who}`)
      waiting.delete(`t${each.who}`)
    } else {
      const ticket = `t${each.who}`
      const lease = Math.min(each.lease, LONGEST_LEASE)
      const asked = enter(slots, { ...each, ticket }, now)
      slots = asked.slots
      const place = inside.get(ticket)
      if (place?.exclusive === each.exclusive) {
        expect(asked.granted).toBe(true)
        place.until = Math.max(place.until, now + lease)
      } else {
        inside.delete(ticket)
        waiting.set(ticket, { ...each, lease, seen: now, until: 0 })
        if (asked.granted) letIn([ticket], each.most)
      }
    }
    if (each.type === 'wait') continue
    const seen = view(slots, now)
    expect(new Map(seen.inside.map(({ ticket, ...held }) => [ticket, held]))).toEqual(inside)
    expect(seen.waiting.map(({ ticket }) => ticket).sort()).toEqual([...waiting.keys()].sort())
  }
  return { slots, now, closedUntil }
}

test('whatever happens: never more inside than places, the exclusive alone and before all others, each in its order', () => {
  fc.assert(
    fc.property(fc.array(op, { maxLength: 80 }), (ops) => {
      play(ops)
    }),
    { numRuns: 1_000 },
  )
})

test('whatever has happened, once all leases have passed all who ask are let in', () => {
  fc.assert(
    fc.property(fc.array(op, { maxLength: 60 }), most, (ops, places) => {
      const before = play(ops)
      const { waiting } = view(before.slots, before.now)
      const now = Math.max(before.closedUntil, before.now + LONGEST_LEASE)
      let { slots } = before
      const left = new Set(waiting.map(({ ticket }) => ticket))
      for (const { ticket, ...wish } of waiting)
        slots = enter(slots, { ...wish, ticket, lease: LEASE, most: places }, now).slots
      for (let round = 0; left.size > 0; round++) {
        expect(round).toBeLessThanOrEqual(waiting.length)
        slots = admit(slots, places, now).slots
        for (const { ticket } of view(slots, now).inside) {
          slots = leave(slots, ticket, now)
          left.delete(ticket)
        }
      }
    }),
  )
})

test('an exclusive one waits for those inside when it came and for nobody else', () => {
  fc.assert(
    fc.property(fc.array(op, { maxLength: 40 }), fc.array(op, { maxLength: 40 }), (before, after) => {
      let { slots, now } = play(before)
      const asks = alone('order', { most: 6, priority: 9 })
      let granted = false
      const ask = () => {
        const asked = enter(slots, asks, now)
        slots = asked.slots
        granted ||= asked.granted
      }
      ask()
      const inside = new Set(view(slots, now).inside.map(({ ticket }) => ticket))
      for (const each of after) {
        if (granted) return
        if (each.type === 'wait') now += Math.min(each.ms, PATIENCE - 1)
        if (each.type === 'leave') slots = leave(slots, `t${each.who}`, now)
        if (each.type === 'admit') {
          const admitted = admit(slots, each.most, now)
          slots = admitted.slots
          granted ||= admitted.granted.includes('order')
        }
        // Those inside may not lengthen their stay here, others may come as they like.
        if (each.type === 'enter' && !inside.has(`t${each.who}`))
          slots = enter(slots, { ...each, ticket: `t${each.who}` }, now).slots
        if (!granted) ask()
        for (const { ticket } of view(slots, now).inside)
          if (ticket !== 'order') expect(inside).toContain(ticket)
      }
    }),
  )
})

test('who is asked again inside keeps its place, and its lease is renewed and never shortened', () => {
  const { slots } = come([shared('a')], 0)
  const again = enter(slots, shared('a'), 10_000)
  expect(again.granted).toBe(true)
  expect(view(again.slots, 10_000).inside).toEqual([{ ticket: 'a', exclusive: false, until: 40_000 }])
  const shorter = enter(again.slots, shared('a', { lease: 1 }), 10_001)
  expect(view(shorter.slots, 10_001).inside[0]?.until).toBe(40_000)
})

test('a dead holder keeps others out for its lease and not a millisecond longer', () => {
  const { slots } = come([shared('dead')], 0)
  expect(enter(slots, shared('next'), LEASE - 1).granted).toBe(false)
  expect(enter(slots, shared('next'), LEASE).granted).toBe(true)
})

test('nobody holds a place for longer than the longest lease, whatever it asked for', () => {
  const { slots } = come([alone('dead', { lease: 10 ** 9 })], 0)
  expect(enter(slots, shared('next'), LONGEST_LEASE).granted).toBe(true)
})

test('a dead exclusive waiter keeps others out for its patience only', () => {
  const { slots } = come([shared('a', { most: 2 }), alone('dead', { most: 2 })], 0)
  expect(view(slots, 0).exclusive).toBe('waiting')
  const early = enter(slots, shared('b', { most: 2 }), PATIENCE - 1)
  expect(early.granted).toBe(false)
  expect(nextChange(early.slots, PATIENCE - 1)).toBe(PATIENCE)
  expect(admit(early.slots, 2, PATIENCE).granted).toEqual(['b'])
})

test('who leaves after its lease has ended does no harm to whoever came after', () => {
  const { slots } = come([shared('late')], 0)
  const next = enter(slots, shared('next'), LEASE)
  expect(next.granted).toBe(true)
  expect(view(leave(next.slots, 'late', LEASE + 1), LEASE + 1).inside.map(({ ticket }) => ticket)).toEqual([
    'next',
  ])
})

test('fewer places throw nobody out, and let nobody in until so many have left', () => {
  const { slots, granted } = come(
    ['a', 'b', 'c'].map((ticket) => shared(ticket, { most: 3 })),
    0,
  )
  expect(granted).toEqual(['a', 'b', 'c'])
  const shrunk = enter(slots, shared('d', { most: 1 }), 1)
  expect(shrunk.granted).toBe(false)
  expect(view(shrunk.slots, 1).inside).toHaveLength(3)
  const two = leave(leave(shrunk.slots, 'a', 2), 'b', 2)
  expect(admit(two, 1, 2).granted).toEqual([])
  expect(admit(two, 2, 2).granted).toEqual(['d'])
})

test('a turn is kept for one that does not listen just now, until it has lost its place', () => {
  const { slots } = come([shared('a'), shared('away', { priority: 5 }), shared('here')], 0)
  const free = leave(slots, 'a', 100)
  const hears = (ticket: string) => ticket === 'here'
  expect(admit(free, 1, 100, hears).granted).toEqual([])
  expect(enter(free, shared('away', { priority: 5 }), 200).granted).toBe(true)
  const asksOn = enter(free, shared('here'), PATIENCE - 1)
  expect(asksOn.granted).toBe(false)
  expect(admit(asksOn.slots, 1, PATIENCE, hears).granted).toEqual(['here'])
})

test('a ticket inside that now wants to be alone gives up its place and waits for the others', () => {
  const { slots } = come([shared('a', { most: 2 }), shared('b', { most: 2 })], 0)
  const asked = enter(slots, alone('a', { most: 2 }), 1)
  expect(asked.granted).toBe(false)
  expect(view(asked.slots, 1).inside.map(({ ticket }) => ticket)).toEqual(['b'])
  expect(admit(leave(asked.slots, 'b', 2), 2, 2).granted).toEqual(['a'])
})

test('a closed gate lets nobody in, and who waited before goes first when it opens, though it did not ask meanwhile', () => {
  const waiting = come([shared('a'), shared('b')], 0).slots
  const closed = close(waiting, 60_000, 1_000)
  expect(enter(closed, shared('c'), 40_000).granted).toBe(false)
  expect(enter(closed, shared('c'), 60_000).granted).toBe(false)
  expect(admit(closed, 1, 60_000).granted).toEqual(['b'])
  // What is shorter does not open it earlier.
  expect(close(closed, 2_000, 1_500).closedUntil).toBe(60_000)
})

test('what is in the background is let in when nobody came back for a while, and never between two calls of a run', () => {
  const run = { ticket: 'run', priority: 1, exclusive: false, lease: 30_000, most: 1 }
  const picture = { ticket: 'picture', priority: -1, exclusive: false, lease: 30_000, most: 1 }
  let slots = enter(noSlots, run, 1_000).slots
  slots = enter(slots, picture, 1_100).slots
  slots = leave(slots, 'run', 1_200)
  expect(admit(slots, 1, 1_210).granted).toEqual([])
  expect(nextChange(slots, 1_210)).toBe(1_200 + LINGER)
  expect(enter(slots, { ...run, ticket: 'run again' }, 1_215).granted).toBe(true)
  expect(admit(slots, 1, 1_200 + LINGER).granted).toEqual(['picture'])
  // Pictures themselves hold nobody up.
  const after = leave(admit(slots, 1, 1_300).slots, 'picture', 1_400)
  expect(enter(after, { ...picture, ticket: 'next picture' }, 1_401).granted).toBe(true)
})

test('an exclusive one is never in the background, whatever its priority', () => {
  const left = leave(come([shared('run')], 0).slots, 'run', 100)
  expect(enter(left, alone('order', { priority: -1 }), 101).granted).toBe(true)
})

test('who asks again has waited since it first came', () => {
  const { slots } = come([shared('a'), shared('b')], 0)
  expect(view(enter(slots, shared('b'), 700).slots, 700).waiting).toMatchObject([{ ticket: 'b', since: 0 }])
})

test('there are six places at most', () => {
  const all = Array.from({ length: 9 }, (_, i) => shared(`t${i}`, { most: 100 }))
  expect(come(all, 0).granted).toHaveLength(6)
})
