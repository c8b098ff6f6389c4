import { afterAll, beforeAll, expect, test } from 'vitest'
import { query, type Row } from '../../db/database.ts'
import { openSqlite } from '../../db/node/sqlite.ts'
import { type RealD1, realD1 } from '../db/d1.ts'
import { pushOf } from './site.ts'
import { instance, testClock } from './world.ts'

// A hundred devices on real D1 want one name at the same moment.

let d1: RealD1
beforeAll(async () => {
  d1 = await realD1()
})
afterAll(() => d1.close())

const DEVICES = Array.from({ length: 100 }, (_, n) => `device${n}`)
const written = (n: number) => ['john', 'John', ' JOHN ', 'jOHN\t'][n % 4] ?? 'john'

test('of a hundred at once, one owns the name, the others wait, and all that they said beside is here', async () => {
  const world = {
    file: openSqlite([]),
    database: d1.database,
    storage: new Map(),
    clock: testClock(),
    alarm: null,
  }
  const remotes = () => {
    throw new Error('there is no remote')
  }
  const { lane } = instance(world, 'admins', remotes)
  const answers = await Promise.all(
    DEVICES.map((device, n) =>
      lane.push(
        pushOf(
          'admins',
          device,
          1,
          [
            ['insert', `${device} before`, { username: `before ${n}` }],
            ['insert', `${device} john`, { username: written(n), name: device }],
            ['update', `${device} before`, { role: 'after' }, { role: null }],
          ],
          world.clock.now(),
        ),
      ),
    ),
  )
  const statuses = answers.map((answer) =>
    answer.type === 'answered' ? answer.results.map(({ status }) => status).join(' ') : answer.failure.detail,
  )
  expect(
    Map.groupBy(statuses, (status) => status)
      .entries()
      .map(([status, all]) => `${all.length} ${status}`)
      .toArray()
      .sort(),
  ).toEqual(['1 applied applied applied', '99 applied conflict applied'])
  const rows = await query<Row>(d1.database, 'SELECT * FROM admins WHERE deleted_at IS NULL')
  const owners = rows.filter(({ username_key }) => username_key === 'john')
  expect(owners).toHaveLength(1)
  expect(rows.filter(({ role }) => role === 'after')).toHaveLength(100)
  expect(rows).toHaveLength(101)
  const waiting = await query<Row>(d1.database, 'SELECT * FROM conflicts WHERE resolved_at IS NULL')
  expect(new Set(waiting.map(({ key }) => key)).size).toBe(99)
  expect(new Set(waiting.map(({ holder }) => holder))).toEqual(new Set([owners[0]?.id]))
  expect(waiting.every(({ kind, op }) => kind === 'unique' && op === 'insert')).toBe(true)
})
