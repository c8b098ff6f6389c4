import { beforeEach, describe, expect, it } from 'vitest'
import { Problem } from '../../sync/protocol/common.ts'
import { ConfigName, ConfigValues } from '../../sync/protocol/config.ts'
import { type Doors, look, openDoors } from './world.ts'

let doors: Doors
beforeEach(async () => {
  doors = await openDoors()
})

const put = (path: string, body: unknown) => doors.call('admin', 'PUT', path, { body })
const get = (path: string) => doors.call('admin', 'GET', path)

describe('a workspace', () => {
  it('is created and changed by its id, with the spreadsheet’s id or its address', async () => {
    const spreadsheet_id = '1AbCdEfGhIjKlMnOpQrStUvWxYz_-012345'
    const address = `https://docs.google.com/spreadsheets/d/${spreadsheet_id}/edit#gid=0`
    for (const given of [spreadsheet_id, address]) {
      const made = await put('/api/workspaces/new', { name: 'New', spreadsheet_id: given })
      expect(made.json()).toEqual({ id: 'new', name: 'New', spreadsheet_id })
    }
    expect((await get('/api/workspaces/new')).json()).toEqual({ id: 'new', name: 'New', spreadsheet_id })
    const list = (await get('/api/workspaces')).json<{ id: string }[]>()
    expect(list.map(({ id }) => id)).toEqual(['new', 'w1', 'w2'])
    expect((await get('/api/workspaces/unknown')).status).toBe(404)
  })

  it.each(['-x', 'a b', 'a/b', 'x'.repeat(65), 'ä'])('can’t have the id %s', async (id) => {
    const path = `/api/workspaces/${encodeURIComponent(id)}`
    expect((await put(path, { name: 'New', spreadsheet_id: 'sheet-9-id' })).status).toBe(400)
  })
})

describe('a project', () => {
  const body = { workspace_id: 'w1', name: 'Fresh', tab: 'Fresh' }

  it('is created with what it needs, and defaults for the rest', async () => {
    expect((await put('/api/projects/fresh', body)).json()).toEqual({
      id: 'fresh',
      ...body,
      active: true,
      time_zone: 'UTC',
      owner: null,
      write_back: false,
    })
    await put('/api/projects/fresh', { ...body, name: 'Fresher', active: false, time_zone: 'Asia/Tokyo' })
    expect(look(doors, `SELECT name, active, time_zone FROM projects WHERE id = 'fresh'`)).toEqual([
      { name: 'Fresher', active: 0, time_zone: 'Asia/Tokyo' },
    ])
  })

  it('stays in its workspace, where its history is', async () => {
    const answer = await put('/api/projects/annie', { ...body, workspace_id: 'w2' })
    expect(answer.status).toBe(409)
    expect(Problem.strict().parse(answer.json()).mend).toContain('Make a new project')
    expect(look(doors, `SELECT workspace_id, name FROM projects WHERE id = 'annie'`)).toEqual([
      { workspace_id: 'w1', name: 'Ann films' },
    ])
  })

  it('needs a workspace that is there, and a time zone that is one', async () => {
    expect((await put('/api/projects/fresh', { ...body, workspace_id: 'unknown' })).status).toBe(404)
    const answer = await put('/api/projects/fresh', { ...body, time_zone: 'Mars/Olympus' })
    expect(answer.json<Problem>().errors?.[0]?.path).toBe('time_zone')
  })

  it('that goes to another owner closes the live sockets of the former one', async () => {
    const of = { workspace_id: 'w1', name: 'Ann films', tab: 'Ann films' }
    await put('/api/projects/annie', { ...of, owner: 'ann' })
    expect(doors.lanes.calls).toEqual([])
    await put('/api/projects/annie', { ...of, owner: 'bob' })
    const ids = look(doors, `SELECT id FROM tokens WHERE user_id = 'ann'`).map(({ id }) => id)
    expect(doors.lanes.calls.map(({ lane, method, given }) => [lane, method, given])).toEqual(
      ['access:ann', ...ids].map((id) => ['workspace:w1', 'closeSockets', id]),
    )
    expect((await doors.call('ann', 'GET', '/api/projects/annie')).status).toBe(404)
    expect((await doors.call('bob', 'GET', '/api/projects/annie')).status).toBe(200)
  })
})

describe('a setting', () => {
  it.each(ConfigName.options)('%s has a default, which is one of its own values', async (key) => {
    const answer = await get(`/api/config/${key}`)
    expect(answer.json()).toEqual({
      key,
      value: ConfigValues[key].parse({}),
      updated_at: null,
      updated_by: null,
    })
    expect((await put(`/api/config/${key}`, answer.json<{ value: unknown }>().value)).status).toBe(200)
  })

  it('is set, listed, and returned to its default', async () => {
    const value = { check_minutes: 5, full_hours: 12 }
    const set = await put('/api/config/smart-sync.schedule', value)
    const entry = set.json<object>()
    expect(entry).toMatchObject({ key: 'smart-sync.schedule', value, updated_by: 'admin' })
    expect((await get('/api/config')).json()).toEqual([entry])
    expect((await get('/api/config/smart-sync.schedule')).json()).toEqual(entry)
    expect((await doors.call('admin', 'DELETE', '/api/config/smart-sync.schedule')).status).toBe(204)
    expect((await get('/api/config')).json()).toEqual([])
  })

  it('says which workbook tables are linked to, for links that there are', async () => {
    const usual = {
      spreadsheet_id: null,
      tabs: {},
      check_minutes: 5,
      full_hours: 24,
      policy: 'sheet',
      policies: {},
    }
    expect((await get('/api/config/sheets.reference')).json()).toMatchObject({
      value: usual,
      updated_at: null,
    })
    const value = { spreadsheet_id: 'the-id', tabs: { ranks: 'Ränge' }, policies: { ranks: 'manual' } }
    const set = await put('/api/config/sheets.reference', value)
    expect(set.json()).toMatchObject({ key: 'sheets.reference', value: { ...usual, ...value } })
    expect((await get('/api/config')).json()).toEqual([set.json()])
    const changes = (await get('/api/config/sheets.reference/history')).json<{ by: string }[]>()
    expect(changes.map(({ by }) => by)).toEqual(['admin'])
    for (const method of ['GET', 'PUT', 'DELETE', 'GET history']) {
      const [verb = '', rest = ''] = method.split(' ')
      const answer = await doors.call(
        'admin',
        verb,
        `/api/config/sheets.nothing/${rest}`.replace(/\/$/, ''),
        {
          ...(verb === 'PUT' && { body: {} }),
        },
      )
      expect(answer.status, method).toBe(404)
      expect(answer.json<Problem>()).toMatchObject({
        detail: 'No tables are linked to a sheet under the name nothing.',
        mend: expect.stringMatching(/^Use one of these: .*reference/),
      })
    }
  })

  it('names only tables that its link has', async () => {
    const answer = await put('/api/config/sheets.reference', {
      tabs: { rank: 'Ranks' },
      policies: { employees: 'manual' },
    })
    expect(answer.status).toBe(400)
    expect(answer.json<Problem>().errors).toEqual([
      { path: 'tabs.rank', message: 'rank is no table of reference.sheet' },
      { path: 'policies.employees', message: 'employees is no table of reference.sheet' },
    ])
    const copies = await put('/api/config/backups.sheet', { tables: ['listings', 'sqlite_master'] })
    expect([copies.status, copies.json<Problem>().errors]).toEqual([
      400,
      [{ path: 'tables.1', message: 'sqlite_master is no table of backups.sheet' }],
    ])
    expect((await get('/api/config')).json()).toEqual([])
  })

  it.each([{ ranks: 'Pay', dynamic_rates: 'pay' }, { ranks: 'DynamicRates' }])(
    'gives no two tables one tab: %j',
    async (tabs) => {
      const answer = await put('/api/config/sheets.reference', { tabs })
      expect(answer.status).toBe(400)
      expect(answer.json<Problem>().errors).toMatchObject([{ message: 'another table has this tab' }])
    },
  )

  it('names the settings there are to who asks for another', async () => {
    const [error] = (await get('/api/config/sheet.reference')).json<Problem>().errors ?? []
    expect(error?.message).toContain('smart-sync.schedule')
    expect(error?.message).toContain('sheets.…')
  })

  it('takes only what the engine understands, and says what it does not', async () => {
    const url = 'https://numbers.example/{username}'
    const reader = { type: 'json', source: 'mine', platforms: ['x'], url, fields: { likes: 'data.likes' } }
    const bad: [string, unknown, string][] = [
      ['smart-sync.schedule', { check_minutes: 0 }, 'check_minutes'],
      ['smart-sync.schedule', { minutes: 5 }, ''],
      ['smart-sync.aliases', { password: ['x'] }, ''],
      ['smart-sync.readers', { readers: [{ type: 'fax' }] }, 'readers.0.type'],
      ['smart-sync.readers', { readers: [reader, reader] }, 'readers'],
      ['smart-sync.readers', { readers: [{ ...reader, url: 'https://{username}/' }] }, 'readers.0.url'],
      ['smart-sync.readers', { readers: [{ ...reader, url: 'file:///etc/passwd' }] }, 'readers.0.url'],
      ['erp.connection', { concurrency: 7 }, 'concurrency'],
      ['erp.connection', { dialect: 'soap' }, 'dialect'],
      ['customers.erp', { probe: 'guess' }, 'probe'],
      ['customers.erp', { stale_days: 0 }, 'stale_days'],
      ['products.erp', { login_hours: 2 }, ''],
      ['prices.erp', { probe_pages: 0.5 }, 'probe_pages'],
      ['orders.erp', { lazy_minutes: 0 }, 'lazy_minutes'],
      ['orders.erp', { overlap_days: 366 }, 'overlap_days'],
      ['sheets.reference', { spreadsheet_id: 'https://docs.google.com/x' }, 'spreadsheet_id'],
      ['sheets.reference', { policy: 'mine' }, 'policy'],
    ]
    for (const [key, value, path] of bad) {
      const answer = await put(`/api/config/${key}`, value)
      expect(answer.status, JSON.stringify(value)).toBe(400)
      expect(Problem.strict().parse(answer.json()).errors?.[0]?.path).toBe(path)
    }
    expect((await put('/api/config/smart-sync.readers', { readers: [reader] })).status).toBe(200)
    expect((await put('/api/config/unknown', {})).status).toBe(400)
  })

  it('is not set by a request without a body', async () => {
    expect((await doors.call('admin', 'PUT', '/api/config/smart-sync.schedule')).status).toBe(400)
    expect((await get('/api/config')).json()).toEqual([])
  })
})
