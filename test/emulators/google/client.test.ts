import { JWT } from 'google-auth-library'
import { drive } from 'googleapis/build/src/apis/drive/index.js'
import { sheets } from 'googleapis/build/src/apis/sheets/index.js'
import { youtube } from 'googleapis/build/src/apis/youtube/index.js'
import { beforeAll, describe, expect, test } from 'vitest'
import { createYouTube } from '../youtube/index.ts'
import { type Credentials, createGoogle, type Google, generateServiceAccount, serve } from './index.ts'

// Google's own client against the emulator: what it sends is what the emulator must take.

let credentials: Credentials
let google: Google

beforeAll(() => {
  const made = generateServiceAccount()
  credentials = made.credentials
  google = createGoogle({ accounts: [made.account] })
  google.person.create({
    id: 'book',
    title: 'Book',
    sheets: [
      {
        title: 'Acme, Ltd: 100 %',
        rows: [
          ['URL', 'Followers'],
          ['https://x.test/a?b=1&c=ü', '1,234'],
        ],
      },
    ],
  })
  google.person.share('book', { email: credentials.client_email, role: 'writer' })
})

function clients(fetchImplementation: typeof fetch) {
  const auth = new JWT({
    email: credentials.client_email,
    key: credentials.private_key,
    scopes: [
      'https://www.googleapis.com/auth/spreadsheets',
      'https://www.googleapis.com/auth/drive.metadata.readonly',
      'https://www.googleapis.com/auth/youtube.readonly',
    ],
    transporterOptions: { fetchImplementation },
  })
  const options = { auth, fetchImplementation, rootUrl: 'https://google.test/', retry: false }
  return {
    sheets: sheets({ version: 'v4', ...options }),
    drive: drive({ version: 'v3', ...options }),
    youtube: youtube({ version: 'v3', ...options }),
  }
}

describe('googleapis and google-auth-library', () => {
  test('sign in with a key, read grid data by filter, and find the title that needs encoding', async () => {
    const { data } = await clients(google.fetch).sheets.spreadsheets.getByDataFilter({
      spreadsheetId: 'book',
      fields:
        'properties(locale,timeZone),sheets(properties(sheetId,title),data(rowData(values(effectiveValue,userEnteredValue/formulaValue,note,formattedValue))))',
      requestBody: { dataFilters: [{ gridRange: { sheetId: 0, startRowIndex: 1 } }] },
    })
    expect(data.properties).toEqual({ locale: 'en_US', timeZone: 'Etc/GMT' })
    const cells = data.sheets?.[0]?.data?.[0]?.rowData?.[0]?.values
    expect(cells?.map((cell) => cell.formattedValue)).toEqual(['https://x.test/a?b=1&c=ü', '1,234'])
    expect(cells?.[1]?.effectiveValue?.numberValue).toBe(1234)
  })

  test('read ranges whose title has quotes, colons, commas and percent signs', async () => {
    google.person.addTab('book', { title: "It's: a,b/c?", rows: [['x']] })
    const { data } = await clients(google.fetch).sheets.spreadsheets.values.batchGet({
      spreadsheetId: 'book',
      ranges: ["'Acme, Ltd: 100 %'!A1:B", "'It''s: a,b/c?'"],
      valueRenderOption: 'UNFORMATTED_VALUE',
    })
    expect(data.valueRanges?.map((range) => range.values)).toEqual([
      [
        ['URL', 'Followers'],
        ['https://x.test/a?b=1&c=ü', 1234],
      ],
      [['x']],
    ])
    const single = await clients(google.fetch).sheets.spreadsheets.values.get({
      spreadsheetId: 'book',
      range: "'It''s: a,b/c?'!A1:B2",
    })
    expect(single.data.values).toEqual([['x']])
  })

  test('write by every writing method', async () => {
    google.person.addTab('book', { title: 'Writes', sheetId: 77 })
    const { spreadsheets } = clients(google.fetch).sheets
    const raw = { spreadsheetId: 'book', valueInputOption: 'RAW' }
    await spreadsheets.values.update({
      ...raw,
      range: 'Writes!A1:B1',
      requestBody: { values: [['id', 'n']] },
    })
    await spreadsheets.values.append({
      ...raw,
      range: 'Writes!A:B',
      insertDataOption: 'INSERT_ROWS',
      requestBody: { values: [['a', 1]] },
    })
    await spreadsheets.values.batchUpdate({
      spreadsheetId: 'book',
      requestBody: { valueInputOption: 'RAW', data: [{ range: 'Writes!B2', values: [[2]] }] },
    })
    await spreadsheets.batchUpdate({
      spreadsheetId: 'book',
      requestBody: {
        requests: [
          {
            updateCells: {
              start: { sheetId: 77, rowIndex: 2, columnIndex: 0 },
              rows: [
                {
                  values: [
                    { userEnteredValue: { stringValue: 'b' } },
                    { userEnteredValue: { numberValue: 3 } },
                  ],
                },
              ],
              fields: 'userEnteredValue',
            },
          },
        ],
      },
    })
    await spreadsheets.values.clear({ spreadsheetId: 'book', range: 'Writes!A1:B1' })
    expect(google.person.values('book', 'Writes')).toEqual([[], ['a', 2], ['b', 3]])
  })

  test("ask Drive for a file's version", async () => {
    const { data } = await clients(google.fetch).drive.files.get({
      fileId: 'book',
      fields: 'version,modifiedTime',
    })
    expect(Number(data.version)).toBeGreaterThan(0)
    expect(Object.keys(data).toSorted()).toEqual(['modifiedTime', 'version'])
  })

  test('report a refusal with its code, status and message', async () => {
    google.person.create({ id: 'private' })
    const refused = clients(google.fetch).sheets.spreadsheets.get({ spreadsheetId: 'private' })
    await expect(refused).rejects.toMatchObject({
      code: 403,
      message: 'The caller does not have permission',
      response: { data: { error: { status: 'PERMISSION_DENIED' } } },
    })
  })

  test('fail on a key that is not registered with invalid_grant', async () => {
    const other = generateServiceAccount().credentials
    const auth = new JWT({
      email: credentials.client_email,
      key: other.private_key,
      scopes: ['https://www.googleapis.com/auth/spreadsheets'],
      transporterOptions: { fetchImplementation: google.fetch },
    })
    await expect(auth.getAccessToken()).rejects.toThrow('invalid_grant: Invalid JWT Signature.')
  })

  test('read channel statistics', async () => {
    const videos = createYouTube({ google })
    videos.person.setChannel('UCa', { title: 'A', viewCount: 10, subscriberCount: 12_345, videoCount: 2 })
    const routed: typeof fetch = (input, init) => {
      const isVideo = String(input instanceof Request ? input.url : input).includes('/youtube/')
      return isVideo ? videos.fetch(input, init) : google.fetch(input, init)
    }
    const { data } = await clients(routed).youtube.channels.list({
      part: ['statistics'],
      id: ['UCa', 'UCnone'],
    })
    expect(data.items?.map((item) => item.statistics)).toEqual([
      { viewCount: '10', subscriberCount: '12300', hiddenSubscriberCount: false, videoCount: '2' },
    ])
  })

  test('work over HTTP, where only origins differ', async () => {
    const served = await serve({ google })
    try {
      const toServer: typeof fetch = (input, init) => {
        const url = new URL(input instanceof Request ? input.url : input)
        return fetch(`${served.url}${url.pathname}${url.search}`, init)
      }
      const { data } = await clients(toServer).sheets.spreadsheets.get({ spreadsheetId: 'book' })
      expect(data.properties?.title).toBe('Book')
    } finally {
      await served.close()
    }
  })
})
