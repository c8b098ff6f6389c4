import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { makeHeld, makeNew, makeUnlinked, makeUnreachable } from './sheet-scenes.ts'
import { visits } from './visit.ts'

const visit = visits()
const path = '/sheets'
const card = (page: Page) => page.getByRole('article', { name: 'Reference', exact: true })
const tab = (page: Page, name: string | RegExp) => card(page).getByRole('region', { name })
const dialog = (page: Page) => page.getByRole('dialog')
const press = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).first().click()

test('each tab tells how it stands, and its numbers', async () => {
  const { page } = await visit({ path })
  const rates = tab(page, 'DynamicRates')
  await rates.getByText('In step').waitFor()
  await rates.getByText('of 1,318 lately').waitFor()
  await rates.getByText('of 50 runs').waitFor()
  await tab(page, 'Ranks in the tab Ränge').getByText('a person says').waitFor()
})

test('a sync goes on before one’s eyes, told by the socket, and then the tabs are in step', async () => {
  const { page, fake } = await visit({ path, before: makeNew, behaviour: { pace: 400 } })
  await expect.poll(fake.lanes).toContain('reference')
  await tab(page, 'DynamicRates').getByText('Not synced yet').waitFor()
  await press(page, /^Sync now/)
  await card(page).getByText('A sync is queued').waitFor()
  const bar = card(page).getByRole('progressbar')
  await expect.poll(async () => Number(await bar.getAttribute('aria-valuenow'))).toBeGreaterThan(0)
  await tab(page, /^Ranks/)
    .getByText('Syncing')
    .waitFor()
  await bar.waitFor({ state: 'detached' })
  await tab(page, 'DynamicRates').getByText('In step').waitFor()
  expect(fake.requests).toContain('POST /api/sheets/reference/sync')
})

test('reading everything is asked for as such', async () => {
  const { page, fake } = await visit({ path, behaviour: { pace: 400 } })
  await press(page, /^Read everything/)
  await card(page).getByRole('link', { name: 'Reading everything' }).waitFor()
  expect(fake.world.runs[0]).toMatchObject({ link: 'reference.sheet', full: true })
})

test('an emptied tab is held until an admin has seen what would go, and said so', async () => {
  const { page, fake } = await visit({ path, before: makeHeld })
  const rates = tab(page, 'DynamicRates')
  await rates.getByText('Held').waitFor()
  const guard = page.getByRole('region', { name: 'The tab of dynamic rates was emptied' })
  await guard.getByRole('button', { name: /^Let them go/ }).click()
  await dialog(page).getByText('none of the 4 rows').waitFor()
  await dialog(page).getByText('Dynamic rates r3').waitFor()
  const conflict = fake.world.conflicts.find(({ id }) => id === 's_emptied')
  expect(conflict?.resolved_at).toBeNull()
  await dialog(page).getByRole('button', { name: 'Let them go' }).click()
  await guard.waitFor({ state: 'detached' })
  expect(conflict?.resolution).toBe('keep_local')
})

test('the rows can be written back instead', async () => {
  const { page, fake } = await visit({ path, before: makeHeld })
  await press(page, /^Write them back/)
  await dialog(page).getByText('No row here: they all stay as they are.').waitFor()
  await dialog(page).getByRole('button', { name: 'Write them back' }).click()
  await page.getByRole('status').getByText('Settled: the rows stay').waitFor({ state: 'attached' })
  expect(fake.world.conflicts.find(({ id }) => id === 's_emptied')?.resolution).toBe('keep_remote')
})

test('what can’t be read says why, what was kept and what to do', async () => {
  const { page } = await visit({ path, before: makeUnreachable })
  const trouble = page.getByRole('region', { name: /Google answered 403/ })
  await trouble.getByText('programs go on reading what was in step last').waitFor()
  await trouble.getByText('Share it as editor').waitFor()
})

test('the quota tells what is usual and at worst, and which schedule asks for too much', async () => {
  const { page } = await visit({ path, before: makeUnreachable })
  const quota = page.getByRole('region', { name: 'Google’s quota' })
  await quota.getByText('19 % usually').waitFor()
  await quota.getByText('123.3 % at worst').waitFor()
  await quota.getByText('Reference: every 1 min is too often').waitFor()
  await quota.getByText('It fits every 2 min.').waitFor()
})

test('a workbook is linked by its pasted address', async () => {
  const { page, fake } = await visit({ path, before: makeUnlinked })
  await press(page, /^Link a workbook/)
  const field = dialog(page).getByRole('textbox', { name: 'Workbook' })
  await field.fill('not an address!')
  await dialog(page).getByRole('button', { name: 'Link it' }).click()
  expect(await field.and(page.locator(':invalid')).count()).toBe(1)
  await field.fill('https://docs.google.com/spreadsheets/d/1AbC_d-9/edit#gid=0')
  await dialog(page).getByLabel('DynamicRates').fill('Staffeln')
  await dialog(page).getByLabel('Changed on both sides').selectOption('manual')
  await dialog(page).getByLabel('Look every … minutes').fill('2')
  await dialog(page).getByRole('button', { name: 'Link it' }).click()
  await card(page).getByText('every 2 min').waitFor()
  await card(page).getByText('a person says').waitFor()
  expect(fake.world.sheets.config['sheets.reference']).toEqual({
    spreadsheet_id: '1AbC_d-9',
    tabs: { dynamic_rates: 'Staffeln', ranks: 'Ränge' },
    policy: 'manual',
    check_minutes: 2,
  })
})

test('a link keeps what the form does not show, and what was typed when it is refused', async () => {
  const { page, fake } = await visit({
    path,
    before: ({ world }) => {
      world.sheets.config['sheets.reference'] = { full_hours: 6, policies: { ranks: 'manual' } }
    },
  })
  await press(page, /^Change the link/)
  const field = dialog(page).getByRole('textbox', { name: 'Workbook' })
  await field.fill('forbidden-1')
  await dialog(page).getByRole('button', { name: 'Link it' }).click()
  await dialog(page).getByRole('alert').getByText('Share it first.').waitFor()
  expect(await field.inputValue()).toBe('forbidden-1')
  await field.fill('allowed-1')
  await dialog(page).getByRole('button', { name: 'Link it' }).click()
  await dialog(page).waitFor({ state: 'detached' })
  expect(fake.world.sheets.config['sheets.reference']).toMatchObject({
    spreadsheet_id: 'allowed-1',
    full_hours: 6,
    policies: { ranks: 'manual' },
  })
})

test('instant sync has its steps, its script and its secret, to be copied', async () => {
  const { page, fake } = await visit({ path })
  await press(page, /^Instant sync/)
  await dialog(page).getByText('Run connect once').waitFor()
  const secret = dialog(page).getByRole('textbox', { name: /^The secret, for TIDEMARK_SECRET/ })
  expect(await secret.inputValue()).toBe(fake.world.sheets.script.secret)
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await dialog(page).getByRole('button', { name: 'Copy the script' }).click()
  await dialog(page).getByText('Copied').waitFor()
  expect(await page.evaluate<string>('navigator.clipboard.readText()')).toBe(fake.world.sheets.script.script)
})

test('rows are shown as people read them, each with the way to where it came from', async () => {
  const { page } = await visit({ path })
  const row = page.getByRole('row').filter({ hasText: 'E-002' })
  await row.getByText('16.55').waitFor()
  await row.getByText('5.25 %').waitFor()
  await page.getByRole('radio', { name: 'DynamicRates' }).check()
  await page.getByText('no end').waitFor()
  await page.getByRole('radio', { name: 'EmployeeSettings' }).check()
  await row.getByRole('link', { name: /^in Tidemark/ }).click()
  await page.waitForURL(/\/history\/employee_settings\/E-002$/)
})

test('who is no admin sees how it stands, and is offered nothing that is not his', async () => {
  const { page, fake } = await visit({ path, before: makeHeld, behaviour: { role: 'user' } })
  await page.getByText('Amara Okafor').waitFor()
  await page.getByText('The tab of ranks was replaced').waitFor()
  expect(await card(page).getByRole('button').count()).toBe(0)
  expect(fake.requests.filter((request) => /forecast|script/.test(request))).toEqual([])
  // Who asks about them is an admin: a user's inbox has none of them.
  await tab(page, 'DynamicRates').getByText('1 open question').waitFor()
  expect(await card(page).locator('a[href^="/conflicts"]').count()).toBe(0)
})

test('a cell that both sides changed shows them as people typed them, and is answered there or here', async () => {
  const { page, fake } = await visit({ path: '/conflicts', before: makeHeld })
  const item = page.getByRole('link', { name: /^Sheet and database say different hourly wage/ })
  await item.getByText('here 21.25, in the sheet 22.00').waitFor()
  await item.getByText('answer here or in the sheet').click()
  await page.getByText('delete the note to keep what stands there').waitFor()
  await press(page, /^Take the sheet’s/)
  await dialog(page).getByText('21.25').waitFor()
  await dialog(page).getByRole('button', { name: 'Take the sheet’s' }).click()
  const resolution = () => fake.world.conflicts.find(({ id }) => id === 's_cell')?.resolution
  await expect.poll(resolution).toBe('keep_local')
})

test('a third value is typed as people write it', async () => {
  const { page } = await visit({ path: '/conflicts/s_cell', before: makeHeld })
  await press(page, /^Merge by hand/)
  const own = dialog(page).getByRole('textbox', { name: 'hourly wage, typed' })
  expect(await own.inputValue()).toBe('22.00')
  await own.fill('21.80')
  await dialog(page).locator('.plan-columns').getByText('21.80').waitFor()
})

test('open questions lead from the tab to the inbox', async () => {
  const { page } = await visit({ path, before: makeHeld })
  await tab(page, 'EmployeeSettings').getByRole('link', { name: '1 open question' }).click()
  await page.getByRole('heading', { level: 1, name: 'Conflicts' }).waitFor()
  await page.getByText('1 of 4 conflicts', { exact: true }).waitFor()
})
