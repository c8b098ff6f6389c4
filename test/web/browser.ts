import { spawn } from 'node:child_process'
import { once } from 'node:events'
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
  return driver.launch({ ...(await found()), args: FLAGS, headless: true })
}

export interface KeptBrowser {
  readonly browser: Browser
  /** Ends it in good order */
  readonly quit: () => Promise<void>
  readonly kill: () => Promise<void>
}

/** A browser that remembers, in a folder, and that can be killed as a phone's is when its battery is empty. */
export async function launchKept(folder: string): Promise<KeptBrowser> {
  const { executablePath, env } = await found()
  const args = [
    ...FLAGS,
    '--headless',
    `--user-data-dir=${folder}`,
    '--remote-debugging-port=0',
    'about:blank',
  ]
  const child = spawn(executablePath, args, { env, detached: true, stdio: ['ignore', 'ignore', 'pipe'] })
  const over = once(child, 'exit')
  const address = await new Promise<string>((resolve, reject) => {
    let said = ''
    child.stderr.on('data', (text) => {
      said += text
      const [, url] = /DevTools listening on (ws:\S+)/.exec(said) ?? []
      if (url) resolve(url)
    })
    over.then(() => reject(new Error(`The browser ended: ${said}`)))
  })
  const browser = await driver.connectOverCDP(address)
  return {
    browser,
    async quit() {
      const session = await browser.newBrowserCDPSession()
      await session.send('Browser.close').catch(() => {})
      await over
    },
    async kill() {
      if (child.pid && child.exitCode === null && child.signalCode === null)
        process.kill(-child.pid, 'SIGKILL')
      await over
    },
  }
}

async function found(): Promise<{ executablePath: string; env: NodeJS.ProcessEnv & Record<string, string> }> {
  const installed = INSTALLED.find((path) => path && existsSync(path))
  const executablePath = installed ?? (await chromium.executablePath())
  const fonts = installed ? {} : { FONTCONFIG_PATH: join(tmpdir(), 'fonts') }
  return { executablePath, env: { ...process.env, ...fonts } as Record<string, string> }
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
