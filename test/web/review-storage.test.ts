import { expect, test } from 'vitest'
import { answer, approve, sees, title, until } from './review-page.ts'
import { reviews, taken } from './review-visit.ts'

// Browsers that store nothing, or nothing any more.

const visit = reviews()

/** Where site data is blocked, reading it throws. */
const BLOCKED = (name: string) =>
  `Object.defineProperty(window, '${name}', { get() { throw new DOMException('blocked', 'SecurityError') } })`

test.each([
  ['blocks all site data', [BLOCKED('indexedDB'), BLOCKED('localStorage')]],
  ['has no database', ["Object.defineProperty(window, 'indexedDB', { value: undefined })"]],
  [
    'has a database that cannot be read',
    ["IDBDatabase.prototype.transaction = () => { throw new DOMException('broken', 'UnknownError') }"],
  ],
])('a browser that %s is told of, and asks nobody anything', async (_what, scripts) => {
  const { page, fake } = await visit({ script: scripts.join('\n') })
  await sees(page, 'This browser does not let the page store anything')
  expect(fake.requests).toEqual([])
})

test('keys work where a browser keeps no settings', async () => {
  const { page, fake } = await visit({ script: BLOCKED('localStorage') })
  await title(page).waitFor()
  await page.getByText('Keys', { exact: true }).click()
  await page.getByRole('checkbox', { name: 'Answer by keys' }).uncheck()
  await page.getByRole('checkbox', { name: 'Answer by keys' }).check()
  await answer(page, () => page.keyboard.press('1'))
  await until(() => fake.lane.taken.length === 1)
})

test('a full disk: an answer is not taken for given, and what came is asked for again', async () => {
  const { page, fake } = await visit()
  await sees(page, 'All sent')
  await page.evaluate(`window.put = IDBObjectStore.prototype.put; window.add = IDBObjectStore.prototype.add
    IDBObjectStore.prototype.put = IDBObjectStore.prototype.add = () => { throw new DOMException('full', 'QuotaExceededError') }`)
  const before = await title(page).textContent()
  await approve(page)
  await sees(page, 'Your answer was not kept')
  expect(await title(page).textContent()).toBe(before)
  fake.lane.edit('https://shop.example/p/099', { title: 'New', lifecycle_stage: 'pending_assessment' })
  fake.tell()
  await sees(page, 'This browser could not store what came')
  // It tries again by itself too: whichever comes first.
  await page.evaluate(`IDBObjectStore.prototype.put = window.put; IDBObjectStore.prototype.add = window.add
    for (const button of document.querySelectorAll('button')) if (button.textContent === 'Try again') button.click()`)
  await sees(page, 'All sent')
  await answer(page)
  await until(() => fake.lane.taken.length === 1)
  expect(taken(fake)).toEqual(['modest'])
})

test.each([['{}'], ['null'], ['"welcome"'], ['{"last":"1"}']])(
  'an answer that is not Tidemark’s (%s) is as good as none',
  async (body) => {
    const { page, fake } = await visit()
    await sees(page, 'All sent')
    let asked = 0
    await page.context().route('**/api/push', (route) => {
      asked++
      return route.fulfill({ contentType: 'application/json', body })
    })
    await answer(page)
    await sees(page, 'Tidemark does not answer')
    expect(asked).toBeLessThan(5)
    await page.context().unroute('**/api/push')
    await page.getByRole('button', { name: 'Try again' }).click()
    await until(() => fake.lane.taken.length === 1)
  },
)
