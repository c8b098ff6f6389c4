import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { disputedOf } from '../../cli/laptop/disputed.ts'
import { integrityOf } from '../../cli/laptop/integrity.ts'
import { judge } from '../../cli/laptop/judge.ts'
import { type Scripted, scripted, shown } from './laptop-script.ts'

// A value that must be unique and that somebody else has: the file keeps its own, and says it once.

const TAKEN = 'username "ann" is taken'
const taken = (n: number, id = 'c1') => ({
  results: [{ n, status: 'conflict' as const, conflict: id, reason: TAKEN }],
})

describe('a new row with a value that is taken', () => {
  let here: Scripted
  beforeEach(async () => {
    here = scripted()
    await here.attach()
    await here.sync()
    here.host.exec("INSERT INTO admins VALUES ('a2', 'ann', 'Ann B', NULL)")
    here.answers.push(taken(1))
    here.said.length = 0
  })
  afterEach(() => here.remove())

  it('stays in the file, in conflict, and is said once', async () => {
    expect(await here.sync()).toMatchObject({ went: 1, conflicts: [{ id: 'c1', row: 'a2' }], restored: 0 })
    expect(await here.sync()).toMatchObject({ went: 0, requests: 1, conflicts: [{ id: 'c1' }] })
    expect(here.mutations()).toHaveLength(1)
    expect(here.rows()).toEqual([['a2', 'ann', 'Ann B']])
    expect(disputedOf(here.host)).toMatchObject([{ kept: ['username', 'name'], op: 'insert' }])
  })

  it('is none of the rows that were synced, for the doctor', async () => {
    await here.sync()
    const [, , rows] = await here.inFile(integrityOf)
    expect(rows).toMatchObject({
      ok: true,
      detail: '1, of which 0 were synced and 0 wait to be sent; 1 in this file only, and for a person to say',
    })
  })

  it('is counted as a conflict of its table', async () => {
    expect((await here.sync()).tables).toEqual({ admins: { went: 1, came: 0, conflicts: 1 } })
  })

  it('is edited as if the server had it', async () => {
    await here.sync()
    here.said.length = 0
    here.host.exec("UPDATE admins SET name = 'Ann C'")
    here.answers.push(taken(2))
    await here.sync()
    expect(here.mutations()).toMatchObject([
      { op: 'update', key: 'a2', values: { name: 'Ann C' }, base: { name: 'Ann B' } },
    ])
    await here.sync()
    expect(here.mutations()).toEqual([])
    expect(disputedOf(here.host)).toMatchObject([{ id: 'c1', values: { username: 'ann', name: 'Ann C' } }])
  })

  it('is no conflict any more once an edit of it is taken', async () => {
    await here.sync()
    here.host.exec("UPDATE admins SET username = 'anna'")
    expect(await here.sync()).toMatchObject({ went: 1, conflicts: [] })
    here.host.exec("UPDATE admins SET name = 'Anna'")
    here.said.length = 0
    await here.sync()
    expect(here.mutations()).toMatchObject([
      { op: 'update', values: { name: 'Anna' }, base: { name: 'Ann B' } },
    ])
    expect(here.all('SELECT absent FROM tidemark_shadow_1')).toEqual([{ absent: 0 }])
  })

  it('is withdrawn where it is deleted', async () => {
    await here.sync()
    here.said.length = 0
    here.host.exec('DELETE FROM admins')
    expect(await here.sync()).toMatchObject({ went: 1, conflicts: [] })
    expect(here.mutations()).toMatchObject([{ op: 'delete', key: 'a2', base: { username: 'ann' } }])
    expect(here.all('SELECT * FROM tidemark_shadow_1')).toEqual([])
  })

  it('goes, and the server hears of it, where a person gives it up', async () => {
    await here.sync()
    here.said.length = 0
    const word = await here.inFile((db) => judge(db, 'c1', 'drop', here.deps.now()))
    expect(word).toMatchObject({ row: 'a2', isRemoved: true })
    await here.sync()
    expect(here.mutations()).toMatchObject([{ op: 'delete', key: 'a2' }])
    expect(here.rows()).toEqual([])
  })

  it('is said again where a person says so', async () => {
    await here.sync()
    here.said.length = 0
    await here.inFile((db) => judge(db, 'c1', 'retry', here.deps.now()))
    here.answers.push(taken(2))
    expect(await here.sync()).toMatchObject({ conflicts: [{ id: 'c1' }] })
    expect(here.mutations()).toMatchObject([{ op: 'insert', values: { username: 'ann', name: 'Ann B' } }])
  })

  it('is neither put back nor sent again where its table is rebuilt', async () => {
    await here.sync()
    here.host.exec(`CREATE TABLE later (id TEXT PRIMARY KEY, username TEXT, name TEXT, email TEXT);
      INSERT INTO later SELECT * FROM admins; DROP TABLE admins; ALTER TABLE later RENAME TO admins`)
    here.said.length = 0
    await here.sync()
    expect(here.mutations()).toEqual([])
    expect(here.rows()).toEqual([['a2', 'ann', 'Ann B']])
  })

  it('is said again after everything was read again: what was settled meanwhile is not told any more', async () => {
    await here.sync()
    here.said.length = 0
    here.answers.push({ resnapshot: true }, taken(2))
    await here.sync()
    expect(here.mutations()).toMatchObject([{ op: 'insert', key: 'a2', values: { username: 'ann' } }])
    expect(here.rows()).toEqual([['a2', 'ann', 'Ann B']])
  })

  it('takes the columns that the server has beside it, and keeps its own, where the server has such a row', async () => {
    here.answers[0] = { ...taken(1), tables: shown([['a2', 'old', 'Ann B', 'ann@example.org']]) }
    await here.sync()
    expect(here.all('SELECT * FROM admins')).toEqual([
      { id: 'a2', username: 'ann', name: 'Ann B', email: 'ann@example.org' },
    ])
    expect(disputedOf(here.host)).toMatchObject([{ kept: ['username'], values: { username: 'ann' } }])
    here.said.length = 0
    here.host.exec("UPDATE admins SET username = 'eve'")
    await here.sync()
    expect(here.mutations()).toMatchObject([
      { op: 'update', values: { username: 'eve' }, base: { username: 'old' } },
    ])
  })
})

describe('an edit to a value that is taken', () => {
  let here: Scripted
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
    here.host.exec("UPDATE admins SET username = 'ann', name = 'Robert' WHERE id = 'a2'")
    here.answers.push({ ...taken(1), tables: shown([['a2', 'bob', 'Robert', null]]) })
    here.said.length = 0
  })
  afterEach(() => here.remove())

  it('stays in the file, and is said once; the other columns are taken', async () => {
    await here.sync()
    expect(await here.sync()).toMatchObject({ went: 0, conflicts: [{ id: 'c1' }] })
    expect(here.mutations()).toHaveLength(1)
    expect(here.rows()[1]).toEqual(['a2', 'ann', 'Robert'])
    expect(disputedOf(here.host)).toMatchObject([{ kept: ['username'], values: { username: 'ann' } }])
  })

  it('is not written over by what others change in the row', async () => {
    await here.sync()
    here.answers.push({ tables: shown([['a2', 'bobby', 'Robert', 'bob@example.org']]) })
    await here.sync()
    expect(here.all("SELECT username, email FROM admins WHERE id = 'a2'")).toEqual([
      { username: 'ann', email: 'bob@example.org' },
    ])
  })

  it('is not closed by a later edit of another column', async () => {
    await here.sync()
    here.host.exec("UPDATE admins SET name = 'Rob' WHERE id = 'a2'")
    expect(await here.sync()).toMatchObject({ went: 1, conflicts: [{ id: 'c1' }] })
    expect(here.mutations().at(-1)).toMatchObject({ values: { name: 'Rob' }, base: { name: 'Robert' } })
  })

  it('is said anew by a later edit of the value, over what the server says', async () => {
    await here.sync()
    here.host.exec("UPDATE admins SET username = 'rob' WHERE id = 'a2'")
    expect(await here.sync()).toMatchObject({ went: 1, conflicts: [] })
    expect(here.mutations().at(-1)).toMatchObject({ values: { username: 'rob' }, base: { username: 'bob' } })
  })

  it('goes back to what the server says where a person gives it up', async () => {
    await here.sync()
    await here.inFile((db) => judge(db, 'c1', 'drop', here.deps.now()))
    expect(here.rows()[1]).toEqual(['a2', 'bob', 'Robert'])
    here.said.length = 0
    await here.sync()
    expect(here.mutations()).toEqual([])
  })

  it('is said again after everything was read again', async () => {
    await here.sync()
    here.said.length = 0
    here.pages.push({
      tables: shown([
        ['a1', 'ann', 'Ann', null],
        ['a2', 'bob', 'Robert', null],
      ]),
    })
    here.answers.push({ resnapshot: true }, taken(2))
    await here.sync()
    expect(here.mutations()).toMatchObject([
      { op: 'update', values: { username: 'ann' }, base: { username: 'bob' } },
    ])
    expect(here.rows()[1]).toEqual(['a2', 'ann', 'Robert'])
    expect(disputedOf(here.host)).toMatchObject([{ kept: ['username'] }])
  })
})

describe('a deletion', () => {
  let here: Scripted
  beforeEach(async () => {
    here = scripted()
    await here.attach()
    here.said.length = 0
  })
  afterEach(() => here.remove())

  it('says what the row was when it was deleted', async () => {
    here.pages.push({ tables: shown([['a1', 'ann', 'Ann', null]]) })
    await here.sync()
    here.host.exec('DELETE FROM admins')
    here.said.length = 0
    await here.sync()
    expect(here.mutations()).toMatchObject([
      { op: 'delete', key: 'a1', base: { username: 'ann', name: 'Ann', email: null } },
    ])
  })

  it('says as much of it as one request may carry', async () => {
    const long = 'x'.repeat(1_000_000)
    here.pages.push({ tables: shown([['a1', 'ann', long, null]]) })
    await here.sync()
    here.host.exec('DELETE FROM admins')
    here.said.length = 0
    await here.sync()
    expect(here.mutations().map(({ op, base }) => [op, base])).toEqual([
      ['delete', { username: 'ann', email: null }],
    ])
  })
})
