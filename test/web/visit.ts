import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { builtPages, launch, openPage } from './browser.ts'
import type { Size } from './fake-data.ts'
import { type Behaviour, CODE, type FakeServer, startFake } from './fake-server.ts'

export interface Visit {
  readonly page: Page
  readonly fake: FakeServer
}

export interface VisitOptions {
  /** Where to go once signed in; null: stay at the door */
  readonly path?: string | null
  readonly size?: Size
  readonly behaviour?: Partial<Behaviour>
  /** Changes the server between signing in and going to the path */
  readonly before?: (fake: FakeServer) => void
  readonly browser?: BrowserContextOptions
}

export const PHONE: BrowserContextOptions = {
  viewport: { width: 320, height: 700 },
  hasTouch: true,
  isMobile: true,
}

/**
 * One build and one browser for a test file; a server and a page of its own for each visit. After each test, no page
 * may have thrown or broken the content security policy.
 */
export function visits(): (options?: VisitOptions) => Promise<Visit> {
  let browser: Browser
  let pages: string
  const open: Visit[] = []
  const broken: string[] = []

  beforeAll(async () => {
    pages = await builtPages()
    browser = await launch()
  })
  afterAll(async () => {
    await browser.close()
  })
  afterEach(async () => {
    for (const { page, fake } of open.splice(0)) {
      await page.close()
      await fake.close()
    }
    expect(broken.splice(0)).toEqual([])
  })

  return async ({ path = '/', size, behaviour, before, browser: options } = {}) => {
    const fake = await startFake(pages, size, behaviour)
    const page = await openPage(browser, options)
    open.push({ page, fake })
    page.on('pageerror', (error) => broken.push(error.message))
    page.on('console', (message) => {
      if (/Content Security Policy/.test(message.text())) broken.push(message.text())
    })
    if (path === null) {
      await page.goto(fake.url)
      return { page, fake }
    }
    await page.goto(`${fake.url}/#code=${CODE}`)
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
    before?.(fake)
    if (path !== '/' || before) await page.goto(fake.url + path)
    return { page, fake }
  }
}

/** How many pixels the page is wider than its window. */
export const overflow = (page: Page) =>
  page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth')
