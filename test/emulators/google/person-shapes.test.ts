import { describe, expect, test } from 'vitest'
import { createBench } from './bench.ts'

const rows = [
  ['a', 'b', 'c'],
  ['x', 1, 2],
  ['y', 3, 4],
]

function bench() {
  const { google } = createBench(rows)
  const { person } = google
  return {
    person,
    shown: (range = 'Accounts') => person.values('book', range),
    file: () => person.file('book'),
  }
}

describe('what people make of cells', () => {
  test('a formula in braces fills the cells right of it and below, which hold nothing themselves', () => {
    const { person, shown } = bench()
    person.set('book', { cell: 'Accounts!E2', text: '={1,B2;B3,"z"}' })
    expect(shown('Accounts!E2:F3')).toEqual([
      [1, 1],
      [3, 'z'],
    ])
    expect(person.cell('book', 'Accounts!F3')).toMatchObject({ value: 'z', formula: null })
    person.set('book', { cell: 'Accounts!B3', text: '9' })
    expect(shown('Accounts!E3')).toEqual([[9]])
  })

  test('a value in its way makes it #REF!, and it fills nothing', () => {
    const { person, shown } = bench()
    person.set('book', { cell: 'Accounts!E2', text: '={1;2;3}' })
    expect(shown('Accounts!E2:E4')).toEqual([[1], [2], [3]])
    person.set('book', { cell: 'Accounts!E3', text: 'here' })
    expect(shown('Accounts!E2:E4')).toEqual([['#REF!'], ['here']])
  })

  test('merged cells keep the first value, and move with their rows', () => {
    const { person, shown, file } = bench()
    person.merge('book', { range: 'Accounts!B2:C2' })
    expect(shown('Accounts!A2:C2')).toEqual([['x', 1]])
    person.insertRow('book', { tab: 'Accounts', row: 1 })
    expect(file().sheets[0]?.merges).toMatchObject([{ startRowIndex: 2, endRowIndex: 3 }])
    person.unmerge('book', { tab: 'Accounts' })
    expect(file().sheets[0]?.merges).toEqual([])
  })

  test('some cells are sorted without those beside them', () => {
    const { person, shown } = bench()
    person.sortRange('book', { range: 'Accounts!A2:B3', by: 'B', descending: true })
    expect(shown('Accounts!A2:C3')).toEqual([
      ['y', 3, 2],
      ['x', 1, 4],
    ])
  })

  test('a dropdown leaves what stands there, checkboxes don’t', () => {
    const { person, shown } = bench()
    person.dropdown('book', { range: 'Accounts!A2:A3', values: ['p'] })
    person.checkboxes('book', { range: 'Accounts!B2:B3' })
    expect(shown('Accounts!A2:B3')).toEqual([
      ['x', false],
      ['y', false],
    ])
  })
})
