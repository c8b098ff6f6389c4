import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { joinable, nextRun, type Waiting, wakeAt } from '../../sync/engine/queue.ts'
import type { RunRequest } from '../../sync/protocol/lane.ts'
import { syncRequest } from './world.ts'

const waiting = (over: Partial<Waiting> = {}): Waiting => ({
  id: 'r1',
  link: 'smart-sync.sheet',
  scope: 'w1',
  parts: null,
  full: false,
  asked: false,
  notBefore: 0,
  fetching: false,
  onlyWaiting: false,
  stepped: 0,
  after: null,
  ...over,
})

describe('a request joins', () => {
  test.each([
    ['an equal run', {}, {}, true],
    ['a run with the same parts in another order', { parts: ['a', 'b'] }, { parts: ['b', 'a'] }, true],
    ['a run whose parts another order names', { parts: ['b', 'a'] }, { parts: ['a', 'b'] }, true],
    ['a forced run, when it is not forced itself', { full: true }, {}, true],
    ['no lesser run, when it is forced', {}, { full: true }, false],
    ['no run that has asked the remote already', { asked: true }, {}, false],
    ['no run that only tries waiting rows again', { onlyWaiting: true }, {}, false],
    ['no run of other parts', { parts: ['a'] }, {}, false],
    ['no run of another scope', { scope: 'w2' }, {}, false],
    ['no run of another link', { link: 'smart-sync.readers' }, {}, false],
    ['no run of all parts, when it names some', {}, { parts: ['a'] }, false],
    ['no run of some parts, when it means all', { parts: ['a'] }, {}, false],
  ])('%s', (_, run, request, joins) => {
    expect(joinable([waiting(run)], syncRequest(request)) !== undefined).toBe(joins)
  })
})

test('of runs of different links the oldest goes first, and one that waits for its remote lets the others by', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20), { maxLength: 20 }), fc.nat(20), (times, now) => {
      const queue = times.map((notBefore, i) =>
        waiting({ link: `l${i}`, id: `r${String(i).padStart(2, '0')}`, notBefore }),
      )
      const next = nextRun(queue, now)
      const ready = queue.filter(({ notBefore }) => notBefore <= now)
      expect(next?.id).toBe(ready[0]?.id)
      expect(wakeAt(queue, now)).toBe(queue.length === 0 ? null : Math.min(...times))
    }),
  )
})

describe('in any interleaving of requests and runs', () => {
  const request = fc.record({
    parts: fc.constantFrom(null, ['a'], ['b'], ['a', 'b']),
    full: fc.boolean(),
  })
  const event = fc.oneof(request, fc.constantFrom('ask' as const, 'end' as const, 'wait' as const))

  /** Plays the events as a lane does: a run asks its remote, may wait for it, and ends. */
  function play(events: readonly (Partial<RunRequest> | 'ask' | 'end' | 'wait')[]) {
    const queue: (Waiting & { asked: boolean; notBefore: number })[] = []
    const runs = new Map<string, { run: Waiting; askedAt: number[]; ended: number }>()
    const served: { request: RunRequest; at: number; by: string }[] = []
    let now = 0
    const step = (kind: 'ask' | 'end' | 'wait') => {
      const next = nextRun(queue, now)
      if (!next) return
      if (kind === 'wait') next.notBefore = now + 5
      else if (!next.asked) {
        next.asked = true
        runs.get(next.id)?.askedAt.push(now)
      } else if (kind === 'end') {
        queue.splice(queue.indexOf(next), 1)
        runs.get(next.id)!.ended++
      }
    }
    for (const item of events) {
      now++
      if (typeof item === 'string') {
        step(item)
        continue
      }
      const asked = syncRequest(item)
      let run = joinable(queue, asked)
      if (!run) {
        const made = waiting({ id: `r${String(now).padStart(4, '0')}`, parts: asked.parts, full: asked.full })
        run = made
        queue.push({ ...made })
        runs.set(made.id, { run: made, askedAt: [], ended: 0 })
      }
      served.push({ request: asked, at: now, by: run.id })
    }
    while (queue.length > 0) {
      now = Math.max(now + 1, wakeAt(queue, now) ?? 0)
      step('end')
    }
    return { runs, served }
  }

  test('every request ends in one run that asks the remote once, after the request came', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const { runs, served } = play(events)
        for (const { request: asked, at, by } of served) {
          const { run, askedAt, ended } = runs.get(by)!
          expect([askedAt.length, ended]).toEqual([1, 1])
          expect(askedAt[0]).toBeGreaterThan(at)
          expect([run.parts, run.full || !asked.full]).toEqual([asked.parts, true])
        }
        expect(new Set(served.map(({ by }) => by)).size).toBe(runs.size)
      }),
    )
  })

  test('equal requests that come before any asks are one run, however many', () => {
    fc.assert(
      fc.property(request, fc.integer({ min: 1, max: 20 }), (asked, many) => {
        expect(play(Array.from({ length: many }, () => asked)).runs.size).toBe(1)
      }),
    )
  })
})
