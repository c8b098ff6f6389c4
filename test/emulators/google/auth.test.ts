import { createPrivateKey, sign } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { createBench, email } from './bench.ts'
import { createGoogle, type Google, generateServiceAccount } from './index.ts'

const made = generateServiceAccount(email)
const readonlyScope = 'https://www.googleapis.com/auth/spreadsheets.readonly'
const start = Date.UTC(2026, 10, 20, 12)
let now = start
let google: Google

beforeAll(() => {
  google = createGoogle({ clock: () => now, accounts: [made.account] })
})

function assertion(change: Record<string, unknown> = {}, key = made.credentials.private_key): string {
  const iat = Math.floor(start / 1000)
  const claims = {
    iss: email,
    scope: 'https://www.googleapis.com/auth/spreadsheets',
    aud: 'https://oauth2.googleapis.com/token',
    iat,
    exp: iat + 3600,
    ...change,
  }
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const signed = `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}`
  return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), createPrivateKey(key)).toString('base64url')}`
}

async function exchange(jwt: string, grant = 'urn:ietf:params:oauth:grant-type:jwt-bearer') {
  const response = await google.fetch('https://oauth2.googleapis.com/token', {
    method: 'POST',
    body: new URLSearchParams({ grant_type: grant, assertion: jwt }),
  })
  return {
    status: response.status,
    body: (await response.json()) as { access_token?: string; error?: string },
  }
}

describe('the token endpoint', () => {
  test('gives a bearer token of an hour for a signed assertion', async () => {
    expect(await exchange(assertion())).toEqual({
      status: 200,
      body: { access_token: expect.stringMatching(/^ya29\./), expires_in: 3599, token_type: 'Bearer' },
    })
  })

  test('takes its own address as audience wherever it is served', async () => {
    const response = await google.fetch('http://127.0.0.1:9/token', {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        assertion: assertion({ aud: 'http://127.0.0.1:9/token' }),
      }),
    })
    expect(response.status).toBe(200)
  })

  const other = generateServiceAccount().credentials.private_key
  const seconds = start / 1000
  const refusals: [string, () => string, string, string][] = [
    ['a signature by another key', () => assertion({}, other), 'invalid_grant', 'Invalid JWT Signature.'],
    ['claims changed after signing', () => tampered(assertion()), 'invalid_grant', 'Invalid JWT Signature.'],
    [
      'an unknown account',
      () => assertion({ iss: 'no@one' }),
      'invalid_grant',
      'Invalid grant: account not found',
    ],
    [
      'another audience',
      () => assertion({ aud: 'https://x' }),
      'invalid_grant',
      'Invalid JWT: Failed audience check.',
    ],
    [
      'an expired assertion',
      () => assertion({ iat: seconds - 7200, exp: seconds - 3600 }),
      'invalid_grant',
      'short-lived token',
    ],
    [
      'an assertion from the future',
      () => assertion({ iat: seconds + 301 }),
      'invalid_grant',
      'short-lived token',
    ],
    [
      'a life of more than an hour',
      () => assertion({ exp: seconds + 3601 }),
      'invalid_grant',
      'short-lived token',
    ],
    ['no scope', () => assertion({ scope: '' }), 'invalid_scope', 'Empty or missing scope'],
    ['a misspelt scope', () => assertion({ scope: 'https://x/sheets' }), 'invalid_scope', 'https://x/sheets'],
    ['what is no assertion', () => 'a.b', 'invalid_grant', 'Bad Request'],
  ]
  test.each(refusals)('refuses %s', async (_, jwt, error, description) => {
    expect(await exchange(jwt())).toEqual({
      status: 400,
      body: { error, error_description: expect.stringContaining(description) },
    })
  })

  test('refuses to act for a person', async () => {
    expect(await exchange(assertion({ sub: 'boss@example.com' }))).toMatchObject({
      status: 401,
      body: { error: 'unauthorized_client' },
    })
  })

  test('refuses another grant type', async () => {
    expect((await exchange(assertion(), 'password')).body.error).toBe('unsupported_grant_type')
  })

  function tampered(jwt: string): string {
    const [head, , signature] = jwt.split('.')
    return [head, assertion({ scope: readonlyScope }).split('.')[1], signature].join('.')
  }
})

describe('an API call', () => {
  test('without a token is 401 with the missing-credential reason', async () => {
    const bench = createBench()
    const response = await bench.google.fetch('https://x.test/v4/spreadsheets/book')
    expect(response.status).toBe(401)
    expect(await response.json()).toMatchObject({
      error: { code: 401, status: 'UNAUTHENTICATED', details: [{ reason: 'CREDENTIALS_MISSING' }] },
    })
  })

  test('is 401 from the moment its token is an hour old', async () => {
    now = start
    google.person.create({ id: 'timed' })
    google.person.share('timed', { email })
    const headers = { authorization: `Bearer ${(await exchange(assertion())).body.access_token}` }
    now = start + 3_599_999
    expect((await google.fetch('https://x.test/v4/spreadsheets/timed', { headers })).status).toBe(200)
    now = start + 3_600_000
    expect((await google.fetch('https://x.test/v4/spreadsheets/timed', { headers })).status).toBe(401)
    now = start
  })

  test('is 401 with a token that was never given', async () => {
    const headers = { authorization: 'Bearer made-up' }
    expect((await google.fetch('https://x.test/v4/spreadsheets/x', { headers })).status).toBe(401)
  })

  test('needs a scope of its API; getByDataFilter is closed to read-only tokens', async () => {
    const bench = createBench()
    const headers = { authorization: `Bearer ${bench.google.grant(email, [readonlyScope])}` }
    const call = async (method: string, path: string, body?: string) =>
      (await bench.google.fetch(`https://x.test${path}`, { method, headers, ...(body && { body }) })).status
    expect(await call('GET', '/v4/spreadsheets/book')).toBe(200)
    expect(await call('POST', '/v4/spreadsheets/book:getByDataFilter', '{}')).toBe(403)
    expect(
      await call('PUT', '/v4/spreadsheets/book/values/A1?valueInputOption=RAW', '{"values":[[1]]}'),
    ).toBe(403)
    expect(await call('GET', '/drive/v3/files/book')).toBe(403)
  })
})

describe('sharing', () => {
  test('an unknown spreadsheet is 404, one not shared is 403 in Sheets and 404 in Drive', async () => {
    const bench = createBench()
    bench.google.person.create({ id: 'private' })
    expect((await bench.call('GET', '/v4/spreadsheets/nothing')).body).toEqual({
      error: { code: 404, message: 'Requested entity was not found.', status: 'NOT_FOUND' },
    })
    expect((await bench.call('GET', '/v4/spreadsheets/private')).body).toEqual({
      error: { code: 403, message: 'The caller does not have permission', status: 'PERMISSION_DENIED' },
    })
    expect(await bench.call('GET', '/drive/v3/files/private')).toMatchObject({
      status: 404,
      body: { error: { code: 404, errors: [{ reason: 'notFound' }], message: 'File not found: private.' } },
    })
  })

  test('a reader reads and may not write', async () => {
    const bench = createBench([['a']])
    bench.google.person.share('book', { email, role: 'reader' })
    expect((await bench.call('GET', '/v4/spreadsheets/book/values/A1')).status).toBe(200)
    const write = await bench.call('PUT', '/v4/spreadsheets/book/values/A1?valueInputOption=RAW', {
      values: [['b']],
    })
    expect(write).toMatchObject({ status: 403, body: { error: { status: 'PERMISSION_DENIED' } } })
    expect(bench.google.person.read('book', 'A1')).toEqual([['a']])
  })

  test('ends when a person takes it back', async () => {
    const bench = createBench()
    bench.google.person.unshare('book', { email })
    expect((await bench.call('GET', '/v4/spreadsheets/book')).status).toBe(403)
  })
})
