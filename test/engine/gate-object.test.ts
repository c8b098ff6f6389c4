import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Entry, PATIENCE } from '../../sync/engine/slots.ts'
import { createSlotsGate, type Entrance } from '../../sync/engine/slots-waiting.ts'

/** A clock that goes when it is told, and the timers on it. */
function time() {
  let now = 0
  let count = 0
  const timers = new Map<number, { at: number; work: () => void }>()
  return {
    clock: { now: () => now },
    timers,
    later(ms: number, work: () => void) {
      expect(ms).toBeGreaterThan(0)
      const id = count++
      timers.set(id, { at: now + ms, work })
      return () => void timers.delete(id)
    },
    /** Goes on by so many milliseconds; whoever was answered has its say in between. */
    async go(ms: number) {
      const end = now + ms
      await settled()
      for (;;) {
        const [id, timer] = [...timers].sort((a, b) => a[1].at - b[1].at || a[0] - b[0])[0] ?? []
        if (id === undefined || timer === undefined || timer.at > end) break
        timers.delete(id)
        now = timer.at
        timer.work()
        await settled()
      }
      now = end
    },
  }
}

/** All that is to happen now has happened. */
const settled = () => new Promise((done) => setImmediate(done))

const LEASE = 30_000
const entry = (ticket: string, rest: Partial<Entry> = {}): Entry => ({
  ticket,
  priority: 1,
  exclusive: false,
  lease: LEASE,
  most: 1,
  ...rest,
})

function world() {
  const world = time()
  const gate = createSlotsGate(world)
  const answers: { ticket: string; at: number; entrance: Entrance }[] = []
  const ask = (asked: Entry, patience = 20_000) => {
    void gate.enter(asked, patience).then((entrance) => {
      answers.push({ ticket: asked.ticket, at: world.clock.now(), entrance })
    })
  }
  return { ...world, gate, answers, ask }
}

test('who waits is let in at the very moment that a place is free', async () => {
  const { ask, answers, gate, go } = world()
  ask(entry('a'))
  ask(entry('b'))
  await go(200)
  expect(answers).toEqual([{ ticket: 'a', at: 0, entrance: { granted: true, until: LEASE } }])
  gate.leave('a')
  await go(0)
  expect(answers[1]).toEqual({ ticket: 'b', at: 200, entrance: { granted: true, until: 200 + LEASE } })
})

test('who waits is let in when the lease of a dead holder ends', async () => {
  const { ask, answers, go } = world()
  ask(entry('dead', { lease: 1_500 }))
  ask(entry('b'))
  await go(2_000)
  expect(answers[1]).toMatchObject({ ticket: 'b', at: 1_500, entrance: { granted: true } })
})

test('a shared one is told that it waits for an exclusive one, and one for others that it is busy', async () => {
  const { ask, answers, go } = world()
  ask(entry('a'))
  ask(entry('b'), 0)
  ask(entry('order', { exclusive: true }), 100)
  ask(entry('c'), 100)
  await go(100)
  expect(answers.slice(1)).toEqual([
    { ticket: 'b', at: 0, entrance: { granted: false, at: 0, held: 'busy' } },
    { ticket: 'order', at: 100, entrance: { granted: false, at: 100, held: 'busy' } },
    { ticket: 'c', at: 100, entrance: { granted: false, at: 100, held: 'exclusive' } },
  ])
})

test('a call waits for half the patience at most: its caller may be gone, and asking again shows that it is not', async () => {
  const { ask, answers, go } = world()
  ask(entry('a'))
  ask(entry('b'))
  await go(PATIENCE)
  expect(answers[1]).toMatchObject({
    ticket: 'b',
    at: PATIENCE / 2,
    entrance: { granted: false, at: PATIENCE / 2 },
  })
})

test('a caller that was cut off while it waited has lost its place when its patience is over', async () => {
  const { ask, answers, gate, go } = world()
  ask(entry('a', { most: 2 }))
  ask(entry('cut', { exclusive: true, most: 2 }))
  await go(PATIENCE / 2 + 100)
  ask(entry('b', { most: 2 }))
  await go(PATIENCE / 2)
  expect(answers.at(-1)).toMatchObject({ ticket: 'b', at: PATIENCE, entrance: { granted: true } })
  expect(gate.look()).toMatchObject({ waiting: [], exclusive: null })
})

test('the turn of a caller on its way back is kept, and taken when it asks again', async () => {
  const { ask, answers, gate, go } = world()
  ask(entry('a'))
  ask(entry('first'), 100)
  await go(150)
  ask(entry('second'))
  gate.leave('a')
  await go(10)
  expect(answers.map(({ ticket }) => ticket)).toEqual(['a', 'first'])
  // Not let in unheard either: were it dead, it would keep the others out for a whole lease.
  expect(gate.look().inside).toEqual([])
  ask(entry('first'), 100)
  await go(0)
  expect(answers.at(-1)).toMatchObject({ ticket: 'first', at: 160, entrance: { granted: true } })
})

test('a second call of one ticket ends the first, and both together hold one place', async () => {
  const { ask, answers, gate, go } = world()
  ask(entry('a'))
  ask(entry('b'))
  await go(10)
  ask(entry('b'))
  await go(0)
  expect(answers.at(-1)).toMatchObject({ ticket: 'b', at: 10, entrance: { granted: false } })
  gate.leave('a')
  await go(0)
  expect(answers.at(-1)).toMatchObject({ ticket: 'b', at: 10, entrance: { granted: true } })
  expect(gate.look().inside).toHaveLength(1)
})

test('who leaves while it waits is answered, and makes room for those whom it kept out', async () => {
  const { ask, answers, gate, go } = world()
  ask(entry('a', { most: 2 }))
  ask(entry('order', { exclusive: true, most: 2 }))
  ask(entry('b', { most: 2 }))
  await go(10)
  gate.leave('order')
  await go(0)
  expect(answers.slice(1)).toMatchObject([
    { ticket: 'order', entrance: { granted: false } },
    { ticket: 'b', at: 10, entrance: { granted: true } },
  ])
})

test('a closed gate sends away who would have to wait for long, and lets in at its opening who waits', async () => {
  const { ask, answers, gate, go } = world()
  gate.close(10_000)
  ask(entry('a'))
  await go(8_000)
  expect(answers).toEqual([{ ticket: 'a', at: 0, entrance: { granted: false, at: 10_000, held: 'busy' } }])
  ask(entry('b'))
  ask(entry('a'))
  await go(2_000)
  expect(answers[1]).toMatchObject({ ticket: 'a', at: 10_000, entrance: { granted: true } })
})

test('while somebody is inside there is a timer, which keeps the object in memory; afterwards there is none', async () => {
  const { ask, gate, go, timers } = world()
  ask(entry('a'))
  await go(1)
  expect(timers.size).toBe(1)
  gate.leave('a')
  expect(timers.size).toBe(0)
  gate.close(60_000)
  expect(timers.size).toBe(0)
})

const caller = fc.record({
  gap: fc.integer({ min: 0, max: 400 }),
  priority: fc.nat(2),
  exclusive: fc.integer({ min: 0, max: 4 }).map((n) => n === 0),
  works: fc.integer({ min: 1, max: 900 }),
  lease: fc.constantFrom(300, 1_000, LEASE),
  /** Dies inside, while it waits, or not at all */
  dies: fc.constantFrom('inside', 'waiting', null, null, null),
})

test('whoever lives is served, no place stands empty while somebody may have it, and the exclusive are alone', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(caller, { minLength: 1, maxLength: 25 }),
      fc.integer({ min: 1, max: 6 }),
      fc.array(fc.record({ at: fc.nat(4_000), ms: fc.nat(4_000) }), { maxLength: 2 }),
      async (callers, most, closings) => {
        const { clock, gate, go, later } = world()
        const inside = new Map<string, { exclusive: boolean; until: number }>()
        const served = new Set<string>()
        const act = async (ticket: string, { dies, works, ...wish }: (typeof callers)[number]) => {
          for (;;) {
            const entrance = await gate.enter({ ...wish, ticket, most }, 20_000)
            const now = clock.now()
            if (!entrance.granted) {
              if (dies === 'waiting') return
              await new Promise<void>((wake) => later(Math.max(entrance.at - now, 1), wake))
              continue
            }
            for (const [other, { until }] of inside) if (until <= now) inside.delete(other)
            if (wish.exclusive) expect(inside.size).toBe(0)
            expect(inside.size).toBeLessThan(most)
            expect([...inside.values()].some(({ exclusive }) => exclusive)).toBe(false)
            expect(closings.some(({ at, ms }) => at < now && now < at + ms)).toBe(false)
            inside.set(ticket, { exclusive: wish.exclusive, until: entrance.until })
            served.add(ticket)
            if (dies === 'inside') return
            later(works, () => {
              if (inside.get(ticket)?.until === entrance.until) inside.delete(ticket)
              gate.leave(ticket)
            })
            return
          }
        }
        const failures: unknown[] = []
        let at = 0
        for (const [i, each] of callers.entries()) {
          at += each.gap
          later(at + 1, () => {
            act(`t${i}`, each).catch((error) => failures.push(error))
          })
        }
        for (const closing of closings) later(closing.at + 1, () => gate.close(closing.at + closing.ms))
        // Each may hold a lease, the dead lose their places, the closings pass: then everybody was served.
        await go(callers.length * (LEASE + PATIENCE) + 20_000)
        expect(failures).toEqual([])
        for (const [i, { dies }] of callers.entries())
          if (dies !== 'waiting') expect(served).toContain(`t${i}`)
        expect(gate.look()).toMatchObject({ inside: [], waiting: [], exclusive: null })
      },
    ),
    { numRuns: 60 },
  )
})

test('one after the other, a hundred calls through one place take no longer than their work', async () => {
  const { clock, gate, go, later } = world()
  const ended: number[] = []
  const works = async (ticket: string) => {
    for (;;) {
      const entrance = await gate.enter(entry(ticket), 20_000)
      if (entrance.granted) break
    }
    await new Promise<void>((done) => later(200, done))
    ended.push(clock.now())
    gate.leave(ticket)
  }
  for (let i = 0; i < 100; i++) void works(`t${i}`)
  await go(60_000)
  expect(ended).toHaveLength(100)
  expect(Math.max(...ended)).toBe(100 * 200)
})
