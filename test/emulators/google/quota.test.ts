import { describe, expect, test } from 'vitest'
import { createBench, email } from './bench.ts'

const read = '/v4/spreadsheets/book/values/A1'
const write = '/v4/spreadsheets/book/values/A1?valueInputOption=RAW'

describe('the quota of Sheets', () => {
  test('is 60 reads a minute for a service account, refilled with the next minute', async () => {
    const bench = createBench()
    const statuses = await Promise.all(
      Array.from({ length: 61 }, async () => (await bench.call('GET', read)).status),
    )
    expect(statuses.filter((status) => status === 200)).toHaveLength(60)
    expect(statuses.at(-1)).toBe(429)
    bench.pass(59_999)
    expect((await bench.call('GET', read)).status).toBe(429)
    bench.pass(1)
    expect((await bench.call('GET', read)).status).toBe(200)
  })

  test('counts writes apart from reads', async () => {
    const bench = createBench()
    for (let i = 0; i < 60; i += 1) await bench.call('PUT', write, { values: [[i]] })
    expect(await bench.call('PUT', write, { values: [['late']] })).toMatchObject({ status: 429 })
    expect(bench.google.person.values('book', 'A1')).toEqual([[59]])
    expect((await bench.call('GET', read)).status).toBe(200)
  })

  test("answers 429 in Google's words", async () => {
    const bench = createBench([], { limits: { readsPerMinutePerUser: 0 } })
    expect((await bench.call('GET', read)).body).toMatchObject({
      error: {
        code: 429,
        status: 'RESOURCE_EXHAUSTED',
        message: expect.stringContaining("limit 'Read requests per minute per user'"),
        details: [
          { reason: 'RATE_LIMIT_EXCEEDED', metadata: { quota_limit: 'ReadRequestsPerMinutePerUser' } },
          {},
        ],
      },
    })
  })

  test('is 300 a minute for a project, whoever calls', async () => {
    const bench = createBench()
    const tokens = Array.from({ length: 6 }, (_, i) => {
      const other = `sa${i}@emulated.iam.gserviceaccount.com`
      bench.google.person.share('book', { email: other })
      return bench.google.grant(other)
    })
    const statuses: number[] = []
    for (const token of tokens) {
      for (let i = 0; i < 55; i += 1) {
        const headers = { authorization: `Bearer ${token}` }
        statuses.push((await bench.google.fetch(`https://x.test${read}`, { headers })).status)
      }
    }
    expect(statuses.filter((status) => status === 200)).toHaveLength(300)
    expect(statuses.filter((status) => status === 429)).toHaveLength(30)
  })

  test('is used by calls that fail, too', async () => {
    const bench = createBench()
    for (let i = 0; i < 60; i += 1) await bench.call('GET', '/v4/spreadsheets/nothing')
    expect((await bench.call('GET', read)).status).toBe(429)
  })

  test('leaves the token endpoint and Drive alone', async () => {
    const bench = createBench([], { limits: { readsPerMinutePerUser: 0, writesPerMinutePerUser: 0 } })
    expect((await bench.call('GET', '/drive/v3/files/book')).status).toBe(200)
  })
})

test('Drive has a quota of its own and answers 403, not 429', async () => {
  const bench = createBench([], { limits: { drivePerMinutePerUser: 1 } })
  expect((await bench.call('GET', '/drive/v3/files/book')).status).toBe(200)
  expect(await bench.call('GET', '/drive/v3/files/book')).toMatchObject({
    status: 403,
    body: { error: { code: 403, errors: [{ reason: 'userRateLimitExceeded' }] } },
  })
})

test('every call is recorded with method, kind, status, size and time', async () => {
  const bench = createBench([['a']])
  await bench.call('GET', read)
  await bench.call('PUT', write, { values: [[1]] })
  await bench.call('GET', '/drive/v3/files/book?fields=version')
  await bench.call('GET', '/v4/spreadsheets/nothing')
  expect(bench.google.calls.map(({ api, kind, status, method }) => [method, api, kind, status])).toEqual([
    ['GET', 'sheets.values.get', 'read', 200],
    ['PUT', 'sheets.values.update', 'write', 200],
    ['GET', 'drive.files.get', 'drive', 200],
    ['GET', 'sheets.get', 'read', 404],
  ])
  expect(bench.google.calls[2]?.bytes).toBe('{"version":"3"}'.length)
  expect(bench.google.calls[1]?.requestBytes).toBe('{"values":[[1]]}'.length)
  expect(bench.email).toBe(email)
})
