import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openSqlite, sqliteDatabase } from '../../db/node/sqlite.ts'
import {
  type FeedPage,
  type FeedQuery,
  feedPage,
  feedStatements,
  rowsStatement,
  snapshotStatements,
} from '../../db/reads/feed.ts'
import { migrations } from '../engine/world.ts'
import { realD1 } from './d1.ts'

// The feed's SQL against the plainest reading of the same history, with small pages.

const file = openSqlite(migrations)
const database = sqliteDatabase(file)
file.exec('CREATE TABLE notes (id TEXT PRIMARY KEY, body TEXT, at INTEGER, deleted_at INTEGER) WITHOUT ROWID')
file.exec('CREATE TABLE tags (id TEXT PRIMARY KEY, body TEXT, at INTEGER, deleted_at INTEGER) WITHOUT ROWID')

const columns = [
  { name: 'body', time: false },
  { name: 'at', time: true },
]
const TABLES = ['notes', 'tags'] as const
const query = (over: Partial<FeedQuery> = {}): FeedQuery => ({
  lane: 'l',
  tables: TABLES.map((name) => ({ name, key: 'id', columns })),
  incarnation: 'mine',
  owner: 'ann',
  own: 'device:mine',
  also: {},
  limit: 3,
  ...over,
})
async function page(statements: ReturnType<typeof feedStatements>): Promise<FeedPage> {
  const results = await database.batch(statements)
  return feedPage(
    results.flatMap(({ rows }) => rows),
    TABLES.length,
  )
}
const elements = <T>(text: string | undefined) => JSON.parse(`[${text ?? ''}]`) as T[]
const keysIn = ({ tables }: FeedPage) =>
  tables.flatMap(({ rows, deleted }, i) => [
    ...elements<string[]>(rows).map(([key]) => `${TABLES[i]} ${key}`),
    ...elements<string>(deleted).map((key) => `${TABLES[i]} ${key} gone`),
  ])

const OPS = ['insert', 'update', 'delete', 'refuse', 'pin', 'resolve'] as const
const change = fc.record({
  table: fc.constantFrom(...TABLES),
  key: fc.constantFrom('a', 'b', 'c', 'd', 'é"', '😀'),
  op: fc.constantFrom(...OPS),
})
const commits = fc.array(
  fc.record({
    origin: fc.constantFrom('device:mine', 'device:other', 'api'),
    changes: fc.array(change, { minLength: 1, maxLength: 6 }),
  }),
  { maxLength: 12 },
)
type Commits = typeof commits extends fc.Arbitrary<infer C> ? C : never

/** Fills the tables as these commits would have; rows that are gone at the end, by table and key. */
function fill(all: Commits): Map<string, boolean> {
  file.exec(`DELETE FROM notes; DELETE FROM tags; DELETE FROM history; DELETE FROM lanes; DELETE FROM device_lanes;
    INSERT INTO lanes VALUES ('l', ${all.length}, 1, ''), ('other', 9, 1, '');
    INSERT INTO device_lanes VALUES ('mine', 'l', 'ann', 7, '[]', 0)`)
  const gone = new Map<string, boolean>()
  const insert = file.prepare(
    `INSERT INTO history (lane, version, n, tbl, key, op, origin, after, actor, at, prev_version)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, json_object('conflict', format('c%d/%d', ?2, ?3)), '', 0, 0)`,
  )
  for (const [i, { origin, changes }] of all.entries())
    for (const [n, { table, key, op }] of changes.entries()) {
      insert.run('l', i + 1, n, table, key, op, origin)
      insert.run('other', i + 1, n, table, `not ${key}`, op, origin)
      const id = `${table} ${key}`
      gone.set(id, op === 'delete' || (op !== 'insert' && op !== 'update' && gone.get(id) === true))
    }
  for (const [id, isGone] of gone) {
    const [table, key] = id.split(' ')
    file
      .prepare(`INSERT INTO ${table} VALUES (?, ?, ?, ?)`)
      .run(key ?? '', `${id}\u2028`, 1_000, isGone ? 1 : null)
  }
  return gone
}

test('pages show each row that others changed as it stands, end where a commit ends, and come to the end', async () => {
  await fc.assert(
    fc.asyncProperty(commits, fc.nat(12), fc.constantFrom('device:mine', ''), async (all, from, own) => {
      const gone = fill(all)
      let at = Math.min(from, all.length)
      for (let pages = 0; at < all.length; pages++) {
        const shown = await page(feedStatements(query({ own }), at))
        const until = Number(shown.until)
        expect([shown.version, shown.generation, shown.last]).toEqual([all.length, '1', 7])
        expect([until > at, until <= all.length, pages < 20]).toEqual([true, true, true])
        const part = all.slice(at, until)
        const expected = new Set(
          part.flatMap(({ origin, changes }) =>
            changes
              .filter(({ op }) => !(origin === own && OPS.indexOf(op) < 3))
              .map(({ table, key }) => `${table} ${key}${gone.get(`${table} ${key}`) ? ' gone' : ''}`),
          ),
        )
        expect(keysIn(shown).sort()).toEqual([...expected].sort())
        // Settled conflicts, table by table in the order in which they were settled: own ones too.
        const settled = part.flatMap(({ changes }, i) =>
          changes.flatMap(({ op, table, key }, n) =>
            op === 'resolve' ? [[`c${at + i + 1}/${n}`, table, key]] : [],
          ),
        )
        expect(elements<string[]>(shown.resolved)).toEqual(
          TABLES.flatMap((name) => settled.filter(([, table]) => table === name)),
        )
        // As many whole commits as fit, and one at least.
        const size = (of: Commits) => of.reduce((sum, { changes }) => sum + changes.length, 0)
        if (part.length > 1) expect(size(part)).toBeLessThanOrEqual(3)
        if (until < all.length) expect(size(all.slice(at, until + 1))).toBeGreaterThan(3)
        at = until
      }
      const last = await page(feedStatements(query({ own }), at))
      expect([last.until, keysIn(last), last.resolved]).toEqual([null, [], ''])
    }),
    { numRuns: 300 },
  )
})

test('a first reading shows every live row once, by its key, and the rows that are asked for beside', async () => {
  await fc.assert(
    fc.asyncProperty(commits, async (all) => {
      const gone = fill(all)
      for (const [i, table] of TABLES.entries()) {
        const shown: string[] = []
        for (let after = '', pages = 0; ; pages++) {
          const part = await page(snapshotStatements(query(), i, after))
          expect(keysIn(part).length).toBeLessThanOrEqual(3)
          expect(part.tables[1 - i]).toEqual({ rows: '', deleted: '' })
          shown.push(...keysIn(part))
          if (part.until === null) break
          expect([part.until > after, pages < 10]).toEqual([true, true])
          after = part.until
        }
        const live = [...gone].filter(([id, isGone]) => !isGone && id.startsWith(table)).map(([id]) => id)
        expect(shown).toEqual(live.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))))
      }
      const also = { tags: ['a', 'b', 'nobody’s'] }
      const beside = await page(snapshotStatements(query({ also }), 0, '\uffff\uffff'))
      const asked = ['tags a', 'tags b'].filter((id) => gone.has(id))
      expect(
        keysIn(beside)
          .filter((id) => id.startsWith('tags'))
          .sort(),
      ).toEqual(asked.map((id) => (gone.get(id) ? `${id} gone` : id)).sort())
      const fed = await page(feedStatements(query({ also }), all.length))
      expect(keysIn(fed).length).toBe(asked.length)
    }),
    { numRuns: 100 },
  )
})

test('rows from a key on end before the one that is named next', async () => {
  fill([
    {
      origin: 'api',
      changes: (['a', 'b', 'c'] as const).map((key) => ({ table: 'notes', key, op: 'insert' })),
    },
  ])
  const [notes] = query().tables
  if (!notes) throw new Error('no table')
  const part = async (from: string, limit: number) => {
    const found = await page([rowsStatement('l', notes, { from, limit })])
    return [keysIn(found), found.until]
  }
  expect(await part('', 2)).toEqual([['notes a', 'notes b'], 'c'])
  expect(await part('b', 2)).toEqual([['notes b', 'notes c'], null])
  expect(await part('d', 2)).toEqual([[], null])
})

test('the number of a device is shown to its owner, and times to the millisecond', async () => {
  fill([{ origin: 'api', changes: [{ table: 'notes', key: 'a', op: 'insert' }] }])
  expect((await page(feedStatements(query({ owner: 'bob' }), 0))).last).toBeNull()
  expect((await page(feedStatements(query({ lane: 'none' }), 0))).last).toBe(0)
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: -62_167_219_200_000, max: 253_402_300_799_999 }), async (at) => {
      file.prepare('UPDATE notes SET at = ?').run(at)
      const { tables } = await page(snapshotStatements(query(), 0, ''))
      expect(elements<string[]>(tables[0]?.rows)[0]?.[2]).toBe(new Date(at).toISOString())
    }),
    { numRuns: 300 },
  )
})

test('the real D1 answers pages that are above its longest value', async () => {
  const d1 = await realD1()
  try {
    const rows = JSON.stringify(Array.from({ length: 900 }, (_, i) => `https://shop.example/${1_000 + i}`))
    const listing = { name: 'listings', key: 'id', columns: [{ name: 'title', time: false }] }
    await d1.database.batch([
      { sql: `INSERT INTO lanes VALUES ('l', 1, 1, '')`, params: [] },
      {
        sql: `INSERT INTO listings (id, product_url, title, lifecycle_stage, version, updated_at, origin)
          SELECT value, value, hex(zeroblob(3000)), 'pending_assessment', 1, 0, '' FROM json_each(?1)`,
        params: [rows],
      },
      {
        sql: `INSERT INTO history (lane, version, n, tbl, key, op, origin, actor, at, prev_version)
          SELECT 'l', 1, key, 'listings', value, 'insert', '', '', 0, 0 FROM json_each(?1)`,
        params: [rows],
      },
    ])
    const of = { ...query({ also: { listings: ['https://shop.example/1000'] } }), tables: [listing] }
    const read = async (statements: ReturnType<typeof feedStatements>) => {
      const results = await d1.database.batch(statements)
      const { until, tables } = feedPage(
        results.flatMap(({ rows: found }) => found),
        1,
      )
      const keys = elements<string[]>(tables[0]?.rows).map(([key]) => String(key))
      return { until, keys, length: tables[0]?.rows.length ?? 0 }
    }
    for (const statements of [
      feedStatements({ ...of, limit: 1_000 }, 0),
      [rowsStatement('l', listing, { from: '', limit: 1_000 })],
    ]) {
      const { keys, length } = await read(statements)
      expect(keys).toHaveLength(900)
      expect(length).toBeGreaterThan(5_000_000)
    }
    // A page of a first reading is cut where it becomes long.
    const plain = { ...of, also: {}, limit: 1_000 }
    const first = await read(snapshotStatements(plain, 0, ''))
    expect([first.keys.length < 900, first.length < 4_100_000]).toEqual([true, true])
    expect(first.until).toBe(first.keys.at(-1))
    const rest = await read(snapshotStatements(plain, 0, first.until ?? ''))
    expect([first.keys.length + rest.keys.length, rest.until]).toEqual([900, null])
    const beside = await read(snapshotStatements({ ...of, limit: 1_000 }, 0, 'https://shop.example/1899'))
    expect(beside.keys).toEqual(['https://shop.example/1000'])
    // More settled conflicts than one value holds.
    await d1.database.batch([
      {
        sql: `INSERT INTO history (lane, version, n, tbl, key, op, after, origin, actor, at, prev_version)
          SELECT 'l', 2, key, 'listings', value, 'resolve', json_object('conflict', hex(zeroblob(1500))), '', '', 0, 1
          FROM json_each(?1)`,
        params: [rows],
      },
    ])
    const results = await d1.database.batch(feedStatements({ ...plain, limit: 2_000 }, 1))
    const { resolved } = feedPage(
      results.flatMap(({ rows: found }) => found),
      1,
    )
    expect([elements(resolved).length, resolved.length > 2_000_000]).toEqual([900, true])
  } finally {
    await d1.close()
  }
})
