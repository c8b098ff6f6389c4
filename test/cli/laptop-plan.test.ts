import { readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { refusal } from '../../cli/failure.ts'
import { FilePlan } from '../../cli/laptop/plan.ts'
import { applyToFile } from '../../cli/laptop/plan-apply.ts'
import { planOfFile } from '../../cli/laptop/plan-file.ts'
import { SETTINGS } from '../../cli/laptop/settings.ts'
import { type Said, type Scripted, scripted, shown } from './laptop-script.ts'

// What a sync would do, told beforehand; and done exactly so, or not at all.

const BOB = ['a2', 'bob', 'Bob', null]
const EVE = ['a3', 'eve', 'Eve', null]

let here: Scripted
let version: number
/** What the server has beside what it was told: rows that are new to the device */
let news: ReturnType<typeof shown>

beforeEach(async () => {
  here = scripted()
  await here.attach()
  here.pages.push({ tables: shown([['a1', 'ann', 'Ann', null], BOB]) })
  await here.sync()
  version = 7
  news = shown([['a2', 'bob', 'Bobby', null], EVE])
  let isShown = false
  here.serve(({ mutations, expect: at, dry_run: dryRun, cursor }: Said) => {
    if (at !== undefined && at !== version)
      throw refusal('x', { title: 'Moved', detail: 'it moved', mend: 'Plan again.' })
    const tables = isShown || cursor === undefined ? [] : news
    if (!dryRun) {
      version += mutations.length > 0 ? 1 : 0
      isShown = true
    }
    const results = mutations.flatMap(({ values }, i) =>
      values?.username === 'taken'
        ? [{ n: i + 1, status: 'conflict' as const, conflict: 'c1', reason: 'it is taken' }]
        : [],
    )
    return { results, tables, ...(dryRun && { version }) }
  })
  here.host.exec(`UPDATE admins SET email = 'ann@example.org' WHERE id = 'a1';
    INSERT INTO admins VALUES ('a4', 'taken', 'Tom', NULL)`)
  here.said.length = 0
})
afterEach(() => here.remove())

const withFile = async <T>(work: (db: DatabaseSync) => Promise<T>): Promise<T> => {
  const db = new DatabaseSync(here.path, { timeout: 50, enableForeignKeyConstraints: false })
  try {
    return await work(db)
  } finally {
    db.close()
  }
}
const plan = async () =>
  FilePlan.parse(JSON.parse(JSON.stringify(await withFile((db) => planOfFile(db, here.path, here.deps)))))
const apply = (planned: FilePlan) => withFile((db) => applyToFile(db, planned, here.deps))

describe('a plan', () => {
  it('names every edit with what would become of it, and every row with what would change, to the column', async () => {
    const [lane] = (await plan()).lanes
    expect(lane).toMatchObject({ lane: 'admins', version: 7, left: 0, paused: null })
    expect(lane?.sends).toEqual([
      {
        table: 'admins',
        key: 'a1',
        op: 'update',
        columns: { email: { before: null, after: 'ann@example.org' } },
        result: { status: 'applied' },
      },
      {
        table: 'admins',
        key: 'a4',
        op: 'insert',
        columns: { username: { before: null, after: 'taken' }, name: { before: null, after: 'Tom' } },
        result: { status: 'conflict', conflict: 'c1', reason: 'it is taken' },
      },
    ])
    expect(lane?.changes).toEqual([
      { table: 'admins', row: 'a2', op: 'update', columns: { name: { before: 'Bob', after: 'Bobby' } } },
      {
        table: 'admins',
        row: 'a3',
        op: 'insert',
        columns: { username: { before: null, after: 'eve' }, name: { before: null, after: 'Eve' } },
      },
    ])
  })

  it('changes nothing: not a byte of the file, and the server is only asked', async () => {
    const before = readFileSync(here.path)
    await plan()
    expect(readFileSync(here.path).equals(before)).toBe(true)
    expect(here.said.every(({ dry_run }) => dry_run === true)).toBe(true)
    expect(version).toBe(7)
  })

  it('is the same when it is made again, though the clock has moved', async () => {
    const first = await plan()
    here.deps.now = () => Date.parse('2026-11-22T12:00:00Z')
    expect(await plan()).toEqual(first)
  })

  it('holds the edits of one request, and how many are left', async () => {
    await here.inFile((db) =>
      db.prepare('UPDATE tidemark_file SET settings = ?').run(JSON.stringify({ ...SETTINGS, batchSize: 1 })),
    )
    const [lane] = (await plan()).lanes
    expect([lane?.sends.length, lane?.left]).toEqual([1, 1])
  })

  it('is looked at again where the server changed meanwhile, and given up where it does so all the time', async () => {
    const { push } = here.deps.remote
    let moves = 1
    here.deps.remote.push = (body) => {
      if (moves-- > 0) version++
      return push(body)
    }
    expect((await plan()).lanes).toMatchObject([{ version: 8 }])
    moves = 1_000
    await expect(plan()).rejects.toMatchObject({ problem: { type: 'urn:tidemark:cli:restless' } })
  })

  it('says that a table is switched off', async () => {
    here.serve(() => ({ type: 'paused', reason: 'off for now' }) as never)
    expect((await plan()).lanes).toMatchObject([
      { paused: 'off for now', sends: [], changes: [], version: null },
    ])
  })
})

describe('applying a plan', () => {
  const all = () => here.all('SELECT * FROM admins ORDER BY id')

  it('does exactly what it says', async () => {
    const planned = await plan()
    here.said.length = 0
    expect(await apply(planned)).toMatchObject({ type: 'applied', report: { went: 2, rows: 2 } })
    expect(here.said.filter(({ dry_run }) => !dry_run)).toMatchObject([{ expect: 7, mutations: [{}, {}] }])
    expect(all()).toMatchObject([
      { id: 'a1', email: 'ann@example.org' },
      { id: 'a2', name: 'Bobby' },
      { id: 'a3', name: 'Eve' },
      { id: 'a4', username: 'taken' },
    ])
    expect((await plan()).lanes).toMatchObject([{ sends: [], changes: [] }])
  })

  const refuses = async (planned: FilePlan) => {
    const before = all()
    const bytes = readFileSync(here.path)
    expect(await apply(planned)).toMatchObject({ type: 'moved' })
    expect(all()).toEqual(before)
    expect(readFileSync(here.path).equals(bytes)).toBe(true)
    expect(here.said.every(({ dry_run }) => dry_run === true)).toBe(true)
  }

  it('is refused where the server has moved, and changes nothing', async () => {
    const planned = await plan()
    version++
    await refuses(planned)
  })

  it('is refused where the file was edited since, and changes nothing', async () => {
    const planned = await plan()
    here.host.exec("UPDATE admins SET name = 'Anna' WHERE id = 'a1'")
    await refuses(planned)
  })

  it('is refused where something else would come, and changes nothing', async () => {
    const planned = await plan()
    news = shown([EVE])
    await refuses(planned)
  })

  it('is refused where the file was synced since', async () => {
    const planned = await plan()
    await here.sync()
    here.said.length = 0
    await refuses(planned)
  })

  it('sends nothing where the server moves at the last moment', async () => {
    const planned = await plan()
    const { push } = here.deps.remote
    here.deps.remote.push = (body) => {
      if (!(JSON.parse(body) as Said).dry_run) version++
      return push(body)
    }
    const before = all()
    await expect(apply(planned)).rejects.toMatchObject({ problem: { detail: 'it moved' } })
    expect(all()).toEqual(before)
    here.deps.remote.push = push
    expect(await here.sync()).toMatchObject({ went: 2 })
  })

  it('writes nothing that was not planned where more comes at the last moment', async () => {
    const planned = await plan()
    const { push } = here.deps.remote
    here.deps.remote.push = (body) => {
      if (!(JSON.parse(body) as Said).dry_run) news = shown([['a9', 'new', 'New', null]])
      return push(body)
    }
    const before = all()
    await expect(apply(planned)).rejects.toMatchObject({ problem: { type: 'urn:tidemark:cli:moved' } })
    expect(all()).toEqual(before)
  })
})
