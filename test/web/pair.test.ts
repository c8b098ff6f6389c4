import { expect, test } from 'vitest'
import { PAIRING_CODE, PAIRING_LINK } from './fake-codes.ts'
import { scanned } from './scanned.ts'
import { visits } from './visit.ts'

const visit = visits()

test('the menu leads to a code for a phone: to be scanned or typed, for whom and under which name', async () => {
  const { page } = await visit()
  await page.getByRole('button', { name: /Menu/ }).click()
  await page.getByRole('link', { name: 'Pair a phone' }).click()
  await page.getByRole('heading', { level: 1, name: 'Pair a phone' }).waitFor()
  expect(await page.locator('#menu').isVisible()).toBe(false)
  await page.getByLabel('Whose it is').fill('ann')
  await page.getByLabel('What it is called').fill('Ann’s phone')
  const [request] = await Promise.all([page.waitForRequest('**/api/codes'), page.keyboard.press('Enter')])
  expect(request.postDataJSON()).toEqual({ role: 'device', user_id: 'ann', name: 'Ann’s phone' })
  await page.getByRole('heading', { name: 'The code is ready' }).waitFor()
  expect(await page.evaluate('document.activeElement.textContent')).toBe('The code is ready')
  expect(await scanned(page)).toBe(PAIRING_LINK)
  await page.getByText(PAIRING_CODE, { exact: true }).waitFor()
  await page.getByText('expires in 10 min').waitFor()
})

test('for a laptop the command line is there, ready to be copied', async () => {
  const { page } = await visit({ path: '/pair/laptop' })
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.getByLabel('Whose it is').fill('ann')
  await page.getByRole('button', { name: 'Make a code' }).click()
  const command = `tidemark pair https://tidemark.example --code ${PAIRING_CODE}`
  await page.getByRole('button', { name: `Copy ${command}` }).click()
  await page.getByText('Copied').waitFor({ state: 'attached' })
  expect(await page.evaluate('navigator.clipboard.readText()')).toBe(command)
  expect(await scanned(page)).toBe(PAIRING_LINK)
})

test('says that no phone reaches the address under which the page was opened', async () => {
  const { page } = await visit({ path: '/pair/phone' })
  await page.getByLabel('Whose it is').fill('ann')
  await page.getByRole('button', { name: 'Make a code' }).click()
  await page.getByText('No phone reaches this address').waitFor()
})

test('a code that has expired is not shown any more, and another one is made', async () => {
  const { page } = await visit({ path: '/pair/phone' })
  await page.clock.install()
  await page.reload()
  const make = async () => {
    await page.getByLabel('Whose it is').fill('ann')
    await page.getByRole('button', { name: 'Make a code' }).click()
    await page.getByText(PAIRING_CODE, { exact: true }).waitFor()
  }
  await make()
  await page.clock.fastForward('11:00')
  await page.getByRole('heading', { name: 'This code has expired' }).waitFor()
  expect(await page.getByText(PAIRING_CODE).count()).toBe(0)
  await page.getByRole('button', { name: 'Make another code' }).click()
  await page.clock.setSystemTime(Date.now())
  await make()
})

test('what the server refuses is said beside what was typed', async () => {
  const { page, fake } = await visit({ path: '/pair/phone' })
  fake.behaviour.failing.push('/api/codes')
  await page.getByLabel('Whose it is').fill('ann')
  await page.getByRole('button', { name: 'Make a code' }).click()
  await page.getByRole('alert').getByText('The database did not answer in time.').waitFor()
  expect(await page.getByLabel('Whose it is').inputValue()).toBe('ann')
})

test('who is no admin is told whom to ask, and that this browser needs no pairing', async () => {
  const { page } = await visit({ path: '/pair/phone', behaviour: { role: 'user' } })
  await page.getByText('An admin makes pairing codes').waitFor()
  await page.getByRole('link', { name: 'review listings here' }).waitFor()
  expect(await page.getByRole('button', { name: 'Make a code' }).count()).toBe(0)
})
