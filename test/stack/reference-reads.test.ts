import { afterAll, beforeAll, expect, test } from 'vitest'
import type * as z from 'zod'
import type { EmployeeSetting } from '../../sync/protocol/reference.ts'
import type { Run } from '../../sync/protocol/runs.ts'
import type { SheetScript } from '../../sync/protocol/sheets.ts'
import { scriptWorld } from '../doors/apps-script-world.ts'
import { type Stack, startStack } from './stack.ts'

// The reference tables through the five real Workers: the caches, the objects and the script's ping are the real ones.

const WORKBOOK = 'workbook-00001'

let stack: Stack
beforeAll(async () => {
  stack = await startStack()
  stack.google.person.create({
    id: WORKBOOK,
    locale: 'en_US',
    sheets: [
      {
        title: 'EmployeeSettings',
        rows: [
          ['Employee ID', 'Name', 'Hourly wage', 'Commission'],
          ['E1', 'Ann', 12.5, 0.08],
          ['E2', 'Bob', 14, 0.1],
        ],
      },
      {
        title: 'DynamicRates',
        rows: [
          ['From', 'To', 'Rate'],
          [0, 100, 0.05],
          [100, null, 0.07],
        ],
      },
      {
        title: 'Ranks',
        rows: [
          ['Rank', 'From', 'To', 'Bonus', 'Emoji'],
          ['Gold', 0, null, 25, '🥇'],
        ],
      },
    ],
  })
  stack.google.person.share(WORKBOOK, { email: 'robot@tidemark.test', role: 'writer' })
  const linked = await stack.call('PUT', '/api/config/sheets.reference', {
    body: { spreadsheet_id: WORKBOOK },
  })
  expect(linked.status).toBe(200)
})
afterAll(() => stack.close())

const employee = (headers: Record<string, string> = {}) =>
  stack.call<EmployeeSetting>('GET', '/api/reference/employee_settings/E1', { headers })
const sync = () => stack.call<Run>('POST', '/api/reference/sync?wait=25')

test('before the first sync a read is answered by the sheet', async () => {
  const { status, headers, body } = await employee()
  expect([status, headers.get('tidemark-source')]).toEqual([200, 'sheet'])
  expect(body).toMatchObject({ id: 'E1', name: 'Ann', hourly_wage: 1_250, commission: 0.08 })
})

test('after it by D1, and 304 to who has it', async () => {
  const { status, body } = await sync()
  expect([status, body.status]).toEqual([200, 'done'])
  const first = await employee()
  expect(first.headers.get('tidemark-source')).toBe('d1')
  expect(first.body).toMatchObject({ hourly_wage: 1_250, source: 'sheets', sync_status: 'synced' })
  const tag = String(first.headers.get('etag'))
  expect((await employee({ 'if-none-match': tag })).status).toBe(304)
})

test('a write holds at once, and is in the sheet with the run that follows', async () => {
  const { version } = (await employee()).body
  const put = await stack.call<EmployeeSetting>('PUT', '/api/reference/employee_settings/E1', {
    body: { hourly_wage: 1_300 },
    headers: { 'if-match': `"${version}"` },
  })
  expect([put.status, put.body.hourly_wage, put.body.sync_status]).toEqual([200, 1_300, 'pending'])
  await sync()
  expect((await employee()).body.sync_status).toBe('synced')
})

test('what a person types is here within seconds where the script is installed', async () => {
  const { body: given } = await stack.call<z.infer<typeof SheetScript>>(
    'POST',
    '/api/sheets/reference/script',
  )
  const sheet = scriptWorld(given.script, WORKBOOK)
  sheet.properties.set('TIDEMARK_SECRET', given.secret)
  stack.google.person.set(WORKBOOK, { cell: 'EmployeeSettings!C3', text: '15' })
  sheet.script.changed()
  const [sent] = sheet.sent
  const answer = await fetch(new URL(new URL(String(sent?.url)).pathname, stack.runtime.url), {
    method: 'POST',
    headers: { ...sent?.headers, 'content-type': 'application/json' },
    body: String(sent?.body),
  })
  expect(answer.status).toBe(202)
  const { runs } = (await answer.json()) as { runs: { run_id: string }[] }
  const run = await stack.ended(String(runs[0]?.run_id))
  expect([run.trigger, run.status]).toEqual(['hook', 'done'])
  const { body } = await stack.call<EmployeeSetting>('GET', '/api/reference/employee_settings/E2')
  expect(body.hourly_wage).toBe(1_500)
})
