import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { afterFailure, retryDelay } from '../../sync/engine/retry.ts'

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

  test('waits in a line for a quota as long as many workbooks may take, and no longer', () => {
    const busy = (now: number) =>
      afterFailure({ type: 'busy', at: now + 1_000, reason: 'q' }, 99, 0, now, () => 0)
    expect(busy(240_000)).toEqual({ type: 'wait', at: 241_000 })
    expect(busy(301_000)).toMatchObject({ type: 'give_up' })
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

test('a remote that says to come back tomorrow is given up at once: the run does not wait for it', () => {
  const tomorrow = { type: 'unavailable', reason: 'quota', mend: 'wait', at: 86_400_000 } as const
  expect(afterFailure(tomorrow, 1, 0, 0, () => 0)).toMatchObject({ type: 'give_up', reason: 'quota' })
})
