import { describe, expect, test } from 'vitest'
import { createBench } from './bench.ts'

const values = (range: string, query = '') =>
  `/v4/spreadsheets/book/values/${encodeURIComponent(range)}${query}`
const raw = '?valueInputOption=RAW'
const typed = '?valueInputOption=USER_ENTERED'

describe('values.get', () => {
  test('leaves out empty rows and columns at the end, and pads what stands between', async () => {
    const bench = createBench([['a', '', 'c', ''], [], ['x'], ['']])
    expect((await bench.call('GET', values('Accounts'))).body).toEqual({
      range: 'Accounts!A1:Z1000',
      majorDimension: 'ROWS',
      values: [['a', '', 'c'], [], ['x']],
    })
  })

  test('leaves out `values` where nothing is', async () => {
    expect((await createBench().call('GET', values('Accounts!B2:C3'))).body).toEqual({
      range: 'Accounts!B2:C3',
      majorDimension: 'ROWS',
    })
  })

  test('turns rows into columns', async () => {
    const bench = createBench([
      ['a', 'b'],
      ['c', null],
    ])
    expect((await bench.call('GET', values('A1:B2', '?majorDimension=COLUMNS'))).body.values).toEqual([
      ['a', 'c'],
      ['b'],
    ])
  })

  test('shows formatted text by default, plain values or formulas on request', async () => {
    const bench = createBench([['1.234,5', '=A1*2', '02.01.2026', 'TRUE']], { locale: 'de_DE' })
    const get = async (query: string) => (await bench.call('GET', values('A1:D1', query))).body.values?.[0]
    expect(await get('')).toEqual(['1.234,50', '2469', '02.01.2026', 'WAHR'])
    expect(await get('?valueRenderOption=UNFORMATTED_VALUE')).toEqual([1234.5, 2469, 46_024, true])
    expect(await get('?valueRenderOption=FORMULA')).toEqual([1234.5, '=A1*2', 46_024, true])
    expect(await get('?valueRenderOption=UNFORMATTED_VALUE&dateTimeRenderOption=FORMATTED_STRING')).toEqual([
      1234.5,
      2469,
      '02.01.2026',
      true,
    ])
  })

  test.each([
    ['Accounts!A:B', 'Accounts!A1:B1000'],
    ['Accounts!2:3', 'Accounts!A2:Z3'],
    ['Accounts!B5:B', 'Accounts!B5:B1000'],
    ['accounts!b2', 'Accounts!B2'],
    ['B2:A1', 'Accounts!A1:B2'],
    ['Accounts!A1:ZZ9999', 'Accounts!A1:Z1000'],
    ['$A$1', 'Accounts!A1'],
  ])('reads %s as %s', async (given, range) => {
    expect((await createBench().call('GET', values(given))).body.range).toBe(range)
  })

  test('quotes a title that needs it', async () => {
    const bench = createBench()
    bench.google.person.renameTab('book', { tab: 'Accounts', title: "Bob's A1" })
    expect((await bench.call('GET', values("'Bob''s A1'!A1"))).body.range).toBe("'Bob''s A1'!A1")
  })

  test('refuses an unknown tab, and a range that begins beyond the grid', async () => {
    const bench = createBench()
    expect((await bench.call('GET', values('Gone!A1'))).body.error).toEqual({
      code: 400,
      message: 'Unable to parse range: Gone!A1',
      status: 'INVALID_ARGUMENT',
    })
    expect((await bench.call('GET', values('Accounts!A1001'))).body.error?.message).toBe(
      'Range (Accounts!A1001) exceeds grid limits. Max rows: 1000, max columns: 26',
    )
  })
})

describe('values.batchGet', () => {
  test('answers ranges in order, in one read', async () => {
    const bench = createBench([[1, 2]])
    const { body } = await bench.call(
      'GET',
      '/v4/spreadsheets/book/values:batchGet?ranges=B1&ranges=A1&valueRenderOption=UNFORMATTED_VALUE',
    )
    expect(body.valueRanges?.map((range) => range.values)).toEqual([[[2]], [[1]]])
    expect(bench.google.calls).toHaveLength(1)
  })

  test('gives only what a mask names', async () => {
    const { body } = await createBench([[1]]).call(
      'GET',
      '/v4/spreadsheets/book/values:batchGet?ranges=A1&fields=valueRanges(values)',
    )
    expect(body).toEqual({ valueRanges: [{ values: [['1']] }] })
  })

  test('fails as a whole when one range is wrong', async () => {
    const { status } = await createBench().call(
      'GET',
      '/v4/spreadsheets/book/values:batchGet?ranges=A1&ranges=Gone!A1',
    )
    expect(status).toBe(400)
  })
})

describe('values.update', () => {
  test('skips null, empties on "", and says what it touched', async () => {
    const bench = createBench([['a', 'b', 'c']])
    bench.google.person.setNote('book', { cell: 'C1', note: 'stays' })
    expect((await bench.call('PUT', values('A1:C1', raw), { values: [['x', null, '']] })).body).toEqual({
      spreadsheetId: 'book',
      updatedRange: 'Accounts!A1:C1',
      updatedRows: 1,
      updatedColumns: 2,
      updatedCells: 2,
    })
    expect(bench.google.person.read('book', 'A1:C1')).toEqual([['x', 'b']])
    expect(bench.google.person.cell('book', 'C1').note).toBe('stays')
  })

  test('RAW stores text as text: no formula, no number, no date, the apostrophe kept', async () => {
    const bench = createBench()
    const inputs = ['=1+1', '007', '1/2/2026', "'x", '+49', 'TRUE', '1234567890123456']
    await bench.call('PUT', values('A1', raw), { values: [inputs] })
    expect(bench.google.person.values('book', 'A1:G1')).toEqual([inputs])
  })

  test('RAW stores numbers and booleans as they are, and leaves the format of a cell', async () => {
    const bench = createBench([['12%']])
    await bench.call('PUT', values('A1', raw), { values: [[0.5, true, 1e21]] })
    expect(bench.google.person.values('book', 'A1:C1')).toEqual([[0.5, true, 1e21]])
    expect(bench.google.person.read('book', 'A1')).toEqual([['50%']])
  })

  test('USER_ENTERED parses text as if typed', async () => {
    const bench = createBench([], { locale: 'de_DE' })
    await bench.call('PUT', values('A1', typed), { values: [['1.5', '=1+1', '007']] })
    expect(bench.google.person.read('book', 'A1:C1')).toEqual([['01.05.2026', '2', '7']])
  })

  test('has no default for how to read values', async () => {
    expect((await createBench().call('PUT', values('A1'), { values: [[1]] })).body.error?.message).toBe(
      "'valueInputOption' is required but not specified",
    )
  })

  test('refuses more than its range holds, but grows from a single cell', async () => {
    const bench = createBench()
    const two = { values: [[1], [2]] }
    expect((await bench.call('PUT', values('A1:B1', raw), two)).body.error?.message).toBe(
      'Requested writing within range [A1:B1], but tried writing to row [2]',
    )
    expect((await bench.call('PUT', values('A1:A2', raw), { values: [[1, 2]] })).body.error?.message).toBe(
      'Requested writing within range [A1:A2], but tried writing to column [B]',
    )
    expect((await bench.call('PUT', values('A1', raw), two)).body.updatedRange).toBe('Accounts!A1:A2')
  })

  test('refuses to write outside the grid', async () => {
    const { status, body } = await createBench().call('PUT', values('Z1000', raw), { values: [[1], [2]] })
    expect({ status, message: body.error?.message }).toEqual({
      status: 400,
      message: 'Range (Accounts!Z1000:Z1001) exceeds grid limits. Max rows: 1000, max columns: 26',
    })
  })

  test('takes 50,000 characters in a cell and not one more', async () => {
    const bench = createBench()
    expect((await bench.call('PUT', values('A1', raw), { values: [['x'.repeat(50_000)]] })).status).toBe(200)
    const { status, body } = await bench.call('PUT', values('A1', raw), { values: [['x'.repeat(50_001)]] })
    expect(status).toBe(400)
    expect(body.error?.message).toContain('maximum of 50000 characters')
  })

  test('gives back what was written on request', async () => {
    const query =
      '?valueInputOption=USER_ENTERED&includeValuesInResponse=true&responseValueRenderOption=FORMULA'
    const { body } = await createBench().call('PUT', values('A1', query), { values: [['=1+1', '5']] })
    expect(body.updatedData).toEqual({
      range: 'Accounts!A1:B1',
      majorDimension: 'ROWS',
      values: [['=1+1', 5]],
    })
  })

  test.each<[unknown, string]>([
    [{ values: [[{}]] }, 'struct_value'],
    [{ values: [[[1]]] }, 'list_value'],
    [{ values: [1] }, "'values[0]"],
    [{ value: [[1]] }, 'Unknown name "value"'],
    [{ range: 'B1', values: [[1]] }, 'names range'],
  ])('refuses the body %j', async (body, words) => {
    const reply = await createBench().call('PUT', values('A1', raw), body)
    expect(reply.status).toBe(400)
    expect(reply.body.error?.message).toContain(words)
  })
})

describe('values.batchUpdate', () => {
  const path = '/v4/spreadsheets/book/values:batchUpdate'

  test('writes several ranges in one call and sums up', async () => {
    const bench = createBench()
    const { body } = await bench.call('POST', path, {
      valueInputOption: 'RAW',
      data: [
        { range: 'A1', values: [[1]] },
        { range: 'Accounts!C3:D3', majorDimension: 'ROWS', values: [[null, 2]] },
      ],
    })
    expect(body).toMatchObject({
      totalUpdatedCells: 2,
      totalUpdatedRows: 2,
      totalUpdatedSheets: 1,
      responses: [{ updatedRange: 'Accounts!A1' }, { updatedRange: 'Accounts!C3:D3' }],
    })
    expect(bench.google.person.values('book', 'A1:D3')).toEqual([[1], [], ['', '', '', 2]])
  })

  test('writes all or nothing', async () => {
    const bench = createBench([['old']])
    const data = [
      { range: 'A1', values: [['new']] },
      { range: 'Gone!A1', values: [['new']] },
    ]
    const reply = await bench.call('POST', path, { valueInputOption: 'RAW', data })
    expect(reply).toMatchObject({
      status: 400,
      body: { error: { message: expect.stringContaining('data[1]') } },
    })
    expect(bench.google.person.read('book', 'A1')).toEqual([['old']])
  })
})

describe('values.append', () => {
  const append = (range: string, query: string) => `${values(range)}:append${raw}${query}`

  test('writes below the table it finds, from the first column of the table', async () => {
    const bench = createBench([
      [null, 'id', 'n'],
      [null, 'a', 1],
    ])
    const { body } = await bench.call('POST', append('A:Z', ''), { values: [['b', 2]] })
    expect(body).toEqual({
      spreadsheetId: 'book',
      tableRange: 'Accounts!B1:C2',
      updates: {
        spreadsheetId: 'book',
        updatedRange: 'Accounts!B3:C3',
        updatedRows: 1,
        updatedColumns: 2,
        updatedCells: 2,
      },
    })
  })

  test('OVERWRITE takes the cells below a table, INSERT_ROWS makes room', async () => {
    const rows = [['id'], ['a'], [], ['footer']]
    const over = createBench(rows)
    await over.call('POST', append('A1:A2', ''), { values: [['b'], ['c']] })
    expect(over.google.person.read('book', 'A1:A9')).toEqual([['id'], ['a'], ['b'], ['c']])
    const inserted = createBench(rows)
    await inserted.call('POST', append('A1:A2', '&insertDataOption=INSERT_ROWS'), { values: [['b'], ['c']] })
    expect(inserted.google.person.read('book', 'A1:A9')).toEqual([
      ['id'],
      ['a'],
      ['b'],
      ['c'],
      [],
      ['footer'],
    ])
  })

  test('begins where the range does when the sheet is empty', async () => {
    const { body } = await createBench().call('POST', append('B3', ''), { values: [['x']] })
    expect(body.updates?.updatedRange).toBe('Accounts!B3')
    expect(body.tableRange).toBeUndefined()
  })

  test('lets the grid grow', async () => {
    const bench = createBench()
    bench.google.person.create({
      id: 'small',
      sheets: [{ title: 'S', rows: [['a']], rowCount: 1, columnCount: 1 }],
    })
    bench.google.person.share('small', { email: bench.email })
    const reply = await bench.call('POST', `/v4/spreadsheets/small/values/A1:append${raw}`, {
      values: [['b', 'c']],
    })
    expect(reply.status).toBe(200)
    expect(bench.google.person.read('small', 'S')).toEqual([['a'], ['b', 'c']])
  })
})

describe('values.clear', () => {
  test('takes values and leaves notes and formats', async () => {
    const bench = createBench([['12%', 'b']])
    bench.google.person.setNote('book', { cell: 'A1', note: 'n' })
    const { body } = await bench.call('POST', `${values('A1')}:clear`)
    expect(body).toEqual({ spreadsheetId: 'book', clearedRange: 'Accounts!A1' })
    expect(bench.google.person.cell('book', 'A1')).toMatchObject({
      text: '',
      note: 'n',
      format: { type: 'PERCENT' },
    })
    expect(bench.google.person.read('book', 'A1:B1')).toEqual([['', 'b']])
  })

  test('takes several ranges in a batch', async () => {
    const bench = createBench([['a', 'b', 'c']])
    await bench.call('POST', '/v4/spreadsheets/book/values:batchClear', { ranges: ['A1', 'C1'] })
    expect(bench.google.person.read('book', 'A1:C1')).toEqual([['', 'b']])
  })
})
