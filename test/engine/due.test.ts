import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dayIn, due, nextDue } from '../../sync/engine/due.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const schedule = { check: 30 * MINUTE, full: 24 * HOUR, daily: true }
const NOW = Date.UTC(2026, 10, 21, 12)
const ask = (over: Partial<Parameters<typeof due>[0]> = {}) =>
  due({
    trigger: 'manual',
    forced: false,
    schedule,
    now: NOW,
    zones: ['UTC'],
    state: { lastFullAt: NOW - HOUR, lastGoodAt: null, nextDueAt: NOW + MINUTE },
    ...over,
  })

test.each([
  ['a person is served at any time', {}, { run: 'check' }],
  ['the cron is not, before its time', { trigger: 'cron' }, { skip: expect.any(String) }],
  ['what never ran is read in full', { state: null }, { run: 'full' }],
  ['a forced run reads in full', { forced: true }, { run: 'full' }],
  [
    'a day after the last full read, everything is read',
    { now: NOW + 24 * HOUR, zones: [] },
    { run: 'full' },
  ],
  [
    'a new day in the zone of any part is read in full',
    {
      now: NOW,
      zones: ['UTC', 'Pacific/Kiritimati'],
      state: { lastFullAt: NOW - 3 * HOUR, lastGoodAt: null, nextDueAt: 0 },
    },
    { run: 'full' },
  ],
] as const)('%s', (_, over, expected) => {
  expect(ask(over as never)).toEqual(expected)
})

test('everything is read once the last full read is as old as the schedule says, and not before', () => {
  const state = { lastFullAt: NOW, lastGoodAt: null, nextDueAt: 0 }
  expect(ask({ now: NOW + 24 * HOUR - 1, zones: [], state })).toEqual({ run: 'check' })
  expect(ask({ now: NOW + 24 * HOUR, zones: [], state })).toEqual({ run: 'full' })
})

test('a cron at the interval of the link always finds it due', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 60_000 }),
      fc.integer({ min: 1, max: 24 * 60 }),
      (late, minutes) => {
        const every = { ...schedule, check: minutes * MINUTE }
        const startedAt = NOW + Math.min(late, every.check * 0.1)
        const state = { lastFullAt: NOW, lastGoodAt: null, nextDueAt: nextDue(every, startedAt, 0) }
        expect(
          ask({ trigger: 'cron', schedule: every, now: NOW + every.check, state, zones: [] }),
        ).not.toHaveProperty('skip')
      },
    ),
  )
})

const anyState = fc.record({
  lastFullAt: fc.option(fc.integer({ min: NOW - 3 * 24 * HOUR, max: NOW })),
  lastGoodAt: fc.option(fc.integer({ min: NOW - 3 * 24 * HOUR, max: NOW })),
  nextDueAt: fc.integer({ min: NOW - HOUR, max: NOW + HOUR }),
})

test('the cron runs exactly when the time has come, forced or not', () => {
  fc.assert(
    fc.property(anyState, fc.boolean(), (state, forced) => {
      const skipped = 'skip' in ask({ trigger: 'cron', state, forced })
      expect(skipped).toBe(NOW < state.nextDueAt)
    }),
  )
})

test('whoever is not the cron is never told to wait', () => {
  const others = fc.constantFrom('manual', 'readings', 'pin', 'hook')
  fc.assert(
    fc.property(others, fc.option(anyState), fc.boolean(), (trigger, state, forced) => {
      const answer = ask({ trigger, state, forced })
      expect(answer).not.toHaveProperty('skip')
      if (forced || state?.lastFullAt == null) expect(answer).toEqual({ run: 'full' })
    }),
  )
})

test('the first run of a new day in any zone reads everything, a second of the same days only asks', () => {
  const zones = ['UTC', 'Pacific/Kiritimati', 'Pacific/Pago_Pago', 'Asia/Kathmandu', 'America/New_York']
  // Around both changes of the clock in New York, too.
  const at = fc.integer({ min: Date.UTC(2026, 0), max: Date.UTC(2026, 11, 31) })
  const dateOf = (zone: string, time: number) => new Date(time).toLocaleDateString('sv', { timeZone: zone })
  fc.assert(
    fc.property(at, fc.integer({ min: 0, max: 23 * HOUR }), fc.subarray(zones), (last, later, some) => {
      const now = last + later
      const newDay = some.some((zone) => dateOf(zone, now) !== dateOf(zone, last))
      const state = { lastFullAt: last, lastGoodAt: null, nextDueAt: 0 }
      expect(ask({ now, zones: some, state })).toEqual({ run: newDay ? 'full' : 'check' })
    }),
  )
})

test('after trouble the wait doubles from a minute, and is never longer than the interval', () => {
  const waits = [1, 2, 3, 4, 5, 6, 20].map((failures) => nextDue(schedule, 0, failures) / MINUTE)
  expect(waits).toEqual([1, 2, 4, 8, 16, 27, 27])
})

test('a day is the calendar day of the zone', () => {
  const at = Date.UTC(2026, 2, 29, 0, 30)
  expect([dayIn('UTC', at), dayIn('America/New_York', at), dayIn('Asia/Tokyo', at)]).toEqual([
    '2026-03-29',
    '2026-03-28',
    '2026-03-29',
  ])
})
