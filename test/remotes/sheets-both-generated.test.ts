import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { RemoteEdit } from '../../sync/engine/ports.ts'
import { openBoth, rates, seenIn, staff } from './both-world.ts'
import { book } from './sheet-world.ts'

const names = ['ann', 'bob', 'cleo', 'dan', 'eve']

const people = {
  kind: staff,
  head: ['Employee ID', 'Name', 'Hourly wage', 'Commission', 'Mark'],
  row: (name: string, i: number) => [name, `N ${name}`, 10 + i, (i + 1) / 100, `m-${name}`],
  added: { id: 'zoe', name: 'N zoe', wage: 100, share: 0.5 },
  shownAdded: ['zoe', 'N zoe', 1, 0.5],
  columns: ['wage', 'share'] as const,
  ids: false,
}
const ranges = {
  kind: rates,
  head: ['From', 'To', 'Rate', 'Tidemark ID', 'Mark'],
  row: (name: string, i: number) => [i, i + 1, (i + 1) / 100, i % 2 ? `id-${name}` : null, `m-${name}`],
  added: { range_from: 5_000, range_to: 6_000, rate: 0.5 },
  shownAdded: [50, 60, 0.5, 'id-new'],
  columns: ['range_to', 'rate'] as const,
  ids: true,
}

const place = fc.integer({ min: 2, max: 6 })
const rowActs = [
  fc.record({
    type: fc.constant('sort' as const),
    by: fc.constantFrom('A', 'B', 'C'),
    descending: fc.boolean(),
  }),
  fc
    .record({ type: fc.constant('moveRow' as const), row: place, before: place })
    .filter((a) => a.row !== a.before),
  fc.record({ type: fc.constant('insertRow' as const), row: fc.integer({ min: 2, max: 7 }) }),
]
const column = fc.constantFrom('A', 'B', 'C', 'D', 'E')
const columnActs = [
  fc.record({ type: fc.constant('insertRow' as const), row: fc.constant(1) }),
  fc
    .record({ type: fc.constant('moveColumn' as const), column, before: column })
    .filter((a) => a.column !== a.before),
  fc.record({ type: fc.constant('insertColumn' as const), before: column }),
]
const fault = fc.constantFrom(null, null, 'lost' as const, 'cut' as const, 'before' as const)
const step = (acts: fc.Arbitrary<object>[]) =>
  fc.record({ act: fc.option(fc.oneof(...acts), { nil: null }), fault })

const faults = {
  lost: { lost: true },
  cut: { cut: true },
  before: { status: 503 },
} as const

describe.each([
  ['rows that are named by people', people],
  ['rows whose ids are hidden', ranges],
])('Edits of %s', (_, of) => {
  const wishes = fc.record({
    cells: fc.uniqueArray(fc.tuple(fc.nat(4), fc.nat(1)), {
      maxLength: 5,
      selector: ([row, at]) => `${row} ${at}`,
    }),
    cleared: fc.option(fc.nat(4), { nil: null }),
    noted: fc.option(fc.nat(4), { nil: null }),
    added: fc.boolean(),
    ids: fc.boolean(),
  })
  type Wishes = typeof wishes extends fc.Arbitrary<infer T> ? T : never
  type Step = { act: object | null; fault: keyof typeof faults | null }

  async function holds(wished: Wishes, steps: readonly Step[]) {
    const { world, read, edit, shown } = openBoth(of.kind, [of.head, ...names.map(of.row)])
    const page = await read()
    const expected = new Map(names.map((name, i) => [`m-${name}`, of.row(name, i)]))
    const edits: RemoteEdit[] = []
    const headers: Record<string, string> = Object.fromEntries(
      Object.entries(of.kind.columns).map(([name, { header }]) => [name, header]),
    )
    const rowAt = (i: number) => expected.get(`m-${names[i]}`) ?? []
    for (const [i, at] of wished.cells) {
      const name = of.columns[at] ?? ''
      if (i === wished.cleared) continue
      const seen = page.rows[i]?.values[name] ?? null
      edits.push({
        type: 'cell',
        id: `cell ${i} ${at}`,
        at: seenIn(page, i),
        column: name,
        seen,
        value: at === 0 ? 7_700 + i : 0.7 + i / 100,
      })
      rowAt(i)[of.head.indexOf(headers[name] ?? '')] = at === 0 ? 77 + i / 100 : 0.7 + i / 100
    }
    if (wished.cleared !== null) {
      edits.push({ type: 'clear', id: 'clear', at: seenIn(page, wished.cleared) })
      rowAt(wished.cleared).fill(null, 0, 4)
    }
    if (of.ids && wished.ids)
      for (const i of [0, 2, 4]) {
        if (i === wished.cleared) continue
        edits.push({ type: 'ref', id: `ref ${i}`, at: seenIn(page, i), ref: `new-${i}` })
        rowAt(i)[3] = `new-${i}`
      }
    if (wished.added) edits.push({ type: 'row', id: 'row', ref: of.ids ? 'id-new' : null, values: of.added })
    if (wished.noted !== null && wished.noted !== wished.cleared)
      edits.push({
        type: 'note',
        id: 'note',
        at: seenIn(page, wished.noted),
        column: of.columns[1],
        note: {
          reason: 'changed on both sides',
          base: null,
          here: 1,
          shows: (page.rows[wished.noted]?.values[of.columns[1]] as number) ?? null,
        },
      })
    const noteFirst = edits.filter(
      ({ type, id }) =>
        type !== 'note' || !edits.some((other) => other.id === `cell ${wished.noted} 1` && id),
    )

    const left = [...steps]
    const hold = world.google.faults.hold({ api: 'sheets.batchUpdate' })
    const editing = edit(noteFirst)
    const ended = editing.then(() => true)
    while (!(await Promise.race([ended, hold.arrived().then(() => false)]))) {
      const next = left.shift()
      if (next?.act) {
        const { type, ...args } = next.act as { type: 'sort' }
        world.person.act(book, type, { tab: 'A', ...args })
      }
      if (next?.fault)
        world.google.faults.add({ match: { api: 'sheets.batchUpdate' }, times: 1, do: faults[next.fault] })
      hold.release(1)
    }
    hold.release()
    const first = await editing
    // What was not done because the rows had moved, or an answer was lost, the next run does.
    world.wait(300_000)
    const again = await edit(noteFirst)
    const done = new Set([...first.done, ...again.done])
    expect([...done].toSorted()).toEqual(noteFirst.map(({ id }) => id).toSorted())

    const all = shown('A!A1:Z60')
    const head = all.find((line) => line.includes('Mark')) ?? []
    const at = of.head.map((text) => head.indexOf(text))
    const lines = all
      .filter((line) => line !== head)
      .map((line) => at.map((column) => (line[column] === '' ? null : (line[column] ?? null))))
      .filter((line) => line.some((cell) => cell !== null))
    const rows = new Map(lines.filter((line) => line[4] !== null).map((line) => [String(line[4]), line]))
    expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(expected))
    const behind = lines.filter((line) => line[4] === null)
    const filled = of.shownAdded.length
    expect(behind.map((line) => line.slice(0, filled))).toEqual(wished.added ? [of.shownAdded] : [])
    expect(all.flat().filter((cell) => cell !== '')).toHaveLength(
      of.head.length + [...expected.values(), ...behind].flat().filter((cell) => cell !== null).length,
    )
    const notes = world.google
      .snapshot()
      .files[book]?.sheets[0]?.rows.flatMap((cells) => cells.map((cell) => cell?.note))
      .filter((note) => note)
    expect(notes).toHaveLength(noteFirst.some(({ type }) => type === 'note') ? 1 : 0)
  }

  test('hit what they mean, whatever a person rearranges under the write, and whatever answer is lost', async () => {
    await fc.assert(
      fc.asyncProperty(wishes, step([...rowActs, ...columnActs]), (wished, one) => holds(wished, [one])),
      { numRuns: 120 },
    )
  })

  test('and under the repair, and under the repair of the repair', async () => {
    await fc.assert(fc.asyncProperty(wishes, fc.array(step(rowActs), { maxLength: 3 }), holds), {
      numRuns: 120,
    })
  })
})
