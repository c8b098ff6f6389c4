import { beforeEach, describe, expect, test } from 'vitest'
import { book, createRun, email, must, part } from './sheet-world.ts'
import { change, dataRow, header, only, openAccounts } from './write-world.ts'

let { world, write, shown } = openAccounts()
beforeEach(() => {
  ;({ world, write, shown } = openAccounts())
})

describe('A write', () => {
  test('changes the cells that differ and nothing else: not formats, not notes, not formulas', async () => {
    world.person.setNote(book, { cell: 'A!C3', note: 'mine' })
    world.person.format(book, { range: 'A!C3', type: 'NUMBER', pattern: '#,##0' })
    world.person.set(book, { cell: 'A!D3', text: '=20+0' })
    const before = world.google.snapshot().files[book]?.sheets[0]?.rows
    const report = await write([change('bob', 'followers', 200, 2500), change('bob', 'likes', 20, 99)])
    expect(report).toEqual({
      written: 1,
      theirs: [{ where: 'A!D3', raw: '=20+0' }],
      repaired: 0,
      warnings: [],
    })
    expect(world.person.cell(book, 'A!C3')).toMatchObject({ text: '2,500', value: 2500, note: 'mine' })
    const after = world.google.snapshot().files[book]?.sheets[0]?.rows
    expect(after?.filter((_, i) => i !== 2)).toEqual(before?.filter((_, i) => i !== 2))
    expect(world.person.cell(book, 'A!D3').formula).toBe('=20+0')
  })

  test('is one reading and one write, with the permissions asked before the reading', async () => {
    const run = createRun([only])
    must(await world.remote.read(run.context, only, null))
    world.calls()
    world.asked.length = 0
    await write([change('ann', 'followers', 100, 101), change('eve', 'views', 3, 4)], run)
    expect(world.calls()).toEqual(['sheets.getByDataFilter', 'sheets.batchUpdate'])
    expect(world.asked).toEqual(['write', 'read'])
  })

  test('leaves to people what they changed since the page was read', async () => {
    world.person.set(book, { cell: 'A!C2', text: '150' })
    world.person.set(book, { cell: 'A!C3', text: "'about 2k" })
    const report = await write([
      change('ann', 'followers', 100, 120),
      change('bob', 'followers', 200, 220),
      change('cleo', 'followers', 300, 320),
    ])
    expect(report.written).toBe(1)
    expect(report.theirs).toEqual([
      { where: 'A!C2', raw: '150' },
      { where: 'A!C3', raw: 'about 2k' },
    ])
    expect(shown()).toMatchObject({ ann: [150, 10], bob: ['about 2k', 20], cleo: [320, 30] })
  })

  test('fills an empty cell, replaces a number typed as text, and repeats without writing', async () => {
    world.person.clear(book, { range: 'A!C2' })
    world.person.set(book, { cell: 'A!C3', text: "'1.2K" })
    const changes = [change('ann', 'followers', null, 7), change('bob', 'followers', 1200, 1300)]
    expect((await write(changes)).written).toBe(2)
    world.calls()
    expect(await write(changes)).toEqual({ written: 0, theirs: [], repaired: 0, warnings: [] })
    expect(world.calls()).not.toContain('sheets.batchUpdate')
    expect(shown()).toMatchObject({ ann: [7, 10], bob: [1300, 20] })
  })

  test('finds rows by their key after a sort, and reports a row or column that is gone', async () => {
    world.person.sort(book, { tab: 'A', by: 'Followers', descending: true })
    world.person.deleteRow(book, { tab: 'A', row: 2 })
    world.person.deleteColumn(book, { tab: 'A', column: 'Views' })
    const report = await write([
      change('ann', 'followers', 100, 120),
      change('eve', 'followers', 500, 520),
      change('bob', 'views', 3, 4),
    ])
    expect(report.warnings.map(({ kind }) => kind)).toEqual(['row_gone', 'column_gone'])
    expect(report.written).toBe(1)
    expect(shown()).toMatchObject({ ann: [120, 10] })
  })

  test('passes protected cells by with a warning, and writes the others', async () => {
    world.person.protect(book, { range: 'A!C2:C3' })
    const report = await write([change('ann', 'followers', 100, 1), change('cleo', 'followers', 300, 3)])
    expect(report.written).toBe(1)
    expect(report.warnings).toEqual([expect.objectContaining({ kind: 'protected', where: 'A!C2' })])
    expect(shown()).toMatchObject({ ann: [100, 10], cleo: [3, 30] })
  })

  test('never turns text into a formula', async () => {
    await write([{ ...change('ann', 'followers', null, 0), column: 'username', seen: 'ann', value: '=1+1' }])
    expect(world.person.cell(book, 'A!B2')).toMatchObject({ formula: null, value: '=1+1' })
  })

  test('of more cells than one call should hold takes several', async () => {
    const many = Array.from({ length: 1_100 }, (_, i) => dataRow(`n${i}`, 1, 1, 1, 1, 1))
    world.person.addTab(book, { title: 'B', rows: [header, ...many] })
    const tab = part('B')
    const columns = ['followers', 'likes', 'comments', 'videos', 'views']
    const changes = many.flatMap((_, i) => columns.map((column) => change(`n${i}`, column, 1, 2)))
    const report = must((await world.remote.write?.(createRun([tab]).context, tab, changes)) ?? fail())
    expect(report.written).toBe(5_500)
    expect(world.calls()).toEqual([
      'sheets.get',
      'sheets.getByDataFilter',
      'sheets.batchUpdate',
      'sheets.batchUpdate',
    ])
    expect(
      world.person
        .values(book, 'B!G2:G1101')
        .flat()
        .every((value) => value === 2),
    ).toBe(true)
  })

  test('into a sheet that is shared read-only is refused with the address and the role', async () => {
    world.person.share(book, { email, role: 'reader' })
    const answer = await world.remote.write?.(createRun([only]).context, only, [
      change('ann', 'followers', 100, 1),
    ])
    expect(answer).toMatchObject({
      ok: false,
      failure: { type: 'refused', mend: expect.stringContaining(`${email} as Editor`) },
    })
  })
})

function fail(): never {
  throw new Error('the remote cannot write')
}
