import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Database, query, type Row, type Statement, statement } from '../../db/database.ts'
import { openSqlite, sqliteDatabase } from '../../db/node/sqlite.ts'
import type { Change } from '../../sync/engine/changes.ts'
import { assertEpoch, type CommitInput, claim, commit, type Fence } from '../../sync/engine/commit.ts'
import { systems } from '../../sync/systems/index.ts'
import { type RealD1, realD1 } from '../db/d1.ts'
import { migrations } from './world.ts'

const table = systems.flatMap((system) => system.tables).find(({ name }) => name === 'accounts')!
const LANE = 'workspace:w1'

let d1: RealD1
beforeAll(async () => {
  d1 = await realD1()
})
afterAll(() => d1.close())

const row = (n: number, over: Partial<Row> = {}): Row => ({
  id: `a${n}`,
  project_id: 'p1',
  platform: 'youtube',
  profile_url: `https://${n}`,
  profile_url_key: `https://${n}`,
  username: null,
  followers: n,
  likes: null,
  comments: null,
  videos: null,
  views: null,
  version: 0,
  updated_at: 0,
  deleted_at: null,
  origin: 'test',
  ...over,
})

const insert = (n: number, over: Partial<Row> = {}): Change => ({
  table,
  key: `a${n}`,
  op: 'insert',
  before: null,
  after: row(n, over),
  columns: ['project_id', 'platform', 'profile_url', 'profile_url_key', 'followers'],
  why: { followers: ['Tab!D2', 'max'] },
})
const update = (n: number, columns: Partial<Row>): Change => ({
  table,
  key: `a${n}`,
  op: 'update',
  before: row(n, { version: 1 }),
  after: row(n, columns),
  columns: Object.keys(columns),
  why: {},
})

const forms: [string, () => Database][] = [
  ['D1', () => d1.database],
  ['node:sqlite', () => sqliteDatabase(openSqlite(migrations))],
]

describe.each(forms)('a commit on %s', (_, form) => {
  let database: Database
  let fence: Fence
  let n = 0

  beforeEach(async () => {
    database = form()
    await database.batch(['accounts', 'history', 'lanes'].map((name) => statement(`DELETE FROM ${name}`)))
    fence = await claim(database, LANE, 0)
  })

  const input = (changes: Change[], over: Partial<CommitInput> = {}): CommitInput => ({
    id: `c${++n}`,
    fence,
    set: { changes, pins: [], conflicts: [] },
    link: 'l',
    scope: 's',
    origin: 'test',
    actor: 'ann',
    runId: null,
    at: 7,
    extra: [],
    ...over,
  })
  const rows = () => query<Row>(database, 'SELECT * FROM accounts ORDER BY id')
  const history = () => query<Row>(database, 'SELECT * FROM history ORDER BY version, n')

  test('writes rows and history, and takes the next version', async () => {
    const answer = await commit(database, input([insert(1), insert(2)]))
    expect(answer).toMatchObject({ type: 'committed', version: 1 })
    expect(await rows()).toMatchObject([
      { id: 'a1', followers: 1, version: 1, updated_at: 7 },
      { id: 'a2', followers: 2, version: 1 },
    ])
    expect(await history()).toMatchObject([
      { lane: LANE, version: 1, n: 0, key: 'a1', op: 'insert', prev_version: 0, actor: 'ann' },
      { lane: LANE, version: 1, n: 1, key: 'a2' },
    ])
  })

  test.each([
    ['epoch', { epoch: 99 }],
    ['version', { version: 99 }],
    ['lane', { lane: 'nobody' }],
  ])('of a holder with another %s writes nothing at all', async (_name, wrong) => {
    const extra = [statement(`INSERT INTO config VALUES ('k${n}', '1', 0, 'x')`)]
    const answer = await commit(database, input([insert(1)], { fence: { ...fence, ...wrong }, extra }))
    expect(answer.type).toBe('stale')
    expect(await rows()).toEqual([])
    expect(await history()).toEqual([])
    expect(await query(database, `SELECT * FROM config WHERE key = 'k${n - 1}'`)).toEqual([])
  })

  test('whose reply was lost is found by its id, and is there once', async () => {
    let lose = true
    const losing: Database = {
      async batch(statements) {
        const results = await database.batch(statements)
        if (!lose) return results
        lose = false
        throw new Error('Network connection lost')
      },
    }
    const sent = input([insert(1)])
    expect(await commit(losing, sent)).toMatchObject({ type: 'committed', version: 1 })
    expect(await commit(database, sent)).toMatchObject({ type: 'committed', version: 1 })
    expect(await history()).toHaveLength(1)
  })

  test('that lands late, after its own retry, is refused', async () => {
    const batches: (readonly Statement[])[] = []
    const holding: Database = {
      batch(statements) {
        if (statements.length > 1) batches.push(statements)
        return statements.length > 1 ? Promise.reject(new Error('timeout')) : database.batch(statements)
      },
    }
    const sent = input([insert(1)])
    await expect(commit(holding, sent)).rejects.toThrow('timeout')
    expect(await commit(database, sent)).toMatchObject({ type: 'committed' })
    await expect(database.batch(batches[0]!)).rejects.toThrow()
    expect(await history()).toHaveLength(1)
  })

  test('of twenty at once at one version, one wins and nineteen are stale', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_x, i) => commit(database, input([insert(i)]))),
    )
    expect(answers.filter(({ type }) => type === 'committed')).toHaveLength(1)
    expect(answers.filter(({ type }) => type === 'stale')).toHaveLength(19)
    expect(await rows()).toHaveLength(1)
  })

  test('of twenty at once, version after version, has one winner at each, and no number is left out', async () => {
    for (let round = 0; round < 4; round++) {
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_x, i) => commit(database, input([insert(100 * round + i)]))),
      )
      expect(answers.filter(({ type }) => type === 'committed')).toEqual([
        expect.objectContaining({ version: round + 1 }),
      ])
      fence = { ...fence, version: round + 1 }
    }
    expect((await history()).map(({ version, n }) => [version, n])).toEqual([1, 2, 3, 4].map((v) => [v, 0]))
  })

  test('of two holders, the one that claimed last wins, whoever is faster', async () => {
    const earlier = fence
    const later = await claim(database, LANE, 0)
    const first = commit(database, input([insert(1)], { fence: earlier }))
    const second = commit(database, input([insert(2)], { fence: later }))
    expect([(await first).type, (await second).type]).toEqual(['stale', 'committed'])
    const again = await commit(database, input([insert(3)], { fence: { ...earlier, version: 1 } }))
    expect(again.type).toBe('stale')
    expect((await rows()).map(({ id }) => id)).toEqual(['a2'])
  })

  test('whose reply and look-up are both lost throws, and is found when it is sent again', async () => {
    let losses = 2
    const losing: Database = {
      async batch(statements) {
        const results = await database.batch(statements)
        if (losses-- > 0) throw new Error('Network connection lost')
        return results
      },
    }
    const sent = input([insert(1)])
    await expect(commit(losing, sent)).rejects.toThrow('Network connection lost')
    expect(await commit(losing, sent)).toMatchObject({ type: 'committed', version: 1 })
    expect(await history()).toHaveLength(1)
  })

  test('a row that already is as the change says is not written, and keeps its version', async () => {
    await commit(database, input([insert(1), insert(2)]))
    fence = { ...fence, version: 1 }
    await commit(database, input([update(1, { followers: 1 }), update(2, { followers: 9 })]))
    expect((await rows()).map(({ version }) => version)).toEqual([1, 2])
  })

  test('sets only the columns that its changes name', async () => {
    await commit(database, input([insert(1)]))
    fence = { ...fence, version: 1 }
    await database.batch([statement(`UPDATE accounts SET likes = 5, username = 'x'`)])
    await commit(database, input([update(1, { followers: 50 })]))
    expect(await rows()).toMatchObject([{ followers: 50, likes: 5, username: 'x', version: 2 }])
  })

  test('of a unique value that another row has writes nothing, and says so', async () => {
    await commit(database, input([insert(1)]))
    fence = { ...fence, version: 1 }
    const answer = await commit(database, input([insert(2), insert(3, { profile_url_key: 'https://1' })]))
    expect(answer.type).toBe('violation')
    expect(await rows()).toHaveLength(1)
  })

  test('splits its parameters below a million bytes, counted in UTF-8', async () => {
    const sizes: number[] = []
    const spying: Database = {
      batch(statements) {
        for (const { params } of statements)
          for (const param of params)
            if (typeof param === 'string') sizes.push(new TextEncoder().encode(param).length)
        return database.batch(statements)
      },
    }
    const long = '€'.repeat(16_000)
    const answer = await commit(
      spying,
      input(Array.from({ length: 60 }, (_x, i) => insert(i, { username: long }))),
    )
    expect(answer.type).toBe('committed')
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1_000_000)
    expect(await rows()).toHaveLength(60)
  })

  test('a claim raises the epoch above any other, and fences progress that touches no row', async () => {
    const later = await claim(database, LANE, 41)
    expect(later.epoch).toBe(42)
    await expect(database.batch([assertEpoch(fence)])).rejects.toThrow()
    await expect(database.batch([assertEpoch(later)])).resolves.toBeDefined()
    expect((await claim(database, LANE, 0)).epoch).toBe(43)
  })
})

test('a changed row costs two rows written on D1, the row and its history, and an unchanged one none', async () => {
  const { database } = d1
  await database.batch(['accounts', 'history', 'lanes'].map((name) => statement(`DELETE FROM ${name}`)))
  let fence = await claim(database, LANE, 0)
  const write = async (id: string, changes: Change[]) => {
    const answer = await commit(database, {
      id,
      fence,
      set: { changes, pins: [], conflicts: [] },
      link: 'l',
      scope: 's',
      origin: 'test',
      actor: 'ann',
      runId: null,
      at: 7,
      extra: [],
    })
    if (answer.type !== 'committed') throw new Error(answer.type)
    fence = { ...fence, version: answer.version }
    return answer.rowsWritten
  }
  const some = Array.from({ length: 100 }, (_, i) => i)
  await write(
    'first',
    some.map((i) => insert(i)),
  )
  // One more is the lane's own row.
  const changes = some.map((i) => update(i, { followers: 1_000 + i }))
  expect(await write('second', changes)).toBe(2 * 100 + 1)
  // The same again: what is left is the history that says it.
  expect(await write('third', changes)).toBe(100 + 1)
  expect(await write('fourth', [])).toBe(1)
})
