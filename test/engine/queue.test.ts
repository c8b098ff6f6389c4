import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { joinable, nextRun, type Waiting, wakeAt } from '../../sync/engine/queue.ts'
import { afterFailure, retryDelay } from '../../sync/engine/retry.ts'
import { createTurns } from '../../sync/engine/turns.ts'
import { syncRequest } from './world.ts'

const waiting = (over: Partial<Waiting> = {}): Waiting => ({
  id: 'r1',
  link: 'smart-sync.sheet',
  scope: 'w1',
  parts: null,
  full: false,
  asked: false,
  notBefore: 0,
  ...over,
})

describe('a request joins', () => {
  test.each([
    ['an equal run', {}, {}, true],
    ['a run with the same parts in another order', { parts: ['a', 'b'] }, { parts: ['b', 'a'] }, true],
    ['a forced run, when it is not forced itself', { full: true }, {}, true],
    ['no lesser run, when it is forced', {}, { full: true }, false],
    ['no run that has asked the remote already', { asked: true }, {}, false],
    ['no run of other parts', { parts: ['a'] }, {}, false],
    ['no run of another scope', { scope: 'w2' }, {}, false],
  ])('%s', (_, run, request, joins) => {
    expect(joinable([waiting(run)], syncRequest(request)) !== undefined).toBe(joins)
  })
})

test('the oldest run goes first, and one that waits for its remote lets the others by', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20), { maxLength: 20 }), fc.nat(20), (times, now) => {
      const queue = times.map((notBefore, i) => waiting({ id: `r${String(i).padStart(2, '0')}`, notBefore }))
      const next = nextRun(queue, now)
      const ready = queue.filter(({ notBefore }) => notBefore <= now)
      expect(next?.id).toBe(ready[0]?.id)
      expect(wakeAt(queue)).toBe(queue.length === 0 ? null : Math.min(...times))
    }),
  )
})

describe('turns', () => {
  test('are taken one at a time, pushes before steps, and an error frees the turn', async () => {
    const turns = createTurns(() => 7)
    const order: string[] = []
    let release: () => void = () => undefined
    const first = turns.take('step', async () => {
      await new Promise<void>((resolve) => {
        release = resolve
      })
      order.push('first step')
      throw new Error('broken')
    })
    const second = turns.take('step', async () => void order.push('second step'))
    const push = turns.take('push', async () => void order.push('push'))
    expect(turns.since).toBe(7)
    release()
    await expect(first).rejects.toThrow('broken')
    await Promise.all([second, push])
    expect(order).toEqual(['first step', 'push', 'second step'])
    expect(turns.since).toBeNull()
  })
})

describe('a failed call', () => {
  const down = { type: 'unavailable', reason: 'no answer', mend: 'wait' } as const

  test('is tried again with growing waits, and given up within 15 s of them', () => {
    let waited = 0
    let tries = 1
    for (; ; tries++) {
      const next = afterFailure(down, tries, 0, waited, () => 1)
      if (next.type === 'give_up') break
      expect(next.at).toBeGreaterThan(waited)
      waited = next.at
    }
    expect(tries).toBe(7)
    expect(waited).toBeLessThan(15_000)
  })

  test('that only a person can mend is given up at once', () => {
    expect(afterFailure({ type: 'refused', reason: 'a', mend: 'b' }, 1, 0, 0, () => 0)).toMatchObject({
      type: 'give_up',
    })
  })

  test('for a quota waits as long as a minute may take, and no longer', () => {
    expect(afterFailure({ type: 'busy', at: 60_000, reason: 'q' }, 9, 0, 0, () => 0)).toEqual({
      type: 'wait',
      at: 60_000,
    })
    expect(afterFailure({ type: 'busy', at: 200_000, reason: 'q' }, 1, 0, 0, () => 0)).toMatchObject({
      type: 'give_up',
    })
  })

  test('waits between half and the whole of its step', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (tries, random) => {
          const step = Math.min(4_000, 250 * 2 ** (tries - 1))
          expect(retryDelay(tries, () => random)).toBeGreaterThanOrEqual(step / 2 - 1)
          expect(retryDelay(tries, () => random)).toBeLessThanOrEqual(step)
        },
      ),
    )
  })
})
