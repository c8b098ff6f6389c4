import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Bucket, emptyBucket, penalise, permit } from '../../sync/engine/gate.ts'

const LIMIT = { calls: 5, period: 1_000 }

test('no window of a period ever holds more calls than the limit', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 120 }), { maxLength: 200 }), (gaps) => {
      let bucket: Bucket = emptyBucket
      let now = 0
      const granted: number[] = []
      gaps.forEach((gap, i) => {
        now += gap
        const answer = permit(bucket, LIMIT, { ticket: `t${i}`, priority: 1 }, now)
        bucket = answer.bucket
        if (answer.permit.granted) granted.push(now)
      })
      for (const at of granted)
        expect(
          granted.filter((other) => other >= at && other < at + LIMIT.period).length,
        ).toBeLessThanOrEqual(LIMIT.calls)
    }),
  )
})

test('whoever comes back when told is served in the end', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 40 }), (priorities) => {
      let bucket: Bucket = emptyBucket
      let waiting = priorities.map((priority, i) => ({ ticket: `t${i}`, priority, at: 0 }))
      let served = 0
      for (let turn = 0; waiting.length > 0; turn++) {
        expect(turn).toBeLessThan(2_000)
        const now = Math.min(...waiting.map(({ at }) => at))
        const ready = waiting.filter(({ at }) => at <= now)
        for (const caller of ready) {
          const answer = permit(bucket, LIMIT, caller, now)
          bucket = answer.bucket
          if (answer.permit.granted) {
            served++
            waiting = waiting.filter((other) => other !== caller)
          } else caller.at = answer.permit.at
        }
      }
      expect(served).toBe(priorities.length)
    }),
  )
})

test('where tokens are short, the higher priority is let through first', () => {
  let bucket: Bucket = emptyBucket
  for (let i = 0; i < LIMIT.calls; i++)
    bucket = permit(bucket, LIMIT, { ticket: `first${i}`, priority: 1 }, i).bucket
  const low = permit(bucket, LIMIT, { ticket: 'low', priority: 1 }, 10)
  const high = permit(low.bucket, LIMIT, { ticket: 'high', priority: 9 }, 11)
  expect([low.permit.granted, high.permit.granted]).toEqual([false, false])
  // One token is back: the lower asks first, and has to let the higher by.
  const lowAgain = permit(high.bucket, LIMIT, { ticket: 'low', priority: 1 }, 1_000)
  const highAgain = permit(lowAgain.bucket, LIMIT, { ticket: 'high', priority: 9 }, 1_000)
  expect([lowAgain.permit.granted, highAgain.permit.granted]).toEqual([false, true])
})

test('a caller that never comes back holds nobody up for more than its patience', () => {
  let bucket: Bucket = emptyBucket
  for (let i = 0; i < LIMIT.calls; i++)
    bucket = permit(bucket, LIMIT, { ticket: `first${i}`, priority: 1 }, 0).bucket
  bucket = permit(bucket, LIMIT, { ticket: 'dead', priority: 9 }, 1).bucket
  for (let i = 0; i < LIMIT.calls - 1; i++)
    bucket = permit(bucket, LIMIT, { ticket: `next${i}`, priority: 5 }, 1_500).bucket
  expect(permit(bucket, LIMIT, { ticket: 'alive', priority: 1 }, 1_600).permit.granted).toBe(false)
  expect(permit(bucket, LIMIT, { ticket: 'alive', priority: 1 }, 7_000).permit.granted).toBe(true)
})

test('a remote that says "too many" closes the gate until it said', () => {
  const bucket = penalise(emptyBucket, 5_000)
  const early = permit(bucket, LIMIT, { ticket: 'a', priority: 1 }, 1)
  expect(early.permit).toEqual({ granted: false, at: 5_000 })
  expect(permit(early.bucket, LIMIT, { ticket: 'a', priority: 1 }, 5_000).permit.granted).toBe(true)
})
