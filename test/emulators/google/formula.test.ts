import { describe, expect, test } from 'vitest'
import { createBench } from './bench.ts'

/** What a formula in D1 shows over three filled cells. */
const shows = (formula: string) => {
  const { google } = createBench([
    [1, 2, 'text', formula],
    [10, 20, true, null],
  ])
  return google.person.cell('book', 'D1').text
}

describe('a formula', () => {
  test.each([
    ['=1+2*3', '7'],
    ['=(1+2)*3', '9'],
    ['=-A1+10', '9'],
    ['=10/4', '2.5'],
    ['=A1+B2', '21'],
    ['=$A$2', '10'],
    ['=Accounts!B1', '2'],
    ["='Accounts'!B1*2", '4'],
    ['=SUM(A1:B2)', '33'],
    ['=SUM(A:A)', '11'],
    ['=SUM(A1:C1,5)', '8'],
    ['=sum(A1;B1)', '3'],
    ['="a ""b"""', 'a "b"'],
    ['=C2', 'TRUE'],
    ['=Z9', ''],
  ])('%s shows %s', (formula, shown) => {
    expect(shows(formula)).toBe(shown)
  })

  test.each([
    ['=1/0', '#DIV/0!'],
    ['=A1+C1', '#VALUE!'],
    ['=FOO(1)', '#NAME?'],
    ['=Foo', '#NAME?'],
    ['=Nowhere!A1', '#REF!'],
    ['=1+', '#ERROR!'],
    ['=SUM(1', '#ERROR!'],
    ['=1 2', '#ERROR!'],
    ['=D1', '#REF!'],
    ['=A5000', '#REF!'],
    ['=IMPORTXML("x")', '#NAME?'],
  ])('%s is the error %s', (formula, shown) => {
    expect(shows(formula)).toBe(shown)
  })

  test('is computed anew when what it names changes', () => {
    const { google } = createBench([[1, '=A1*2', '=B1+1']])
    google.person.set('book', { cell: 'A1', text: '5' })
    expect(google.person.values('book', 'A1:C1')).toEqual([[5, 10, 11]])
  })

  test('passes an error on', () => {
    const { google } = createBench([['=1/0', '=A1+1', '=SUM(A1:B1)']])
    expect(google.person.read('book', 'A1:C1')).toEqual([['#DIV/0!', '#DIV/0!', '#DIV/0!']])
  })

  test('that names itself in a circle is an error, not a hang', () => {
    const { google } = createBench([['=B1', '=A1']])
    expect(google.person.read('book', 'A1:B1')).toEqual([['#REF!', '#REF!']])
  })
})

describe('references follow', () => {
  const formulaAt = (bench: ReturnType<typeof createBench>, cell: string) =>
    bench.google.person.cell('book', cell).formula

  test('an inserted row, inside a range by widening it', () => {
    const bench = createBench([[1], [2], ['=A1+A2'], ['=SUM(A1:A2)']])
    bench.google.person.insertRow('book', { tab: 'Accounts', row: 2 })
    expect(formulaAt(bench, 'A4')).toBe('=A1+A3')
    expect(formulaAt(bench, 'A5')).toBe('=SUM(A1:A3)')
  })

  test('no row that is inserted just below a range', () => {
    const bench = createBench([[1], [2], ['=SUM(A1:A2)']])
    bench.google.person.insertRow('book', { tab: 'Accounts', row: 3 })
    expect(formulaAt(bench, 'A4')).toBe('=SUM(A1:A2)')
  })

  test('a deleted row, or are lost with it', () => {
    const bench = createBench([[1], [2], [3], ['=A3'], ['=A2'], ['=SUM(A1:A3)']])
    bench.google.person.deleteRow('book', { tab: 'Accounts', row: 2 })
    expect([3, 4, 5].map((row) => formulaAt(bench, `A${row}`))).toEqual(['=A2', '=#REF!', '=SUM(A1:A2)'])
    expect(bench.google.person.cell('book', 'A4').text).toBe('#REF!')
  })

  test('a moved column, absolute ones too', () => {
    const bench = createBench([['a', 'b', '=$A$1']])
    bench.google.person.moveColumn('book', { tab: 'Accounts', column: 'a', before: 'C' })
    expect(formulaAt(bench, 'C1')).toBe('=$B$1')
  })

  test('a renamed tab, from other tabs', () => {
    const bench = createBench([[1]])
    bench.google.person.addTab('book', { title: 'Sum', rows: [['=Accounts!A1', '=A1&"Accounts!A1"']] })
    bench.google.person.renameTab('book', { tab: 'Accounts', title: 'My accounts' })
    expect(formulaAt(bench, 'Sum!A1')).toBe("='My accounts'!A1")
    expect(formulaAt(bench, 'Sum!B1')).toBe('=A1&"Accounts!A1"')
  })

  test('a cut cell only where they mean it, not the same place on another tab', () => {
    const bench = createBench([[1]])
    bench.google.person.addTab('book', { title: 'Other', rows: [['=A1', '=Accounts!A1']] })
    bench.google.person.cutPaste('book', { from: 'Accounts!A1', to: 'Accounts!C3' })
    expect([formulaAt(bench, 'Other!A1'), formulaAt(bench, 'Other!B1')]).toEqual(['=A1', '=Accounts!C3'])
  })

  test('nothing when a copy would name what lies outside the grid', () => {
    const bench = createBench([[1], ['=A1']])
    bench.google.person.copyPaste('book', { from: 'A2', to: 'B1' })
    expect(formulaAt(bench, 'B1')).toBe('=#REF!')
  })

  test('a copied row by shifting, a cut one by staying', () => {
    const bench = createBench([[1, '=A1+$A$1'], [2], [null, '=A1']])
    bench.google.person.copyPaste('book', { from: 'A1:B1', to: 'A5' })
    expect(formulaAt(bench, 'B5')).toBe('=A5+$A$1')
    bench.google.person.cutPaste('book', { from: 'A1:B1', to: 'A8' })
    expect(formulaAt(bench, 'B8')).toBe('=A8+$A$8')
    expect(formulaAt(bench, 'B3')).toBe('=A8')
  })
})
