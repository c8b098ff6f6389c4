import { beforeEach, describe, expect, test } from 'vitest'
import type { Row } from '../../db/database.ts'
import type { Answer } from '../../sync/engine/ports.ts'
import { type TwoWayWorld, twoWayWorld } from './two-way-world.ts'

// Turns that are rare, and that generated worlds take.

let w: TwoWayWorld
const ann = { id: '111', name: 'Ann', hourly_wage: 1_250, commission: 0.08 }
const bob = { id: '112', name: 'Bob', hourly_wage: 1_300, commission: 0.1 }
const down: Answer<never> = {
  ok: false,
  failure: { type: 'unavailable', reason: 'it does not answer', mend: 'Nothing.' },
}
const TAB = 'employee_settings'

beforeEach(() => {
  w = twoWayWorld()
})

/** Answers in place of the next edits; the tab can be read all the time. */
function failEdits(times: number): void {
  const { edit } = w.book
  w.book.edit = async (...call) => {
    if (times-- > 0) return down
    return (edit as NonNullable<typeof edit>)(...call)
  }
}

const resolve = (strategy: 'keep_local' | 'keep_remote') => {
  w.world.clock.advance(1_000)
  return w.lane.change({
    actor: 'ann',
    origin: 'api',
    dryRun: false,
    proposal: { type: 'resolve', conflict: String(w.conflicts()[0]?.id), strategy, notes: '' },
  })
}

test('another id in the sheet is another row here: it goes by its new id, and the old one is gone with the second look', async () => {
  for (const row of [ann, bob]) w.book.type(TAB, row)
  await w.sync()
  w.book.row(TAB, 0).values.id = '999'
  w.book.stamp++
  await w.sync()
  expect(w.here(TAB).map(({ id }) => id)).toEqual(['111', '112', '999'])
  await w.sync()
  expect(w.here(TAB)).toMatchObject([bob, { ...ann, id: '999' }])
  expect((await w.sync()).status).toBe('unchanged')
})

test('a tab whose only row lost its id is not empty', async () => {
  w.book.type(TAB, ann)
  await w.sync()
  w.book.row(TAB, 0).values.id = null
  w.book.stamp++
  await w.sync()
  expect(w.conflicts()).toEqual([])
  expect(w.here(TAB)).toMatchObject([ann])
  w.book.row(TAB, 0).values.id = '111'
  w.book.stamp++
  await w.sync()
  expect((await w.sync()).status).toBe('unchanged')
})

test('a workbook that can be read and never written keeps no run busy: it ends, says so, and the next one writes', async () => {
  w.book.type(TAB, ann)
  await w.sync()
  await w.edit(TAB, '111', { hourly_wage: 1_400 })
  failEdits(10)
  await w.sync()
  expect(w.part(TAB).warnings).toMatchObject([{ kind: 'not_written' }])
  expect(w.book.row(TAB, 0).values.hourly_wage).toBe(1_250)
  await w.sync()
  expect(w.book.row(TAB, 0).values.hourly_wage).toBe(1_400)
})

test.each([
  ['an emptied tab', () => w.book.tabs.set(TAB, [])],
  ['deletions that the guard kept', () => w.book.tabs.get(TAB)?.splice(0, 3)],
])('rows of %s that a person wants back are written when the workbook takes them', async (_which, act) => {
  const all = [ann, bob, { ...ann, id: '113', name: 'Cleo' }, { ...ann, id: '114', name: 'Dan' }]
  for (const row of all) w.book.type(TAB, row)
  await w.sync()
  act()
  w.book.stamp++
  await w.sync()
  await w.sync()
  failEdits(7)
  await resolve('keep_remote')
  await w.sync()
  expect(w.book.tabs.get(TAB)?.length).toBeLessThan(4)
  await w.sync()
  expect(
    w.book.tabs
      .get(TAB)
      ?.map(({ values }) => values.id)
      .toSorted(),
  ).toEqual(['111', '112', '113', '114'])
  expect(w.here(TAB)).toMatchObject(all)
  expect(w.conflicts()).toEqual([])
  await w.sync()
  expect((await w.sync()).status).toBe('unchanged')
})

test('a row that is wanted back, and is deleted here before it is there, stays away', async () => {
  for (const row of [ann, bob]) w.book.type(TAB, row)
  await w.sync()
  w.book.tabs.set(TAB, [])
  w.book.stamp++
  await w.sync()
  failEdits(7)
  await resolve('keep_remote')
  await w.sync()
  await w.edit(TAB, '112', {}, 'delete')
  await w.sync()
  await w.sync(true)
  expect(w.book.tabs.get(TAB)?.map(({ values }) => values)).toEqual([ann])
  expect(w.here(TAB)).toMatchObject([ann])
})

test('what a program changed under a formula is written once the formula gave way to the value that it showed', async () => {
  w.book.type(TAB, ann).locked = ['hourly_wage']
  await w.sync()
  await w.edit(TAB, '111', { hourly_wage: 1_400 })
  await w.sync()
  expect(w.part(TAB).warnings).toMatchObject([{ kind: 'locked' }])
  w.book.row(TAB, 0).locked = []
  w.book.stamp++
  await w.sync()
  expect(w.book.row(TAB, 0).values.hourly_wage).toBe(1_400)
  expect((await w.sync()).status).toBe('unchanged')
})

test('rows that are gone stay one question, also where a program deleted another one that was gone with them', async () => {
  for (const id of ['1', '2', '3', '4', '5', '6']) w.book.type(TAB, { ...ann, id })
  await w.sync()
  w.book.tabs.get(TAB)?.splice(0, 3)
  w.book.stamp++
  await w.sync()
  await w.edit(TAB, '3', {}, 'delete')
  await w.sync()
  const asked = w.conflicts()
  expect(asked).toMatchObject([{ kind: 'deletion_guard', theirs: '["1","2"]' }])
  await w.sync(true)
  expect(w.conflicts()).toEqual(asked)
})

test('of ranges that are taken out one after the other, none comes back', async () => {
  const range = (n: number) => ({ range_from: n * 1_000, range_to: n * 1_000 + 500, rate: n / 100 })
  for (let n = 0; n < 6; n++) w.book.type('dynamic_rates', range(n))
  await w.sync()
  const takeOut = (from: number) => {
    const list = w.book.tabs.get('dynamic_rates') ?? []
    list.splice(
      list.findIndex(({ values }) => values.range_from === from),
      1,
    )
    w.book.stamp++
  }
  takeOut(1_000)
  await w.sync()
  takeOut(3_000)
  await w.sync()
  // The second is looked for once more, and then both go, or a person is asked.
  await w.sync()
  if (w.conflicts().length > 0) await resolve('keep_local')
  await w.sync()
  await w.sync(true)
  await w.sync(true)
  expect(w.here('dynamic_rates').map(({ range_from }) => range_from)).toEqual([0, 2_000, 4_000, 5_000])
  expect(w.book.tabs.get('dynamic_rates')?.map(({ values }) => values.range_from)).toEqual([
    0, 2_000, 4_000, 5_000,
  ])
})

describe('a cell that waits for a person', () => {
  beforeEach(async () => {
    w = twoWayWorld({ policy: 'manual' })
    for (const row of [ann, bob]) w.book.type(TAB, row)
    await w.sync()
    await w.edit(TAB, '111', { hourly_wage: 1_400 })
    w.book.row(TAB, 0).values.hourly_wage = 1_500
    w.book.stamp++
  })

  test('is not answered by a note that never came there', async () => {
    failEdits(7)
    await w.sync()
    expect(w.book.row(TAB, 0).notes.size).toBe(0)
    await w.sync()
    expect(w.conflicts()).toHaveLength(1)
    expect(w.here(TAB)[0]).toMatchObject({ hourly_wage: 1_400 })
    expect([...w.book.row(TAB, 0).notes]).toEqual(['hourly_wage'])
  })

  test('is answered by typing what stood there before', async () => {
    await w.sync()
    w.book.row(TAB, 0).values.hourly_wage = 1_250
    w.book.stamp++
    await w.sync()
    expect(w.conflicts()).toEqual([])
    expect(w.here(TAB)[0]).toMatchObject({ hourly_wage: 1_250 })
    expect(w.book.row(TAB, 0).values.hourly_wage).toBe(1_250)
  })
})

test('a copy of the workbook that an admin leaves alone is neither read nor written', async () => {
  for (const row of [ann, bob]) w.book.type(TAB, row)
  await w.sync()
  w.world.file.exec(`UPDATE config SET value = '{"spreadsheet_id":"copy"}'`)
  w.book.row(TAB, 0).values.hourly_wage = 7
  await w.edit(TAB, '112', { hourly_wage: 8_000 })
  await w.sync()
  await resolve('keep_remote')
  await w.sync()
  await w.sync(true)
  expect(w.part(TAB)).toMatchObject({ status: 'failed' })
  expect(w.here(TAB)[0]?.hourly_wage).toBe(1_250)
  expect(w.book.sent).toEqual([])
})

describe('ranges that are taken whole', () => {
  const range = (n: number) => ({ range_from: n * 1_000, range_to: n * 1_000 + 500, rate: n / 100 })
  const RATES = 'dynamic_rates'
  const shown = () =>
    (w.book.tabs.get(RATES) ?? [])
      .map(({ values }) => [values.range_from, values.range_to])
      .toSorted(([a], [b]) => Number(a) - Number(b))
  const kept = () =>
    w
      .here(RATES)
      .map(({ range_from, range_to }) => [range_from, range_to])
      .toSorted(([a], [b]) => Number(a) - Number(b))
  beforeEach(async () => {
    for (let n = 0; n < 4; n++) w.book.type(RATES, range(n))
    await w.sync()
  })

  test('and that a person kept here beside an import that overlaps them, ask again, and go by the import', async () => {
    w.book.tabs.set(RATES, [])
    for (const from of [100, 1_100, 2_100])
      w.book.type(RATES, { range_from: from, range_to: from + 500, rate: 0.5 })
    await w.sync()
    expect(w.conflicts()).toMatchObject([{ kind: 'replaced' }])
    await resolve('keep_remote')
    await w.sync()
    expect(w.part(RATES)).toMatchObject({ status: 'failed' })
    expect(w.conflicts()).toMatchObject([{ kind: 'replaced', key: RATES }])
    expect(w.conflicts()[0]?.detail).toContain('overlap')
    // The same question, as long as it is one.
    await resolve('keep_remote')
    await w.sync()
    await w.sync()
    expect(w.conflicts()).toHaveLength(1)
    expect(kept()).toHaveLength(4)
    await resolve('keep_local')
    await w.sync()
    expect(w.part(RATES).status).toBe('done')
    expect(kept()).toEqual([
      [100, 600],
      [1_100, 1_600],
      [2_100, 2_600],
    ])
    expect(w.conflicts()).toEqual([])
    expect((await w.sync()).status).toBe('unchanged')
    expect(shown()).toEqual(kept())
  })

  test('and that each side changed so that they overlap, are asked about, and go by the sheet', async () => {
    const [first] = w.here(RATES)
    await w.edit(RATES, String(first?.id), { range_to: 900 })
    w.book.row(RATES, 1).values.range_from = 800
    w.book.stamp++
    await w.sync()
    expect(w.conflicts()).toMatchObject([{ kind: 'replaced' }])
    await resolve('keep_local')
    await w.sync()
    expect(kept()).toEqual(shown())
    expect(kept()[0]).toEqual([0, 500])
    expect(w.conflicts()).toEqual([])
  })

  test('and that overlap, ask no more once they are corrected', async () => {
    const [first] = w.here(RATES)
    await w.edit(RATES, String(first?.id), { range_to: 900 })
    w.book.row(RATES, 1).values.range_from = 800
    w.book.stamp++
    await w.sync()
    w.book.row(RATES, 1).values.range_from = 950
    w.book.stamp++
    await w.sync()
    expect(w.conflicts()).toEqual([])
    expect(kept()).toEqual(shown())
    expect(kept().slice(0, 2)).toEqual([
      [0, 900],
      [950, 1_500],
    ])
  })

  test('and that are wrong there by themselves, are nobody’s question', async () => {
    w.book.row(RATES, 1).values.range_from = 200
    w.book.stamp++
    await w.sync()
    expect(w.part(RATES).status).toBe('failed')
    expect(w.conflicts()).toEqual([])
  })

  test('and that are wrong there by themselves, are named as they stand there, not with one that only stands here', async () => {
    await w.edit(RATES, 'new', { range_from: 600, range_to: 900, rate: 0.3 }, 'insert')
    w.book.row(RATES, 1).values.range_from = 800
    w.book.row(RATES, 3).values.range_from = 2_400
    w.book.stamp++
    await w.sync()
    expect(w.part(RATES).reason).toMatch(/^the range from 20.00 and the range from 24.00 overlap/)
  })

  test('and were deleted here meanwhile, stand here again where the sheet counts', async () => {
    const [first, second] = w.here(RATES)
    await w.edit(RATES, String(first?.id), {}, 'delete')
    await w.edit(RATES, String(second?.id), { range_to: 2_000 })
    w.book.row(RATES, 2).values.range_from = 1_900
    w.book.stamp++
    await w.sync()
    expect(w.conflicts()).toMatchObject([{ kind: 'replaced' }])
    await resolve('keep_local')
    await w.sync()
    await w.sync(true)
    expect(kept()).toEqual(shown())
    expect(kept()).toHaveLength(4)
  })

  test('and that a person wants back, are written also where others went meanwhile', async () => {
    for (const n of [4, 5, 6, 7]) w.book.type(RATES, range(n))
    await w.sync()
    w.book.tabs.get(RATES)?.splice(0, 2)
    w.book.stamp++
    await w.sync()
    await w.sync()
    expect(w.conflicts()).toMatchObject([{ kind: 'deletion_guard' }])
    await resolve('keep_remote')
    w.book.tabs.get(RATES)?.splice(5, 1)
    w.book.stamp++
    await w.sync()
    await w.sync()
    expect(w.conflicts()).toEqual([])
    await w.sync()
    expect(shown().map(([from]) => from)).toEqual([0, 1_000, 2_000, 3_000, 4_000, 5_000, 6_000])
    expect(kept()).toEqual(shown())
  })

  test('and whose id nobody knows, get one of their own', async () => {
    w.book.type(RATES, range(8)).ref = 'k999'
    await w.sync()
    expect(w.here(RATES).map(({ id }) => id)).not.toContain('k999')
    expect(w.book.row(RATES, 4).ref).toBe(w.here(RATES).find(({ range_from }) => range_from === 8_000)?.id)
  })

  test.each(['wiped', 'swapped'])(
    'and whose ids are %s, keep what a program set where a formula stands',
    async (how) => {
      const [row, other] = [w.book.row(RATES, 1), w.book.row(RATES, 2)]
      row.locked = ['rate']
      const key = String(row.ref)
      await w.edit(RATES, key, { rate: 0.9 })
      await w.sync()
      const ref = row.ref
      row.ref = how === 'wiped' ? null : other.ref
      if (how === 'swapped') other.ref = ref
      w.book.stamp++
      await w.sync()
      await w.sync()
      expect(w.here(RATES).find(({ id }) => id === key)).toMatchObject({ range_from: 1_000, rate: 0.9 })
      expect(row).toMatchObject({ ref: key, values: { rate: 0.01 } })
    },
  )

  test('and whose writing was never heard of, are not doubled', async () => {
    await w.edit(RATES, 'new', range(8), 'insert')
    w.book.loseAnswers = 8
    await w.sync()
    expect(w.book.tabs.get(RATES)).toHaveLength(5)
    w.book.loseAnswers = 0
    await w.sync()
    await w.sync(true)
    expect(w.book.tabs.get(RATES)).toHaveLength(5)
    expect(w.here(RATES)).toHaveLength(5)
  })
})

test('a row that was deleted here and edited there waits as a whole, with one note, and goes when it is let go', async () => {
  for (const row of [ann, bob]) w.book.type(TAB, row)
  await w.sync()
  await w.edit(TAB, '111', {}, 'delete')
  w.book.row(TAB, 0).values.hourly_wage = 1_500
  w.book.stamp++
  await w.sync()
  const [asked] = w.conflicts()
  expect(asked).toMatchObject({ kind: 'deleted', key: '111' })
  expect([...w.book.row(TAB, 0).notes]).toEqual(['name'])
  await w.sync(true)
  expect(w.conflicts()).toEqual([asked])
  await resolve('keep_remote')
  await w.sync()
  await w.sync(true)
  expect(w.conflicts()).toEqual([])
  expect(w.book.row(TAB, 0).values).toEqual({})
  expect(w.here(TAB)).toMatchObject([bob])
})

test('a row that was taken out there and changed here is asked about once, however often it is looked at', async () => {
  for (const row of [ann, bob]) w.book.type(TAB, row)
  await w.sync()
  w.book.tabs.get(TAB)?.shift()
  w.book.stamp++
  await w.edit(TAB, '111', { hourly_wage: 1_400 })
  await w.sync()
  await w.sync()
  const [asked] = w.conflicts()
  expect(asked).toMatchObject({ kind: 'delete', key: '111' })
  await w.sync(true)
  await w.sync(true)
  expect(w.conflicts()).toEqual([asked])
})

test('an answer about rows that went is none about the same rows that go again', async () => {
  const all = ['111', '112', '113', '114'].map((id) => ({ ...ann, id, name: `N${id}` }))
  for (const row of all) w.book.type(TAB, row)
  await w.sync()
  const takeOut = () => {
    w.book.tabs.get(TAB)?.splice(0, 3)
    w.book.stamp++
  }
  takeOut()
  await w.sync()
  await w.sync()
  await resolve('keep_remote')
  await w.sync()
  expect(w.book.tabs.get(TAB)).toHaveLength(4)
  await w.sync()
  w.book.tabs.get(TAB)?.sort((a, b) => (String(a.values.id) < String(b.values.id) ? -1 : 1))
  takeOut()
  await w.sync(true)
  await w.sync(true)
  expect(w.conflicts()).toMatchObject([{ kind: 'deletion_guard' }])
  expect(w.book.tabs.get(TAB)).toHaveLength(1)
})

test('rows that stayed through an import are the same after a person took it', async () => {
  const all = ['111', '112', '113', '114', '115'].map((id) => ({ ...ann, id, name: `N${id}` }))
  for (const row of all) w.book.type(TAB, row)
  await w.sync()
  const before = w.here(TAB).slice(0, 2)
  w.book.tabs.get(TAB)?.splice(2, 3)
  for (const id of ['911', '912', '913']) w.book.type(TAB, { ...bob, id, name: `N${id}` })
  await w.sync()
  expect(w.conflicts()).toMatchObject([{ kind: 'replaced' }])
  await resolve('keep_local')
  await w.sync()
  expect(w.part(TAB)).toMatchObject({ status: 'done' })
  expect(w.here(TAB).map(({ id }) => id)).toEqual(['111', '112', '911', '912', '913'])
  expect(w.here(TAB).slice(0, 2)).toEqual(before)
  // Three came and three went; the others were not touched.
  expect(w.part(TAB).updated).toBe(6)
  expect(w.conflicts()).toEqual([])
})

test('a rank that was renamed here and is new there under that name stays two rows, and a person says which is called so', async () => {
  const rank = { name: 'R1', min_amount: 0, max_amount: 500, bonus: 5, emoji: 'a' }
  w.book.type('ranks', rank)
  await w.sync()
  await w.edit('ranks', String(w.here('ranks')[0]?.id), { name: 'R9' })
  w.book.type('ranks', { ...rank, name: 'R9', min_amount: 1_000, max_amount: 1_500, emoji: 'b' })
  await w.sync()
  await w.sync()
  await w.sync(true)
  await w.sync(true)
  expect(w.here('ranks')).toMatchObject([
    { name: 'R9', min_amount: 0, emoji: 'a' },
    { name: 'R9', min_amount: 1_000, emoji: 'b' },
  ])
  expect(w.conflicts()).toMatchObject([{ kind: 'duplicate', key: 'R9' }])
  w.book.row('ranks', 1).values.name = 'R10'
  w.book.stamp++
  for (let n = 0; n < 3; n++) await w.sync()
  const said = ({ name, emoji }: Row) => `${name} ${emoji}`
  expect(w.conflicts()).toEqual([])
  expect(w.here('ranks').map(said).toSorted()).toEqual(['R10 b', 'R9 a'])
  expect(w.book.tabs.get('ranks')?.map(({ values }) => said(values))).toEqual(['R9 a', 'R10 b'])
})

test('rows that are moved past their ids are known by what was written to them, also where a cell of them waits', async () => {
  w = twoWayWorld({ policy: 'manual' })
  const RATES = 'dynamic_rates'
  for (const n of [1, 2])
    w.book.type(RATES, { range_from: n * 1_000, range_to: n * 1_000 + 500, rate: n / 100 })
  await w.sync()
  const ids = () => w.here(RATES).map(({ id, range_from, range_to }) => [id, range_from, range_to])
  for (const [n, { id, range_from }] of w.here(RATES).entries()) {
    await w.edit(RATES, String(id), { range_to: Number(range_from) + 900, rate: 0.5 })
    w.book.row(RATES, n).values.rate = 0.6
  }
  const before = ids()
  w.book.stamp++
  await w.sync()
  const [first, second] = [w.book.row(RATES, 0), w.book.row(RATES, 1)]
  expect(first).toMatchObject({ values: { range_to: 1_900, rate: 0.6 }, notes: new Set(['rate']) })
  w.book.tabs.set(RATES, [
    { ...second, ref: first.ref },
    { ...first, ref: second.ref },
  ])
  w.book.stamp++
  await w.sync()
  expect(ids()).toEqual(before)
  expect(w.conflicts()).toMatchObject([{ col: 'rate' }, { col: 'rate' }])
  expect(w.book.tabs.get(RATES)?.map(({ ref }) => ref)).toEqual([second.ref, first.ref])
})
