import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fateOf } from '../../sync/remotes/google-sheets/renamed.ts'
import { openBoth, staff } from './both-world.ts'
import { book } from './sheet-world.ts'

const header = ['Employee ID', 'Name', 'Hourly wage', 'Commission', 'Remarks']
const rows = [header, ['ann', 'Ann', 12.5, 0.05, 'x'], ['bob', 'Bob', 20, 0.1, 'y']]
const kinds = (page: { warnings: readonly { kind: string }[] }) => page.warnings.map(({ kind }) => kind)

const open = async () => {
  const opened = openBoth(staff, rows)
  await opened.read()
  return { ...opened, person: opened.world.person }
}

describe('A header that people rename', () => {
  test('is the same column still, said once; also after it is renamed again, and back', async () => {
    const { person, read } = await open()
    for (const [from, to] of [
      ['Hourly wage', 'Pay'],
      ['Pay', '2026'],
      ['2026', 'Hourly wage'],
    ] as const) {
      if (from === '2026') person.set(book, { cell: 'A!C1', text: to })
      else person.renameHeader(book, { tab: 'A', from, to: to === '2026' ? "'2026" : to })
      const page = await read()
      expect(page.rows.map(({ values }) => values.wage)).toEqual([1250, 2000])
      expect(kinds(page).includes('header_renamed')).toBe(to !== 'Hourly wage')
      expect(kinds(await read())).not.toContain('header_renamed')
    }
  })

  test('is found after it is renamed and its column, or another one, is moved later', async () => {
    const { person, read } = await open()
    person.renameHeader(book, { tab: 'A', from: 'Hourly wage', to: 'Pay' })
    await read()
    person.moveColumn(book, { tab: 'A', column: 'Pay', before: 'Employee ID' })
    person.insertColumn(book, { tab: 'A', before: 'Name', header: 'New' })
    expect((await read()).rows.map(({ values }) => values.wage)).toEqual([1250, 2000])
  })

  test('that names rows is found too', async () => {
    const { person, read } = await open()
    person.renameHeader(book, { tab: 'A', from: 'Employee ID', to: 'Who' })
    const page = await read()
    expect(page.refused).toBeUndefined()
    expect(page.rows.map(({ values }) => values.id)).toEqual(['ann', 'bob'])
  })

  test('to the name of another column, and that one to its: names win', async () => {
    const { person, read } = await open()
    person.set(book, { cell: 'A!C1', text: 'Commission' })
    person.set(book, { cell: 'A!D1', text: 'Hourly wage' })
    expect((await read()).rows[0]?.values).toMatchObject({ wage: 5 })
  })

  test('and empties: the tab is refused with its name and place, and goes on when it is back', async () => {
    const { person, read } = await open()
    person.clear(book, { range: 'A!C1' })
    const { refused } = await read()
    expect(refused?.reason).toContain('“Hourly wage”')
    expect(refused?.reason).toContain('A!C1')
    expect(refused?.mend).toContain('“Hourly wage”')
    person.set(book, { cell: 'A!C1', text: 'hourly WAGE' })
    expect((await read()).rows).toHaveLength(2)
  })

  test('beside a new column could be either: the tab is refused', async () => {
    const { person, read } = await open()
    person.renameHeader(book, { tab: 'A', from: 'Hourly wage', to: 'Pay' })
    person.insertColumn(book, { tab: 'A', before: 'Pay', header: 'Bonus' })
    const { refused } = await read()
    expect(refused?.reason).toContain('“Bonus” (A!C1) or “Pay” (A!D1)')
  })

  test('with its neighbour at once could be either: the tab is refused', async () => {
    const { person, read } = await open()
    person.renameHeader(book, { tab: 'A', from: 'Hourly wage', to: 'Pay' })
    person.renameHeader(book, { tab: 'A', from: 'Commission', to: 'Part' })
    expect((await read()).refused?.reason).toContain('is gone')
  })
})

describe('A column that people delete', () => {
  test('takes no part any more, with a warning', async () => {
    const { person, read } = await open()
    person.deleteColumn(book, { tab: 'A', column: 'Hourly wage' })
    const page = await read()
    expect(page.rows[0]?.values).toEqual({ id: 'ann', name: 'Ann', share: 0.05 })
    expect(page.warnings.find(({ kind }) => kind === 'column_missing')?.message).toContain('“Hourly wage”')
  })

  test('and that names rows: the tab is refused', async () => {
    const { person, read } = await open()
    person.deleteColumn(book, { tab: 'A', column: 'Employee ID' })
    expect((await read()).refused?.mend).toContain('Undo its deletion')
  })
})

describe('A tab', () => {
  test('that is renamed, moved, hidden and duplicated stays the one that it was', async () => {
    const { person, read } = await open()
    person.duplicateTab(book, { tab: 'A', title: 'Copy of A' })
    person.renameTab(book, { tab: 'A', title: 'Staff 2026' })
    person.renameTab(book, { tab: 'Copy of A', title: 'A' })
    person.moveTab(book, { tab: 'Staff 2026', index: 1 })
    person.hideTab(book, { tab: 'Staff 2026' })
    person.set(book, { cell: "'Staff 2026'!C2", text: '99' })
    const page = await read()
    expect(page.rows[0]?.values.wage).toBe(9900)
    expect(page.where(0, 'wage')).toBe("'Staff 2026'!C2")
  })
})

describe('Whatever columns people rename, insert, delete and move, a header is never taken for another column', () => {
  type Column = { readonly was: string | null; readonly text: string; readonly moved?: boolean }
  const act = fc.record({
    type: fc.constantFrom('rename', 'insert', 'delete', 'move'),
    at: fc.nat(20),
    to: fc.nat(20),
  })

  function acted(
    columns: Column[],
    { type, at, to }: { type: string; at: number; to: number },
    n: number,
  ): Column[] {
    const place = at % columns.length
    const one = columns[place]
    if (!one) return columns
    if (type === 'rename') return columns.with(place, { ...one, text: `new${n}` })
    if (type === 'insert') return columns.toSpliced(place, 0, { was: null, text: `added${n}` })
    if (columns.length === 1) return columns
    const rest = columns.toSpliced(place, 1)
    return type === 'delete' ? rest : rest.toSpliced(to % columns.length, 0, { ...one, moved: true })
  }

  test('one rename among other columns that stay is always found', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.nat(7), (size, at) => {
        const before = Array.from({ length: size }, (_, i) => `h${i}`)
        const lost = at % size
        expect(fateOf(lost, before, before.with(lost, 'new'))).toEqual({ type: 'renamed', at: lost })
      }),
    )
  })

  test('after up to four acts a column is found where it is, or said to be gone or unclear', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 7 }),
        fc.array(act, { minLength: 1, maxLength: 4 }),
        (size, acts) => {
          const before = Array.from({ length: size }, (_, i) => `h${i}`)
          const first: Column[] = before.map((text) => ({ was: text, text }))
          const after = acts.reduce(acted, first)
          const deletions = acts.filter(({ type }) => type === 'delete').length
          const now = after.map(({ text }) => text)
          for (const [lost, text] of before.entries()) {
            if (now.includes(text)) continue
            const fate = fateOf(lost, before, now)
            // A column that is taken away, or renamed and taken elsewhere, while another one is put in its very place looks
            // like a rename to everybody.
            const taken = deletions > 0 || after.some(({ was, text, moved }) => moved && was !== text)
            if (fate.type === 'renamed' && !taken) expect(after[fate.at]?.was).toBe(text)
          }
        },
      ),
      { numRuns: 2_000 },
    )
  })
})
