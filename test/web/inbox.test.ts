import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { PHONE, visits } from './visit.ts'

const visit = visits()
const SIZE = { projects: 1, accounts: 4, conflicts: 9 }
const dialog = (page: Page) => page.getByRole('dialog')
const row = (page: Page, text: string) => page.locator('.inbox-row').filter({ hasText: text })
const focused = (page: Page) =>
  page.evaluate<string>(
    'document.activeElement.closest("[data-id]")?.dataset.id ?? document.activeElement.tagName',
  )

test('conflicts of devices, sheets and the ERP are one list by collection, each in a sentence', async () => {
  const { page } = await visit({ path: '/conflicts', size: SIZE })
  await page.getByText('Two admins want the username “john”').waitFor()
  expect(await page.locator('.inbox-group').allTextContents()).toEqual([
    'Admins 3',
    'Bookings 2',
    'Employees 2',
    'Events 1',
    'Accounts 1',
  ])
  for (const text of [
    'Ann changed the description and seats here while Front desk changed them too',
    'The phone changed both here and on Office laptop',
    'Edited on Front desk, deleted here since',
    'Deleted on Ann’s phone, edited here since',
    'Duplicate in accounts',
  ])
    await page.getByText(text).waitFor()
  expect(await page.getByRole('link', { name: /Conflicts/ }).textContent()).toContain('9 open')
})

test('a thumb settles a conflict with two taps, sees what changes first, and can take it back', async () => {
  const { page, fake } = await visit({ path: '/conflicts', size: SIZE, browser: PHONE })
  await page.getByRole('button', { name: /^Rename to john_a7k2/ }).tap()
  await dialog(page).getByText('“john_a7k2”').waitFor()
  expect(fake.world.sync.rows.has('admins a_new')).toBe(false)
  await dialog(page).getByRole('button', { name: 'Rename' }).tap()
  await page.getByText('Settled: John Miller is now john_a7k2').first().waitFor()
  expect(fake.world.sync.rows.get('admins a_new')).toMatchObject({ username: 'john_a7k2', role: 'admin' })
  await expect.poll(() => row(page, 'john').count()).toBe(0)

  await page.getByRole('button', { name: 'Undo' }).tap()
  await dialog(page).getByText('is removed').waitFor()
  await dialog(page).getByText('The conflict is open again.').waitFor()
  await dialog(page).getByRole('button', { name: 'Undo' }).tap()
  await row(page, 'Two admins want the username “john”').waitFor()
  expect(fake.world.sync.rows.has('admins a_new')).toBe(false)
})

test('everything that a thumb must hit is large enough', async () => {
  const { page } = await visit({ path: '/conflicts/d_merge', size: SIZE, browser: PHONE })
  const small = async () =>
    page.evaluate<
      string[]
    >(`[...document.querySelectorAll('main button, main select, main summary, main input, .inbox-check, .inbox-link, dialog[open] button')]
      .filter((e) => e.offsetParent && e.type !== 'checkbox' && e.type !== 'radio')
      .filter((e) => e.getBoundingClientRect().height < 43.5).map((e) => e.textContent || e.outerHTML)`)
  await page.getByText('What to do').waitFor()
  expect(await small()).toEqual([])
  await page.getByRole('button', { name: /Merge by hand/ }).tap()
  await dialog(page).getByText('This would change').waitFor()
  expect(await small()).toEqual([])
  await page.goto(page.url().replace('/d_merge', ''))
  await page.getByText('Two admins').first().waitFor()
  await page
    .getByRole('checkbox', { name: /^Select: / })
    .first()
    .check()
  expect(await small()).toEqual([])
})

test('a name that is taken, too, is said before anything happens, and another one may be typed', async () => {
  const { page, fake } = await visit({ path: '/conflicts/d_unique', size: SIZE })
  await page.getByRole('button', { name: /^Rename/ }).click()
  const field = dialog(page).getByLabel('New username')
  await field.fill('priest1')
  await dialog(page).getByText('username "priest1" is taken by another row.').waitFor()
  await field.fill('miller')
  await dialog(page).getByText('“miller”', { exact: true }).waitFor()
  await dialog(page).getByLabel('Notes').fill('She asked for it')
  await dialog(page).getByRole('button', { name: 'Rename' }).click()
  await page.getByText('Settled: renamed the local row, by Ada').waitFor()
  await page.getByText('She asked for it').waitFor()
  expect(fake.world.sync.rows.get('admins a_new')).toMatchObject({ username: 'miller' })
})

test('a merge takes each field from the side that was picked, or as it was typed', async () => {
  const { page, fake } = await visit({ path: '/conflicts/d_merge', size: SIZE })
  await page.getByRole('button', { name: /Merge by hand/ }).click()
  const [description, seats] = [
    dialog(page).getByRole('group', { name: 'description' }),
    dialog(page).getByRole('group', { name: 'seats' }),
  ]
  await description.getByRole('radio', { name: /Stands here/ }).check()
  await seats.getByLabel('seats, typed').fill('135')
  await dialog(page).getByText('135', { exact: true }).waitFor()
  await dialog(page).getByRole('button', { name: 'Merge' }).click()
  await page.getByText('Settled: merged by hand, by Ada').waitFor()
  expect(fake.world.sync.rows.get('events e_lamps')).toMatchObject({
    description: expect.stringContaining('at dusk'),
    seats: 135,
  })
})

test('both sides stand next to each other with their words marked, below each other on a phone', async () => {
  const { page } = await visit({ path: '/conflicts/d_merge', size: SIZE })
  const boxes = async () =>
    Promise.all((await page.locator('.versus > div').all()).map((side) => side.boundingBox()))
  await page.getByText('What both began with').waitFor()
  const wide = await boxes()
  expect(new Set(wide.map((box) => box?.y)).size).toBe(1)
  expect(await page.locator('.versus > div:nth-child(1) mark').allTextContents()).toEqual([
    'dusk',
    'main hall',
    ', please',
    '120',
  ])
  expect(await page.locator('.versus > div:nth-child(2) mark').allTextContents()).toEqual([
    '18:30',
    'garden',
    ', and shoes stay at the gate',
    '150',
  ])
  await page
    .getByText('Front desk, 21', { exact: false })
    .or(page.getByText(/^Front desk, /))
    .first()
    .waitFor()
  await page.setViewportSize({ width: 320, height: 700 })
  expect(new Set((await boxes()).map((box) => box?.x)).size).toBe(1)
})

test('what moved between looking and applying is shown, and nothing happens until it is said again', async () => {
  const { page, fake } = await visit({ path: '/conflicts/d_merge', size: SIZE })
  await page.getByRole('button', { name: /Keep the local edit/ }).click()
  await dialog(page).getByText('This would change').waitFor()
  fake.world.sync.meanwhile = () =>
    Object.assign(fake.world.sync.rows.get('events e_lamps') ?? {}, { seats: 90 })
  await dialog(page).getByRole('button', { name: 'Keep the local edit' }).click()
  await dialog(page).getByText('Something changed since you looked').waitFor()
  await dialog(page).getByText('different now').waitFor()
  await dialog(page).getByText('90', { exact: true }).waitFor()
  expect(fake.world.sync.rows.get('events e_lamps')?.seats).toBe(90)
  await dialog(page).getByRole('button', { name: 'Keep the local edit' }).click()
  await page.getByText('Settled: kept the local edit, by Ada').waitFor()
  expect(fake.world.sync.rows.get('events e_lamps')?.seats).toBe(150)
})

test('a conflict that somebody else settled meanwhile is said, and leaves the list', async () => {
  const { page, fake } = await visit({ path: '/conflicts', size: SIZE })
  await page.getByRole('button', { name: /^Keep the row/ }).waitFor()
  Object.assign(fake.world.sync.conflicts.find(({ _id }) => _id === 'd_delete')!, {
    resolved: true,
    resolution: 'keep_local',
    resolved_by: 'Ben',
  })
  await page.getByRole('button', { name: /^Keep the row/ }).click()
  await dialog(page).getByText('It was settled already: keep_local by Ben.').waitFor()
  await dialog(page).getByRole('button', { name: 'Cancel' }).click()
  await expect.poll(() => row(page, 'Deleted on Ann’s phone').count()).toBe(0)
  // The focus is where the row was, or at the row that took its place.
  await expect.poll(() => focused(page)).toBe('d_phone')
})

test('search, collection and kind narrow the list, and stay in the address', async () => {
  const { page } = await visit({ path: '/conflicts', size: SIZE })
  await page.getByRole('searchbox').fill('miller')
  await page.getByText('1 of 9 conflicts').waitFor()
  await page.getByRole('searchbox').fill('')
  await page.getByLabel('Kind').selectOption('unique')
  await page.getByLabel('Collection').selectOption('employees')
  await page.getByText('1 of 9 conflicts').waitFor()
  await page.reload()
  await page.getByText('Two employees want the employee id “priest2”').waitFor()
  expect(await page.locator('.inbox-row').count()).toBe(1)
  await page.getByRole('searchbox').fill('nobody at all')
  await page.getByRole('button', { name: 'Clear the filter' }).click()
  await page.getByText('9 conflicts', { exact: true }).waitFor()
})

test('settled ones are kept apart, with who did it and how', async () => {
  const { page } = await visit({ path: '/conflicts', size: SIZE })
  await page.getByRole('link', { name: 'Settled' }).click()
  await page.getByText('renamed the local row, by Ada').waitFor()
  await page.getByText('Deletion guard in accounts').waitFor()
  await page.getByRole('link', { name: /E-012/ }).click()
  await page.getByText('Asked her by phone').waitFor()
})

test('nothing to do is said, and five hundred are drawn some at a time', async () => {
  const empty = await visit({ path: '/conflicts', size: { projects: 0, accounts: 0 } })
  await empty.page.getByText('Nothing waits for you').waitFor()
  const { page } = await visit({ path: '/conflicts', size: { projects: 1, accounts: 4, conflicts: 500 } })
  await page.getByText('500 conflicts', { exact: true }).waitFor()
  expect(await page.locator('.inbox-row').count()).toBe(50)
  await page.getByRole('button', { name: /Show 50 more/ }).click()
  expect(await page.locator('.inbox-row').count()).toBe(100)
})

test('who is no admin settles what came from own devices, and is offered nothing else', async () => {
  const { page, fake } = await visit({ path: '/conflicts', size: SIZE, behaviour: { role: 'user' } })
  await page.getByText('Two admins want the username “john”').waitFor()
  expect(await row(page, 'Ann changed the description').count()).toBe(0)
  expect(await page.getByRole('button', { name: /^Auto-resolve/ }).count()).toBe(0)
  await page.getByRole('button', { name: /^Rename to john_a7k2/ }).click()
  await dialog(page).getByText('“john_a7k2”').waitFor()
  await dialog(page).getByRole('button', { name: 'Rename' }).click()
  await page.getByText('Settled: John Miller is now john_a7k2').first().waitFor()
  expect(await page.getByRole('button', { name: 'Undo' }).count()).toBe(0)
  await page.getByText(/\d more conflicts came from other people’s devices/).waitFor()
  expect(fake.requests.filter((request) => request.includes('/api/undo'))).toEqual([])
})

test('what came from another person’s device can be looked at, and is not offered to be settled', async () => {
  const { page } = await visit({ path: '/conflicts/d_merge', size: SIZE, behaviour: { role: 'user' } })
  await page.getByText('Not yours to settle').waitFor()
  expect(await page.getByRole('button', { name: /Keep/ }).count()).toBe(0)
})

test('a failure of the list says what to do, and a failure of sheets alone hides no device’s conflict', async () => {
  const { page, fake } = await visit({
    path: '/conflicts',
    size: SIZE,
    before: (fake) => fake.behaviour.failing.push('/api/sync/conflicts'),
  })
  await page.getByRole('alert').getByText('The database did not answer in time.').waitFor()
  fake.behaviour.failing.splice(0, 1, '/api/conflicts')
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByText('Two admins want the username “john”').waitFor()
})

test('offline, an answer is not lost: it is said, and can be given again', async () => {
  const { page } = await visit({ path: '/conflicts', size: SIZE })
  await page.getByRole('button', { name: /^Keep the row/ }).click()
  await dialog(page).getByText('This would change').waitFor()
  await page.context().setOffline(true)
  await dialog(page).getByRole('button', { name: 'Keep the row' }).click()
  await dialog(page).getByText('This device is offline.').waitFor()
  await page.context().setOffline(false)
  await dialog(page).getByRole('button', { name: 'Look again' }).click()
  await dialog(page).getByText('This would change').waitFor()
  await dialog(page).getByRole('button', { name: 'Keep the row' }).click()
  await page.getByText('Settled: Keep the row, R. Iyer').first().waitFor()
  expect(await focused(page)).toBe('d_phone')
})
