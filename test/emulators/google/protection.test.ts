import { describe, expect, test } from 'vitest'
import { createBench, email } from './bench.ts'

type Bench = ReturnType<typeof createBench>

const send = (bench: Bench, requests: unknown[], more: Record<string, unknown> = {}) =>
  bench.call('POST', '/v4/spreadsheets/book:batchUpdate', { requests, ...more })
const text = (stringValue: string) => ({ userEnteredValue: { stringValue } })
const rowsRange = (startIndex: number, endIndex: number, dimension = 'ROWS') => ({
  range: { sheetId: 0, dimension, startIndex, endIndex },
})
const cells = (bench: Bench, range = 'Accounts') => bench.google.person.values('book', range)

describe('a protected range', () => {
  const overA = { startRowIndex: 0, endRowIndex: 2, startColumnIndex: 0, endColumnIndex: 1 }

  test('of a person refuses the service account, in a batch and in values', async () => {
    const bench = createBench([['a', 'b'], ['c']])
    bench.google.person.protect('book', { range: 'A1:A2' })
    const write = (columnIndex: number) =>
      send(bench, [
        { updateCells: { start: { sheetId: 0, columnIndex }, rows: [{ values: [text('x')] }], fields: '*' } },
      ])
    expect(await write(0)).toMatchObject({
      status: 400,
      body: {
        error: {
          message: expect.stringMatching(
            /^Invalid requests\[0\]\.updateCells: You are trying to edit a protected cell or object\./,
          ),
        },
      },
    })
    expect((await write(1)).status).toBe(200)
    const update = await bench.call('PUT', '/v4/spreadsheets/book/values/A1:B1?valueInputOption=RAW', {
      values: [['x', 'y']],
    })
    expect(update).toMatchObject({
      status: 400,
      body: { error: { message: expect.stringMatching(/^You are trying/) } },
    })
    expect((await bench.call('POST', '/v4/spreadsheets/book/values/A1:clear')).status).toBe(400)
    expect((await send(bench, [{ deleteDimension: rowsRange(1, 2) }])).status).toBe(400)
    expect(cells(bench)).toEqual([['a', 'x'], ['c']])
  })

  test('skipped cells are not written, so null over a protected cell is allowed', async () => {
    const bench = createBench([['a', 'b']])
    bench.google.person.protect('book', { range: 'A1' })
    const reply = await bench.call('PUT', '/v4/spreadsheets/book/values/A1:B1?valueInputOption=RAW', {
      values: [[null, 'y']],
    })
    expect(reply.status).toBe(200)
  })

  test('lets its editors in, and everyone where it only warns', async () => {
    const bench = createBench([['a', 'b']])
    bench.google.person.protect('book', { range: 'A1', editors: [email] })
    bench.google.person.protect('book', { range: 'B1', warningOnly: true })
    const reply = await bench.call('PUT', '/v4/spreadsheets/book/values/A1:B1?valueInputOption=RAW', {
      values: [['x', 'y']],
    })
    expect(reply.status).toBe(200)
  })

  test('made by the service account leaves it an editor, shows in the sheet, and moves with its cells', async () => {
    const bench = createBench([['a'], ['b']])
    const { body } = await send(bench, [
      { addProtectedRange: { protectedRange: { range: { sheetId: 0, ...overA }, description: 'ids' } } },
      { insertDimension: rowsRange(0, 1) },
    ])
    const added = body.replies?.[0]?.addProtectedRange?.protectedRange
    expect(added).toMatchObject({ description: 'ids', editors: { users: ['owner@example.com', email] } })
    const { body: sheet } = await bench.call(
      'GET',
      '/v4/spreadsheets/book?fields=sheets.protectedRanges(range)',
    )
    expect(sheet.sheets?.[0]?.protectedRanges).toEqual([
      { range: { sheetId: 0, ...overA, startRowIndex: 1, endRowIndex: 3 } },
    ])
    const removed = await send(bench, [
      { deleteProtectedRange: { protectedRangeId: added?.protectedRangeId } },
    ])
    expect(removed.status).toBe(200)
  })
})
