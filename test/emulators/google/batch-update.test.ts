import { describe, expect, test } from 'vitest'
import { createBench } from './bench.ts'

type Bench = ReturnType<typeof createBench>

const send = (bench: Bench, requests: unknown[], more: Record<string, unknown> = {}) =>
  bench.call('POST', '/v4/spreadsheets/book:batchUpdate', { requests, ...more })
const text = (stringValue: string) => ({ userEnteredValue: { stringValue } })
const rowsRange = (startIndex: number, endIndex: number, dimension = 'ROWS') => ({
  range: { sheetId: 0, dimension, startIndex, endIndex },
})
const cells = (bench: Bench, range = 'Accounts') => bench.google.person.values('book', range)

describe('a batch', () => {
  test('is applied in order, and each request sees what those before it did', async () => {
    const bench = createBench([['a']])
    const { body } = await send(bench, [
      { insertDimension: rowsRange(0, 1) },
      {
        updateCells: { start: { sheetId: 0 }, rows: [{ values: [text('top')] }], fields: 'userEnteredValue' },
      },
    ])
    expect(body).toEqual({ spreadsheetId: 'book', replies: [{}, {}] })
    expect(cells(bench)).toEqual([['top'], ['a']])
  })

  test('is applied whole or not at all, and names the request that failed', async () => {
    const bench = createBench([['a']])
    const before = bench.google.person.file('book')
    const { status, body } = await send(bench, [
      { deleteDimension: rowsRange(0, 1) },
      { deleteSheet: { sheetId: 7 } },
    ])
    expect(status).toBe(400)
    expect(body.error).toEqual({
      code: 400,
      message: 'Invalid requests[1].deleteSheet: No grid with id: 7',
      status: 'INVALID_ARGUMENT',
    })
    expect(bench.google.person.file('book')).toBe(before)
  })

  test('answers with the spreadsheet on request, grid data of the ranges included', async () => {
    const bench = createBench([['a', 'b']])
    const { body } = await send(
      bench,
      [
        {
          updateCells: { start: { sheetId: 0 }, rows: [{ values: [text('x')] }], fields: 'userEnteredValue' },
        },
      ],
      { includeSpreadsheetInResponse: true, responseRanges: ['Accounts!A1'], responseIncludeGridData: true },
    )
    const data = body.updatedSpreadsheet?.sheets?.[0]?.data?.[0]
    expect(data?.rowData).toEqual([
      {
        values: [
          {
            userEnteredValue: { stringValue: 'x' },
            effectiveValue: { stringValue: 'x' },
            formattedValue: 'x',
          },
        ],
      },
    ])
  })

  test.each<[string, unknown[], number, string]>([
    ['nothing', [], 400, 'Must specify at least one request.'],
    ['two in one', [{ deleteSheet: {}, addSheet: {} }], 400, 'exactly one request'],
    ['a request the emulator does not know', [{ addChart: {} }], 501, 'does not know the request addChart'],
    ['a misspelt member', [{ deleteSheet: { sheetID: 0 } }], 400, 'Unknown name "sheetID"'],
    [
      'a wrong type',
      [{ deleteSheet: { sheetId: '0' } }],
      400,
      "requests[0].deleteSheet.sheetId' (TYPE_INT32)",
    ],
  ])('refuses %s', async (_, requests, status, words) => {
    const reply = await send(createBench(), requests)
    expect(reply.status).toBe(status)
    expect(reply.body.error?.message).toContain(words)
  })
})

describe('updateCells', () => {
  test('changes only the fields in its mask, and empties those without a value', async () => {
    const bench = createBench([['12%', 'b']])
    bench.google.person.setNote('book', { cell: 'A1', note: 'kept' })
    await send(bench, [
      {
        updateCells: {
          start: { sheetId: 0, rowIndex: 0, columnIndex: 0 },
          rows: [{ values: [{ userEnteredValue: { numberValue: 0.5 }, note: 'not in the mask' }, {}] }],
          fields: 'userEnteredValue',
        },
      },
    ])
    expect(bench.google.person.cell('book', 'A1')).toMatchObject({ text: '50%', note: 'kept' })
    expect(cells(bench)).toEqual([[0.5]])
  })

  test('sets text raw: an equals sign in it is no formula', async () => {
    const bench = createBench()
    await send(bench, [
      {
        updateCells: {
          start: { sheetId: 0 },
          rows: [{ values: [text('=1+1'), text('007'), { userEnteredValue: { formulaValue: '=1+1' } }] }],
          fields: 'userEnteredValue',
        },
      },
    ])
    expect(cells(bench)).toEqual([['=1+1', '007', 2]])
  })

  test('sets and clears notes and number formats', async () => {
    const bench = createBench([[5]])
    const set = (cell: unknown, fields: string) =>
      send(bench, [{ updateCells: { start: { sheetId: 0 }, rows: [{ values: [cell] }], fields } }])
    await set(
      { note: 'pin', userEnteredFormat: { numberFormat: { type: 'NUMBER', pattern: '0.00' } } },
      'note',
    )
    expect(bench.google.person.cell('book', 'A1')).toMatchObject({ note: 'pin', text: '5' })
    await set(
      { userEnteredFormat: { numberFormat: { type: 'NUMBER', pattern: '0.00' } } },
      'userEnteredFormat.numberFormat',
    )
    expect(bench.google.person.cell('book', 'A1')).toMatchObject({ note: 'pin', text: '5.00' })
    await set({}, '*')
    expect(bench.google.person.cell('book', 'A1')).toMatchObject({ note: null, text: '', format: null })
  })

  test('with a start leaves alone what a shorter row does not reach', async () => {
    const bench = createBench([
      ['a', 'b'],
      ['c', 'd'],
    ])
    const rows = [{ values: [text('x')] }, { values: [text('y'), text('z')] }]
    await send(bench, [{ updateCells: { start: { sheetId: 0 }, rows, fields: 'userEnteredValue' } }])
    expect(cells(bench)).toEqual([
      ['x', 'b'],
      ['y', 'z'],
    ])
  })

  test('with a range empties what the rows do not cover', async () => {
    const bench = createBench([
      ['a', 'b', 'c'],
      ['d', 'e', 'f'],
    ])
    const range = { sheetId: 0, startRowIndex: 0, endRowIndex: 2, startColumnIndex: 0, endColumnIndex: 2 }
    await send(bench, [
      { updateCells: { range, rows: [{ values: [text('x')] }], fields: 'userEnteredValue' } },
    ])
    expect(cells(bench)).toEqual([
      ['x', '', 'c'],
      ['', '', 'f'],
    ])
  })

  test.each<[string, Record<string, unknown>, string]>([
    [
      'an empty mask',
      { start: { sheetId: 0 }, rows: [], fields: '' },
      "At least one field must be listed in 'fields'",
    ],
    ['a misspelt mask', { start: { sheetId: 0 }, rows: [], fields: 'userEnteredVal' }, 'invalid argument'],
    [
      'a row beyond the grid',
      { start: { sheetId: 0, rowIndex: 1000 }, rows: [], fields: '*' },
      'after last row',
    ],
    [
      'a column beyond the grid',
      { start: { sheetId: 0, columnIndex: 25 }, rows: [{ values: [{}, {}] }], fields: '*' },
      'Attempting to write column: 26, beyond the last requested column of: 25',
    ],
    [
      'a text that is too long',
      { start: { sheetId: 0 }, rows: [{ values: [text('x'.repeat(50_001))] }], fields: '*' },
      'maximum of 50000 characters',
    ],
    ['no place', { rows: [], fields: '*' }, 'Exactly one of start and range'],
  ])('refuses %s', async (_, updateCells, words) => {
    const reply = await send(createBench(), [{ updateCells }])
    expect(reply.status).toBe(400)
    expect(JSON.stringify(reply.body.error)).toContain(words)
  })
})

describe('other cell requests', () => {
  test('repeatCell fills a range, shifting a formula as it goes', async () => {
    const bench = createBench([[1], [2], [3]])
    const range = { sheetId: 0, startRowIndex: 0, endRowIndex: 3, startColumnIndex: 1, endColumnIndex: 2 }
    await send(bench, [
      {
        repeatCell: {
          range,
          cell: { userEnteredValue: { formulaValue: '=A1*10' } },
          fields: 'userEnteredValue',
        },
      },
    ])
    expect(cells(bench)).toEqual([
      [1, 10],
      [2, 20],
      [3, 30],
    ])
  })

  test('appendCells writes below the last row that holds anything, and lets the grid grow', async () => {
    const bench = createBench([['a'], ['b']])
    await send(bench, [
      {
        updateSheetProperties: {
          properties: { sheetId: 0, gridProperties: { rowCount: 2 } },
          fields: 'gridProperties.rowCount',
        },
      },
    ])
    await send(bench, [
      { appendCells: { sheetId: 0, rows: [{ values: [text('c')] }], fields: 'userEnteredValue' } },
    ])
    expect(cells(bench)).toEqual([['a'], ['b'], ['c']])
  })

  test('sortRange sorts numbers before texts before booleans, blanks last, notes along', async () => {
    const bench = createBench([['h'], ['b'], [10], [null], [true], ['a'], [9]])
    bench.google.person.setNote('book', { cell: 'A2', note: 'of b' })
    const sort = (sortOrder: string) =>
      send(bench, [
        {
          sortRange: {
            range: { sheetId: 0, startRowIndex: 1 },
            sortSpecs: [{ dimensionIndex: 0, sortOrder }],
          },
        },
      ])
    await sort('ASCENDING')
    expect(cells(bench)).toEqual([['h'], [9], [10], ['a'], ['b'], [true]])
    expect(bench.google.person.cell('book', 'A5').note).toBe('of b')
    await sort('DESCENDING')
    expect(cells(bench)).toEqual([['h'], [true], ['b'], ['a'], [10], [9]])
  })
})

describe('copyPaste', () => {
  const area = (sheetId: number, rows: number, columns: number) => ({
    sheetId,
    startRowIndex: 0,
    endRowIndex: rows,
    startColumnIndex: 0,
    endColumnIndex: columns,
  })
  const opened = async () => {
    const bench = createBench([
      ['old', 'old'],
      ['old', 'old'],
    ])
    await send(bench, [{ addSheet: { properties: { sheetId: 7, title: 'From' } } }])
    await send(bench, [
      {
        updateCells: {
          start: { sheetId: 7 },
          rows: [{ values: [text('=1+1'), text('007')] }, { values: [text('b')] }],
          fields: 'userEnteredValue',
        },
      },
    ])
    return bench
  }

  test('copies what cells hold as it is, to another tab too; an empty cell empties', async () => {
    const bench = await opened()
    const { status } = await send(bench, [
      { copyPaste: { source: area(7, 2, 2), destination: area(0, 2, 2), pasteType: 'PASTE_NORMAL' } },
      { deleteSheet: { sheetId: 7 } },
    ])
    expect(status).toBe(200)
    expect(cells(bench)).toEqual([['=1+1', '007'], ['b']])
  })

  test('beyond the grid is refused, and nothing of the batch is applied', async () => {
    const bench = await opened()
    const { status, body } = await send(bench, [
      { deleteDimension: rowsRange(1, 1_000) },
      { copyPaste: { source: area(7, 2, 2), destination: { ...area(0, 1, 2) }, pasteType: 'PASTE_NORMAL' } },
    ])
    expect(status).toBe(400)
    expect(body.error?.message).toContain('does not fit')
    expect(cells(bench)).toEqual([
      ['old', 'old'],
      ['old', 'old'],
    ])
  })
})

describe('tabs', () => {
  test('are added with a random id or a given one, and the reply tells which', async () => {
    const bench = createBench()
    const { body } = await send(bench, [
      { addSheet: { properties: { title: 'Backup', gridProperties: { rowCount: 5, columnCount: 3 } } } },
      { addSheet: { properties: { sheetId: 42, title: 'First', index: 0 } } },
    ])
    const [first, second] = body.replies ?? []
    expect(first?.addSheet?.properties).toMatchObject({ title: 'Backup', index: 1 })
    expect(first?.addSheet?.properties?.sheetId).toBeGreaterThan(0)
    expect(second?.addSheet?.properties).toMatchObject({ sheetId: 42, index: 0 })
    expect(bench.google.person.list()[0]?.sheets.map((sheet) => sheet.title)).toEqual([
      'First',
      'Accounts',
      'Backup',
    ])
  })

  test('are renamed, moved and hidden by their properties', async () => {
    const bench = createBench()
    bench.google.person.addTab('book', { title: 'Second' })
    await send(bench, [
      {
        updateSheetProperties: {
          properties: { sheetId: 0, title: 'New', index: 1, hidden: true },
          fields: 'title,index,hidden',
        },
      },
    ])
    const { body } = await bench.call('GET', '/v4/spreadsheets/book?fields=sheets.properties(title,hidden)')
    expect(body.sheets).toEqual([
      { properties: { title: 'Second' } },
      { properties: { title: 'New', hidden: true } },
    ])
  })

  test.each<[string, unknown, string]>([
    ['a second tab of one name', { addSheet: { properties: { title: 'ACCOUNTS' } } }, 'already exists'],
    ['a second tab of one id', { addSheet: { properties: { sheetId: 0 } } }, 'ID 0 already exists'],
    ['deleting the only tab', { deleteSheet: { sheetId: 0 } }, "can't remove all the sheets"],
    [
      'more than ten million cells',
      { addSheet: { properties: { gridProperties: { rowCount: 1_000_000, columnCount: 26 } } } },
      'above the limit of 10000000 cells',
    ],
  ])('refuse %s', async (_, request, words) => {
    const reply = await send(createBench(), [request])
    expect(reply.status).toBe(400)
    expect(reply.body.error?.message).toContain(words)
  })
})

describe('rows and columns', () => {
  const letters = [['a'], ['b'], ['c'], ['d'], ['e']]

  test.each([
    [0, 1, 3, 'bcade'],
    [3, 5, 1, 'adebc'],
    [1, 3, 5, 'adebc'],
    [1, 3, 2, 'abcde'],
    [4, 5, 0, 'eabcd'],
  ])('moving %d-%d before %d gives %s', async (startIndex, endIndex, destinationIndex, order) => {
    const bench = createBench(letters)
    const source = { sheetId: 0, dimension: 'ROWS', startIndex, endIndex }
    expect((await send(bench, [{ moveDimension: { source, destinationIndex } }])).status).toBe(200)
    expect(cells(bench).flat().join('')).toBe(order)
  })

  test('are inserted, deleted and appended', async () => {
    const bench = createBench([['a', 'b'], ['c']])
    await send(bench, [
      { insertDimension: rowsRange(1, 3) },
      { insertDimension: rowsRange(0, 1, 'COLUMNS') },
      { deleteDimension: rowsRange(2, 3, 'COLUMNS') },
      { appendDimension: { sheetId: 0, dimension: 'ROWS', length: 10 } },
    ])
    expect(cells(bench)).toEqual([['', 'a'], [], [], ['', 'c']])
    const { body } = await bench.call('GET', '/v4/spreadsheets/book?fields=sheets.properties.gridProperties')
    expect(body.sheets).toEqual([{ properties: { gridProperties: { rowCount: 1012, columnCount: 26 } } }])
  })

  test('stay hidden where they go', async () => {
    const bench = createBench([['a', 'b', 'c']])
    await send(bench, [
      {
        updateDimensionProperties: {
          range: { sheetId: 0, dimension: 'COLUMNS', startIndex: 1, endIndex: 2 },
          properties: { hiddenByUser: true },
          fields: 'hiddenByUser',
        },
      },
      { insertDimension: rowsRange(0, 1, 'COLUMNS') },
    ])
    const { body } = await bench.call(
      'GET',
      '/v4/spreadsheets/book?ranges=A1:D1&fields=sheets.data.columnMetadata',
    )
    expect(
      body.sheets?.[0]?.data?.[0]?.columnMetadata?.map((column) => column.hiddenByUser ?? false),
    ).toEqual([false, false, true, false])
  })

  test('may not all be deleted', async () => {
    expect(
      (await send(createBench(), [{ deleteDimension: rowsRange(0, 1000) }])).body.error?.message,
    ).toContain("You can't delete all the rows on the sheet.")
  })
})
