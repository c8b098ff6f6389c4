import { afterEach, describe, expect, it } from 'vitest'
import { rejectedOf } from '../../cli/laptop/rejected.ts'
import { shop, type World, world } from './laptop-world.ts'

// Keys that SQLite takes for equal and the server does not, and keys that name nothing.

const COLUMNS = 'title TEXT, price REAL, assessed_at TEXT, notes TEXT'
let here: World
afterEach(() => here.remove())

describe('keys that differ by case only, in a column that does not tell them apart', () => {
  const sql = `CREATE TABLE products (url TEXT PRIMARY KEY COLLATE NOCASE, ${COLUMNS})`
  const upper = shop('Dress')
  const lower = shop('dress')

  it('are two listings: the file keeps one, says so, and the server loses none', async () => {
    here = world({ sql })
    await here.person.edit(upper, { title: 'Upper' })
    await here.person.edit(lower, { title: 'Lower' })
    await here.attach()
    const { unplaced } = await here.sync()
    expect(unplaced).toEqual([{ row: lower, reason: expect.stringContaining('UNIQUE') }])
    expect(await here.sync()).toMatchObject({ went: 0, requests: 1, unplaced: [] })
    here.host.exec("UPDATE products SET title = 'Coat'")
    await here.sync()
    expect([here.stored(upper)?.title, here.stored(lower)?.title]).toEqual(['Coat', 'Lower'])
  })

  it('are an old and a new one where a program writes the key anew', async () => {
    here = world({ sql })
    await here.person.edit(upper, { title: 'Dress' })
    await here.attach()
    await here.sync()
    here.host.prepare('UPDATE products SET url = ?').run(lower)
    await here.sync()
    expect(here.listings().map(({ id }) => id)).toEqual([lower])
    expect(await here.sync()).toMatchObject({ went: 0, requests: 1 })
  })
})

it.each(['TEXT', ''])(
  'a row whose key is bytes waits for a person, and costs nothing more (column of type "%s")',
  async (type) => {
    here = world({ sql: `CREATE TABLE products (url ${type} PRIMARY KEY, ${COLUMNS})` })
    here.host.prepare('INSERT INTO products (url, title) VALUES (?, ?)').run(Buffer.from(shop('a')), 'Dress')
    await here.attach()
    expect(await here.sync()).toMatchObject({ rejected: 1, went: 0 })
    here.host.prepare('INSERT INTO products (url, title) VALUES (?, ?)').run(Buffer.from(shop('b')), 'Coat')
    expect(await here.sync()).toMatchObject({ rejected: 2, went: 0 })
    expect(await here.sync()).toMatchObject({ rejected: 2, requests: 1 })
    here.host.exec("UPDATE products SET notes = 'mine', title = title || ''")
    expect(await here.sync()).toMatchObject({ rejected: 2, requests: 1 })
    expect(rejectedOf(here.host).map(({ row, reason }) => [row, reason])).toEqual([
      [shop('a'), expect.stringContaining('url: it is kept as bytes')],
      [shop('b'), expect.stringContaining('url: it is kept as bytes')],
    ])
    here.host.exec('UPDATE products SET url = CAST(url AS TEXT)')
    expect(await here.sync()).toMatchObject({ rejected: 0, went: 2, requests: 1 })
    expect(here.listings().map(({ title }) => title)).toEqual(['Dress', 'Coat'])
  },
)

it('a row without a key stays in the file until it gets one', async () => {
  here = world({ sql: `CREATE TABLE products (url TEXT UNIQUE, ${COLUMNS})` })
  await here.attach()
  await here.sync()
  here.host.exec("INSERT INTO products (title) VALUES ('Dress'), ('Coat')")
  expect(await here.sync()).toMatchObject({ requests: 1, went: 0 })
  here.host.exec(`UPDATE products SET url = '${shop('a')}' WHERE title = 'Dress'`)
  expect(await here.sync()).toMatchObject({ went: 1 })
})
