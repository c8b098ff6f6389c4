import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import chromium from '@sparticuz/chromium'
import { type Browser, type BrowserContextOptions, chromium as driver, type Page } from 'playwright-core'
import { ROOT } from '../../cli/deploy/workers.ts'
import { page } from '../runtime/page.ts'

/** Where systems keep a Chromium or Chrome of their own. */
const INSTALLED = [
  process.env.CHROMIUM_PATH ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** Works as root, without a graphics card, and calls nobody. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-domain-reliability',
  '--disable-sync',
  '--no-first-run',
  '--no-pings',
]

/** A headless browser: the installed one, else the one that came with the packages, with its own font. */
export async function launch(): Promise<Browser> {
  const installed = INSTALLED.find((path) => path && existsSync(path))
  return driver.launch({
    executablePath: installed ?? (await chromium.executablePath()),
    args: FLAGS,
    headless: true,
    env: { ...process.env, ...(installed ? {} : { FONTCONFIG_PATH: join(tmpdir(), 'fonts') }) },
  })
}

/** A page with nothing remembered. The machine's language and time zone don't show. */
export function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<Page> {
  return browser.newPage({
    locale: 'en-GB',
    timezoneId: 'UTC',
    reducedMotion: 'reduce',
    viewport: { width: 1280, height: 860 },
    ...options,
  })
}

/** The folder of the built pages, built anew if anything that they are made of has changed. */
export async function builtPages(): Promise<string> {
  await page()
  return join(ROOT, 'web/dist')
}
