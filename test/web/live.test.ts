import { expect, test } from 'vitest'
import { visits } from './visit.ts'

const visit = visits()

test('a sync shows its progress part by part, told by the socket', async () => {
  const { page, fake } = await visit({ behaviour: { pace: 600 } })
  await page.getByText('Live', { exact: true }).waitFor()
  const before = fake.requests.length
  await page.getByRole('button', { name: 'Sync now' }).click()
  await page.getByRole('button', { name: 'Syncing…' }).waitFor()
  for (const text of ['1 of 4 parts', '2 of 4 parts', '3 of 4 parts']) await page.getByText(text).waitFor()
  expect(await page.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('3')
  expect(fake.requests.slice(before)).toEqual(['POST /api/admin/smart_sync'])
  await page
    .getByText(/4 of 4 projects synced: 12 accounts updated/)
    .first()
    .waitFor()
  await page.getByRole('progressbar').waitFor({ state: 'detached' })
})

test('one project is synced by itself', async () => {
  const { page, fake } = await visit({ behaviour: { pace: 20 } })
  await page.getByRole('button', { name: 'Sync Northern Lights' }).click()
  await page
    .getByText(/1 of 1 project synced/)
    .first()
    .waitFor()
  expect(fake.world.runs[0]?.parts).toEqual(['project-2'])
})

test('a sync that outlives its answer goes on by itself, and its end is told', async () => {
  const { page } = await visit({ behaviour: { pace: 200, slowSync: true } })
  await page.getByRole('button', { name: 'Sync now' }).click()
  await page.getByText('The sync goes on by itself; you may leave this page').first().waitFor()
  await page.getByText('The sync is over').first().waitFor()
})

test('a run started elsewhere appears by itself, and the numbers follow when it ends', async () => {
  const { page, fake } = await visit({ path: '/runs/', behaviour: { pace: 150 } })
  await page.getByText('Live', { exact: true }).waitFor()
  const cookie = 'session=yes'
  const over = fetch(`${fake.url}/api/admin/smart_sync`, { method: 'POST', headers: { cookie } })
  await page.getByText('Running').waitFor()
  await over
  await page.getByText('Running').waitFor({ state: 'detached' })
  const fresh = page.getByRole('listitem').filter({ hasText: 'just now' })
  await fresh.first().waitFor()
  expect(await fresh.count()).toBe(1)
})

test('without a socket the page says so and polls, every 5 s while a run is under way', async () => {
  const { page, fake } = await visit({ behaviour: { noSockets: true, slowSync: true, pace: 2_500 } })
  await page.getByText('Polling', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Sync now' }).click()
  await page
    .getByText(/goes on by itself/)
    .first()
    .waitFor()
  const asked: number[] = []
  page.on('request', (request) => {
    if (request.url().includes('/api/runs?')) asked.push(Date.now())
  })
  await page.getByText('The sync is over').first().waitFor()
  const gaps = asked.slice(1).map((at, i) => at - Number(asked[i]))
  expect(Math.min(...gaps.slice(0, -1), 5_000)).toBeGreaterThan(4_500)
  expect(fake.world.runs[0]?.finished_at).not.toBeNull()
})

test('a lost socket is opened again, and what was missed is read', async () => {
  const { page, fake } = await visit()
  await page.getByText('Live', { exact: true }).waitFor()
  fake.dropSockets()
  await page.getByText('Polling', { exact: true }).waitFor()
  const project = fake.world.projects[0]
  if (project) project.name = 'Harbour Films & Sons'
  await page.getByText('Live', { exact: true }).waitFor()
  await page.getByRole('link', { name: 'Harbour Films & Sons' }).waitFor()
})
