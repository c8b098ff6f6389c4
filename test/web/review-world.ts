import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { type Stack, startStack } from '../stack/stack.ts'
import { launch } from './browser.ts'
import { startWire, type Wire } from './wire.ts'

/** The phone page in front of the five real Workers, with a laptop that finds listings and a network that can be cut. */
export interface World {
  readonly stack: Stack
  /** Between the browser and the Workers */
  readonly wire: Wire
  /** Between the browser and the shop's pictures */
  readonly shop: Wire
  readonly browser: Browser
  /** Cuts both, as a tunnel does; the page is told by the browser, where `context` is given */
  cut(context?: BrowserContext): Promise<void>
  mend(context?: BrowserContext): Promise<void>
  /** As a catalogue monitor would; answers the addresses */
  find(count: number): Promise<string[]>
  /** A link that an admin made, which works once */
  pairingLink(): Promise<string>
  /** A profile of its own, paired, with the first listing shown */
  open(): Promise<{ page: Page; context: BrowserContext }>
  /** Assessments of these listings in the history, one for each commit that made one */
  commits(urls: readonly string[]): Promise<{ key: string; status: string; actor: string; version: number }[]>
}

/** One stack and one browser for a test file. After each test, nothing is left to review, and no page may have thrown. */
export function reviewWorld(): () => World {
  let world: World & { close(): Promise<void>; forget(): Promise<void> }
  const open: BrowserContext[] = []
  const broken: string[] = []

  beforeAll(async () => {
    const stack = await startStack()
    const pictures = await servePictures()
    const wire = await startWire(() => stack.runtime.url)
    const shop = await startWire(() => pictures.url)
    const browser = await launch()
    let sent = 0
    let found = 0

    const push = async (mutations: readonly object[]) => {
      const body = { lane: 'listings', incarnation: 'monitor', first: sent + 1, mutations }
      const { status } = await stack.call('POST', '/api/push', { body })
      expect(status).toBe(200)
      sent += mutations.length
    }

    world = {
      stack,
      wire,
      shop,
      browser,
      async cut(context) {
        wire.cut()
        shop.cut()
        await context?.setOffline(true)
      },
      async mend(context) {
        wire.mend()
        shop.mend()
        await context?.setOffline(false)
      },
      async find(count) {
        const urls = Array.from({ length: count }, () => `https://shop.example/p/${found++}`)
        await push(
          urls.map((url) => {
            const n = Number(url.split('/').at(-1))
            const values = {
              product_url: url,
              title: `Dress ${n}`,
              retailer: 'Anthropologie',
              price: 4_900 + n,
              currency: 'GBP',
              image_url: `${shop.url.replace('127.0.0.1', 'localhost')}/${n}.svg`,
              first_seen_at: new Date(Date.parse('2026-11-20T08:00:00.000Z') + n * 60_000).toISOString(),
            }
            return { table: 'listings', op: 'insert', key: url, values }
          }),
        )
        return urls
      },
      async pairingLink() {
        const body = { role: 'device', user_id: 'ann', name: 'Ann’s phone' }
        const { body: made } = await stack.call<{ url: string }>('POST', '/api/codes', { body })
        const { pathname, hash } = new URL(made.url)
        return wire.url + pathname + hash
      },
      async open() {
        const context = await browser.newContext({
          locale: 'en-GB',
          timezoneId: 'UTC',
          reducedMotion: 'reduce',
          viewport: { width: 390, height: 844 },
        })
        open.push(context)
        watch(context)
        const page = await context.newPage()
        await page.goto(await world.pairingLink())
        await page.locator('#title').waitFor()
        return { page, context }
      },
      async commits(urls) {
        const rows = await stack.runtime.query<{
          key: string
          after: string
          actor: string
          version: number
        }>(
          `SELECT key, after, actor, version FROM history WHERE tbl = 'listings' AND op = 'update'
            AND json_extract(after, '$.modesty_status') IS NOT NULL ORDER BY version, n`,
        )
        return rows
          .filter(({ key }) => urls.includes(key))
          .map(({ after, ...row }) => ({ ...row, status: JSON.parse(after).modesty_status }))
      },
      async forget() {
        const rows = await stack.runtime.query<{ id: string }>(
          `SELECT id FROM listings WHERE lifecycle_stage = 'pending_assessment'`,
        )
        if (rows.length > 0) await push(rows.map(({ id }) => ({ table: 'listings', op: 'delete', key: id })))
      },
      async close() {
        await browser.close()
        await Promise.all([wire.close(), shop.close()])
        await Promise.all([pictures.close(), stack.close()])
      },
    }
  })
  afterAll(() => world?.close())
  afterEach(async () => {
    await world.mend()
    for (const context of open.splice(0)) await context.close()
    await world.forget()
    expect(broken.splice(0)).toEqual([])
  })
  return () => world

  function watch(context: BrowserContext) {
    context.on('weberror', (error) => broken.push(error.error().message))
    context.on('console', (message) => {
      if (/Content Security Policy/.test(message.text())) broken.push(message.text())
    })
  }
}

async function servePictures(): Promise<{ url: URL; close(): Promise<void> }> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'image/svg+xml' })
    response.end(
      '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="400"><rect width="300" height="400" fill="teal"/></svg>',
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
