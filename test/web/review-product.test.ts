import { expect, test } from 'vitest'
import type { Listing } from '../../sync/protocol/assessments.ts'
import type { Token } from '../../sync/protocol/records.ts'
import { answer, approve, figure, installed, picture, reject, sees, title, until } from './review-page.ts'
import { reviewWorld } from './review-world.ts'
import { scanned } from './scanned.ts'

// The phone page in front of the five real Workers: pairing, the train, and each answer once.

const world = reviewWorld()

test('a pairing link opens the page; its code works once; what was answered is in the database', async () => {
  const urls = await world().find(3)
  const { page } = await world().open()
  expect(page.url()).toBe(`${world().wire.url}/review`)
  const ready = () => page.evaluate<number>('performance.now()').then(Math.round)
  const first = await ready()
  await sees(page, 'All sent')
  for (const text of ['£49.00', 'Anthropologie', 'Dress 0']) await sees(page, text)
  await answer(page, approve)
  await answer(page, (page) => page.getByRole('button', { name: 'Approve as Moderately modest' }).click())
  await reject(page)
  await sees(page, 'Nothing to review')
  await sees(page, 'All sent')
  await until(async () => (await world().commits(urls)).length === 3)
  expect((await world().commits(urls)).map(({ status, actor }) => [status, actor])).toEqual([
    ['modest', 'Ann’s phone'],
    ['moderately_modest', 'Ann’s phone'],
    ['not_modest', 'Ann’s phone'],
  ])
  const { body: rows } = await world().stack.call<Listing[]>('GET', '/api/assessments?limit=100')
  const shown = urls.map((url) => rows.find(({ id }) => id === url)?.shopify_status)
  expect(shown).toEqual(['published', 'published', 'draft'])
  expect(await figure(page, 'Reviewed today').textContent()).toBe('3')
  await page.reload()
  await figure(page, 'Reviewed today').waitFor()
  // Measured, not demanded: the machine may be busy. The aim is a second.
  console.log(`ready ${first} ms after the first load, ${await ready()} ms after the next one`)
})

test('who is signed in to the console comes to the page by its menu, without pairing', async () => {
  const [url = ''] = await world().find(1)
  const { body } = await world().stack.call<{ url: string }>('POST', '/api/codes', {
    body: { role: 'user', user_id: 'bea', name: 'Bea' },
  })
  const context = await world().browser.newContext()
  const page = await context.newPage()
  await page.goto(world().wire.url + new URL(body.url).hash)
  await page.getByRole('button', { name: /Menu/ }).click()
  await page.getByRole('link', { name: 'Review listings' }).click()
  await answer(page, approve)
  await until(async () => (await world().commits([url])).length === 1)
  expect((await world().commits([url]))[0]).toMatchObject({ actor: 'Bea', status: 'modest' })
  await context.close()
})

test('a phone that scans the code of the console is paired, once', async () => {
  const [url = ''] = await world().find(1)
  const { body } = await world().stack.call<{ url: string }>('POST', '/api/codes', {
    body: { role: 'admin', name: 'Ada' },
  })
  const [desk, phone] = await Promise.all([world().browser.newContext(), world().browser.newContext()])
  const page = await desk.newPage()
  await page.goto(world().wire.url + new URL(body.url).hash)
  await page.getByRole('button', { name: /Menu/ }).click()
  await page.getByRole('link', { name: 'Pair a phone' }).click()
  await page.getByLabel('Whose it is').fill('ann')
  await page.getByLabel('What it is called').fill('Ann’s new phone')
  await page.getByRole('button', { name: 'Make a code' }).click()
  await page.getByRole('heading', { name: 'The code is ready' }).waitFor()
  const { pathname, hash } = new URL(await scanned(page))
  const review = await phone.newPage()
  await review.goto(world().wire.url + pathname + hash)
  await answer(review, approve)
  await until(async () => (await world().commits([url])).length === 1)
  expect((await world().commits([url]))[0]).toMatchObject({ actor: 'Ann’s new phone', status: 'modest' })
  const again = await (await world().browser.newContext()).newPage()
  await again.goto(world().wire.url + pathname + hash)
  await sees(again, /The code was used already/)
  for (const context of [desk, phone, again.context()]) await context.close()
})

test('on the train: the queue with its pictures, answers that wait, and each leaves once when the network is back', async () => {
  const urls = await world().find(8)
  const { page, context } = await world().open()
  await installed(page, 8)
  await world().cut(context)
  await sees(page, 'No network')
  for (const how of [approve, reject, approve, approve, reject]) {
    await picture(page)
    await answer(page, how)
  }
  await sees(page, 'Waiting to send: 5')
  expect(await figure(page, 'Total pending').textContent()).toBe('3')
  await page.reload()
  await title(page).waitFor()
  await picture(page)
  await sees(page, 'Waiting to send: 5')
  expect(await world().commits(urls)).toEqual([])
  const late = await world().find(7)
  await world().mend(context)
  await sees(page, 'All sent')
  expect((await world().commits(urls)).map(({ status }) => status)).toEqual([
    'modest',
    'not_modest',
    'modest',
    'modest',
    'not_modest',
  ])
  await until(async () => (await figure(page, 'Total pending').textContent()) === String(3 + late.length))
})

test('what is sent while the network dies is sent again, and counts once', async () => {
  const urls = await world().find(3)
  const { page } = await world().open()
  await sees(page, 'All sent')
  world().wire.deafen()
  await answer(page, approve)
  await answer(page, reject)
  await until(async () => (await world().commits(urls)).length > 0)
  await sees(page, 'Tidemark does not answer')
  await sees(page, 'Waiting to send: 2')
  world().wire.mend()
  await sees(page, 'All sent')
  expect((await world().commits(urls)).map(({ status }) => status)).toEqual(['modest', 'not_modest'])
})

test('an answer leaves although the page is closed at once', async () => {
  const urls = await world().find(2)
  const { page, context } = await world().open()
  await installed(page, 2)
  await answer(page, approve)
  await page.close()
  await until(async () => (await world().commits(urls)).length === 1)
  const again = await context.newPage()
  await again.goto(`${world().wire.url}/review`)
  await sees(again, 'All sent')
  expect(await world().commits(urls)).toHaveLength(1)
})

test('two tabs work on one copy: each sees what the other did, and each answer leaves once', async () => {
  const urls = await world().find(6)
  const { page, context } = await world().open()
  const other = await context.newPage()
  await other.goto(`${world().wire.url}/review`)
  await title(other).waitFor()
  await world().cut(context)
  await sees(other, 'No network')
  const first = await answer(page, approve)
  await sees(other, 'Waiting to send: 1')
  await sees(other, 'That stands until you answer again.')
  expect(await title(other).textContent()).toBe(first)
  await answer(other, reject)
  await answer(other, reject)
  await answer(page, approve)
  await answer(page, approve)
  for (const each of [page, other]) await sees(each, 'Waiting to send: 3')
  await world().mend(context)
  for (const each of [page, other]) await sees(each, 'All sent')
  const commits = await world().commits(urls)
  expect(commits.map(({ key, status }) => [urls.indexOf(key), status]).sort()).toEqual([
    [0, 'not_modest'],
    [1, 'modest'],
    [2, 'modest'],
  ])
})

test('a session that was revoked: reviewing goes on, and a new code sends what waits', async () => {
  const urls = await world().find(3)
  const { page } = await world().open()
  await sees(page, 'All sent')
  const { body: tokens } = await world().stack.call<Token[]>('GET', '/api/tokens')
  const session = tokens.find(({ kind, revoked_at }) => kind === 'session' && revoked_at === null)
  await world().stack.call('DELETE', `/api/tokens/${session?.id}`)
  await answer(page, approve)
  await sees(page, 'Your session has ended')
  await answer(page, reject)
  await sees(page, 'Waiting to send: 2')
  expect(await world().commits(urls)).toEqual([])
  await page.getByLabel('Pairing code').fill('AAAAA-AAAAA')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await sees(page, /The code was used already/)
  const link = await world().pairingLink()
  await page.getByLabel('Pairing code').fill(link.split('code=')[1] ?? '')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await sees(page, 'All sent')
  expect(await world().commits(urls)).toHaveLength(2)
})

test('an operator’s own statuses are the buttons; one that is gone meanwhile is rejected with the reason', async () => {
  const urls = await world().find(3)
  const rules = (statuses: readonly object[]) =>
    world().stack.call('PUT', '/api/config/assessments.rules', { body: { statuses } })
  const status = (id: string, approved: boolean) => ({ id, label: id.toUpperCase(), approved })
  await rules([status('long', true), status('midi', true), status('knee', true), status('mini', false)])
  try {
    const { page } = await world().open()
    await sees(page, 'All sent')
    expect(await page.locator('.statuses button').count()).toBe(4)
    await rules([status('long', true), status('mini', false)])
    const first = await answer(page, () => page.keyboard.press('2'))
    await page.getByRole('region', { name: `Not taken: ${first}` }).waitFor()
    await sees(page, /You answered midi: modesty_status: "midi" is none of long, mini/i)
    await until(async () => (await page.locator('.statuses button').count()) === 2)
    await page.getByRole('button', { name: 'Answer again' }).click()
    await until(async () => (await title(page).textContent()) === first)
    await answer(page, () => page.keyboard.press('1'))
    await sees(page, 'All sent')
    await until(async () => (await world().commits(urls)).length === 1)
  } finally {
    await rules(DEFAULTS)
  }
})

test('where the policy leaves two opinions to a person, the page says so', async () => {
  const [url = ''] = await world().find(2)
  await world().stack.call('PUT', '/api/config/assessments.rules', { body: { policy: 'review' } })
  try {
    const { page, context } = await world().open()
    await sees(page, 'All sent')
    await world().cut(context)
    await answer(page, approve)
    const review = `/api/assessments/${encodeURIComponent(url)}/review`
    const body = { modesty_status: 'not_modest' }
    expect((await world().stack.call('POST', review, { body })).status).toBe(200)
    await world().mend(context)
    await sees(page, /A person must decide/)
    await sees(page, 'All sent')
  } finally {
    await world().stack.call('PUT', '/api/config/assessments.rules', { body: {} })
  }
})

const DEFAULTS = [
  { id: 'modest', label: 'Modest', approved: true },
  { id: 'moderately_modest', label: 'Moderately modest', approved: true },
  { id: 'not_modest', label: 'Not modest', approved: false },
]
