import { expect, test } from 'vitest'
import type { RemoteColumn, RemoteEdit } from '../../sync/engine/ports.ts'
import { openBoth, rates, type seenIn } from './both-world.ts'

const ROWS = 10_000
const text = (header: string, type = 'string'): RemoteColumn => ({ header, aliases: [], type })
const columns = {
  ...rates.columns,
  ...Object.fromEntries(
    Array.from({ length: 17 }, (_, i) => [`c${i}`, text(`Column ${i}`, i % 2 ? 'integer' : 'string')]),
  ),
}
const kind = { columns, both: { match: [], rowIds: true } }
const row = (i: number) => [
  i,
  i + 1,
  0.05,
  ...Array.from({ length: 17 }, (_, c) => (c % 2 ? i * c : `text ${i} ${c}`)),
]
const header = Object.values(columns).map((column) => column.header)
const full = () => [header, ...Array.from({ length: ROWS }, (_, i) => row(i))]

test('10,000 rows of 20 columns are read in one call', async () => {
  const { read, world } = openBoth(kind, full())
  world.calls()
  const page = await read()
  expect(world.calls()).toEqual(['sheets.get', 'sheets.getByDataFilter'])
  expect(page.rows).toHaveLength(ROWS)
  expect(page.rows[9_999]?.values).toMatchObject({
    range_from: 999_900,
    rate: 0.05,
    c0: 'text 9999 0',
    c1: 9_999,
  })
  expect(page.rows[9_999]?.locked).toEqual([])
})

test('their 10,000 ids take three writes at most, 1,000 scattered cells two', async () => {
  const { read, edit, world, shown } = openBoth(kind, full())
  const page = await read()
  world.calls()
  const ids = await edit(
    Array.from(
      { length: ROWS },
      (_, i): RemoteEdit => ({ type: 'ref', id: `e${i}`, at: seenAt(page.rows, i), ref: `id${i}` }),
    ),
  )
  const writes = () => world.calls().filter((api) => api === 'sheets.batchUpdate').length
  expect(writes()).toBeLessThanOrEqual(3)
  expect(ids.done).toHaveLength(ROWS)
  expect(shown('A!U1:U10001').flat()).toEqual([
    'Tidemark ID',
    ...Array.from({ length: ROWS }, (_, i) => `id${i}`),
  ])
  const again = await read()
  world.calls()
  const cells = await edit(
    Array.from(
      { length: 1_000 },
      (_, i): RemoteEdit => ({
        type: 'cell',
        id: `c${i}`,
        at: seenAt(again.rows, (i * 7_919) % ROWS),
        column: `c${i % 17}`,
        seen: again.rows[(i * 7_919) % ROWS]?.values[`c${i % 17}`] ?? null,
        value: (i % 17) % 2 ? -i - 1 : `new ${i}`,
      }),
    ),
  )
  expect(cells).toMatchObject({ theirs: [], warnings: [] })
  expect(cells.done).toHaveLength(1_000)
  expect(writes()).toBeLessThanOrEqual(2)
})

test('3,000 rows go into an empty tab by two writes', async () => {
  const { readAndEdit, world, shown } = openBoth(kind, [])
  const names = Object.keys(columns)
  const report = await readAndEdit(
    Array.from({ length: 3_000 }, (_, i): RemoteEdit => {
      const values = row(i)
      return {
        type: 'row',
        id: `e${i}`,
        ref: `id${i}`,
        values: Object.fromEntries(names.map((name, at) => [name, values[at] ?? null])),
      }
    }),
  )
  expect(report.done).toHaveLength(3_000)
  expect(world.calls().filter((api) => api === 'sheets.batchUpdate').length).toBeLessThanOrEqual(2)
  expect(shown('A!A1:A20000')).toHaveLength(3_001)
})

const seenAt = (rows: Parameters<typeof seenIn>[0]['rows'], at: number) => ({
  position: at,
  ref: rows[at]?.ref ?? null,
  shows: rows[at]?.values ?? {},
})
