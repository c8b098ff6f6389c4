import { beforeEach, describe, expect, test } from 'vitest'
import type { RemoteEdit } from '../../sync/engine/ports.ts'
import { bothRun, only, openBoth, rates, seenIn, staff } from './both-world.ts'
import { book, part } from './sheet-world.ts'

const header = ['Employee ID', 'Name', 'Hourly wage', 'Commission']
const people = [header, ['ann', 'Ann', 12.5, 0.05], ['bob', 'Bob', 20, 0.1], ['cleo', 'Cleo', 30, 0.15]]
const dan: RemoteEdit = { type: 'row', id: 'dan', ref: null, values: { id: 'dan', wage: 4_000 } }
const filled = (rows: readonly (readonly unknown[])[]) =>
  rows.filter((row) => row.some((cell) => cell !== ''))

let opened = openBoth(staff, people)
beforeEach(() => {
  opened = openBoth(staff, people)
})

describe('A new row is never doubled', () => {
  test.each([
    ['the answer is lost', { lost: true }],
    ['the answer is cut', { cut: true }],
    ['Google gives up after the work was done', { delayMs: 200_000, when: 'after' }],
  ] as const)('when %s', async (_, fault) => {
    const { world, edit, shown } = opened
    world.google.faults.add({ match: { api: 'sheets.batchUpdate' }, times: 2, do: fault })
    const report = await edit([dan])
    expect(report).toMatchObject({ done: ['dan'], warnings: [] })
    expect(filled(shown())).toEqual([...people, ['dan', '', 40]])
  })

  test.each([
    ['nothing is heard', { late: true }],
    ['Google says 500', { late: true, status: 500 }],
    ['Google says 502', { late: true, status: 502 }],
    ['Google says 503', { late: true, status: 503 }],
    ['Google says 504', { late: true, status: 504 }],
  ] as const)(
    'when %s and it lands late: it is not sent again before it can no longer land, by this run or the next',
    async (_, fault) => {
      const { world, edit, shown, memory } = opened
      const raised: RemoteEdit = {
        type: 'cell',
        id: 'e',
        at: seenIn(await opened.read(), 1),
        column: 'wage',
        seen: 2_000,
        value: 2_500,
      }
      world.google.faults.add({ match: { api: 'sheets.batchUpdate' }, times: 1, do: fault })
      const report = await edit([dan, raised])
      expect(report).toMatchObject({ done: ['e'], warnings: [{ kind: 'not_written' }] })
      expect(report.warnings[0]?.message).toMatch(/may still carry it out until/)
      expect((await edit([dan])).done).toEqual([])
      world.google.faults.land()
      expect((await edit([dan])).done).toEqual(['dan'])
      expect(filled(shown()).slice(4)).toEqual([['dan', '', 40]])
      expect(memory.value).toMatchObject({ tabs: { A: { landing: expect.any(Number) } } })
    },
  )

  test('when it lands late, and the tab of another part is looked for in vain meanwhile', async () => {
    const { world, edit, read, shown, memory } = opened
    world.google.faults.add({ match: { api: 'sheets.batchUpdate' }, times: 1, do: { late: true } })
    expect((await edit([dan])).done).toEqual([])
    await read(bothRun(staff, memory, [only, part('B')]))
    expect((await edit([dan])).done).toEqual([])
    world.google.faults.land()
    expect((await edit([dan])).done).toEqual(['dan'])
    expect(filled(shown()).slice(4)).toEqual([['dan', '', 40]])
  })

  test.each([
    ['nothing is heard', { drop: true }],
    ['Google says 500', { status: 500 }],
    ['Google says 503', { status: 503 }],
  ] as const)('when %s and it never lands: it is sent again once it can no longer', async (_, fault) => {
    const { world, edit, shown, memory } = opened
    world.google.faults.add({ match: { api: 'sheets.batchUpdate' }, times: 1, do: fault })
    expect((await edit([dan])).done).toEqual([])
    world.wait(179_999)
    expect((await edit([dan])).done).toEqual([])
    world.wait(1)
    expect((await edit([dan])).done).toEqual(['dan'])
    expect(filled(shown()).slice(4)).toEqual([['dan', '', 40]])
    expect(JSON.stringify(memory.value)).not.toContain('landing')
  })

  test('when Google says 429: the run is told, and the next one adds it once', async () => {
    const { world, edit, shown, memory } = opened
    world.google.faults.add({ match: { api: 'sheets.batchUpdate' }, times: 1, do: { status: 429 } })
    const run = bothRun(staff, memory)
    expect(await world.remote.edit?.(run.context, only, [dan])).toMatchObject({
      ok: false,
      failure: { type: 'busy' },
    })
    expect((await edit([dan], run)).done).toEqual(['dan'])
    expect(filled(shown())).toEqual([...people, ['dan', '', 40]])
  })

  test('when nothing can be read after the lost answer, and the run goes on later', async () => {
    const { world, edit, shown, memory } = opened
    const run = bothRun(staff, memory)
    const hold = world.google.faults.hold({ api: 'sheets.batchUpdate' })
    const editing = world.remote.edit?.(run.context, only, [dan])
    await hold.arrived()
    world.person.insertColumn(book, { tab: 'A', before: 'Name' })
    world.google.faults.add({ match: { api: 'sheets.batchUpdate' }, times: 1, do: { lost: true } })
    const down = world.google.faults.add({ match: { kind: 'read' }, do: { status: 503 } })
    hold.release()
    expect(await editing).toMatchObject({ ok: false, failure: { type: 'unavailable' } })
    world.google.faults.remove(down)
    expect((await edit([dan], run)).done).toEqual(['dan'])
    expect(filled(shown()).slice(4)).toEqual([['dan', '', '', 40]])
  })
})

describe('While the write is on its way', () => {
  const raise = async (): Promise<RemoteEdit> => ({
    type: 'cell',
    id: 'e',
    at: seenIn(await opened.read(), 1),
    column: 'wage',
    seen: 2_000,
    value: 2_500,
  })

  test('a person renames the header, or empties it: the cell is the right one all the same', async () => {
    for (const text of ['Pay', '']) {
      opened = openBoth(staff, people)
      const { world, between, shown } = opened
      const edit = await raise()
      const report = await between(() => world.person.set(book, { cell: 'A!C1', text }), [edit]).catch(String)
      expect(shown('A!C2:C4')).toEqual([[12.5], [25], [30]])
      if (text) expect(report).toMatchObject({ done: ['e'], warnings: [{ kind: 'header_renamed' }] })
      else expect(report).toContain('is gone')
    }
  })

  test('a person types into another cell, adds a row at the end, and deletes one: all of it stays theirs', async () => {
    const { world, between, shown } = opened
    const edit = await raise()
    const report = await between(() => {
      world.person.set(book, { cell: 'A!B3', text: 'Robert' })
      world.person.setRows(book, { at: 'A!A5', rows: [['eve', 'Eve', 9]] })
      world.person.deleteRow(book, { tab: 'A', row: 2 })
    }, [edit, dan])
    expect(report.done.toSorted()).toEqual(['dan', 'e'])
    expect(filled(shown())).toEqual([
      header,
      ['bob', 'Robert', 25, 0.1],
      ['cleo', 'Cleo', 30, 0.15],
      ['eve', 'Eve', 9],
      ['dan', '', 40],
    ])
  })

  test('a person adds the same row: it stands there twice, for the engine to say', async () => {
    const { world, between, shown } = opened
    await between(() => world.person.setRows(book, { at: 'A!A5', rows: [['dan', 'Dan']] }), [dan])
    expect(filled(shown()).slice(4)).toEqual([
      ['dan', 'Dan'],
      ['dan', '', 40],
    ])
  })

  test('a person sorts rows that get their first ids: each gets its own', async () => {
    const ranges = [['From', 'To', 'Rate'], ...[5, 3, 9].map((n) => [n, n + 1, n / 100])]
    const { world, read, between, shown } = openBoth(rates, ranges)
    const page = await read()
    const report = await between(
      () => world.person.sort(book, { tab: 'A', by: 'From' }),
      [0, 1, 2].map((at): RemoteEdit => {
        const seen = seenIn(page, at)
        return { type: 'ref', id: `e${at}`, at: seen, ref: `id-${Number(seen.shows.range_from) / 100}` }
      }),
    )
    expect(report.done).toHaveLength(3)
    expect(shown('A!A2:D4').map((row) => [row[0], row[3]])).toEqual([
      [3, 'id-3'],
      [5, 'id-5'],
      [9, 'id-9'],
    ])
  })
})

describe('A row that goes', () => {
  const ranges = [
    ['From', 'To', 'Rate', 'Tidemark ID'],
    [0, 100, 0.2, 'a'],
    [100, 200, 0.1, 'b'],
    [200, 300, 0.05, 'c'],
  ]
  const clearing = (page: Parameters<typeof seenIn>[0]): RemoteEdit => ({
    type: 'clear',
    id: 'x',
    at: seenIn(page, 1),
  })

  test.each(['', 'c', 'z'])('is left alone where it came to carry “%s” as its id meanwhile', async (id) => {
    const { world, read, edit, shown } = openBoth(rates, ranges)
    const page = await read()
    world.person.set(book, { cell: 'A!D3', text: id })
    const before = shown()
    const report = await edit([clearing(page)])
    expect(report).toMatchObject({ done: [], theirs: [{ where: 'A!D3' }] })
    expect(shown()).toEqual(before)
  })

  test('is not said to be gone as long as some row shows what it showed', async () => {
    const { world, read, edit, shown } = openBoth(rates, ranges)
    const page = await read()
    world.person.clear(book, { range: 'A!D2:D4' })
    world.person.sort(book, { tab: 'A', by: 'From', descending: true })
    world.person.insertRow(book, { tab: 'A', row: 2 })
    const before = shown()
    expect((await edit([clearing(page)])).done).toEqual([])
    expect(shown()).toEqual(before)
  })

  test('is the one emptied when its id is pasted over another in the moment of the write', async () => {
    const { world, read, between, shown } = openBoth(rates, ranges)
    const page = await read()
    const report = await between(
      () => world.person.copyPaste(book, { from: 'A!D3', to: 'A!D4' }),
      [clearing(page)],
    )
    expect(report.done).toEqual(['x'])
    expect(filled(shown())).toEqual([ranges[0], ranges[1], [200, 300, 0.05, 'b']])
  })
})

test('A row of an import that came to stand where another one was just emptied is said to be lost', async () => {
  const { world, read, between, shown } = opened
  const gone: RemoteEdit = { type: 'clear', id: 'gone', at: seenIn(await read(), 2) }
  const others = ['x', 'y', 'z'].map((id) => [id, id.toUpperCase(), 1, 0.5])
  world.calls()
  const report = await between(
    () => world.person.replaceTab(book, { tab: 'A', rows: [header, ...others] }),
    [gone],
  )
  expect(report.warnings).toMatchObject([{ kind: 'overwritten', where: 'A!4:4' }])
  expect(world.calls()).toEqual(['sheets.getByDataFilter', 'sheets.batchUpdate'])
  expect(filled(shown())).toEqual([header, ...others.slice(0, 2)])
})

describe('A tab that people empty', () => {
  const everything = (of: typeof opened): void => of.world.person.clear(book, { range: 'A!A1:Z100' })
  const rows = (of: typeof opened): void => of.world.person.clear(book, { range: 'A!A2:Z100' })
  const clearing = async (of: typeof opened): Promise<RemoteEdit> => ({
    type: 'clear',
    id: 'gone',
    at: seenIn(await of.read(), 1),
  })

  test('before the write, though it was filled when it was read, gets no headers and no rows', async () => {
    const { memory, read, edit, shown } = opened
    const run = bothRun(staff, memory)
    await read(run)
    everything(opened)
    expect(await edit([dan], run)).toMatchObject({
      done: [],
      written: 0,
      warnings: [{ kind: 'not_written', where: 'A' }],
    })
    expect(filled(shown())).toEqual([])
  })

  test('in the moment of the write stays empty: a new row that came into it is taken out again', async () => {
    const { between, shown } = opened
    const gone = await clearing(opened)
    const report = await between(() => everything(opened), [gone, dan])
    expect(report).toMatchObject({ written: 0, done: [], warnings: [{ kind: 'not_written', where: 'A' }] })
    expect(filled(shown())).toEqual([])
  })

  test('below its header, in the moment in which a row goes, is written to once', async () => {
    const { world, between, shown } = opened
    const gone = await clearing(opened)
    world.calls()
    const report = await between(() => rows(opened), [gone, dan])
    expect(report.done.toSorted()).toEqual(['dan', 'gone'])
    expect(world.calls()).toEqual(['sheets.getByDataFilter', 'sheets.batchUpdate'])
    expect(filled(shown())).toEqual([header, ['dan', '', 40]])
  })
})

describe('An id', () => {
  const ranges = [
    ['From', 'To', 'Rate', 'Tidemark ID'],
    [0, 100, 0.2, 'a'],
    [100, 200, 0.1, 'b'],
    [200, 300, 0.05, 'b'],
  ]
  const back = (page: Parameters<typeof seenIn>[0]): RemoteEdit => ({
    type: 'ref',
    id: 'back',
    at: seenIn(page, 2),
    ref: 'c',
  })

  test.each([
    ['that row', 4, ['a', 'b']],
    ['the other one', 3, ['a', 'c']],
  ])(
    'that goes back to its row goes to no other with the same when %s is deleted meanwhile',
    async (_, row, left) => {
      const { world, read, between, shown } = openBoth(rates, ranges)
      const edits = [back(await read())]
      await between(() => world.person.deleteRow(book, { tab: 'A', row }), edits)
      expect(filled(shown('A!D2:D9')).flat()).toEqual(left)
    },
  )

  test('that goes back to its row is taken out again when its column is deleted in the moment of the write', async () => {
    const { world, read, between, shown } = openBoth(rates, ranges)
    const page = await read()
    await between(() => world.person.deleteColumn(book, { tab: 'A', column: 'D' }), [back(page)])
    expect(
      shown('A!D1:D9')
        .flat()
        .filter((value) => value !== ''),
    ).toEqual([])
  })

  test('of a new row comes into a column of its own when the one of ids is deleted in the moment of the write', async () => {
    const { world, between, shown } = openBoth(rates, ranges.slice(0, 3))
    const added: RemoteEdit = {
      type: 'row',
      id: 'new',
      ref: 'n',
      values: { range_from: 20_000, range_to: 30_000, rate: 0.05 },
    }
    const report = await between(() => world.person.deleteColumn(book, { tab: 'A', column: 'D' }), [added])
    expect(report.done).toEqual(['new'])
    expect(filled(shown('A!D1:D9'))).toEqual([])
    expect(filled(shown('A!E1:E9'))).toEqual([['Tidemark ID'], ['n']])
  })
})
