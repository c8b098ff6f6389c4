import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { builtPages, launch } from './browser.ts'
import { PAIRING, type ReviewServer, startReview } from './fake-review.ts'

export interface Reviewing {
  readonly page: Page
  readonly context: BrowserContext
  readonly fake: ReviewServer
}

export interface ReviewOptions {
  readonly listings?: number
  /** Changes the server before the page is opened */
  readonly before?: (fake: ReviewServer) => void
  /** Without a pairing link */
  readonly unpaired?: boolean
  readonly browser?: BrowserContextOptions
}

/**
 * One build and one browser for a test file; a server and a profile of its own for each visit. After each test, no page
 * may have thrown or broken the content security policy.
 */
export function reviews(): (options?: ReviewOptions) => Promise<Reviewing> {
  let browser: Browser
  let pages: string
  const open: Reviewing[] = []
  const broken: string[] = []

  beforeAll(async () => {
    pages = await builtPages()
    browser = await launch()
  })
  afterAll(async () => {
    await browser.close()
  })
  afterEach(async () => {
    for (const { context, fake } of open.splice(0)) {
      await context.close()
      await fake.close()
    }
    expect(broken.splice(0)).toEqual([])
  })

  return async ({ listings, before, unpaired, browser: options } = {}) => {
    const fake = await startReview(pages, listings === undefined ? {} : { listings })
    before?.(fake)
    const context = await browser.newContext({
      locale: 'en-GB',
      timezoneId: 'UTC',
      reducedMotion: 'reduce',
      viewport: { width: 390, height: 844 },
      ...options,
    })
    const page = await context.newPage()
    open.push({ page, context, fake })
    context.on('weberror', (error) => broken.push(error.error().message))
    context.on('console', (message) => {
      if (/Content Security Policy/.test(message.text())) broken.push(message.text())
    })
    await page.goto(`${fake.url}/review${unpaired ? '' : `#code=${PAIRING}`}`)
    return { page, context, fake }
  }
}

/** What the server took, by status. */
export const taken = (fake: ReviewServer) => fake.lane.taken.map(({ values }) => values?.modesty_status)
