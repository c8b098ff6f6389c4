import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { DevicePushAnswer } from '../../sync/protocol/device.ts'
import { type Stack, startStack } from '../stack/stack.ts'
import { launch, openPage } from './browser.ts'

// The inbox in front of the five real Workers, with two laptops that keep `admins`. The tests tell it in order.

type Laptop = 'ann' | 'bob'

let stack: Stack
let browser: Browser
let page: Page
const tokens: Record<Laptop, string> = { ann: '', bob: '' }
const sent: Record<Laptop, number> = { ann: 0, bob: 0 }
const broken: string[] = []

beforeAll(async () => {
  stack = await startStack()
  browser = await launch()
  for (const user of ['ann', 'bob'] as const) {
    const body = { role: 'device', user_id: user, name: user }
    const code = await stack.call<{ code: string }>('POST', '/api/codes', { body })
    const paired = await stack.call<{ token: string }>('POST', '/api/devices/pair', {
      token: null,
      body: { code: code.body.code, name: `${user}'s laptop` },
    })
    tokens[user] = paired.body.token
  }
})
afterAll(async () => {
  await browser.close()
  await stack.close()
})

beforeEach(async () => {
  page = await openPage(browser)
  page.on('pageerror', (error) => broken.push(error.message))
  const { body } = await stack.call<{ url: string }>('POST', '/api/codes', {
    body: { role: 'admin', name: 'Ada' },
  })
  await page.goto(body.url)
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
})
afterEach(async () => {
  await page.close()
  expect(broken.splice(0)).toEqual([])
})

async function push(who: Laptop, edit: object): Promise<void> {
  const { status, body } = await stack.call<DevicePushAnswer>('POST', '/api/push', {
    token: tokens[who],
    body: {
      lane: 'admins',
      incarnation: `${who}-laptop`,
      first: ++sent[who],
      mutations: [{ table: 'admins', at: new Date().toISOString(), ...edit }],
    },
  })
  expect([status, body]).toEqual([200, expect.anything()])
}
const rows = async () =>
  Object.fromEntries(
    (await stack.runtime.query('SELECT id, username, name FROM admins WHERE deleted_at IS NULL')).map(
      ({ id, username, name }) => [id, [username, name]],
    ),
  )
const dialog = () => page.getByRole('dialog')

test('a name that is taken is seen, renamed as it was shown, and undone', async () => {
  await push('ann', { op: 'insert', key: 'a', values: { username: 'john', name: 'John Ferry' } })
  await push('bob', { op: 'insert', key: 'b', values: { username: 'John', name: 'John Miller' } })
  await page.getByRole('link', { name: /Conflicts/ }).click()
  await page.getByText('Two admins want the username “John”').waitFor()
  await page.getByText('from bob’s device').waitFor()
  await page.getByRole('button', { name: /^Rename to John_/ }).click()
  await dialog().getByLabel('New username').fill('miller')
  await dialog().getByText('“miller”', { exact: true }).waitFor()
  await dialog().getByRole('button', { name: 'Rename' }).click()
  await page.getByText('Settled: John Miller is now miller').first().waitFor()
  expect(await rows()).toEqual({ a: ['john', 'John Ferry'], b: ['miller', 'John Miller'] })

  await page.getByRole('button', { name: 'Undo' }).click()
  await dialog().getByText('The conflict is open again.').waitFor()
  await dialog().getByRole('button', { name: 'Undo' }).click()
  await page.getByText('Two admins want the username “John”').waitFor()
  expect(await rows()).toEqual({ a: ['john', 'John Ferry'] })
})

test('two edits of one field: who said what stands beside each other, and what moves meanwhile is shown', async () => {
  await push('ann', {
    op: 'update',
    key: 'a',
    values: { name: 'Johnny Ferry' },
    base: { name: 'John Ferry' },
  })
  await push('bob', { op: 'update', key: 'a', values: { name: 'Jon Ferry' }, base: { name: 'John Ferry' } })
  await page.getByRole('link', { name: /Conflicts/ }).click()
  await page.getByText("Ann's laptop changed the name here while bob’s device changed it too").click()
  await page.getByText('What both began with').waitFor()
  expect(await page.locator('.versus mark').allTextContents()).toEqual(['Johnny', 'Jon'])
  await page.getByText("ann's laptop changed name").waitFor()
  await page.getByRole('button', { name: /Keep the local edit/ }).click()
  await dialog().getByText('“Johnny Ferry”').waitFor()
  await push('ann', { op: 'update', key: 'a', values: { name: 'J. Ferry' }, base: { name: 'Johnny Ferry' } })
  await dialog().getByRole('button', { name: 'Keep the local edit' }).click()
  await dialog().getByText('Something changed since you looked').waitFor()
  await dialog().getByText('“J. Ferry”').waitFor()
  expect((await rows()).a).toEqual(['john', 'J. Ferry'])
  await dialog().getByRole('button', { name: 'Keep the local edit' }).click()
  await page.getByText('Settled: kept the local edit, by Ada').waitFor()
  expect((await rows()).a).toEqual(['john', 'Jon Ferry'])
})

test('the row’s history tells of it, and one entry of it is undone', async () => {
  await page.goto(`${stack.runtime.url}/history/admins/a`)
  await page.getByText('Ada settled a conflict: kept the local edit').waitFor()
  await page.getByText("ann's laptop added the row").waitFor()
  await page.getByRole('button', { name: /^Undo this: Ada settled a conflict/ }).click()
  await dialog().getByText('The conflict is open again.').waitFor()
  await dialog().getByRole('button', { name: 'Undo' }).click()
  await page.getByText('Ada undid a').first().waitFor()
  expect((await rows()).a).toEqual(['john', 'J. Ferry'])
})

test('auto-resolve and many at once settle what is left', async () => {
  await page.goto(`${stack.runtime.url}/conflicts`)
  await page.getByRole('button', { name: 'Auto-resolve', exact: true }).click()
  await dialog().getByRole('region', { name: 'Would be settled' }).getByText('John Miller').waitFor()
  await dialog().getByRole('button', { name: 'Cancel' }).click()
  await page.getByRole('checkbox', { name: /^Select all/ }).check()
  await page.getByRole('button', { name: 'Keep what stands here', exact: true }).click()
  await dialog().getByText('2 would be settled').waitFor()
  await dialog().getByRole('button', { name: 'Keep what stands here' }).click()
  await page.getByText('Nothing waits for you').waitFor()
  expect(await rows()).toEqual({ a: ['john', 'J. Ferry'] })
})

test('the devices and their settings are there', async () => {
  await page.goto(`${stack.runtime.url}/devices`)
  await page.getByText("bob's laptop").waitFor()
  await page.getByRole('checkbox', { name: 'Volunteers' }).waitFor()
  await page.getByLabel('Tries').fill('5')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Earlier settings').click()
  await page.getByText('tries: 5').waitFor()
  await page.getByRole('button', { name: 'Sync all devices now' }).click()
  await page.getByText('No device is on line; each syncs when it is back').first().waitFor()
})

test('rows that a sheet lost and the guard kept are let go by an admin', async () => {
  await stack.runtime.query(`INSERT INTO accounts (id, project_id, platform, profile_url, profile_url_key, version, updated_at, origin)
    VALUES ('acc-1', 'p', 'tiktok', 'https://tiktok.com/@a', 'a', 1, 1, 'x'), ('acc-2', 'p', 'tiktok', 'https://tiktok.com/@b', 'b', 1, 1, 'x')`)
  await stack.runtime.query(`INSERT INTO conflicts (id, lane, link, scope, part, tbl, key, kind, ours, theirs, detail, opened_at)
    VALUES ('c_guard', 'workspace:w', 'smart-sync.sheet', 'w', 'p', 'accounts', 'p', 'deletion_guard', '["acc-1","acc-2"]', '["acc-1","acc-2"]',
      '2 of 4 rows are gone', 1)`)
  const left = async () =>
    (await stack.runtime.query('SELECT id FROM accounts WHERE deleted_at IS NULL')).length
  await page.goto(`${stack.runtime.url}/conflicts/c_guard`)
  await page.getByRole('button', { name: /^Let them go/ }).click()
  await dialog().getByText('acc-2').waitFor()
  expect(await left()).toBe(2)
  await dialog().getByRole('button', { name: 'Let them go' }).click()
  await expect.poll(left).toBe(0)
  await page.getByText('keep_local').waitFor()
})
