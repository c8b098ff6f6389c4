import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { REFERENCE_TABS } from '../demo/reference-tabs.ts'
import { type Stack, startStack } from '../stack/stack.ts'
import { launch, openPage } from './browser.ts'

// The sheets' view in front of the five real Workers and an emulated Google. The tests tell it in order.

const BOOK = 'reference-book-1'
/** A run of the real Workers, on a machine that does other things too */
const PATIENT = { timeout: 20_000 }

let stack: Stack
let browser: Browser
let page: Page
const broken: string[] = []

beforeAll(async () => {
  stack = await startStack()
  browser = await launch()
  stack.google.person.create({ id: BOOK, title: 'Wages', sheets: REFERENCE_TABS })
  stack.google.person.share(BOOK, { email: 'robot@tidemark.test', role: 'writer' })
})
afterAll(async () => {
  await browser.close()
  await stack.close()
})

beforeEach(async () => {
  page = await openPage(browser)
  page.on('pageerror', (error) => broken.push(error.message))
  const { body } = await stack.call<{ url: string }>('POST', '/api/codes', {
    body: { role: 'admin', name: 'Ada' },
  })
  await page.goto(body.url)
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
  await page.goto(`${stack.runtime.url}/sheets`)
  await card().waitFor()
})
afterEach(async () => {
  await page.close()
  expect(broken.splice(0)).toEqual([])
})

const card = () => page.getByRole('article', { name: 'Reference', exact: true })
const tab = (name: string) => card().getByRole('region', { name })
const dialog = () => page.getByRole('dialog')
const press = (name: RegExp) => card().getByRole('button', { name }).click()
const cell = (a1: string) => stack.google.person.cell(BOOK, a1).text

test('a workbook is linked and synced, and its rows are there', async () => {
  await press(/^Link a workbook/)
  await dialog()
    .getByRole('textbox', { name: 'Workbook' })
    .fill(`https://docs.google.com/spreadsheets/d/${BOOK}/edit`)
  await dialog().getByLabel('Changed on both sides').selectOption('manual')
  await dialog().getByRole('button', { name: 'Link it' }).click()
  await press(/^Sync now/)
  await tab('EmployeeSettings').getByText('In step').waitFor(PATIENT)
  await tab('Ranks').getByText('In step').waitFor(PATIENT)
  const row = page.getByRole('row').filter({ hasText: 'Amara Okafor' })
  await row.getByText('19.50').waitFor(PATIENT)
  await row.getByText('8 %').waitFor()
})

test('a wage that is typed in the sheet is shown after a sync, with the way to where it came from', async () => {
  stack.google.person.set(BOOK, { cell: 'EmployeeSettings!C2', text: '20.75' })
  await press(/^Sync now/)
  const row = page.getByRole('row').filter({ hasText: 'Amara Okafor' })
  await row.getByText('20.75').waitFor(PATIENT)
  await row.getByRole('link', { name: /^in the sheet/ }).click()
  await page.getByText(/changed hourly wage/).waitFor()
})

test('a cell that both sides changed is asked, and answered in the inbox', async () => {
  const put = await stack.call('PUT', '/api/reference/employee_settings/E-002', {
    body: { hourly_wage: 1_750 },
  })
  expect(put.status).toBe(200)
  stack.google.person.set(BOOK, { cell: 'EmployeeSettings!C3', text: '18.00' })
  await press(/^Sync now/)
  await tab('EmployeeSettings').getByRole('link', { name: '1 open question' }).click(PATIENT)
  await page.getByRole('link', { name: /^Sheet and database say different hourly wage/ }).click()
  await page.getByText('17.50').first().waitFor()
  await page.getByRole('button', { name: /^Keep the database’s/ }).click()
  await dialog().getByRole('button', { name: 'Keep the database’s' }).click()
  await expect.poll(() => cell('EmployeeSettings!C3'), PATIENT).toBe('17.5')
})

test('a tab that somebody emptied is held, and written back on an admin’s word', async () => {
  stack.google.person.clear(BOOK, { range: 'Ranks!A2:E7' })
  await press(/^Sync now/)
  await tab('Ranks').getByText('Held').waitFor(PATIENT)
  const ranks = await stack.call<unknown[]>('GET', '/api/reference/ranks')
  expect(ranks.body).toHaveLength(6)
  await card()
    .getByRole('button', { name: /^Write them back/ })
    .click()
  await dialog().getByText('they all stay as they are').waitFor()
  await dialog().getByRole('button', { name: 'Write them back' }).click()
  const names = () =>
    stack.google.person
      .values(BOOK, 'Ranks!A1:A20')
      .flat()
      .filter((name) => name === 'Captain')
  await expect.poll(names, PATIENT).toEqual(['Captain'])
  await tab('Ranks').getByText('In step').waitFor(PATIENT)
})
