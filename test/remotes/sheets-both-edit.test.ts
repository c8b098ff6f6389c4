import { describe, expect, test } from 'vitest'
import type { RemoteEdit } from '../../sync/engine/ports.ts'
import { openBoth, rates, seenIn, staff } from './both-world.ts'
import { book } from './sheet-world.ts'

const header = ['Employee ID', 'Name', 'Hourly wage', 'Commission', 'Remarks']
const people = [
  header,
  ['ann', 'Ann', 12.5, '5%', 'x'],
  ['bob', 'Bob', 20, '10%', 'y'],
  ['cleo', 'Cleo', 30, '15%', 'z'],
]
const ranges = [
  ['From', 'To', 'Rate'],
  [0, 100, '5%'],
  [100, 200, '8%'],
  [200, null, '10%'],
]

const withIds = ranges.map((row, i) => [...row, i === 0 ? 'Tidemark ID' : `r${i}`])

describe('Edits of a tab that is linked both ways', () => {
  test('are one reading and one write, whatever they are; the rest of the tab stays as it is', async () => {
    const { read, edit, shown, world, cell } = openBoth(staff, people)
    world.person.format(book, { range: 'A!C2', type: 'CURRENCY' })
    const page = await read()
    world.calls()
    const report = await edit([
      { type: 'cell', id: 'e1', at: seenIn(page, 0), column: 'wage', seen: 1250, value: 1375 },
      { type: 'cell', id: 'e2', at: seenIn(page, 1), column: 'name', seen: 'Bob', value: '=1+1' },
      { type: 'clear', id: 'e3', at: seenIn(page, 2) },
      { type: 'row', id: 'e4', ref: null, values: { id: '007', name: 'Dan', wage: 1, share: 0.2 } },
      {
        type: 'note',
        id: 'e5',
        at: seenIn(page, 1),
        column: 'wage',
        note: { reason: 'changed on both sides', base: 1500, here: 1800, shows: 2000 },
      },
    ])
    expect(world.calls()).toEqual(['sheets.getByDataFilter', 'sheets.batchUpdate'])
    expect(report).toMatchObject({ theirs: [], warnings: [], repaired: 0 })
    expect(report.done.toSorted()).toEqual(['e1', 'e2', 'e3', 'e4', 'e5'])
    expect(shown()).toEqual([
      header,
      ['ann', 'Ann', 13.75, 0.05, 'x'],
      ['bob', '=1+1', 20, 0.1, 'y'],
      ['', '', '', '', 'z'],
      ['007', 'Dan', 0.01, 0.2],
    ])
    expect(cell('C2')).toMatchObject({ format: { type: 'CURRENCY' } })
    expect(cell('B3').formula).toBeNull()
    expect(cell('D5').text).toBe('20%')
    expect(cell('C3').note).toBe(
      [
        '— Tidemark: two values —',
        'Tidemark holds 18.00. This sheet shows 20.00.',
        'Before, both said 15.00.',
        'Why: changed on both sides.',
        'To answer, type the value you want into this cell. To keep what the cell says, delete this note.',
      ].join('\n'),
    )
  })

  test('leave to people what they changed, typed as text, or compute by a formula', async () => {
    const { read, edit, shown, world } = openBoth(staff, people)
    const page = await read()
    world.person.set(book, { cell: 'A!C2', text: '99' })
    world.person.set(book, { cell: 'A!C3', text: 'a lot' })
    world.person.set(book, { cell: 'A!C4', text: '=15*2' })
    const before = shown()
    const wage = (position: number, seen: number): RemoteEdit => ({
      type: 'cell',
      id: `e${position}`,
      at: seenIn(page, position),
      column: 'wage',
      seen,
      value: 1,
    })
    const report = await edit([wage(0, 1250), wage(1, 2000), wage(2, 3000)])
    expect(report.theirs).toEqual([
      { where: 'A!C2', raw: '99' },
      { where: 'A!C3', raw: 'a lot' },
      { where: 'A!C4', raw: '=15*2' },
    ])
    expect(report.done).toEqual([])
    expect(shown()).toEqual(before)
    expect(world.calls()).not.toContain('sheets.batchUpdate')
  })

  test('find rows again after a sort, by id, by name, or by what they show', async () => {
    for (const [kind, rows] of [
      [staff, people],
      [rates, withIds],
      [rates, ranges],
    ] as const) {
      const { read, edit, shown, world } = openBoth(kind, rows)
      const page = await read()
      const column = kind === staff ? 'share' : 'rate'
      const letters = kind === staff ? 'D' : 'C'
      world.person.sort(book, { tab: 'A', by: letters, descending: true })
      const report = await edit([
        { type: 'cell', id: 'e', at: seenIn(page, 0), column, seen: 0.05, value: 0.07 },
      ])
      expect(report.done).toEqual(['e'])
      expect(shown(`A!${letters}2:${letters}4`)).toEqual([
        [kind === staff ? 0.15 : 0.1],
        [kind === staff ? 0.1 : 0.08],
        [0.07],
      ])
    }
  })

  test('of a row that could be two are not made', async () => {
    const { read, edit, world } = openBoth(rates, withIds)
    const page = await read()
    world.person.duplicateRow(book, { tab: 'A', row: 2 })
    world.person.insertRow(book, { tab: 'A', row: 2 })
    const report = await edit([
      { type: 'cell', id: 'e', at: seenIn(page, 0), column: 'rate', seen: 0.05, value: 0.07 },
    ])
    expect(report.warnings.map(({ kind }) => kind)).toEqual(['row_gone'])
    expect(world.calls()).not.toContain('sheets.batchUpdate')
  })

  test('that are made already are done without a write; a second time nothing is doubled', async () => {
    const { read, edit, shown, world } = openBoth(rates, withIds)
    const page = await read()
    const edits: RemoteEdit[] = [
      { type: 'cell', id: 'c', at: seenIn(page, 0), column: 'rate', seen: 0.05, value: 0.07 },
      { type: 'row', id: 'n', ref: 'r9', values: { range_from: 30_000, range_to: null, rate: 0.3 } },
      { type: 'ref', id: 'i', at: seenIn(page, 1), ref: 'new' },
    ]
    await edit(edits)
    const after = shown()
    world.calls()
    expect((await edit(edits)).done.toSorted()).toEqual(['c', 'i', 'n'].toSorted())
    expect(world.calls()).toEqual(['sheets.getByDataFilter'])
    expect(shown()).toEqual(after)
    expect(after).toHaveLength(5)
  })

  test('pass protected cells by with a warning, and make the others', async () => {
    const { read, edit, shown, world } = openBoth(staff, people)
    const page = await read()
    world.person.protect(book, { range: 'A!C2:C3' })
    const report = await edit([
      { type: 'cell', id: 'a', at: seenIn(page, 0), column: 'wage', seen: 1250, value: 1 },
      { type: 'clear', id: 'b', at: seenIn(page, 1) },
      { type: 'cell', id: 'c', at: seenIn(page, 2), column: 'wage', seen: 3000, value: 300 },
    ])
    expect(report.done).toEqual(['c'])
    expect(report.warnings.map(({ kind }) => kind)).toEqual(['protected', 'protected'])
    expect(shown('A!A2:C4')).toEqual([
      ['ann', 'Ann', 12.5],
      ['bob', 'Bob', 20],
      ['cleo', 'Cleo', 3],
    ])
  })

  test('with a value that no cell holds are refused one by one', async () => {
    const { read, edit, shown } = openBoth(staff, people)
    const page = await read()
    const report = await edit([
      { type: 'cell', id: 'a', at: seenIn(page, 0), column: 'name', seen: 'Ann', value: 'x'.repeat(50_001) },
      { type: 'cell', id: 'b', at: seenIn(page, 1), column: 'name', seen: 'Bob', value: 'y'.repeat(50_000) },
      { type: 'row', id: 'c', ref: null, values: { id: 'dan', name: 'z'.repeat(50_001) } },
    ])
    expect(report.done).toEqual(['b'])
    expect(report.warnings.map(({ kind }) => kind)).toEqual(['not_writable', 'not_writable'])
    expect(shown('A!B3:B3')[0]?.[0]).toBe('y'.repeat(50_000))
  })
})

describe('Rows’ ids', () => {
  test('get a column of their own behind all others: hidden, unprotected, made in the same write', async () => {
    const { read, edit, shown, world } = openBoth(
      rates,
      ranges.map((row) => [...row, 'mine']),
    )
    const page = await read()
    world.calls()
    const report = await edit([
      ...[0, 1, 2].map(
        (at): RemoteEdit => ({ type: 'ref', id: `e${at}`, at: seenIn(page, at), ref: `id${at}` }),
      ),
      { type: 'row', id: 'n', ref: 'id9', values: { range_from: 500, range_to: 600, rate: 0.5 } },
    ])
    expect(report).toMatchObject({ done: ['e0', 'e1', 'e2', 'n'], theirs: [], warnings: [] })
    expect(world.calls()).toEqual(['sheets.getByDataFilter', 'sheets.batchUpdate'])
    expect(shown('A!E1:E5').flat()).toEqual(['Tidemark ID', 'id0', 'id1', 'id2', 'id9'])
    const [sheet] = world.google.snapshot().files[book]?.sheets ?? []
    expect(sheet?.hiddenColumns).toEqual([4])
    expect(sheet?.protectedRanges).toEqual([])
    expect(sheet?.columnCount).toBe(27)
    expect((await read()).rows.map(({ ref }) => ref)).toEqual(['id0', 'id1', 'id2', 'id9'])
  })

  test('go with their row when it is emptied, and a copied one is replaced', async () => {
    const { read, edit, shown, world } = openBoth(rates, withIds)
    world.person.duplicateRow(book, { tab: 'A', row: 2 })
    const page = await read()
    const report = await edit([
      { type: 'ref', id: 'copy', at: seenIn(page, 1), ref: 'r1b' },
      { type: 'clear', id: 'gone', at: seenIn(page, 3) },
    ])
    expect(report.done).toEqual(['copy', 'gone'])
    expect(shown('A!D2:D5').flat()).toEqual(['r1', 'r1b', 'r2'])
    expect((await read()).rows).toHaveLength(3)
  })
})

describe('An empty tab', () => {
  test('gets its headers and rows in one write, with days and shares that look like it', async () => {
    const { readAndEdit, shown, cell, world, read } = openBoth(staff, [])
    const report = await readAndEdit([
      {
        type: 'row',
        id: 'a',
        ref: null,
        values: { id: 'ann', wage: 1250, share: 0.05, since: '2026-03-01', active: 1 },
      },
      { type: 'row', id: 'b', ref: null, values: { id: 'bob', seen: Date.UTC(2026, 2, 1, 12), level: 3 } },
    ])
    expect(report).toMatchObject({ done: ['a', 'b'], warnings: [] })
    expect(world.calls().filter((api) => api === 'sheets.batchUpdate')).toHaveLength(1)
    expect(shown('A!A1:I1')).toEqual([
      ['Employee ID', 'Name', 'Hourly wage', 'Commission', 'Active', 'Since', 'Last seen', 'Level', 'Factor'],
    ])
    expect(cell('D2').text).toBe('5.00%')
    expect(cell('F2').text).toBe('2026-03-01')
    expect(cell('G3').text).toBe('2026-03-01 12:00:00')
    expect((await read()).rows.map(({ values }) => values)).toMatchObject([
      { id: 'ann', wage: 1250, share: 0.05, since: '2026-03-01', active: 1, name: null },
      { id: 'bob', seen: Date.UTC(2026, 2, 1, 12), level: 3 },
    ])
  })

  test('gets headers alone where there are no rows, a hidden column for ids, and room where it is narrow', async () => {
    const { readAndEdit, shown, world } = openBoth(rates, [])
    world.person.deleteColumn(book, { tab: 'A', column: 'A' })
    await readAndEdit([])
    expect(shown()).toEqual([['From', 'To', 'Rate', 'Tidemark ID']])
    expect(world.google.snapshot().files[book]?.sheets[0]?.hiddenColumns).toEqual([3])
  })
})

describe('A note', () => {
  const dispute = { reason: 'changed on both sides', base: null, here: 1800, shows: 2000 }

  test('stands below what a person noted there, is replaced, and goes without it', async () => {
    const { read, edit, cell, world } = openBoth(staff, people)
    world.person.setNote(book, { cell: 'A!C3', note: 'agreed in May' })
    const at = seenIn(await read(), 1)
    await edit([{ type: 'note', id: 'n', at, column: 'wage', note: dispute }])
    expect(cell('C3').note).toMatch(/^agreed in May\n\n— Tidemark: two values —\nTidemark holds 18.00/)
    await edit([{ type: 'note', id: 'n', at, column: 'wage', note: { ...dispute, here: 1900 } }])
    expect(cell('C3').note?.match(/Tidemark holds/g)).toHaveLength(1)
    expect(cell('C3').note).toContain('holds 19.00')
    expect((await read()).rows[1]?.noted).toEqual(['wage'])
    expect((await edit([{ type: 'note', id: 'n', at, column: 'wage', note: null }])).done).toEqual(['n'])
    expect(cell('C3').note).toBe('agreed in May')
  })

  test('is not put on a cell that was answered meanwhile, and none of a person’s is ever taken away', async () => {
    const { read, edit, cell, world } = openBoth(staff, people)
    const at = seenIn(await read(), 1)
    world.person.set(book, { cell: 'A!C3', text: '18' })
    world.person.setNote(book, { cell: 'A!D3', note: 'mine' })
    const report = await edit([
      { type: 'note', id: 'n', at, column: 'wage', note: dispute },
      { type: 'note', id: 'm', at, column: 'share', note: null },
    ])
    expect(report).toMatchObject({ done: ['m'], theirs: [{ where: 'A!C3', raw: '18' }] })
    expect([cell('C3').note, cell('D3').note]).toEqual([null, 'mine'])
  })
})
