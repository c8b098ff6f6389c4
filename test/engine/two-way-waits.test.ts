import { beforeEach, expect, test } from 'vitest'
import type { Answer } from '../../sync/engine/ports.ts'
import { type TwoWayWorld, twoWayWorld } from './two-way-world.ts'
import { drain, rows, syncRequest } from './world.ts'

// What is changed here while a run waits for a sheet that is busy, or does not answer.

let on: TwoWayWorld
beforeEach(async () => {
  on = twoWayWorld()
  on.book.type('employee_settings', { id: 'E1', name: 'Ann', hourly_wage: 1_000, commission: 0.05 })
  await on.sync()
  await on.sync()
})

const away: Answer<never> = {
  ok: false,
  failure: { type: 'unavailable', reason: 'no answer', mend: 'wait' },
}

/** Starts a run and goes on until it waits for a remote that failed. */
async function waiting(): Promise<void> {
  on.world.clock.advance(300_000)
  await on.lane.request(syncRequest({ link: 'reference.sheet', scope: 'shared' }))
  on.world.clock.set(Number(on.world.alarm))
  on.world.alarm = null
  await on.lane.alarm()
  expect(on.world.alarm).not.toBeNull()
}

const wage = () => [
  on.here('employee_settings')[0]?.hourly_wage,
  on.book.row('employee_settings', 0).values.hourly_wage,
]

test('what is set while a run waits to ask whether the sheet changed is written by it', async () => {
  on.book.fail.push(away)
  await waiting()
  await on.edit('employee_settings', 'E1', { hourly_wage: 2_000 })
  await on.sync()
  expect(wage()).toEqual([2_000, 2_000])
})

test('what is set while a run waits to read the sheet is written by it', async () => {
  await on.edit('employee_settings', 'E1', { hourly_wage: 1_500 })
  on.book.fail.push({ ok: true, value: '99' } as never, away)
  await waiting()
  await on.edit('employee_settings', 'E1', { hourly_wage: 2_000 })
  await on.sync()
  expect(wage()).toEqual([2_000, 2_000])
})

test('what is set after a write whose answer got lost outlives it: what the sheet shows is what we wrote, and nobody’s edit', async () => {
  await on.edit('employee_settings', 'E1', { hourly_wage: 1_500 })
  on.book.loseAnswers = 1
  await waiting()
  expect(wage()).toEqual([1_500, 1_500])
  await on.edit('employee_settings', 'E1', { hourly_wage: 2_000 })
  await on.sync()
  await on.sync()
  expect(wage()).toEqual([2_000, 2_000])
  expect(on.conflicts()).toEqual([])
})

test('so does what is set in a new row whose writing was not heard of', async () => {
  await on.edit('employee_settings', 'E2', { hourly_wage: 1_500, commission: 0 }, 'insert')
  on.book.loseAnswers = 1
  await waiting()
  await on.edit('employee_settings', 'E2', { hourly_wage: 2_000 })
  await on.sync()
  await on.sync()
  expect(on.book.tabs.get('employee_settings')?.map(({ values }) => values.hourly_wage)).toEqual([
    1_000, 2_000,
  ])
  expect(on.here('employee_settings').map((row) => row.hourly_wage)).toEqual([1_000, 2_000])
})

test('once it was read again, a person’s edit to the very value that we once sent counts', async () => {
  await on.edit('employee_settings', 'E1', { hourly_wage: 1_500 })
  on.book.loseAnswers = 1
  await on.sync()
  for (const typed of [1_800, 1_500]) {
    on.book.row('employee_settings', 0).values.hourly_wage = typed
    on.book.stamp++
    await on.sync()
    expect(wage()).toEqual([typed, typed])
  }
})

test('a run that a write asked for does not put off the next look at the sheet', async () => {
  const due = () => rows(on.world, 'SELECT next_due_at FROM link_state')[0]?.next_due_at
  const ask = async (trigger: 'cron' | 'write') => {
    await on.lane.request(syncRequest({ link: 'reference.sheet', scope: 'shared', trigger }))
    await drain(on.world, on.lane)
  }
  on.world.clock.set(Number(due()))
  await ask('cron')
  const planned = due()
  on.world.clock.advance(120_000)
  await on.edit('employee_settings', 'E1', { hourly_wage: 2_000 })
  await ask('write')
  expect([due(), wage()]).toEqual([planned, [2_000, 2_000]])
  on.world.clock.set(Number(planned))
  await ask('cron')
  expect(Number(due())).toBeGreaterThan(Number(planned))
})

test('what a tab committed before an unexpected error counts for the edit that comes next', async () => {
  await on.edit('employee_settings', 'E1', { commission: 0.5 })
  on.book.row('employee_settings', 0).values.name = 'Anna'
  on.book.stamp++
  const carryOut = on.book.edit
  on.book.edit = async () => {
    on.book.edit = carryOut as NonNullable<typeof carryOut>
    throw new Error('a bug of the remote')
  }
  await waiting()
  expect(on.here('employee_settings')[0]?.name).toBe('Anna')
  expect(await on.edit('employee_settings', 'E1', { hourly_wage: 2_000 })).toBe('applied')
  expect(on.abandoned).toEqual([])
  await on.sync()
  expect(wage()).toEqual([2_000, 2_000])
})
