import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { backUpServer } from '../../cli/backup/back-up-server.ts'
import { copyDatabase } from '../../cli/backup/copy-database.ts'
import { restoreFile } from '../../cli/backup/restore-file.ts'
import { restoreParts } from '../../cli/backup/restore-parts.ts'
import { Refusal } from '../../cli/failure.ts'
import type { Remote } from '../../cli/laptop/remote.ts'
import { shop, type World, world } from './laptop-world.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-backup-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const at = (name: string) => join(folder, name)
const patience = { wait: async () => {}, say: () => {} }
const sound = (path: string) => {
  const db = new DatabaseSync(path)
  const said = Object.values(db.prepare('PRAGMA integrity_check').get() ?? {})
  const rows = db
    .prepare('SELECT x FROM t ORDER BY x')
    .all()
    .map(({ x }) => x)
  db.close()
  return { said, rows }
}
function made(name: string, rows: readonly number[], mode = 'delete'): DatabaseSync {
  const db = new DatabaseSync(at(name), { timeout: 0 })
  db.exec(`PRAGMA journal_mode = ${mode}; CREATE TABLE t (x INTEGER)`)
  db.prepare('INSERT INTO t SELECT value FROM json_each(?)').run(JSON.stringify(rows))
  return db
}

describe('a file that other programs use', () => {
  it.each(['delete', 'wal'])(
    'is copied whole beside a program that has it open (journal: %s)',
    async (mode) => {
      const program = made('live.db', [1, 2], mode)
      const db = new DatabaseSync(at('live.db'))
      await copyDatabase(db, at('copy.db'), patience)
      program.exec('INSERT INTO t VALUES (3)')
      db.close()
      program.close()
      expect(sound(at('copy.db'))).toEqual({ said: ['ok'], rows: [1, 2] })
      expect(sound(at('live.db')).rows).toEqual([1, 2, 3])
    },
  )

  it.each(['delete', 'wal'])(
    'is replaced under a program that has it open: it reads the restored rows, and can write (journal: %s)',
    async (mode) => {
      const program = made('live.db', [7, 8, 9], mode)
      made('kept.db', [1, 2], mode).close()
      expect(program.prepare('SELECT count(*) AS n FROM t').get()?.n).toBe(3)
      const former = await restoreFile(patience, at('kept.db'), at('live.db'))
      expect(
        program
          .prepare('SELECT x FROM t')
          .all()
          .map(({ x }) => x),
      ).toEqual([1, 2])
      program.exec('INSERT INTO t VALUES (3)')
      program.close()
      expect(sound(at('live.db'))).toEqual({ said: ['ok'], rows: [1, 2, 3] })
      expect(former).toBe(at('live.db.before-restore'))
      expect(sound(former ?? '').rows).toEqual([7, 8, 9])
    },
  )

  it('is waited for while it is locked, and the person is told', async () => {
    const program = made('live.db', [1])
    program.exec('BEGIN EXCLUSIVE; INSERT INTO t VALUES (2)')
    const db = new DatabaseSync(at('live.db'), { timeout: 0 })
    const said: string[] = []
    let waits = 0
    await copyDatabase(db, at('copy.db'), {
      wait: async () => {
        if (++waits === 6) program.exec('COMMIT')
      },
      say: (text) => void said.push(text),
    })
    expect(said).toEqual(['Another program is using the file; waiting for it'])
    expect(sound(at('copy.db')).rows).toEqual([1, 2])

    program.exec('BEGIN EXCLUSIVE')
    const refused = await copyDatabase(db, at('other.db'), patience).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(Refusal)
    expect((refused as Refusal).problem.title).toBe('The file is in use')
    for (const each of [db, program]) each.close()
  })

  it('is not touched by a copy that is not sound', async () => {
    made('live.db', [7]).close()
    const big = made(
      'kept.db',
      Array.from({ length: 2_000 }, (_, i) => i),
    )
    big.close()
    const bytes = readFileSync(at('kept.db'))
    bytes.fill(0xff, 4_096, 8_192)
    writeFileSync(at('kept.db'), bytes)
    const refused = await restoreFile(patience, at('kept.db'), at('live.db')).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(Error)
    expect(sound(at('live.db')).rows).toEqual([7])
    expect(readdirSync(folder).toSorted()).toEqual(['kept.db', 'live.db'])
  })

  it('comes back where it is gone, and keeps every former one', async () => {
    made('kept.db', [1]).close()
    expect(await restoreFile(patience, at('kept.db'), at('live.db'))).toBe(null)
    expect(sound(at('live.db')).rows).toEqual([1])
    expect(await restoreFile(patience, at('kept.db'), at('live.db'))).toBe(at('live.db.before-restore'))
    expect(await restoreFile(patience, at('kept.db'), at('live.db'))).toBe(at('live.db.before-restore-2'))
    const nowhere = await restoreFile(patience, at('kept.db'), at('no/such/live.db')).catch(
      (error: unknown) => error,
    )
    expect((nowhere as Refusal).problem.title).toBe('The file cannot be put back')
  })
})

describe('a copy of the server', () => {
  let here: World
  beforeEach(async () => {
    here = world()
    await here.person.editAll(
      Array.from({ length: 1_300 }, (_, i) => shop(`m${i}`)),
      { title: 'Dress', price: 4_999 },
    )
    await here.person.edit(shop('ü'), { title: 'Ünïcode “dress”', price: 0 })
  })
  afterEach(() => here.remove())

  const copy = (remote: Remote = here.deps.remote, moved: Parameters<typeof backUpServer>[3] = () => {}) =>
    backUpServer(folder, 'https://tidemark.example', remote, moved)
  const open = () => new DatabaseSync(at('server.db'))
  const listings = (db: DatabaseSync) =>
    db
      .prepare('SELECT id, title, price FROM listings ORDER BY id')
      .all()
      .map((row) => ({ ...row }))
  const onServer = () => here.listings().map(({ id, title, price }) => ({ id, title, price }))
  const lane = ({ lanes }: Awaited<ReturnType<typeof copy>>) =>
    lanes.find(({ lane: name }) => name === 'listings')

  it('holds every row, at the version that the server says', async () => {
    const seen: number[] = []
    const made = await copy(here.deps.remote, (_lane, rows) => void seen.push(rows))
    expect(lane(made)).toMatchObject({
      version: expect.any(Number),
      tables: [{ name: 'listings', rows: 1_301 }],
    })
    expect(Math.max(...seen)).toBe(1_301)
    const db = open()
    expect(listings(db)).toEqual(onServer())
    expect(db.prepare(`SELECT version FROM tidemark_lanes WHERE lane = 'listings'`).get()?.version).toBe(
      lane(made)?.version,
    )
    db.close()
  })

  it('is of one moment although rows change while it is read', async () => {
    let edits = 0
    const { remote } = here.deps
    const busy: Remote = {
      ...remote,
      async digest(...asked) {
        if (asked[0] === 'listings' && ++edits <= 3)
          await here.person.edit(shop(`m${edits}`), edits === 2 ? null : { title: `edit ${edits}` })
        return remote.digest(...asked)
      },
    }
    const made = await copy(busy)
    expect(lane(made)?.version).toEqual(expect.any(Number))
    const db = open()
    expect(listings(db)).toEqual(onServer())
    db.close()
  })

  it('has no version where the server never stands still, and ends all the same', async () => {
    let edits = 0
    const { remote } = here.deps
    const busy: Remote = {
      ...remote,
      async digest(...asked) {
        if (asked[0] === 'listings') await here.person.edit(shop('m1'), { title: `edit ${++edits}` })
        return remote.digest(...asked)
      },
    }
    expect(lane(await copy(busy))).toMatchObject({ version: null, tables: [{ rows: 1_301 }] })
  })

  it('begins anew where the server was restored meanwhile', async () => {
    const before = here.backUp()
    await here.person.edit(shop('gone'), { title: 'after the backup' })
    const { remote } = here.deps
    let pulls = 0
    const restored: Remote = {
      ...remote,
      async pull(...asked) {
        const page = await remote.pull(...asked)
        if (asked[0] === 'listings' && ++pulls === 1) await here.putBack(before)
        return page
      },
    }
    await copy(restored)
    const db = open()
    expect(listings(db)).toEqual(onServer())
    expect(onServer()).toHaveLength(1_301)
    db.close()
  })

  it('goes back in parts that one request carries and that leave no key between them', async () => {
    for (const half of ['a', 'b'])
      await here.person.editAll(
        Array.from({ length: 200 }, (_, i) => shop(`long-${half}${i}`)),
        { title: 'é'.repeat(2_000) },
      )
    await copy()
    const db = open()
    const parts = [...restoreParts(db, undefined)].filter((part) => part.lane === 'listings')
    const again = [...restoreParts(db, ['listings'])]
    expect(again).toEqual(parts)
    for (const part of parts) expect(Buffer.byteLength(JSON.stringify(part))).toBeLessThan(1_000_000)
    const tables = parts.flatMap((part) => part.tables)
    expect(tables.length).toBeGreaterThan(2)
    expect(tables.map(({ from }) => from)).toEqual([
      undefined,
      ...tables.slice(0, -1).map(({ until }) => until),
    ])
    expect(tables.at(-1)?.until).toBe(undefined)
    const ids = tables.flatMap(({ rows }) => rows.map(([id]) => id))
    expect(ids).toEqual(listings(db).map(({ id }) => id))
    for (const { rows, from, until } of tables)
      for (const [id] of rows)
        expect([from === undefined || String(id) >= from, until === undefined || String(id) < until]).toEqual(
          [true, true],
        )
    expect(() => [...restoreParts(db, ['nothing'])]).toThrow('nothing is not in it')
    db.close()
  })
})
