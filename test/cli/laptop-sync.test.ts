import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { PRODUCTS, shop, type World, world } from './laptop-world.ts'

describe('a file that is kept in sync', () => {
  let here: World
  beforeEach(() => {
    here = world()
  })
  afterEach(() => here.remove())

  const a = shop('a')
  const b = shop('b')
  const server = (key: string) => here.store.live().get(key)

  it('brings what the server has, in the types of the file', async () => {
    here.store.edit(a, { title: 'Dress', price: 4999, assessed_at: '2026-11-21T10:35:00.000Z' })
    here.attach()
    const report = await here.sync()
    expect(report).toMatchObject({ rows: 1, went: 0 })
    expect(here.row(a)).toMatchObject({ title: 'Dress', price: 49.99, assessed_at: '2026-11-21 10:35:00' })
  })

  it('sends what the file had before it was attached', async () => {
    here.host.exec(`INSERT INTO products (url, title, price) VALUES ('${a}', 'Dress', 49.99)`)
    here.attach()
    expect(await here.sync()).toMatchObject({ went: 1 })
    expect(server(a)).toMatchObject({ title: 'Dress', price: 4999, stage: 'pending', product_url: a })
  })

  it('takes one request of at most 1 KB where nothing changed', async () => {
    here.store.edit(a, { title: 'Dress' })
    here.attach()
    await here.sync()
    const writes = () => here.all('SELECT * FROM tidemark_shadow_1')
    const before = writes()
    here.sent.length = 0
    expect(await here.sync()).toMatchObject({ rows: 0, went: 0, requests: 1 })
    expect(here.sent).toHaveLength(1)
    expect(here.sent[0]?.length).toBeLessThan(1_000)
    expect(writes()).toEqual(before)
  })

  it('sends only the column that a program changed, with what the server said of it', async () => {
    here.store.edit(a, { title: 'Dress', price: 4999 })
    here.attach()
    await here.sync()
    here.host.exec(`UPDATE products SET price = 39.5 WHERE url = '${a}'`)
    await here.sync()
    expect(here.store.applied).toMatchObject([{ key: a, values: { price: 3950 } }])
    expect(JSON.parse(here.sent.at(-1) ?? '').mutations[0]).toMatchObject({ base: { price: 4999 } })
  })

  it('takes 100 changed rows in two requests at most', async () => {
    for (let i = 0; i < 100; i++) here.store.edit(shop(i), { title: 'Dress' })
    here.attach()
    await here.sync()
    here.host.exec("UPDATE products SET title = 'Coat'")
    for (let i = 0; i < 100; i++) here.store.edit(shop(i), { stage: 'approved' })
    expect((await here.sync()).requests).toBeLessThanOrEqual(2)
    expect(here.all("SELECT count(*) n FROM products WHERE stage = 'approved' AND title = 'Coat'")).toEqual([
      { n: 100 },
    ])
  })

  it('does not take a column for an edit that INSERT OR REPLACE left out, and puts it back', async () => {
    here.store.edit(a, { title: 'Dress', stage: 'approved', assessed_at: '2026-11-21T10:35:00.000Z' })
    here.attach()
    await here.sync()
    here.host.exec(`INSERT OR REPLACE INTO products (url, title) VALUES ('${a}', 'Long dress')`)
    expect(here.row(a)).toMatchObject({ stage: 'pending', assessed_at: null })
    await here.sync()
    expect(here.store.applied.map(({ values }) => values)).toEqual([{ title: 'Long dress' }])
    expect(here.row(a)).toMatchObject({
      title: 'Long dress',
      stage: 'approved',
      assessed_at: '2026-11-21 10:35:00',
    })
  })

  it('takes an UPDATE to NULL for an edit, also after an INSERT OR REPLACE', async () => {
    here.store.edit(a, { title: 'Dress', stage: 'approved', price: 100 })
    here.attach()
    await here.sync()
    here.host.exec(`UPDATE products SET price = NULL WHERE url = '${a}'`)
    here.host.exec(`INSERT OR REPLACE INTO products (url, title) VALUES ('${a}', 'Coat')`)
    await here.sync()
    expect(here.store.applied.map(({ values }) => values)).toEqual([{ title: 'Coat', price: null }])
    expect(server(a)).toMatchObject({ stage: 'approved', price: null })
  })

  it.each(['OR ABORT', 'OR FAIL', 'OR ROLLBACK', 'OR IGNORE', 'OR REPLACE', ''])(
    'never disturbs the program that says INSERT %s or UPDATE %s twice',
    async (how) => {
      here.attach()
      for (const title of ['Dress', 'Coat']) {
        here.host.exec(`INSERT ${how} INTO products (url, title) VALUES ('${shop(title)}', '${title}')`)
        here.host.exec(`UPDATE ${how} products SET title = title || '!' WHERE url = '${shop(title)}'`)
        here.host.exec(`UPDATE ${how} products SET price = 5 WHERE url = '${shop(title)}'`)
        here.host.exec(`DELETE FROM products WHERE url = '${shop(title)}'`)
        here.host.exec(`INSERT ${how} INTO products (url, title) VALUES ('${shop(title)}', '${title}')`)
      }
      await here.sync()
      expect(server(shop('Coat'))).toMatchObject({ title: 'Coat' })
    },
  )

  it('sends deletions and brings them', async () => {
    here.store.edit(a, { title: 'Dress' })
    here.store.edit(b, { title: 'Coat' })
    here.attach()
    await here.sync()
    here.host.exec(`DELETE FROM products WHERE url = '${a}'`)
    here.store.edit(b, null)
    await here.sync()
    expect(server(a)).toBeUndefined()
    expect(here.rows()).toEqual({})
  })

  it('takes a renamed key for a deletion and a new row', async () => {
    here.store.edit(a, { title: 'Dress' })
    here.attach()
    await here.sync()
    here.host.exec(`UPDATE products SET url = '${b}' WHERE url = '${a}'`)
    await here.sync()
    expect(server(a)).toBeUndefined()
    expect(server(b)).toMatchObject({ title: 'Dress' })
  })

  it('notices a row that INSERT OR REPLACE pushed out by another unique column', async () => {
    here.store.edit(a, { title: 'Dress' })
    here.attach()
    await here.sync()
    const { id } = here.row(a)
    here.host.exec(`INSERT OR REPLACE INTO products (id, url, title) VALUES (${id}, '${b}', 'Coat')`)
    await here.sync()
    expect(server(a)).toBeUndefined()
    expect(server(b)).toMatchObject({ title: 'Coat' })
  })

  it('never writes over an edit that was not sent yet', async () => {
    here.store.edit(a, { title: 'Dress', price: 100 })
    here.attach()
    await here.sync()
    here.host.exec(`UPDATE products SET price = 2 WHERE url = '${a}'`)
    here.store.edit(a, { price: 300, stage: 'approved' })
    await here.sync()
    expect(here.row(a)).toMatchObject({ price: 2, stage: 'approved' })
    expect(server(a)).toMatchObject({ price: 200, stage: 'approved' })
  })

  it('takes what a rule chose otherwise', async () => {
    here.store.edit(a, { title: 'Dress' })
    here.attach()
    await here.sync()
    here.host.exec(`UPDATE products SET title = 'Coat' WHERE url = '${a}'`)
    here.store.edit(a, { title: 'Gown' })
    await here.sync()
    expect(here.row(a)).toMatchObject({ title: 'Gown' })
    expect((await here.sync()).went).toBe(0)
  })

  it('gives columns that are the server’s back', async () => {
    here.store.edit(a, { title: 'Dress', score: 5 })
    here.attach()
    await here.sync()
    here.host.exec(`UPDATE products SET score = 99 WHERE url = '${a}'`)
    expect((await here.sync()).went).toBe(0)
    expect(here.row(a)).toMatchObject({ score: 5 })
  })

  it('keeps columns of the file’s own to itself', async () => {
    here.attach()
    here.host.exec(`INSERT INTO products (url, title, notes) VALUES ('${a}', 'Dress', 'mine')`)
    await here.sync()
    here.host.exec("UPDATE products SET notes = 'still mine'")
    expect((await here.sync()).went).toBe(0)
    expect(server(a)).not.toHaveProperty('notes')
  })

  it('shows a value that cannot travel, sends the rest, and leaves it in the file', async () => {
    here.store.edit(a, { title: 'Dress', price: 100 })
    here.attach()
    await here.sync()
    here.host.exec(`UPDATE products SET price = 'about ten', title = 'Coat' WHERE url = '${a}'`)
    expect(await here.sync()).toMatchObject({ went: 1, rejected: 1 })
    expect(await here.sync()).toMatchObject({ went: 0, rejected: 1 })
    expect(here.row(a)).toMatchObject({ price: 'about ten' })
    expect(server(a)).toMatchObject({ title: 'Coat', price: 100 })
    here.host.exec(`UPDATE products SET price = 10 WHERE url = '${a}'`)
    expect(await here.sync()).toMatchObject({ went: 1, rejected: 0 })
  })

  it('keeps what the server rejected for a person, and goes on', async () => {
    here.attach()
    here.host.prepare('INSERT INTO products (url, title) VALUES (?, ?)').run(a, 'x'.repeat(3_000))
    here.host.prepare('INSERT INTO products (url, title) VALUES (?, ?)').run(b, 'x'.repeat(2_000_000))
    here.host.prepare('INSERT INTO products (url, title) VALUES (?, ?)').run(shop('c'), 'Coat')
    expect(await here.sync()).toMatchObject({ rejected: 2 })
    expect(await here.sync()).toMatchObject({ rejected: 2, went: 0 })
    expect(server(shop('c'))).toMatchObject({ title: 'Coat' })
    here.host.exec(`UPDATE products SET title = 'Dress' WHERE url = '${a}'`)
    expect(await here.sync()).toMatchObject({ rejected: 1 })
    expect(server(a)).toMatchObject({ title: 'Dress' })
  })

  it('tells of a conflict, and brings a row back that may not be deleted', async () => {
    here.store.edit(a, { title: 'Dress', stage: 'approved' })
    here.attach()
    await here.sync()
    here.store.disputes = () => true
    here.host.exec(`DELETE FROM products WHERE url = '${a}'`)
    expect((await here.sync()).conflicts).toHaveLength(1)
    expect(here.row(a)).toMatchObject({ title: 'Dress', stage: 'approved' })
    expect((await here.sync()).went).toBe(0)
  })

  it('attaches again when a program rebuilt the table, and sends what it changed meanwhile', async () => {
    here.store.edit(a, { title: 'Dress', stage: 'approved' })
    here.store.edit(b, { title: 'Coat' })
    here.attach()
    await here.sync()
    here.host.exec(`ALTER TABLE products RENAME TO old; ${PRODUCTS};
      INSERT INTO products (url, title, notes) SELECT url, upper(title), 'new' FROM old; DROP TABLE old`)
    const report = await here.sync()
    expect(report.notes).toHaveLength(1)
    expect(server(a)).toMatchObject({ title: 'DRESS', stage: 'approved' })
    expect(here.row(a)).toMatchObject({ stage: 'approved', notes: 'new' })
    here.host.exec("UPDATE products SET title = 'Skirt'")
    expect(await here.sync()).toMatchObject({ went: 2, notes: [] })
  })

  it('puts rows back that a rebuilt table lost', async () => {
    for (let i = 0; i < 60; i++) here.store.edit(shop(i), { title: 'Dress' })
    here.attach()
    await here.sync()
    here.host.exec(`DROP TABLE products; ${PRODUCTS}`)
    expect(await here.sync()).toMatchObject({ restored: 60, went: 0 })
    expect(here.all('SELECT count(*) n FROM products')).toEqual([{ n: 60 }])
  })

  it('does nothing to the file where the table is gone', async () => {
    here.store.edit(a, { title: 'Dress' })
    here.attach()
    await here.sync()
    here.host.exec('DROP TABLE products')
    expect((await here.sync()).notes).toEqual(['There is no table products: nothing of it was synced'])
    here.host.exec(PRODUCTS)
    await here.sync()
    expect(here.store.live().size).toBe(1)
  })

  it('calls a row as the server does, and keeps its address in the file', async () => {
    here.attach()
    here.host.exec(`INSERT INTO products (url, title) VALUES ('${a}?utm_source=x', 'Dress')`)
    await here.sync()
    expect([...here.store.live().keys()]).toEqual([a])
    here.store.edit(a, { stage: 'approved' })
    await here.sync()
    expect(here.row(`${a}?utm_source=x`)).toMatchObject({ stage: 'approved' })
    here.host.exec("UPDATE products SET title = 'Coat'")
    await here.sync()
    expect(server(a)).toMatchObject({ title: 'Coat' })
    expect(Object.keys(here.rows())).toHaveLength(1)
  })

  it('offers a restored server again what it forgot', async () => {
    here.store.edit(a, { title: 'Dress' })
    here.attach()
    await here.sync()
    const backup = here.store.copy()
    here.host.exec(
      `UPDATE products SET title = 'Coat'; INSERT INTO products (url, title) VALUES ('${b}', 'Hat')`,
    )
    await here.sync()
    here.store.edit(shop('c'), { title: 'Lost' })
    await here.sync()
    here.store.restore(backup)
    await here.sync()
    expect(server(a)).toMatchObject({ title: 'Coat' })
    expect(server(b)).toMatchObject({ title: 'Hat' })
    expect(Object.keys(here.rows())).toEqual([a, b])
  })

  it('goes on under a name of its own where the file was restored from a backup', async () => {
    here.store.edit(a, { title: 'Dress' })
    here.attach()
    await here.sync()
    const tables = ['products', 'tidemark_lanes', 'tidemark_outbox', 'tidemark_shadow_1', 'tidemark_dirty_1']
    const backup = tables.map((name) => [name, here.all(`SELECT * FROM ${name}`)] as const)
    here.host.exec(`UPDATE products SET title = 'Coat'`)
    await here.sync()
    for (const [name, rows] of backup) {
      here.host.exec(`DELETE FROM ${name}`)
      for (const row of rows)
        here.host
          .prepare(`INSERT INTO ${name} (${Object.keys(row)}) VALUES (${Object.keys(row).map(() => '?')})`)
          .run(...(Object.values(row) as string[]))
    }
    here.host.exec('DELETE FROM tidemark_dirty_1')
    await here.sync()
    expect(here.row(a)).toMatchObject({ title: 'Coat' })
    here.host.exec(`UPDATE products SET title = 'Hat'`)
    await here.sync()
    expect(server(a)).toMatchObject({ title: 'Hat' })
  })

  it('repeats a push whose answer was lost with the same bytes', async () => {
    here.attach()
    await here.sync()
    here.host.exec(`INSERT INTO products (url, title) VALUES ('${a}', 'Dress')`)
    here.faults(() => 'after')
    await expect(here.sync()).rejects.toThrow('cut after')
    const [lost] = here.sent.slice(-1)
    here.host.exec(`INSERT INTO products (url, title) VALUES ('${b}', 'Coat')`)
    here.faults(() => 'none')
    here.sent.length = 0
    await here.sync()
    expect(here.sent[0]).toBe(lost)
    expect(here.store.applied).toHaveLength(2)
  })
})
