import { beforeEach, expect, test } from 'vitest'
import type { Row } from '../../db/database.ts'
import { fakeLists, type ListWorld, listWorld, request, run } from './list-world.ts'
import { drain, rows } from './world.ts'

// A user's orders: newest first, with details, and read no further than needed.

const DAY = 86_400_000
const SIZE = 5
let at: ListWorld

const order = (n: number, daysOld: number, over: Row = {}): Row => ({
  erp_id: `O${n}`,
  number: `${n}`,
  status: 'open',
  erp_modified_at: at.world.clock.now() - daysOld * DAY,
  ...over,
})
/** The newest has the highest number. */
const show = (list: Row[], user = 'ann') => at.remote.lists.set(`orders/${user}`, list)
const shown = () => at.remote.lists.get('orders/ann') ?? []
const read = (over = {}) => run(at, 'orders.erp', { scope: 'ann', ...over }, at.start('orders:ann'))
const pagesRead = () => at.remote.reads.splice(0).map(({ page }) => page)
const stored = () =>
  rows(at.world, 'SELECT erp_id, lines FROM orders WHERE deleted_at IS NULL ORDER BY erp_id')

beforeEach(() => {
  at = listWorld(['ann', 'bob'], fakeLists(SIZE))
  at.remote.details = (row) => ({ lines: `[{"of":"${row.values.erp_id}"}]`, ddt: '[]' })
})

test('details are stored with their order', async () => {
  show([order(2, 40), order(1, 50)])
  expect((await read()).status).toBe('done')
  expect(stored()).toEqual([
    { erp_id: 'O1', lines: '[{"of":"O1"}]' },
    { erp_id: 'O2', lines: '[{"of":"O2"}]' },
  ])
})

test('one order whose details are broken is reported and waits; the others go on; the next run has it', async () => {
  show([order(3, 40), order(2, 41), order(1, 50)])
  const details = at.remote.details
  at.remote.details = (row) => (row.values.erp_id === 'O2' ? 'the page is broken' : details(row))
  const first = await read()
  expect(stored().map(({ erp_id }) => erp_id)).toEqual(['O1', 'O3'])
  expect(JSON.stringify(first.report.parts[0].warnings)).toContain('the page is broken')
  await read()
  expect(stored()).toHaveLength(2)
  at.remote.details = details
  await read()
  expect(stored().map(({ erp_id }) => erp_id)).toEqual(['O1', 'O2', 'O3'])
  expect(rows(at.world, 'SELECT * FROM link_deferred')).toEqual([])
})

test('with a database 30 days old, reading stops at the first page that holds nothing new (D-3)', async () => {
  show(Array.from({ length: 60 }, (_, i) => order(60 - i, 40 + i)))
  await read()
  expect(stored()).toHaveLength(60)
  pagesRead()
  at.world.clock.advance(30 * DAY)
  show([...Array.from({ length: 7 }, (_, i) => order(67 - i, 10 + i)), ...shown()])
  await read()
  // Pages 1 and 2 hold what is new; 3 nothing; the front once more, because rows may have come meanwhile.
  expect(pagesRead()).toEqual([1, 2, 3])
  expect(stored()).toHaveLength(67)
})

test('young orders are asked for their documents again, though the list shows them unchanged', async () => {
  show([order(2, 1), order(1, 50)])
  await read()
  at.remote.details = (row) => ({ lines: '[]', ddt: `["sent ${row.values.erp_id}"]` })
  await read()
  expect(rows(at.world, 'SELECT erp_id, ddt FROM orders ORDER BY erp_id')).toEqual([
    { erp_id: 'O1', ddt: '[]' },
    { erp_id: 'O2', ddt: '["sent O2"]' },
  ])
})

test('a forced run reads everything', async () => {
  show(Array.from({ length: 20 }, (_, i) => order(20 - i, 40 + i)))
  await read()
  pagesRead()
  await read({ full: true })
  expect(pagesRead()).toEqual([1, 2, 3, 4, 1])
})

test('an order that is removed shows in the total, and goes after two looks', async () => {
  show(Array.from({ length: 30 }, (_, i) => order(30 - i, 40 + i)))
  await read()
  show(shown().filter((_, i) => i !== 20))
  await read()
  expect(stored()).toHaveLength(30)
  await read()
  expect(stored()).toHaveLength(29)
})

test('two refreshes at once are one run, and two users are read side by side (C-2, C-3)', async () => {
  show([order(1, 40)])
  show([order(9, 40)], 'bob')
  const ann = at.start('orders:ann')
  const bob = at.start('orders:bob')
  const [first, second] = await Promise.all([
    ann.lane.request(request('orders.erp', { scope: 'ann' })),
    ann.lane.request(request('orders.erp', { scope: 'ann' })),
  ])
  expect([first.type, second.type]).toEqual(['queued', 'joined'])
  await drain(at.world, ann.lane)
  await bob.lane.request(request('orders.erp', { scope: 'bob' }))
  await drain(at.world, bob.lane)
  expect(rows(at.world, 'SELECT id FROM orders ORDER BY id')).toEqual([{ id: 'ann:O1' }, { id: 'bob:O9' }])
  expect(rows(at.world, `SELECT scope, status FROM runs ORDER BY scope`)).toEqual([
    { scope: 'ann', status: 'done' },
    { scope: 'bob', status: 'done' },
  ])
})
