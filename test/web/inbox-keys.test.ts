import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { visits } from './visit.ts'

const visit = visits()
const SIZE = { projects: 1, accounts: 4, conflicts: 9 }
const dialog = (page: Page) => page.getByRole('dialog')
const focused = (page: Page) =>
  page.evaluate<string>(
    'document.activeElement.closest("[data-id]")?.dataset.id ?? document.activeElement.tagName',
  )

/** Presses keys one after the other. */
async function press(page: Page, ...keys: string[]): Promise<void> {
  for (const key of keys) await page.keyboard.press(key)
}

test('keys alone go through the list, settle, and undo; the focus stays in the list', async () => {
  const { page, fake } = await visit({ path: '/conflicts', size: SIZE })
  await page.getByText('Two admins').first().waitFor()
  await press(page, 'j')
  expect(await focused(page)).toBe('d_unique')
  await press(page, 'j', 'ArrowDown', 'k', 'k')
  expect(await focused(page)).toBe('d_unique')

  await press(page, 'r')
  await dialog(page).getByText('“john_a7k2”').waitFor()
  await press(page, 'Enter')
  await expect.poll(() => focused(page)).toBe('d_more_1')
  await expect
    .poll(() => page.locator('p[role="status"].hidden').textContent())
    .toBe('Settled: John Miller is now john_a7k2')

  await press(page, 'h')
  await dialog(page).getByText('is removed').waitFor()
  await press(page, 'Enter')
  await expect.poll(() => focused(page)).toBe('d_more_3')
  expect(fake.world.sync.conflicts.find(({ _id }) => _id === 'd_more_1')?.resolution).toBe('keep_remote')

  await press(page, 'u')
  await dialog(page).getByText('The conflict is open again.').waitFor()
  await dialog(page).getByRole('button', { name: 'Undo' }).press('Enter')
  await expect
    .poll(() => fake.world.sync.conflicts.find(({ _id }) => _id === 'd_more_1')?.resolved)
    .toBe(false)
  await expect.poll(() => focused(page)).toBe('d_more_1')
})

test('Enter opens a conflict, whose page has the same keys', async () => {
  const { page } = await visit({ path: '/conflicts', size: SIZE })
  await page.getByText('Two admins').first().waitFor()
  await press(page, 'j', 'Enter')
  await page.getByRole('heading', { level: 1, name: 'Two admins want the username “john”' }).waitFor()
  await page.getByText('What to do').waitFor()
  await press(page, 'l')
  await dialog(page).getByRole('heading', { name: 'Keep the local edit: John Miller' }).waitFor()
  await press(page, 'Escape', 'h')
  await dialog(page).getByText('is removed').waitFor()
  await press(page, 'Enter')
  await page.getByText('Settled: kept what stood here, by Ada').waitFor()
  await press(page, 'u')
  await dialog(page).getByText('The conflict is open again.').waitFor()
})

test('a question mark shows the keys, and letters can be switched off for good', async () => {
  const { page } = await visit({ path: '/conflicts', size: SIZE })
  await page.getByText('Two admins').first().waitFor()
  await press(page, '?')
  await dialog(page).getByText('Keep what stands here').waitFor()
  await dialog(page).getByRole('checkbox', { name: 'Use letters as keys' }).uncheck()
  await press(page, 'Escape', 'j')
  expect(await focused(page)).not.toBe('d_unique')
  await page.reload()
  await page.getByText('Two admins').first().waitFor()
  await press(page, 'j', '?')
  expect(await dialog(page).count()).toBe(0)
})

test('letters that are typed into a field are text', async () => {
  const { page } = await visit({ path: '/conflicts', size: SIZE })
  await page.getByRole('searchbox').pressSequentially('rjhux?')
  expect(await page.getByRole('searchbox').inputValue()).toBe('rjhux?')
  expect(await dialog(page).count()).toBe(0)
})

test('Tab reaches a row’s box, its link and its button, and Escape gives the focus back', async () => {
  const { page } = await visit({ path: '/conflicts', size: SIZE })
  await page.getByText('Two admins').first().waitFor()
  const here = () =>
    page.evaluate<string>(
      'document.activeElement.getAttribute("aria-label") ?? document.activeElement.textContent',
    )
  await page.getByRole('button', { name: 'Keys' }).focus()
  await press(page, 'Tab')
  expect(await here()).toMatch(/^Select: Two admins want the username “john”/)
  await press(page, 'Tab')
  expect(await here()).toMatch(/^Two admins want the username “john”/)
  await press(page, 'Tab')
  expect(await here()).toMatch(/^Rename to john_a7k2: Two admins/)
  await press(page, 'Enter')
  await dialog(page).getByText('This would change').waitFor()
  await press(page, 'Escape')
  expect(await here()).toMatch(/^Rename to john_a7k2: Two admins/)
})

test('a strategy that does not fit is told, and does nothing', async () => {
  const { page } = await visit({ path: '/conflicts?kind=delete', size: SIZE })
  await page.getByText('Deleted on Ann’s phone').waitFor()
  await press(page, 'j', 'r')
  await expect
    .poll(() => page.locator('p[role="status"].hidden').textContent())
    .toBe('Rename: not for this conflict')
  expect(await dialog(page).count()).toBe(0)
})
