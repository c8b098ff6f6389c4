import { afterEach, describe, expect, it } from 'vitest'
import { shop, type World, world } from './laptop-world.ts'

// Rows that come into a table with rules and triggers of its own.

const a = shop('a')
const b = shop('b')
const own = shop('own')
let here: World
afterEach(() => here.remove())

describe('a table in which a second column is unique', () => {
  const sql = 'CREATE TABLE products (url TEXT PRIMARY KEY, title TEXT UNIQUE, price REAL)'
  const withDress = async () => {
    here = world({ sql })
    await here.person.edit(a, { title: 'Dress' })
    await here.attach()
    await here.sync()
  }

  it('takes a new row with the value that an older row gives up in the same page', async () => {
    await withDress()
    await here.person.edit(a, { title: 'Coat' })
    await here.person.edit(b, { title: 'Dress' })
    expect(await here.sync()).toMatchObject({ rows: 2, unplaced: [] })
    expect(here.row(b)).toMatchObject({ title: 'Dress' })
  })

  it('takes a new row with the value of one that is deleted in the same page', async () => {
    await withDress()
    await here.person.edit(a, null)
    await here.person.edit(b, { title: 'Dress' })
    expect(await here.sync()).toMatchObject({ unplaced: [], deleted: 1 })
    expect(here.row(b)).toMatchObject({ title: 'Dress' })
  })

  it('takes a row that it kept out as soon as it can, and tells of it once', async () => {
    here = world({ sql })
    here.host.exec(`INSERT INTO products (url, title) VALUES ('${own}', 'Dress')`)
    await here.person.edit(a, { title: 'Dress' })
    await here.attach()
    expect(await here.sync()).toMatchObject({ unplaced: [{ row: a }] })
    expect(await here.sync()).toMatchObject({ unplaced: [], rows: 0, requests: 1 })
    here.host.exec(`UPDATE products SET title = 'Mine' WHERE url = '${own}'`)
    expect(await here.sync()).toMatchObject({ rows: 1, went: 1 })
    expect(here.row(a)).toMatchObject({ title: 'Dress' })
    expect(await here.sync()).toMatchObject({ rows: 0, went: 0, requests: 1 })
    expect(here.stored(a)).toMatchObject({ title: 'Dress' })
  })
})

describe('triggers of the table’s own', () => {
  const withTrigger = (trigger: string) =>
    world({ sql: `CREATE TABLE products (url TEXT PRIMARY KEY, title TEXT, price REAL); ${trigger}` })

  it('that take a row away again are obeyed, each row once', async () => {
    here = withTrigger(`CREATE TABLE archive (url TEXT); CREATE TRIGGER own AFTER INSERT ON products BEGIN
      INSERT INTO archive VALUES (NEW.url); DELETE FROM products WHERE url = NEW.url; END`)
    await here.person.edit(a, { title: 'Dress' })
    await here.attach()
    await here.sync()
    await here.sync()
    expect(here.all('SELECT url FROM archive')).toEqual([{ url: a }])
    expect(here.stored(a)).toMatchObject({ title: 'Dress' })
  })

  it('that write what came otherwise make no edit of it', async () => {
    here = withTrigger(`CREATE TRIGGER own AFTER INSERT ON products BEGIN
      UPDATE products SET title = upper(NEW.title) WHERE url = NEW.url; END`)
    await here.person.edit(a, { title: 'Dress' })
    await here.person.edit(b, { title: 'Coat' })
    await here.attach()
    await here.sync()
    expect(await here.sync()).toMatchObject({ went: 0, requests: 1 })
    expect(here.stored(a)).toMatchObject({ title: 'Dress' })
    here.host.exec(`UPDATE products SET title = 'Hat' WHERE url = '${b}'`)
    await here.sync()
    expect(here.stored(b)).toMatchObject({ title: 'Hat' })
  })

  it('that refuse a row stop no other', async () => {
    here = withTrigger(`CREATE TRIGGER own BEFORE INSERT ON products WHEN NEW.title = 'Dress' BEGIN
      SELECT RAISE(ABORT, 'no dresses'); END`)
    await here.person.edit(a, { title: 'Dress' })
    await here.person.edit(b, { title: 'Coat' })
    await here.attach()
    expect(await here.sync()).toMatchObject({ unplaced: [{ row: a, reason: 'no dresses' }] })
    expect(Object.keys(here.rows())).toEqual([b])
    expect(here.stored(a)).toMatchObject({ title: 'Dress' })
  })
})

it('the moment of the last sync comes back to the clock after a clock that was wrong', async () => {
  here = world()
  await here.attach()
  const { now } = here.deps
  here.deps.now = () => now() + 365 * 86_400_000
  await here.sync()
  here.deps.now = now
  await here.sync()
  expect(here.all('SELECT synced_at FROM tidemark_file')).toEqual([
    { synced_at: new Date(now()).toISOString() },
  ])
})
