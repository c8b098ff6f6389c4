import { describe, expect, it } from 'vitest'
import { anna, ben, createBench, dialects, listPath } from './bench.ts'

const isIn = (response: Response) => response.status === 200

describe('Signing in', () => {
  it('by JSON gives a session, and says whose it is', async () => {
    const { call } = createBench()
    const response = await call('/api/login', null, { method: 'POST', body: JSON.stringify(anna) })
    expect([response.status, await response.json()]).toEqual([200, { ok: true, user: 'anna' }])
    expect(response.headers.get('set-cookie')).toMatch(/^ERPSESSION=[0-9A-F]{32}; Path=\/; HttpOnly$/)
  })

  it('by the form gives a session, and sends to the home page', async () => {
    const { call, login } = createBench()
    const response = await call('/login', null, {
      method: 'POST',
      body: new URLSearchParams(anna).toString(),
    })
    expect([response.status, response.headers.get('location')]).toEqual([302, '/home'])
    expect(response.headers.get('set-cookie')).toMatch(/^ERPSESSION=/)
    expect(await (await call('/home', await login('html'))).text()).toContain('Signed in as anna')
  })

  it.each([{ user: 'anna', password: 'ben' }, { user: 'nobody', password: 'ben' }, {}])(
    'with %j is refused in both dialects',
    async (who) => {
      const { call } = createBench()
      const form = new URLSearchParams(Object.entries(who)).toString()
      const json = await call('/api/login', null, { method: 'POST', body: JSON.stringify(who) })
      expect([json.status, await json.json()]).toEqual([401, { error: 'wrong user or password' }])
      const html = await call('/login', null, { method: 'POST', body: form })
      expect([html.status, html.headers.get('set-cookie')]).toEqual([200, null])
      expect(await html.text()).toMatch(/Wrong user or password[\s\S]*name="password"/)
    },
  )

  it('shows the form to anybody', async () => {
    const { call } = createBench()
    const page = await (await call('/login', null)).text()
    expect(page).toMatch(/<form id="login" method="post" action="\/login">/)
    expect(page).toMatch(/<input name="user">[\s\S]*<input name="password"/)
    expect(page).not.toContain('Wrong')
  })
})

describe.each(dialects)('A session (%s)', (dialect) => {
  const path = listPath(dialect, 'products')

  it('is the same in both dialects', async () => {
    const { call, login } = createBench()
    expect(isIn(await call(path, await login('json')))).toBe(true)
    expect(isIn(await call(path, await login('html')))).toBe(true)
    expect(isIn(await call(path, `a=b; ${await login()}; c=d`))).toBe(true)
  })

  it('is asked for everywhere', async () => {
    const { call } = createBench()
    for (const asked of [path, dialect === 'json' ? '/api/orders/1' : '/images/a.jpg'])
      for (const cookie of [null, 'ERPSESSION=0'])
        if (dialect === 'json') {
          const response = await call(asked, cookie)
          expect([response.status, await response.json()]).toEqual([401, { error: 'session expired' }])
        } else {
          const { status, headers } = await call(asked, cookie)
          expect([status, headers.get('location')]).toEqual([302, '/login'])
        }
  })

  it('ends after the idle time, which every call begins anew', async () => {
    const { call, login, pass } = createBench({ sessionMs: 1_000 })
    const cookie = await login()
    for (let i = 0; i < 3; i += 1) {
      pass(999)
      expect(isIn(await call(path, cookie))).toBe(true)
    }
    pass(1_000)
    expect(isIn(await call(path, cookie))).toBe(false)
  })

  it('lasts 20 minutes where nobody says', async () => {
    const { call, login, pass } = createBench()
    const cookie = await login()
    pass(20 * 60_000 - 1)
    expect(isIn(await call(path, cookie))).toBe(true)
    pass(20 * 60_000)
    expect(isIn(await call(path, cookie))).toBe(false)
  })

  it('ends when people end it, and with its user', async () => {
    const { call, login, person } = createBench()
    const first = await login()
    person.expireSessions()
    expect(isIn(await call(path, first))).toBe(false)
    const second = await login()
    person.removeUser('anna')
    expect(isIn(await call(path, second))).toBe(false)
    await expect(login()).rejects.toThrow('401')
    person.addUser('anna', anna.password)
    expect(isIn(await call(path, await login()))).toBe(true)
  })

  it('ends with a new login of the same user where each has one only', async () => {
    for (const oneSessionPerUser of [false, true]) {
      const { call, login } = createBench({ oneSessionPerUser })
      const [first, other] = [await login(dialect), await login(dialect, ben)]
      await login(dialect)
      expect(isIn(await call(path, first))).toBe(!oneSessionPerUser)
      expect(isIn(await call(path, other))).toBe(true)
    }
  })
})
