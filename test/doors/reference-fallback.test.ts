import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Problem } from '../../sync/protocol/common.ts'
import type { EmployeeSetting, Rank } from '../../sync/protocol/reference.ts'
import { get, linkSheet, openReferenceDoors, put, synced } from './reference-world.ts'
import { type Doors, openDoors } from './world.ts'

const TABS = {
  employee_settings: [
    { id: 'S1', name: 'From the sheet', hourly_wage: 999, commission: 0.01 },
    // What can't be read of a row is not made up.
    { id: 'S2', name: 'No wage', commission: 0.01 },
  ],
  ranks: [{ name: 'Paper', min_amount: 0, max_amount: null, bonus: null, emoji: null }],
}

function fill(doors: Doors): void {
  for (const [part, rows] of Object.entries(TABS)) doors.sheet.tabs.set(part, structuredClone(rows))
}

afterEach(() => void vi.restoreAllMocks())

describe('before the first sync', () => {
  let doors: Doors
  beforeEach(async () => {
    doors = await openDoors()
    linkSheet(doors)
    fill(doors)
  })

  it('a read is answered by the sheet itself, and says so', async () => {
    const answer = await get(doors, 'employee_settings/S1')
    expect(answer.headers.get('tidemark-source')).toBe('sheet')
    expect(answer.headers.get('cache-control')).toContain('no-store')
    expect(answer.json()).toEqual({
      ...TABS.employee_settings[0],
      last_synced_at: null,
      last_modified_at: null,
      source: 'sheets',
      sync_status: 'synced',
      version: 0,
    })
    expect((await get(doors, 'ranks?at=1')).json<Rank>()).toMatchObject({ id: 'Paper', name: 'Paper' })
  })

  it('a table is read from here once its own tab was merged, though another tab fails', async () => {
    await put(doors, 'employee_settings/E1', { hourly_wage: 1_000, commission: 0 })
    doors.file.exec(`INSERT INTO link_state (link, scope, lane, next_due_at, last_status, inbox)
      VALUES ('reference.sheet', 'shared', 'reference', 1, 'failed', '{"employee_settings":7,"ranks":0}')`)
    const answer = await get(doors, 'employee_settings')
    expect(answer.headers.get('tidemark-source')).toBe('d1')
    expect(answer.json<EmployeeSetting[]>().map(({ id, last_synced_at }) => [id, last_synced_at])).toEqual([
      ['E1', null],
    ])
    expect((await get(doors, 'ranks')).headers.get('tidemark-source')).toBe('sheet')
  })

  it('leaves out rows that lack what is never empty', async () => {
    const rows = (await get(doors, 'employee_settings')).json<EmployeeSetting[]>()
    expect(rows.map(({ id }) => id)).toEqual(['S1'])
  })

  it('shows what was written here meanwhile, too', async () => {
    await put(doors, 'employee_settings/E1', { hourly_wage: 1_000, commission: 0 })
    await put(doors, 'employee_settings/S1', { hourly_wage: 1_001, commission: 0 })
    const rows = (await get(doors, 'employee_settings')).json<EmployeeSetting[]>()
    expect(rows.map(({ id, hourly_wage }) => [id, hourly_wage])).toEqual([
      ['E1', 1_000],
      ['S1', 1_001],
    ])
    expect((await get(doors, 'employee_settings/E1')).json<EmployeeSetting>().hourly_wage).toBe(1_000)
  })

  it('commits nothing', async () => {
    await get(doors, 'employee_settings')
    expect(doors.file.prepare('SELECT count(*) AS n FROM employee_settings').get()?.n).toBe(0)
    expect(doors.file.prepare(`SELECT count(*) AS n FROM runs WHERE lane = 'reference'`).get()?.n).toBe(0)
  })

  it('says what to do where the sheet can’t be read either', async () => {
    doors.sheet.fail.push({
      ok: false,
      failure: { type: 'refused', reason: 'The sheet is not shared with us.', mend: 'Share it.' },
    })
    const answer = await get(doors, 'employee_settings')
    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toBe('30')
    expect(answer.json<Problem>()).toMatchObject({
      type: 'urn:tidemark:problem:unavailable',
      detail: expect.stringContaining('The sheet is not shared with us.'),
      mend: 'Share it.',
    })
  })

  it('is answered by D1 where no workbook is linked: there is nothing else', async () => {
    doors.file.exec('DELETE FROM config')
    const answer = await get(doors, 'employee_settings')
    expect([answer.status, answer.text, answer.headers.get('tidemark-source')]).toEqual([200, '[]', 'd1'])
  })
})

describe('while the database can’t be reached', () => {
  let doors: Doors
  beforeEach(async () => {
    doors = await openReferenceDoors()
    linkSheet(doors)
    synced(doors)
    fill(doors)
  })
  const cut = () => {
    doors.database.broken = new Error('D1 is away')
  }

  it('a read is answered as it was last, with its age', async () => {
    const before = await get(doors, 'dynamic_rates?at=5')
    await doors.later()
    cut()
    const answer = await get(doors, 'dynamic_rates?at=5')
    expect(answer.headers.get('tidemark-source')).toBe('cache')
    expect(Number(answer.headers.get('age'))).toBeLessThan(60)
    expect(answer.json()).toEqual(before.json())
  })

  it('what was asked of the whole table answers any question about it', async () => {
    const rows = (await get(doors, 'employee_settings')).json<EmployeeSetting[]>()
    await doors.later()
    cut()
    expect((await get(doors, 'employee_settings/E2')).json()).toEqual(rows[1])
    expect((await get(doors, 'employee_settings/E9')).status).toBe(404)
  })

  it('an answer of more than a day ago is none; the sheet is asked, of which the lane remembers where it is', async () => {
    await get(doors, 'employee_settings')
    await doors.later()
    for (const [address, kept] of doors.kept.answers) {
      const headers = new Headers(kept.headers)
      headers.set('x-kept-at', String(Date.now() - 86_401_000))
      doors.kept.answers.set(address, new Response(await kept.text(), { headers }))
    }
    await doors.lanes
      .getByName('reference')
      .peek('reference', 'reference.sheet', 'shared', 'employee_settings')
    cut()
    const answer = await get(doors, 'employee_settings/S1')
    expect(answer.headers.get('tidemark-source')).toBe('sheet')
    expect(answer.json<EmployeeSetting>().hourly_wage).toBe(999)
  })

  it('who was let in lately may go on reading, for a while, and change nothing', async () => {
    const before = (await get(doors, 'ranks')).text
    await doors.later()
    cut()
    const now = Date.now()
    vi.spyOn(Date, 'now').mockReturnValue(now + 5 * 60_000)
    expect((await get(doors, 'ranks')).text).toBe(before)
    expect((await put(doors, 'ranks/Gold', { bonus: 1 })).status).toBe(500)
    vi.mocked(Date.now).mockReturnValue(now + 16 * 60_000)
    expect((await get(doors, 'ranks')).status).toBe(500)
  })

  it('and nothing else either: says so', async () => {
    await get(doors, 'employee_settings')
    cut()
    doors.kept.broken = true
    const answer = await get(doors, 'employee_settings')
    expect(answer.status).toBe(503)
    expect(answer.json<Problem>().detail).toContain('database can’t be reached')
  })

  it('a good answer is not kept again and again', async () => {
    let puts = 0
    const { cache } = doors.pushPull
    Object.assign(doors.pushPull, { cache: { ...cache, put: async () => void puts++ } })
    for (let i = 0; i < 5; i++) await get(doors, 'employee_settings')
    expect(puts).toBe(1)
  })
})
