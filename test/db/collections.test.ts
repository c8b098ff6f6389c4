import { afterAll, beforeAll, expect, test } from 'vitest'
import { readCollections, readDocuments, readOffered } from '../../db/reads/collections.ts'
import {
  columnsOf,
  type FeedQuery,
  feedPage,
  feedStatements,
  snapshotStatements,
} from '../../db/reads/feed.ts'
import { feedTable } from '../../workers/push-pull/pull.ts'
import { collections } from '../../workers/shared/names.ts'
import { documentOf } from '../doors/documents.ts'
import { type RealD1, realD1 } from './d1.ts'

// What is read of collections, on the real D1: its limits (arguments of a function, SELECTs of a statement) are not SQLite's.

let d1: RealD1
beforeAll(async () => {
  d1 = await realD1()
  await d1.database.batch(
    collections.flatMap(({ name, columns }) => {
      const values: Record<string, string | number | null> = {
        ...Object.fromEntries(columns.map((column) => [column, null])),
        ...documentOf(name),
        ...{ id: 'a', version: 1, updated_at: 7, origin: 'device:x' },
      }
      for (const column of ['starts_at', 'ends_at', 'given_at', 'paid_at', 'shown_from', 'shown_until'])
        if (column in values) values[column] = 5
      const places = columns.map((_, i) => `?${i + 1}`).join(', ')
      return [
        {
          sql: `INSERT INTO ${name} (${columns.join(', ')}) VALUES (${places})`,
          params: columns.map((column) => values[column] ?? null),
        },
        {
          sql: `INSERT INTO history (lane, version, n, tbl, key, op, origin, actor, at, prev_version)
            VALUES (?1, 1, 0, ?1, 'a', 'insert', 'device:x', '', 0, 0)`,
          params: [name],
        },
        { sql: `INSERT INTO lanes VALUES (?1, 1, 1, '')`, params: [name] },
      ]
    }),
  )
})
afterAll(() => d1.close())

test.each(collections)('$name is read as devices and people read it', async (table) => {
  const { name, device } = table
  const of: FeedQuery = {
    lane: name,
    tables: [feedTable(table)],
    ...{ incarnation: '', owner: '', own: '', also: {}, limit: 10 },
  }
  for (const statements of [feedStatements(of, 0), snapshotStatements(of, 0, '')]) {
    const results = await d1.database.batch(statements)
    const page = feedPage(
      results.flatMap(({ rows }) => rows),
      1,
    )
    const row = JSON.parse(page.tables[0]?.rows ?? '') as unknown[]
    expect([row[0], row.length, page.resolved]).toEqual(['a', columnsOf(feedTable(table)).length, ''])
    expect(row).not.toContain(null)
  }
  const fields = Object.keys(device.columns)
  const found = await readDocuments(d1.database, { name, fields }, { id: null, after: null, limit: 1 })
  expect(found).toMatchObject([{ id: 'a', updatedAt: 7, syncedAt: 7, origin: 'local', syncStatus: 'synced' }])
})

test('one document is found by its key, without looking through the others', async () => {
  const many = Array.from({ length: 200 }, (_, i) => ['m', i].join(''))
  await d1.database.batch([
    {
      sql: `INSERT INTO feedback (id, message, version, updated_at, origin) SELECT value, '', 1, 0, 'x' FROM json_each(?1)`,
      params: [JSON.stringify(many)],
    },
  ])
  let read = 0
  const counted = {
    batch: async (statements: Parameters<typeof d1.database.batch>[0]) => {
      const results = await d1.database.batch(statements)
      for (const { rowsRead } of results) read += rowsRead
      return results
    },
  }
  const fields = ['id']
  for (const id of ['m7', 'none'])
    await readDocuments(counted, { name: 'feedback', fields }, { id, after: null, limit: 100 })
  expect(read).toBeLessThan(10)
  await d1.database.batch([{ sql: `DELETE FROM feedback WHERE id <> 'a'`, params: [] }])
})

test('all of them are counted, and none is paused until somebody says so', async () => {
  const names = collections.map(({ name }) => name)
  const { counts, offered } = await readCollections(d1.database, names)
  expect(counts).toEqual(names.map(() => ({ documents: 1, conflicts: 0 })))
  expect([offered, await readOffered(d1.database)]).toEqual([null, null])
  const set = `INSERT INTO config VALUES ('sync.collections', '{"collectionsToSync":["admins"]}', 0, '')`
  await d1.database.batch([{ sql: set, params: [] }])
  expect([(await readCollections(d1.database, names)).offered, await readOffered(d1.database)]).toEqual([
    '["admins"]',
    '["admins"]',
  ])
})
