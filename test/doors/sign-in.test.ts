import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { collections } from '../../workers/shared/names.ts'
import { ask, type Doors, look, ORIGIN, openDoors } from './world.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

let doors: Doors
beforeEach(async () => {
  doors = await openDoors()
  vi.useFakeTimers({ toFake: ['Date'] })
})
afterEach(() => void vi.useRealTimers())

const pass = (ms: number) => vi.setSystemTime(Date.now() + ms)

/** A request as a browser on our own pages sends it. */
const browse = (cookie: string | null, method: string, path: string, body?: unknown) =>
  ask(
    doors.env,
    method,
    path,
    {
      origin: ORIGIN,
      ...(cookie === null ? {} : { cookie }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    body,
  )
const cookieOf = (answer: { headers: Headers }) =>
  (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` })

async function makeToken(grant: object) {
  const answer = await doors.call('admin', 'POST', '/api/tokens', { body: grant })
  expect(answer.status).toBe(201)
  return answer.json<{ id: string; secret: string }>()
}
async function makeCode(grant: object = { role: 'user', user_id: 'ann', name: 'Ann' }) {
  const answer = await doors.call('admin', 'POST', '/api/codes', { body: grant })
  expect(answer.status).toBe(201)
  return answer.json<{ code: string; url: string; expires_at: string }>()
}

describe('a token', () => {
  it('has 256 random bits, is shown once, and is stored as a hash', async () => {
    const { id, secret } = await makeToken({ role: 'hook', name: 'nightly' })
    expect(secret).toMatch(/^tm_[\w-]{43}$/)
    const stored = JSON.stringify(look(doors, 'SELECT * FROM tokens'))
    expect(stored).not.toContain(secret)
    expect(stored).toContain(id)
    const list = await doors.call('admin', 'GET', '/api/tokens')
    expect(list.text).not.toContain(secret)
    expect(list.json<{ id: string }[]>().map((token) => token.id)).toContain(id)
  })

  it('of a user or device needs to say whose', async () => {
    for (const role of ['user', 'device']) {
      const answer = await doors.call('admin', 'POST', '/api/tokens', { body: { role, name: 'x' } })
      expect(answer.status).toBe(400)
      expect(answer.json<{ errors: { path: string }[] }>().errors[0]?.path).toBe('user_id')
    }
  })

  it('is refused from the moment at which it is revoked', async () => {
    const { id, secret } = await makeToken({ role: 'hook', name: 'nightly' })
    expect((await ask(doors.env, 'GET', '/api/session', bearer(secret))).status).toBe(200)
    expect((await doors.call('admin', 'DELETE', `/api/tokens/${id}`)).status).toBe(204)
    expect((await ask(doors.env, 'GET', '/api/session', bearer(secret))).status).toBe(401)
    expect((await doors.call('admin', 'DELETE', `/api/tokens/${id}`)).status).toBe(204)
    expect((await doors.call('admin', 'DELETE', '/api/tokens/unknown')).status).toBe(404)
  })

  it('is refused from the moment at which it expires', async () => {
    const expires_at = new Date(Date.now() + HOUR).toISOString()
    const { secret } = await makeToken({ role: 'hook', name: 'nightly', expires_at })
    pass(HOUR - 1)
    expect((await ask(doors.env, 'GET', '/api/session', bearer(secret))).status).toBe(200)
    pass(1)
    expect((await ask(doors.env, 'GET', '/api/session', bearer(secret))).status).toBe(401)
  })

  it('can’t be made to have expired already', async () => {
    const expires_at = new Date(Date.now() - 1).toISOString()
    const body = { role: 'hook', name: 'late', expires_at }
    expect((await doors.call('admin', 'POST', '/api/tokens', { body })).status).toBe(400)
  })

  it('shows its last use, written at most once an hour', async () => {
    const { id, secret } = await makeToken({ role: 'hook', name: 'nightly' })
    const used = () => look(doors, 'SELECT last_used_at AS at FROM tokens WHERE id = ?', id)[0]?.at
    const use = () => ask(doors.env, 'GET', '/api/session', bearer(secret))
    expect(used()).toBeNull()
    await use()
    const first = Date.now()
    expect(used()).toBe(first)
    pass(HOUR)
    await use()
    expect(used()).toBe(first)
    // Who was looked up is known for 5 s.
    pass(5_000)
    await use()
    expect(used()).toBe(first + HOUR + 5_000)
  })

  it('is refused at once where it is revoked, and within five seconds where another Worker did it', async () => {
    const { id, secret } = await makeToken({ role: 'hook', name: 'nightly' })
    const use = async () => (await ask(doors.env, 'GET', '/api/session', bearer(secret))).status
    expect(await use()).toBe(200)
    doors.file.prepare('UPDATE tokens SET revoked_at = 1 WHERE id = ?').run(id)
    pass(4_999)
    expect(await use()).toBe(200)
    pass(1)
    expect(await use()).toBe(401)
    const here = await makeToken({ role: 'hook', name: 'hourly' })
    const session = () => ask(doors.env, 'GET', '/api/session', bearer(here.secret))
    expect((await session()).status).toBe(200)
    await doors.call('admin', 'DELETE', `/api/tokens/${here.id}`)
    expect((await session()).status).toBe(401)
  })

  it('that expires is not known any longer than it lives', async () => {
    const expires_at = new Date(Date.now() + 3_000).toISOString()
    const { secret } = await makeToken({ role: 'hook', name: 'short', expires_at })
    const use = async () => (await ask(doors.env, 'GET', '/api/session', bearer(secret))).status
    expect(await use()).toBe(200)
    pass(3_000)
    expect(await use()).toBe(401)
  })

  it('closes its live sockets in all lanes when it is revoked, and those of its sessions', async () => {
    const { id, secret } = await makeToken({ role: 'admin', name: 'boss' })
    const cookie = cookieOf(await browse(null, 'POST', '/api/session', { token: secret }))
    doors.lanes.calls.length = 0
    await doors.call('admin', 'DELETE', `/api/tokens/${id}`)
    const closed = doors.lanes.calls.filter(({ method }) => method === 'closeSockets')
    expect(
      closed
        .filter(({ given }) => given === id)
        .map(({ lane }) => lane)
        .sort(),
    ).toEqual(
      [
        'workspace:w1',
        'workspace:w2',
        'products',
        'listings',
        'reference',
        ...collections.map(({ name }) => name),
      ].sort(),
    )
    const session = closed.filter(({ given }) => given !== id)
    expect(session).toHaveLength(closed.length / 2)
    expect(String(session[0]?.given)).toMatch(new RegExp(`^${id}-`))
    expect((await browse(cookie, 'GET', '/api/session')).status).toBe(401)
  })

  it('is revoked also where a lane can’t be reached', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const { id, secret } = await makeToken({ role: 'hook', name: 'nightly' })
    doors.lanes.fail.set('workspace:w1', [new Error('gone')])
    expect((await doors.call('admin', 'DELETE', `/api/tokens/${id}`)).status).toBe(204)
    expect((await ask(doors.env, 'GET', '/api/session', bearer(secret))).status).toBe(401)
    expect(log.mock.calls.join()).toContain('sockets.not_closed')
    log.mockRestore()
  })
})

describe('a browser’s session', () => {
  it('is a cookie that no script reads and no other site sends', async () => {
    const answer = await browse(null, 'POST', '/api/session', { token: doors.secrets.ann })
    expect(answer.json()).toEqual({ role: 'user', user: 'ann', name: 'ann' })
    const cookie = answer.headers.get('set-cookie') ?? ''
    expect(cookie).toMatch(/^tidemark=tm_[\w-]{43}; /)
    for (const word of ['HttpOnly', 'SameSite=Lax', 'Secure', 'Path=/']) expect(cookie).toContain(word)
    expect(cookie).not.toContain(doors.secrets.ann)
    const me = await browse(cookieOf(answer), 'GET', '/api/session')
    expect(me.json()).toEqual({ role: 'user', user: 'ann', name: 'ann' })
  })

  it('is not Secure over plain HTTP, where the browser would drop it', async () => {
    const path = 'http://localhost:8787/api/session'
    const headers = { origin: 'http://localhost:8787', 'content-type': 'application/json' }
    const answer = await ask(doors.env, 'POST', path, headers, { token: doors.secrets.ann })
    expect(answer.headers.get('set-cookie')).toContain('HttpOnly')
    expect(answer.headers.get('set-cookie')).not.toContain('Secure')
  })

  it('ends when it is closed, and the token that opened it goes on', async () => {
    const cookie = cookieOf(await browse(null, 'POST', '/api/session', { token: doors.secrets.ann }))
    const closed = await browse(cookie, 'DELETE', '/api/session')
    expect(closed.status).toBe(204)
    expect(closed.headers.get('set-cookie')).toMatch(/^tidemark=;.*Max-Age=0/)
    expect((await browse(cookie, 'GET', '/api/session')).status).toBe(401)
    expect((await doors.call('ann', 'GET', '/api/session')).status).toBe(200)
    expect((await doors.call('ann', 'DELETE', '/api/session')).status).toBe(204)
    expect((await doors.call('ann', 'GET', '/api/session')).status).toBe(200)
  })

  it('ends with the token that opened it', async () => {
    const expires_at = new Date(Date.now() + HOUR).toISOString()
    const { secret } = await makeToken({ role: 'admin', name: 'short', expires_at })
    const cookie = cookieOf(await browse(null, 'POST', '/api/session', { token: secret }))
    expect((await browse(cookie, 'GET', '/api/session')).status).toBe(200)
    pass(HOUR)
    expect((await browse(cookie, 'GET', '/api/session')).status).toBe(401)
  })

  it('lasts 30 days, and can’t prolong itself', async () => {
    const cookie = cookieOf(await browse(null, 'POST', '/api/session', { token: doors.secrets.ann }))
    const secret = cookie.replace('tidemark=', '')
    expect((await browse(null, 'POST', '/api/session', { token: secret })).status).toBe(401)
    pass(30 * DAY - 1)
    expect((await browse(cookie, 'GET', '/api/session')).status).toBe(200)
    pass(1)
    expect((await browse(cookie, 'GET', '/api/session')).status).toBe(401)
  })

  it('is not opened by a token that is unknown', async () => {
    const answer = await browse(null, 'POST', '/api/session', { token: 'tm_guess' })
    expect(answer.status).toBe(401)
    expect(answer.headers.get('set-cookie')).toBeNull()
  })
})

describe('a code', () => {
  it('is short enough to type, and stands in the fragment of the link', async () => {
    const { code, url, expires_at } = await makeCode()
    expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}$/)
    expect(url).toBe(`${ORIGIN}/#code=${code}`)
    expect(Date.parse(expires_at)).toBe(Date.now() + 10 * MINUTE)
    expect(JSON.stringify(look(doors, 'SELECT * FROM tokens'))).not.toContain(code)
  })

  it('for a device comes with a link to the phone page', async () => {
    const { code, url } = await makeCode({ role: 'device', user_id: 'ann', name: 'Ann’s phone' })
    expect(url).toBe(`${ORIGIN}/review#code=${code}`)
  })

  it('opens one session, and no second one', async () => {
    const { code } = await makeCode()
    const first = await browse(null, 'POST', '/api/session', { code })
    expect(first.json()).toEqual({ role: 'user', user: 'ann', name: 'Ann' })
    expect((await browse(cookieOf(first), 'GET', '/api/session')).status).toBe(200)
    const second = await browse(null, 'POST', '/api/session', { code })
    expect(second.status).toBe(401)
    expect(second.headers.get('set-cookie')).toBeNull()
  })

  it('works for one of eight that use it at once', async () => {
    const { code } = await makeCode()
    const uses = Array.from({ length: 8 }, (_, i) =>
      i % 2 === 0
        ? browse(null, 'POST', '/api/session', { code })
        : browse(null, 'POST', '/api/devices/pair', { code, name: `device ${i}` }),
    )
    const statuses = (await Promise.all(uses)).map(({ status }) => status)
    expect(statuses.filter((status) => status < 300)).toHaveLength(1)
    expect(statuses.filter((status) => status === 401)).toHaveLength(7)
    const made = look(doors, `SELECT id FROM tokens WHERE kind = 'session' OR name LIKE 'device%'`)
    expect(made).toHaveLength(1)
  })

  it('is over after 10 minutes', async () => {
    const { code } = await makeCode()
    pass(10 * MINUTE)
    expect((await browse(null, 'POST', '/api/session', { code })).status).toBe(401)
  })

  it('may be typed as people type', async () => {
    for (const change of [
      (code: string) => code.toLowerCase(),
      (code: string) => ` ${code.replace('-', '')} `,
      (code: string) => code.replaceAll('0', 'O').replaceAll('1', 'l'),
    ]) {
      const { code } = await makeCode()
      expect((await browse(null, 'POST', '/api/session', { code: change(code) })).status).toBe(200)
    }
  })

  it('is no token', async () => {
    const { code } = await makeCode()
    expect((await ask(doors.env, 'GET', '/api/session', bearer(code))).status).toBe(401)
    expect((await browse(null, 'POST', '/api/session', { token: code })).status).toBe(401)
    expect((await browse(null, 'POST', '/api/session', { code: doors.secrets.ann })).status).toBe(401)
  })
})

describe('a device', () => {
  it('is paired by a code: it gets a token of its own, of the code’s role and user', async () => {
    const { code } = await makeCode({ role: 'device', user_id: 'ann', name: 'Ann' })
    const paired = await browse(null, 'POST', '/api/devices/pair', { code, name: 'laptop' })
    expect(paired.status).toBe(201)
    const { token, ...who } = paired.json<{ token: string }>()
    expect(who).toEqual({ role: 'device', user: 'ann', name: 'laptop' })
    const me = await ask(doors.env, 'GET', '/api/session', bearer(token))
    expect(me.json()).toEqual(who)
    const [device] = look(
      doors,
      'SELECT d.*, t.kind, t.expires_at FROM devices d JOIN tokens t ON t.id = d.token_id',
    )
    expect(device).toMatchObject({ user_id: 'ann', name: 'laptop', kind: 'token', expires_at: null })
  })

  it('is not remembered where the code is no good', async () => {
    const paired = await browse(null, 'POST', '/api/devices/pair', { code: 'AAAAA-AAAAA', name: 'laptop' })
    expect(paired.status).toBe(401)
    expect(look(doors, 'SELECT * FROM devices')).toEqual([])
  })
})
