import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { visits } from './visit.ts'

const visit = visits()
const SIZE = { projects: 1, accounts: 4, conflicts: 9 }
const dialog = (page: Page) => page.getByRole('dialog')
const boxes = (page: Page) => page.getByRole('checkbox', { name: /^Select: / })
const focused = (page: Page) =>
  page.evaluate<string>(
    'document.activeElement.closest("[data-id]")?.dataset.id ?? document.activeElement.tagName',
  )

test('a range is selected with shift, and settled alike; one that fails is listed and the rest is done', async () => {
  const { page, fake } = await visit({ path: '/conflicts', size: SIZE })
  await boxes(page).first().check()
  await boxes(page)
    .nth(5)
    .click({ modifiers: ['Shift'] })
  await page.getByText('6 selected').waitFor()
  await page.getByRole('button', { name: 'Keep what stands here', exact: true }).click()
  await dialog(page).getByText('6 would be settled').waitFor()
  fake.world.sync.failing.set('d_delete', 'The row is pinned.')
  await dialog(page).getByRole('button', { name: 'Keep what stands here' }).click()
  await dialog(page).getByText('5 conflicts settled').waitFor()
  const left = dialog(page).getByRole('region', { name: '1 left open' })
  expect(await left.getByRole('listitem').allTextContents()).toEqual([
    expect.stringMatching(/R\. Iyer.*Deleted on Ann’s phone.*The row is pinned\./),
  ])
  await dialog(page).getByRole('button', { name: 'Close' }).click()
  expect(await page.locator('.inbox-row').count()).toBe(4)
  await expect.poll(() => focused(page)).toBe('d_more_2')
  expect(fake.world.sync.conflicts.filter(({ resolution }) => resolution === 'keep_remote')).toHaveLength(5)
})

test('what can not be settled so is said before it is begun', async () => {
  const { page, fake } = await visit({ path: '/conflicts', size: SIZE })
  fake.world.sync.failing.set('d_phone', 'The phone is pinned.')
  await page.getByRole('checkbox', { name: /Select all/ }).check()
  await page.getByText('8 selected').waitFor()
  await page.getByRole('button', { name: 'Keep the local edits' }).click()
  await dialog(page).getByText('7 would be settled').waitFor()
  await dialog(page).getByText('The phone is pinned.').waitFor()
  await dialog(page).getByText('“priest1_x0q4”').waitFor()
  await dialog(page).getByRole('button', { name: 'Cancel' }).click()
  expect(fake.world.sync.conflicts.filter(({ resolved }) => resolved)).toHaveLength(1)
})

test('one that changed between looking and settling is left alone', async () => {
  const { page, fake } = await visit({ path: '/conflicts?collection=events', size: SIZE })
  await boxes(page).first().check()
  await page.getByRole('button', { name: 'Keep the local edits' }).click()
  await dialog(page).getByText('1 would be settled').waitFor()
  fake.world.sync.meanwhile = () =>
    Object.assign(fake.world.sync.rows.get('events e_lamps') ?? {}, { seats: 90 })
  await dialog(page).getByRole('button', { name: 'Keep the local edits' }).click()
  await dialog(page).getByText('It changed since you looked, so it was left alone.').waitFor()
  expect(fake.world.sync.rows.get('events e_lamps')?.seats).toBe(90)
})

test('a long work shows how far it is, and can be stopped', async () => {
  const { page, fake } = await visit({
    path: '/conflicts',
    size: { projects: 1, accounts: 4, conflicts: 200 },
  })
  await page.getByRole('checkbox', { name: 'Select all 199' }).check()
  const { promise: gate, resolve: open } = Promise.withResolvers<void>()
  await page.getByRole('button', { name: 'Keep what stands here', exact: true }).click()
  await dialog(page).getByText('199 would be settled').waitFor()
  fake.behaviour.gate = gate
  await dialog(page).getByRole('button', { name: 'Keep what stands here' }).click()
  await dialog(page).getByText('Settling: 0 of 199').waitFor()
  expect(await dialog(page).getByRole('progressbar').getAttribute('aria-valuemax')).toBe('199')
  await dialog(page).getByRole('button', { name: 'Stop' }).click()
  open()
  await page
    .getByText('Stopped')
    .or(page.getByText('4 conflicts settled'))
    .first()
    .waitFor({ state: 'attached' })
  await expect
    .poll(() => fake.world.sync.conflicts.filter(({ resolution }) => resolution === 'keep_remote').length)
    .toBe(4)
})

test('auto-resolve shows what it would do, what it leaves and why, and then does that', async () => {
  const { page, fake } = await visit({ path: '/conflicts', size: SIZE })
  await page.getByRole('button', { name: 'Auto-resolve', exact: true }).click()
  const done = dialog(page).getByRole('region', { name: 'Would be settled' })
  await done.getByText('The local edit is younger than an hour').waitFor()
  expect(await done.getByRole('row').count()).toBe(3)
  await dialog(page)
    .getByRole('region', { name: 'Would be left to you' })
    .getByText('a person must say')
    .waitFor()
  await dialog(page).getByText('“john_a7k2”').waitFor()
  expect(fake.world.sync.rows.has('admins a_new')).toBe(false)
  await dialog(page).getByRole('button', { name: 'Settle these' }).click()
  await expect
    .poll(() => page.locator('p[role="status"].hidden').textContent())
    .toBe('2 conflicts settled, 6 left to you')
  expect(await page.locator('.inbox-row').count()).toBe(7)
  expect(fake.world.sync.rows.get('admins a_new')?.username).toBe('john_a7k2')
})
