import { describe, expect, test } from 'vitest'
import { bothRun, only, openBoth, rates, staff } from './both-world.ts'
import { book, must } from './sheet-world.ts'

const header = ['Employee ID', 'Name', 'Hourly wage', 'Commission', 'Active']
const rateHeader = ['From', 'To', 'Rate', 'Tidemark ID']

describe('A tab of a link both ways', () => {
  test('says of every cell what it holds: a value, null, or why it can’t be read', async () => {
    const { read } = openBoth(staff, [
      header,
      ["'007", 'Ann ', 12.5, '5%', true],
      ['bob', null, 'a lot', '=0.1+0.1', '=1/0'],
      [null, null, null, null, false],
    ])
    const page = await read()
    expect(page.rows).toEqual([
      {
        position: 0,
        ref: null,
        values: { id: '007', name: 'Ann ', wage: 1250, share: 0.05, active: 1 },
        unread: {},
        locked: [],
        noted: [],
      },
      {
        position: 1,
        ref: null,
        values: { id: 'bob', name: null, share: 0.2 },
        unread: {
          wage: { reason: 'it is not a number', raw: 'a lot' },
          active: { reason: 'the cell shows the error #DIV/0!', raw: '#DIV/0!' },
        },
        locked: ['wage', 'share', 'active'],
        noted: [],
      },
    ])
    expect(page.warnings.filter(({ kind }) => kind === 'unreadable').map(({ where }) => where)).toEqual([
      'A!C3',
      'A!E3',
    ])
    expect(page.where(1, 'wage')).toBe('A!C3')
  })

  test('rejects a row with content but without what names it, and goes on', async () => {
    const { read } = openBoth(staff, [header, [null, 'Total', 99], ['=1/0', 'x'], ['ann', 'Ann', 1]])
    const page = await read()
    expect(page.rows.map(({ position }) => position)).toEqual([2])
    expect(page.rejected).toEqual([
      { reason: 'Employee ID missing; the row was left out', raw: ' | Total | 99 |  | ', position: 0 },
      expect.objectContaining({ position: 1, reason: expect.stringContaining('#DIV/0!') }),
    ])
  })

  test('keeps rows’ ids in a column of their own, wherever it stands; a blanked row and prepared formulas are no rows', async () => {
    const { read } = openBoth(rates, [
      ['tidemark id', 'From', 'To', 'Rate', 'Double'],
      ['r1', 0, 100, 0.05, '=D2*2'],
      ['r2', null, null, null, '=D3*2'],
      [null, 100, null, 0.08, null],
      [null, null, null, '=D4+0', null],
    ])
    const page = await read()
    expect(page.rows.map(({ position, ref, values }) => [position, ref, values])).toEqual([
      [0, 'r1', { range_from: 0, range_to: 10_000, rate: 0.05 }],
      [2, null, { range_from: 10_000, range_to: null, rate: 0.08 }],
    ])
  })

  test('is blank when nothing stands in it, which is not the same as a header alone', async () => {
    const { read, world } = openBoth(rates, [])
    expect(await read()).toMatchObject({ blank: true, rows: [] })
    world.person.setRows(book, { at: 'A!A1', rows: [rateHeader] })
    const page = await read()
    expect(page.blank).toBeUndefined()
    expect(page.refused).toBeUndefined()
    expect(page.rows).toEqual([])
  })

  test('without any header of ours is refused, naming those it looked for', async () => {
    const { read } = openBoth(rates, [
      ['a', 'b'],
      [1, 2],
    ])
    expect((await read()).refused?.reason).toContain('“From” and “To” and “Rate”')
  })

  test('tells when it was changed last, and the probe stays one call whose answer is the version', async () => {
    const { world, memory } = openBoth(rates, [rateHeader])
    world.wait(60_000)
    world.person.set(book, { cell: 'A!A2', text: '5' })
    const changed = world.clock.now()
    world.wait(60_000)
    const run = bothRun(rates, memory)
    const stamp = must(await world.remote.probe(run.context))
    expect(world.calls()).toEqual(['drive.files.get'])
    expect(stamp).toMatch(/^\d+$/)
    expect(must(await world.remote.read(run.context, only, null)).modified).toBe(changed)
  })

  test('names cells that carry a note of ours, and no others', async () => {
    const { read, world } = openBoth(rates, [rateHeader, [0, 100, 0.05, 'r1']])
    world.person.setNote(book, { cell: 'A!A2', note: 'mine' })
    expect((await read()).rows[0]?.noted).toEqual([])
    world.person.setNote(book, { cell: 'A!B2', note: 'mine\n\n— Tidemark: two values —\nand more' })
    expect((await read()).rows[0]?.noted).toEqual(['range_to'])
  })

  test('reads times on the wall clock of the spreadsheet', async () => {
    const { read, world } = openBoth(staff, [['Employee ID', 'Last seen', 'Since'], ['ann']])
    world.person.setTimeZone(book, { timeZone: 'America/New_York' })
    world.person.setRows(book, { at: 'A!B2', rows: [['7/1/2026 8:30:00', '7/1/2026']] })
    expect((await read()).rows[0]?.values).toEqual({
      id: 'ann',
      seen: Date.parse('2026-07-01T12:30:00Z'),
      since: '2026-07-01',
    })
  })
})
