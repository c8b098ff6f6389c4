import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { findings } from './axe.ts'
import { makeHeld, makeNew, makeSyncing, makeUnlinked, makeUnreachable } from './sheet-scenes.ts'
import { overflow, PHONE, type VisitOptions, visits } from './visit.ts'

const visit = visits()
const path = '/sheets'

interface State extends VisitOptions {
  readonly name: string
  readonly until: (page: Page) => Promise<void>
}

const sees = (text: string | RegExp) => (page: Page) => page.getByText(text).first().waitFor()
const opens = (name: RegExp, text: string) => async (page: Page) => {
  await page.getByRole('button', { name }).first().click()
  await page.getByRole('dialog').getByText(text).first().waitFor()
}

const STATES: readonly State[] = [
  { name: 'workbooks in step', path, until: sees('Amara Okafor') },
  { name: 'held tabs', path, before: makeHeld, until: sees('The tab of ranks was replaced') },
  {
    name: 'a workbook that is not shared',
    path,
    before: makeUnreachable,
    until: sees('Google answered 403'),
  },
  { name: 'no workbook', path, before: makeUnlinked, until: sees('No workbook is linked') },
  { name: 'no run yet', path, before: makeNew, until: sees('No rows yet') },
  { name: 'a run under way', path, before: makeSyncing, until: sees('1 of 3 parts') },
  {
    name: 'a user’s view',
    path,
    before: makeHeld,
    behaviour: { role: 'user' },
    until: sees('An admin says what becomes of it'),
  },
  {
    name: 'a status that can not be read',
    path,
    before: (fake) => fake.behaviour.failing.push('/api/sheets'),
    until: sees('What was kept'),
  },
  {
    name: 'the view while it loads',
    path,
    before: (fake) => {
      fake.behaviour.gate = new Promise(() => {})
    },
    until: (page) => page.locator('main .skeleton').first().waitFor(),
  },
  { name: 'the form of a link', path, until: opens(/^Change the link/, 'Look every … minutes') },
  { name: 'instant sync', path, until: opens(/^Instant sync/, 'The secret, for') },
  {
    name: 'the answer to a guard',
    path,
    before: makeHeld,
    until: opens(/^Let them go/, 'This would change'),
  },
  {
    name: 'a cell that both sides changed',
    path: '/conflicts/s_cell',
    before: makeHeld,
    until: sees('In the database'),
  },
  {
    name: 'the inbox with conflicts of sheets',
    path: '/conflicts',
    before: makeHeld,
    until: sees('answer here'),
  },
]

describe.each(['light', 'dark'] as const)('in %s colours', (colorScheme) => {
  test.each(STATES)('$name has no finding of axe', async ({ until, ...options }) => {
    const { page } = await visit({ ...options, browser: { colorScheme } })
    await until(page)
    expect(await findings(page)).toEqual([])
  })
})

describe('on a screen of 320 pixels', () => {
  test.each(STATES)(
    '$name needs no scrolling sideways, and has no finding of axe',
    async ({ until, ...options }) => {
      const { page } = await visit({ ...options, browser: PHONE })
      await until(page)
      expect(await overflow(page)).toBeLessThanOrEqual(0)
      expect(await findings(page)).toEqual([])
    },
  )
})
