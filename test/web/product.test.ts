import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { configure, SHEET, type Stack, startStack } from '../stack/stack.ts'
import { launch, openPage } from './browser.ts'

// The page in front of the five real Workers. The fake reaches more states; this shows that it doesn't lie.

let stack: Stack
let browser: Browser
let page: Page
const broken: string[] = []

beforeAll(async () => {
  stack = await startStack()
  await configure(stack, 2, 3)
  await stack.call('POST', '/api/admin/smart_sync')
  browser = await launch()
})
afterAll(async () => {
  await browser.close()
  await stack.close()
})

beforeEach(async () => {
  page = await openPage(browser)
  page.on('pageerror', (error) => broken.push(error.message))
  page.on('console', (message) => {
    if (/Content Security Policy/.test(message.text())) broken.push(message.text())
  })
  const { body } = await stack.call<{ url: string }>('POST', '/api/codes', {
    body: { role: 'admin', name: 'Ada' },
  })
  await page.goto(body.url)
  await page.getByRole('link', { name: 'Project 1' }).waitFor()
  await page.getByText('Live', { exact: true }).waitFor()
})
afterEach(async () => {
  await page.close()
  expect(broken.splice(0)).toEqual([])
})

test('a sync shows its progress and its result', async () => {
  stack.google.person.set(SHEET, { cell: 'Project 1!D2', text: '1,500' })
  stack.google.person.set(SHEET, { cell: 'Project 1!E2', text: 'many' })
  const hold = stack.google.faults.hold({ api: 'drive.files.get' })
  await page.getByRole('button', { name: 'Sync now' }).click()
  await hold.arrived()
  await page.getByRole('progressbar').waitFor()
  hold.release()
  await page
    .getByText(/^2 of 2 projects synced: 1 account updated/)
    .first()
    .waitFor()
  await page.locator('.card-link').first().click()
  await page.getByText("'Project 1'!E2").waitFor()
  await page.getByText('many', { exact: true }).waitFor()
  await page.getByRole('cell', { name: '1,500' }).waitFor()
})

test('what another hand changes appears by itself', async () => {
  stack.google.person.set(SHEET, { cell: 'Project 2!D3', text: '98765' })
  await stack.call('POST', '/api/admin/smart_sync')
  await page.getByRole('cell', { name: '101K' }).waitFor()
})

test('a pin holds a number down, its release lets the rule raise it again, and the history tells of both', async () => {
  await page.locator('.card-link').first().click()
  await page.getByRole('link', { name: 'Channel 2', exact: true }).click()
  await page.getByRole('radio', { name: /Views/ }).check({ force: true })
  await page.getByRole('button', { name: 'Pin views' }).click()
  await page.getByLabel('Value').fill('4,000')
  await page.getByLabel('Note').fill('Counted by hand')
  await page.getByLabel(/^Until/).fill('2099-01-01T12:00')
  await page.getByRole('dialog').getByRole('button', { name: 'Pin' }).click()
  await page.getByText('Pinned to 4,000').first().waitFor()
  await page.getByText(/until 1 Jan 2099, 12:00/).waitFor()
  await page.getByText('“Counted by hand”').waitFor()
  await stack.call('POST', '/api/admin/smart_sync?full=true')
  await page.getByText('Pinned to 4,000').first().waitFor()

  await page.getByRole('button', { name: 'Release' }).click()
  await page.getByRole('button', { name: 'Release the pin' }).click()
  await page.getByText('Released from its pin on 4,000').waitFor()
  await page.getByText('5,001 replaced 4,000').waitFor()
})

test('a spreadsheet that is no longer shared is said with the address to share it with', async () => {
  stack.google.person.unshare(SHEET, { email: 'robot@tidemark.test' })
  await page.getByRole('button', { name: 'Sync now' }).click()
  await page.getByText('Not reachable').waitFor()
  await page
    .getByText(/robot@tidemark\.test/)
    .first()
    .waitFor()
  stack.google.person.share(SHEET, { email: 'robot@tidemark.test', role: 'writer' })
  await page.getByRole('button', { name: 'Sync now' }).click()
  await page.getByText('Reachable', { exact: true }).waitFor()
})

test('a revoked session closes the door at once', async () => {
  const { body } = await stack.call<{ id: string; kind: string; revoked_at: string | null }[]>(
    'GET',
    '/api/tokens',
  )
  const session = body.find(({ kind, revoked_at }) => kind === 'session' && revoked_at === null)
  await stack.call('DELETE', `/api/tokens/${session?.id}`)
  await page.getByText('Your session has ended').waitFor()
})
