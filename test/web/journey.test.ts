import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { TOKEN } from './fake-server.ts'
import { visits } from './visit.ts'

const visit = visits()
const heading = (page: Page, name: string | RegExp) =>
  page.getByRole('heading', { level: 1, name, exact: true })

test('a sign-in link lets in and leaves no code in the address bar', async () => {
  const { page, fake } = await visit()
  expect(page.url()).toBe(`${fake.url}/`)
  await page.reload()
  await heading(page, 'Overview').waitFor()
})

test('a refused token says what happened, what was kept and what to do, and the right one then works', async () => {
  const { page } = await visit({ path: null })
  await page.getByLabel('Token').fill('wrong')
  await page.getByRole('button', { name: 'Sign in' }).click()
  const alert = page.getByRole('alert')
  await alert.getByText('This code or token is not known, or was used before.').waitFor()
  await alert.getByText('Nothing was changed.').waitFor()
  await alert.getByText('Ask an admin for a new one.').waitFor()
  await page.getByLabel('Token').fill(TOKEN)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await heading(page, 'Overview').waitFor()
})

test('with the keyboard alone: sign in, sync, go to an account, pin a metric', async () => {
  const { page, fake } = await visit({ path: null, behaviour: { pace: 20 } })
  await tabTo(page, 'Token')
  await page.keyboard.type(TOKEN)
  await page.keyboard.press('Enter')
  await heading(page, 'Overview').waitFor()

  await tabTo(page, 'Sync now')
  await page.keyboard.press('Enter')
  await page
    .getByText(/4 of 4 projects synced/)
    .first()
    .waitFor()

  await tabTo(page, 'Harbour Films')
  await page.keyboard.press('Enter')
  await heading(page, 'Harbour Films').waitFor()
  await expect.poll(() => focused(page)).toBe('Harbour Films')

  await tabTo(page, 'Filter accounts')
  await page.keyboard.type('harbourf')
  await tabTo(page, 'harbourfilms')
  await page.keyboard.press('Enter')
  await heading(page, 'harbourfilms').waitFor()

  await tabTo(page, 'Pin followers')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').waitFor()
  expect(await page.getByLabel('Value').inputValue()).toBe(String(fake.world.accounts[0]?.followers))
  await page.keyboard.press('ControlOrMeta+A')
  await page.keyboard.type('150,000')
  await page.keyboard.press('Tab')
  await page.keyboard.type('Counted by hand')
  await page.keyboard.press('Enter')
  await page.getByText('Pinned to 150,000').first().waitFor()
  await page.getByText('“Counted by hand”').waitFor()
  expect(await page.getByRole('dialog').count()).toBe(0)
  expect(fake.world.accounts[0]?.pins.find((pin) => pin.column === 'followers')).toMatchObject({
    value: 150_000,
    note: 'Counted by hand',
    until: null,
  })
})

test('a pin is released, and the history tells of both', async () => {
  const { page, fake } = await visit({ path: '/accounts/project-1-a1?metric=likes' })
  await page.getByRole('button', { name: 'Release' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Release the pin' }).click()
  await page.getByRole('button', { name: 'Pin likes' }).waitFor()
  expect(fake.world.accounts[0]?.pins).toEqual([])
})

test('a value that is not a number never leaves the dialog', async () => {
  const { page, fake } = await visit({ path: '/accounts/project-1-a1' })
  await page.getByRole('button', { name: 'Pin followers' }).click()
  await page.getByLabel('Value').fill('1.2K')
  await page.getByRole('dialog').getByRole('button', { name: 'Pin' }).click()
  await page.locator('input[name=value]:invalid').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  expect(fake.requests.filter((request) => request.startsWith('PUT'))).toEqual([])
})

test('a refused pin keeps what was typed and says why', async () => {
  const { page, fake } = await visit({ path: '/accounts/project-1-a1' })
  await page.getByRole('button', { name: 'Pin followers' }).click()
  await page.getByLabel('Note').fill('typed with care')
  fake.behaviour.failing.push('/api/accounts/project-1-a1/pins')
  await page.getByRole('dialog').getByRole('button', { name: 'Pin' }).click()
  await page.getByRole('dialog').getByText('The database did not answer in time.').waitFor()
  expect(await page.getByLabel('Note').inputValue()).toBe('typed with care')
})

test('an account says why each value is what it is', async () => {
  const { page } = await visit({ path: '/accounts/project-1-a1' })
  const history = page.getByRole('list').filter({ hasText: 'the first value' })
  await history.waitFor()
  expect(await history.getByRole('listitem').first().textContent()).toMatch(
    /163,105 replaced 163,074[\s\S]*from reading of youtube · rule max · by cron · its run/,
  )
  await history.getByText('was proposed and not taken').waitFor()
  await page.getByRole('radio', { name: /Views/ }).check({ force: true })
  await page.getByRole('heading', { name: 'Why views is what it is' }).waitFor()
  expect(new URL(page.url()).search).toBe('?metric=views')
})

test('growth is a line, a sentence and a table of the same days', async () => {
  const { page } = await visit({ path: '/accounts/project-1-a1' })
  await page.locator('.chart canvas').waitFor()
  await page.getByText(/in 29 days: from/).waitFor()
  await page.getByText('As a table').click()
  expect(
    await page
      .getByRole('table', { name: /followers by day/ })
      .getByRole('row')
      .count(),
  ).toBe(29)
  await page.getByRole('radio', { name: '7 d', exact: true }).check({ force: true })
  await page.getByText(/in 6 days: from/).waitFor()
})

test('warnings name the cell and what stood there', async () => {
  const { page } = await visit({ path: '/projects/project-1' })
  await page.getByText("'Harbour Films'!D6").waitFor()
  await page.getByText('n/a', { exact: true }).waitFor()
})

test('back from an account finds the table as it was left', async () => {
  const { page } = await visit({ path: '/projects/project-1', size: { projects: 1, accounts: 300 } })
  await page.getByRole('button', { name: 'Account', exact: true }).click()
  await page.mouse.wheel(0, 4_000)
  await expect.poll(() => page.evaluate<number>('scrollY')).toBeGreaterThan(3_000)
  const top = await page.evaluate<number>('scrollY')
  const link = page.locator('.name-link').nth(30)
  const name = (await link.textContent()) ?? ''
  await link.dispatchEvent('click', { button: 0 })
  await heading(page, name).waitFor()
  expect(await page.evaluate<number>('scrollY')).toBe(0)
  await page.goBack()
  await expect.poll(() => page.evaluate<number>('scrollY')).toBe(top)
  expect(await page.getByRole('columnheader', { name: 'Account' }).getAttribute('aria-sort')).toBe(
    'ascending',
  )
})

test('signing out closes the door, also for the back button', async () => {
  const { page } = await visit({ path: '/runs' })
  await page.getByRole('button', { name: /Menu/ }).click()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByLabel('Token').waitFor()
  await page.goBack()
  await page.getByLabel('Token').waitFor()
})

test('a session that ends meanwhile is said, and signing in goes on at the same place', async () => {
  const { page } = await visit({ path: '/runs' })
  await page.getByText('Degraded').first().waitFor()
  await page.context().clearCookies()
  await page
    .getByRole('link', { name: /Degraded/ })
    .first()
    .click()
  await page.getByText('Your session has ended').waitFor()
  await page.getByLabel('Token').fill(TOKEN)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await heading(page, /^Run/).waitFor()
})

test('a user who is no admin is shown nothing that only admins may do', async () => {
  const { page } = await visit({ behaviour: { role: 'user' } })
  await page.getByRole('link', { name: 'Harbour Films' }).waitFor()
  expect(await page.getByRole('button', { name: /Sync/ }).count()).toBe(0)
  expect(await page.getByText('Next due').count()).toBe(0)
})

test("a program's token does not open the console, and no session stays behind", async () => {
  const { page, fake } = await visit({ path: null, behaviour: { role: 'hook' } })
  await page.getByLabel('Token').fill(TOKEN)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByText('This token belongs to a program: the hook Ada.').waitFor()
  expect(fake.requests.at(-1)).toBe('DELETE /api/session')
})

test('a conflict of a sheet shows both rows with what differs, and closed ones are kept apart', async () => {
  const { page } = await visit({ path: '/conflicts' })
  await page.getByRole('link', { name: /Duplicate in accounts/ }).click()
  await heading(page, 'Duplicate in accounts').waitFor()
  expect(await page.getByRole('listitem').filter({ hasText: '(differs)' }).allTextContents()).toEqual([
    'followers 7,304 (differs)',
    'followers 6,120 (differs)',
  ])
  await page.goBack()
  expect(await page.getByText('Deletion guard in accounts').count()).toBe(0)
  await page.getByRole('link', { name: 'Settled' }).click()
  await page.getByText('Deletion guard in accounts').waitFor()
})

test('the theme follows the system until a person chooses, and the choice stays', async () => {
  const { page } = await visit({ browser: { colorScheme: 'light' } })
  const paper = () => page.evaluate<string>('getComputedStyle(document.body).backgroundColor')
  expect(await paper()).toBe('rgb(245, 247, 246)')
  await page.getByRole('button', { name: /Menu/ }).click()
  await page.getByRole('radio', { name: 'Dark' }).check({ force: true })
  expect(await paper()).toBe('rgb(14, 20, 20)')
  await page.reload()
  await heading(page, 'Overview').waitFor()
  expect(await paper()).toBe('rgb(14, 20, 20)')
})

/** The accessible name of what has the focus, as far as these tests need it. */
const focused = (page: Page) =>
  page.evaluate<string>(`(() => {
    const e = document.activeElement
    return (e.labels?.[0]?.querySelector('span.hidden, span.field-name')?.textContent ?? e.getAttribute('aria-label') ?? e.textContent).trim()
  })()`)

/** Presses Tab until the named element has the focus. */
async function tabTo(page: Page, name: string): Promise<void> {
  const passed: string[] = []
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press('Tab')
    const here = await focused(page)
    if (here === name) return
    passed.push(here)
  }
  throw new Error(`Tab never reached ${name}: ${passed.join(' | ')}`)
}
