import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { makeBusy } from './erp-scenes.ts'
import { PAUSED } from './fake-erp-runs.ts'
import type { FakeServer } from './fake-server.ts'
import { visits } from './visit.ts'

const visit = visits()
const path = '/erp'
const card = (page: Page, name: string) => page.getByRole('article', { name, exact: true })
const bar = (page: Page) => page.getByRole('progressbar')
const pageOf = async (page: Page) => Number(await bar(page).getAttribute('aria-valuenow'))

/** Longer than a page of the fake's takes on a machine that does other things too. */
const PATIENT = { timeout: 10_000 }

/** Waits until the page listens to the ERP's lanes. */
const heard = async (page: Page, fake: FakeServer) => {
  await expect.poll(fake.lanes, PATIENT).toContain('products')
  await page.getByText('Live', { exact: true }).waitFor()
}

test('a refresh shows its pages as they come, told by the socket, and then the list is up to date', async () => {
  const { page, fake } = await visit({ path, behaviour: { pagePace: 250 } })
  await heard(page, fake)
  await card(page, 'Products').getByRole('button', { name: 'Refresh' }).click()
  await page.getByText('estimating…').waitFor()
  await expect.poll(() => pageOf(page)).toBeGreaterThan(0)
  const before = fake.requests.length
  const first = await pageOf(page)
  await expect.poll(() => pageOf(page), PATIENT).toBeGreaterThan(first + 2)
  expect(fake.requests.slice(before)).toEqual([])
  await page.getByText(/at most about \d+ (s|min) left/).waitFor()
  expect(await bar(page).getAttribute('aria-valuetext')).toMatch(
    /^Page \d+ of 241 · \d+ rows read · 0 written$/,
  )
  await card(page, 'Products').getByText('Reading').waitFor()
  await bar(page).waitFor({ state: 'detached' })
  await card(page, 'Products').getByText('Up to date').waitFor()
  await card(page, 'Products').getByText('92 % of 413').waitFor()
})

test('an order pauses a run at its next page, and the run goes on when the order is made', async () => {
  const { page, fake } = await visit({ path, behaviour: { pagePace: 120, orderMs: 1_500 } })
  await heard(page, fake)
  await readEverything(page, 'Products')
  await expect.poll(() => pageOf(page)).toBeGreaterThan(1)
  await writeOrder(page)
  await page.getByRole('button', { name: 'Send to the ERP' }).click()
  await page.getByText('Sent to the ERP…').first().waitFor()
  const paused = page.locator('.erp-run-words').filter({ hasText: new RegExp(PAUSED, 'i') })
  await paused.waitFor({ state: 'attached' })
  const stopped = await pageOf(page)
  await page.getByText('The order is made').waitFor()
  await paused.waitFor({ state: 'detached' })
  await expect.poll(() => pageOf(page), PATIENT).toBeGreaterThan(stopped)
  await page.getByRole('button', { name: 'Close' }).click()
  const made = page.getByRole('listitem').filter({ hasText: `Made: ${fake.world.erp.orders[0]?.number}` })
  await made.getByText('Trattoria da Mario (C1), 1 line', { exact: false }).waitFor()
})

test('pressing twice makes one order', async () => {
  const { page, fake } = await visit({ path, behaviour: { orderMs: 400 } })
  const before = fake.world.erp.orders.length
  await writeOrder(page)
  await page.evaluate(`(() => {
    const form = document.querySelector('dialog form')
    form.requestSubmit()
    form.requestSubmit()
  })()`)
  await page.getByText('The order is made').waitFor()
  expect(fake.requests.filter((request) => request === 'POST /api/orders')).toHaveLength(1)
  expect(fake.world.erp.orders.length).toBe(before + 1)
  expect(fake.world.erp.orders[0]).toMatchObject({
    user_id: 'ada',
    body: { customer_id: 'C1', lines: [{ product_id: 'P1001', quantity: 2.5 }], note: 'Ring twice' },
  })
})

test('where no answer comes, the same order is asked for again under the same key, and is made once', async () => {
  const { page, fake } = await visit({ path, behaviour: { orderEnds: 'lost' } })
  const before = fake.world.erp.orders.length
  await writeOrder(page)
  await page.getByRole('button', { name: 'Send to the ERP' }).click()
  await page.getByText('No answer came', { exact: true }).waitFor()
  expect(await page.getByLabel(/^Quantity of/).isDisabled()).toBe(true)
  await page.getByRole('button', { name: 'Ask again' }).click()
  await page.getByText('The order is made').waitFor()
  expect(fake.requests.filter((request) => request === 'POST /api/orders')).toHaveLength(2)
  expect(fake.world.erp.orders.length).toBe(before + 1)
})

test('a refused order says why, keeps what was written, and is another order once it is corrected', async () => {
  const { page, fake } = await visit({ path, behaviour: { orderEnds: 'refused' } })
  await writeOrder(page)
  await page.getByRole('button', { name: 'Send to the ERP' }).click()
  await page.getByRole('alert').getByText('The ERP refused the order: customer C1 is blocked.').waitFor()
  await page.getByRole('alert').getByText('No order was made.').waitFor()
  fake.behaviour.orderEnds = 'done'
  await page.getByLabel(/^Quantity of/).fill('7')
  await page.getByRole('button', { name: 'Send to the ERP' }).click()
  await page.getByText('The order is made').waitFor()
  const [made, refused] = fake.world.erp.orders
  expect([made?.status, refused?.status]).toEqual(['done', 'refused'])
  expect(made?.key).not.toBe(refused?.key)
})

test('an order in doubt says what to do, and is not sent again', async () => {
  const { page, fake } = await visit({ path, behaviour: { orderEnds: 'unknown' } })
  await writeOrder(page)
  await page.getByRole('button', { name: 'Send to the ERP' }).click()
  const said = page.locator('.order-result')
  await said.getByText('It is not known whether the order was made').waitFor()
  await said.getByText(/Look in the ERP whether it is there/).waitFor()
  expect(
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /Send|again/ })
      .count(),
  ).toBe(0)
  expect(fake.requests.filter((request) => request === 'POST /api/orders')).toHaveLength(1)
})

test('an order that takes long goes on by itself, and its end is told', async () => {
  const { page, fake } = await visit({ path, behaviour: { orderEnds: 'slow', orderMs: 1_200 } })
  await heard(page, fake)
  await writeOrder(page)
  await page.getByRole('button', { name: 'Send to the ERP' }).click()
  await page.getByText(/It takes longer than usual/).waitFor()
  await page.getByText('The order is made').waitFor()
  expect(fake.requests.filter((request) => request === 'POST /api/orders')).toHaveLength(1)
})

test('with the keyboard alone an order is written, and Enter never sends it by accident', async () => {
  const { page, fake } = await visit({ path })
  await page.getByRole('button', { name: 'Make an order' }).focus()
  await page.keyboard.press('Enter')
  await page.getByRole('combobox', { name: 'Customer' }).focus()
  await page.keyboard.type('o')
  await page.getByRole('option', { name: /Mario/ }).first().waitFor()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Change the customer' }).waitFor()
  await expect.poll(() => focused(page)).toBe('Add a product')
  await page.keyboard.type('gland')
  await page.getByRole('option', { name: /Cable gland/ }).waitFor()
  await page.keyboard.press('Enter')
  await expect.poll(() => focused(page)).toBe('Quantity of Cable gland M20')
  await page.keyboard.type('12')
  await page.keyboard.press('Enter')
  await expect.poll(() => focused(page)).toBe('Add a product')
  await page.keyboard.press('Enter')
  expect(fake.requests).not.toContain('POST /api/orders')
  await page.getByText('€11.40').waitFor()
  await page.getByRole('button', { name: 'Send to the ERP' }).focus()
  await page.keyboard.press('Enter')
  await page.getByText('The order is made').waitFor()
  await expect.poll(() => focused(page)).toMatch(/^The order is made/)
})

test('a quantity that is none never leaves the dialog', async () => {
  const { page, fake } = await visit({ path })
  await writeOrder(page)
  await page.getByLabel(/^Quantity of/).fill('a dozen')
  await page.getByRole('button', { name: 'Send to the ERP' }).click()
  await page.locator('.order-quantity:invalid').waitFor()
  expect(fake.requests).not.toContain('POST /api/orders')
})

test('an admin has everything read, or all users at once; others see their own and may not', async () => {
  const { page, fake } = await visit({ path, behaviour: { pagePace: 2_000 } })
  await readEverything(page, 'Prices')
  await card(page, 'Prices').getByText('Queued', { exact: true }).first().waitFor()
  expect(fake.world.erp.runs[0]).toMatchObject({ link: 'prices.erp', full: true })
  await card(page, 'Customers').getByRole('button', { name: 'Refresh all' }).click()
  await card(page, 'Customers').getByText('2 queued').first().waitFor()
  expect(fake.world.erp.runs.slice(1).map(({ scope }) => scope)).toEqual(['ada', 'bob'])
  await card(page, 'Customers').getByRole('button', { name: 'Refresh Customers of bob' }).click()
  await card(page, 'Customers').getByText('One that waits already does this').waitFor()

  fake.behaviour.role = 'user'
  await page.reload()
  await card(page, 'Customers').getByText('Of ada').waitFor()
  expect(await page.getByText('bob').count()).toBe(0)
  expect(await page.getByRole('button', { name: /Read everything|Try again/ }).count()).toBe(0)
})

test('before everything is read it is asked, and nothing starts where the answer is no', async () => {
  const { page, fake } = await visit({ path })
  const button = page.getByRole('button', { name: 'Read everything Customers of bob' })
  // Closed is not yet taken out.
  const gone = () => page.locator('dialog').waitFor({ state: 'detached' })
  await button.click()
  const dialog = page.getByRole('dialog', { name: 'Read everything: Customers of bob' })
  await dialog.getByText('5,581 rows').waitFor()
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await gone()
  await button.press('Enter')
  await dialog.waitFor()
  await page.keyboard.press('Escape')
  await gone()
  await expect.poll(() => focused(page)).toMatch(/^Read everything/)
  expect(fake.requests).not.toContain('POST /api/erp/sync')
  await button.press('Enter')
  await dialog.getByRole('button', { name: 'Read everything' }).click()
  await gone()
  await expect.poll(() => fake.world.erp.runs[0]).toMatchObject({ scope: 'bob', full: true })
})

test('a picture that was given up is fetched again', async () => {
  const { page, fake } = await visit({ path })
  await page.getByRole('button', { name: 'Try again for product P1002' }).click()
  await page.getByText('Product P1002', { exact: true }).nth(1).waitFor({ state: 'detached' })
  await expect
    .poll(() => page.locator('.erp-image').allTextContents())
    .toEqual([expect.stringContaining('P1007')])
  expect(fake.world.erp.images[0]?.status).toBe('pending')
})

test('a price change says from what to what, by how much, and which run found it', async () => {
  const { page } = await visit({ path })
  const first = page.locator('.erp-price').first()
  expect(((await first.textContent()) ?? '').replace(/\s+/g, ' ')).toMatch(
    /Schrauben-Sortiment M4 × 20 verzinkt ?up \+4\.7 % ?from €11\.93 to €12\.49 ?12 min ago, its run/,
  )
  await page.getByRole('button', { name: 'Older price changes' }).click()
  await expect.poll(() => page.locator('.erp-price').count()).toBe(14)
  await page
    .getByRole('link', { name: /its run/ })
    .first()
    .click()
  await page.getByRole('heading', { level: 1, name: /^Run/ }).waitFor()
})

test('one socket a lane, at most twenty of them, and none once the view is left', async () => {
  const { page, fake } = await visit({ path, size: { projects: 1, accounts: 1, users: 40 } })
  await heard(page, fake)
  await expect.poll(() => fake.lanes().length, PATIENT).toBe(21)
  expect(new Set(fake.lanes()).size).toBe(21)
  await page.getByRole('link', { name: 'Runs', exact: true }).click()
  await expect.poll(fake.lanes, PATIENT).toEqual(['workspace:main'])
})

test('without a socket the status is read every 5 s while something runs, and never more often', async () => {
  const { page, fake } = await visit({ path, behaviour: { noSockets: true, pagePace: 1_000 } })
  await page.getByText('Polling', { exact: true }).waitFor()
  await card(page, 'Products').getByRole('button', { name: 'Refresh' }).click()
  await bar(page).waitFor()
  const asked: number[] = []
  page.on('request', (request) => {
    if (request.url().includes('/api/erp/status')) asked.push(Date.now())
  })
  await expect.poll(() => asked.length, { timeout: 12_000 }).toBe(2)
  expect(Number(asked[1]) - Number(asked[0])).toBeGreaterThan(4_500)
  expect(fake.world.erp.runs.length).toBeLessThanOrEqual(1)
})

test('a run that ended unheard does not stay on the page', async () => {
  const { page, fake } = await visit({ path, before: makeBusy })
  await expect.poll(() => bar(page).count()).toBe(3)
  fake.world.erp.runs = []
  await page.evaluate('document.dispatchEvent(new Event("visibilitychange"))')
  await page.getByText('Nothing runs, and nothing waits.', { exact: false }).waitFor()
})

async function readEverything(page: Page, name: string): Promise<void> {
  await card(page, name).getByRole('button', { name: 'Read everything' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Read everything' }).click()
}

/** An order of 2.5 of the first product for the first customer, ready to be sent. */
async function writeOrder(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Make an order' }).click()
  await page.getByRole('combobox', { name: 'Customer' }).fill('mario')
  await page.getByRole('option', { name: /Trattoria/ }).click()
  await page.getByRole('combobox', { name: 'Add a product' }).fill('schrauben')
  await page.getByRole('option', { name: /Schrauben/ }).click()
  await page.getByLabel(/^Quantity of Schrauben/).fill('2,5')
  await page.getByLabel('Note (optional)').fill('Ring twice')
}

/** The accessible name of what has the focus, as far as these tests need it. */
const focused = (page: Page) =>
  page.evaluate<string>(`(() => {
    const e = document.activeElement
    return (e.getAttribute('aria-label') ?? e.labels?.[0]?.textContent ?? e.textContent).trim()
  })()`)
