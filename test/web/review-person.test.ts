import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { PAIRING, type ReviewServer } from './fake-review.ts'
import { answer, figure, reject, sees, until } from './review-page.ts'
import { reviews, taken } from './review-visit.ts'

// Answers that one person gave, on a phone where another one signs in before they have left.

const visit = reviews()

/** Ada answers twice; her session has ended meanwhile, and somebody signs in. */
async function handedOver(page: Page, fake: ReviewServer, to: string) {
  await sees(page, 'All sent')
  fake.behaviour.isOver = true
  await answer(page)
  await answer(page, reject)
  await sees(page, 'Your session has ended')
  await signIn(page, fake, to)
}

async function signIn(page: Page, fake: ReviewServer, as: string) {
  fake.behaviour.isOver = true
  fake.behaviour.user = as
  await page.evaluate(`location.hash = 'code=${PAIRING}'`)
  await until(() => !fake.behaviour.isOver)
}

const button = (page: Page, name: string) => page.getByRole('button', { name })

test('who signs in again sends their own answers, and is not asked', async () => {
  const { page, fake } = await visit()
  await handedOver(page, fake, 'ada')
  await sees(page, 'All sent')
  expect(taken(fake)).toEqual(['modest', 'not_modest'])
})

test('somebody else is asked first, also after the page was opened anew; then they go under the new name', async () => {
  const { page, fake } = await visit()
  await handedOver(page, fake, 'bea')
  await sees(page, '2 answers of ada not sent yet')
  const asked = fake.requests.filter((request) => /push|pull/.test(request)).length
  await page.reload()
  await sees(page, '2 answers of ada not sent yet')
  expect(fake.requests.filter((request) => /push|pull/.test(request))).toHaveLength(asked)
  expect(taken(fake)).toEqual([])
  await button(page, 'Send as bea').click()
  await sees(page, 'All sent')
  expect(taken(fake)).toEqual(['modest', 'not_modest'])
})

test('answers of somebody else may be discarded: the listings wait again', async () => {
  const { page, fake } = await visit()
  await handedOver(page, fake, 'bea')
  await button(page, 'Discard them').click()
  await sees(page, 'All sent')
  expect(await figure(page, 'Total pending').textContent()).toBe('13')
  await answer(page, reject)
  await until(() => fake.lane.taken.length === 1)
  expect(taken(fake)).toEqual(['not_modest'])
})

test('answers wait for their own person, and leave under their name', async () => {
  const { page, fake } = await visit()
  await handedOver(page, fake, 'bea')
  await sees(page, '2 answers of ada not sent yet')
  await signIn(page, fake, 'ada')
  await sees(page, 'All sent')
  expect(taken(fake)).toEqual(['modest', 'not_modest'])
})

test('somebody whom another page of the browser signed in is asked as well', async () => {
  const { page, fake } = await visit()
  await answer(page)
  await until(() => fake.lane.taken.length === 1)
  await sees(page, 'All sent')
  fake.behaviour.user = 'bea'
  fake.lane.foreign = true
  await answer(page)
  await sees(page, '1 answer of ada not sent yet')
  expect(fake.lane.taken).toHaveLength(1)
  fake.lane.foreign = false
  await button(page, 'Send as bea').click()
  await until(() => fake.lane.taken.length === 2)
})

test('two people without anything unsent are two devices', async () => {
  const { page, fake } = await visit()
  await answer(page)
  await until(() => fake.lane.taken.length === 1)
  await sees(page, 'All sent')
  await signIn(page, fake, 'bea')
  await answer(page)
  await until(() => fake.lane.taken.length === 2)
  const sent = Object.values(fake.lane.state.devices).map((device) => device.sent.length)
  expect(sent.filter((n) => n > 0)).toEqual([1, 1])
})
