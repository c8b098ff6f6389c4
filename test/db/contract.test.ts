import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Database, query, statement } from '../../db/database.ts'
import { openSqlite, sqliteDatabase } from '../../db/node/sqlite.ts'
import { isEpochFailure, isFenceFailure } from '../../sync/engine/commit.ts'
import { migrations } from '../engine/world.ts'
import { type RealD1, realD1 } from './d1.ts'

// Both forms of the Database port run the same statements and say the same.

let d1: RealD1
beforeAll(async () => {
  d1 = await realD1()
})
afterAll(() => d1.close())

const forms: [string, () => Database][] = [
  ['D1', () => d1.database],
  ['node:sqlite', () => sqlite],
]
const sqlite = sqliteDatabase(openSqlite(migrations))

describe.each(forms)('%s', (_, form) => {
  let database: Database
  beforeAll(async () => {
    database = form()
    await database.batch([
      statement('CREATE TABLE t (k TEXT PRIMARY KEY NOT NULL, v, n INTEGER NOT NULL UNIQUE) WITHOUT ROWID'),
    ])
  })
  beforeEach(async () => {
    await database.batch([statement('DELETE FROM t')])
  })

  const all = () => query(database, 'SELECT * FROM t ORDER BY n')
  const failure = (sql: string, ...params: (string | number | null)[]) =>
    database.batch([statement(sql, ...params)]).then(
      () => '',
      (error) => String(error),
    )

  test('keeps every kind of value exactly', async () => {
    const { MAX_SAFE_INTEGER, MAX_VALUE, MIN_VALUE } = Number
    const numbers = [0, -1, MAX_SAFE_INTEGER, -MAX_SAFE_INTEGER, 0.1, -1 / 3, MAX_VALUE, MIN_VALUE]
    const values = [null, ...numbers, '', 'ä €  🙂', '0123', '1e3', '\t\n\u0001\u001f\u007f', '👩‍👩‍👧']
    await database.batch(
      values.map((value, i) => statement('INSERT INTO t VALUES (?1, ?2, ?3)', `k${i}`, value, i)),
    )
    expect((await all()).map(({ v }) => v)).toEqual(values)
  })

  test('answers statements in order, each with its rows', async () => {
    const results = await database.batch([
      statement(`INSERT INTO t VALUES ('a', 1, 1) RETURNING k`),
      statement('SELECT v FROM t'),
      statement('DELETE FROM t'),
      statement('SELECT v FROM t'),
    ])
    expect(results.map(({ rows }) => rows)).toEqual([[{ k: 'a' }], [{ v: 1 }], [], []])
  })

  test('takes json_each, ->> and a guarded upsert, which writes only what differs', async () => {
    const write = (rows: unknown[]) =>
      database.batch([
        statement(
          `INSERT INTO t (k, v, n) SELECT j.value ->> 0, j.value ->> 1, j.value ->> 2 FROM json_each(?1) j WHERE true
            ON CONFLICT (k) DO UPDATE SET v = excluded.v WHERE t.v IS NOT excluded.v`,
          JSON.stringify(rows),
        ),
      ])
    const first = [
      ['a', 'x', 1],
      ['b', null, 2],
      ['c', 3, 3],
    ]
    const [inserted] = await write(first)
    // D1 counts the entries of the unique index too.
    expect(inserted?.rowsWritten).toBeGreaterThanOrEqual(3)
    expect((await write(first))[0]?.rowsWritten).toBe(0)
    const [again] = await write([
      ['a', 'x', 1],
      ['b', null, 2],
      ['c', 4, 3],
    ])
    expect(again?.rowsWritten).toBe(1)
    expect(await all()).toEqual([
      { k: 'a', v: 'x', n: 1 },
      { k: 'b', v: null, n: 2 },
      { k: 'c', v: 4, n: 3 },
    ])
  })

  test('JSON carries every kind of value into a row, and text stays text', async () => {
    const values = [null, 0, Number.MAX_SAFE_INTEGER, 0.1, '', '0123', 'ä 🙂 "\\', '\t\n\u0001', '[1]']
    await database.batch([
      statement(
        'INSERT INTO t SELECT j.value ->> 0, j.value ->> 1, j.value ->> 2 FROM json_each(?1) j',
        JSON.stringify(values.map((value, i) => [`k${i}`, value, i])),
      ),
    ])
    expect((await all()).map(({ v }) => v)).toEqual(values)
  })

  test('a batch that fails leaves nothing', async () => {
    await expect(
      database.batch([
        statement(`INSERT INTO t VALUES ('a', 1, 1)`),
        statement(`INSERT INTO t VALUES ('a', 1, 2)`),
      ]),
    ).rejects.toThrow()
    expect(await all()).toEqual([])
  })

  test('says what the engine reads out of its errors', async () => {
    await database.batch([statement(`INSERT INTO t VALUES ('a', 1, 1)`)])
    expect(await failure(`INSERT INTO t VALUES ('b', 1, 1)`)).toMatch(/UNIQUE constraint failed/)
    expect(isEpochFailure(await failure(`SELECT json('stale epoch')`))).toBe(true)
    expect(isFenceFailure(await failure(`INSERT INTO lanes SELECT 'l', NULL, 1, ''`))).toBe(true)
  })

  test('an empty batch is nothing', async () => {
    expect(await database.batch([])).toEqual([])
  })
})
