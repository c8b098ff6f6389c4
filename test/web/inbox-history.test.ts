import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { visits } from './visit.ts'

const visit = visits()
const SIZE = { projects: 1, accounts: 4, conflicts: 9 }
const dialog = (page: Page) => page.getByRole('dialog')
const entries = (page: Page) => page.locator('.timeline > li')

test('a row’s history is told in plain words, what one commit or run did together', async () => {
  const { page } = await visit({ path: '/history/events/e_lamps', size: SIZE })
  await entries(page).first().waitFor()
  expect(await page.locator('.happening-title').allTextContents()).toEqual([
    'Ann changed seats',
    'Front desk proposed title, and a rule kept what stood',
    'Ada settled a conflict: kept the local edit',
    'Ada pinned price',
    'A scheduled run changed hall and price',
    'Office laptop added the row',
  ])
  expect(await entries(page).nth(1).textContent()).toContain('not takenthe newest edit wins')
  expect(await entries(page).nth(4).textContent()).toMatch(
    /in the sheet.*hall garden\s+became\s+main hall.*price 400\s+became\s+500/,
  )
  expect(await entries(page).nth(1).getByRole('button').count()).toBe(0)
})

test('an undo shows first which values return', async () => {
  const { page, fake } = await visit({ path: '/history/events/e_lamps', size: SIZE })
  await page.getByRole('button', { name: 'Undo this: Ann changed seats' }).click()
  await dialog(page).getByText('120', { exact: true }).waitFor()
  expect(fake.world.sync.rows.get('events e_lamps')?.seats).toBe(120)
  await dialog(page).getByRole('button', { name: 'Undo' }).click()
  await dialog(page).waitFor({ state: 'detached' })
  expect(fake.world.sync.rows.get('events e_lamps')?.seats).toBe(100)
  await expect.poll(() => page.evaluate('document.activeElement.tagName')).toBe('H1')
})

test('what was changed since becomes a conflict, and the plan says so', async () => {
  const { page, fake } = await visit({ path: '/history/events/e_lamps', size: SIZE })
  Object.assign(fake.world.sync.rows.get('events e_lamps') ?? {}, { seats: 90 })
  await page.getByRole('button', { name: 'Undo this: Ann changed seats' }).click()
  await dialog(page).getByText('Events e_lamps becomes a conflict: undo: seats was changed since').waitFor()
  await dialog(page).getByText('No row: everything was changed since').waitFor()
})

test('what a sheet would bring back can be pinned with the undo of its run', async () => {
  const { page, fake } = await visit({ path: '/history/events/e_lamps', size: SIZE })
  await page.getByRole('button', { name: /^Undo this run/ }).click()
  const pin = dialog(page).getByRole('checkbox', {
    name: 'Pin the hall and price, or the sheet brings them back',
  })
  await pin.check()
  await dialog(page).getByText('is pinned').first().waitFor()
  await dialog(page).getByRole('button', { name: 'Undo' }).click()
  await dialog(page).waitFor({ state: 'detached' })
  const [commit] = fake.world.sync.commits
  expect(commit?.changes.map(({ op, key }) => `${op} ${key}`)).toEqual([
    'update e_lamps',
    'update e_lamps',
    'pin e_lamps',
    'pin e_lamps',
  ])
})

test('a row that its device alone has is said to have no history here', async () => {
  const { page } = await visit({ path: '/history/admins/nobody', size: SIZE })
  await page.getByText('Nothing is recorded here yet').waitFor()
})

test('who is no admin sees the history and is offered no undo', async () => {
  const { page } = await visit({ path: '/history/events/e_lamps', size: SIZE, behaviour: { role: 'user' } })
  await page.getByText('Ann changed seats').waitFor()
  expect(await page.getByRole('button', { name: /^Undo/ }).count()).toBe(0)
})
