import { expect, test } from 'vitest'
import { overflow, visits } from './visit.ts'

const visit = visits()

test('a failure of reading says what happened, what was kept and what to do, and trying again mends it', async () => {
  const { page, fake } = await visit({ before: (fake) => fake.behaviour.failing.push('/api/projects') })
  const alert = page.getByRole('alert')
  await alert.getByText('The database did not answer in time.').waitFor()
  await alert.getByText('Nothing was changed.').waitFor()
  fake.behaviour.failing.length = 0
  await alert.getByRole('button', { name: 'Try again' }).click()
  await page.getByRole('link', { name: 'Harbour Films' }).waitFor()
})

test('what was read stays when it can not be read again, and the page says since when', async () => {
  const { page, fake } = await visit()
  await page.getByText('+5.29K').waitFor()
  fake.behaviour.failing.push('/api/')
  await page.evaluate('document.dispatchEvent(new Event("visibilitychange"))')
  await page.getByText('What is shown may be out of date').waitFor()
  await page.getByText('+5.29K').waitFor()
  fake.behaviour.failing.length = 0
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByText('What is shown may be out of date').waitFor({ state: 'detached' })
})

test('offline is said, and the page catches up when it is over', async () => {
  const { page } = await visit()
  await page.getByText('+5.29K').waitFor()
  await page.context().setOffline(true)
  await page.getByText('This device is offline', { exact: true }).waitFor()
  await page.getByText('+5.29K').waitFor()
  await page.getByRole('button', { name: 'Sync now' }).click()
  await page.getByText('The sync did not start').first().waitFor()
  await page.context().setOffline(false)
  await page.getByText('This device is offline', { exact: true }).waitFor({ state: 'detached' })
})

test('a server that is gone before the page opens is said, and asked again', async () => {
  const { page, fake } = await visit({ before: (fake) => fake.behaviour.failing.push('/api/session') })
  await page.getByRole('alert').getByText('The database did not answer in time.').waitFor()
  fake.behaviour.failing.length = 0
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
})

test.each(['/', '/projects/project-1', '/accounts/project-1-a1', '/runs'])(
  'what takes the place of the skeleton of %s shifts nothing noticeable',
  async (path) => {
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
    // Below 0.1 counts as good (web.dev/cls).
    expect(await page.evaluate<number>('window.shift ?? 0')).toBeLessThan(0.1)
  },
)

test('a thousand accounts: few rows are rendered, all are counted, sorted and found', async () => {
  const { page } = await visit({ path: '/projects/project-1', size: { projects: 1, accounts: 1_000 } })
  await page.getByText('1,000 accounts').first().waitFor()
  const table = page.getByRole('table', { name: 'Accounts and their metrics' })
  expect(await table.getAttribute('aria-rowcount')).toBe('1001')
  await expect.poll(() => page.locator('.accounts tbody tr').count()).toBeLessThan(120)
  const height = await page.evaluate<number>('document.querySelector(".accounts").offsetHeight')
  expect(height).toBeGreaterThan(44_000)

  await page.evaluate('scrollTo(0, 1e9)')
  await page.locator('tr[aria-rowindex="1001"]').waitFor()
  await page.getByRole('button', { name: 'Followers' }).click()
  expect(await page.getByRole('columnheader', { name: 'Followers' }).getAttribute('aria-sort')).toBe(
    'ascending',
  )

  await page.getByRole('searchbox', { name: 'Filter accounts' }).fill('foghorn977')
  await page.getByText('1 of 1,000 accounts').waitFor()
  await page.getByRole('link', { name: 'foghorn977', exact: true }).waitFor()
  await page.getByRole('searchbox').fill('nobody at all')
  await page.getByText('No account matches').waitFor()
  await page.getByRole('button', { name: 'Clear the filter' }).click()
  await page.getByText('1,000 accounts').first().waitFor()
})

test('an account that nobody reads yet is told without a chart', async () => {
  const { page } = await visit({ path: '/accounts/project-1-a6?metric=comments' })
  await page.getByText('No snapshot of comments in these days').waitFor()
  await page.getByText('Nobody ever said a number of comments').waitFor()
})

test.each([360, 480, 700, 820, 1_000, 1_920])('%i pixels wide: nothing sticks out', async (width) => {
  const { page } = await visit({ path: '/projects/project-1', browser: { viewport: { width, height: 800 } } })
  await page.getByText('saltandstone').first().waitFor()
  expect(await overflow(page)).toBeLessThanOrEqual(0)
  const cut = await page.evaluate<number>(
    `[...document.querySelectorAll('td.number, .metric-grid td')].filter((e) => e.scrollWidth > e.clientWidth).length`,
  )
  expect(cut).toBe(0)
})
