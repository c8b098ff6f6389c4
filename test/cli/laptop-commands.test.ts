import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SyncPlan } from '../../cli/laptop/plan.ts'
import { SyncReportInput } from '../../sync/protocol/sync-logs.ts'
import { ADMINS, type Said, shown, viewOf } from './laptop-script.ts'
import { type Machine, machine } from './run-cli.ts'
import { serve, stop } from './serve.ts'

// The command as a process, and files that it keeps, in front of a server that is scripted.

let served: Awaited<ReturnType<typeof serve>>
let laptop: Machine
let file: DatabaseSync
let reports: SyncReportInput[]
let reporting: number
let paused: boolean
let broken: boolean
let pushes: number
let asked: string[]

const problem = (status: number, type: string, detail: string) =>
  Response.json(
    { type: `urn:tidemark:problem:${type}`, title: 'No', status, detail, kept: 'All.', mend: 'Wait.' },
    { status, headers: { 'content-type': 'application/problem+json' } },
  )

beforeEach(async () => {
  ;[reports, reporting, paused, broken, pushes, asked] = [[], 202, false, false, 0, []]
  served = await serve(async (request) => {
    const { pathname } = new URL(request.url)
    asked.push(pathname)
    const bytes = new Uint8Array(await request.arrayBuffer())
    const isPacked = request.headers.get('content-encoding') === 'gzip'
    const text = isPacked ? gunzipSync(bytes).toString() : new TextDecoder().decode(bytes)
    if (pathname === '/api/tables')
      return Response.json({ protocol: 1, tables: ['events', 'admins'].map(viewOf) })
    if (pathname === '/api/sync/reports') {
      if (reporting !== 202) return problem(reporting, 'forbidden', 'nobody wants to hear it')
      reports.push(SyncReportInput.parse(JSON.parse(text)))
      return new Response(null, { status: 202 })
    }
    if (pathname === '/api/sync/status') return problem(403, 'forbidden', 'This needs the role admin.')
    if (broken) return problem(500, 'bug', 'the database is away')
    if (paused) return problem(409, 'paused', 'Admins are not synced at the moment.')
    if (pathname === '/api/pull')
      return Response.json({ cursor: 'c1', fresh: true, tables: shown([['a1', 'ann', 'Ann', null]]) })
    const { mutations, dry_run: dryRun, first = 1 } = JSON.parse(text) as Said
    if (!dryRun) pushes += mutations.length
    return Response.json({
      last: dryRun || mutations.length === 0 ? pushes : first + mutations.length - 1,
      cursor: 'c1',
      ...(dryRun && { version: 7 }),
    })
  })
  laptop = machine(served)
  file = new DatabaseSync(join(laptop.home, 'site.db'), { timeout: 5_000 })
  file.exec(ADMINS)
  expect((await laptop.run(['attach', 'site.db', '--table', 'admins'])).err).toBe('')
})
afterEach(async () => {
  file.close()
  laptop.remove()
  await stop(served.server)
})

describe('a sync', () => {
  it('that did something is in the server’s log, and one without news costs no request more', async () => {
    await laptop.run(['sync'])
    expect(reports).toMatchObject([
      { status: 'completed', remoteToLocal: { admins: 1 }, localToRemote: { admins: 0 } },
    ])
    asked.length = 0
    await laptop.run(['sync'])
    expect(asked).toEqual(['/api/push'])
  })

  it('is done although nobody wants to hear of it', async () => {
    reporting = 403
    expect(await laptop.run(['sync'])).toMatchObject({ exit: 0, out: expect.stringContaining('1 row came') })
  })

  it('that failed is in the server’s log with the reason', async () => {
    broken = true
    expect((await laptop.run(['sync'])).exit).toBe(2)
    expect(reports).toMatchObject([{ status: 'failed', error: 'No: the database is away' }])
  })

  it('of a table that was switched off leaves its edits, and the status says so', async () => {
    await laptop.run(['sync'])
    file.exec("INSERT INTO admins VALUES ('a2', 'bob', 'Bob', NULL)")
    paused = true
    expect(await laptop.run(['sync'])).toMatchObject({
      exit: 0,
      out: expect.stringContaining('switched off for now: admins'),
    })
    const { out } = await laptop.run(['status'])
    expect(out).toContain('admins: Admins are not synced at the moment. To send: 1')
    paused = false
    expect((await laptop.run(['sync'])).out).toContain('1 edit went')
    expect((await laptop.run(['status'])).out).not.toContain('not synced')
  })
})

describe('a dry run', () => {
  it('shows what would go and come, writes it down, and changes nothing', async () => {
    file.exec("INSERT INTO admins VALUES ('a2', 'bob', 'Bob', NULL)")
    const before = readFileSync(join(laptop.home, 'site.db'))
    const { exit, out } = await laptop.run(['sync', '--dry-run', '--out', 'plan.json'])
    expect(exit).toBe(0)
    expect(out).toContain('would go')
    expect(out).toContain('insert a2')
    expect(out).toMatch(/username {2}.*→ bob/)
    expect(out).toContain('insert a1')
    expect(out).toContain('tidemark apply plan.json')
    const plan = SyncPlan.parse(JSON.parse(readFileSync(join(laptop.home, 'plan.json'), 'utf8')))
    expect(plan.files[0]?.lanes).toMatchObject([
      { version: 7, sends: [{ key: 'a2' }], changes: [{ row: 'a1' }] },
    ])
    expect(readFileSync(join(laptop.home, 'site.db')).equals(before)).toBe(true)
    expect([pushes, reports]).toEqual([0, []])
  })

  it('without an attached file is refused, and syncs nothing', async () => {
    await laptop.run(['detach', 'site.db'])
    asked.length = 0
    const { exit, err } = await laptop.run(['sync', '--dry-run'])
    expect([exit, err, asked]).toEqual([2, expect.stringContaining('No file is attached'), []])
  })
})
