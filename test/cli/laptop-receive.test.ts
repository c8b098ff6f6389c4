import { afterEach, describe, expect, it } from 'vitest'
import { transaction } from '../../cli/laptop/file.ts'
import { linksOf } from '../../cli/laptop/link.ts'
import { type Came, receive } from '../../cli/laptop/receive.ts'
import { rowsOf } from '../../cli/laptop/rows.ts'
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
    here.host.exec(`UPDATE products SET price = 5 WHERE url = '${b}'`)
    await here.sync()
    expect(here.stored(b)).toMatchObject({ title: 'Coat', price: 500 })
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

describe('rows that nothing here is known of', () => {
  const address = `${a}?utm_source=x`
  const addresses = () => Object.keys(here.rows())
  const readAnew = () =>
    here.host.exec('UPDATE tidemark_lanes SET cursor = NULL, reading = 1, round = round + 1')

  it('leave nothing to look at or to send', async () => {
    here = world()
    await here.attach()
    await here.sync()
    await here.person.edit(a, { title: 'Dress' })
    expect(await here.sync()).toMatchObject({ rows: 1 })
    expect(here.all('SELECT * FROM tidemark_dirty_1')).toEqual([])
  })

  it('are called by their address, and edited under the name that the server has for them', async () => {
    here = world()
    await here.person.edit(a, { title: 'Dress', product_url: address })
    await here.attach()
    await here.sync()
    expect(addresses()).toEqual([address])
    here.host.exec("UPDATE products SET title = 'Coat'")
    await here.sync()
    expect(here.listings()).toMatchObject([{ id: a, title: 'Coat' }])
    await here.person.edit(a, { product_url: `${a}?utm_source=y` })
    await here.sync()
    expect(addresses()).toEqual([address])
  })

  it('may stand twice in a page, or share an address: the later row stands, and no two become one', async () => {
    here = world()
    await here.attach()
    await here.sync()
    const shared = shop('x')
    const db = here.open()
    const came: Came = { rows: 0, deleted: 0, unplaced: [] }
    await transaction(db, here.deps, () => {
      const [link] = linksOf(db)
      if (!link) throw new Error('nothing is attached')
      const shown = [
        [a, shared, 'Dress'],
        [b, shared, 'Coat'],
        [a, shared, 'Long dress'],
      ]
      const page = { name: 'listings', columns: ['id', 'product_url', 'title'], rows: shown, deleted: [] }
      const rows = rowsOf(db, link)
      receive(db, rows, page, { now: here.deps.now(), round: 1 }, came)
      expect([rows.keyOf(shared), rows.keyOf(b)]).toEqual([a, b])
    })
    db.close()
    expect(came.unplaced).toEqual([])
    expect(here.all('SELECT url, title FROM products ORDER BY url')).toEqual([
      { url: b, title: 'Coat' },
      { url: shared, title: 'Long dress' },
    ])
  })

  it.each(['waits to be sent', 'nobody has looked at yet'])(
    'are none that were deleted here, where the deletion %s',
    async (how) => {
      here = world()
      await here.person.edit(a, { title: 'Dress' })
      await here.attach()
      await here.sync()
      here.host.exec('DELETE FROM products')
      if (how === 'waits to be sent') {
        here.cut(() => 'before')
        await expect(here.sync()).rejects.toThrow('cut before')
        here.cut(() => 'none')
      }
      readAnew()
      await here.sync()
      expect([addresses(), here.listings()]).toEqual([[], []])
    },
  )
})

it('the moment of the last sync is written where something happened, and else once a minute', async () => {
  here = world()
  await here.attach()
  let at = here.deps.now()
  here.deps.now = () => at
  const synced = async (later: number) => {
    at += later
    await here.sync()
    const [found] = here.all('SELECT synced_at FROM tidemark_file')
    return at - Date.parse(String(found?.synced_at))
  }
  expect(await synced(0)).toBe(0)
  expect(await synced(30_000)).toBe(30_000)
  expect(await synced(30_000)).toBe(0)
  here.host.exec(`INSERT INTO products (url, title) VALUES ('${a}', 'Dress')`)
  expect(await synced(1_000)).toBe(0)
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
