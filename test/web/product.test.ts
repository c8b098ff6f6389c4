import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Started } from '../../sync/protocol/erp.ts'
import { addErpUsers, configure, SHEET, type Stack, startStack } from '../stack/stack.ts'
import { launch, openPage } from './browser.ts'

// The page in front of the five real Workers. The fake reaches more states; this shows that it doesn't lie.

let stack: Stack
let browser: Browser
let page: Page
const broken: string[] = []

beforeAll(async () => {
  stack = await startStack()
  await configure(stack, 2, 3)
  await stack.call('POST', '/api/admin/smart_sync')
  browser = await launch()
})
afterAll(async () => {
  await browser.close()
  await stack.close()
})

beforeEach(async () => {
  page = await openPage(browser)
  page.on('pageerror', (error) => broken.push(error.message))
  page.on('console', (message) => {
    if (/Content Security Policy/.test(message.text())) broken.push(message.text())
  })
  const { body } = await stack.call<{ url: string }>('POST', '/api/codes', {
    body: { role: 'admin', name: 'Ada' },
  })
  await page.goto(body.url)
  await page.getByRole('link', { name: 'Project 1' }).waitFor()
  await page.getByText('Live', { exact: true }).waitFor()
})
afterEach(async () => {
  await page.close()
  expect(broken.splice(0)).toEqual([])
})

test('a sync shows its progress and its result', async () => {
  stack.google.person.set(SHEET, { cell: 'Project 1!D2', text: '1,500' })
  stack.google.person.set(SHEET, { cell: 'Project 1!E2', text: 'many' })
  const hold = stack.google.faults.hold({ api: 'drive.files.get' })
  await page.getByRole('button', { name: 'Sync now' }).click()
  await hold.arrived()
  await page.getByRole('progressbar').waitFor()
  hold.release()
  await page
    .getByText(/^2 of 2 projects synced: 1 account updated/)
    .first()
    .waitFor()
  await page.locator('.card-link').first().click()
  await page.getByText("'Project 1'!E2").waitFor()
  await page.getByText('many', { exact: true }).waitFor()
  await page.getByRole('cell', { name: '1,500' }).waitFor()
})

test('what another hand changes appears by itself', async () => {
  stack.google.person.set(SHEET, { cell: 'Project 2!D3', text: '98765' })
  await stack.call('POST', '/api/admin/smart_sync')
  await page.getByRole('cell', { name: '101K' }).waitFor()
})

test('a pin holds a number down, its release lets the rule raise it again, and the history tells of both', async () => {
  await page.locator('.card-link').first().click()
  await page.getByRole('link', { name: 'Channel 2', exact: true }).click()
  await page.getByRole('radio', { name: /Views/ }).check({ force: true })
  await page.getByRole('button', { name: 'Pin views' }).click()
  await page.getByLabel('Value').fill('4,000')
  await page.getByLabel('Note').fill('Counted by hand')
  await page.getByLabel(/^Until/).fill('2099-01-01T12:00')
  await page.getByRole('dialog').getByRole('button', { name: 'Pin' }).click()
  await page.getByText('Pinned to 4,000').first().waitFor()
  await page.getByText(/until 1 Jan 2099, 12:00/).waitFor()
  await page.getByText('“Counted by hand”').waitFor()
  await stack.call('POST', '/api/admin/smart_sync?full=true')
  await page.getByText('Pinned to 4,000').first().waitFor()

  await page.getByRole('button', { name: 'Release' }).click()
  await page.getByRole('button', { name: 'Release the pin' }).click()
  await page.getByText('Released from its pin on 4,000').waitFor()
  await page.getByText('5,001 replaced 4,000').waitFor()
})

test('a spreadsheet that is no longer shared is said with the address to share it with', async () => {
  stack.google.person.unshare(SHEET, { email: 'robot@tidemark.test' })
  await page.getByRole('button', { name: 'Sync now' }).click()
  await page.getByText('Not reachable').waitFor()
  await page
    .getByText(/robot@tidemark\.test/)
    .first()
    .waitFor()
  stack.google.person.share(SHEET, { email: 'robot@tidemark.test', role: 'writer' })
  await page.getByRole('button', { name: 'Sync now' }).click()
  await page.getByText('Reachable', { exact: true }).waitFor()
})

describe('the ERP', () => {
  const PAGES = 12
  const card = (name: string) => page.getByRole('article', { name, exact: true })
  const lane = () => page.locator('.erp-lanes > li').filter({ hasText: 'Products and prices' })
  const bar = () => lane().getByRole('progressbar')
  const barSays = () => bar().getAttribute('aria-valuetext')

  beforeAll(async () => {
    await addErpUsers(stack, 'ann', 'bruno')
    stack.erp.person.fill({ customersEach: 30, products: PAGES * 20, ordersEach: 2, prices: 'all' })
    const lists = [
      ...['products', 'prices'].map((system) => ({ system })),
      ...['ann', 'bruno'].flatMap((user_id) =>
        ['customers', 'orders'].map((system) => ({ system, user_id })),
      ),
    ]
    const runs = await Promise.all(
      lists.map((body) => stack.call<Started>('POST', '/api/erp/sync', { body })),
    )
    await Promise.all(runs.map(({ body }) => stack.ended(String(body.started[0]?.run_id))))
  })
  beforeEach(async () => {
    await page.getByRole('link', { name: 'ERP', exact: true }).click()
    await page.getByRole('heading', { name: 'What runs and what waits' }).waitFor()
  })
  afterEach(() => stack.erp.faults.clear())

  /** Confirms that all pages are read, and waits until the ERP is asked for that one, where it is held. */
  async function readProductsUntil(at: number) {
    const hold = stack.erp.faults.hold({ list: 'products', page: at })
    await card('Products').getByRole('button', { name: 'Read everything' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Read everything' }).click()
    await hold.arrived()
    return hold
  }

  test('each list is shown: whose it is, how many rows it has and how it stands', async () => {
    for (const [name, rows] of [
      ['Customers', '30'],
      ['Orders', '2'],
    ] as const) {
      await card(name).getByText('Of 2 users').waitFor()
      for (const user of ['ann', 'bruno']) {
        const row = card(name).getByRole('row', { name: new RegExp(`^${user}\\b`) })
        await row.getByText('Up to date').waitFor()
        await row.getByRole('cell', { name: rows, exact: true }).waitFor()
      }
    }
    for (const name of ['Products', 'Prices']) {
      await card(name).getByText('Shared by all').waitFor()
      await card(name)
        .getByText(String(PAGES * 20), { exact: true })
        .waitFor()
      await card(name).getByText('Up to date').waitFor()
    }
  })

  test('a run that its button started is told page by page, and ends', async () => {
    const hold = await readProductsUntil(5)
    await card('Products').getByText('Reading', { exact: true }).waitFor()
    await expect.poll(barSays).toBe(`Page 4 of ${PAGES} · 80 rows read · 0 written`)
    hold.release()
    await bar().waitFor({ state: 'detached' })
    await card('Products').getByText('Up to date').waitFor()
    await page.getByText('Nothing runs, and nothing waits.', { exact: false }).waitFor()
  })

  test('an order pauses a run at its next page, is made once, and the run goes on', async () => {
    const customer = stack.erp.person.rows('customers', { user: 'ann' })[0]
    const product = stack.erp.person.rows('products')[0]
    const reading = await readProductsUntil(3)
    await page.getByRole('button', { name: 'Make an order' }).click()
    await page.getByLabel('For').selectOption('ann')
    await page.getByRole('combobox', { name: 'Customer' }).fill(String(customer?.id))
    await page.getByRole('option', { name: String(customer?.name) }).click()
    await page.getByRole('combobox', { name: 'Add a product' }).fill(String(product?.code))
    await page.getByRole('option', { name: String(product?.name) }).click()
    await page.getByLabel(/^Quantity of/).fill('3')
    const ordering = stack.erp.faults.hold({ method: 'POST', path: '/api/orders' })
    await page.getByRole('button', { name: 'Send to the ERP' }).dblclick()
    reading.release()
    await ordering.arrived()
    const paused = lane().getByText('Paused while an order is made in the ERP')
    await paused.waitFor({ state: 'attached' })
    await card('Products').getByText('Paused', { exact: true }).waitFor()
    const stopped = await barSays()
    expect(stopped).toMatch(/^Page [34] of/)
    await page.evaluate('document.dispatchEvent(new Event("visibilitychange"))')
    await page.getByText('Held for one order').waitFor()
    expect(await barSays()).toBe(stopped)

    ordering.release()
    await page.getByText('The order is made').waitFor()
    await paused.waitFor({ state: 'detached' })
    await bar().waitFor({ state: 'detached' })
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click()
    await card('Products').getByText('Up to date').waitFor()
    const [made, ...others] = stack.erp.person
      .rows('orders', { user: 'ann' })
      .filter(({ external_ref }) => external_ref)
    expect(others).toEqual([])
    const listed = page.getByRole('listitem').filter({ hasText: `Made: ${made?.number}` })
    await listed.getByText(`${customer?.name} (${customer?.id}), 1 line`, { exact: false }).waitFor()
  })

  test('prices that changed in the ERP are listed, from what to what', async () => {
    const [first, second] = stack.erp.person.rows('prices')
    stack.erp.person.put('prices', { ...first, price: 12.34 })
    stack.erp.person.put('prices', { ...second, price: 1234.5 })
    const euros = new Intl.NumberFormat('en-GB', { style: 'currency', currency: 'EUR' })
    await card('Prices').getByRole('button', { name: 'Refresh' }).click()
    for (const [row, price] of [
      [first, '€12.34'],
      [second, '€1,234.50'],
    ] as const) {
      const change = page.locator('.erp-price').filter({ hasText: String(row?.name) })
      await change.getByText(price, { exact: true }).waitFor()
      await change.getByText(euros.format(Number(row?.price)), { exact: true }).waitFor()
    }
  })

  test('an ERP that answers wrongly is told with the reason and what to do, and what was read stays', async () => {
    stack.erp.faults.add({ match: { list: 'prices' }, times: 99, do: { total: 3 } })
    stack.erp.faults.add({
      match: { list: 'customers', user: 'ann', page: 1 },
      times: 99,
      do: { noRows: true },
    })
    await card('Prices').getByRole('button', { name: 'Refresh' }).click()
    await card('Customers').getByRole('button', { name: 'Refresh Customers of ann' }).click()

    const shrunk = page.getByRole('region', { name: `The list says it has 3 rows; it had ${PAGES * 20}` })
    await shrunk.getByText('Prices', { exact: true }).waitFor()
    await shrunk.getByText(/^If they were really removed, read everything/).waitFor()
    await card('Prices').getByText('Can’t be read').waitFor()
    await card('Prices')
      .getByText(String(PAGES * 20), { exact: true })
      .waitFor()
    const empty = page.getByRole('region', { name: 'Page 1 of 2 is empty' })
    await empty.getByText('Customers of ann', { exact: true }).waitFor()
    await empty.getByText(/^Look at the list/).waitFor()
    const row = card('Customers').getByRole('row', { name: /^ann\b/ })
    await row.getByText('Can’t be read').waitFor()
    await row.getByRole('cell', { name: '30', exact: true }).waitFor()
    await card('Customers').getByText('1 can’t be read').waitFor()

    stack.erp.faults.clear()
    await card('Prices').getByRole('button', { name: 'Refresh' }).click()
    await row.getByRole('button', { name: /^Refresh/ }).click()
    await card('Prices').getByText('Up to date').waitFor()
    await row.getByText('Up to date').waitFor()
    await page.getByText('What waits', { exact: true }).waitFor({ state: 'detached' })
  })
})

test('a revoked session closes the door at once', async () => {
  const { body } = await stack.call<{ id: string; kind: string; revoked_at: string | null }[]>(
    'GET',
    '/api/tokens',
  )
  const session = body.find(({ kind, revoked_at }) => kind === 'session' && revoked_at === null)
  await stack.call('DELETE', `/api/tokens/${session?.id}`)
  await page.getByText('Your session has ended').waitFor()
})
