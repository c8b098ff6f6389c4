import { mkdir } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { builtPages, launch, openPage } from './browser.ts'
import { TROUBLE_TEXT } from './fake-data.ts'
import { CODE, type FakeServer, startFake } from './fake-server.ts'

const only = process.argv[2]
const pages = await builtPages()
const browser = await launch()
await mkdir('/tmp/pics', { recursive: true })
type Shot = [
  string,
  string,
  {
    width?: number
    height?: number
    theme?: 'dark'
    size?: [number, number]
    full?: boolean
    touch?: boolean
  },
  ((p: Page, f: FakeServer) => Promise<void>)?,
  ((p: Page, f: FakeServer) => Promise<void>)?,
]
const SHOTS: Shot[] = [
  ['s-signin', '', { height: 640 }],
  [
    's-signin-bad',
    '',
    { width: 390, height: 780, theme: 'dark' },
    async (p) => {
      await p.getByLabel('Token').fill('x')
      await p.getByRole('button', { name: 'Sign in' }).click()
      await p.getByRole('alert').waitFor()
    },
  ],
  ['p320-overview', '/', { width: 320, height: 700, full: true, touch: true }],
  ['p320-project', '/projects/project-1', { width: 320, height: 700, full: true, touch: true }],
  [
    'p320-account',
    '/accounts/project-1-a1?metric=likes',
    { width: 320, height: 700, full: true, touch: true },
  ],
  ['p320-run', '/runs/01JD0000000000000000000098', { width: 320, height: 700, full: true, touch: true }],
  ['p320-runs-dark', '/runs', { width: 320, height: 700, theme: 'dark', touch: true }],
  ['empty', '/', { size: [0, 0], height: 640 }],
  [
    'failing',
    '/',
    {},
    undefined,
    async (_p, f) => {
      f.behaviour.failing = ['/api/projects', '/api/runs', '/api/admin']
    },
  ],
  [
    'stale',
    '/',
    {},
    async (p, f) => {
      f.behaviour.failing = ['/api/']
      await p.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))
      await p.waitForTimeout(500)
    },
  ],
  [
    'degraded',
    '/',
    {},
    async (p, f) => {
      f.world.trouble = TROUBLE_TEXT
      await p.getByRole('button', { name: 'Sync now' }).click()
      await p.getByText('without the sheet').first().waitFor()
      await p.waitForTimeout(300)
    },
  ],
  [
    'loading',
    '/',
    {},
    undefined,
    async (_p, f) => {
      f.behaviour.gate = new Promise(() => {})
    },
  ],
  [
    'loading-account',
    '/accounts/project-1-a1',
    {},
    undefined,
    async (_p, f) => {
      f.behaviour.gate = new Promise(() => {})
    },
  ],
  [
    'large',
    '/projects/project-1',
    { size: [5, 1000] },
    async (p) => {
      await p.mouse.wheel(0, 20000)
      await p.waitForTimeout(300)
    },
  ],
  ['run-failed', '/runs/01JD0000000000000000000097', { full: true }],
  ['run-done-dark', '/runs/01JD0000000000000000000100', { theme: 'dark', full: true }],
  ['account-full', '/accounts/project-1-a1', { full: true }],
  [
    'pin',
    '/accounts/project-1-a1',
    {},
    async (p) => {
      await p.getByRole('button', { name: 'Pin followers' }).click()
      await p.waitForTimeout(200)
    },
  ],
  [
    'pin-phone-dark',
    '/accounts/project-1-a1',
    { width: 320, height: 640, theme: 'dark', touch: true },
    async (p) => {
      await p.getByRole('button', { name: 'Pin followers' }).click()
      await p.waitForTimeout(200)
    },
  ],
  [
    'menu',
    '/',
    { theme: 'dark', height: 500 },
    async (p) => {
      await p.getByRole('button', { name: /Menu/ }).click()
      await p.waitForTimeout(200)
    },
  ],
  ['notfound', '/nowhere', { height: 500 }],
  ['conflict1', '/conflicts/c_1', {}],
  ['conflict1p', '/conflicts/c_1', { width: 320, full: true, theme: 'dark' }],
  ['conflicts', '/conflicts?all', { height: 600 }],
  ['project-dark', '/projects/project-1', { theme: 'dark', full: true }],
  ['wide', '/', { width: 1920, height: 1000 }],
  ['tablet', '/projects/project-1', { width: 820, height: 1100, touch: true }],
]
for (const [name, path, o, after, before] of SHOTS) {
  if (only && !name.match(only)) continue
  const fake = await startFake(pages, o.size ? { projects: o.size[0], accounts: o.size[1] } : undefined)
  const page = await openPage(browser, {
    viewport: { width: o.width ?? 1280, height: o.height ?? 860 },
    colorScheme: o.theme ?? 'light',
    deviceScaleFactor: (o.width ?? 1280) < 500 ? 2 : 1,
    hasTouch: o.touch ?? false,
    isMobile: o.touch ?? false,
  })
  page.on('pageerror', (e) => console.log(name, 'ERR', e.message))
  page.on('console', (m) => {
    if (m.type() === 'error' && !m.text().includes('status of')) console.log(name, m.text())
  })
  if (path === '') await page.goto(fake.url)
  else {
    await page.goto(`${fake.url}/#code=${CODE}`)
    await page.getByRole('heading', { name: 'Overview' }).waitFor()
    await before?.(page, fake)
    await page.goto(fake.url + path)
    await page.waitForTimeout(700)
  }
  await after?.(page, fake)
  const wide = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  )
  if (wide > 0) console.log(name, 'scrolls sideways by', wide)
  await page.screenshot({ path: `/tmp/pics/${name}.png`, fullPage: o.full ?? false })
  await page.close()
  await fake.close()
}
await browser.close()
