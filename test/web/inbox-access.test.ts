import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { findings } from './axe.ts'
import { overflow, PHONE, type VisitOptions, visits } from './visit.ts'

const visit = visits()
const SIZE = { projects: 1, accounts: 4, conflicts: 9 }

interface State extends VisitOptions {
  readonly name: string
  readonly until: (page: Page) => Promise<void>
}

const sees = (text: string | RegExp) => (page: Page) => page.getByText(text).first().waitFor()
const planned = (name: RegExp) => async (page: Page) => {
  await page.getByRole('button', { name }).first().click()
  await page.getByText('This would change').waitFor()
}
const selected = async (page: Page) => {
  await page.getByRole('checkbox', { name: /Select all/ }).check()
  await page.getByText('8 selected').waitFor()
}

const STATES: readonly State[] = [
  { name: 'the inbox', path: '/conflicts', until: sees('Two admins') },
  { name: 'the inbox with a selection', path: '/conflicts', until: selected },
  {
    name: 'the inbox with nothing in it',
    path: '/conflicts',
    size: { projects: 0, accounts: 0 },
    until: sees('Nothing waits'),
  },
  { name: 'what was settled', path: '/conflicts?state=settled', until: sees('E-012') },
  { name: 'a search that finds nothing', path: '/conflicts?q=nobody', until: sees('No conflict matches') },
  {
    name: 'the inbox when reading fails',
    path: '/conflicts',
    before: (fake) => fake.behaviour.failing.push('/api/sync'),
    until: sees('What was kept'),
  },
  {
    name: 'the inbox while it loads',
    path: '/conflicts',
    before: (fake) => {
      fake.behaviour.gate = new Promise(() => {})
    },
    until: (page) => page.locator('main .skeleton').first().waitFor(),
  },
  { name: 'the inbox of a user', path: '/conflicts', behaviour: { role: 'user' }, until: sees('Two admins') },
  { name: 'a rename and its plan', path: '/conflicts', until: planned(/^Rename to john/) },
  {
    name: 'the line that offers the undo',
    path: '/conflicts',
    until: async (page) => {
      await planned(/^Rename to john/)(page)
      await page.getByRole('dialog').getByRole('button', { name: 'Rename' }).click()
      await page.getByRole('button', { name: 'Undo' }).waitFor()
    },
  },
  {
    name: 'a plan for many',
    path: '/conflicts',
    until: async (page) => {
      await selected(page)
      await page.getByRole('button', { name: 'Keep what stands here', exact: true }).click()
      await page.getByText(/would be settled/).waitFor()
    },
  },
  { name: 'the plan of auto-resolve', path: '/conflicts', until: planned(/^Auto-resolve$/) },
  { name: 'a taken name', path: '/conflicts/d_unique', until: sees('What to do') },
  { name: 'two edits of one row', path: '/conflicts/d_merge', until: sees('Ann changed seats') },
  { name: 'a merge by hand', path: '/conflicts/d_merge', until: planned(/Merge by hand/) },
  { name: 'a settled conflict', path: '/conflicts/d_settled', until: sees('Asked her') },
  { name: 'a timeline', path: '/history/events/e_lamps', until: sees('Ann changed seats') },
  { name: 'the undo of a run', path: '/history/events/e_lamps', until: planned(/^Undo this run/) },
  { name: 'the devices', path: '/devices', until: sees('Earlier settings') },
]

describe.each(['light', 'dark'] as const)('in %s colours', (colorScheme) => {
  test.each(STATES)('$name has no finding of axe', async ({ until, ...options }) => {
    const { page } = await visit({ size: SIZE, ...options, browser: { colorScheme } })
    await until(page)
    expect(await findings(page)).toEqual([])
  })
})

describe('on a screen of 320 pixels', () => {
  test.each(STATES)(
    '$name needs no scrolling sideways, and has no finding of axe',
    async ({ until, ...options }) => {
      const { page } = await visit({ size: SIZE, ...options, browser: PHONE })
      await until(page)
      expect(await overflow(page)).toBeLessThanOrEqual(0)
      expect(await findings(page)).toEqual([])
    },
  )
})

test('a press on ? shows the keys, which axe has nothing against', async () => {
  const { page } = await visit({ path: '/conflicts', size: SIZE })
  await page.getByText('Two admins').first().waitFor()
  await page.keyboard.press('?')
  await page.getByRole('dialog').waitFor()
  expect(await findings(page)).toEqual([])
})
