import { beforeEach, describe, expect, it } from 'vitest'
import type { Sheet, SheetsForecast } from '../../sync/protocol/sheets.ts'
import { linkSheet, openReferenceDoors, synced, WORKBOOK } from './reference-world.ts'
import type { Doors } from './world.ts'

let doors: Doors
beforeEach(async () => {
  doors = await openReferenceDoors()
})

const sheets = async () => (await doors.call('admin', 'GET', '/api/sheets')).json<Sheet[]>()
const reference = async () => (await sheets()).find(({ name }) => name === 'reference')
const forecast = async () => (await doors.call('admin', 'GET', '/api/sheets/forecast')).json<SheetsForecast>()
const setting = (value: object) =>
  doors.call('admin', 'PUT', '/api/config/sheets.reference', { body: { spreadsheet_id: WORKBOOK, ...value } })

describe('the list of sheets that are kept both ways', () => {
  it('names them with their tables before a workbook is linked', async () => {
    expect(await reference()).toMatchObject({
      link: 'reference.sheet',
      lane: 'reference',
      setting: 'sheets.reference',
      spreadsheet_id: null,
      url: null,
      last_status: null,
      open_conflicts: 0,
      last_ping_at: null,
    })
    expect(
      (await reference())?.tabs.map(({ table, tab, policy, rows }) => [table, tab, policy, rows]),
    ).toEqual([
      ['employee_settings', 'EmployeeSettings', 'sheet', 2],
      ['dynamic_rates', 'DynamicRates', 'sheet', 2],
      ['ranks', 'Ranks', 'sheet', 2],
    ])
  })

  it('shows the workbook, and what was set for its tabs', async () => {
    await setting({
      tabs: { ranks: 'Ränge' },
      policy: 'database',
      policies: { ranks: 'manual' },
      check_minutes: 10,
    })
    const shown = await reference()
    expect(shown).toMatchObject({
      spreadsheet_id: WORKBOOK,
      url: `https://docs.google.com/spreadsheets/d/${WORKBOOK}`,
      check_minutes: 10,
    })
    expect(shown?.tabs.map(({ tab, policy }) => [tab, policy])).toEqual([
      ['EmployeeSettings', 'database'],
      ['DynamicRates', 'database'],
      ['Ränge', 'manual'],
    ])
  })

  it('is opened where the configuration says that Google is', async () => {
    linkSheet(doors)
    Object.assign(doors.inner, { GOOGLE_ORIGIN: 'http://sheets.example' })
    expect((await reference())?.url).toBe(`http://sheets.example/spreadsheets/d/${WORKBOOK}`)
  })

  it('shows a user the tables that everybody reads, and no other', async () => {
    const shown = (await doors.call('ann', 'GET', '/api/sheets')).json<Sheet[]>()
    expect(shown.map(({ name }) => name)).toEqual(['reference'])
    for (const [method, path] of [
      ['GET', 'forecast'],
      ['POST', 'reference/sync'],
      ['POST', 'reference/script'],
    ] as const)
      expect((await doors.call('ann', method, `/api/sheets/${path}`)).status).toBe(403)
  })

  it('tells how it went last, what waits for a person, and what a guard stopped', async () => {
    linkSheet(doors)
    synced(doors, 1_000)
    doors.file.exec(`UPDATE link_state SET last_status = 'degraded', trouble = '{"reason":"not shared","mend":"share it"}'
        WHERE link = 'reference.sheet';
      INSERT INTO conflicts (id, lane, link, scope, part, tbl, key, col, kind, op, detail, opened_at) VALUES
        ('cell', 'reference', 'reference.sheet', 'shared', 'ranks', 'ranks', 'r', 'bonus', 'merge', 'update', 'both', 1),
        ('gone', 'reference', 'reference.sheet', 'shared', 'ranks', 'ranks', 'ranks', NULL, 'emptied', NULL, 'nothing is left', 2)`)
    const shown = await reference()
    expect(shown).toMatchObject({
      last_status: 'degraded',
      last_good_at: '1970-01-01T00:00:01.000Z',
      trouble: { reason: 'not shared', mend: 'share it' },
      open_conflicts: 2,
    })
    expect(shown?.tabs.map(({ open_conflicts, guard }) => [open_conflicts, guard])).toEqual([
      [0, null],
      [0, null],
      [2, { conflict: 'gone', kind: 'emptied', detail: 'nothing is left' }],
    ])
  })

  it('tells why a tab failed, but for one that a guard stopped and asks about itself', async () => {
    linkSheet(doors)
    synced(doors, 1_000)
    const part = (id: string) => ({
      id,
      name: id,
      status: 'failed',
      reason: `${id} overlap`,
      mend: 'correct them',
    })
    const report = {
      parts: [part('ranks'), part('dynamic_rates'), { ...part('employee_settings'), status: 'done' }],
    }
    doors.file
      .prepare(
        `INSERT INTO runs (id, lane, link, scope, trigger, status, actor, params, report, enqueued_at, finished_at)
          VALUES ('r1', 'reference', 'reference.sheet', 'shared', 'manual', 'failed', 'me', '{}', ?1, 1, 2)`,
      )
      .run(JSON.stringify(report))
    doors.file.exec(
      `UPDATE link_state SET last_status = 'failed', last_run_id = 'r1' WHERE link = 'reference.sheet'`,
    )
    expect((await reference())?.trouble).toEqual({ reason: 'ranks overlap', mend: 'correct them' })
    doors.file.exec(`INSERT INTO conflicts (id, lane, link, scope, part, tbl, key, col, kind, op, detail, opened_at) VALUES
      ('gone', 'reference', 'reference.sheet', 'shared', 'ranks', 'ranks', 'ranks', NULL, 'emptied', NULL, 'nothing is left', 2)`)
    expect((await reference())?.trouble?.reason).toBe('dynamic_rates overlap')
  })

  it('says when the workbook’s script was heard last', async () => {
    linkSheet(doors)
    const lane = doors.lanes.getByName('reference')
    await lane.request('reference', {
      link: 'reference.sheet',
      scope: 'shared',
      parts: null,
      trigger: 'hook',
      full: false,
      actor: 'sheet',
    })
    expect(Date.parse(String((await reference())?.last_ping_at))).toBeGreaterThan(Date.now() - 60_000)
  })
})

describe('the forecast of the quota', () => {
  it('is of the workbooks that are linked, and the workspaces that are synced', async () => {
    expect((await forecast()).links.map(({ kind, name }) => [kind, name])).toEqual([
      ['workspace', 'w1'],
      ['workspace', 'w2'],
    ])
    linkSheet(doors)
    const shown = await forecast()
    expect(shown.limits).toEqual({ read: 60, write: 60 })
    expect(shown.links[0]).toMatchObject({
      kind: 'tables',
      name: 'reference',
      check_minutes: 5,
      exceeds: false,
      fits_minutes: null,
    })
    expect(shown.worst.read).toBeGreaterThan(0)
  })

  it('goes by how checks went of late', async () => {
    linkSheet(doors)
    synced(doors)
    doors.file.exec(`UPDATE link_state SET checks = 100, skips = 98 WHERE link = 'reference.sheet'`)
    const [link] = (await forecast()).links
    // 3 reads where 2 of 100 checks find something, every 5 minutes; and each time at worst.
    expect(link?.expected_share).toBeCloseTo((3 * 0.02) / 5 / 60)
    expect(link?.worst_share).toBeCloseTo(3 / 5 / 60)
  })

  it('says which schedule is too often, and which one would do', async () => {
    linkSheet(doors)
    const insert = doors.file.prepare(
      `INSERT INTO runs (id, link, scope, lane, trigger, params, actor, status, report, enqueued_at, finished_at) VALUES
        ('7Z', 'reference.sheet', 'shared', 'reference', 'cron', '{"parts":null,"full":false}', 'cron', 'done', ?1, 1, 2)`,
    )
    insert.run(JSON.stringify({ counts: { calls: 611 }, parts: [{ sent: 5 }, { sent: 0 }] }))
    const { links, worst } = await forecast()
    expect(worst.read).toBeGreaterThan(60)
    expect(links.filter(({ exceeds }) => exceeds)).toMatchObject([{ name: 'reference', fits_minutes: 11 }])
  })
})
