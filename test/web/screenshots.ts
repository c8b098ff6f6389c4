import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { WORKSPACE, workbook } from '../demo/workbook.ts'
import { createGoogle, serve } from '../emulators/google/index.ts'
import { builtPages, launch, openPage } from './browser.ts'
import { makeBusy, makeTroubled } from './erp-scenes.ts'
import type { Size } from './fake-data.ts'
import { type Behaviour, CODE, type FakeServer, startFake } from './fake-server.ts'
import { INBOX_PICTURES, INBOX_STATES } from './inbox-pictures.ts'
import { takeReviews } from './review-pictures.ts'
import { SHEET_PICTURES, SHEET_STATES } from './sheet-pictures.ts'

// Takes the pictures of the README: `npm run pictures` writes docs/pictures/*.png. Where another directory is named, it gets
// further states too, and whole pages, for whoever changes how the page looks; a third word takes only those whose name it is in.

const isForReaders = process.argv[2] === undefined
const only = process.argv[3] ?? ''
const directory = process.argv[2] ?? join(import.meta.dirname, '../../docs/pictures')
const WIDE = { width: 1280, height: 860 }
const PHONE = { width: 390, height: 844 }
const SMALL = { width: 320, height: 700 }

export interface Picture {
  readonly name: string
  readonly path: string
  readonly theme?: 'light' | 'dark'
  readonly phone?: boolean
  /** As narrow as it gets */
  readonly small?: boolean
  readonly size?: Size
  readonly behaviour?: Partial<Behaviour>
  /** Changes the server before the path is gone to */
  readonly prepare?: (fake: FakeServer) => void
  readonly before?: (page: Page, fake: FakeServer) => Promise<void>
}

const PICTURES: readonly Picture[] = [
  { name: 'overview', path: '/' },
  { name: 'syncing', path: '/', before: sync },
  { name: 'project', path: '/projects/project-1' },
  { name: 'account', path: '/accounts/project-1-a1' },
  { name: 'account-dark', path: '/accounts/project-1-a1?metric=likes', theme: 'dark' },
  { name: 'account-phone', path: '/accounts/project-1-a1', phone: true },
  { name: 'erp', path: '/erp', prepare: makeBusy },
  { name: 'erp-order', path: '/erp', before: writeOrder },
]

/** Of no use to who reads the README. */
const STATES: readonly Picture[] = [
  { name: 'erp-quiet', path: '/erp' },
  { name: 'erp-dark', path: '/erp', theme: 'dark', prepare: makeBusy },
  { name: 'erp-phone', path: '/erp', phone: true, prepare: makeBusy },
  { name: 'erp-small', path: '/erp', small: true, prepare: makeBusy },
  { name: 'erp-small-dark', path: '/erp', small: true, theme: 'dark', prepare: makeTroubled },
  { name: 'erp-empty', path: '/erp', size: { projects: 5, accounts: 12, users: 0 } },
  { name: 'erp-user', path: '/erp', behaviour: { role: 'user' } },
  {
    name: 'erp-full',
    path: '/erp',
    size: { projects: 5, accounts: 12, users: 40 },
    prepare: makeBusy,
    before: (page) => page.getByRole('button', { name: 'Show all 40 users of Customers' }).click(),
  },
  {
    name: 'erp-trouble',
    path: '/erp',
    size: { projects: 5, accounts: 12, users: 40 },
    prepare: makeTroubled,
  },
  { name: 'erp-failing', path: '/erp', prepare: (fake) => fake.behaviour.failing.push('/api/erp') },
  {
    name: 'erp-full-ask',
    path: '/erp',
    before: async (page) => {
      await page.getByRole('button', { name: 'Read everything Products' }).click()
      await page.getByRole('dialog').waitFor()
    },
  },
  { name: 'pair-phone', path: '/pair/phone', before: makeCode },
  { name: 'pair-phone-small', path: '/pair/phone', small: true, theme: 'dark', before: makeCode },
  { name: 'pair-laptop-small', path: '/pair/laptop', small: true, before: makeCode },
  { name: 'erp-order-search', path: '/erp', before: searchProduct },
  { name: 'erp-order-small', path: '/erp', small: true, before: searchProduct },
  { name: 'erp-order-dark', path: '/erp', theme: 'dark', before: writeOrder },
  {
    name: 'erp-order-done',
    path: '/erp',
    before: async (page) => {
      await writeOrder(page)
      await sendOrder(page)
      await page.getByText('The order is made').waitFor()
    },
  },
  ...(['refused', 'unknown', 'lost', 'slow'] as const).map(
    (orderEnds): Picture => ({
      name: `erp-order-${orderEnds}`,
      path: '/erp',
      behaviour: { orderEnds, orderMs: orderEnds === 'slow' ? 60_000 : 60 },
      before: async (page) => {
        await writeOrder(page)
        await sendOrder(page)
        await page
          .getByRole('dialog')
          .getByText(/Have the customer|It is not known|No answer came|takes longer/)
          .first()
          .waitFor()
      },
    }),
  ),
]

async function makeCode(page: Page) {
  await page.getByLabel('Whose it is').fill('ann')
  await page.getByRole('button', { name: 'Make a code' }).click()
  await page.getByRole('heading', { name: 'The code is ready' }).waitFor()
}

async function writeOrder(page: Page) {
  await page.getByRole('button', { name: 'Make an order' }).click()
  await page.getByRole('combobox', { name: 'Customer' }).fill('Bäck')
  await page.getByRole('listbox').getByRole('option').first().click()
  for (const name of ['Schrauben', 'Donau']) {
    await page.getByRole('combobox', { name: 'Add a product' }).fill(name)
    await page.getByRole('listbox').getByRole('option').first().click()
  }
  await page.getByRole('textbox', { name: /^Quantity of Schrauben/ }).fill('120')
}

async function searchProduct(page: Page) {
  await writeOrder(page)
  await page.getByRole('combobox', { name: 'Add a product' }).fill('e')
  await page.getByRole('listbox').getByRole('option').first().waitFor()
}

async function sendOrder(page: Page) {
  await page.getByRole('button', { name: 'Send to the ERP' }).click()
}

async function sync(page: Page, fake: FakeServer) {
  fake.behaviour.pace = 1_500
  await page.getByRole('button', { name: 'Sync now' }).click()
  await page.getByText(/2 of 4 parts/).waitFor()
}

const pages = await builtPages()
const browser = await launch()
await mkdir(directory, { recursive: true })
const readers = [...PICTURES, ...INBOX_PICTURES, ...SHEET_PICTURES]
const wanted = isForReaders ? readers : [...readers, ...STATES, ...INBOX_STATES, ...SHEET_STATES]
for (const picture of wanted.filter(({ name }) => name.includes(only))) {
  const fake = await startFake(pages, picture.size, picture.behaviour)
  const page = await openPage(browser, {
    viewport: picture.small ? SMALL : picture.phone ? PHONE : WIDE,
    deviceScaleFactor: picture.phone ? 2 : 1,
    isMobile: picture.small ?? false,
    colorScheme: picture.theme ?? 'light',
  })
  await page.goto(`${fake.url}/#code=${CODE}`)
  await page.getByRole('heading', { name: 'Overview' }).waitFor()
  picture.prepare?.(fake)
  if (picture.path !== '/') await page.goto(fake.url + picture.path)
  await page.waitForLoadState('networkidle')
  await picture.before?.(page, fake)
  await page.screenshot({
    path: join(directory, `${picture.name}.png`),
    fullPage: !isForReaders && !/order|ask/.test(picture.name),
  })
  await page.close()
  await fake.close()
  console.log(`${picture.name}.png`)
}
if (only === '') {
  await takeReviews(browser, pages, directory, isForReaders)
  await sheet()
}
await browser.close()

/** The stand-in for Google Sheets, with the demo's workbook. */
async function sheet() {
  const google = createGoogle()
  google.person.create(workbook())
  const served = await serve({ google })
  const page = await openPage(browser, { viewport: WIDE, deviceScaleFactor: 1, colorScheme: 'light' })
  await page.goto(`${served.url}/spreadsheets/d/${WORKSPACE.spreadsheet_id}`)
  await page.waitForLoadState('load')
  await page.screenshot({ path: join(directory, 'sheet.png') })
  await page.close()
  await served.close()
  console.log('sheet.png')
}
