import { describe, expect, it } from 'vitest'
import { SmartSyncAnswer } from '../../sync/protocol/smart-sync.ts'
import { Refusal } from '../../workers/shared/app.ts'
import * as data from './data.ts'
import { startFake } from './fake-server.ts'
import { machine } from './run-cli.ts'
import { signedIn } from './signed-in.ts'

const { server, here } = await signedIn()

const accepted = () =>
  Response.json({ success: true, run_ids: ['01RUN2'], timestamp: data.ago(0) }, { status: 202 })
const running = data.run({
  status: 'running',
  finished_at: null,
  report: { parts: [data.part({ status: 'waiting', at: null })] },
})

describe('tidemark sync', () => {
  it('ends with 0 when all is fine, and says on stderr what it does', async () => {
    const { exit, err } = await here.run(['sync'])
    expect({ exit, err }).toEqual({ exit: 0, err: 'Syncing all projects\n' })
    expect(server.calls[0]).toMatchObject({ method: 'POST', query: { full: false } })
  })

  it('asks for one project, in full, where told so', async () => {
    await here.run(['sync', '--project', 'harbour', '--full'])
    expect(server.calls[0]?.query).toEqual({ project_id: 'harbour', full: true })
  })

  it('ends with 1 for a warning, and names the cell', async () => {
    server.answers.startSync = () => data.synced({ warnings: [data.unreadable] })
    const { exit, out } = await here.run(['sync'])
    expect(exit).toBe(1)
    expect(out).toContain(
      'Harbour Films\n  ! Harbour Films!D6 "n/a": is not a number: the cell took no part in the merge\n',
    )
  })

  it('ends with 1 when the sheet could not be read, and says what to do', async () => {
    const why = { degraded: true, error: 'Sheets answered 403.', mend: 'Share the sheet with x@y.example.' }
    server.answers.startSync = () => data.synced(why)
    const { exit, out } = await here.run(['sync'])
    expect(exit).toBe(1)
    expect(out).toContain('Harbour Films  without the sheet')
    expect(out).toContain('  Sheets answered 403.\n  To do  Share the sheet with x@y.example.\n')
  })

  it('ends with 1 where some projects failed, with 2 where all did', async () => {
    const good = data.synced()
    const bad = data.synced({ success: false, project_id: 'kelp', project_name: 'Kelp', error: 'No header.' })
    server.answers.startSync = () => bad
    expect((await here.run(['sync'])).exit).toBe(2)
    server.answers.startSync = () => ({
      ...bad,
      total_projects: 2,
      success_count: 1,
      results: [...good.results, ...bad.results],
    })
    const { exit, out } = await here.run(['sync'])
    expect(exit).toBe(1)
    expect(out).toMatch(/^Synced 1 of 2 projects\n/)
    expect(out).toContain('Kelp\n  No header.\n')
  })

  it('ends with 1 for an open conflict of a project that was synced, not of another one', async () => {
    server.answers.listConflicts = () => [data.conflict({ part: 'kelp' })]
    expect((await here.run(['sync'])).exit).toBe(0)
    server.answers.listConflicts = () => [data.conflict()]
    const { exit, out } = await here.run(['sync'])
    expect(exit).toBe(1)
    expect(out).toContain('1 conflict open; see: tidemark conflicts')
  })

  it('shows what was synced to one who may not read conflicts', async () => {
    server.answers.listConflicts = () => {
      throw new Refusal({ type: 'forbidden', detail: 'This needs the role admin or user.' })
    }
    const { exit, out } = await here.run(['sync'])
    expect(exit).toBe(0)
    expect(out).toContain('Conflicts could not be read: This needs the role admin or user.')
  })

  it('follows a run that takes longer, and answers as if it had been short', async () => {
    server.answers.startSync = accepted
    const { exit, out, err } = await here.run(['sync', '--json'])
    expect({ exit, err }).toEqual({ exit: 0, err: '' })
    expect(SmartSyncAnswer.parse(JSON.parse(out)).results).toMatchObject([
      {
        success: true,
        project_id: 'harbour',
        total_accounts: 2,
        updated_count: 1,
        snapshot_count: 2,
        run_id: '01RUN2',
      },
    ])
  })

  it('hears of the end by the live socket, long before it would ask again', async () => {
    server.answers.startSync = accepted
    server.answers.getRun = () => running
    const began = performance.now()
    const { ended } = here.start(['sync'])
    await expect.poll(() => server.listeners(), { timeout: 20_000 }).toBe(1)
    server.tell({ type: 'version', lane: 'workspace:main', version: 7 })
    server.tell({ type: 'run', run: data.run({ id: 'another' }) })
    server.tell({ type: 'run', run: data.run() })
    const { exit, out, err } = await ended
    expect(performance.now() - began).toBeLessThan(4_500)
    expect(exit).toBe(0)
    expect(out).toMatch(/^Synced 1 of 1 project\n/)
    expect(err).toBe(
      [
        'Syncing all projects',
        'This takes longer. Ctrl-C leaves it running; see then: tidemark runs',
        'Asking how it goes',
        'main: 0 of 1 part, 2 rows read',
        'main: 1 of 1 part, 2 rows read',
        '',
      ].join('\n'),
    )
    expect(server.calls.filter(({ path }) => path.startsWith('/api/runs/'))).toHaveLength(1)
  })

  it('says why a run failed that never came to its projects', async () => {
    server.answers.startSync = accepted
    server.answers.getRun = () =>
      data.run({
        status: 'failed',
        report: { parts: [], reason: 'There is no spreadsheet.', mend: 'Name one.' },
      })
    const { exit, out } = await here.run(['sync'])
    expect(exit).toBe(2)
    expect(out).toBe('Synced 0 of 0 projects\n  There is no spreadsheet.\n  To do  Name one.\n')
  })
})

describe('tidemark run --watch', () => {
  it.each([
    ['done', 0],
    ['degraded', 1],
    ['failed', 2],
  ] as const)('tells by its exit code that the run is %s', async (status, code) => {
    const server = await startFake({ getRun: () => data.run({ status }) })
    const here = machine(server)
    expect((await here.run(['run', '01RUN2', '--watch'])).exit).toBe(code)
    // To look at a run that failed is no failure.
    expect((await here.run(['run', '01RUN2'])).exit).toBe(0)
    here.remove()
    await server.close()
  })
})
