import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { DeviceMutation } from '../../sync/protocol/device.ts'
import { PRODUCTS, shop, type World, world } from './laptop-world.ts'

describe('what programs do to an attached table', () => {
  let here: World
  beforeEach(() => {
    here = world()
  })
  afterEach(() => here.remove())

  const a = shop('a')
  const b = shop('b')
  const stored = (key: string) => here.stored(key)
  /** What pushes said, mutation by mutation */
  const said = () =>
    here.sent
      .filter((body) => body.startsWith('{'))
      .flatMap((body) => (JSON.parse(body) as { mutations: DeviceMutation[] }).mutations)

  it('sends only the column that a program changed, with what the server said of it', async () => {
    await here.person.edit(a, { title: 'Dress', price: 4999 })
    await here.attach()
    await here.sync()
    here.host.exec(`UPDATE products SET price = 39.5 WHERE url = '${a}'`)
    await here.sync()
    expect(said()).toMatchObject([{ op: 'update', key: a, values: { price: 3950 }, base: { price: 4999 } }])
    expect(stored(a)).toMatchObject({ title: 'Dress', price: 3950 })
  })

  it('does not take a column for an edit that INSERT OR REPLACE left out, and puts it back', async () => {
    await here.person.edit(a, { title: 'Dress' })
    await here.person.assess(a)
    await here.attach()
    await here.sync()
    here.host.exec(`INSERT OR REPLACE INTO products (url, title) VALUES ('${a}', 'Long dress')`)
    expect(here.row(a)).toMatchObject({ lifecycle_stage: 'pending_assessment', assessed_at: null })
    await here.sync()
    expect(said().map(({ values }) => values)).toEqual([{ title: 'Long dress' }])
    expect(here.row(a)).toMatchObject({
      title: 'Long dress',
      lifecycle_stage: 'assessed_approved',
      assessed_at: '2026-11-21 10:35:00',
    })
  })

  it('takes an UPDATE to NULL for an edit, also after an INSERT OR REPLACE', async () => {
    await here.person.edit(a, { title: 'Dress', modesty_status: 'modest', price: 100 })
    await here.attach()
    await here.sync()
    here.host.exec(`UPDATE products SET price = NULL WHERE url = '${a}'`)
    here.host.exec(`INSERT OR REPLACE INTO products (url, title) VALUES ('${a}', 'Coat')`)
    await here.sync()
    expect(said().map(({ values }) => values)).toEqual([{ title: 'Coat', price: null }])
    expect(stored(a)).toMatchObject({ modesty_status: 'modest', price: null })
  })

  it.each(['OR ABORT', 'OR FAIL', 'OR ROLLBACK', 'OR IGNORE', 'OR REPLACE', ''])(
    'never disturbs the program that says INSERT %s or UPDATE %s twice',
    async (how) => {
      await here.attach()
      for (const title of ['Dress', 'Coat']) {
        here.host.exec(`INSERT ${how} INTO products (url, title) VALUES ('${shop(title)}', '${title}')`)
        here.host.exec(`UPDATE ${how} products SET title = title || '!' WHERE url = '${shop(title)}'`)
        here.host.exec(`UPDATE ${how} products SET price = 5 WHERE url = '${shop(title)}'`)
        here.host.exec(`DELETE FROM products WHERE url = '${shop(title)}'`)
        here.host.exec(`INSERT ${how} INTO products (url, title) VALUES ('${shop(title)}', '${title}')`)
      }
      await here.sync()
      expect(stored(shop('Coat'))).toMatchObject({ title: 'Coat' })
    },
  )

  it('sends deletions and brings them', async () => {
    await here.person.edit(a, { title: 'Dress' })
    await here.person.edit(b, { title: 'Coat' })
    await here.attach()
    await here.sync()
    here.host.exec(`DELETE FROM products WHERE url = '${a}'`)
    await here.person.edit(b, null)
    await here.sync()
    expect(stored(a)).toBeUndefined()
    expect(here.rows()).toEqual({})
  })

  it('takes a renamed key for a deletion and a new row', async () => {
    await here.person.edit(a, { title: 'Dress' })
    await here.attach()
    await here.sync()
    here.host.exec(`UPDATE products SET url = '${b}' WHERE url = '${a}'`)
    await here.sync()
    expect(stored(a)).toBeUndefined()
    expect(stored(b)).toMatchObject({ title: 'Dress' })
  })

  it('notices a row that INSERT OR REPLACE pushed out by another unique column', async () => {
    await here.person.edit(a, { title: 'Dress' })
    await here.attach()
    await here.sync()
    const { id } = here.row(a)
    here.host.exec(`INSERT OR REPLACE INTO products (id, url, title) VALUES (${id}, '${b}', 'Coat')`)
    await here.sync()
    expect(stored(a)).toBeUndefined()
    expect(stored(b)).toMatchObject({ title: 'Coat' })
  })

  it('keeps columns of the file’s own to itself', async () => {
    await here.attach()
    here.host.exec(`INSERT INTO products (url, title, notes) VALUES ('${a}', 'Dress', 'mine')`)
    await here.sync()
    here.host.exec("UPDATE products SET notes = 'still mine'")
    expect((await here.sync()).went).toBe(0)
    expect(stored(a)).not.toHaveProperty('notes')
  })

  it('shows a value that cannot travel, sends the rest, and leaves it in the file', async () => {
    await here.person.edit(a, { title: 'Dress', price: 100 })
    await here.attach()
    await here.sync()
    here.host.exec(`UPDATE products SET price = 'about ten', title = 'Coat' WHERE url = '${a}'`)
    expect(await here.sync()).toMatchObject({ went: 1, rejected: 1 })
    expect(await here.sync()).toMatchObject({ went: 0, rejected: 1 })
    expect(here.row(a)).toMatchObject({ price: 'about ten' })
    expect(stored(a)).toMatchObject({ title: 'Coat', price: 100 })
    here.host.exec(`UPDATE products SET price = 10 WHERE url = '${a}'`)
    expect(await here.sync()).toMatchObject({ went: 1, rejected: 0 })
  })

  it('attaches again when a program rebuilt the table, and sends what it changed meanwhile', async () => {
    await here.person.edit(a, { title: 'Dress', modesty_status: 'modest' })
    await here.person.edit(b, { title: 'Coat' })
    await here.attach()
    await here.sync()
    here.host.exec(`ALTER TABLE products RENAME TO old; ${PRODUCTS};
      INSERT INTO products (url, title, notes) SELECT url, upper(title), 'new' FROM old; DROP TABLE old`)
    const report = await here.sync()
    expect(report.notes).toHaveLength(1)
    expect(stored(a)).toMatchObject({ title: 'DRESS', modesty_status: 'modest' })
    expect(here.row(a)).toMatchObject({ modesty_status: 'modest', notes: 'new' })
    here.host.exec("UPDATE products SET title = 'Skirt'")
    expect(await here.sync()).toMatchObject({ went: 2, notes: [] })
  })

  it('puts rows back that a rebuilt table lost', async () => {
    await here.person.editAll(
      Array.from({ length: 60 }, (_, i) => shop(i)),
      { title: 'Dress' },
    )
    await here.attach()
    await here.sync()
    here.host.exec(`DROP TABLE products; ${PRODUCTS}`)
    expect(await here.sync()).toMatchObject({ restored: 60, went: 0 })
    expect(here.all('SELECT count(*) n FROM products')).toEqual([{ n: 60 }])
  })

  it('does nothing to the file where the table is gone', async () => {
    await here.person.edit(a, { title: 'Dress' })
    await here.attach()
    await here.sync()
    here.host.exec('DROP TABLE products')
    expect((await here.sync()).notes).toEqual(['There is no table products: nothing of it was synced'])
    here.host.exec(PRODUCTS)
    await here.sync()
    expect(here.listings()).toHaveLength(1)
  })
})
