import { beforeEach, describe, expect, it } from 'vitest'
import type { HistoryEntry } from '../../sync/protocol/records.ts'
import { collections, recordedTables } from '../../workers/shared/names.ts'
import { insertOf } from './documents.ts'
import { type ErpDoors, openErpDoors } from './erp-world.ts'
import { accountId, type Who } from './world.ts'

// A row's history is read wherever its table is kept: in a workspace's lane, a user's, or everybody's.

const LISTING = 'https://shop.example/dress'

/** One of each collection; all are everybody's. */
const documents = collections.map(({ name }) => insertOf(name))

let doors: ErpDoors
beforeEach(async () => {
  doors = await openErpDoors()
  const values = { product_url: LISTING, title: 'Dress' }
  for (const edit of [{ table: 'listings', op: 'insert', key: LISTING, values }, ...documents]) {
    const body = { lane: edit.table, incarnation: 'laptop', first: 1, mutations: [edit] }
    expect((await doors.call('annsDevice', 'POST', '/api/push', { body })).status).toBe(200)
  }
  // The ERP's rows of this world stand in their tables only.
  const insert =
    doors.file.prepare(`INSERT INTO history (lane, version, n, tbl, key, op, before, after, why, origin, actor, at, prev_version)
    VALUES (?1, ?2, 0, ?3, ?4, 'insert', NULL, '{"name":"as it came"}', '{}', 'erp', 'cron', 1, 0)`)
  for (const user of ['ann', 'bob']) {
    insert.run(`customers:${user}`, 1, 'customers', `${user}:C1`)
    insert.run(`orders:${user}`, 1, 'orders', `${user}:O1`)
  }
  insert.run('products', 3, 'products', 'P-1')
  // A bot's.
  for (const { path, body } of referenceRows)
    expect((await doors.call('admin', 'PUT', `/api/reference/${path}`, { body })).status).toBe(201)
})

const referenceRows = [
  { path: 'employee_settings/111', body: { hourly_wage: 1_250, commission: 0.08 } },
  { path: 'dynamic_rates/all', body: { range_from: 0, range_to: null, rate: 0.05 } },
  { path: 'ranks/Rookie', body: { min_amount: 0 } },
]

const read = (who: Who, table: string, key: string) =>
  doors.call(who, 'GET', `/api/history?table=${table}&key=${encodeURIComponent(key)}`)
/** A row that ann may see, of each table. */
const ofAnn = (): Record<string, string> => ({
  accounts: accountId(doors, 'https://youtube.com/@ann'),
  customers: 'ann:C1',
  orders: 'ann:O1',
  products: 'P-1',
  listings: LISTING,
  employee_settings: '111',
  ...Object.fromEntries(['dynamic_rates', 'ranks'].map((table) => [table, keyIn(table)])),
  ...Object.fromEntries(documents.map(({ table, key }) => [table, key])),
})
/** The key of the only row of a table. */
const keyIn = (table: string): string => String(doors.file.prepare(`SELECT id FROM ${table}`).get()?.id)
const ofBob = (): Record<string, string> => ({
  accounts: accountId(doors, 'https://youtube.com/@bobsecret'),
  customers: 'bob:C1',
  orders: 'bob:O1',
})

describe('the history of a row of any table', () => {
  it('is there for every table that keeps one', () => {
    expect(recordedTables.map(({ name }) => name).sort()).toEqual(Object.keys(ofAnn()).sort())
  })

  it.each(recordedTables.map(({ name }) => name))(
    'of %s begins with how it came, for all who may read it',
    async (table) => {
      for (const who of ['admin', 'ann', 'annsDevice'] as const) {
        const answer = await read(who, table, ofAnn()[table] ?? '')
        expect(answer.status).toBe(200)
        expect(answer.json<HistoryEntry[]>().at(-1)).toMatchObject({ op: 'insert' })
      }
      expect((await read('hook', table, ofAnn()[table] ?? '')).status).toBe(403)
    },
  )

  it.each(['accounts', 'customers', 'orders'])(
    'of %s that belong to another user is as of none',
    async (table) => {
      const theirs = await read('ann', table, ofBob()[table] ?? '')
      const unknown = await read('ann', table, 'nothing')
      expect([theirs.status, unknown.status]).toEqual([404, 404])
      expect(theirs.text.replace(ofBob()[table] ?? '', '?')).toBe(unknown.text.replace('nothing', '?'))
      expect((await read('bob', table, ofBob()[table] ?? '')).status).toBe(200)
    },
  )

  it('of a listing tells who assessed it, under any of its addresses, also after it was deleted', async () => {
    const path = `/api/assessments/${encodeURIComponent(LISTING)}/review`
    expect((await doors.call('bob', 'POST', path, { body: { modesty_status: 'modest' } })).status).toBe(200)
    doors.file.prepare('UPDATE listings SET deleted_at = 1').run()
    const answer = await read('ann', 'listings', 'http://www.shop.example/dress?utm_source=mail')
    const [assessed, found] = answer.json<HistoryEntry[]>()
    expect(assessed).toMatchObject({ op: 'update', actor: 'bob', lane: 'listings' })
    expect(assessed?.changes).toContainEqual(
      expect.objectContaining({
        column: 'modesty_status',
        before: null,
        after: 'modest',
        rule: 'stateMachine',
      }),
    )
    expect(found).toMatchObject({ op: 'insert', actor: 'annsDevice' })
  })
})
