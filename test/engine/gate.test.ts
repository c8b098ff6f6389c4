import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Bucket, emptyBucket, penalise, permit } from '../../sync/engine/gate.ts'

const LIMIT = { calls: 5, period: 1_000 }

interface Arrival {
  gap: number
  priority: number
  /** Comes no second time */
  dies: boolean
  /** Comes back so much later than it was told */
  late: number
}
const arrival: fc.Arbitrary<Arrival> = fc.record({
  gap: fc.integer({ min: 0, max: 400 }),
  priority: fc.integer({ min: 0, max: 3 }),
  dies: fc.boolean(),
  late: fc.constantFrom(0, 0, 1, 50),
})
const refusal = fc.record({ after: fc.nat(60), until: fc.integer({ min: 1, max: 5_000 }) })

/** Everyone arrives, and comes back when told until it is let through. `refusals` are the remote's "too many". */
function play(arrivals: readonly Arrival[], refusals: readonly { after: number; until: number }[] = []) {
  let bucket: Bucket = emptyBucket
  let start = 0
  let due = arrivals.map(({ gap, ...rest }, i) => {
    start += gap
    return { ...rest, ticket: `t${i}`, at: start, came: 0, start }
  })
  const granted: { at: number; ticket: string; waited: number }[] = []
  const closed: { from: number; until: number }[] = []
  for (let calls = 0; due.length > 0; calls++) {
    expect(calls).toBeLessThan(20_000)
    due.sort((a, b) => a.at - b.at)
    const caller = due[0]!
    const now = caller.at
    const answer = permit(bucket, LIMIT, caller, now)
    bucket = answer.bucket
    caller.came++
    if (answer.permit.granted) {
      granted.push({ at: now, ticket: caller.ticket, waited: now - caller.start })
      for (const { until } of refusals.filter(({ after }) => after === granted.length)) {
        bucket = penalise(bucket, now + until)
        closed.push({ from: now, until: now + until })
      }
    } else {
      expect(answer.permit.at).toBeGreaterThan(now)
      caller.at = answer.permit.at + caller.late
    }
    if (answer.permit.granted || (caller.dies && caller.came > 0))
      due = due.filter((other) => other !== caller)
  }
  return { granted, closed }
}

test('no window of a period ever holds more calls than the limit', () => {
  fc.assert(
    fc.property(fc.array(arrival, { maxLength: 60 }), (arrivals) => {
      const { granted } = play(arrivals)
      for (const { at } of granted) {
        const window = granted.filter((other) => other.at >= at && other.at < at + LIMIT.period)
        expect(window.length).toBeLessThanOrEqual(LIMIT.calls)
      }
    }),
  )
})

test('whoever comes back when told is served in the end, though others die and the remote refuses', () => {
  fc.assert(
    fc.property(
      fc.array(arrival, { maxLength: 40 }),
      fc.array(refusal, { maxLength: 3 }),
      (arrivals, refusals) => {
        const { granted } = play(arrivals, refusals)
        const served = new Set(granted.map(({ ticket }) => ticket))
        for (const [i, { dies }] of arrivals.entries()) if (!dies) expect(served).toContain(`t${i}`)
        expect(served.size).toBe(granted.length)
      },
    ),
  )
})

test('nobody passes while the remote has said "too many"', () => {
  fc.assert(
    fc.property(
      fc.array(arrival, { maxLength: 40 }),
      fc.array(refusal, { maxLength: 5 }),
      (arrivals, refusals) => {
        const { granted, closed } = play(arrivals, refusals)
        for (const { from, until } of closed)
          expect(granted.filter(({ at }) => at > from && at < until)).toEqual([])
      },
    ),
  )
})

test('of all who wait, those of the higher priority pass first, and of equals who came first', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 20 }),
      fc.infiniteStream(fc.nat()),
      (priorities, keys) => {
        let bucket: Bucket = emptyBucket
        for (let i = 0; i < LIMIT.calls; i++)
          bucket = permit(bucket, LIMIT, { ticket: `first${i}`, priority: 9 }, 0).bucket
        const callers = priorities.map((priority, i) => ({ priority, ticket: `t${i}`, i }))
        for (const caller of callers) bucket = permit(bucket, LIMIT, caller, 1 + caller.i).bucket
        // All tokens are back, and all come at once in any order.
        const order = callers.map((caller) => ({ caller, key: keys.next().value as number }))
        const passed: number[] = []
        for (const { caller } of order.sort((a, b) => a.key - b.key)) {
          const answer = permit(bucket, LIMIT, caller, LIMIT.period)
          bucket = answer.bucket
          if (answer.permit.granted) passed.push(caller.i)
        }
        const rank = [...callers].sort((a, b) => b.priority - a.priority || a.i - b.i).map(({ i }) => i)
        expect([...passed].sort()).toEqual(rank.slice(0, LIMIT.calls).sort())
      },
    ),
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
