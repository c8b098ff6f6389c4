import { expect, test } from 'vitest'
import { answer, approve, figure, installed, picture, reject, sees, title, until } from './review-visit.ts'
import { reviewWorld } from './review-world.ts'

// The phone page in front of the five real Workers: pairing, the train, and each answer once.

const world = reviewWorld()

test('a pairing link opens the page; its code works once; what was answered is in the database', async () => {
  const urls = await world().find(3)
  const { page } = await world().open()
  expect(page.url()).toBe(`${world().wire.url}/review`)
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
  const rows = await world().stack.runtime.query(
    'SELECT shopify_status AS s FROM listings ORDER BY first_seen_at',
  )
  expect(rows).toEqual([{ s: 'published' }, { s: 'published' }, { s: 'draft' }])
  expect(await figure(page, 'Reviewed today').textContent()).toBe('3')
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
