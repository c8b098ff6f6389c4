import { beforeEach, describe, expect, it } from 'vitest'
import type { Problem } from '../../sync/protocol/common.ts'
import type { RunRequest } from '../../sync/protocol/lane.ts'
import type { DynamicRate, EmployeeSetting, Rank } from '../../sync/protocol/reference.ts'
import { EMPLOYEES, get, linkSheet, openReferenceDoors, put, synced } from './reference-world.ts'
import { type Doors, look } from './world.ts'

let doors: Doors
beforeEach(async () => {
  doors = await openReferenceDoors()
  linkSheet(doors)
  synced(doors)
})

const employee = async (id = 'E1') => (await get(doors, `employee_settings/${id}`)).json<EmployeeSetting>()
const remove = (path: string, headers = {}) =>
  doors.call('hook', 'DELETE', `/api/reference/${path}`, { headers })
const history = (key: string) =>
  look(doors, `SELECT op, after, actor, origin FROM history WHERE key = ? ORDER BY version`, key)

describe('a write of reference data', () => {
  it('holds at once and answers the row, with the columns that were not named as they were', async () => {
    const answer = await put(doors, 'employee_settings/E1', { hourly_wage: 1_300 })
    expect(answer.status).toBe(200)
    const row = answer.json<EmployeeSetting>()
    expect(row).toMatchObject({
      ...EMPLOYEES.E1,
      hourly_wage: 1_300,
      sync_status: 'pending',
      source: 'local',
    })
    expect(answer.headers.get('etag')).toMatch(new RegExp(`^"${row.version}\\.`))
    expect(await employee()).toEqual(row)
    expect(history('E1').at(-1)).toMatchObject({ op: 'update', actor: 'hook', origin: 'api' })
  })

  it('makes a row of a name that is new, and says so', async () => {
    const answer = await put(doors, 'employee_settings/E3', { hourly_wage: 900, commission: 0 })
    expect([answer.status, answer.json<EmployeeSetting>().id]).toEqual([201, 'E3'])
    const rate = await put(doors, 'dynamic_rates/none yet', { range_from: -100, range_to: 0, rate: 0 })
    expect(rate.json<DynamicRate>().id).toMatch(/^[0-7][0-9A-Z]{25}$/)
    expect((await put(doors, 'dynamic_rates/none yet', { rate: 0.01 })).status).toBe(200)
    const rank = await put(doors, 'ranks/Dust', { min_amount: -5, max_amount: 0 })
    expect(rank.json<Rank>()).toMatchObject({
      name: 'Dust',
      id: expect.stringMatching(/^[0-7][0-9A-Z]{25}$/),
    })
  })

  it('makes none that lacks what is never empty, and says what', async () => {
    const answer = await put(doors, 'employee_settings/E3', { commission: 0 })
    expect(answer.status).toBe(400)
    expect(answer.json<Problem>()).toMatchObject({
      detail: expect.stringContaining('hourly_wage is missing'),
      kept: 'The table stays as it was, all of it.',
    })
  })

  it.each([
    [{ hourly_wage: 12.5 }, 'hourly_wage'],
    [{ hourly_wage: '1250' }, 'hourly_wage'],
    [{ wage: 1 }, ''],
  ])('refuses %j before anything is asked', async (body, path) => {
    const answer = await put(doors, 'employee_settings/E1', body)
    expect(answer.status).toBe(400)
    expect(answer.json<Problem>().errors?.[0]?.path).toBe(path)
    expect(doors.lanes.calls).toEqual([])
  })

  it.each(['%00', 'a%0Ab', 'a%7Fb'])('makes no row of a name that nobody can type (%s)', async (name) => {
    const answer = await put(doors, `employee_settings/${name}`, { hourly_wage: 900, commission: 0 })
    expect([answer.status, answer.json<Problem>().errors?.[0]?.path]).toEqual([400, 'id'])
  })

  it('takes 8 for no share: who means 8 % says 0.08', async () => {
    const wage = await put(doors, 'employee_settings/E1', { commission: 8 })
    const rate = await put(doors, 'dynamic_rates/low', { rate: 5 })
    for (const answer of [wage, rate])
      expect([answer.status, answer.json<Problem>().errors?.[0]?.message]).toEqual([
        400,
        'a fraction: 8 % is 0.08',
      ])
    expect((await put(doors, 'employee_settings/E1', { commission: 1 })).status).toBe(200)
  })

  it('takes no range that overlaps another: all of the table stays as it was, and the reason is said', async () => {
    const before = (await get(doors, 'dynamic_rates')).text
    for (const answer of [
      await put(doors, 'dynamic_rates/low', { range_to: 20_000 }),
      await put(doors, 'dynamic_rates/more', { range_from: 5_000, range_to: 6_000, rate: 0.5 }),
    ]) {
      expect(answer.status).toBe(400)
      expect(answer.json<Problem>()).toMatchObject({
        detail: expect.stringContaining('overlap'),
        kept: 'The table stays as it was, all of it.',
      })
    }
    expect((await get(doors, 'dynamic_rates')).text).toBe(before)
  })

  it('renames a rank that is named by its name, and keeps its id', async () => {
    const gold = (await get(doors, 'ranks/Gold')).json<Rank>()
    const renamed = (await put(doors, 'ranks/Gold', { name: 'Platinum' })).json<Rank>()
    expect(renamed).toMatchObject({ id: gold.id, name: 'Platinum' })
    expect((await get(doors, 'ranks/Gold')).status).toBe(404)
    // The name is free again: it is another rank's from now on.
    const other = (await put(doors, 'ranks/Gold', { min_amount: -9, max_amount: -5 })).json<Rank>()
    expect(other.id).not.toBe(gold.id)
  })

  it('gives no rank the name of another', async () => {
    const answer = await put(doors, 'ranks/Gold', { name: 'Bronze' })
    expect([answer.status, answer.json<Problem>().detail]).toEqual([409, 'Another rank is called Bronze.'])
  })

  it('asks for a run that shows it in the sheet, and does not wait for it', async () => {
    await put(doors, 'employee_settings/E1', { hourly_wage: 1_300 })
    await doors.later()
    const asked = doors.lanes.calls.filter(({ method }) => method === 'request')
    expect(asked.map(({ lane, given }) => [lane, given])).toEqual([
      [
        'reference',
        {
          link: 'reference.sheet',
          scope: 'shared',
          parts: null,
          trigger: 'write',
          full: false,
          actor: 'hook',
        } satisfies RunRequest,
      ],
    ])
  })

  it('asks for none where no workbook is linked', async () => {
    doors.file.exec('DELETE FROM config')
    await put(doors, 'employee_settings/E1', { hourly_wage: 1_300 })
    await doors.later()
    expect(doors.lanes.calls.map(({ method }) => method)).toEqual(['push'])
  })

  it('stands though the lane can’t be asked for the run', async () => {
    doors.lanes.fail.set('reference', [undefined, new Error('away')])
    expect((await put(doors, 'employee_settings/E1', { hourly_wage: 1_300 })).status).toBe(200)
    await doors.later()
    expect((await employee()).hourly_wage).toBe(1_300)
  })
})

describe('If-Match', () => {
  it('lets a write through where the row still stands so, by its version or the ETag of a read', async () => {
    const { version } = await employee()
    const first = await put(doors, 'employee_settings/E1', { hourly_wage: 1 }, { 'if-match': `"${version}"` })
    expect(first.status).toBe(200)
    const tag = (await get(doors, 'employee_settings/E1')).headers.get('etag') ?? ''
    expect((await put(doors, 'employee_settings/E1', { hourly_wage: 2 }, { 'if-match': tag })).status).toBe(
      200,
    )
  })

  it('refuses one that is based on an older row, and shows the row as it stands', async () => {
    const { version } = await employee()
    await put(doors, 'employee_settings/E1', { hourly_wage: 1 })
    const answer = await put(
      doors,
      'employee_settings/E1',
      { commission: 0.5 },
      { 'if-match': `"${version}"` },
    )
    expect(answer.status).toBe(412)
    expect(answer.json<Problem>()).toMatchObject({
      type: 'urn:tidemark:problem:changed',
      kept: 'Nothing was changed.',
      row: { id: 'E1', hourly_wage: 1, commission: 0.08 },
    })
    expect((await remove('employee_settings/E1', { 'if-match': `"${version}"` })).status).toBe(412)
    expect((await employee()).commission).toBe(0.08)
  })

  it('is for one of two who write at once', async () => {
    const { version } = await employee()
    const both = await Promise.all(
      [1, 2].map((wage) =>
        put(doors, 'employee_settings/E1', { hourly_wage: wage }, { 'if-match': `"${version}"` }),
      ),
    )
    expect(both.map(({ status }) => status).sort()).toEqual([200, 412])
  })

  it('left out: both are applied, one after the other, and nothing is disputed', async () => {
    const all = await Promise.all(
      [1, 2, 3].map((wage) => put(doors, 'employee_settings/E1', { hourly_wage: wage })),
    )
    expect(all.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(look(doors, `SELECT count(*) AS n FROM conflicts WHERE tbl = 'employee_settings'`)).toEqual([
      { n: 0 },
    ])
    expect(history('E1').map(({ after }) => JSON.parse(String(after)).hourly_wage)).toEqual([1_250, 1, 2, 3])
  })

  it('* needs a row, If-None-Match: * needs that there is none', async () => {
    const body = { hourly_wage: 5, commission: 0 }
    expect((await put(doors, 'employee_settings/E9', body, { 'if-match': '*' })).status).toBe(412)
    expect((await put(doors, 'employee_settings/E1', body, { 'if-none-match': '*' })).status).toBe(412)
    expect((await put(doors, 'employee_settings/E9', body, { 'if-none-match': '*' })).status).toBe(201)
    expect((await put(doors, 'employee_settings/E9', body, { 'if-match': '*' })).status).toBe(200)
  })

  it('is a version in quotation marks', async () => {
    expect((await put(doors, 'employee_settings/E1', {}, { 'if-match': 'yesterday' })).status).toBe(400)
  })
})

describe('an Idempotency-Key', () => {
  const key = { 'idempotency-key': 'wage-of-E1' }

  it('makes a repeat change nothing, also when the row was changed since', async () => {
    await put(doors, 'employee_settings/E1', { hourly_wage: 7 }, key)
    await put(doors, 'employee_settings/E1', { hourly_wage: 8 })
    const again = await put(doors, 'employee_settings/E1', { hourly_wage: 7 }, key)
    expect([again.status, again.json<EmployeeSetting>().hourly_wage]).toEqual([200, 8])
  })

  it('makes one row of a new rate that is sent twice', async () => {
    const body = { range_from: -50, range_to: -40, rate: 0.5 }
    const [first, second] = [
      await put(doors, 'dynamic_rates/new', body, key),
      await put(doors, 'dynamic_rates/new', body, key),
    ]
    expect(second.json<DynamicRate>().id).toBe(first.json<DynamicRate>().id)
  })

  it('is for one request only, and one caller', async () => {
    await put(doors, 'employee_settings/E1', { hourly_wage: 7 }, key)
    const other = await put(doors, 'employee_settings/E1', { hourly_wage: 9 }, key)
    expect([other.status, other.json<Problem>().type]).toEqual([409, 'urn:tidemark:problem:forked'])
    const path = '/api/reference/employee_settings/E1'
    const admins = await doors.call('admin', 'PUT', path, { body: { hourly_wage: 9 }, headers: key })
    expect(admins.json<EmployeeSetting>().hourly_wage).toBe(9)
  })

  it('tells who deleted a row twice that it is gone', async () => {
    expect((await remove('employee_settings/E1', key)).status).toBe(204)
    expect((await remove('employee_settings/E1', key)).status).toBe(204)
    expect((await remove('employee_settings/E1')).status).toBe(404)
  })
})

describe('a removal', () => {
  it('takes the row away, and a later write brings it back', async () => {
    expect((await remove('ranks/Gold')).status).toBe(204)
    expect((await get(doors, 'ranks/Gold')).status).toBe(404)
    const back = await put(doors, 'ranks/Gold', { min_amount: 50_000 })
    expect(back.json<Rank>()).toMatchObject({ name: 'Gold', min_amount: 50_000 })
    expect((await remove('employee_settings/E1')).status).toBe(204)
    expect((await put(doors, 'employee_settings/E1', EMPLOYEES.E1)).status).toBe(201)
  })
})
