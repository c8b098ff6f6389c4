import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { WORKSPACE, workbook } from '../demo/workbook.ts'
import { createGoogle, serve } from '../emulators/google/index.ts'
import { builtPages, launch, openPage } from './browser.ts'
import { CODE, type FakeServer, startFake } from './fake-server.ts'

// Takes the pictures of the README: `npm run pictures` writes docs/pictures/*.png. Another directory may be named.

const directory = process.argv[2] ?? join(import.meta.dirname, '../../docs/pictures')
const WIDE = { width: 1280, height: 860 }
const PHONE = { width: 390, height: 844 }

interface Picture {
  readonly name: string
  readonly path: string
  readonly theme?: 'light' | 'dark'
  readonly phone?: boolean
  readonly before?: (page: Page, fake: FakeServer) => Promise<void>
}

const PICTURES: readonly Picture[] = [
  { name: 'overview', path: '/' },
  { name: 'syncing', path: '/', before: sync },
  { name: 'project', path: '/projects/project-1' },
  { name: 'account', path: '/accounts/project-1-a1' },
  { name: 'account-dark', path: '/accounts/project-1-a1?metric=likes', theme: 'dark' },
  { name: 'account-phone', path: '/accounts/project-1-a1', phone: true },
]

async function sync(page: Page, fake: FakeServer) {
  fake.behaviour.pace = 1_500
  await page.getByRole('button', { name: 'Sync now' }).click()
  await page.getByText(/2 of 4 parts/).waitFor()
}

const pages = await builtPages()
const browser = await launch()
await mkdir(directory, { recursive: true })
for (const picture of PICTURES) {
  const fake = await startFake(pages)
  const page = await openPage(browser, {
    viewport: picture.phone ? PHONE : WIDE,
    deviceScaleFactor: picture.phone ? 2 : 1,
    colorScheme: picture.theme ?? 'light',
  })
  await page.goto(`${fake.url}/#code=${CODE}`)
  await page.getByRole('heading', { name: 'Overview' }).waitFor()
  if (picture.path !== '/') await page.goto(fake.url + picture.path)
  await page.waitForLoadState('networkidle')
  await picture.before?.(page, fake)
  await page.screenshot({ path: join(directory, `${picture.name}.png`) })
  await page.close()
  await fake.close()
  console.log(`${picture.name}.png`)
}
await sheet()
await browser.close()

/** The stand-in for Google Sheets, with the demo's workbook. */
async function sheet() {
  const google = createGoogle()
  google.person.create(workbook())
  const served = await serve({ google })
  const page = await openPage(browser, { viewport: WIDE, deviceScaleFactor: 1, colorScheme: 'light' })
  await page.goto(`${served.url}/sheet/${WORKSPACE.spreadsheet_id}`)
  await page.waitForLoadState('load')
  await page.screenshot({ path: join(directory, 'sheet.png') })
  await page.close()
  await served.close()
  console.log('sheet.png')
}
