import { expect, test } from 'vitest'
import { hourOf } from './workbooks-world.ts'

// Many workbooks, one service account: what an hour of them comes to, through one gate. Fifty of them are measured by `npm run bench`.

const MINUTE = 60_000

test('an hour of 30 workbooks that are looked at every 5 minutes and edited by people and a bot never meets a 429', {
  timeout: 120_000,
}, async () => {
  const hour = await hourOf(30, 10)
  expect(hour).toMatchObject({ refused: 0, lost: 0, doubled: 0 })
  expect(hour.most.read).toBeLessThanOrEqual(60)
  expect(hour.most.write).toBeLessThanOrEqual(60)
  expect(hour.begun).toBeLessThan(5 * MINUTE)
  expect(hour.typed).toBeLessThan(6 * MINUTE)
  expect(hour.set).toBeLessThan(MINUTE)
})

test('with 30 % of all calls failing everything arrives, and no row is doubled', {
  timeout: 120_000,
}, async () => {
  const hour = await hourOf(8, 4, { share: 0.3 })
  expect(hour).toMatchObject({ refused: 0, lost: 0, doubled: 0 })
  expect(hour.failed).toBeGreaterThan(hour.calls / 5)
})
