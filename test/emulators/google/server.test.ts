import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createYouTube } from '../youtube/index.ts'
import { createBench } from './bench.ts'
import { type Served, serve } from './index.ts'

let bench: ReturnType<typeof createBench>
let served: Served
let token: string

beforeEach(async () => {
  bench = createBench([
    ['url', 'n'],
    ['a', '1,234'],
  ])
  token = bench.google.grant(bench.email)
  served = await serve({
    google: bench.google,
    youtube: createYouTube({ google: bench.google, keys: ['key'] }),
  })
})

afterEach(() => served.close())

const json = async (method: string, path: string, body?: unknown) => {
  const response = await fetch(`${served.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, body: text === '' ? null : JSON.parse(text) }
}
const a1 = '/v4/spreadsheets/book/values/A1?valueInputOption=RAW'

describe('over HTTP', () => {
  test('one origin serves every API by its path', async () => {
    expect((await json('GET', '/v4/spreadsheets/book/values/A1')).body.values).toEqual([['url']])
    expect((await json('GET', '/drive/v3/files/book?fields=version')).body).toEqual({ version: '2' })
    expect((await json('POST', '/token')).body.error).toBe('unsupported_grant_type')
    expect((await json('GET', '/youtube/v3/channels?part=id&id=x&key=key')).status).toBe(200)
    expect((await json('GET', '/stats/tiktok/someone')).status).toBe(404)
    expect((await json('GET', '/nothing/here')).status).toBe(404)
  })

  test('a lost answer breaks the connection after the write', async () => {
    bench.google.faults.add({ match: { kind: 'write' }, do: { lost: true } })
    await expect(json('PUT', a1, { values: [['new']] })).rejects.toThrow('fetch failed')
    expect(bench.google.person.read('book', 'A1')).toEqual([['new']])
  })

  test('a cut answer breaks off in the middle', async () => {
    bench.google.faults.add({ match: { kind: 'write' }, do: { cut: true } })
    await expect(json('PUT', a1, { values: [['new']] })).rejects.toThrow()
    expect(bench.google.person.read('book', 'A1')).toEqual([['new']])
  })

  test('a caller who gives up frees the hanging call', async () => {
    const hold = bench.google.faults.hold({ kind: 'write' })
    const patience = new AbortController()
    const call = fetch(`${served.url}${a1}`, { method: 'PUT', body: '{}', signal: patience.signal })
    await hold.arrived()
    const gone = new Promise<void>((resolve) => {
      bench.google.watch(resolve)
    })
    patience.abort()
    await expect(call).rejects.toThrow()
    await gone
    expect(bench.last).toMatchObject({ outcome: 'aborted' })
  })

  test('closing twice over leaves no listener behind', async () => {
    const other = await serve({ google: bench.google })
    await other.close()
    await expect(fetch(other.url)).rejects.toThrow()
  })
})

describe('people over HTTP', () => {
  test('make, edit, read, copy and remove a spreadsheet', async () => {
    expect(
      (await json('POST', '/person', { id: 'new', sheets: [{ title: 'T', rows: [['a'], [1]] }] })).body,
    ).toEqual({
      spreadsheetId: 'new',
      sheets: [{ sheetId: 0, title: 'T' }],
    })
    expect((await json('POST', '/person/new/set', { cell: 'T!A2', text: '=1+1' })).body).toEqual({
      spreadsheetId: 'new',
      version: 2,
    })
    expect((await json('GET', '/person/new/range?a1=T!A1:A2&render=FORMULA')).body.values).toEqual([
      ['a'],
      ['=1+1'],
    ])
    expect((await json('GET', '/person/new/cell?a1=T!A2')).body).toMatchObject({ text: '2', formula: '=1+1' })
    expect((await json('POST', '/person/new/copy', { id: 'copy' })).body).toEqual({ spreadsheetId: 'copy' })
    expect((await json('DELETE', '/person/copy')).status).toBe(204)
    expect(
      (await json('GET', '/person')).body.map((file: { spreadsheetId: string }) => file.spreadsheetId),
    ).toEqual(['book', 'new'])
    expect((await json('GET', '/person/new')).body.tabs[0].rows[1][0]).toEqual({ text: '2', entered: '=1+1' })
  })

  test('are told what is wrong', async () => {
    expect(await json('POST', '/person/book/fly', {})).toMatchObject({ status: 404 })
    expect(await json('POST', '/person/book/set', { cell: 'A1' })).toMatchObject({ status: 400 })
    expect(await json('POST', '/person/gone/set', { cell: 'A1', text: '' })).toMatchObject({ status: 404 })
  })

  test('script faults, see them, and end them', async () => {
    const fault = { match: { kind: 'write', path: 'A1' }, times: 2, do: { status: 500 } }
    const { id } = (await json('POST', '/faults', fault)).body
    expect((await json('PUT', a1, { values: [[1]] })).status).toBe(500)
    expect((await json('GET', '/faults')).body).toEqual({ down: false, faults: [{ id, ...fault, left: 1 }] })
    await json('DELETE', '/faults')
    expect((await json('PUT', a1, { values: [[1]] })).status).toBe(200)
    await json('POST', '/faults', { down: true })
    expect((await json('PUT', a1, { values: [[1]] })).status).toBe(503)
    expect((await json('POST', '/faults', { do: { explode: true } })).status).toBe(400)
  })

  test('see the calls that were made', async () => {
    await json('PUT', a1, { values: [[1]] })
    expect((await json('GET', '/calls?limit=1')).body).toMatchObject([
      { api: 'sheets.values.update', status: 200 },
    ])
    await json('DELETE', '/calls')
    expect((await json('GET', '/calls')).body).toEqual([])
  })

  test('set numbers of channels and accounts', async () => {
    await json('PUT', '/youtube/channels/UCa', { subscriberCount: 1234, title: 'A' })
    const { body } = await json('GET', '/youtube/v3/channels?part=statistics&id=UCa&key=key')
    expect(body.items[0].statistics.subscriberCount).toBe('1230')
    await json('PUT', '/stats/tiktok/someone', { followers: 7 })
    expect((await json('GET', '/stats/tiktok/Someone')).body.statistics).toEqual({ followers: 7 })
  })
})

describe('the grid page', () => {
  const page = async (path: string) => {
    const response = await fetch(`${served.url}${path}`)
    return {
      status: response.status,
      type: response.headers.get('content-type'),
      text: await response.text(),
    }
  }

  test('lists spreadsheets and says what it is', async () => {
    const { text } = await page('/')
    expect(text).toContain('stand-in for Google Sheets')
    expect(text).toContain('href="/spreadsheets/d/book"')
  })

  test('shows cells as displayed, with what was entered beside them', async () => {
    bench.google.person.setNote('book', { cell: 'B2', note: 'pin "it" <b>' })
    bench.google.person.set('book', { cell: 'A3', text: '=B2' })
    const { text } = await page('/spreadsheets/d/book')
    expect(text).toMatch(/data-cell="B2" value="1,234" data-entered="1234"/)
    expect(text).toContain('pin &quot;it&quot; &lt;b&gt;')
    expect(text).toMatch(/data-cell="A3" value="1234" data-entered="=B2"/)
    expect(text).toContain('aria-label="B2, n, note: pin')
  })

  test('serves its script and style itself, and answers an unknown sheet with the list', async () => {
    expect((await page('/page/grid.js')).type).toBe('text/javascript')
    expect((await page('/page/grid.css')).type).toBe('text/css')
    expect(await page('/spreadsheets/d/gone')).toMatchObject({
      status: 404,
      text: expect.stringContaining('Spreadsheets'),
    })
  })

  test('switches faults on and off, and shows how they stand', async () => {
    const checked = async () =>
      [
        ...(await page('/spreadsheets/d/book')).text.matchAll(/data-switch="(\w+)"\s+aria-checked="true"/g),
      ].map((m) => m[1])
    for (const name of ['down', 'flaky', 'quota'])
      await fetch(`${served.url}/page/switches/${name}`, { method: 'POST' })
    expect(await checked()).toEqual(['down', 'flaky', 'quota'])
    await fetch(`${served.url}/page/switches/flaky`, { method: 'POST' })
    await json('POST', '/faults', { down: false })
    expect(await checked()).toEqual(['quota'])
    expect((await json('GET', '/v4/spreadsheets/book')).status).toBe(429)
    expect((await fetch(`${served.url}/page/switches/nuclear`, { method: 'POST' })).status).toBe(404)
  })

  test('hears of changes while it is open', async () => {
    const closing = new AbortController()
    const response = await fetch(`${served.url}/page/changes`, { signal: closing.signal })
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    expect((await reader?.read())?.value).toContain('retry')
    bench.google.person.set('book', { cell: 'A1', text: 'x' })
    expect((await reader?.read())?.value).toContain('data: changed')
    closing.abort()
  })
})
