import { describe, expect, test } from 'vitest'
import { createBench } from './bench.ts'
import { createGoogle } from './index.ts'

const rows = [
  ['url', 'n', 'note'],
  ['a', 3, 'x'],
  ['b', 1, 'y'],
  ['c', 2, 'z'],
]
const tab = 'Accounts'

function bench() {
  const { google } = createBench(rows)
  return { person: google.person, shown: (range = tab) => google.person.read('book', range) }
}

describe('a person', () => {
  test('makes a spreadsheet of typed rows; the first tab has id 0, later ones a random id', () => {
    const { person } = createGoogle()
    const made = person.create({
      title: 'Rates',
      locale: 'de_DE',
      timeZone: 'Europe/Berlin',
      sheets: [{ title: 'One', rows: [['1,5', true, null, 'x']] }, { title: 'Two' }],
    })
    expect(made.spreadsheetId).toHaveLength(44)
    expect(made.sheets[0]).toEqual({ sheetId: 0, title: 'One' })
    expect(made.sheets[1]?.sheetId).toBeGreaterThan(0)
    expect(person.values(made.spreadsheetId, 'One')).toEqual([[1.5, true, '', 'x']])
  })

  test('types into a cell by the locale of the spreadsheet', () => {
    const { person } = bench()
    person.setLocale('book', { locale: 'fr_FR' })
    person.set('book', { cell: 'Accounts!B2', text: '1 234,5' })
    expect(person.cell('book', 'B2')).toEqual({
      text: '1\u202f234,50',
      value: 1234.5,
      formula: null,
      note: null,
      format: { type: 'NUMBER', pattern: '#,##0.00' },
    })
  })

  test('pastes a block, and the grid grows under it', () => {
    const { person, shown } = bench()
    person.setRows('book', { at: 'Z1000', rows: [['p', 'q'], ['r']] })
    expect(shown('Z1000:AA1001')).toEqual([['p', 'q'], ['r']])
  })

  test('sorts by a header; rows keep their notes', () => {
    const { person, shown } = bench()
    person.setNote('book', { cell: 'B2', note: 'of a' })
    person.sort('book', { tab, by: 'n' })
    expect(shown().map((row) => row[0])).toEqual(['url', 'b', 'c', 'a'])
    expect(person.cell('book', 'B4').note).toBe('of a')
    person.sort('book', { tab, by: 'A', descending: true })
    expect(shown().map((row) => row[0])).toEqual(['url', 'c', 'b', 'a'])
  })

  test('inserts, deletes, moves and duplicates rows', () => {
    const { person, shown } = bench()
    const keys = () => shown().map((row) => row[0] ?? '')
    person.insertRow('book', { tab, row: 2, values: ['new', '5'] })
    expect(shown('A2:C2')).toEqual([['new', '5']])
    person.duplicateRow('book', { tab, row: 3 })
    expect(keys()).toEqual(['url', 'new', 'a', 'a', 'b', 'c'])
    person.deleteRow('book', { tab, row: 3, count: 2 })
    expect(keys()).toEqual(['url', 'new', 'b', 'c'])
    person.moveRow('book', { tab, row: 2, before: 5 })
    expect(keys()).toEqual(['url', 'b', 'c', 'new'])
    person.moveRow('book', { tab, row: 4, before: 2 })
    expect(keys()).toEqual(['url', 'new', 'b', 'c'])
  })

  test('cuts a row and pastes it over another; copies one over another', () => {
    const { person, shown } = bench()
    person.cutPaste('book', { from: 'Accounts!2:2', to: 'Accounts!A4' })
    expect(shown().map((row) => row[0] ?? '')).toEqual(['url', '', 'b', 'a'])
    person.copyPaste('book', { from: 'Accounts!3:3', to: 'Accounts!A2' })
    expect(shown().map((row) => row[0] ?? '')).toEqual(['url', 'b', 'b', 'a'])
  })

  test('renames, moves, inserts, hides and deletes columns', () => {
    const { person, shown } = bench()
    person.renameHeader('book', { tab, from: 'n', to: 'Followers' })
    person.moveColumn('book', { tab, column: 'Followers', before: 'A' })
    expect(shown('A1:C2')).toEqual([
      ['Followers', 'url', 'note'],
      ['3', 'a', 'x'],
    ])
    person.insertColumn('book', { tab, before: 'url', header: 'id' })
    person.hideColumn('book', { tab, column: 'id' })
    expect(person.file('book').sheets[0]?.hiddenColumns).toEqual([1])
    person.deleteColumn('book', { tab, column: 'Followers' })
    expect(shown('A1:C1')).toEqual([['id', 'url', 'note']])
    expect(person.file('book').sheets[0]?.hiddenColumns).toEqual([0])
  })

  test('adds, renames, duplicates, moves and deletes tabs', () => {
    const { person } = bench()
    const titles = () => person.file('book').sheets.map((sheet) => sheet.title)
    person.addTab('book', { title: 'New', rows: [['x']] })
    person.renameTab('book', { tab: 'New', title: 'Newer' })
    person.duplicateTab('book', { tab, title: 'Copy' })
    person.moveTab('book', { tab: 'Newer', index: 0 })
    expect(titles()).toEqual(['Newer', 'Accounts', 'Copy'])
    person.deleteTab('book', { tab })
    expect(titles()).toEqual(['Newer', 'Copy'])
    expect(person.read('book', 'Copy')).toEqual(rows.map((row) => row.map(String)))
  })

  test('replaces a tab by an import, under its old id or a new one', () => {
    const { person, shown } = bench()
    const id = () => person.file('book').sheets[0]?.sheetId
    person.replaceTab('book', { tab, rows: [['only']] })
    expect({ shown: shown(), id: id() }).toEqual({ shown: [['only']], id: 0 })
    person.replaceTab('book', { tab, rows: [['again']], newId: true })
    expect(id()).not.toBe(0)
  })

  test('copies a spreadsheet: same tabs and ids, another spreadsheet id, shared with nobody', () => {
    const { person } = bench()
    const copy = person.copy('book', { id: 'copy' })
    person.set(copy, { cell: 'A1', text: 'changed' })
    expect(person.read('book', 'A1')).toEqual([['url']])
    expect(person.file(copy)).toMatchObject({
      title: 'Copy of Book',
      permissions: {},
      sheets: [{ sheetId: 0 }],
    })
  })

  test('may edit what is protected from others', () => {
    const { person, shown } = bench()
    person.protect('book', { range: 'Accounts' })
    person.set('book', { cell: 'A1', text: 'mine' })
    expect(shown('A1')).toEqual([['mine']])
  })

  test('is told what is wrong: no such tab, column, action argument or spreadsheet', () => {
    const { person } = bench()
    expect(() => person.deleteTab('book', { tab: 'Gone' })).toThrow('No tab "Gone" among "Accounts"')
    expect(() => person.sort('book', { tab, by: 'none' })).toThrow('No column "none"')
    expect(() => person.deleteRow('book', { tab, row: 0 })).toThrow()
    expect(() => person.touch('nothing', {})).toThrow('No spreadsheet nothing')
    expect(() => person.create({ id: 'book' })).toThrow('Spreadsheet book exists')
  })
})
