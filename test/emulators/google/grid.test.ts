import { describe, expect, test } from 'vitest'
import { createBench } from './bench.ts'

const mask =
  'properties(locale,timeZone),sheets(properties(sheetId,title),data(startRow,startColumn,rowData(values(effectiveValue,userEnteredValue/formulaValue,note,formattedValue))))'

function sample() {
  const bench = createBench([
    ['url', 'n'],
    ['a', '1,234'],
    ['b', '=B2*2'],
  ])
  bench.google.person.setNote('book', { cell: 'B2', note: 'pin' })
  bench.google.person.addTab('book', { title: 'Other', sheetId: 5, rows: [['x']] })
  return bench
}

describe('spreadsheets.get', () => {
  test('gives properties without grid data unless asked', async () => {
    const { body } = await sample().call('GET', '/v4/spreadsheets/book')
    expect(body).toEqual({
      spreadsheetId: 'book',
      properties: { title: 'Book', locale: 'en_US', autoRecalc: 'ON_CHANGE', timeZone: 'Etc/GMT' },
      sheets: [
        {
          properties: {
            sheetId: 0,
            title: 'Accounts',
            index: 0,
            sheetType: 'GRID',
            gridProperties: { rowCount: 1000, columnCount: 26 },
          },
        },
        {
          properties: {
            sheetId: 5,
            title: 'Other',
            index: 1,
            sheetType: 'GRID',
            gridProperties: { rowCount: 1000, columnCount: 26 },
          },
        },
      ],
      spreadsheetUrl: 'https://docs.google.com/spreadsheets/d/book/edit',
    })
  })

  test('gives exactly what a nested mask names, with formulas apart from values', async () => {
    const { body } = await sample().call('GET', `/v4/spreadsheets/book?ranges=Accounts!A2:B3&fields=${mask}`)
    expect(body).toEqual({
      properties: { locale: 'en_US', timeZone: 'Etc/GMT' },
      sheets: [
        {
          properties: { sheetId: 0, title: 'Accounts' },
          data: [
            {
              startRow: 1,
              rowData: [
                {
                  values: [
                    { userEnteredValue: {}, effectiveValue: { stringValue: 'a' }, formattedValue: 'a' },
                    {
                      userEnteredValue: {},
                      effectiveValue: { numberValue: 1234 },
                      formattedValue: '1,234',
                      note: 'pin',
                    },
                  ],
                },
                {
                  values: [
                    { userEnteredValue: {}, effectiveValue: { stringValue: 'b' }, formattedValue: 'b' },
                    {
                      userEnteredValue: { formulaValue: '=B2*2' },
                      effectiveValue: { numberValue: 2468 },
                      formattedValue: '2468',
                    },
                  ],
                },
              ],
            },
          ],
        },
      ],
    })
  })

  test('a mask decides alone: includeGridData beside it is ignored', async () => {
    const bench = sample()
    const without = await bench.call(
      'GET',
      '/v4/spreadsheets/book?includeGridData=true&fields=sheets.properties.title',
    )
    expect(without.body.sheets?.[0]).toEqual({ properties: { title: 'Accounts' } })
    const within = await bench.call(
      'GET',
      '/v4/spreadsheets/book?includeGridData=false&fields=sheets.data.rowData',
    )
    expect(within.body.sheets?.[1]?.data?.[0]?.rowData).toHaveLength(1)
  })

  test('includeGridData alone gives formats and dimensions, hidden ones marked', async () => {
    const bench = sample()
    bench.google.person.hideColumn('book', { tab: 'Accounts', column: 'n' })
    const { body } = await bench.call(
      'GET',
      '/v4/spreadsheets/book?includeGridData=true&ranges=Accounts!A1:B2',
    )
    const data = body.sheets?.[0]?.data?.[0]
    expect(data?.columnMetadata).toEqual([{ pixelSize: 100 }, { pixelSize: 100, hiddenByUser: true }])
    expect(data?.rowMetadata).toHaveLength(2)
    expect(data?.rowData?.[1]?.values?.[1]).toMatchObject({
      userEnteredValue: { numberValue: 1234 },
      userEnteredFormat: { numberFormat: { type: 'NUMBER', pattern: '#,##0' } },
    })
  })

  test('trims empty cells and rows at the end, and keeps places of those between', async () => {
    const bench = createBench([['a', null, 'c', null], [], [null, 'x']])
    bench.google.person.clear('book', { range: 'C1' })
    const { body } = await bench.call(
      'GET',
      '/v4/spreadsheets/book?fields=sheets.data.rowData.values.formattedValue',
    )
    expect(body.sheets?.[0]?.data?.[0]?.rowData).toEqual([
      { values: [{ formattedValue: 'a' }] },
      {},
      { values: [{}, { formattedValue: 'x' }] },
    ])
  })

  test('trims by the range that is asked for, and after a row was emptied', async () => {
    const bench = createBench([['a', null, 'c'], [], ['x']])
    const rowData = async (range: string) => {
      const path = `/v4/spreadsheets/book?ranges=${range}&fields=sheets.data.rowData.values.formattedValue`
      return (await bench.call('GET', path)).body.sheets?.[0]?.data?.[0]?.rowData
    }
    expect(await rowData('A1:B2')).toEqual([{ values: [{ formattedValue: 'a' }] }])
    bench.google.person.clear('book', { range: 'A3' })
    expect(await rowData('B1:C3')).toEqual([{ values: [{}, { formattedValue: 'c' }] }])
  })

  test('a note keeps an empty cell in the data', async () => {
    const bench = createBench([['a']])
    bench.google.person.setNote('book', { cell: 'B3', note: 'here' })
    const { body } = await bench.call('GET', '/v4/spreadsheets/book?fields=sheets.data.rowData.values(note)')
    expect(body.sheets?.[0]?.data?.[0]?.rowData).toEqual([
      { values: [{}] },
      {},
      { values: [{}, { note: 'here' }] },
    ])
  })

  test('an empty sheet has no row data at all', async () => {
    const { body } = await createBench().call(
      'GET',
      '/v4/spreadsheets/book?fields=sheets.data(rowData,startRow)',
    )
    expect(body.sheets).toEqual([{ data: [{}] }])
  })

  test.each([
    'sheets.dat',
    'sheets(properties(titel))',
    'properties(locale',
    'sheets.properties.title.x',
    'a,,b',
  ])('refuses the mask %s', async (fields) => {
    const { status, body } = await createBench().call('GET', `/v4/spreadsheets/book?fields=${fields}`)
    expect(status).toBe(400)
    expect(body.error?.details).toMatchObject([
      { fieldViolations: [{ description: expect.stringContaining("Error expanding 'fields' parameter") }] },
    ])
  })

  test('refuses a query parameter that it does not have', async () => {
    const { status, body } = await createBench().call('GET', '/v4/spreadsheets/book?range=A1')
    expect(status).toBe(400)
    expect(body.error?.message).toContain('Cannot bind query parameter')
  })
})

describe('spreadsheets.getByDataFilter', () => {
  const post = (bench: ReturnType<typeof createBench>, dataFilters: unknown[], fields = mask) =>
    bench.call('POST', `/v4/spreadsheets/book:getByDataFilter?fields=${fields}`, { dataFilters })

  test('finds a sheet by id whatever it is called, and gives no other sheet', async () => {
    const bench = sample()
    bench.google.person.renameTab('book', { tab: 'Other', title: 'Renamed' })
    const { body } = await post(bench, [{ gridRange: { sheetId: 5 } }])
    expect(body.sheets).toHaveLength(1)
    expect(body.sheets?.[0]?.properties).toEqual({ sheetId: 5, title: 'Renamed' })
  })

  test('takes A1 ranges, and several filters on one sheet', async () => {
    const { body } = await post(
      sample(),
      [{ a1Range: 'Accounts!B2' }, { gridRange: { sheetId: 0, startRowIndex: 2, startColumnIndex: 1 } }],
      'sheets.data(startRow,startColumn,rowData.values.formattedValue)',
    )
    expect(body.sheets).toEqual([
      {
        data: [
          { startRow: 1, startColumn: 1, rowData: [{ values: [{ formattedValue: '1,234' }] }] },
          { startRow: 2, startColumn: 1, rowData: [{ values: [{ formattedValue: '2468' }] }] },
        ],
      },
    ])
  })

  test('refuses an unknown sheet id for the whole request', async () => {
    const { status, body } = await post(sample(), [
      { gridRange: { sheetId: 0 } },
      { gridRange: { sheetId: 99 } },
    ])
    expect(status).toBe(400)
    expect(body.error).toEqual({
      code: 400,
      message: 'Invalid dataFilters[1].gridRange: No grid with id: 99',
      status: 'INVALID_ARGUMENT',
    })
  })

  test('without a mask gives grid data only if asked', async () => {
    const bench = sample()
    const path = '/v4/spreadsheets/book:getByDataFilter'
    const filters = { dataFilters: [{ gridRange: { sheetId: 5 } }] }
    expect((await bench.call('POST', path, filters)).body.sheets?.[0]?.data).toBeUndefined()
    const full = await bench.call('POST', path, { ...filters, includeGridData: true })
    expect(full.body.sheets?.[0]?.data?.[0]?.rowData).toHaveLength(1)
  })

  test('is a read in the quota', async () => {
    const bench = sample()
    await post(bench, [{ gridRange: { sheetId: 0 } }])
    expect(bench.last).toMatchObject({ kind: 'read', api: 'sheets.getByDataFilter' })
  })
})
