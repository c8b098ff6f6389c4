import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { disputedOf } from '../../cli/laptop/disputed.ts'
import { judge } from '../../cli/laptop/judge.ts'
import { type Scripted, scripted, shown } from './laptop-script.ts'

// A conflict that a person settled on the server: what comes with it takes the place of what the file kept.

const conflicted = (n: number) => ({
  results: [{ n, status: 'conflict' as const, conflict: 'c1', reason: 'username "ann" is taken' }],
})
const settled = { resolved: [['c1', 'admins', 'a2']] as [string, string, string][] }

let here: Scripted
afterEach(() => here.remove())
const isQuiet = async () => {
  here.said.length = 0
  expect(await here.sync()).toMatchObject({ went: 0, conflicts: [], requests: 1 })
  expect(here.mutations()).toEqual([])
}

describe('of a row that is on this file only', () => {
  beforeEach(async () => {
    here = scripted()
    await here.attach()
    await here.sync()
    here.host.exec("INSERT INTO admins VALUES ('a2', 'ann', 'Ann B', NULL)")
    here.answers.push(conflicted(1))
    await here.sync()
  })

  it('renamed there, it is renamed here', async () => {
    here.answers.push({ tables: shown([['a2', 'ann_k3f9', 'Ann B', null]]), ...settled })
    expect(await here.sync()).toMatchObject({ conflicts: [] })
    expect(here.rows()).toEqual([['a2', 'ann_k3f9', 'Ann B']])
    await isQuiet()
  })

  it('renamed there, it is renamed here also where the answer came twice', async () => {
    const page = { tables: shown([['a2', 'ann_k3f9', 'Ann B', null]]), ...settled }
    here.answers.push(page, page)
    await here.sync()
    await here.sync()
    expect(here.rows()).toEqual([['a2', 'ann_k3f9', 'Ann B']])
    await isQuiet()
  })

  it('let in, and waiting again because that was undone, it stays here with all that it says', async () => {
    here.answers.push({ tables: shown([['a2', 'ann_k3f9', 'Ann B', null]]), ...settled })
    await here.sync()
    here.answers.push({ tables: shown([], ['a2']), reopened: settled.resolved })
    expect(await here.sync()).toMatchObject({ conflicts: [{ id: 'c1', row: 'a2' }], deleted: 0 })
    expect(here.rows()).toEqual([['a2', 'ann_k3f9', 'Ann B']])
    here.answers.push({ tables: shown([['a2', 'ann_2', 'Ann B', null]]), ...settled })
    expect(await here.sync()).toMatchObject({ conflicts: [] })
    expect(here.rows()).toEqual([['a2', 'ann_2', 'Ann B']])
    await isQuiet()
  })

  it('given up there, it is removed here', async () => {
    here.answers.push({ tables: shown([], ['a2']), ...settled })
    expect(await here.sync()).toMatchObject({ conflicts: [], deleted: 1 })
    expect(here.rows()).toEqual([])
    await isQuiet()
  })

  it('not settled yet, it stays, although a row of that name was deleted there once', async () => {
    here.answers.push({ tables: shown([], ['a2']) })
    expect(await here.sync()).toMatchObject({ conflicts: [{ id: 'c1' }], deleted: 0 })
    expect(here.rows()).toEqual([['a2', 'ann', 'Ann B']])
  })

  it('given up there while it was edited here, the edit goes first and is judged', async () => {
    here.host.exec("UPDATE admins SET name = 'Ann C'")
    here.answers.push(
      () => {
        here.host.exec("UPDATE admins SET email = 'ann@example.org'")
        return { ...conflicted(2), tables: shown([], ['a2']), ...settled }
      },
      {
        results: [{ n: 3, status: 'conflict', conflict: 'c2', reason: 'it was deleted meanwhile' }],
        tables: shown([], ['a2']),
      },
    )
    here.said.length = 0
    expect(await here.sync()).toMatchObject({ conflicts: [{ id: 'c2' }] })
    expect(here.mutations().map(({ values }) => values)).toEqual([
      { name: 'Ann C' },
      { email: 'ann@example.org' },
    ])
    expect(here.rows()).toEqual([])
  })

  it('settled there, an edit of another column that was made meanwhile is sent over it', async () => {
    here.host.exec("UPDATE admins SET name = 'Ann C'")
    here.answers.push({ results: [], tables: shown([['a2', 'ann_k3f9', 'Ann C', null]]), ...settled })
    await here.sync()
    expect(here.rows()).toEqual([['a2', 'ann_k3f9', 'Ann C']])
    await isQuiet()
  })

  it('settled there, with neither row nor end shown, it is offered again', async () => {
    here.answers.push(settled)
    here.said.length = 0
    await here.sync()
    await here.sync()
    expect(here.mutations()).toMatchObject([{ op: 'insert', key: 'a2', values: { username: 'ann' } }])
    expect(here.rows()).toEqual([['a2', 'ann', 'Ann B']])
  })
})

describe('of an edit', () => {
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
    here.host.exec("UPDATE admins SET username = 'ann' WHERE id = 'a2'")
    here.answers.push({ ...conflicted(1), tables: shown([['a2', 'bob', 'Bob', null]]) })
    await here.sync()
  })

  it('the file takes the value that was chosen', async () => {
    here.answers.push({ tables: shown([['a2', 'ann_k3f9', 'Bob', null]]), ...settled })
    await here.sync()
    expect(here.rows()[1]).toEqual(['a2', 'ann_k3f9', 'Bob'])
    await isQuiet()
  })

  it('the file takes the server’s value also where no row is shown, because it stood there already', async () => {
    here.answers.push(settled)
    await here.sync()
    expect(here.rows()[1]).toEqual(['a2', 'bob', 'Bob'])
    await isQuiet()
  })

  it('a value that was written meanwhile is sent, and stays', async () => {
    here.answers.push(() => {
      here.host.exec("UPDATE admins SET username = 'eve' WHERE id = 'a2'")
      return { tables: shown([['a2', 'ann_k3f9', 'Bob', null]]), ...settled }
    })
    here.said.length = 0
    await here.sync()
    expect(here.rows()[1]).toEqual(['a2', 'eve', 'Bob'])
    await here.sync()
    expect(here.mutations()).toMatchObject([{ values: { username: 'eve' }, base: { username: 'bob' } }])
    expect(here.rows()[1]).toEqual(['a2', 'eve', 'Bob'])
  })

  it('of a row that was deleted here, it is no news', async () => {
    here.host.exec("DELETE FROM admins WHERE id = 'a2'")
    here.answers.push({ tables: shown([], ['a2']), ...settled })
    await here.sync()
    expect(here.rows()).toEqual([['a1', 'ann', 'Ann']])
    await isQuiet()
  })

  it('that is not known here, it changes nothing', async () => {
    here.answers.push({ resolved: [['c9', 'admins', 'a1']] })
    await here.sync()
    expect(here.rows()).toEqual([
      ['a1', 'ann', 'Ann'],
      ['a2', 'ann', 'Bob'],
    ])
  })
})

describe('of a row that was deleted on the server', () => {
  beforeEach(async () => {
    here = scripted()
    await here.attach()
    here.pages.push({ tables: shown([['a2', 'bob', 'Bob', null]]) })
    await here.sync()
    here.host.exec("UPDATE admins SET name = 'Bobby' WHERE id = 'a2'")
    here.answers.push({
      results: [{ n: 1, status: 'conflict', conflict: 'c1', reason: 'it was deleted meanwhile' }],
      tables: shown([], ['a2']),
    })
    expect(await here.sync()).toMatchObject({ deleted: 1, conflicts: [{ id: 'c1' }] })
    expect(here.rows()).toEqual([])
  })

  it('the file keeps nothing of it: the row that comes back is the server’s, now and later', async () => {
    here.answers.push({ tables: shown([['a2', 'bob', 'Bob', null]]) })
    await here.sync()
    here.answers.push({ tables: shown([['a2', 'bob', 'Robert', null]]) })
    await here.sync()
    expect(here.rows()).toEqual([['a2', 'bob', 'Robert']])
    await here.inFile((db) => expect(disputedOf(db)).toMatchObject([{ id: 'c1', kept: [] }]))
  })

  it('the edit can’t be said again from here, and says what can be done instead', async () => {
    await here.inFile((db) => {
      expect(() => judge(db, 'c1', 'retry', here.deps.now())).toThrow(
        'a2 was deleted on the server, and went from this file too.',
      )
      expect(disputedOf(db)).toMatchObject([{ id: 'c1', values: { name: 'Bobby' } }])
    })
  })
})
