import { beforeEach, expect, test } from 'vitest'
import { type TwoWayWorld, twoWayWorld } from './two-way-world.ts'

// A line that lacks what names its row: any row that is gone may be the one.

const TAB = 'employee_settings'
let w: TwoWayWorld

beforeEach(async () => {
  w = twoWayWorld()
  for (const name of ['Ann', 'Bob', 'Cleo', 'Dan', 'Eve'])
    w.book.type(TAB, { id: name.slice(0, 1), name, hourly_wage: 1_000, commission: 0.1 })
  await w.sync()
})

function call(row: number, id: string | null): void {
  w.book.row(TAB, row).values.id = id
  w.book.stamp++
}

test('what a program changed while a row had no name is written once it has its name again', async () => {
  call(1, null)
  await w.edit(TAB, 'B', { hourly_wage: 2_000 })
  await w.sync()
  call(1, 'B')
  await w.sync()
  expect(w.book.row(TAB, 1).values.hourly_wage).toBe(2_000)
  expect(w.here(TAB)).toHaveLength(5)
  expect((await w.sync()).status).toBe('unchanged')
})

test('a row that a program deleted while it had no name is emptied once it has its name again', async () => {
  call(1, null)
  await w.edit(TAB, 'B', {}, 'delete')
  await w.sync()
  call(1, 'B')
  await w.sync()
  expect(w.book.row(TAB, 1).values).toEqual({})
  expect(w.here(TAB)).toHaveLength(4)
})

test('the run says which line it leaves out, and how many rows wait for it', async () => {
  call(1, null)
  await w.sync()
  expect(w.part(TAB).warnings).toMatchObject([
    {
      kind: 'rejected',
      where: 'EmployeeSettings!3',
      message: 'its name is missing; 1 known row is not seen, and may be this one',
    },
  ])
  expect(w.here(TAB)).toHaveLength(5)
})

test.each([
  ['keep_remote', ['A', 'B', 'C', 'D', 'E', 'X', 'Y']],
  ['keep_local', ['X', 'Y']],
] as const)('what an admin says of rows that are gone (%s) is done beside such a line', async (word, ids) => {
  const line = { name: 'in all', hourly_wage: 1_000, commission: 0.1 }
  w.book.tabs.set(TAB, [])
  for (const values of [line, { ...line, id: 'X' }, { ...line, id: 'Y' }]) w.book.type(TAB, values)
  await w.sync()
  const [asked] = w.conflicts()
  expect(asked).toMatchObject({ kind: 'replaced' })
  const proposal = { type: 'resolve', conflict: String(asked?.id), strategy: word, notes: '' } as const
  await w.lane.change({ actor: 'ann', origin: 'api', dryRun: false, proposal })
  await w.sync()
  await w.sync()
  expect(w.here(TAB).map(({ id }) => id)).toEqual(ids)
  const shown = w.book.tabs.get(TAB)?.flatMap(({ values }) => values.id ?? []) ?? []
  expect(shown.toSorted()).toEqual(ids)
  expect(w.conflicts()).toEqual([])
})
