import { expect, test } from 'vitest'
import { AWAY, makeBusy, makeTroubled } from './erp-scenes.ts'
import { overflow, PHONE, visits } from './visit.ts'

const visit = visits()
const path = '/erp'
const many = { projects: 1, accounts: 1, users: 40 }

test('without an ERP the page says how to set one up, and asks nobody to listen', async () => {
  const { page, fake } = await visit({ path, size: { projects: 1, accounts: 1, users: 0 } })
  await page.getByText('No ERP is set up yet').waitFor()
  await page.getByText('PUT /api/erp/users/…').waitFor()
  expect(await page.getByRole('button', { name: 'Make an order' }).count()).toBe(0)
  await expect.poll(fake.lanes).toEqual(['workspace:main'])
})

test('a status that can not be read says so, and trying again mends it', async () => {
  const { page, fake } = await visit({ path, before: (fake) => fake.behaviour.failing.push('/api/erp') })
  const alert = page.getByRole('alert')
  await alert.getByText('The database did not answer in time.').waitFor()
  fake.behaviour.failing.length = 0
  await alert.getByRole('button', { name: 'Try again' }).click()
  await page.getByRole('heading', { name: 'What runs and what waits' }).waitFor()
})

test('offline, what was read stays, and a refresh says why it did not start', async () => {
  const { page } = await visit({ path })
  const products = page.getByRole('article', { name: 'Products', exact: true })
  await products.getByText('6,004').waitFor()
  await page.context().setOffline(true)
  await page.getByText('This device is offline', { exact: true }).waitFor()
  await products.getByRole('button', { name: 'Refresh' }).click()
  await products.getByRole('alert').getByText('This device is offline.').waitFor()
  await products.getByText('6,004').waitFor()
  await page.context().setOffline(false)
  await page.getByText('This device is offline', { exact: true }).waitFor({ state: 'detached' })
})

test('code that can not be fetched is said, and trying again fetches it', async () => {
  const { page } = await visit({})
  await page.route(/\/assets\/erp-.*\.js/, (route) => route.abort())
  await page.getByRole('link', { name: 'ERP', exact: true }).click()
  await page.getByText('This view could not be fetched').waitFor()
  await page.unroute(/\/assets\/erp-.*\.js/)
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByRole('heading', { name: 'What runs and what waits' }).waitFor()
})

test('what takes the place of the skeleton shifts nothing noticeable', async () => {
  const { promise: gate, resolve: open } = Promise.withResolvers<void>()
  const { page } = await visit({
    path,
    before: (fake) => {
      fake.behaviour.gate = gate
    },
  })
  await page.evaluate(`new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.shift = (window.shift ?? 0) + entry.value
  }).observe({ type: 'layout-shift', buffered: true })`)
  await page.locator('.skeleton').first().waitFor()
  open()
  await page.locator('.skeleton').first().waitFor({ state: 'detached' })
  await page.waitForLoadState('networkidle')
  expect(await page.evaluate<number>('window.shift ?? 0')).toBeLessThan(0.1)
})

test('one reason is told once, whatever it holds up, with what to do', async () => {
  const { page } = await visit({ path, size: many, before: makeTroubled })
  const notice = page.getByRole('region', { name: AWAY.reason })
  await notice.getByText('Customers of 3 users, orders of 3 users').waitFor()
  await notice.getByText(AWAY.mend).waitFor()
  expect(await page.getByText(AWAY.reason).count()).toBe(1)
  await page.getByText('Resumes at page 1,204').waitFor()
  await page.getByText('They need 138 % of the ERP’s time.', { exact: false }).waitFor()
})

test('of many users those that need a look stand on top, and all are a press away', async () => {
  const { page } = await visit({ path, size: many, before: makeTroubled })
  const rows = page.getByRole('table', { name: 'Customers by user' }).getByRole('row')
  await rows.first().waitFor()
  expect(await rows.count()).toBe(6)
  expect(await rows.nth(1).textContent()).toContain('Can’t be read')
  await page.getByRole('button', { name: 'Show all 40 users of Customers' }).click()
  expect(await rows.count()).toBe(41)
  expect(await rows.nth(40).textContent()).toContain('Off')
})

test('an exclusive holder, places, who waits, and what a run waits for are told', async () => {
  const { page } = await visit({ path, before: makeBusy })
  const now = page.getByRole('region', { name: 'What runs and what waits' })
  await now.getByText('Held for one order').waitFor()
  await now.getByText('Orders of bob: all others pause').waitFor()
  await now.getByText('Paused while an order is made').waitFor()
  await now.getByText('Products and prices, Customers of ada and Orders of bob').waitFor()
  await now
    .getByText(/about 7 min left, until \d\d:\d\d/)
    .first()
    .waitFor()
})

test.each([320, 480, 700, 900, 1_000, 1_920])('%i pixels wide: nothing sticks out', async (width) => {
  const { page } = await visit({
    path,
    size: many,
    before: (fake) => {
      makeBusy(fake)
      makeTroubled(fake)
    },
    browser: width === 320 ? PHONE : { viewport: { width, height: 800 } },
  })
  await page.getByText('Donaudampfschifffahrtsgesellschaftskapitänsmütze').first().waitFor()
  expect(await overflow(page)).toBeLessThanOrEqual(0)
  const cut = await page.evaluate<string[]>(
    `[...document.querySelectorAll('.erp-card, .panel, .erp-scopes, .notice')].flatMap((e) =>
      e.scrollWidth > e.clientWidth + 1 ? [e.className] : [])`,
  )
  expect(cut).toEqual([])
})
