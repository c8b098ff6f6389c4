import { beforeEach, describe, expect, it } from 'vitest'
import { Problem } from '../../sync/protocol/common.ts'
import type { Run } from '../../sync/protocol/runs.ts'
import { SmartSyncAccepted, SmartSyncAnswer, SyncStatusAnswer } from '../../sync/protocol/smart-sync.ts'
import type { LaneNamespace } from '../../workers/shared/lanes.ts'
import { type SyncAsked, syncProjects } from '../../workers/smart-sync/sync.ts'
import { type Doors, look, openDoors } from './world.ts'

let doors: Doors
beforeEach(async () => {
  doors = await openDoors()
})

const SYNC = '/api/admin/smart_sync'
const requests = () =>
  doors.lanes.calls.filter(({ method }) => method === 'request').map(({ given }) => given)

/** Field by field: neither one missing nor one too much, at any depth. */
function exactly<T>(schema: { parse(value: unknown): T }, value: unknown): T {
  const parsed = schema.parse(value)
  expect(parsed).toEqual(value)
  return parsed
}

describe('POST /api/admin/smart_sync', () => {
  it('answers the fields of the seed, and ours after them', async () => {
    const answer = await doors.call('admin', 'POST', SYNC)
    expect(answer.status).toBe(200)
    const { results, ...sums } = exactly(SmartSyncAnswer, answer.json())
    expect(Object.keys(answer.json<object>())).toEqual([
      'success',
      'total_projects',
      'success_count',
      'error_count',
      'results',
      'timestamp',
    ])
    expect(Object.keys(answer.json<{ results: object[] }>().results[0] ?? {})).toEqual([
      'success',
      'project_id',
      'project_name',
      'total_accounts',
      'updated_count',
      'snapshot_count',
      'timestamp',
      'run_id',
      'warnings',
    ])
    expect(sums).toMatchObject({ success: true, total_projects: 4, success_count: 4, error_count: 0 })
    const [annie] = results
    expect(annie).toMatchObject({ project_id: 'annie', project_name: 'Ann films', total_accounts: 2 })
  })

  it('asks each workspace’s lane once, by hand or by hook', async () => {
    await doors.call('admin', 'POST', SYNC)
    const of = { link: 'smart-sync.sheet', parts: null, full: false, trigger: 'manual', actor: 'admin' }
    expect(requests()).toEqual([
      { ...of, scope: 'w1' },
      { ...of, scope: 'w2' },
    ])
    doors.lanes.calls.length = 0
    await doors.call('hook', 'POST', `${SYNC}?full=true`)
    expect(requests()).toEqual([
      { ...of, scope: 'w1', full: true, trigger: 'hook', actor: 'hook' },
      { ...of, scope: 'w2', full: true, trigger: 'hook', actor: 'hook' },
    ])
  })

  it('syncs one project where one is named', async () => {
    const answer = await doors.call('admin', 'POST', `${SYNC}?project_id=other&full=true`)
    const { results } = exactly(SmartSyncAnswer, answer.json())
    expect(results.map(({ project_id }) => project_id)).toEqual(['other'])
    expect(requests()).toEqual([expect.objectContaining({ scope: 'w2', parts: ['other'] })])
  })

  it('counts what changed', async () => {
    doors.sheet.tabs.get('annie')?.push({ profile_url: 'https://x.com/new', platform: 'x', followers: 3 })
    doors.sheet.stamp++
    const answer = await doors.call('admin', 'POST', `${SYNC}?project_id=annie`)
    expect(exactly(SmartSyncAnswer, answer.json()).results).toMatchObject([
      { total_accounts: 3, updated_count: 1, snapshot_count: 1 },
    ])
  })

  it('says of a project that is unknown that it is, with the id', async () => {
    const answer = await doors.call('admin', 'POST', `${SYNC}?project_id=no-such-project`)
    expect(answer.status).toBe(404)
    expect(Problem.strict().parse(answer.json()).detail).toContain('no-such-project')
    expect(requests()).toEqual([])
  })

  it('says of a project that is not active what to do', async () => {
    const answer = await doors.call('admin', 'POST', `${SYNC}?project_id=asleep`)
    expect(answer.status).toBe(409)
    expect(Problem.strict().parse(answer.json()).mend).toContain('PUT /api/projects/asleep')
  })

  it('succeeds with nothing to do', async () => {
    doors.file.exec('UPDATE projects SET active = 0')
    const answer = await doors.call('admin', 'POST', SYNC)
    expect(answer.json()).toMatchObject({
      success: true,
      total_projects: 0,
      success_count: 0,
      error_count: 0,
      results: [],
    })
  })

  it('is degraded, with the reason and what to do, where the sheet can’t be read', async () => {
    const failure = {
      type: 'refused',
      reason: 'The sheet is not shared.',
      mend: 'Share it with x@y.',
    } as const
    doors.sheet.fail.push({ ok: false, failure })
    const answer = await doors.call('admin', 'POST', `${SYNC}?project_id=annie`)
    const [result] = exactly(SmartSyncAnswer, answer.json()).results
    expect(result).toMatchObject({ success: true, degraded: true, error: failure.reason, mend: failure.mend })
    expect(answer.json<SmartSyncAnswer>().success).toBe(true)
  })

  it('names the projects of a run that failed before it knew them', async () => {
    const report = `{"counts":{},"parts":[],"warnings":[],"warnings_cut":0,"reason":"It broke.","mend":"Look."}`
    const outcome = await syncProjects(doors.database, lanesThatFailRuns(report), by({ project: null }))
    if (outcome.type !== 'ended') throw new Error('it goes on')
    const { results, ...sums } = exactly(SmartSyncAnswer, outcome.answer)
    expect(sums).toMatchObject({ success: false, total_projects: 4, success_count: 0, error_count: 4 })
    expect(results[0]).toMatchObject({
      success: false,
      project_id: 'annie',
      total_accounts: 2,
      error: 'It broke.',
    })
  })

  it('answers 202 with the ids of runs that go on longer than a caller waits', async () => {
    doors.lanes.stuck = true
    const outcome = await syncProjects(doors.database, doors.lanes, by({ project: null }), 30)
    if (outcome.type !== 'going') throw new Error('it ended')
    expect(outcome.runIds).toHaveLength(2)
    exactly(SmartSyncAccepted, {
      success: true,
      run_ids: [...outcome.runIds],
      timestamp: new Date().toISOString(),
    })
    const statuses = look(doors, 'SELECT status FROM runs WHERE finished_at IS NULL')
    expect(statuses).toEqual([{ status: 'queued' }, { status: 'queued' }])
  })

  it('asks again where the lane was restarted: at once, and while it waits', async () => {
    const restarted = Object.assign(new Error('the object was reset'), { retryable: true })
    doors.lanes.fail.set('workspace:w2', [restarted])
    const outcome = await syncProjects(doors.database, doors.lanes, by({ project: 'other' }))
    expect(outcome.type).toBe('ended')
    const getByName = doors.lanes.getByName
    let failures = 2
    const shaky = {
      getByName: (lane: string) => {
        const stub = getByName(lane)
        const settled: typeof stub.settled = async (...given) => {
          if (failures-- > 0) throw restarted
          return stub.settled(...given)
        }
        return { ...stub, settled }
      },
    }
    expect((await syncProjects(doors.database, shaky, by({ project: 'other' }))).type).toBe('ended')
    expect(failures).toBe(-1)
  })

  it('does not press a lane that is overloaded, and says what goes on in the others', async () => {
    doors.lanes.fail.set('workspace:w2', [Object.assign(new Error('too much'), { overloaded: true })])
    const answer = await doors.call('admin', 'POST', SYNC)
    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toBe('5')
    const { type, kept } = Problem.strict().parse(answer.json())
    expect(type).toBe('urn:tidemark:problem:overloaded')
    expect(kept).toContain('being synced')
    expect(doors.lanes.calls.filter(({ lane }) => lane === 'workspace:w2')).toHaveLength(1)
  })

  const by = (over: Partial<SyncAsked>): SyncAsked => ({
    project: null,
    full: false,
    trigger: 'manual',
    actor: 'me',
    ...over,
  })

  /** Lanes whose runs end as failed, with this report, while somebody waits for them. */
  const lanesThatFailRuns = (report: string): LaneNamespace => ({
    getByName: (lane) => ({
      ...doors.lanes.getByName(lane),
      async settled(_lane, runIds) {
        const end = doors.file.prepare(
          `UPDATE runs SET status = 'failed', finished_at = 9, report = ? WHERE id = ?`,
        )
        for (const id of runIds) end.run(report, id)
        return { all: true }
      },
    }),
  })
})

describe('GET /api/admin/sync_status', () => {
  it('answers the fields of the seed, and ours after them', async () => {
    const answer = await doors.call('hook', 'GET', '/api/admin/sync_status')
    const status = exactly(SyncStatusAnswer, answer.json())
    expect(Object.keys(answer.json<object>()).slice(0, 5)).toEqual([
      'success',
      'total_projects',
      'active_projects',
      'cache_enabled',
      'timestamp',
    ])
    expect(status).toMatchObject({
      success: true,
      total_projects: 5,
      active_projects: 4,
      cache_enabled: false,
      open_conflicts: 0,
      sheets_reachable: true,
      sheets_trouble: null,
      last_run: { status: 'done' },
    })
    expect(Date.parse(status.next_due ?? '')).toBeGreaterThan(Date.now())
  })

  it('says why the sheet can’t be reached, and what to do', async () => {
    const failure = { type: 'refused', reason: 'Not shared.', mend: 'Share it with x@y.' } as const
    doors.sheet.fail.push({ ok: false, failure })
    await doors.call('admin', 'POST', `${SYNC}?project_id=other`)
    const answer = await doors.call('admin', 'GET', '/api/admin/sync_status')
    expect(exactly(SyncStatusAnswer, answer.json())).toMatchObject({
      sheets_reachable: false,
      sheets_trouble: 'Not shared. Share it with x@y.',
      last_run: { status: 'degraded' },
    })
  })

  it('knows nothing before the first run', async () => {
    doors.file.exec('DELETE FROM runs; DELETE FROM link_state')
    const answer = await doors.call('admin', 'GET', '/api/admin/sync_status')
    expect(exactly(SyncStatusAnswer, answer.json())).toMatchObject({
      last_run: null,
      next_due: null,
      sheets_reachable: null,
    })
  })
})

describe('GET /api/runs', () => {
  it('goes on by Link headers, newest first, each run once', async () => {
    for (let i = 0; i < 4; i++) await doors.call('admin', 'POST', `${SYNC}?project_id=annie`)
    const seen: string[] = []
    for (let path: string | undefined = '/api/runs?limit=2'; path; ) {
      const answer = await doors.call('admin', 'GET', path)
      seen.push(...answer.json<Run[]>().map(({ id }) => id))
      path = /<([^>]+)>; rel="next"/.exec(answer.headers.get('link') ?? '')?.[1]
    }
    const all = look(doors, 'SELECT id FROM runs ORDER BY id DESC').map(({ id }) => id)
    expect(seen).toEqual(all)
    expect(all).toHaveLength(6)
  })

  it('shows a user the runs that touch the user’s projects: those parts, no sums of others, and nobody’s name', async () => {
    await doors.call('admin', 'POST', `${SYNC}?project_id=bobby`)
    await doors.call('admin', 'POST', `${SYNC}?project_id=annie`)
    const runs = (await doors.call('ann', 'GET', '/api/runs')).json<Run[]>()
    expect(runs.map(({ parts }) => parts)).toEqual([['annie'], null])
    for (const run of runs) {
      expect(run.report.parts.map(({ id }) => id)).toEqual(['annie'])
      expect(run.report.counts.read).toBe(0)
      expect(run.actor).toBe('someone else')
    }
    const bobs = (await doors.call('bob', 'GET', '/api/runs?project_id=bobby')).json<Run[]>()
    expect(bobs.map(({ parts }) => parts)).toEqual([['bobby'], null])
  })

  it('shows a run that is still queued to those whom it is for', async () => {
    doors.lanes.stuck = true
    await syncProjects(
      doors.database,
      doors.lanes,
      { project: 'annie', full: false, trigger: 'manual', actor: 'admin' },
      1,
    )
    const newest = async (who: 'ann' | 'bob') =>
      (await doors.call(who, 'GET', '/api/runs')).json<Run[]>()[0]?.status
    expect(await newest('ann')).toBe('queued')
    expect(await newest('bob')).toBe('done')
  })
})
