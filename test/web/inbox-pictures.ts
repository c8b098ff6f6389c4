import type { Page } from 'playwright-core'
import type { Picture } from './screenshots.ts'

const SIZE = { projects: 2, accounts: 4, conflicts: 9 }
const FULL = { projects: 2, accounts: 4, conflicts: 500 }
const sees = (text: string | RegExp) => (page: Page) => page.getByText(text).first().waitFor()

/** Opens what a button leads to, and waits for its plan. */
const asks = (name: string | RegExp) => async (page: Page) => {
  await page.getByRole('button', { name }).first().click()
  await page.getByText('This would change').waitFor()
}

/** Of the README. */
export const INBOX_PICTURES: readonly Picture[] = [
  { name: 'inbox', path: '/conflicts', size: SIZE, before: sees('Two admins') },
  { name: 'timeline', path: '/history/events/e_lamps', size: SIZE, before: sees('Ann changed seats') },
]

const bulk = async (page: Page) => {
  await page.getByRole('checkbox', { name: /Select all/ }).check()
  await page.getByRole('button', { name: 'Keep what stands here', exact: true }).click()
  await page.getByText(/would be settled/).waitFor()
}

/** Every other state of the inbox, a conflict, the timeline and the devices. */
export const INBOX_STATES: readonly Picture[] = [
  { name: 'inbox-dark', path: '/conflicts', size: SIZE, theme: 'dark' },
  { name: 'inbox-small', path: '/conflicts', size: SIZE, small: true },
  { name: 'inbox-empty', path: '/conflicts', size: { projects: 0, accounts: 0 } },
  { name: 'inbox-settled', path: '/conflicts?state=settled', size: SIZE },
  { name: 'inbox-500', path: '/conflicts', size: FULL },
  { name: 'inbox-none-found', path: '/conflicts?q=nobody', size: SIZE },
  { name: 'inbox-user', path: '/conflicts', size: SIZE, behaviour: { role: 'user' } },
  {
    name: 'inbox-failing',
    path: '/conflicts',
    size: SIZE,
    prepare: (fake) => fake.behaviour.failing.push('/api/sync', '/api/conflicts'),
  },
  {
    name: 'inbox-selected',
    path: '/conflicts',
    size: SIZE,
    before: async (page) => {
      for (const box of (await page.getByRole('checkbox', { name: /^Select: / }).all()).slice(0, 3))
        await box.check()
    },
  },
  {
    name: 'inbox-selected-small',
    path: '/conflicts',
    size: SIZE,
    small: true,
    before: async (page) => {
      await page
        .getByRole('checkbox', { name: /^Select: / })
        .first()
        .check()
    },
  },
  { name: 'ask-rename', path: '/conflicts', size: SIZE, before: asks(/Rename to john/) },
  { name: 'ask-rename-small', path: '/conflicts', size: SIZE, small: true, before: asks(/Rename to john/) },
  { name: 'ask-bulk', path: '/conflicts', size: SIZE, before: bulk },
  {
    name: 'ask-bulk-failed',
    path: '/conflicts',
    size: SIZE,
    before: async (page, fake) => {
      fake.world.sync.failing.set('d_phone', 'The phone number is pinned.')
      await bulk(page)
    },
  },
  { name: 'ask-auto', path: '/conflicts', size: SIZE, before: asks(/^Auto-resolve$/) },
  { name: 'ask-auto-small', path: '/conflicts', size: SIZE, small: true, before: asks(/^Auto-resolve$/) },
  {
    name: 'ask-moved',
    path: '/conflicts/d_merge',
    size: SIZE,
    before: async (page, fake) => {
      await asks(/Keep the local edit/)(page)
      fake.world.sync.meanwhile = () => {
        Object.assign(fake.world.sync.rows.get('events e_lamps') ?? {}, { seats: 90 })
      }
      await page.getByRole('dialog').getByRole('button', { name: 'Keep the local edit' }).click()
      await page.getByText('Something changed since you looked').waitFor()
    },
  },
  {
    name: 'ask-keys',
    path: '/conflicts',
    size: SIZE,
    before: async (page) => {
      await page.getByText('Two admins').first().waitFor()
      await page.keyboard.press('?')
      await page.getByRole('dialog').waitFor()
    },
  },
  {
    name: 'inbox-done',
    path: '/conflicts',
    size: SIZE,
    before: async (page) => {
      await asks(/Rename to john/)(page)
      await page.getByRole('dialog').getByRole('button', { name: 'Rename' }).click()
      await page.getByRole('button', { name: 'Undo' }).waitFor()
    },
  },
  { name: 'conflict-unique', path: '/conflicts/d_unique', size: SIZE, before: sees('What to do') },
  { name: 'conflict-merge', path: '/conflicts/d_merge', size: SIZE, before: sees('Ann changed seats') },
  {
    name: 'conflict-merge-dark',
    path: '/conflicts/d_merge',
    size: SIZE,
    theme: 'dark',
    before: sees('What to do'),
  },
  {
    name: 'conflict-merge-small',
    path: '/conflicts/d_merge',
    size: SIZE,
    small: true,
    before: sees('What to do'),
  },
  { name: 'conflict-deleted', path: '/conflicts/d_deleted', size: SIZE, before: sees('What to do') },
  { name: 'conflict-delete', path: '/conflicts/d_delete', size: SIZE, before: sees('What to do') },
  { name: 'conflict-settled', path: '/conflicts/d_settled', size: SIZE, before: sees('Asked her') },
  { name: 'ask-merge', path: '/conflicts/d_merge', size: SIZE, before: asks(/Merge by hand/) },
  {
    name: 'ask-merge-small',
    path: '/conflicts/d_merge',
    size: SIZE,
    small: true,
    before: asks(/Merge by hand/),
  },
  { name: 'timeline-dark', path: '/history/events/e_lamps', size: SIZE, theme: 'dark' },
  { name: 'timeline-small', path: '/history/events/e_lamps', size: SIZE, small: true },
  { name: 'timeline-empty', path: '/history/admins/nobody', size: SIZE },
  { name: 'ask-undo-run', path: '/history/events/e_lamps', size: SIZE, before: asks(/Undo this run/) },
  { name: 'devices', path: '/devices', size: SIZE },
  { name: 'devices-dark', path: '/devices', size: SIZE, theme: 'dark' },
  { name: 'devices-small', path: '/devices', size: SIZE, small: true },
  {
    name: 'devices-synced',
    path: '/devices',
    size: SIZE,
    before: async (page) => {
      await page.getByRole('button', { name: 'Sync all devices now' }).click()
      await page.getByText('2 of 2 devices synced').first().waitFor()
    },
  },
]
