import { expect, test } from 'vitest'
import type { Database } from '../../db/database.ts'
import type { Engine } from '../../sync/engine/ports.ts'
import { googleWorld } from './google-world.ts'
import { twoWayWorld } from './two-way-world.ts'
import { wideTab, wideTable, wideWorld } from './wide-world.ts'
import { durable, rows } from './world.ts'

// First looks at many rows that break off in the middle of what they write.

test('a table that is taken whole is there with all of its rows, or with none', async () => {
  const w = twoWayWorld()
  for (let n = 0; n < 1_200; n++)
    w.book.type('dynamic_rates', { range_from: n * 100, range_to: n * 100 + 100, rate: 0.05 })
  const engine = w.engine as { -readonly [K in keyof Engine]: Engine[K] }
  const seen = new Set<number>()
  let batches = 0
  engine.beforeBatch = async () => {
    seen.add(w.here('dynamic_rates').length)
    if (++batches === 2) throw new Error('the database does not answer')
  }
  await w.sync()
  await w.sync()
  expect([...seen].filter((count) => count > 0 && count < 1_200)).toEqual([])
  expect(w.here('dynamic_rates')).toHaveLength(1_200)
  expect(w.book.tabs.get('dynamic_rates')).toHaveLength(1_200)
})

test('no row is doubled, though none had an id yet', async () => {
  const world = durable()
  const { google, remote } = googleWorld(world.clock)
  await wideTable(world.database)
  wideTab(google, 1_200)
  let writes = 0
  const database: Database = {
    batch: async (statements) => {
      if (statements.some(({ sql }) => sql.includes('INSERT INTO wide_rows')) && ++writes === 2)
        throw new Error('the database does not answer')
      return world.database.batch(statements)
    },
  }
  const wide = wideWorld({ ...world, database }, google, remote, 'ids')
  await wide.sync()
  await wide.sync()
  expect(writes).toBeGreaterThan(2)
  expect(rows(world, 'SELECT count(*) AS rows FROM wide_rows')).toEqual([{ rows: 1_200 }])
  expect(wide.shown()).toHaveLength(1_200)
})
