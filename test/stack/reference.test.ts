import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SyncConflict } from '../../sync/protocol/conflicts.ts'
import type { EmployeeSetting, ReferenceStatistics } from '../../sync/protocol/reference.ts'
import type { Run } from '../../sync/protocol/runs.ts'
import { REFERENCE_TABS } from '../demo/reference-tabs.ts'
import { type Stack, startStack } from './stack.ts'

// Reference data through the five real Workers: a person in the workbook on one side, a bot over HTTP on the other.

const BOOK = 'reference-book'
const PATH = '/api/reference/employee_settings'

let stack: Stack
beforeAll(async () => {
  stack = await startStack()
  stack.google.person.create({ id: BOOK, sheets: REFERENCE_TABS })
  stack.google.person.share(BOOK, { email: 'robot@tidemark.test', role: 'writer' })
})
afterAll(() => stack.close())

const link = async (more: object = {}): Promise<void> => {
  const body = { spreadsheet_id: BOOK, ...more }
  const { status } = await stack.call('PUT', '/api/config/sheets.reference', { body })
  expect(status).toBe(200)
}
const type = (cell: string, text: string) =>
  stack.google.person.set(BOOK, { cell: `EmployeeSettings!${cell}`, text })
const cell = (at: string) => stack.google.person.cell(BOOK, `EmployeeSettings!${at}`)
const employee = async (id: string) => (await stack.call<EmployeeSetting>('GET', `${PATH}/${id}`)).body
const put = (id: string, body: object, headers: Record<string, string> = {}) =>
  stack.call<EmployeeSetting>('PUT', `${PATH}/${id}`, { body, headers })

/** A run that is asked for, until its end. */
async function sync(): Promise<Run> {
  const { body } = await stack.call<{ run_id?: string; id?: string }>('POST', '/api/reference/sync?wait=0')
  return stack.ended(String(body.run_id ?? body.id))
}

/** Until the workbook shows it: asked again whenever Google has answered a call. */
function until(holds: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (!holds()) return
      stop()
      resolve()
    }
    const stop = stack.google.watch(look)
    look()
  })
}

/** Until no run is under way. */
async function quiet(): Promise<void> {
  for (;;) {
    const open = await stack.runtime.query<{ id: string }>('SELECT id FROM runs WHERE finished_at IS NULL')
    if (open.length === 0) return
    for (const { id } of open) await stack.ended(id)
  }
}

/** The workbook's script says that somebody edited it. */
async function ping(): Promise<Run[]> {
  const { body: script } = await stack.call<{ secret: string }>('POST', '/api/sheets/reference/script')
  const text = JSON.stringify({ spreadsheet_id: BOOK })
  const at = new Date()
  const answer = await fetch(new URL('/hooks/sheets', stack.runtime.url), {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'webhook-id': `msg_${at.getTime()}`,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
      'webhook-signature': new Webhook(script.secret).sign(`msg_${at.getTime()}`, at, text),
    },
    body: text,
  })
  expect(answer.status).toBe(202)
  const { runs } = (await answer.json()) as { runs: { run_id: string }[] }
  return Promise.all(runs.map(({ run_id }) => stack.ended(run_id)))
}

const conflicts = async () =>
  (await stack.call<SyncConflict[]>('GET', '/api/sync/conflicts?resolved=false')).body
const resolve = (id: string, body: object) =>
  stack.call('POST', `/api/sync/conflicts/${id}/resolve`, { body })

test('a workbook that is linked is read whole, and from then on reads come from the database', async () => {
  await link()
  expect((await sync()).status).toBe('done')
  for (const [table, count] of Object.entries({ employee_settings: 7, dynamic_rates: 4, ranks: 6 })) {
    const { headers, body } = await stack.call<object[]>('GET', `/api/reference/${table}`)
    expect([body.length, headers.get('tidemark-source')]).toEqual([count, 'd1'])
  }
})

test('what is set over HTTP with the version that was read stands at once, and then in its cell', async () => {
  const { headers } = await stack.call('GET', `${PATH}/E-001`)
  const match = { 'if-match': String(headers.get('etag')) }
  expect((await put('E-001', { hourly_wage: 2_050 }, match)).body.hourly_wage).toBe(2_050)
  expect((await employee('E-001')).hourly_wage).toBe(2_050)
  await until(() => cell('C2').value === 20.5)
  expect((await put('E-001', { hourly_wage: 1 }, match)).status).toBe(412)
  await quiet()
  expect((await employee('E-001')).sync_status).toBe('synced')
})

test('what a person typed is here after a ping of the workbook’s script', async () => {
  type('C3', '18.25')
  await ping()
  expect(await employee('E-002')).toMatchObject({ hourly_wage: 1_825, source: 'sheets' })
})

test('what a person typed is here after the cron where no script tells', async () => {
  type('C3', '18.75')
  await stack.runtime.query('UPDATE link_state SET next_due_at = 0')
  expect(await stack.runtime.cron()).toEqual({ outcome: 'ok' })
  await quiet()
  expect((await employee('E-002')).hourly_wage).toBe(1_875)
})

test('a cell that both sides changed gets a note, and typing another value into it settles it', async () => {
  await link({ policy: 'manual' })
  await sync()
  type('C4', '22.00')
  await put('E-003', { hourly_wage: 2_300 })
  await until(() => cell('C4').note !== null)
  await quiet()
  expect(cell('C4').note).toContain('23')
  expect((await conflicts()).map(({ localId, field }) => [localId, field])).toEqual([
    ['E-003', 'hourly_wage'],
  ])
  expect((await employee('E-003')).sync_status).toBe('conflict')
  type('C4', '22.50')
  await ping()
  expect(cell('C4')).toMatchObject({ value: 22.5, note: null })
  expect(await conflicts()).toEqual([])
  expect((await employee('E-003')).hourly_wage).toBe(2_250)
})

test('settled over HTTP it is the same: the cell shows what was chosen, and its note goes', async () => {
  type('C5', '16.00')
  await put('E-004', { hourly_wage: 1_700 })
  await until(() => cell('C5').note !== null)
  await quiet()
  const [open] = await conflicts()
  expect((await resolve(String(open?._id), { strategy: 'keep_remote' })).status).toBe(200)
  await until(() => cell('C5').note === null)
  await quiet()
  expect(cell('C5').value).toBe(17)
  expect((await employee('E-004')).hourly_wage).toBe(1_700)
})

test('a tab that was emptied is held, and the rows are written to it again where an admin says so', async () => {
  stack.google.person.clear(BOOK, { range: 'EmployeeSettings!A2:D60' })
  const [run] = await ping()
  const part = run?.report.parts.find(({ id }) => id === 'employee_settings')
  expect(part?.status).toBe('failed')
  expect((await stack.call<object[]>('GET', PATH)).body).toHaveLength(7)
  const [held] = await conflicts()
  expect((await resolve(String(held?._id), { strategy: 'keep_remote' })).status).toBe(200)
  const ids = () =>
    stack.google.person
      .read(BOOK, 'EmployeeSettings!A2:A60')
      .flat()
      .filter((id) => id !== '')
  await until(() => ids().length === 7)
  await quiet()
  expect(new Set(ids()).size).toBe(7)
  expect(await conflicts()).toEqual([])
  expect((await sync()).status).not.toBe('failed')
})

test.each([
  ['asks whether the workbook changed', { api: 'drive.files.get' }, 'before'],
  ['reads it', { api: 'sheets.getByDataFilter' }, 'before'],
  ['writes to it', { api: 'sheets.batchUpdate' }, 'before'],
  ['has written to it and not heard of it', { api: 'sheets.batchUpdate' }, 'after'],
] as const)(
  'killed while a run %s, the Workers end it after their restart, and both sides say the same',
  async (_what, call, moment) => {
    await quiet()
    const row = stack.google.person.read(BOOK, 'EmployeeSettings!A1:A60').findIndex(([id]) => id === 'E-005')
    const wage = Math.round(Number(cell(`C${row + 1}`).value) * 100) + 11
    const percent = Math.round(Number(cell(`D${row + 1}`).value) * 100) + 1
    type(`D${row + 1}`, `${percent}%`)
    const hold = stack.google.faults.hold(call, moment)
    await put('E-005', { hourly_wage: wage })
    await hold.arrived()
    await stack.killAndRestart(() => hold.release())
    await quiet()
    await sync()
    await quiet()
    expect(cell(`C${row + 1}`).value).toBe(wage / 100)
    const now = await employee('E-005')
    expect(now.hourly_wage).toBe(wage)
    expect(now.commission).toBe(percent / 100)
    expect(
      stack.google.person.read(BOOK, 'EmployeeSettings!A2:A60').filter(([id]) => id === 'E-005'),
    ).toHaveLength(1)
    expect(await conflicts()).toEqual([])
  },
)

test('statistics say by table when it was last in step, what it took, and how often it failed', async () => {
  const { body } = await stack.call<ReferenceStatistics>('GET', '/api/reference/statistics')
  const of = body.tables.find(({ table }) => table === 'employee_settings')
  expect(of).toMatchObject({ rows: 7, last_sync_at: expect.any(String) })
  expect(of?.rows_in.all).toBeGreaterThan(7)
  expect(of?.cells_out.all).toBeGreaterThan(3)
  expect(of?.error_rate).toBeGreaterThan(0)
})
