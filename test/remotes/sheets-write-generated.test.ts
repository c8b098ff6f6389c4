import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { book } from './sheet-world.ts'
import { change, header, names, openAccounts, original } from './write-world.ts'

describe('Whatever a person does meanwhile, and whatever is lost, only the meant cells change', () => {
  const row = fc.integer({ min: 2, max: 6 })
  const column = fc.constantFrom(...header)
  const rowActs = [
    fc.record({
      type: fc.constant('sort' as const),
      by: fc.constantFrom('Followers', 'Likes', 'Username'),
      descending: fc.boolean(),
    }),
    fc
      .record({ type: fc.constant('moveRow' as const), row, before: row })
      .filter((act) => act.row !== act.before),
  ]
  const allActs = [
    ...rowActs,
    fc.record({ type: fc.constant('insertRow' as const), row: fc.integer({ min: 1, max: 7 }) }),
    fc
      .record({ type: fc.constant('moveColumn' as const), column, before: column })
      .filter((act) => act.column !== act.before),
    fc.record({ type: fc.constant('insertColumn' as const), before: column }),
  ]
  const fault = fc.constantFrom(null, null, 'lost' as const, 'cut' as const)
  const cells = fc.uniqueArray(
    fc.record({
      name: fc.constantFrom(...names),
      column: fc.constantFrom('followers' as const, 'likes' as const),
    }),
    { minLength: 1, maxLength: 6, selector: ({ name, column }) => `${name} ${column}` },
  )

  type Step = {
    act: { type: 'sort' | 'moveRow' | 'insertRow' | 'moveColumn' | 'insertColumn' } | null
    fault: 'lost' | 'cut' | null
  }

  async function holds(
    wished: readonly { name: string; column: 'followers' | 'likes' }[],
    steps: readonly Step[],
  ) {
    const { world, write } = openAccounts()
    const expected: Record<string, number[]> = structuredClone(original)
    const changes = wished.map(({ name, column }, i) => {
      const counts = expected[name] ?? []
      const at = column === 'followers' ? 0 : 1
      const seen = counts[at] ?? 0
      counts[at] = 9_000 + i
      return change(name, column, seen, 9_000 + i)
    })
    const left = [...steps]
    const hold = world.google.faults.hold({ api: 'sheets.batchUpdate' })
    const writing = write(changes)
    const ended = writing.then(() => true)
    while (!(await Promise.race([ended, hold.arrived().then(() => false)]))) {
      const next = left.shift()
      if (next?.act) {
        const { type, ...args } = next.act
        world.person.act(book, type, { tab: 'A', ...args })
      }
      if (next?.fault) {
        const broken = next.fault === 'lost' ? { lost: true as const } : { cut: true as const }
        world.google.faults.add({ match: { api: 'sheets.batchUpdate' }, times: 1, do: broken })
      }
      hold.release(1)
    }
    const all = world.person.values(book, 'A!A1:Z40')
    const head = all.find((line) => line.includes('Username')) ?? []
    const at = (line: readonly unknown[], name: string) => line[head.indexOf(name)]
    const rows = all.filter((line) => names.includes(String(at(line, 'Username'))))
    const now = rows.map((line) => [String(at(line, 'Username')), [at(line, 'Followers'), at(line, 'Likes')]])
    expect(Object.fromEntries(now)).toEqual(expected)
    expect(all.flat().filter((cell) => cell !== '')).toHaveLength(7 * 6)
    expect(await writing).toMatchObject({ written: changes.length, warnings: [] })
  }

  test('one rearrangement of any kind under the write', async () => {
    const step = fc.record({ act: fc.oneof(...allActs), fault })
    await fc.assert(
      fc.asyncProperty(cells, step, (wished, one) => holds(wished, [one])),
      { numRuns: 60 },
    )
  })

  test('rows that move under the write, under the repair, and under the repair of the repair', async () => {
    const step = fc.record({ act: fc.option(fc.oneof(...rowActs), { nil: null }), fault })
    const steps = fc.array(step, { maxLength: 3 })
    await fc.assert(
      fc.asyncProperty(cells, steps, (wished, some) => holds(wished, some)),
      { numRuns: 60 },
    )
  })
})
