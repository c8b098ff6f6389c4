import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { shop, type World, world } from './laptop-world.ts'

describe('a file that is kept in sync', () => {
  let here: World
  beforeEach(() => {
    here = world()
  })
  afterEach(() => here.remove())

  const a = shop('a')
  const b = shop('b')
  const stored = (key: string) => here.stored(key)

  it('brings what the server has, in the types of the file', async () => {
    await here.person.edit(a, { title: 'Dress', price: 4999, assessed_at: '2026-11-21T10:35:00.000Z' })
    await here.attach()
    const report = await here.sync()
    expect(report).toMatchObject({ rows: 1, went: 0 })
    expect(here.row(a)).toMatchObject({ title: 'Dress', price: 49.99, assessed_at: '2026-11-21 10:35:00' })
  })

  it('sends what the file had before it was attached', async () => {
    here.host.exec(`INSERT INTO products (url, title, price) VALUES ('${a}', 'Dress', 49.99)`)
    await here.attach()
    expect(await here.sync()).toMatchObject({ went: 1 })
    expect(stored(a)).toMatchObject({
      title: 'Dress',
      price: 4999,
      lifecycle_stage: 'pending_assessment',
      product_url: a,
    })
  })

  it('takes one request of at most 1 KB where nothing changed', async () => {
    await here.person.edit(a, { title: 'Dress' })
    await here.attach()
    await here.sync()
    const writes = () => here.all('SELECT * FROM tidemark_shadow_1')
    const before = writes()
    here.sent.length = 0
    expect(await here.sync()).toMatchObject({ rows: 0, went: 0, requests: 1 })
    expect(here.sent).toHaveLength(1)
    expect(here.sent[0]?.length).toBeLessThan(1_000)
    expect(writes()).toEqual(before)
  })

  it('takes 100 changed rows in two requests at most', async () => {
    const hundred = Array.from({ length: 100 }, (_, i) => shop(i))
    await here.person.editAll(hundred, { title: 'Dress' })
    await here.attach()
    await here.sync()
    here.host.exec("UPDATE products SET title = 'Coat'")
    await here.person.editAll(hundred, { modesty_status: 'modest' })
    expect((await here.sync()).requests).toBeLessThanOrEqual(2)
    expect(
      here.all("SELECT count(*) n FROM products WHERE modesty_status = 'modest' AND title = 'Coat'"),
    ).toEqual([{ n: 100 }])
  })

  it('never writes over an edit that was not sent yet', async () => {
    await here.person.edit(a, { title: 'Dress', price: 100 })
    await here.attach()
    await here.sync()
    here.host.exec(`UPDATE products SET price = 2 WHERE url = '${a}'`)
    await here.person.edit(a, { price: 300, modesty_status: 'modest' })
    await here.sync()
    expect(here.row(a)).toMatchObject({ price: 2, modesty_status: 'modest' })
    expect(stored(a)).toMatchObject({ price: 200, modesty_status: 'modest' })
  })

  it('takes what a rule chose otherwise', async () => {
    await here.person.edit(a, { title: 'Dress', first_seen_at: '2026-11-20T09:00:00.000Z' })
    await here.attach()
    await here.sync()
    here.host.exec(`UPDATE products SET first_seen = '2026-11-25 09:00:00', price = 5 WHERE url = '${a}'`)
    await here.sync()
    expect(here.row(a)).toMatchObject({ first_seen: '2026-11-20 09:00:00', price: 5 })
    expect((await here.sync()).went).toBe(0)
  })

  it('never makes an assessed listing pending again', async () => {
    await here.person.edit(a, { title: 'Dress' })
    await here.attach()
    await here.person.assess(a)
    await here.sync()
    here.host.exec(
      `UPDATE products SET lifecycle_stage = 'pending_assessment', title = 'Coat' WHERE url = '${a}'`,
    )
    await here.sync()
    expect(here.row(a)).toMatchObject({ lifecycle_stage: 'assessed_approved', title: 'Coat' })
    expect(stored(a)).toMatchObject({ lifecycle_stage: 'assessed_approved', title: 'Coat' })
  })

  it('keeps what the server rejected for a person, and goes on', async () => {
    await here.attach()
    here.host.prepare('INSERT INTO products (url, title) VALUES (?, ?)').run(a, 'x'.repeat(3_000))
    here.host.prepare('INSERT INTO products (url, title) VALUES (?, ?)').run(b, 'x'.repeat(2_000_000))
    here.host.prepare('INSERT INTO products (url, title) VALUES (?, ?)').run(shop('c'), 'Coat')
    expect(await here.sync()).toMatchObject({ rejected: 2 })
    expect(await here.sync()).toMatchObject({ rejected: 2, went: 0 })
    expect(stored(shop('c'))).toMatchObject({ title: 'Coat' })
    here.host.exec(`UPDATE products SET title = 'Dress' WHERE url = '${a}'`)
    expect(await here.sync()).toMatchObject({ rejected: 1 })
    expect(stored(a)).toMatchObject({ title: 'Dress' })
  })

  it('tells of a conflict, and brings a row back that may not be deleted', async () => {
    await here.person.edit(a, { title: 'Dress', modesty_status: 'modest' })
    await here.attach()
    await here.sync()
    here.host.exec(`DELETE FROM products WHERE url = '${a}'`)
    expect((await here.sync()).conflicts).toHaveLength(1)
    expect(here.row(a)).toMatchObject({ title: 'Dress', modesty_status: 'modest' })
    expect((await here.sync()).went).toBe(0)
  })

  it('calls a row as the server does, and keeps its address in the file', async () => {
    await here.attach()
    here.host.exec(`INSERT INTO products (url, title) VALUES ('${a}?utm_source=x', 'Dress')`)
    await here.sync()
    expect(here.listings().map(({ id }) => id)).toEqual([a])
    await here.person.edit(a, { modesty_status: 'modest' })
    await here.sync()
    expect(here.row(`${a}?utm_source=x`)).toMatchObject({ modesty_status: 'modest' })
    here.host.exec("UPDATE products SET title = 'Coat'")
    await here.sync()
    expect(stored(a)).toMatchObject({ title: 'Coat' })
    expect(Object.keys(here.rows())).toHaveLength(1)
  })

  it('offers a restored server again what it forgot', async () => {
    await here.person.edit(a, { title: 'Dress' })
    await here.attach()
    await here.sync()
    const backup = here.backUp()
    here.host.exec(
      `UPDATE products SET title = 'Coat'; INSERT INTO products (url, title) VALUES ('${b}', 'Hat')`,
    )
    await here.sync()
    await here.person.edit(shop('c'), { title: 'Lost' })
    await here.sync()
    await here.putBack(backup)
    await here.sync()
    expect(stored(a)).toMatchObject({ title: 'Coat' })
    expect(stored(b)).toMatchObject({ title: 'Hat' })
    expect(Object.keys(here.rows())).toEqual([a, b])
  })

  it('goes on under a name of its own where the file was restored from a backup', async () => {
    await here.person.edit(a, { title: 'Dress' })
    await here.attach()
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
    expect(stored(a)).toMatchObject({ title: 'Hat' })
  })

  it('repeats a push whose answer was lost with the same bytes', async () => {
    await here.attach()
    await here.sync()
    here.host.exec(`INSERT INTO products (url, title) VALUES ('${a}', 'Dress')`)
    here.cut(() => 'after')
    await expect(here.sync()).rejects.toThrow('cut after')
    const [lost] = here.sent.slice(-1)
    here.host.exec(`INSERT INTO products (url, title) VALUES ('${b}', 'Coat')`)
    here.cut(() => 'none')
    here.sent.length = 0
    await here.sync()
    expect(here.sent[0]).toBe(lost)
    expect(here.listings()).toHaveLength(2)
  })
})
