import { beforeEach, describe, expect, it } from 'vitest'
import type { Problem } from '../../sync/protocol/common.ts'
import type { ResolveAnswer, SyncConflict } from '../../sync/protocol/conflicts.ts'
import type { EmployeeSetting } from '../../sync/protocol/reference.ts'
import { get, linkSheet, openReferenceDoors, synced } from './reference-world.ts'
import { type Doors, look, type Who } from './world.ts'

// What sheets that are kept both ways dispute, in the doors that devices' conflicts are settled by.

let doors: Doors
beforeEach(async () => {
  doors = await openReferenceDoors()
  linkSheet(doors)
  synced(doors)
})

/** Somebody typed 13.00 where a bot had set 12.50 meanwhile. */
function disputedCell(id = 'cell'): void {
  doors.file
    .prepare(
      `INSERT INTO conflicts (id, lane, link, scope, part, tbl, key, col, kind, op, base, ours, theirs, origin, detail, version,
        opened_at) VALUES (?1, 'reference', 'reference.sheet', 'shared', 'employee_settings', 'employee_settings', 'E1',
        'hourly_wage', 'merge', 'update', '{"hourly_wage":1100}', '{"hourly_wage":1250}', '{"hourly_wage":1300}',
        'google-sheets', 'changed on both sides', 3, 5)`,
    )
    .run(id)
}

function guard(kind: string, theirs: string | null = null): void {
  doors.file
    .prepare(
      `INSERT INTO conflicts (id, lane, link, scope, part, tbl, key, kind, ours, theirs, detail, opened_at)
        VALUES (?1, 'reference', 'reference.sheet', 'shared', 'employee_settings', 'employee_settings', 'employee_settings',
          ?1, '["E1"]', ?2, 'the tab is not what it was', 6)`,
    )
    .run(kind, theirs)
}

const conflicts = async (who: Who = 'admin', query = '') =>
  (await doors.call(who, 'GET', `/api/sync/conflicts${query}`)).json<SyncConflict[]>()
const resolve = (id: string, body: object, who: Who = 'admin') =>
  doors.call(who, 'POST', `/api/sync/conflicts/${id}/resolve`, { body })
const wage = async () => (await get(doors, 'employee_settings/E1')).json<EmployeeSetting>().hourly_wage
const runsAsked = () =>
  doors.lanes.calls.filter(({ method }) => method === 'request').map(({ lane, given }) => [lane, given])
const RUN = ['reference', expect.objectContaining({ link: 'reference.sheet', trigger: 'write', full: false })]

describe('a cell that was changed on both sides', () => {
  it('is listed as a device’s conflict is, with both values and what can settle it', async () => {
    disputedCell()
    const [shown] = await conflicts('admin', '?collection=employee_settings&resolved=false')
    expect(shown).toMatchObject({
      _id: 'cell',
      collection: 'employee_settings',
      localId: 'E1',
      field: 'hourly_wage',
      base: { hourly_wage: 1_100 },
      localValue: 1_300,
      remoteValue: 1_250,
      localBy: 'the sheet',
      remoteBy: 'hook',
      notes: "Field 'hourly_wage' was changed on both sides",
    })
    expect(shown?.strategies.map(({ strategy }) => strategy)).toEqual(['keep_local', 'keep_remote', 'merge'])
    expect((await doors.call('admin', 'GET', '/api/sync/conflicts/cell')).json()).toEqual(shown)
    const all = (await doors.call('admin', 'GET', '/api/conflicts')).json<{ id: string }[]>()
    expect(all.map(({ id }) => id)).toContain('cell')
    const status = (await doors.call('admin', 'GET', '/api/sync/status')).json()
    expect(JSON.stringify(status)).toMatch(/"(unresolved|open)\w*":1/i)
  })

  it.each([
    ['keep_local', {}, 1_300],
    ['keep_remote', {}, 1_250],
    ['merge', { newValue: 1_275 }, 1_275],
  ])('%s settles it, and the sheet is asked to show it', async (strategy, more, value) => {
    disputedCell()
    const answer = await resolve('cell', { strategy, ...more })
    expect([answer.status, answer.json<ResolveAnswer>().success]).toEqual([200, true])
    expect(await wage()).toBe(value)
    expect(runsAsked()).toEqual([RUN])
    // A sheet that shows what stands here needs no pin.
    expect(look(doors, 'SELECT * FROM pins')).toEqual([])
    expect((await conflicts('admin', '?resolved=false')).length).toBe(0)
  })

  it('is only planned where it is asked so', async () => {
    disputedCell()
    const answer = await resolve('cell', { strategy: 'keep_local', dry_run: true })
    expect(answer.json<ResolveAnswer>().plans[0]?.changes).toMatchObject([
      { table: 'employee_settings', key: 'E1', columns: { hourly_wage: { before: 1_250, after: 1_300 } } },
    ])
    expect(runsAsked()).toEqual([])
  })

  it('stays settled though the sheet can’t be asked', async () => {
    disputedCell()
    doors.lanes.fail.set('reference', [undefined, new Error('away')])
    expect((await resolve('cell', { strategy: 'keep_local' })).status).toBe(200)
    expect(await wage()).toBe(1_300)
  })

  it('is auto-resolved by the rules for devices: the newer row is kept', async () => {
    disputedCell()
    const answer = await doors.call('admin', 'POST', '/api/sync/conflicts/auto-resolve', { body: {} })
    expect(answer.json()).toMatchObject({
      resolved: 1,
      results: [{ conflict_id: 'cell', strategy: 'keep_remote' }],
    })
    expect(runsAsked()).toEqual([RUN])
  })

  it('is an admin’s to settle, and of a table that no device keeps nobody else sees it', async () => {
    disputedCell()
    for (const who of ['ann', 'annsDevice'] as const) {
      expect(await conflicts(who)).toEqual([])
      expect((await resolve('cell', { strategy: 'keep_local' }, who)).status).toBe(404)
    }
  })
})

describe('what a guard stopped', () => {
  it.each(['emptied', 'replaced', 'copied'])(
    '%s is settled by an admin’s word, and changes no row by itself',
    async (kind) => {
      guard(kind)
      const [shown] = await conflicts()
      expect(shown).toMatchObject({ _id: kind, field: null, notes: 'the tab is not what it was' })
      expect(shown?.strategies.map(({ strategy }) => strategy)).toEqual(['keep_local', 'keep_remote'])
      const before = look(doors, 'SELECT * FROM employee_settings')
      const refused = await resolve(kind, { strategy: 'merge', values: { name: 'x' } })
      expect([refused.status, refused.json<Problem>().kept]).toEqual([
        400,
        'The conflict stays open, and nothing was changed.',
      ])
      expect((await resolve(kind, { strategy: 'keep_local' }, 'ann')).status).toBe(404)
      expect((await resolve(kind, { strategy: 'keep_local' })).status).toBe(200)
      expect(look(doors, `SELECT resolution, resolved_by FROM conflicts WHERE id = ?`, kind)).toEqual([
        { resolution: 'keep_local', resolved_by: 'admin' },
      ])
      expect(look(doors, 'SELECT * FROM employee_settings')).toEqual(before)
      expect(runsAsked()).toEqual([RUN])
    },
  )

  it('deletions are let go or not; with the rows kept, the sheet is asked to show them again', async () => {
    guard('deletion_guard', '["E1"]')
    expect((await resolve('deletion_guard', { strategy: 'keep_remote' })).status).toBe(200)
    expect(await wage()).toBe(1_250)
    expect(runsAsked()).toEqual([RUN])
    guard('emptied')
    doors.file.exec(`UPDATE conflicts SET resolved_at = NULL, resolution = NULL WHERE id = 'deletion_guard'`)
    expect((await resolve('deletion_guard', { strategy: 'keep_local' })).status).toBe(200)
    expect((await get(doors, 'employee_settings/E1')).status).toBe(404)
  })

  it('is nothing that auto-resolve settles', async () => {
    guard('emptied')
    const answer = await doors.call('admin', 'POST', '/api/sync/conflicts/auto-resolve', { body: {} })
    expect(answer.json()).toMatchObject({ resolved: 0, skipped: 0 })
  })

  it('shows no thousand keys', async () => {
    guard('deletion_guard', '["E1"]')
    const all = (await doors.call('admin', 'GET', '/api/conflicts')).json<{ id: string; theirs: unknown }[]>()
    expect(all.find(({ id }) => id === 'deletion_guard')).toMatchObject({ ours: '["E1"]', theirs: null })
  })
})
