import { beforeEach, describe, expect, it } from 'vitest'
import type { Problem } from '../../sync/protocol/common.ts'
import type { RunRequest } from '../../sync/protocol/lane.ts'
import type { ReferenceStatistics } from '../../sync/protocol/reference.ts'
import type { PartReport, Report, Run } from '../../sync/protocol/runs.ts'
import { linkSheet, openReferenceDoors, synced } from './reference-world.ts'
import { type Doors, look } from './world.ts'

let doors: Doors
beforeEach(async () => {
  doors = await openReferenceDoors()
  linkSheet(doors)
})

const start = (query = '') => doors.call('ann', 'POST', `/api/reference/sync${query}`)
const asked = () =>
  doors.lanes.calls.filter(({ method }) => method === 'request').map(({ given }) => given as RunRequest)

describe('a sync of the reference tables', () => {
  it('is started, and not waited for', async () => {
    const answer = await start()
    expect([answer.status, answer.json()]).toEqual([
      202,
      { success: true, answer: 'queued', run_id: expect.any(String), timestamp: expect.any(String) },
    ])
    expect(asked()).toMatchObject([
      { link: 'reference.sheet', scope: 'shared', full: false, trigger: 'manual', actor: 'ann' },
    ])
    expect((await start()).json()).toMatchObject({ answer: 'joined' })
  })

  it('with force reads everything', async () => {
    expect((await start('?force=true')).status).toBe(202)
    expect(asked().map(({ full }) => full)).toEqual([true])
  })

  it('with wait answers the run when it has ended', async () => {
    const answer = await start('?wait=5')
    expect(answer.status).toBe(200)
    expect(answer.json<Run>()).toMatchObject({
      link: 'reference.sheet',
      finished_at: expect.any(String),
      actor: 'ann',
    })
  })

  it('that takes longer than the wait goes on', async () => {
    doors.lanes.stuck = true
    expect((await start('?wait=0.05')).status).toBe(202)
    expect((await start('?wait=26')).status).toBe(400)
  })

  it('is the same under the name of its sheet; a name that there is not is refused', async () => {
    const answer = await doors.call('admin', 'POST', '/api/sheets/reference/sync?force=true')
    expect([answer.status, asked().map(({ full }) => full)]).toEqual([202, [true]])
    expect((await doors.call('admin', 'POST', '/api/sheets/nothing/sync')).status).toBe(404)
  })

  it('needs a workbook, and says how to say which', async () => {
    doors.file.exec('DELETE FROM config')
    const answer = await start()
    expect([answer.status, answer.json<Problem>().mend]).toEqual([
      409,
      'An admin says which it is with PUT /api/config/sheets.reference.',
    ])
  })
})

const partOf = (id: string, over: Partial<PartReport> = {}): PartReport => ({
  id,
  name: id,
  status: 'done',
  rows: 2,
  updated: 0,
  derived: 0,
  sent: 0,
  warnings: [],
  at: null,
  ...over,
})

function run(
  id: string,
  status: string,
  ms: number,
  calls: number,
  parts: PartReport[],
  at = Date.now(),
): void {
  const counts = { read: 0, merged: 0, written: 0, skipped: 0, rejected: 0, conflicts: 0, deleted: 0, calls }
  const report: Report = { counts, parts, warnings: [], warnings_cut: 0 }
  doors.file
    .prepare(
      `INSERT INTO runs (id, link, scope, lane, trigger, params, actor, status, report, enqueued_at, started_at, finished_at)
        VALUES (?1, 'reference.sheet', 'shared', 'reference', 'cron', '{"parts":null,"full":false}', 'cron', ?2, ?3, ?4, ?4, ?5)`,
    )
    .run(id, status, JSON.stringify(report), at - ms, at)
}

describe('statistics of the reference tables', () => {
  const statistics = async () =>
    (await doors.call('ann', 'GET', '/api/reference/statistics')).json<ReferenceStatistics>()
  const of = async (table: string) => (await statistics()).tables.find((each) => each.table === table)
  // Ids that sort as times do, from now on.
  const id = (n: number) => `7ZZZZZZZZZ${String(n).padStart(16, '0')}`

  it('say nothing of runs before there was one', async () => {
    expect(await statistics()).toMatchObject({ running: null, last_run: null, link: 'reference.sheet' })
    expect(await of('ranks')).toEqual({
      table: 'ranks',
      rows: 2,
      last_sync_at: null,
      last_status: null,
      runs: 0,
      rows_in: { last: 0, all: 0 },
      cells_out: { last: 0, all: 0 },
      duration_ms: { last: null, median: null },
      error_rate: 0,
      calls: { last: 0, day: 0 },
    })
  })

  it('are of each table by itself: what came, what went, how often it failed', async () => {
    const [first, last] = [Date.now() - 60_000, Date.now()]
    run(
      id(1),
      'done',
      1_000,
      3,
      [partOf('ranks', { updated: 2 }), partOf('dynamic_rates', { sent: 4 })],
      first,
    )
    run(id(2), 'unchanged', 100, 1, [], first)
    run(
      id(3),
      'degraded',
      500,
      5,
      [
        partOf('ranks', { status: 'failed', reason: 'emptied' }),
        partOf('dynamic_rates', { updated: 1, sent: 1 }),
      ],
      last,
    )
    expect(await of('ranks')).toMatchObject({
      last_sync_at: new Date(first).toISOString(),
      last_status: 'failed',
      runs: 3,
      rows_in: { last: 0, all: 2 },
      error_rate: 1 / 3,
      duration_ms: { last: 500, median: 500 },
      calls: { last: 5, day: 9 },
    })
    expect(await of('dynamic_rates')).toMatchObject({
      last_sync_at: new Date(last).toISOString(),
      last_status: 'done',
      rows_in: { last: 1, all: 1 },
      cells_out: { last: 1, all: 5 },
      error_rate: 0,
    })
    expect((await statistics()).last_run).toMatchObject({ id: id(3), status: 'degraded' })
  })

  it('count a run that could not be done for every table', async () => {
    run(id(1), 'failed', 10, 1, [])
    expect([(await of('ranks'))?.error_rate, (await of('ranks'))?.last_status]).toEqual([1, 'failed'])
  })

  it('are of the last fifty runs, and name the one that runs', async () => {
    for (let n = 0; n < 60; n++) run(id(n), n < 10 ? 'failed' : 'unchanged', 10, 1, [])
    await start()
    expect((await of('ranks'))?.error_rate).toBe(0)
    expect((await of('ranks'))?.runs).toBe(50)
    const [waits] = look(doors, 'SELECT id FROM runs WHERE finished_at IS NULL')
    expect((await statistics()).running).toBe(waits?.id)
  })

  it('show rows that are here though the last sync was long ago', async () => {
    synced(doors, 1)
    expect((await of('employee_settings'))?.rows).toBe(2)
  })
})
