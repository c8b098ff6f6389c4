import { beforeEach, expect, test } from 'vitest'
import type { Report } from '../../sync/protocol/runs.ts'
import { type GoogleWorld, googleWorld, HEADER } from '../engine/google-world.ts'
import { type Durable, drain, durable, instance, rows, seed, syncRequest, testIds } from '../engine/world.ts'

// The seed's example, rule by rule, with the real remote against the emulated Google.

let world: Durable
let sheets: GoogleWorld
let ids: { next(): string }

beforeEach(() => {
  world = durable()
  seed(world, 1)
  sheets = googleWorld(world.clock)
  ids = testIds()
  const { person } = sheets.google
  person.create({
    id: 'sheet-1',
    locale: 'en_US',
    sheets: [
      {
        title: 'Project 1',
        rows: [HEADER, ['https://youtube.com/@example', 'youtube', '@example', '1000', '10', '', '3', '500']],
      },
    ],
  })
  person.share('sheet-1', { email: 'robot@tidemark.test', role: 'writer' })
})

const lane = () => instance(world, 'workspace:w1', () => sheets.remote, undefined, ids).lane

async function sync(over = {}): Promise<{ status: string; report: Report }> {
  const on = lane()
  const answer = await on.request(syncRequest(over))
  await drain(world, on)
  if (answer.type === 'skipped') throw new Error(answer.reason)
  const [row] = rows(world, 'SELECT status, report FROM runs WHERE id = ?', answer.runId)
  return { status: String(row?.status), report: JSON.parse(String(row?.report)) }
}
const account = () => rows(world, 'SELECT * FROM accounts')[0]!
const parsed = (value: number, at: number) =>
  lane().push({
    id: `parsed-${at}`,
    actor: 'parser',
    origin: 'api',
    mutations: [
      {
        type: 'propose',
        table: 'metric_readings',
        key: `${account().id}:followers:parser`,
        values: { account_id: account().id as string, metric: 'followers', source: 'parser', value, at },
      },
    ],
  })

test('sheet 1000 and parsed 950 gives 1000; parsed 1050 gives 1050', async () => {
  await sync()
  await parsed(950, 1)
  await sync()
  expect(account().followers).toBe(1000)
  await parsed(1050, 2)
  await sync()
  expect(account().followers).toBe(1050)
  const why = rows(world, "SELECT why FROM history WHERE op = 'update'")
  expect(JSON.parse(String(why[0]?.why))).toEqual({ followers: ['reading of parser', 'max'] })
})

test('an empty or garbled cell leaves the stored value and is reported with its cell', async () => {
  await sync()
  sheets.google.person.set('sheet-1', { cell: 'Project 1!D2', text: 'about a thousand' })
  sheets.google.person.set('sheet-1', { cell: 'Project 1!H2', text: '' })
  const { report } = await sync()
  expect(account()).toMatchObject({ followers: 1000, views: 500, comments: null })
  expect(report.parts[0]?.warnings).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ kind: 'unreadable', where: "'Project 1'!D2", raw: 'about a thousand' }),
      expect.objectContaining({ kind: 'empty', where: "'Project 1'!H2" }),
    ]),
  )
})

test('a pin at 900 stays 900, until it is released', async () => {
  await sync()
  const pin = { table: 'accounts', key: String(account().id), column: 'followers' }
  await lane().push({
    id: 'pin',
    actor: 'ann',
    origin: 'api',
    mutations: [{ type: 'pin', ...pin, value: 900, note: 'counted by hand', until: null }],
  })
  expect(account().followers).toBe(900)
  sheets.google.person.set('sheet-1', { cell: 'Project 1!D2', text: '2000' })
  await sync()
  await sync({ full: true })
  expect(account().followers).toBe(900)
  const on = lane()
  await on.push({ id: 'unpin', actor: 'ann', origin: 'api', mutations: [{ type: 'unpin', ...pin }] })
  await drain(world, on)
  expect(account().followers).toBe(2000)
})

test('a pin in a cell note lowers the value, and ends with the note', async () => {
  await sync()
  sheets.google.person.set('sheet-1', { cell: 'Project 1!D2', text: '900' })
  sheets.google.person.setNote('sheet-1', { cell: 'Project 1!D2', note: 'pin' })
  await sync()
  expect(account().followers).toBe(900)
  await parsed(5000, 1)
  await sync()
  expect(account().followers).toBe(900)
  sheets.google.person.setNote('sheet-1', { cell: 'Project 1!D2', note: '' })
  await sync()
  await sync()
  expect(account().followers).toBe(5000)
})

test('a second run writes no row of a synced table and makes one call of Google', async () => {
  await sync()
  const before = [rows(world, 'SELECT version FROM lanes'), rows(world, 'SELECT * FROM history')]
  sheets.google.calls.length = 0
  const run = await sync()
  expect(run.status).toBe('unchanged')
  expect(sheets.google.calls.map(({ api }) => api)).toEqual(['drive.files.get'])
  expect([rows(world, 'SELECT version FROM lanes'), rows(world, 'SELECT * FROM history')]).toEqual(before)
})

test('a sheet that is not shared degrades the run, which names the address to share it with', async () => {
  await sync()
  sheets.google.person.unshare('sheet-1', { email: 'robot@tidemark.test' })
  await parsed(3000, 1)
  const { status, report } = await sync()
  expect(status).toBe('degraded')
  expect(report.mend).toContain('robot@tidemark.test')
  expect(account().followers).toBe(3000)
})

test('with a third of all calls failing, everything completes', async () => {
  sheets.google.faults.add({ probability: 0.3, do: { status: 503 } })
  for (let round = 0; round < 30; round++) {
    sheets.google.person.set('sheet-1', { cell: 'Project 1!D2', text: String(2000 + round) })
    const { status } = await sync()
    expect(status).toBe('done')
    expect(account().followers).toBe(2000 + round)
  }
})

test('with Google down the run is degraded, not failed, and says how to mend it', async () => {
  await sync()
  sheets.google.faults.down(true)
  const { status, report } = await sync()
  expect(status).toBe('degraded')
  expect(report.reason).toBeTruthy()
  expect(report.mend).toBeTruthy()
  expect(account().followers).toBe(1000)
})

test('a renamed tab and moved columns need no new configuration', async () => {
  await sync()
  const { person } = sheets.google
  person.renameTab('sheet-1', { tab: 'Project 1', title: 'Renamed' })
  person.set('sheet-1', { cell: 'Renamed!D2', text: '4,321' })
  const { status } = await sync()
  expect(status).toBe('done')
  expect(account().followers).toBe(4321)
})
