import { expect, test } from 'vitest'
import { addListings } from './fake-review.ts'
import { answer, approve, figure, reject, sees, title, until } from './review-page.ts'
import { reviews, taken } from './review-visit.ts'

const visit = reviews()

test('a pairing link signs in, is used up, and the first listing is shown', async () => {
  const { page } = await visit()
  await title(page).waitFor()
  expect(page.url()).toMatch(/\/review$/)
  await sees(page, 'All sent')
  for (const text of ['£49.00', 'Anthropologie', 'Open in the shop']) await sees(page, text)
  expect(await page.getByRole('img', { name: 'Linen midi dress A' }).getAttribute('src')).toContain(
    '/pictures/0.svg',
  )
  expect(await page.getByRole('link', { name: /Open in the shop/ }).getAttribute('href')).toBe(
    'https://shop.example/p/000',
  )
  expect(await figure(page, 'Total pending').textContent()).toBe('13')
})

test('five answers by button: each is sent once, with what the row said before', async () => {
  const { page, fake } = await visit()
  const moderately = () => page.getByRole('button', { name: 'Approve as Moderately modest' }).click()
  for (const how of [approve, moderately, reject, approve, reject]) await answer(page, how)
  await until(() => fake.lane.taken.length === 5)
  await sees(page, 'All sent')
  expect(taken(fake)).toEqual(['modest', 'moderately_modest', 'not_modest', 'modest', 'not_modest'])
  expect(fake.lane.taken[2]).toMatchObject({
    op: 'update',
    values: { lifecycle_stage: 'assessed_rejected' },
    base: { lifecycle_stage: 'pending_assessment', assessed_at: null, modesty_status: null },
  })
  expect(await figure(page, 'Reviewed today').textContent()).toBe('5')
  expect(await figure(page, 'Total pending').textContent()).toBe('8')
})

test('seven new listings arrive by themselves and are counted as new; other reviewers count too', async () => {
  const { page, fake } = await visit()
  await title(page).waitFor()
  await sees(page, 'All sent')
  await until(() => fake.sockets() === 1)
  addListings(fake.lane, 7, fake.port, 13)
  fake.lane.edit('https://shop.example/p/005', {
    lifecycle_stage: 'assessed_rejected',
    assessed_at: new Date().toISOString(),
    assessed_by: 'Bea',
    modesty_status: 'not_modest',
  })
  fake.tell()
  await until(async () => (await figure(page, 'New since last visit').textContent()) === '7')
  expect(await figure(page, 'Total pending').textContent()).toBe('19')
  await page.getByRole('listitem').filter({ hasText: 'Not modest' }).waitFor()
})

test('keys answer, skip and undo; they can be switched off', async () => {
  const { page, fake } = await visit()
  await title(page).waitFor()
  const press = (key: string) => () => page.keyboard.press(key)
  for (const key of ['1', '2', '3', 'ArrowRight', 'ArrowLeft']) await answer(page, press(key))
  const skipped = await answer(page, press('s'))
  await until(() => fake.lane.taken.length === 5)
  expect(taken(fake)).toEqual(['modest', 'moderately_modest', 'not_modest', 'modest', 'not_modest'])
  const answered = await answer(page, press('1'))
  await answer(page, press('z'))
  expect(await title(page).textContent()).toBe(answered)
  expect(answered).not.toBe(skipped)
  await page.getByText('Keys', { exact: true }).click()
  await page.getByRole('checkbox', { name: 'Answer by keys' }).uncheck()
  await page.keyboard.press('1')
  await page.getByRole('checkbox', { name: 'Answer by keys' }).check()
  expect(await title(page).textContent()).toBe(answered)
})

test('an answer that has not left is withdrawn by undo', async () => {
  const { page, context, fake } = await visit()
  await title(page).waitFor()
  await sees(page, 'All sent')
  await context.setOffline(true)
  const tried = page.waitForEvent('requestfailed', (request) => request.url().endsWith('/api/push'))
  const first = await answer(page)
  await sees(page, 'Waiting to send: 1')
  await tried
  await page.getByRole('button', { name: 'Undo' }).click()
  await until(async () => (await title(page).textContent()) === first)
  await sees(page, 'Offline')
  await context.setOffline(false)
  await sees(page, 'All sent')
  expect(fake.lane.taken).toEqual([])
})

test('an answer that was sent is brought back; it stands until it is answered again', async () => {
  const { page, fake } = await visit()
  const first = await answer(page)
  await until(() => fake.lane.taken.length === 1)
  await sees(page, 'All sent')
  await page.getByRole('button', { name: 'Undo' }).click()
  await until(async () => (await title(page).textContent()) === first)
  await sees(page, 'That stands until you answer again.')
  expect(fake.lane.state.rows['https://shop.example/p/000']?.values.modesty_status).toBe('modest')
  await answer(page, reject)
  await until(() => fake.lane.taken.length === 2)
  await sees(page, 'All sent')
  expect(fake.lane.taken[1]?.base?.modesty_status).toBe('modest')
  expect(fake.lane.state.rows['https://shop.example/p/000']?.values.modesty_status).toBe('not_modest')
  expect(await figure(page, 'Reviewed today').textContent()).toBe('1')
})

test('a swipe with a finger: right approves, left rejects, a short one does nothing', async () => {
  const { page, context, fake } = await visit({ browser: { hasTouch: true, isMobile: true } })
  await title(page).waitFor()
  const driver = await context.newCDPSession(page)
  const swipe = async (by: number) => {
    const box = await page.locator('#listing').boundingBox()
    const [x, y] = [(box?.x ?? 0) + 180, (box?.y ?? 0) + 120]
    const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', at?: number) =>
      driver.send('Input.dispatchTouchEvent', { type, touchPoints: at === undefined ? [] : [{ x: at, y }] })
    await touch('touchStart', x)
    for (const part of [0.2, 0.4, 0.6, 0.8, 1]) await touch('touchMove', x + by * part)
    await touch('touchEnd')
  }
  await sees(page, 'swipe')
  const first = await title(page).textContent()
  await swipe(60)
  expect(await title(page).textContent()).toBe(first)
  await answer(page, () => swipe(130))
  await answer(page, () => swipe(-130))
  await until(() => fake.lane.taken.length === 2)
  expect(taken(fake)).toEqual(['modest', 'not_modest'])
})

test('an answer that the server rejects stays visible, and is answered again or discarded', async () => {
  const { page, fake } = await visit()
  fake.lane.judge = () => ({ status: 'rejected', reason: 'The status modest is unknown.' })
  const first = await answer(page)
  await page.getByRole('region', { name: `Not taken: ${first}` }).waitFor()
  await sees(page, /The status modest is unknown\. It was not counted/)
  fake.lane.judge = () => null
  await page.getByRole('button', { name: 'Answer again' }).click()
  await until(async () => (await title(page).textContent()) === first)
  await answer(page, reject)
  await until(() => fake.lane.taken.length === 2)
  expect(await page.getByText('Not taken').count()).toBe(0)
})

test('what a person must decide is said', async () => {
  const { page, fake } = await visit()
  fake.lane.judge = () => ({ status: 'conflict', conflict: 'c_1', reason: 'It was assessed by Bea.' })
  await answer(page)
  await sees(page, /A person must decide/)
  await page.getByRole('button', { name: 'Seen' }).click()
  await until(async () => (await page.getByText(/A person must decide/).count()) === 0)
})

test('with nothing left the page says so, and goes on when something comes', async () => {
  const { page, fake } = await visit({ listings: 1 })
  await title(page).waitFor()
  await approve(page)
  await sees(page, 'Nothing to review')
  await until(() => fake.lane.taken.length === 1)
  addListings(fake.lane, 1, fake.port, 1)
  fake.tell()
  await title(page).waitFor()
})
