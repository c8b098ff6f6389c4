import { beforeEach, describe, expect, test } from 'vitest'
import type { Strategy } from '../../sync/protocol/lane.ts'
import { type TwoWayWorld, twoWayWorld } from './two-way-world.ts'
import { drain, rows } from './world.ts'

// What people are asked, and what becomes of their answers: once, for the question that they were given to.

let w: TwoWayWorld
const TAB = 'employee_settings'
const ann = { id: '111', name: 'Ann', hourly_wage: 1_250, commission: 0.08 }
const bob = { id: '112', name: 'Bob', hourly_wage: 1_300, commission: 0.1 }
const eight = Array.from({ length: 8 }, (_, n) => ({
  ...ann,
  id: `20${n}`,
  name: `E${n}`,
  hourly_wage: 1_000 + n,
}))

beforeEach(() => {
  w = twoWayWorld()
})

const resolve = (strategy: Strategy, conflict = String(w.conflicts()[0]?.id), more: object = {}) => {
  w.world.clock.advance(1_000)
  return w.lane.change({
    actor: 'ann',
    origin: 'api',
    dryRun: false,
    proposal: { type: 'resolve', conflict, strategy, notes: '', ...more },
  })
}
const there = (tab = TAB) => (w.book.tabs.get(tab) ?? []).map(({ values }) => values)
const set = (config: object) =>
  w.world.file
    .prepare(`UPDATE config SET value = ? WHERE key = 'sheets.reference'`)
    .run(JSON.stringify(config))

describe('a guard', () => {
  test('is answered once: rows that were put back are asked about anew when the tab is emptied again', async () => {
    for (const row of eight) w.book.type(TAB, row)
    await w.sync()
    const before = [...(w.book.tabs.get(TAB) ?? [])]
    w.book.tabs.set(TAB, [])
    w.book.stamp++
    await w.sync()
    await resolve('keep_local')
    w.book.tabs.set(TAB, before)
    w.book.stamp++
    await w.sync()
    expect(w.here(TAB)).toHaveLength(8)
    w.book.tabs.set(TAB, [])
    w.book.stamp++
    await w.sync()
    expect(w.here(TAB)).toHaveLength(8)
    expect(w.conflicts()).toMatchObject([{ kind: 'emptied' }])
  })

  test('asks again about rows that were kept, and are taken out once more', async () => {
    for (const row of eight) w.book.type(TAB, row)
    await w.sync()
    const out = () => {
      const left = (w.book.tabs.get(TAB) ?? []).filter(
        ({ values }) => !['200', '201', '202'].includes(String(values.id)),
      )
      w.book.tabs.set(TAB, left)
      w.book.stamp++
    }
    out()
    await w.sync()
    await w.sync()
    expect(w.conflicts()).toMatchObject([{ kind: 'deletion_guard' }])
    await resolve('keep_remote')
    await w.sync()
    await w.sync()
    expect(there()).toHaveLength(8)
    out()
    await w.sync()
    await w.sync()
    expect(w.here(TAB)).toHaveLength(8)
    expect(w.conflicts()).toMatchObject([{ kind: 'deletion_guard' }])
    await resolve('keep_local')
    await w.sync()
    expect(w.here(TAB)).toHaveLength(5)
    expect(w.conflicts()).toEqual([])
    expect((await w.sync()).status).toBe('unchanged')
  })

  test('of another workbook is answered tab by tab, each once', async () => {
    for (const row of eight) w.book.type(TAB, row)
    w.book.type('ranks', { name: 'Bronze', min_amount: 0, max_amount: 100, bonus: 1, emoji: null })
    w.book.type('ranks', { name: 'Silver', min_amount: 100, max_amount: null, bonus: 1, emoji: null })
    await w.sync()
    await w.sync()
    set({ spreadsheet_id: 'copy' })
    w.book.row(TAB, 0).values.hourly_wage = 7
    w.book.stamp++
    await w.sync()
    const [first, ...more] = w.conflicts().toSorted((a, b) => String(a.key).localeCompare(String(b.key)))
    expect([first, ...more]).toMatchObject([
      { kind: 'copied', key: TAB },
      { kind: 'copied', key: 'ranks' },
    ])
    await resolve('keep_local', String(first?.id))
    await w.sync()
    expect(w.here(TAB)[0]?.hourly_wage).toBe(7)
    expect(w.conflicts()).toMatchObject([{ kind: 'copied', key: 'ranks' }])
    w.book.row(TAB, 0).values.hourly_wage = 8
    w.book.stamp++
    await w.sync()
    expect(w.conflicts()).toMatchObject([{ kind: 'copied', key: 'ranks' }])
    expect(w.here(TAB)[0]?.hourly_wage).toBe(8)
    await resolve('keep_local', String(w.conflicts()[0]?.id))
    await w.sync()
    await w.sync()
    expect(w.conflicts()).toEqual([])
    set({ spreadsheet_id: 'book-1' })
    await w.sync()
    expect(w.conflicts().map(({ kind }) => kind)).toEqual(['copied', 'copied'])
  })
})

test('another workbook that is not claimed is left alone, and nobody is asked again while it is linked', async () => {
  for (const row of eight) w.book.type(TAB, row)
  await w.sync()
  set({ spreadsheet_id: 'copy' })
  await w.sync()
  const first = String(w.conflicts()[0]?.id)
  await resolve('keep_remote')
  await w.sync()
  const before = [rows(w.world, 'SELECT version FROM lanes'), rows(w.world, 'SELECT * FROM conflicts')]
  await w.sync()
  w.book.type(TAB, ann)
  await w.sync()
  expect(w.part(TAB)).toMatchObject({ status: 'failed' })
  expect([rows(w.world, 'SELECT version FROM lanes'), rows(w.world, 'SELECT * FROM conflicts')]).toEqual(
    before,
  )
  expect(w.here(TAB)).toHaveLength(8)
  // Whoever thinks better of it undoes the answer.
  await w.lane.change({
    actor: 'ann',
    origin: 'api',
    dryRun: false,
    proposal: { type: 'undo', of: { resolution: first }, pin: false },
  })
  expect(w.conflicts()).toMatchObject([{ id: first }])
  await resolve('keep_local')
  await w.sync()
  expect(w.here(TAB)).toHaveLength(9)
})

describe('a row that waits as a whole', () => {
  beforeEach(async () => {
    for (const row of [ann, bob]) w.book.type(TAB, row)
    await w.sync()
    await w.edit(TAB, '112', {}, 'delete')
    w.book.row(TAB, 1).values.hourly_wage = 2_000
    w.book.stamp++
    await w.sync()
  })
  const cell = () => w.book.row(TAB, 1)

  test('is one question, which our own note does not make another one', async () => {
    const [first] = w.conflicts()
    await w.sync()
    await w.sync(true)
    expect(w.conflicts()).toMatchObject([{ id: first?.id }])
    expect(rows(w.world, 'SELECT * FROM conflicts')).toHaveLength(1)
  })

  test('comes back with what the sheet says when the note is taken away', async () => {
    await w.sync()
    cell().notes.clear()
    w.book.stamp++
    await w.sync()
    expect(w.here(TAB)).toMatchObject([ann, { ...bob, hourly_wage: 2_000 }])
    expect(w.conflicts()).toEqual([])
  })

  test.each(['keep_local', 'keep_remote'] as const)(
    '%s does not hit what a person typed after the question',
    async (strategy) => {
      await w.sync()
      const [first] = w.conflicts()
      cell().values.hourly_wage = 2_100
      w.book.stamp++
      await resolve(strategy, String(first?.id))
      await w.sync()
      expect(cell().values.hourly_wage).toBe(2_100)
      if (strategy === 'keep_local') expect(w.here(TAB)[1]).toMatchObject({ hourly_wage: 2_100 })
      else expect(w.conflicts()).toMatchObject([{ kind: 'deleted', theirs: '{"hourly_wage":2100}' }])
    },
  )
})

test('a cell that waits waits no more when its row is taken out there: the row is asked about, and nothing else', async () => {
  w = twoWayWorld({ policy: 'manual' })
  for (const row of eight) w.book.type(TAB, row)
  await w.sync()
  await w.edit(TAB, '203', { hourly_wage: 2 })
  w.book.row(TAB, 3).values.hourly_wage = 3
  w.book.stamp++
  await w.sync()
  expect(w.conflicts()).toMatchObject([{ kind: 'merge' }])
  w.book.tabs.get(TAB)?.splice(3, 1)
  w.book.stamp++
  await w.sync()
  await w.sync()
  expect(w.conflicts()).toMatchObject([{ kind: 'delete', key: '203' }])
  await resolve('keep_local')
  await w.sync()
  expect(w.here(TAB)).toHaveLength(7)
  expect(w.conflicts()).toEqual([])
})

test('a row that is gone there and changed here may be kept with other values: it is written there again', async () => {
  for (const row of eight) w.book.type(TAB, row)
  await w.sync()
  w.book.tabs.get(TAB)?.splice(1, 1)
  w.book.stamp++
  await w.edit(TAB, '201', { hourly_wage: 5_000 })
  await w.sync()
  await w.sync()
  expect((await resolve('merge', undefined, { values: { hourly_wage: 6_000 } })).type).toBe('applied')
  await w.sync()
  await w.sync()
  expect(w.conflicts()).toEqual([])
  expect(there().find(({ id }) => id === '201')).toMatchObject({ hourly_wage: 6_000 })
})

test('a note whose writing was not heard of is one all the same: taking it away is an answer', async () => {
  w = twoWayWorld({ policy: 'manual' })
  w.book.type(TAB, ann)
  await w.sync()
  await w.edit(TAB, '111', { hourly_wage: 1_400 })
  w.book.row(TAB, 0).values.hourly_wage = 1_500
  w.book.stamp++
  w.book.loseAnswers = 1
  await w.sync()
  expect([...w.book.row(TAB, 0).notes]).toEqual(['hourly_wage'])
  w.book.row(TAB, 0).notes.clear()
  w.book.stamp++
  await w.sync()
  expect(w.conflicts()).toEqual([])
  expect(w.here(TAB)[0]).toMatchObject({ hourly_wage: 1_500 })
})

test('a pin of any table of the workbook ends when its time is over', async () => {
  w.book.type('ranks', { name: 'Bronze', min_amount: 0, max_amount: 100, bonus: 1, emoji: null })
  await w.sync()
  const key = String(w.here('ranks')[0]?.id)
  const until = w.world.clock.now() + 60_000
  await w.lane.push({
    id: 'pin 1',
    actor: 'ann',
    origin: 'api',
    mutations: [{ type: 'pin', table: 'ranks', key, column: 'bonus', value: 5, note: '', until }],
  })
  await drain(w.world, w.lane)
  await w.sync()
  await w.sync()
  expect(rows(w.world, 'SELECT * FROM pins')).toEqual([])
})

test('what was sent and not heard of stays ours while a table that is taken whole waits for a second look', async () => {
  const ranges = [0, 1, 2, 3].map((n) => ({ range_from: n * 100, range_to: n * 100 + 100, rate: 0.05 }))
  for (const range of ranges) w.book.type('dynamic_rates', range)
  await w.sync()
  await w.sync()
  const key = String(w.here('dynamic_rates')[0]?.id)
  await w.edit('dynamic_rates', key, { rate: 0.06 })
  const { edit } = w.book
  if (!edit) throw new Error('it takes edits')
  w.book.edit = async (...call) => {
    w.book.edit = edit
    await edit(...call)
    w.book.tabs.get('dynamic_rates')?.splice(3, 1)
    return { ok: false, failure: { type: 'unavailable', reason: 'lost', mend: 'Nothing.' } }
  }
  await w.sync()
  await w.edit('dynamic_rates', key, { rate: 0.07 })
  await w.sync()
  await w.sync()
  await w.sync()
  expect(w.here('dynamic_rates')[0]).toMatchObject({ rate: 0.07 })
  expect(w.book.row('dynamic_rates', 0).values).toMatchObject({ rate: 0.07 })
})

test('a row made here with a text of nothing keeps it', async () => {
  await w.edit(TAB, '300', { name: '', hourly_wage: 1, commission: 0 }, 'insert')
  await w.sync()
  const [before] = w.here(TAB)
  w.book.stamp++
  await w.sync()
  await w.sync(true)
  expect(w.here(TAB)).toEqual([before])
})
