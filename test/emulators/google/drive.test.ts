import { describe, expect, test } from 'vitest'
import { createBench } from './bench.ts'

type Bench = ReturnType<typeof createBench>

const send = (bench: Bench, requests: unknown[], more: Record<string, unknown> = {}) =>
  bench.call('POST', '/v4/spreadsheets/book:batchUpdate', { requests, ...more })

describe('Drive', () => {
  const version = async (bench: Bench) =>
    Number((await bench.call('GET', '/drive/v3/files/book?fields=version')).body.version)

  test("a file's version grows with every change: by a person, by the API, and by what no one sees", async () => {
    const bench = createBench([['a']])
    const seen = [await version(bench)]
    bench.google.person.set('book', { cell: 'A1', text: 'b' })
    seen.push(await version(bench))
    await bench.call('PUT', '/v4/spreadsheets/book/values/A1?valueInputOption=RAW', { values: [['c']] })
    seen.push(await version(bench))
    bench.google.person.touch('book', {})
    seen.push(await version(bench))
    bench.google.person.setNote('book', { cell: 'A1', note: 'n' })
    seen.push(await version(bench))
    expect(seen).toEqual([...new Set(seen)].toSorted((a, b) => a - b))
  })

  test("a file's version stands still while nobody writes, and when a write is refused", async () => {
    const bench = createBench([['a']])
    const before = await version(bench)
    await bench.call('GET', '/v4/spreadsheets/book?includeGridData=true')
    await send(bench, [{ deleteSheet: { sheetId: 9 } }])
    expect(await version(bench)).toBe(before)
  })

  test('gives the fields that are asked for, and refuses unknown ones', async () => {
    const bench = createBench()
    bench.pass(1000)
    bench.google.person.touch('book', {})
    expect((await bench.call('GET', '/drive/v3/files/book')).body).toEqual({
      kind: 'drive#file',
      id: 'book',
      name: 'Book',
      mimeType: 'application/vnd.google-apps.spreadsheet',
    })
    expect(
      (await bench.call('GET', '/drive/v3/files/book?fields=modifiedTime,capabilities/canEdit')).body,
    ).toEqual({
      modifiedTime: '2026-11-20T12:00:01.000Z',
      capabilities: { canEdit: true },
    })
    expect(await bench.call('GET', '/drive/v3/files/book?fields=versio')).toMatchObject({
      status: 400,
      body: { error: { message: 'Invalid field selection versio' } },
    })
  })
})
