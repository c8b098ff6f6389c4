import { beforeEach, describe, expect, it } from 'vitest'
import type { Problem } from '../../sync/protocol/common.ts'
import type { DynamicRate, EmployeeSetting, Rank } from '../../sync/protocol/reference.ts'
import { base, EMPLOYEES, get, linkSheet, openReferenceDoors, put, synced } from './reference-world.ts'
import { type Doors, look } from './world.ts'

let doors: Doors
beforeEach(async () => {
  doors = await openReferenceDoors()
  linkSheet(doors)
  synced(doors)
})

const employee = async (id = 'E1') => (await get(doors, `employee_settings/${id}`)).json<EmployeeSetting>()

describe('a read of reference data', () => {
  it('answers a row with what is known of it', async () => {
    const answer = await get(doors, 'employee_settings/E1')
    const [stored] = look(doors, `SELECT version, updated_at FROM employee_settings WHERE id = 'E1'`)
    expect(answer.json()).toEqual({
      id: 'E1',
      ...EMPLOYEES.E1,
      last_synced_at: expect.stringMatching(/Z$/),
      last_modified_at: new Date(Number(stored?.updated_at)).toISOString(),
      source: 'local',
      sync_status: 'synced',
      version: stored?.version,
    })
    expect(answer.headers.get('tidemark-source')).toBe('d1')
    expect(answer.headers.get('etag')).toMatch(new RegExp(`^"${stored?.version}\\.`))
  })

  it('is one statement', async () => {
    await get(doors, 'ranks')
    doors.database.batches.length = 0
    await get(doors, 'dynamic_rates?at=1')
    expect(doors.database.batches.map((batch) => batch.length)).toEqual([1])
    expect(doors.lanes.calls).toEqual([])
  })

  it('answers 304 to who has it, and again in full when something of it changed', async () => {
    const tag = (await get(doors, 'ranks')).headers.get('etag') ?? ''
    expect((await get(doors, 'ranks', { 'if-none-match': tag })).status).toBe(304)
    await put(doors, 'ranks/Gold', { bonus: 3_000 })
    const answer = await get(doors, 'ranks', { 'if-none-match': tag })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('cache-control')).toBe('private, no-cache')
    expect(answer.json<Rank[]>().map(({ name, bonus }) => [name, bonus])).toEqual(
      expect.arrayContaining([
        ['Bronze', 0],
        ['Gold', 3_000],
      ]),
    )
  })

  it.each([
    [0, 0.05],
    [9_999, 0.05],
    [10_000, 0.07],
    [10_000_000, 0.07],
  ])('finds the rate of %i', async (at, rate) => {
    expect((await get(doors, `dynamic_rates?at=${at}`)).json<DynamicRate>().rate).toBe(rate)
  })

  it('says that no range holds an amount, and which amounts are meant', async () => {
    const answer = await get(doors, 'dynamic_rates?at=-1')
    expect(answer.status).toBe(404)
    expect(answer.json<Problem>()).toMatchObject({
      detail: 'There is no rate for -1.',
      mend: expect.stringContaining('12.50 is 1250'),
    })
  })

  it.each(['', '%20', '12.5', '0x10', '1e3', '1e400', 'NaN', '9'.repeat(20), '1&at=2'])(
    'takes no amount that is %j for a whole number',
    async (at) => {
      expect((await get(doors, `dynamic_rates?at=${at}`)).status).toBe(400)
      expect((await get(doors, `ranks?at=${at}`)).status).toBe(400)
    },
  )

  it('lists rates and ranks as their ranges ascend', async () => {
    await put(doors, 'ranks/Dust', { min_amount: -5, max_amount: 0 })
    await put(doors, 'dynamic_rates/less than nothing', { range_from: -5, range_to: 0, rate: 0 })
    const ranks = (await get(doors, 'ranks')).json<Rank[]>()
    expect(ranks.map(({ name }) => name)).toEqual(['Dust', 'Bronze', 'Gold'])
    const rates = (await get(doors, 'dynamic_rates')).json<DynamicRate[]>()
    expect(rates.map(({ range_from }) => range_from)).toEqual([-5, 0, 10_000])
  })

  it('finds a rank by its name, its id, and an amount', async () => {
    const gold = (await get(doors, 'ranks/Gold')).json<Rank>()
    expect((await get(doors, `ranks/${gold.id}`)).json()).toEqual(gold)
    expect((await get(doors, 'ranks?at=50000')).json()).toEqual(gold)
    expect((await get(doors, 'ranks/Silver')).status).toBe(404)
  })

  it('says “pending” until the sheet shows what stands here', async () => {
    await put(doors, 'employee_settings/E1', { hourly_wage: 1_300 })
    expect((await employee()).sync_status).toBe('pending')
    expect((await employee('E2')).sync_status).toBe('synced')
    base(doors, 'employee_settings', 'E1', { ...EMPLOYEES.E1, hourly_wage: 1_300 })
    expect((await employee()).sync_status).toBe('synced')
    await put(doors, 'employee_settings/E3', { hourly_wage: 1, commission: 0 })
    expect((await employee('E3')).sync_status).toBe('pending')
  })

  it('asks nothing of a column that the tab does not have', async () => {
    base(doors, 'employee_settings', 'E1', { hourly_wage: 1_250, commission: 0.08 })
    expect((await employee()).sync_status).toBe('synced')
  })

  it('says “conflict” while something of the row waits for a person', async () => {
    doors.file.exec(`INSERT INTO conflicts (id, lane, link, scope, part, tbl, key, col, kind, op, detail, opened_at)
      VALUES ('c1', 'reference', 'reference.sheet', 'shared', 'employee_settings', 'employee_settings', 'E1', 'hourly_wage',
        'merge', 'update', 'changed on both sides', 1)`)
    expect((await employee()).sync_status).toBe('conflict')
    expect((await employee('E2')).sync_status).toBe('synced')
    doors.file.exec(`UPDATE conflicts SET resolved_at = 2 WHERE id = 'c1'`)
    expect((await employee()).sync_status).toBe('synced')
  })

  it('says where a row was changed last', async () => {
    doors.file.exec(`UPDATE employee_settings SET origin = 'google-sheets' WHERE id = 'E1'`)
    expect((await employee()).source).toBe('sheets')
    expect((await employee('E2')).source).toBe('local')
  })

  it('shows no row that was deleted', async () => {
    await doors.call('hook', 'DELETE', '/api/reference/employee_settings/E1')
    expect((await get(doors, 'employee_settings/E1')).status).toBe(404)
    expect((await get(doors, 'employee_settings')).json<EmployeeSetting[]>().map(({ id }) => id)).toEqual([
      'E2',
    ])
  })
})
