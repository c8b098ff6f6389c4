import { beforeEach, describe, expect, test } from 'vitest'
import { type TwoWayWorld, twoWayWorld } from './two-way-world.ts'
import { rows } from './world.ts'

// Reference tables in a workbook that people and programs edit at the same time.

let w: TwoWayWorld
const ann = { id: '111', name: 'Ann', hourly_wage: 1_250, commission: 0.08 }
const bob = { id: '112', name: 'Bob', hourly_wage: 1_300, commission: 0.1 }

beforeEach(() => {
  w = twoWayWorld()
})

const resolve = (conflict: string, strategy: string, more: object = {}) =>
  w.lane.change({
    actor: 'ann',
    origin: 'api',
    dryRun: false,
    proposal: { type: 'resolve', conflict, strategy: strategy as 'merge', notes: '', ...more },
  })

describe('what each side changed', () => {
  beforeEach(async () => {
    w.book.type('employee_settings', ann)
    w.book.type('employee_settings', bob)
    await w.sync()
  })

  test('a first look brings the rows of the sheet, and a second one changes nothing on either side', async () => {
    expect(w.here('employee_settings')).toMatchObject([ann, bob])
    const before = rows(w.world, 'SELECT version FROM lanes')
    expect((await w.sync()).status).toBe('unchanged')
    expect((await w.sync(true)).status).toBe('unchanged')
    expect(rows(w.world, 'SELECT version FROM lanes')).toEqual(before)
    expect(w.book.sent).toEqual([])
  })

  test('an unchanged workbook costs one call', async () => {
    const { probe, read } = w.book.calls
    await w.sync()
    expect(w.book.calls).toEqual({ probe: probe + 1, read, edit: 0 })
  })

  test('a cell changed in the sheet changes here, and says from which cell it came', async () => {
    w.book.row('employee_settings', 1).values.hourly_wage = 1_500
    w.book.stamp++
    await w.sync()
    expect(w.here('employee_settings')[1]).toMatchObject({ hourly_wage: 1_500 })
    const [last] = rows(w.world, 'SELECT why FROM history ORDER BY version DESC LIMIT 1')
    expect(String(last?.why)).toContain('EmployeeSettings!hourly_wage3')
  })

  test('a value changed here reaches its cell and no other', async () => {
    await w.edit('employee_settings', '112', { commission: 0.12 })
    await w.sync()
    expect(w.book.sent.flat()).toMatchObject([{ type: 'cell', column: 'commission', seen: 0.1, value: 0.12 }])
    expect(w.book.row('employee_settings', 1).values).toEqual({ ...bob, commission: 0.12 })
    expect((await w.sync()).status).toBe('unchanged')
    expect((await w.sync(true)).status).toBe('unchanged')
    expect(w.here('employee_settings')[1]).toMatchObject({ commission: 0.12 })
  })

  test('two cells of a row, one changed on each side, are both kept', async () => {
    await w.edit('employee_settings', '111', { hourly_wage: 1_400 })
    w.book.row('employee_settings', 0).values.name = 'Anna'
    w.book.stamp++
    await w.sync()
    const both = { ...ann, hourly_wage: 1_400, name: 'Anna' }
    expect(w.here('employee_settings')[0]).toMatchObject(both)
    expect(w.book.row('employee_settings', 0).values).toEqual(both)
  })

  test.each([
    ['sheet', 1_500, 'refused', 1],
    ['database', 1_400, 'sent', 0],
  ])('policy %s: a cell changed on both sides is %i on both', async (policy, value) => {
    w.world.file
      .prepare(`UPDATE config SET value = ? WHERE key = 'sheets.reference'`)
      .run(JSON.stringify({ spreadsheet_id: 'book-1', policy }))
    await w.edit('employee_settings', '111', { hourly_wage: 1_400 })
    w.book.row('employee_settings', 0).values.hourly_wage = 1_500
    w.book.stamp++
    await w.sync()
    expect(w.here('employee_settings')[0]?.hourly_wage).toBe(value)
    expect(w.book.row('employee_settings', 0).values.hourly_wage).toBe(value)
    const said = rows(w.world, 'SELECT after FROM history').map(({ after }) => String(after))
    expect(said.some((after) => after.includes('1400'))).toBe(true)
    expect(said.some((after) => after.includes('1500'))).toBe(true)
    expect((await w.sync(true)).status).toBe('unchanged')
  })

  test.each([
    ['later than the change here', 5_000, 1_500],
    ['earlier than it', -5_000, 1_400],
  ])('policy newest: a sheet that was changed %s', async (_when, after, value) => {
    w.world.file
      .prepare(`UPDATE config SET value = ? WHERE key = 'sheets.reference'`)
      .run(JSON.stringify({ spreadsheet_id: 'book-1', policy: 'newest' }))
    await w.edit('employee_settings', '111', { hourly_wage: 1_400 })
    w.book.modified = w.world.clock.now() + after
    w.book.row('employee_settings', 0).values.hourly_wage = 1_500
    w.book.stamp++
    await w.sync()
    expect(w.here('employee_settings')[0]?.hourly_wage).toBe(value)
    expect(w.book.row('employee_settings', 0).values.hourly_wage).toBe(value)
  })

  test('an emptied cell is a value too: it empties the column here; one that is never empty keeps its last good value', async () => {
    w.book.row('employee_settings', 0).values.name = null
    w.book.row('employee_settings', 0).values.hourly_wage = null
    w.book.stamp++
    await w.sync()
    expect(w.here('employee_settings')[0]).toMatchObject({ name: null, hourly_wage: 1_250 })
    expect(w.conflicts()).toMatchObject([{ kind: 'unreadable', col: 'hourly_wage', key: '111' }])
    expect(w.book.row('employee_settings', 0).values.hourly_wage).toBe(null)
    w.book.row('employee_settings', 0).values.hourly_wage = 1_600
    w.book.stamp++
    await w.sync()
    expect(w.here('employee_settings')[0]).toMatchObject({ hourly_wage: 1_600 })
    expect(w.conflicts()).toEqual([])
  })

  test('what can’t be read is a conflict on its cell, and what is changed here meanwhile is not written over it', async () => {
    const row = w.book.row('employee_settings', 0)
    row.unread = { hourly_wage: { reason: 'it is not a number', raw: 'a lot' } }
    row.values.name = 'Anna'
    w.book.stamp++
    await w.sync()
    await w.edit('employee_settings', '111', { hourly_wage: 1_700 })
    await w.sync()
    expect(w.here('employee_settings')[0]).toMatchObject({ name: 'Anna', hourly_wage: 1_700 })
    expect(w.conflicts()).toMatchObject([{ kind: 'unreadable', theirs: 'a lot' }])
    expect(w.book.sent).toEqual([])
    delete row.unread
    w.book.stamp++
    await w.sync()
    expect(row.values.hourly_wage).toBe(1_700)
    expect(w.conflicts()).toEqual([])
  })

  test('a text of nothing stays one here, and is nothing there', async () => {
    await w.edit('employee_settings', '111', { name: '' })
    await w.sync()
    await w.sync(true)
    expect(w.here('employee_settings')[0]?.name).toBe('')
    expect(w.book.row('employee_settings', 0).values.name).toBe(null)
    expect((await w.sync(true)).status).toBe('unchanged')
  })

  test('a formula is never written over', async () => {
    w.book.row('employee_settings', 0).locked = ['commission']
    w.book.stamp++
    await w.edit('employee_settings', '111', { commission: 0.2 })
    await w.sync()
    expect(w.book.row('employee_settings', 0).values.commission).toBe(0.08)
    expect(w.part('employee_settings').warnings).toMatchObject([{ kind: 'locked' }])
  })

  test('a cell that a person changes while we write stays the person’s, and is merged by the next run', async () => {
    await w.edit('employee_settings', '111', { hourly_wage: 1_400 })
    w.book.meanwhile = () => {
      w.book.row('employee_settings', 0).values.hourly_wage = 1_999
    }
    await w.sync()
    expect(w.book.row('employee_settings', 0).values.hourly_wage).toBe(1_999)
    await w.sync()
    expect(w.here('employee_settings')[0]?.hourly_wage).toBe(1_999)
    const said = rows(w.world, 'SELECT after FROM history').map(({ after }) => String(after))
    expect(said.some((after) => after.includes('1400'))).toBe(true)
  })

  test('a write whose answer was lost is found done: no row is doubled, and nothing is taken for a person’s edit', async () => {
    await w.edit('employee_settings', '111', { hourly_wage: 1_400 })
    await w.edit('employee_settings', '113', { name: 'Cleo', hourly_wage: 900, commission: 0 }, 'insert')
    w.book.loseAnswers = 1
    await w.sync()
    await w.sync()
    expect(w.book.row('employee_settings', 0).values.hourly_wage).toBe(1_400)
    expect(w.book.tabs.get('employee_settings')).toHaveLength(3)
    expect(w.here('employee_settings')).toMatchObject([{ hourly_wage: 1_400 }, bob, { id: '113' }])
    expect((await w.sync(true)).status).toBe('unchanged')
    expect(w.conflicts()).toEqual([])
  })
})

describe('rows that come and go', () => {
  beforeEach(async () => {
    w.book.type('employee_settings', ann)
    w.book.type('employee_settings', bob)
    for (let n = 0; n < 6; n++)
      w.book.type('employee_settings', {
        id: `20${n}`,
        name: `E${n}`,
        hourly_wage: 1_000 + n,
        commission: 0.05,
      })
    await w.sync()
  })

  test('a row made here is added to the sheet once', async () => {
    expect(
      await w.edit('employee_settings', '300', { name: 'New', hourly_wage: 800, commission: 0 }, 'insert'),
    ).toBe('applied')
    await w.sync()
    await w.sync()
    await w.sync(true)
    expect(w.book.tabs.get('employee_settings')?.filter(({ values }) => values.id === '300')).toHaveLength(1)
    expect(w.here('employee_settings')).toHaveLength(9)
  })

  test('a row deleted here has its cells emptied there', async () => {
    expect(await w.edit('employee_settings', '112', {}, 'delete')).toBe('applied')
    await w.sync()
    expect(w.book.row('employee_settings', 1).values).toEqual({})
    await w.sync()
    expect((await w.sync(true)).status).toBe('unchanged')
    expect(w.here('employee_settings')).toHaveLength(7)
  })

  test('a row deleted here that a person edited there meanwhile waits for a person', async () => {
    await w.edit('employee_settings', '112', {}, 'delete')
    w.book.row('employee_settings', 1).values.hourly_wage = 2_000
    w.book.stamp++
    await w.sync()
    expect(w.conflicts()).toMatchObject([{ kind: 'deleted', key: '112' }])
    expect(w.book.row('employee_settings', 1).values.hourly_wage).toBe(2_000)
    const [conflict] = w.conflicts()
    await resolve(String(conflict?.id), 'keep_local')
    await w.sync()
    expect(w.here('employee_settings').find(({ id }) => id === '112')).toMatchObject({ hourly_wage: 2_000 })
    expect(w.book.row('employee_settings', 1).notes.size).toBe(0)
    expect((await w.sync(true)).status).toBe('unchanged')
  })

  test('a row deleted there is deleted here at the second look', async () => {
    w.book.tabs.get('employee_settings')?.splice(3, 1)
    w.book.stamp++
    await w.sync()
    expect(w.here('employee_settings')).toHaveLength(8)
    await w.sync()
    expect(w.here('employee_settings')).toHaveLength(7)
    expect((await w.sync()).status).toBe('unchanged')
  })

  test('a row deleted there and changed here waits for a person, who may put it back', async () => {
    w.book.tabs.get('employee_settings')?.splice(3, 1)
    w.book.stamp++
    await w.edit('employee_settings', '201', { hourly_wage: 5_000 })
    await w.sync()
    await w.sync()
    expect(w.here('employee_settings')).toHaveLength(8)
    const [conflict] = w.conflicts()
    expect(conflict).toMatchObject({ kind: 'delete', key: '201' })
    await resolve(String(conflict?.id), 'keep_remote')
    await w.sync()
    await w.sync()
    expect(w.book.tabs.get('employee_settings')?.map(({ values }) => values.id)).toContain('201')
    expect(w.here('employee_settings')).toHaveLength(8)
    expect(w.conflicts()).toEqual([])
  })

  test('what a program changed in rows that were gone there stands when they are put back as they were', async () => {
    const before = w.book.tabs.get('employee_settings') ?? []
    w.book.tabs.set('employee_settings', before.slice(0, 5))
    w.book.stamp++
    await w.sync()
    await w.sync()
    expect(w.conflicts()).toMatchObject([{ kind: 'deletion_guard' }])
    const key = String(before[6]?.values.id)
    await w.edit('employee_settings', key, { hourly_wage: 5_000 })
    await w.sync()
    w.book.tabs.set('employee_settings', before)
    w.book.stamp++
    await w.sync()
    expect(w.here('employee_settings').find(({ id }) => id === key)).toMatchObject({ hourly_wage: 5_000 })
    expect(w.book.row('employee_settings', 6).values.hourly_wage).toBe(5_000)
    expect(w.conflicts()).toEqual([])
    await w.sync()
    expect((await w.sync(true)).status).toBe('unchanged')
  })

  test('an emptied tab deletes nothing: a person may let the rows go, or have them written again', async () => {
    w.book.tabs.set('employee_settings', [])
    w.book.stamp++
    await w.sync()
    expect(w.part('employee_settings')).toMatchObject({ status: 'failed' })
    await w.sync()
    expect(w.here('employee_settings')).toHaveLength(8)
    const [conflict, ...more] = w.conflicts()
    expect([conflict?.kind, more]).toEqual(['emptied', []])
    await resolve(String(conflict?.id), 'keep_remote')
    await w.sync()
    await w.sync()
    expect(w.book.tabs.get('employee_settings')).toHaveLength(8)
    expect(w.here('employee_settings')).toHaveLength(8)
    w.book.tabs.set('employee_settings', [])
    w.book.stamp++
    await w.sync()
    const [again] = w.conflicts()
    expect(again?.id).not.toBe(conflict?.id)
    await resolve(String(again?.id), 'keep_local')
    await w.sync()
    expect(w.here('employee_settings')).toEqual([])
    expect((await w.sync()).status).toBe('unchanged')
  })

  test('an import over the tab is held; put right, it closes by itself', async () => {
    const before = w.book.tabs.get('employee_settings') ?? []
    w.book.tabs.set('employee_settings', [])
    for (let n = 0; n < 5; n++)
      w.book.type('employee_settings', { id: `9${n}`, name: 'X', hourly_wage: 1, commission: 0 })
    await w.sync()
    expect(w.conflicts()).toMatchObject([{ kind: 'replaced' }])
    expect(w.here('employee_settings')).toHaveLength(8)
    w.book.tabs.set('employee_settings', before)
    w.book.stamp++
    await w.sync()
    expect(w.conflicts()).toEqual([])
  })

  test('another workbook with the same rows is neither read nor written before it is claimed', async () => {
    w.world.file.exec(`UPDATE config SET value = '{"spreadsheet_id":"copy"}'`)
    w.book.row('employee_settings', 0).values.hourly_wage = 7
    await w.edit('employee_settings', '112', { hourly_wage: 8_000 })
    await w.sync()
    expect(w.conflicts()).toMatchObject([{ kind: 'copied' }])
    expect(w.here('employee_settings')[0]?.hourly_wage).toBe(1_250)
    expect(w.book.sent).toEqual([])
    await resolve(String(w.conflicts()[0]?.id), 'keep_local')
    await w.sync()
    expect(w.here('employee_settings')[0]?.hourly_wage).toBe(7)
    expect(w.book.row('employee_settings', 1).values.hourly_wage).toBe(8_000)
    expect(w.conflicts()).toEqual([])
    expect((await w.sync()).status).toBe('unchanged')
  })

  test('while a row stands without its id, no row is taken for deleted', async () => {
    w.book.row('employee_settings', 3).values.id = null
    w.book.stamp++
    await w.sync()
    await w.sync()
    expect(w.here('employee_settings')).toHaveLength(8)
    w.book.row('employee_settings', 3).values.id = '201'
    w.book.stamp++
    await w.sync()
    expect((await w.sync()).status).toBe('unchanged')
  })
})

describe('cells that a person must settle', () => {
  beforeEach(async () => {
    w = twoWayWorld({ policy: 'manual' })
    w.book.type('employee_settings', ann)
    w.book.type('employee_settings', bob)
    await w.sync()
    await w.edit('employee_settings', '111', { hourly_wage: 1_400, commission: 0.5 })
    Object.assign(w.book.row('employee_settings', 0).values, {
      hourly_wage: 1_500,
      commission: 0.6,
      name: 'Anna',
    })
    w.book.stamp++
    await w.sync()
  })
  const cell = () => w.book.row('employee_settings', 0)
  const wage = () => w.conflicts().find(({ col }) => col === 'hourly_wage')

  test('each is a conflict with all three values and a note at the cell; the others are merged', async () => {
    expect(w.conflicts()).toMatchObject([
      { kind: 'merge', key: '111' },
      { kind: 'merge', key: '111' },
    ])
    expect(wage()).toMatchObject({
      base: '{"hourly_wage":1250}',
      ours: '{"hourly_wage":1400}',
      theirs: '{"hourly_wage":1500}',
    })
    expect([...cell().notes].sort()).toEqual(['commission', 'hourly_wage'])
    expect(w.here('employee_settings')[0]).toMatchObject({
      hourly_wage: 1_400,
      commission: 0.5,
      name: 'Anna',
    })
    expect(cell().values).toMatchObject({ hourly_wage: 1_500, commission: 0.6 })
    await w.sync()
    await w.sync(true)
    expect(w.conflicts()).toHaveLength(2)
  })

  test.each([
    ['typing another value', () => (cell().values.hourly_wage = 1_450), 1_450, 'merge'],
    ['typing the value here', () => (cell().values.hourly_wage = 1_400), 1_400, 'keep_remote'],
    ['taking the note away', () => cell().notes.delete('hourly_wage'), 1_500, 'keep_local'],
  ])('%s answers it in the sheet', async (_how, act, value, resolution) => {
    const id = wage()?.id
    act()
    w.book.stamp++
    await w.sync()
    expect(w.here('employee_settings')[0]).toMatchObject({ hourly_wage: value, commission: 0.5 })
    expect(rows(w.world, 'SELECT resolution FROM conflicts WHERE id = ?', String(id))).toEqual([
      { resolution },
    ])
    expect([...cell().notes]).toEqual(['commission'])
    await w.sync()
    expect(cell().values.hourly_wage).toBe(value)
    expect(w.conflicts()).toHaveLength(1)
  })

  test.each([
    ['keep_local', {}, 1_500],
    ['keep_remote', {}, 1_400],
    ['merge', { values: { hourly_wage: 1_430 } }, 1_430],
  ])('%s answers it here, and the note goes', async (strategy, more, value) => {
    expect((await resolve(String(wage()?.id), strategy, more)).type).toBe('applied')
    await w.sync()
    expect(w.here('employee_settings')[0]?.hourly_wage).toBe(value)
    expect(cell().values.hourly_wage).toBe(value)
    expect([...cell().notes]).toEqual(['commission'])
    await w.sync()
    expect(w.conflicts()).toHaveLength(1)
    expect(rows(w.world, 'SELECT * FROM pins')).toEqual([])
  })

  test('settled once, the same two values are a new question when they meet again', async () => {
    await resolve(String(wage()?.id), 'keep_remote')
    await w.sync()
    await w.edit('employee_settings', '111', { hourly_wage: 1_410 })
    cell().values.hourly_wage = 1_500
    w.book.stamp++
    await w.sync()
    expect(wage()).toMatchObject({ ours: '{"hourly_wage":1410}', theirs: '{"hourly_wage":1500}' })
  })
})

describe('tables that are taken whole', () => {
  const ranges = [
    { range_from: 0, range_to: 1_000, rate: 0.05 },
    { range_from: 1_000, range_to: 2_000, rate: 0.07 },
    { range_from: 2_000, range_to: 3_000, rate: 0.08 },
    { range_from: 3_000, range_to: null, rate: 0.1 },
  ]
  beforeEach(async () => {
    for (const range of ranges) w.book.type('dynamic_rates', range)
    await w.sync()
  })
  const tab = (n: number) => w.book.row('dynamic_rates', n)

  test('rows get ids that the sheet keeps', () => {
    const ids = w.here('dynamic_rates').map(({ id }) => id)
    expect(w.book.tabs.get('dynamic_rates')?.map(({ ref }) => ref)).toEqual(ids)
    expect(new Set(ids).size).toBe(4)
  })

  test('ranges that overlap are not taken, and the last good ones stay in use', async () => {
    tab(1).values.range_to = 2_500
    w.book.stamp++
    await w.sync()
    expect(w.part('dynamic_rates')).toMatchObject({ status: 'failed' })
    expect(w.part('dynamic_rates').reason).toContain('overlap')
    expect(w.here('dynamic_rates')).toMatchObject(ranges)
    tab(2).values.range_from = 2_500
    w.book.stamp++
    const before = rows(w.world, 'SELECT version FROM lanes')[0]?.version
    await w.sync()
    expect(w.here('dynamic_rates').map(({ range_to }) => range_to)).toEqual([1_000, 2_500, 3_000, null])
    expect(rows(w.world, 'SELECT version FROM lanes')[0]?.version).toBe(Number(before) + 1)
  })

  test('two ranges made one: nothing is taken before the deleted one is certain, then all at once', async () => {
    tab(1).values.range_to = 3_000
    w.book.tabs.get('dynamic_rates')?.splice(2, 1)
    w.book.stamp++
    await w.sync()
    expect(w.here('dynamic_rates')).toMatchObject(ranges)
    await w.sync()
    expect(w.here('dynamic_rates').map(({ range_from, range_to }) => [range_from, range_to])).toEqual([
      [0, 1_000],
      [1_000, 3_000],
      [3_000, null],
    ])
  })

  test('a program can’t break it either', async () => {
    const key = String(w.here('dynamic_rates')[1]?.id)
    expect(await w.edit('dynamic_rates', key, { range_to: 2_500 })).toContain('overlap')
    expect(w.here('dynamic_rates')).toMatchObject(ranges)
    expect(await w.edit('dynamic_rates', key, { rate: 0.075 })).toBe('applied')
    await w.sync()
    expect(tab(1).values.rate).toBe(0.075)
  })

  test('sorted, by whole rows or past their ids, copied and blanked, rows stay who they are', async () => {
    const ids = w.here('dynamic_rates').map(({ id, rate }) => [rate, id])
    const list = w.book.tabs.get('dynamic_rates') ?? []
    list.reverse()
    w.book.stamp++
    await w.sync()
    expect(w.here('dynamic_rates').map(({ id, rate }) => [rate, id])).toEqual(ids)
    const contents = list.map(({ values }) => values).reverse()
    for (const [n, row] of list.entries()) row.values = contents[n] ?? {}
    w.book.stamp++
    await w.sync()
    expect(w.here('dynamic_rates').map(({ id, rate }) => [rate, id])).toEqual(ids)
    for (const row of list) row.ref = null
    w.book.stamp++
    await w.sync()
    expect(w.here('dynamic_rates').map(({ id, rate }) => [rate, id])).toEqual(ids)
    expect(list.map(({ ref }) => ref).sort()).toEqual(ids.map(([, id]) => id).sort())
  })
})

test('a table of the database fills an empty tab', async () => {
  for (let n = 0; n < 5; n++)
    await w.edit('employee_settings', `e${n}`, { name: `N${n}`, hourly_wage: n, commission: 0 }, 'insert')
  await w.sync()
  expect(w.book.tabs.get('employee_settings')).toHaveLength(5)
  await w.sync()
  expect((await w.sync(true)).status).toBe('unchanged')
})
