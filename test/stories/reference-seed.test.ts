import { beforeEach, describe, expect, test } from 'vitest'
import type {
  DynamicRate,
  EmployeeSetting,
  Rank,
  ReferenceStatistics,
} from '../../sync/protocol/reference.ts'
import type { Run } from '../../sync/protocol/runs.ts'
import { tick } from '../../workers/delta-check/tick.ts'
import { type Doors, look, openDoors, type Who } from '../doors/world.ts'
import { type GoogleWorld, googleWorld } from '../engine/google-world.ts'
import type { TestClock } from '../engine/world.ts'

// The seed document's story, fact by fact: a bot that reads small tables many times a minute, and people who keep them in a
// workbook. Real doors, real lanes and the real remote, in front of the emulated Google.

const BOOK = 'alex-book'
const MINUTE = 60_000

let doors: Doors
let sheets: GoogleWorld
let clock: TestClock

beforeEach(async () => {
  doors = await openDoors((at) => {
    clock = at
    sheets = googleWorld(at)
    return { reference: sheets.remote }
  })
  const { person } = sheets.google
  person.create({
    id: BOOK,
    sheets: [
      {
        title: 'EmployeeSettings',
        rows: [
          ['EmployeeID', 'EmployeeName', 'Hourly wage', 'Commission'],
          ...[111, 222, 333, 444, 555, 666, 777].map((id, n) => [
            id,
            `Person ${n}`,
            `${15 + n}.00`,
            `${5 + n}%`,
          ]),
        ],
      },
      {
        title: 'DynamicRates',
        rows: [
          ['Range from', 'Range to', 'Rate'],
          ['0', '300', '4%'],
          ['300', '600', '6%'],
          ['600', '1000', '8%'],
          ['1000', '', '10%'],
        ],
      },
      {
        title: 'Ranks',
        rows: [
          ['Rank', 'Min amount', 'Max amount', 'Bonus', 'Emoji'],
          ['Rookie', '0', '1000', '', '🌱'],
          ['Hustler', '1000', '2500', '20', '💪'],
          ['Closer', '2500', '5000', '50', '🎯'],
          ['Shark', '5000', '8000', '100', '🦈'],
          ['King', '8000', '12000', '200', '👑'],
          ['Chatting God', '12000', '', '500', '⚡'],
        ],
      },
    ],
  })
  person.share(BOOK, { email: 'robot@tidemark.test', role: 'writer' })
})

const call = (method: string, path: string, body?: unknown, who: Who = 'hook') =>
  doors.call(who, method, `/api/reference/${path}`, body === undefined ? {} : { body })
const read = async <T>(path: string) => (await call('GET', path)).json<T>()
const cell = (at: string) => sheets.google.person.cell(BOOK, at)
const type = (at: string, text: string) => sheets.google.person.set(BOOK, { cell: at, text })
const run = async (force = false) =>
  (await call('POST', `sync?wait=5${force ? '&force=true' : ''}`, undefined, 'admin')).json<Run>()
const statistics = async (table: string) =>
  (await call('GET', 'statistics', undefined, 'admin'))
    .json<ReferenceStatistics>()
    .tables.find((each) => each.table === table)

/** An operator says which workbook it is, and the first sync runs. */
async function start(): Promise<Run> {
  await doors.call('admin', 'PUT', '/api/config/sheets.reference', { body: { spreadsheet_id: BOOK } })
  return run()
}

/** The background worker wakes up, as it does every five minutes. */
async function fiveMinutes(): Promise<void> {
  clock.advance(5 * MINUTE)
  await tick({
    database: doors.database,
    lanes: doors.lanes,
    events: { sendBatch: async () => undefined } as never,
    images: { sendBatch: async () => undefined } as never,
    due: { send: async () => undefined, sendBatch: async () => undefined } as never,
    now: () => clock.now(),
    at: clock.now(),
  })
  await settle()
}

/** What was asked for behind answers is done. */
async function settle(): Promise<void> {
  await doors.later()
  const ids = look(doors, `SELECT id FROM runs WHERE lane = 'reference'`).map(({ id }) => String(id))
  await doors.lanes.getByName('reference').settled('reference', ids, 5_000)
}

describe('at start', () => {
  test('everything is pulled into the database: 7 employees, 4 rates, 6 ranks', async () => {
    const { status, report } = await start()
    expect(status).toBe('done')
    expect(report.parts.map(({ id, rows }) => [id, rows])).toEqual([
      ['employee_settings', 7],
      ['dynamic_rates', 4],
      ['ranks', 6],
    ])
    expect(look(doors, 'SELECT count(*) AS n FROM employee_settings')).toEqual([{ n: 7 }])
  })

  test('a read before the first sync is answered from the sheet, and says so', async () => {
    await doors.call('admin', 'PUT', '/api/config/sheets.reference', { body: { spreadsheet_id: BOOK } })
    const answer = await call('GET', 'employee_settings/111')
    expect(answer.headers.get('tidemark-source')).toBe('sheet')
    expect(answer.json<EmployeeSetting>()).toMatchObject({ id: '111', hourly_wage: 1_500 })
  })
})

describe('once it runs', () => {
  beforeEach(async () => {
    await start()
  })

  test('get_employee_settings(111) is read from the database, and Google is not called', async () => {
    sheets.google.calls.length = 0
    const answer = await call('GET', 'employee_settings/111')
    expect(answer.headers.get('tidemark-source')).toBe('d1')
    expect(answer.json<EmployeeSetting>()).toMatchObject({
      name: 'Person 0',
      hourly_wage: 1_500,
      commission: 0.05,
    })
    expect(sheets.google.calls).toEqual([])
  })

  test('so are the rate of an amount and the rank that it gives', async () => {
    expect((await read<DynamicRate>('dynamic_rates?at=65000')).rate).toBe(0.08)
    expect((await read<DynamicRate>('dynamic_rates?at=9900000')).rate).toBe(0.1)
    expect(await read<Rank>('ranks?at=150000')).toMatchObject({ name: 'Hustler', bonus: 2_000, emoji: '💪' })
  })

  test('a whole shift of reads takes no call of Google', async () => {
    sheets.google.calls.length = 0
    for (const path of [
      'employee_settings/222',
      'dynamic_rates?at=100',
      'ranks?at=100',
      'employee_settings',
      'ranks',
    ])
      expect((await call('GET', path)).status).toBe(200)
    expect(sheets.google.calls).toEqual([])
  })

  test('each row carries its metadata: synced, modified, source, status, version', async () => {
    expect(await read<EmployeeSetting>('employee_settings/111')).toMatchObject({
      last_synced_at: expect.any(String),
      last_modified_at: expect.any(String),
      source: 'sheets',
      sync_status: 'synced',
      version: expect.any(Number),
    })
  })

  test('every five minutes the worker pulls what changed in the sheet', async () => {
    type('EmployeeSettings!C2', '19.50')
    type('DynamicRates!C3', '6.5%')
    expect((await read<EmployeeSetting>('employee_settings/111')).hourly_wage).toBe(1_500)
    await fiveMinutes()
    expect((await read<EmployeeSetting>('employee_settings/111')).hourly_wage).toBe(1_950)
    expect((await read<DynamicRate>('dynamic_rates?at=40000')).rate).toBe(0.065)
  })

  test('and pushes what the bot changed: that one cell, and nothing else of the tab', async () => {
    const before = sheets.google.person.values(BOOK, 'EmployeeSettings!A1:D20')
    const answer = await call('PUT', 'employee_settings/333', { hourly_wage: 1_825 })
    expect(answer.json<EmployeeSetting>()).toMatchObject({
      hourly_wage: 1_825,
      source: 'local',
      sync_status: 'pending',
    })
    await settle()
    expect(cell('EmployeeSettings!C4').value).toBe(18.25)
    const after = sheets.google.person.values(BOOK, 'EmployeeSettings!A1:D20')
    expect(after.flat().filter((value, i) => value !== before.flat()[i])).toEqual([18.25])
    expect((await read<EmployeeSetting>('employee_settings/333')).sync_status).toBe('synced')
  })

  test('with nothing to do, it makes one call', async () => {
    await fiveMinutes()
    sheets.google.calls.length = 0
    await fiveMinutes()
    expect(sheets.google.calls.map(({ api }) => api)).toEqual(['drive.files.get'])
  })

  test('employees are merged one by one: a row that is new is added, the others keep their versions', async () => {
    const before = await read<EmployeeSetting[]>('employee_settings')
    sheets.google.person.set(BOOK, { cell: 'EmployeeSettings!A9', text: '888' })
    for (const [at, text] of [
      ['B9', 'New one'],
      ['C9', '14.00'],
      ['D9', '3%'],
    ] as const)
      type(`EmployeeSettings!${at}`, text)
    await fiveMinutes()
    const after = await read<EmployeeSetting[]>('employee_settings')
    expect(after.map(({ id }) => id)).toEqual([...before.map(({ id }) => id), '888'])
    expect(after.slice(0, 7).map(({ version }) => version)).toEqual(before.map(({ version }) => version))
  })

  test('rates and ranks are taken whole or not at all: ranges that overlap leave the last good table', async () => {
    type('DynamicRates!B3', '700')
    const { report } = await run()
    const part = report.parts.find(({ id }) => id === 'dynamic_rates')
    expect(part).toMatchObject({ status: 'failed', reason: expect.stringContaining('overlap') })
    expect((await read<DynamicRate>('dynamic_rates?at=65000')).rate).toBe(0.08)
    expect((await call('PUT', 'ranks/Rookie', { max_amount: 150_000 })).status).toBe(400)
    expect((await read<Rank>('ranks?at=120000')).name).toBe('Hustler')
  })

  test('the sheet is the source of truth: where both sides changed a cell, it holds', async () => {
    type('EmployeeSettings!C3', '17.17')
    await call('PUT', 'employee_settings/222', { hourly_wage: 9_999 })
    await settle()
    expect((await read<EmployeeSetting>('employee_settings/222')).hourly_wage).toBe(1_717)
    expect(cell('EmployeeSettings!C3').value).toBe(17.17)
  })

  test('should the database fail, the reader is answered all the same, and told from where', async () => {
    await call('GET', 'employee_settings/111')
    await doors.later()
    // The lane remembers where the workbook is, as its object does after each run.
    await doors.lanes
      .getByName('reference')
      .peek('reference', 'reference.sheet', 'shared', 'employee_settings')
    doors.database.broken = new Error('D1 is away')
    const kept = await call('GET', 'employee_settings/111')
    expect([kept.status, kept.headers.get('tidemark-source')]).toEqual([200, 'cache'])
    // Another question, of which no answer was kept: from the sheet itself.
    const seen = await call('GET', 'employee_settings/444')
    expect([seen.status, seen.headers.get('tidemark-source')]).toEqual([200, 'sheet'])
    expect(seen.json<EmployeeSetting>().hourly_wage).toBe(1_800)
  })

  test('should Google fail, reads and writes go on, and what was written arrives later', async () => {
    sheets.google.faults.down(true)
    expect((await call('PUT', 'employee_settings/111', { hourly_wage: 2_000 })).status).toBe(200)
    await settle()
    expect((await read<EmployeeSetting>('employee_settings/111')).hourly_wage).toBe(2_000)
    sheets.google.faults.down(false)
    await fiveMinutes()
    expect(cell('EmployeeSettings!C2').value).toBe(20)
  })

  test('/sync_force reads everything though the workbook says that nothing changed', async () => {
    await fiveMinutes()
    sheets.google.calls.length = 0
    expect((await run()).status).toBe('unchanged')
    const forced = await run(true)
    expect(forced.report.counts.read).toBe(17)
    expect(sheets.google.calls.some(({ kind }) => kind === 'read')).toBe(true)
  })

  test('/sync_stats: last sync, rows in and out, how long, how often it failed, calls', async () => {
    await call('PUT', 'employee_settings/111', { hourly_wage: 2_000 })
    await settle()
    expect(await statistics('employee_settings')).toMatchObject({
      rows: 7,
      last_sync_at: expect.any(String),
      runs: 2,
      rows_in: { all: 7 },
      cells_out: { last: 1, all: 1 },
      duration_ms: { last: expect.any(Number), median: expect.any(Number) },
      error_rate: 0,
      calls: { last: expect.any(Number), day: expect.any(Number) },
    })
    expect((await statistics('ranks'))?.rows).toBe(6)
  })

  test('the history of a value says from where, by whom and when', async () => {
    await call('PUT', 'employee_settings/111', { hourly_wage: 2_000 })
    const answer = await doors.call('admin', 'GET', '/api/history?table=employee_settings&key=111')
    expect(answer.text).toContain('google-sheets')
    expect(answer.text).toContain('hook')
  })
})
