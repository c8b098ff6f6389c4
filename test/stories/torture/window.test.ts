import { expect, test } from 'vitest'
import { theWindow } from './acts/window.ts'
import { BOOK, tortureWorld } from './torture-world.ts'

test(`people ${theWindow.people}: the journal says what we saw there and wrote`, async () => {
  const w = tortureWorld()
  await w.settle()
  await w.program('employee_settings', false)
  w.inside('writing', () => {
    w.person.set(BOOK, { cell: 'EmployeeSettings!C6', text: '55' })
    w.person.set(BOOK, { cell: 'EmployeeSettings!B6', text: 'Evelyn' })
  })
  await w.settle()
  expect(w.person.cell(BOOK, 'EmployeeSettings!C6').value).toBe(77.77)
  expect(w.row('employee_settings', 'E05')).toMatchObject({ hourly_wage: 7_777, name: 'Evelyn' })
  const written = w.journal().flatMap(({ cells }) => JSON.parse(String(cells)) as Record<string, unknown>[])
  expect(written).toContainEqual(
    expect.objectContaining({ type: 'cell', column: 'hourly_wage', seen: 2_625, value: 7_777 }),
  )
})
