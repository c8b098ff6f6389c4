import { expect, test } from 'vitest'
import { visits } from './visit.ts'

const visit = visits()
const SIZE = { projects: 1, accounts: 4, conflicts: 9 }

test('the menu leads an admin to the devices: which are there, and what their syncs came to', async () => {
  const { page } = await visit({ size: SIZE })
  await page.getByRole('button', { name: /Menu/ }).click()
  await page.getByRole('link', { name: 'Devices' }).click()
  await page.getByRole('heading', { level: 1, name: 'Devices' }).waitFor()
  await page.getByText('8 wait for you').waitFor()
  expect(await page.locator('.devices .device').allTextContents()).toEqual([
    expect.stringMatching(/^On lineOffice laptop of adaLast heard just now, looks every 30 s$/),
    expect.stringMatching(/^On lineFront desk/),
    expect.stringMatching(/^AwayAnn’s phone of annLast heard 2 days ago/),
  ])
  await page.getByText('13 sent, 2 received, 1 conflict').waitFor()
  await page.getByText('The network went away; 3 edits wait on the phone.').waitFor()
})

test('all devices are asked to sync, and what it came to is said', async () => {
  const { page, fake } = await visit({ path: '/devices', size: SIZE })
  const { promise: gate, resolve: open } = Promise.withResolvers<void>()
  await page.getByText('8 wait for you').waitFor()
  fake.behaviour.gate = gate
  await page.getByRole('button', { name: 'Sync all devices now' }).click()
  await page.getByRole('progressbar', { name: 'Waiting for the devices' }).waitFor()
  open()
  await page.getByText('2 of 2 devices synced').first().waitFor()
  await page.getByText('17 sent, 2 received').first().waitFor()
  fake.world.sync.devices = fake.world.sync.devices.map((device) => ({ ...device, is_online: false }))
  await page.getByRole('button', { name: 'Sync all devices now' }).click()
  await page.getByText('No device is on line; each syncs when it is back').first().waitFor()
})

test('settings are saved as they are shown, and earlier ones are kept', async () => {
  const { page, fake } = await visit({ path: '/devices', size: SIZE })
  await page.getByLabel('When two change the same field').selectOption('newest')
  await page.getByRole('checkbox', { name: 'Bookings' }).uncheck()
  await page.getByLabel('Sync at least every … minutes').fill('')
  await page.getByRole('button', { name: 'Save' }).click()
  await expect.poll(() => fake.world.sync.config.conflictResolutionStrategy).toBe('newest')
  expect(fake.world.sync.config).toMatchObject({
    autoSyncEnabled: true,
    syncIntervalMinutes: null,
    collectionsToSync: ['admins', 'available_rituals', 'employees', 'events'],
    maxRetries: 3,
    batchSize: 100,
  })
  await page.getByText('Earlier settings').click()
  await page.getByText('same field: The newest edit wins').first().waitFor()
  await page.getByText('tries: 5').waitFor()
})

test('a setting that is refused stays in the form, with the reason', async () => {
  const { page, fake } = await visit({ path: '/devices', size: SIZE })
  await page.getByLabel('Tries').fill('7')
  fake.behaviour.failing.push('/api/sync/config')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('alert').getByText('The database did not answer in time.').waitFor()
  expect(await page.getByLabel('Tries').inputValue()).toBe('7')
})

test('who is no admin is told whose it is, and nothing is asked for', async () => {
  const { page, fake } = await visit({ path: '/devices', size: SIZE, behaviour: { role: 'user' } })
  await page.getByText('How all devices sync is an admin’s to see').waitFor()
  expect(fake.requests.filter((request) => /sync\/(status|logs|config|network)/.test(request))).toEqual([])
  await page.getByRole('button', { name: /Menu/ }).click()
  expect(await page.getByRole('link', { name: 'Devices' }).count()).toBe(0)
})
