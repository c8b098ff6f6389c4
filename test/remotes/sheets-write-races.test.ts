import { beforeEach, describe, expect, test } from 'vitest'
import { book, createRun, must } from './sheet-world.ts'
import { change, header, names, only, openAccounts, original } from './write-world.ts'

let { world, write, shown, between } = openAccounts()
beforeEach(() => {
  ;({ world, write, shown, between } = openAccounts())
})

describe('While the write is on its way', () => {
  const changes = [change('bob', 'followers', 200, 2222), change('dan', 'likes', 40, 4444)]
  const wanted = { ...original, bob: [2222, 20], dan: [400, 4444] }

  test.each<[string, () => void, number]>([
    ['sorts the rows', () => world.person.sort(book, { tab: 'A', by: 'Followers', descending: true }), 2],
    ['deletes a row above', () => world.person.deleteRow(book, { tab: 'A', row: 2 }), 2],
    ['inserts an empty row above', () => world.person.insertRow(book, { tab: 'A', row: 2 }), 2],
    ['inserts an empty row in the very place', () => world.person.insertRow(book, { tab: 'A', row: 3 }), 2],
    ['inserts a row above the header', () => world.person.insertRow(book, { tab: 'A', row: 1 }), 2],
    ['moves a row', () => world.person.moveRow(book, { tab: 'A', row: 6, before: 2 }), 2],
    [
      'inserts a column before the metrics',
      () => world.person.insertColumn(book, { tab: 'A', before: 'Followers' }),
      2,
    ],
    [
      'inserts a column before the key',
      () => world.person.insertColumn(book, { tab: 'A', before: 'Profile URL' }),
      2,
    ],
    [
      'swaps columns',
      () => world.person.moveColumn(book, { tab: 'A', column: 'Likes', before: 'Followers' }),
      2,
    ],
    ['renames the tab', () => world.person.renameTab(book, { tab: 'A', title: 'Renamed' }), 0],
  ])('a person %s: what was hit is put back, and the right cells are written', async (_, act, repaired) => {
    const report = await between(act, changes)
    const title = world.google.snapshot().files[book]?.sheets[0]?.title ?? ''
    if (title !== 'A') world.person.renameTab(book, { tab: title, title: 'A' })
    const head = world.person.values(book, 'A!A1:Z3').find((cells) => cells.includes('Username')) ?? []
    const at = (name: string) => head.indexOf(name)
    const rows = world.person
      .values(book, 'A!A1:Z100')
      .filter((cells) => names.includes(String(cells[at('Username')])))
    const now = Object.fromEntries(
      rows.map((cells) => [String(cells[at('Username')]), [cells[at('Followers')], cells[at('Likes')]]]),
    )
    const { ann, ...rest } = wanted
    expect(now).toEqual(now.ann ? { ann, ...rest } : rest)
    expect(head.filter((text) => text !== '').toSorted()).toEqual(header.toSorted())
    expect(report).toMatchObject({ written: 2, theirs: [], repaired, warnings: [] })
    const filled = world.person
      .values(book, 'A!A1:Z100')
      .flat()
      .filter((cell) => cell !== '').length
    expect(filled).toBe(7 * (rows.length + 1))
  })

  test('a row that comes into the place and shows that very value already needs no repair', async () => {
    const report = await between(
      () => world.person.sort(book, { tab: 'A', by: 'Followers', descending: true }),
      [change('bob', 'followers', 200, 400)],
    )
    expect(report).toMatchObject({ written: 1, repaired: 0 })
    expect(shown()).toEqual({ ...original, bob: [400, 20] })
  })

  test('a person deletes the row: nothing is written for it, and what stood below is put back', async () => {
    const report = await between(() => world.person.deleteRow(book, { tab: 'A', row: 3 }), changes)
    expect(report).toMatchObject({ written: 1, repaired: 2, warnings: [{ kind: 'row_gone' }] })
    const { bob: _, ...rest } = wanted
    expect(shown()).toEqual(rest)
  })

  test('a person deletes the last rows, so that the place is outside the grid: the write is made anew', async () => {
    world.person.deleteRow(book, { tab: 'A', row: 7, count: 994 })
    const report = await between(
      () => world.person.deleteRow(book, { tab: 'A', row: 2 }),
      [change('eve', 'followers', 500, 5555)],
    )
    expect(report).toMatchObject({ written: 1, warnings: [] })
    expect(shown().eve).toEqual([5555, 50])
  })

  test('a person adds a filled row in the very place: it is emptied there, and said loudly', async () => {
    const report = await between(
      () => world.person.insertRow(book, { tab: 'A', row: 3, values: ['instagram.com/new', 'new', 77, 7] }),
      [change('bob', 'followers', 200, 2222)],
    )
    expect(report.warnings).toEqual([expect.objectContaining({ kind: 'overwritten', where: 'A!C3' })])
    expect(shown()).toMatchObject({ new: ['', 7], bob: [2222, 20] })
  })

  test('a person corrects a key: it is still the same row', async () => {
    const report = await between(
      () => world.person.set(book, { cell: 'A!A3', text: 'instagram.com/robert' }),
      changes,
    )
    expect(report).toMatchObject({ written: 2, repaired: 0, warnings: [] })
    expect(shown()).toEqual(wanted)
  })

  test('a person edits other cells: they are theirs and stay', async () => {
    const report = await between(() => world.person.set(book, { cell: 'A!D3', text: '21' }), changes)
    expect(report.written).toBe(2)
    expect(shown()).toEqual({ ...wanted, bob: [2222, 21] })
  })

  test('a formula that was hit comes back as a formula', async () => {
    world.person.set(book, { cell: 'A!C2', text: '=50+50' })
    await between(() => world.person.insertRow(book, { tab: 'A', row: 2 }), changes)
    expect(world.person.cell(book, 'A!C3')).toMatchObject({ formula: '=50+50', value: 100 })
  })

  test('rows whose key is a formula are known by what it shows', async () => {
    for (const [i, name] of names.entries()) {
      world.person.set(book, { cell: `A!J${i + 2}`, text: `instagram.com/${name}` })
      world.person.set(book, { cell: `A!A${i + 2}`, text: `=J${i + 2}` })
    }
    const report = await between(
      () => world.person.sort(book, { tab: 'A', by: 'Followers', descending: true }),
      changes,
    )
    expect(shown()).toEqual(wanted)
    expect(report).toMatchObject({ written: 2, repaired: 2, warnings: [] })
  })

  test('rows move again under the repair: it follows', async () => {
    const hold = world.google.faults.hold({ api: 'sheets.batchUpdate' })
    const writing = write(changes)
    for (const descending of [true, false, true]) {
      await hold.arrived()
      world.person.sort(book, { tab: 'A', by: 'Username', descending })
      hold.release(1)
    }
    await hold.arrived()
    hold.release()
    const report = await writing
    expect(shown()).toEqual(wanted)
    expect(report.written).toBe(2)
    expect(report.warnings).toEqual([])
  })
})

describe('When the answer is lost', () => {
  const changes = [change('bob', 'followers', 200, 2222), change('dan', 'likes', 40, 4444)]

  test('a reading tells that the cells are written, and nothing is written twice', async () => {
    world.google.faults.add({ match: { api: 'sheets.batchUpdate' }, times: 1, do: { lost: true } })
    expect(await write(changes)).toMatchObject({ written: 2, repaired: 0 })
    expect(world.calls().filter((api) => api === 'sheets.batchUpdate')).toHaveLength(1)
  })

  test('and rows had moved: what was hit is put back', async () => {
    world.google.faults.add({ match: { api: 'sheets.batchUpdate' }, times: 1, do: { cut: true } })
    const report = await between(
      () => world.person.sort(book, { tab: 'A', by: 'Username', descending: true }),
      changes,
    )
    expect(report).toMatchObject({ written: 2, repaired: 2 })
    expect(shown()).toEqual({ ...original, bob: [2222, 20], dan: [400, 4444] })
  })

  test('and nothing can be read either: the next page is not read before the damage is mended', async () => {
    const run = createRun([only])
    must(await world.remote.read(run.context, only, null))
    const hold = world.google.faults.hold({ api: 'sheets.batchUpdate' })
    const writing = world.remote.write?.(run.context, only, changes)
    await hold.arrived()
    world.person.sort(book, { tab: 'A', by: 'Username', descending: true })
    world.google.faults.add({ match: { api: 'sheets.batchUpdate' }, times: 1, do: { lost: true } })
    const down = world.google.faults.add({ match: { kind: 'read' }, do: { status: 503 } })
    hold.release()
    expect(await writing).toMatchObject({ ok: false, failure: { type: 'unavailable' } })
    expect(shown()).not.toEqual(original)
    world.google.faults.remove(down)
    const page = must(await world.remote.read(run.context, only, null))
    const followers = Object.fromEntries(page.rows.map(({ values }) => [values.username, values.followers]))
    expect(followers).toEqual({ ann: 100, bob: 200, cleo: 300, dan: 400, eve: 500 })
    expect(await write(changes, run)).toMatchObject({ written: 2, repaired: 2 })
  })
})
