import { copyFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, describe, expect, it } from 'vitest'
import { detach } from '../../cli/laptop/attach.ts'
import { transaction } from '../../cli/laptop/file.ts'
import { PRODUCTS, shop, type World, world } from './laptop-world.ts'

// Tables as programs make them, and what programs do to tables and files.

const a = shop('a')
const b = shop('b')
let here: World
afterEach(() => here.remove())

const schema = () => here.all('SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY rowid')

const COLUMNS = 'title TEXT, price REAL, assessed_at TEXT, notes TEXT'

describe.each([
  ['with a number of its own', PRODUCTS],
  ['without a rowid', `CREATE TABLE products (url TEXT PRIMARY KEY, ${COLUMNS}) WITHOUT ROWID`],
  [
    'without a primary key',
    `CREATE TABLE products (url TEXT, ${COLUMNS}); CREATE UNIQUE INDEX u ON products (url)`,
  ],
  ['with strict types', `CREATE TABLE products (url TEXT PRIMARY KEY, ${COLUMNS}) STRICT`],
  [
    'with odd names, an index, a view and a trigger of its own',
    `CREATE TABLE products (url TEXT PRIMARY KEY, "odd ""name""" TEXT, ${COLUMNS}, stamp AS (title || url));
     CREATE INDEX by_title ON products (title); CREATE VIEW dear AS SELECT * FROM products WHERE price > 100;
     CREATE TABLE seen (url TEXT); CREATE TRIGGER own AFTER INSERT ON products BEGIN INSERT INTO seen VALUES (NEW.url); END`,
  ],
  [
    'that replaces on conflict',
    `CREATE TABLE products (url TEXT PRIMARY KEY ON CONFLICT REPLACE, ${COLUMNS})`,
  ],
])('a table %s', (_what, sql) => {
  it('is recorded, kept in sync, and left as it was', async () => {
    here = world({ sql })
    here.host.exec(`INSERT INTO products (url, title, price) VALUES ('${a}', 'Dress', 10)`)
    const before = schema()
    await here.attach()
    await here.sync()
    here.host.exec(`INSERT INTO products (url, title, notes) VALUES ('${b}', 'Coat', 'mine');
      UPDATE products SET price = 20 WHERE url = '${a}';
      INSERT INTO products (url, title) VALUES ('${b}', 'Long coat') ON CONFLICT (url) DO UPDATE SET title = excluded.title`)
    expect((await here.sync()).went).toBe(2)
    expect(here.stored(a)).toMatchObject({ title: 'Dress', price: 2_000 })
    expect(here.stored(b)).toMatchObject({ title: 'Long coat' })
    await here.person.assess(a)
    here.host.exec(`DELETE FROM products WHERE url = '${b}'`)
    await here.sync()
    expect(here.row(a)).toMatchObject({ assessed_at: '2026-11-21 10:35:00', price: 20 })
    expect(here.stored(b)).toBeUndefined()
    expect(await here.sync()).toMatchObject({ rows: 0, went: 0, requests: 1 })
    const db = here.open()
    await transaction(db, here.deps, () => detach(db))
    db.close()
    expect(schema()).toEqual(before)
    expect(here.all('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }])
  })
})

it('a table in which no column names the rows is refused, with what to do', async () => {
  here = world({ sql: `CREATE TABLE products (url TEXT, ${COLUMNS})` })
  await expect(here.attach()).rejects.toMatchObject({
    problem: { mend: expect.stringContaining('CREATE UNIQUE INDEX') },
  })
  expect(schema()).toHaveLength(1)
})

it('a key that is called otherwise may be named', async () => {
  here = world({ sql: `CREATE TABLE products (page TEXT PRIMARY KEY, url TEXT, ${COLUMNS})`, key: 'page' })
  here.host.exec(`INSERT INTO products (page, url, title) VALUES ('${a}', '${a}', 'Dress')`)
  await here.attach()
  await here.sync()
  expect(here.stored(a)).toMatchObject({ title: 'Dress', product_url: a })
})

describe('what programs do to a table', () => {
  const attached = async (sql = PRODUCTS) => {
    here = world({ sql })
    await here.person.edit(a, { title: 'Dress' })
    await here.attach()
    await here.sync()
  }
  const isInStep = async (title: string) => {
    expect(await here.sync()).toMatchObject({ notes: [], restored: 0 })
    expect(here.stored(a)).toMatchObject({ title })
  }

  it.each(['VACUUM', 'REINDEX', 'ANALYZE', 'PRAGMA journal_mode = WAL'])(
    '%s changes nothing',
    async (sql) => {
      await attached()
      here.host.exec(sql)
      expect(await here.sync()).toMatchObject({ rows: 0, went: 0, requests: 1, notes: [] })
      here.host.exec("UPDATE products SET title = 'Coat'")
      await isInStep('Coat')
    },
  )

  it.each(['ON', 'OFF'])('INSERT OR REPLACE is one edit with recursive_triggers %s', async (how) => {
    await attached()
    here.host.exec(`PRAGMA recursive_triggers = ${how};
      INSERT OR REPLACE INTO products (url, title) VALUES ('${a}', 'Coat')`)
    await isInStep('Coat')
    expect(here.stored(a)).toMatchObject({ lifecycle_stage: 'pending_assessment' })
  })

  it('columns and the key itself may be renamed', async () => {
    await attached()
    here.host.exec(`ALTER TABLE products RENAME COLUMN title TO "the title";
      ALTER TABLE products RENAME COLUMN url TO page; UPDATE products SET "the title" = 'Coat'`)
    await isInStep('Coat')
    await here.person.edit(b, { title: 'Hat' })
    await here.sync()
    expect(here.all(`SELECT page, "the title" FROM products ORDER BY page`)).toEqual([
      { page: a, 'the title': 'Coat' },
      { page: b, 'the title': 'Hat' },
    ])
  })

  it('the table may be renamed', async () => {
    await attached()
    here.host.exec(`ALTER TABLE products RENAME TO wares; UPDATE wares SET title = 'Coat'`)
    expect((await here.sync()).notes).toEqual(['the table is called wares now'])
    expect(here.stored(a)).toMatchObject({ title: 'Coat' })
  })

  it('columns may be added', async () => {
    await attached()
    here.host.exec(
      `ALTER TABLE products ADD COLUMN size TEXT; UPDATE products SET size = 'M', title = 'Coat'`,
    )
    await isInStep('Coat')
  })

  it('a transaction that is rolled back leaves nothing to send', async () => {
    await attached()
    here.host.exec("BEGIN; UPDATE products SET title = 'Coat'; ROLLBACK")
    expect(await here.sync()).toMatchObject({ went: 0 })
  })

  it('a file that another program holds is waited for', async () => {
    await attached()
    here.host.exec("BEGIN IMMEDIATE; UPDATE products SET title = 'Coat'")
    let waited = 0
    here.deps.wait = async () => {
      if (++waited === 3) here.host.exec('COMMIT')
    }
    await here.sync()
    expect([waited, here.stored(a)?.title]).toEqual([3, 'Coat'])
  })
})

describe('what people do to a file', () => {
  it('moved elsewhere, it goes on where it was', async () => {
    here = world()
    await here.person.edit(a, { title: 'Dress' })
    await here.attach()
    await here.sync()
    here.host.exec("UPDATE products SET title = 'Coat'")
    const elsewhere = join(here.folder, 'elsewhere.db')
    renameSync(here.path, elsewhere)
    expect(await here.sync(elsewhere)).toMatchObject({ went: 1, notes: [] })
    renameSync(elsewhere, here.path)
    expect(here.stored(a)).toMatchObject({ title: 'Coat' })
  })

  it('copied, both go on, each under a name of its own, and both end the same', async () => {
    here = world()
    await here.person.edit(a, { title: 'Dress' })
    await here.attach()
    await here.sync()
    const copy = join(here.folder, 'copy.db')
    copyFileSync(here.path, copy)
    here.host.exec(`INSERT INTO products (url, title) VALUES ('${b}', 'Hat')`)
    await here.sync()
    const other = new DatabaseSync(copy)
    other.exec(
      `UPDATE products SET title = 'Coat'; INSERT INTO products (url, title) VALUES ('${shop('c')}', 'Cap')`,
    )
    await here.sync(copy)
    await here.sync()
    const titles = (db: DatabaseSync) =>
      db
        .prepare('SELECT title FROM products ORDER BY url')
        .all()
        .map(({ title }) => title)
    expect([titles(here.host), titles(other)]).toEqual([
      ['Coat', 'Hat', 'Cap'],
      ['Coat', 'Hat', 'Cap'],
    ])
    const incarnations = [here.host, other].map((db) =>
      db.prepare('SELECT incarnation FROM tidemark_lanes').get(),
    )
    expect(incarnations[0]).not.toEqual(incarnations[1])
    other.close()
    rmSync(copy)
  })
})
