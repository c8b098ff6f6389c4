import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { detach } from '../../cli/laptop/attach.ts'
import { judge } from '../../cli/laptop/judge.ts'
import { renew } from '../../cli/laptop/layout.ts'
import { type Scripted, scripted, shown } from './laptop-script.ts'

let here: Scripted
afterEach(() => here.remove())

describe('the view of an attached file', () => {
  beforeEach(async () => {
    here = scripted()
    await here.attach()
    here.pages.push({
      tables: shown([
        ['a1', 'ann', 'Ann', null],
        ['a2', 'bob', 'Bob', null],
      ]),
    })
    await here.sync()
  })
  const stands = () =>
    here.all(
      'SELECT "table", row, origin, sync_status, synced_at IS NOT NULL AS synced FROM tidemark_rows ORDER BY row',
    )
  const row = (name: string, origin: string, status: string) => ({
    table: 'admins',
    row: name,
    origin,
    sync_status: status,
    synced: Number(status === 'synced'),
  })

  it('tells what came, and when', () => {
    expect(stands()).toEqual([row('a1', 'remote', 'synced'), row('a2', 'remote', 'synced')])
    expect(here.all("SELECT updated_at, synced_at FROM tidemark_rows WHERE row = 'a1'")).toEqual([
      { updated_at: '2026-11-21T12:00:00.000Z', synced_at: '2026-11-21T12:00:00.000Z' },
    ])
  })

  it('tells of a change and of a new row at once, until they were taken', async () => {
    here.host.exec(`UPDATE admins SET name = 'Anna' WHERE id = 'a1';
      INSERT INTO admins VALUES ('a3', 'eve', 'Eve', NULL)`)
    const pending = [
      row('a1', 'local', 'pending'),
      row('a2', 'remote', 'synced'),
      row('a3', 'local', 'pending'),
    ]
    expect(stands()).toEqual(pending)
    here.answers.push(() => {
      throw new Error('cut')
    })
    await expect(here.sync()).rejects.toThrow('cut')
    expect(stands()).toEqual(pending)
    await here.sync()
    expect(stands()).toEqual([
      row('a1', 'local', 'synced'),
      row('a2', 'remote', 'synced'),
      row('a3', 'local', 'synced'),
    ])
  })

  it('tells of a conflict, and of an edit that was not taken', async () => {
    here.host.exec(
      "INSERT INTO admins VALUES ('a3', 'ann', 'Eve', NULL); UPDATE admins SET name = 'B' WHERE id = 'a2'",
    )
    here.answers.push(({ mutations }) => ({
      results: mutations.map(({ op }, n) =>
        op === 'insert'
          ? { n: n + 1, status: 'conflict' as const, conflict: 'c1' }
          : { n: n + 1, status: 'rejected' as const },
      ),
    }))
    await here.sync()
    expect(stands()).toEqual([
      row('a1', 'remote', 'synced'),
      row('a2', 'local', 'conflict'),
      row('a3', 'local', 'conflict'),
    ])
  })

  it('does not call a row synced that only this file has', async () => {
    here.host.exec("INSERT INTO admins VALUES ('a3', 'eve', 'Eve', NULL)")
    here.answers.push({ results: [{ n: 1, status: 'rejected' }] })
    await here.sync()
    await here.inFile((db) => judge(db, '1', 'drop', here.deps.now()))
    expect(stands().at(-1)).toEqual(row('a3', 'local', 'conflict'))
  })

  it('follows a table that is renamed, and does not stand in the way of one that is rebuilt', async () => {
    here.host.exec('ALTER TABLE admins RENAME TO people')
    await here.sync()
    expect(here.all('SELECT DISTINCT "table" AS name FROM tidemark_rows')).toEqual([{ name: 'people' }])
    here.host.exec(`CREATE TABLE later (id TEXT PRIMARY KEY, username TEXT, name TEXT, email TEXT);
      INSERT INTO later SELECT * FROM people; DROP TABLE people; ALTER TABLE later RENAME TO people`)
    await here.sync()
    expect(stands().map(({ sync_status }) => sync_status)).toEqual(['synced', 'synced'])
  })

  it('goes with everything else when the file is detached', async () => {
    await here.inFile(detach)
    expect(here.isAsBefore()).toBe(true)
  })
})

describe('a file of layout', () => {
  /** What came with the second layout, and with the third */
  const takeBack = {
    1: `DROP VIEW tidemark_rows; ALTER TABLE tidemark_file DROP COLUMN settings;
      ALTER TABLE tidemark_lanes DROP COLUMN paused; ALTER TABLE tidemark_conflicts DROP COLUMN kept;
      ALTER TABLE tidemark_conflicts DROP COLUMN round; ALTER TABLE tidemark_shadow_1 DROP COLUMN at;
      ALTER TABLE tidemark_shadow_1 DROP COLUMN origin;`,
    2: 'DROP INDEX tidemark_shadow_1_absent;',
  }
  const ours = () =>
    here.all("SELECT type, name FROM sqlite_schema WHERE name LIKE 'tidemark%' ORDER BY name")

  it.each([
    [1, takeBack[2] + takeBack[1]],
    [2, takeBack[2]],
  ])('%d is brought up to this one by the next sync, and keeps what it knows', async (layout, older) => {
    here = scripted()
    await here.attach()
    here.pages.push({ tables: shown([['a1', 'ann', 'Ann', null]]) })
    await here.sync()
    const now = ours()
    here.host.exec(`${older} UPDATE tidemark_file SET layout = ${layout}`)
    here.host.exec("UPDATE admins SET name = 'Anna'")
    here.said.length = 0
    expect(await here.sync()).toMatchObject({ went: 1, rows: 0, requests: 1 })
    expect(ours()).toEqual(now)
    expect(here.mutations()).toMatchObject([{ values: { name: 'Anna' }, base: { name: 'Ann' } }])
    expect(here.all('SELECT row, sync_status FROM tidemark_rows')).toEqual([
      { row: 'a1', sync_status: 'synced' },
    ])
    await here.inFile(detach)
    expect(here.isAsBefore()).toBe(true)
  })

  it('99, of a newer program, is left alone', async () => {
    here = scripted()
    await here.attach()
    here.host.exec('UPDATE tidemark_file SET layout = 99')
    await expect(here.sync()).rejects.toMatchObject({ problem: { type: 'urn:tidemark:cli:newer_layout' } })
    const other = new DatabaseSync(here.path)
    expect(() => renew(other)).toThrow('not known here')
    other.close()
  })
})
