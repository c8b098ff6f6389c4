import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { launch, openPage } from '../../web/browser.ts'
import { createGoogle, type Google, type Served, serve } from './index.ts'

// The grid page as a person uses it, in a real browser.

let browser: Browser
let google: Google
let served: Served
let page: Page

beforeAll(async () => {
  browser = await launch()
})

afterAll(() => browser.close())

beforeEach(async () => {
  google = createGoogle()
  google.person.create({
    id: 'book',
    title: 'Book',
    sheets: [
      {
        title: "Bob's accounts",
        rows: [
          ['url', 'n'],
          ['a', '1,234'],
          ['b', '=B2*2'],
        ],
      },
    ],
  })
  served = await serve({ google })
  page = await openPage(browser, {})
  await page.goto(`${served.url}/spreadsheets/d/book`)
})

afterEach(async () => {
  await page.close()
  await served.close()
})

/** Waits for as long as a busy machine may need. */
const eventually = <T>(read: () => T) => expect.poll(read, { timeout: 20_000 })
const cell = (name: string) => page.locator(`[data-cell="${name}"]`)
const press = (name: string) => page.getByRole('button', { name, exact: true }).click()
const shown = (range = 'A1:B5') => google.person.read('book', range)

test('Enter saves what was typed, shows it by the format of the cell, and goes to the cell below', async () => {
  await cell('B2').fill('2,500.5')
  await cell('B2').press('Enter')
  await eventually(() => cell('B2').inputValue()).toBe('2,501')
  await eventually(() => cell('B3').evaluate((input) => input === input.ownerDocument.activeElement)).toBe(
    true,
  )
  expect(google.person.values('book', 'B2:B3')).toEqual([[2500.5], [5001]])
})

test('typing into a cell that was just clicked replaces what is there', async () => {
  await cell('A2').click()
  await page.keyboard.type('new')
  await page.keyboard.press('Enter')
  await eventually(() => shown('A2')).toEqual([['new']])
})

test('a focused cell shows its formula; Escape gives up an edit and leaving without one saves nothing', async () => {
  const version = google.person.file('book').version
  await cell('B3').focus()
  expect(await cell('B3').inputValue()).toBe('=B2*2')
  await cell('B3').fill('nonsense')
  await cell('B3').press('Escape')
  await cell('A1').focus()
  expect(await cell('B3').inputValue()).toBe('2468')
  expect(google.person.file('book').version).toBe(version)
})

test('rows are inserted, duplicated, deleted and sorted from the selected cell', async () => {
  await cell('A2').click()
  await press('Insert row')
  await eventually(() => shown()).toEqual([['url', 'n'], [], ['a', '1,234'], ['b', '2468']])
  await press('Delete row')
  await eventually(() => shown()).toEqual([
    ['url', 'n'],
    ['a', '1,234'],
    ['b', '2468'],
  ])
  await press('Duplicate row')
  await eventually(() => shown('A2:A4')).toEqual([['a'], ['a'], ['b']])
  await press('Sort Z → A')
  await eventually(() => shown('A2:A4')).toEqual([['b'], ['a'], ['a']])
})

test('a note is written in a dialog and marks its cell', async () => {
  await cell('B2').click()
  await press('Note')
  await page.getByRole('dialog').getByRole('textbox').fill('pin')
  await press('Save')
  await eventually(() => google.person.cell('book', 'B2').note).toBe('pin')
  await eventually(() => cell('B2').getAttribute('aria-label')).toBe('B2, n, note: pin')
})

test('a cancelled note changes nothing', async () => {
  await cell('B2').click()
  await press('Note')
  await page.getByRole('dialog').getByRole('textbox').fill('pin')
  await press('Cancel')
  await eventually(() => page.getByRole('dialog').count()).toBe(0)
  expect(google.person.cell('book', 'B2').note).toBe(null)
})

test('what others change appears by itself, and what is being typed stays', async () => {
  await cell('A3').fill('half-typed')
  google.person.set('book', { cell: 'B2', text: '7' })
  await eventually(() => cell('B2').inputValue()).toBe('7')
  expect(await cell('A3').inputValue()).toBe('half-typed')
  await cell('A3').press('Enter')
  await eventually(() => shown('A3')).toEqual([['half-typed']])
})

test('calls appear in the list, and a switch makes them fail', async () => {
  await page.getByRole('switch', { name: 'Google is down' }).click()
  await eventually(() =>
    page.getByRole('switch', { name: 'Google is down' }).getAttribute('aria-checked'),
  ).toBe('true')
  await google.fetch('https://x.test/v4/spreadsheets/book')
  await eventually(() => page.locator('#calls').textContent()).toMatch(/sheets\.get\s+503/)
})

test('tabs are added and opened', async () => {
  await press('Add a tab')
  await page.getByRole('link', { name: 'Sheet2' }).click()
  await page.waitForURL(/tab=/)
  await cell('A1').fill('there')
  await cell('A1').press('Enter')
  await eventually(() => google.person.read('book', 'Sheet2')).toEqual([['there']])
})

test('what is wrong is said', async () => {
  await press('Delete row')
  expect(await page.getByRole('alert').textContent()).toBe('Select a cell first.')
})

test('fits 320 pixels, and has no finding of axe in light or dark', async () => {
  google.person.setNote('book', { cell: 'B2', note: 'pin' })
  const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
  await page.setViewportSize({ width: 320, height: 640 })
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320)
  await page.evaluate(axe)
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    const { violations } = (await page.evaluate('axe.run()')) as { violations: { id: string }[] }
    expect(violations.map(({ id }) => id)).toEqual([])
  }
})
