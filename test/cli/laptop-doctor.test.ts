import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { examine, repair } from '../../cli/laptop/doctor.ts'
import { transaction } from '../../cli/laptop/file.ts'
import { integrityOf } from '../../cli/laptop/integrity.ts'
import { linesOf } from '../../cli/laptop/log.ts'
import { shop, type World, world } from './laptop-world.ts'

describe('the doctor', () => {
  let here: World
  const a = shop('a')
  const many = Array.from({ length: 1_200 }, (_, i) => shop(`m${i}`))
  beforeEach(async () => {
    here = world()
    await here.person.editAll(many, {
      title: 'Dress',
      price: 4_999,
      first_seen_at: '2026-11-20T10:00:00.000Z',
    })
    await here.person.edit(a, { title: 'Ünïcode “dress”', price: 0, assessed_at: null })
    await here.attach()
    await here.sync()
  })
  afterEach(() => here.remove())

  const examined = async () => {
    const db = here.open()
    try {
      return await examine(db, here.deps)
    } finally {
      db.close()
    }
  }
  const repaired = async () => {
    const db = here.open()
    try {
      const { differences } = await examine(db, here.deps)
      await repair(db, here.deps, differences)
      return {
        left: (await examine(db, here.deps)).differences,
        lines: linesOf(db, 100).map(({ line }) => line),
      }
    } finally {
      db.close()
    }
  }
  /** As a damaged file would be: row and memory of it alike, and nothing marked. */
  const unnoticed = (sql: string) => {
    here.host.exec(`BEGIN; ${sql}; DELETE FROM tidemark_dirty_1; COMMIT`)
  }

  it('finds nothing where nothing is wrong, and reads no rows for it', async () => {
    here.sent.length = 0
    expect(await examined()).toEqual({ rows: 1_201, differences: [] })
    expect(here.sent.filter((what) => what === '/api/rows')).toEqual([])
  })

  it('names the row and the columns that differ, and brings the server’s; what stood here is in the log', async () => {
    unnoticed(`UPDATE products SET title = 'Rotten', price = 1 WHERE url = '${a}';
      UPDATE tidemark_shadow_1 SET vals = json_set(vals, '$.title', 'Rotten', '$.price', 100) WHERE row = '${a}'`)
    expect((await examined()).differences).toEqual([
      {
        table: 'products',
        row: a,
        plan: 'take',
        columns: [
          { name: 'title', here: 'Rotten', server: 'Ünïcode “dress”' },
          { name: 'price', here: 100, server: 0 },
        ],
      },
    ])
    const { left, lines } = await repaired()
    expect(left).toEqual([])
    expect(here.row(a)).toMatchObject({ title: 'Ünïcode “dress”', price: 0 })
    expect(lines).toContainEqual(expect.stringMatching(/^doctor: .*"Rotten".*100/))
  })

  it('brings rows that are missing, and removes those that the server has no more', async () => {
    unnoticed(`DELETE FROM products WHERE url = '${many[0]}'; DELETE FROM tidemark_shadow_1 WHERE row = '${many[0]}';
      INSERT INTO products (url, title) VALUES ('${shop('ghost')}', 'Ghost');
      INSERT INTO tidemark_shadow_1 (row, vals, seen, absent, round) SELECT '${shop('ghost')}', '{"title":"Ghost","lifecycle_stage":"pending_assessment"}', NULL, 0, round
        FROM tidemark_shadow_1 LIMIT 1`)
    const { differences } = await examined()
    expect(differences.map(({ row, plan }) => [row, plan]).sort()).toEqual([
      [shop('ghost'), 'remove'],
      [many[0], 'take'],
    ])
    const { left, lines } = await repaired()
    expect(left).toEqual([])
    expect(here.row(many[0] ?? '')).toMatchObject({ title: 'Dress', price: 49.99 })
    expect(here.row(shop('ghost'))).toEqual({})
    expect(lines).toContainEqual(expect.stringContaining('Ghost'))
  })

  it('sends an edit and a new row that nobody noticed', async () => {
    unnoticed(`UPDATE products SET title = 'Coat' WHERE url = '${a}'`)
    const { differences } = await examined()
    expect(differences).toMatchObject([{ row: a, plan: 'send' }])
    expect((await repaired()).left).toEqual([])
    expect(here.stored(a)).toMatchObject({ title: 'Coat' })
  })

  it('takes what was not taken, and what waits, for no difference', async () => {
    here.host.exec(`UPDATE products SET price = 'about ten' WHERE url = '${a}'`)
    expect((await examined()).differences).toEqual([])
    expect(here.row(a)).toMatchObject({ price: 'about ten' })
  })

  it('looks at the file, its triggers and its counts', async () => {
    const checked = async () => {
      const db = here.open()
      const checks = await transaction(db, here.deps, () => integrityOf(db))
      db.close()
      return checks.map(({ ok }) => ok)
    }
    expect(await checked()).toEqual([true, true, true])
    here.host.exec('DROP TRIGGER tidemark_1_update')
    expect(await checked()).toEqual([true, false, true])
    await here.sync()
    expect(await checked()).toEqual([true, true, true])
  })
})
