import { describe, expect, test } from 'vitest'
import { MOMENTS, type Moment } from './act.ts'
import { staff } from './acts/staff.ts'
import { BOOK, type LinkedWorld, linkedWorld } from './linked-world.ts'
import { ID } from './shown.ts'

/** How the third of February is typed, and how the first of July is shown. */
const DAYS = {
  en_US: ['2/3/2026', '7/1/2026'],
  en_GB: ['03/02/2026', '01/07/2026'],
  de_DE: ['03.02.2026', '01.07.2026'],
} as const

function staffWorld(locale: keyof typeof DAYS): LinkedWorld {
  const [day] = DAYS[locale]
  const people = ['Ann', 'Bob', 'Cleo', 'Dan', 'Eve', 'Finn']
  return linkedWorld({
    name: 'collections.employees',
    lane: 'employees',
    locale,
    sheets: [
      {
        title: 'Employees',
        rows: [
          ['Employee id', 'Name', 'Hired on', 'Active', 'Remarks'],
          ...people.map((name, n) => [`'00${n}`, name, day, 'yes', `about ${name}`]),
        ],
      },
    ],
  })
}

/** Does it at a moment; a program changes the day of Eve. */
async function at(moment: Moment, w: LinkedWorld, act: () => void): Promise<void> {
  await w.settle()
  if (moment === 'before a run') act()
  const eve = w.here('employees').find(({ name }) => name === 'Eve')
  await w.edit('employees', String(eve?.id), { hired_on: '2026-07-01' })
  if (moment === 'after its reading') w.inside('reading', act)
  if (moment === 'in the moment of its write') w.inside('writing', act)
  if (moment !== 'before a run') await w.sync()
  expect(w.done()).toBe(true)
  if (moment === 'after a run') act()
  await w.settle()
}

const named = (w: LinkedWorld, name: string) => w.here('employees').find((row) => row.name === name)

describe(`people ${staff.dates.people}`, () => {
  describe.each(Object.entries(DAYS))('%s', (locale, [typed, shown]) => {
    test.each(MOMENTS)('%s', async (moment) => {
      const w = staffWorld(locale as keyof typeof DAYS)
      await at(moment, w, () => {
        w.person.set(BOOK, { cell: 'Employees!C3', text: typed.replace('26', '24') })
        w.person.set(BOOK, { cell: 'Employees!C4', text: '2024-02-29' })
      })
      expect(['Ann', 'Bob', 'Cleo', 'Eve'].map((name) => named(w, name)?.hired_on)).toEqual([
        '2026-02-03',
        '2024-02-03',
        '2024-02-29',
        '2026-07-01',
      ])
      expect(w.person.read(BOOK, 'Employees!C2:C6').flat()).toEqual([
        typed,
        typed.replace('26', '24'),
        w.person.cell(BOOK, 'Employees!C4').text,
        typed,
        shown,
      ])
      expect(w.conflicts()).toEqual([])
    })
  })
})

describe(`people ${staff.unique.people}`, () => {
  test.each(MOMENTS)('%s', async (moment) => {
    const w = staffWorld('en_US')
    await at(moment, w, () => {
      w.person.set(BOOK, { cell: 'Employees!A3', text: "'000" })
      w.person.set(BOOK, { cell: 'Employees!B3', text: 'Bobby' })
    })
    expect(named(w, 'Bobby')).toMatchObject({ employee_id: '001' })
    expect(named(w, 'Ann')).toMatchObject({ employee_id: '000' })
    expect(w.conflicts()).toMatchObject([{ kind: 'unique', col: 'employee_id' }])
    expect(w.person.cell(BOOK, 'Employees!A3').value).toBe('000')
    w.person.set(BOOK, { cell: 'Employees!A3', text: "'011" })
    await w.settle()
    expect(named(w, 'Bobby')).toMatchObject({ employee_id: '011' })
    expect(w.conflicts()).toEqual([])
    expect(w.person.values(BOOK, 'Employees!F1')).toEqual([[ID]])
  })
})
