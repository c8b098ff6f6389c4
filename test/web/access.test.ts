import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { findings } from './axe.ts'
import { makeBusy, makeTroubled } from './erp-scenes.ts'
import { TROUBLE_TEXT } from './fake-data.ts'
import { overflow, PHONE, type VisitOptions, visits } from './visit.ts'

const visit = visits()

interface View extends VisitOptions {
  readonly name: string
  /** What is there once the view is complete */
  readonly until: (page: Page) => Promise<void>
}

const sees = (text: string | RegExp) => (page: Page) => page.getByText(text).first().waitFor()

const makeCode = async (page: Page) => {
  await page.getByLabel('Whose it is').fill('ann')
  await page.getByRole('button', { name: 'Make a code' }).click()
  await page.getByRole('img', { name: 'QR code of the pairing link' }).waitFor()
}

const VIEWS: readonly View[] = [
  { name: 'the door', path: null, until: sees('Token') },
  { name: 'the overview', path: '/', until: sees('+5.29K') },
  { name: 'a project', path: '/projects/project-1', until: sees('saltandstone') },
  {
    name: 'an account',
    path: '/accounts/project-1-a1?metric=likes',
    until: async (page) => {
      await page.locator('.chart canvas').waitFor()
      await page.getByText('Pinned to').first().waitFor()
    },
  },
  {
    name: 'the pin dialog',
    path: '/accounts/project-1-a1',
    until: async (page) => {
      await page.getByRole('button', { name: 'Pin followers' }).click()
      await page.getByRole('dialog').waitFor()
    },
  },
  {
    name: 'the menu',
    path: '/',
    until: async (page) => {
      await page.getByRole('button', { name: /Menu/ }).click()
      await page.getByRole('button', { name: 'Sign out' }).waitFor()
    },
  },
  { name: 'the ERP at work', path: '/erp', before: makeBusy, until: sees('Held for one order') },
  {
    name: 'the ERP of many users, in trouble',
    path: '/erp',
    size: { projects: 1, accounts: 1, users: 40 },
    before: makeTroubled,
    until: sees('The checks can’t keep up'),
  },
  {
    name: 'the page without an ERP',
    path: '/erp',
    size: { projects: 1, accounts: 1, users: 0 },
    until: sees('No ERP is set up yet'),
  },
  {
    name: 'an order being written',
    path: '/erp',
    until: async (page) => {
      await page.getByRole('button', { name: 'Make an order' }).click()
      await page.getByRole('combobox', { name: 'Add a product' }).fill('schrauben')
      await page.getByRole('option', { name: /Schrauben/ }).click()
      await page.getByRole('combobox', { name: 'Customer' }).fill('a')
      await page.getByRole('option', { name: /Trattoria/ }).waitFor()
    },
  },
  {
    name: 'the question before a list is read whole',
    path: '/erp',
    until: async (page) => {
      await page.getByRole('button', { name: 'Read everything Products' }).click()
      await page.getByRole('dialog').waitFor()
    },
  },
  { name: 'the runs', path: '/runs', until: sees('Degraded') },
  { name: 'a run', path: '/runs/01JD0000000000000000000098', until: sees('What to do') },
  { name: 'a conflict of a sheet', path: '/conflicts/c_1', until: sees('Recommended') },
  { name: 'the question whose phone is paired', path: '/pair/phone', until: sees('What it is called') },
  { name: 'a code for a phone', path: '/pair/phone', until: makeCode },
  { name: 'a code for a laptop', path: '/pair/laptop', until: makeCode },
  { name: 'an unknown address', path: '/nowhere', until: sees('This address leads nowhere') },
  {
    name: 'the overview without projects',
    path: '/',
    size: { projects: 0, accounts: 0 },
    until: sees('No projects yet'),
  },
  {
    name: 'the overview when reading fails',
    before: (fake) => fake.behaviour.failing.push('/api/projects', '/api/admin'),
    until: sees('What was kept'),
  },
  {
    name: 'the overview when the sheet is out of reach',
    before: (fake) => {
      fake.world.trouble = TROUBLE_TEXT
    },
    until: sees('Not reachable'),
  },
]

describe.each(['light', 'dark'] as const)('in %s colours', (colorScheme) => {
  test.each(VIEWS)('$name has no finding of axe', async ({ until, ...options }) => {
    const { page } = await visit({ ...options, browser: { colorScheme } })
    await until(page)
    expect(await findings(page)).toEqual([])
  })
})

describe('on a screen of 320 pixels', () => {
  test.each(VIEWS)(
    '$name needs no scrolling sideways, and has no finding of axe',
    async ({ until, ...options }) => {
      const { page } = await visit({ ...options, browser: PHONE })
      await until(page)
      expect(await overflow(page)).toBeLessThanOrEqual(0)
      expect(await findings(page)).toEqual([])
    },
  )
})
