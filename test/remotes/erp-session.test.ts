import { describe, expect, it } from 'vitest'
import { bad, createWorld, dialects, good } from './erp-world.ts'

function filled(options = {}) {
  const world = createWorld(options)
  world.person.fill({ customersEach: 60, products: 45, ordersEach: 3 })
  return world
}

const loginOf = { json: 'POST /api/login', html: 'POST /login' }
const logins = (calls: readonly string[]) => calls.filter((call) => call.endsWith('/login')).length

describe.each(dialects)('The session (%s)', (dialect) => {
  it('is one login for many calls, also for the next instance', async () => {
    const { read, open, context, called, calls } = filled()
    for (const page of [1, 2, 3]) good(await read('products', dialect, page))
    expect(called).toEqual(['login', 'list', 'list', 'list'])
    expect(calls()[0]).toBe(loginOf[dialect])
    good(
      await open().read(
        context('products', dialect),
        { id: 'x', name: 'x', timeZone: 'UTC', options: {} },
        '1',
      ),
    )
    expect(logins(calls())).toBe(0)
  })

  it('that is over in mid-run is opened anew, and the page is read', async () => {
    const { read, person, called } = filled()
    good(await read('customers', dialect, 1))
    person.expireSessions()
    expect(good(await read('customers', dialect, 2)).rows).toHaveLength(25)
    expect(called).toEqual(['login', 'list', 'list', 'login', 'list'])
  })

  it('that ends by itself when nobody came for long', async () => {
    const { read, wait, called } = filled()
    good(await read('products', dialect, 1))
    wait(60 * 60_000)
    good(await read('products', dialect, 1))
    expect(called.filter((kind) => kind === 'login')).toHaveLength(2)
  })

  it('is opened anew when the sign-in page stands in place of data', async () => {
    const { erp, read, called } = filled()
    good(await read('products', dialect, 1))
    erp.faults.add({ match: { list: 'products' }, do: { loginPage: true } })
    expect(good(await read('products', dialect, 2)).rows).toHaveLength(20)
    expect(called).toEqual(['login', 'list', 'list', 'login', 'list'])
  })

  it('that does not help is given up after one login, with what was seen', async () => {
    const { erp, read, called, cookies } = filled()
    erp.faults.add({ match: { list: 'products' }, times: Number.POSITIVE_INFINITY, do: { loginPage: true } })
    expect(bad(await read('products', dialect))).toMatchObject({
      type: 'unavailable',
      reason: 'The ERP took the login of anna and still shows its sign-in page in place of data',
    })
    expect(called).toEqual(['login', 'list'])
    expect(cookies.size).toBe(0)
  })

  it('does not help against a redirect to itself', async () => {
    const { erp, read, called, requests } = filled()
    erp.faults.add({
      match: { list: 'products' },
      times: Number.POSITIVE_INFINITY,
      do: { redirectLoop: true },
    })
    expect(bad(await read('products', dialect))).toMatchObject({
      type: 'unavailable',
      reason: expect.stringContaining('sends products page 1 on to'),
    })
    expect(called).toEqual(['login', 'list'])
    // Nor does whoever carries the call follow it for us.
    expect(requests.map(({ redirect }) => redirect)).toEqual(['manual', 'manual'])
  })

  it('that somebody else opened meanwhile is used, without a login of our own', async () => {
    const { read, cookies, erp, called } = filled({ oneSessionPerUser: true })
    good(await read('products', dialect))
    const old = cookies.get('anna@erp')!
    const other = await erp.fetch(
      new Request('http://erp.test/api/login', {
        method: 'POST',
        body: JSON.stringify({ user: 'anna@erp', password: 'her secret & more' }),
      }),
    )
    const theirs = other.headers.getSetCookie()[0]!.split(';')[0]!
    called.length = 0
    // Found in the store only after the old one was refused
    const get = cookies.get.bind(cookies)
    let looks = 0
    cookies.get = (login) => (looks++ === 0 ? old : theirs && get(login) && theirs)
    good(await read('products', dialect, 2))
    expect(called).toEqual(['list', 'list'])
  })

  it('is opened once by several calls at once, where a login ends the session before', async () => {
    const { remote, context, called, erp } = filled({ oneSessionPerUser: true, concurrency: 4 })
    const part = { id: 'x', name: 'x', timeZone: 'UTC', options: {} }
    const answers = await Promise.all(
      ['1', '2', '3'].map((page) => remote.read(context('customers', dialect, { ahead: 4 }), part, page)),
    )
    for (const answer of answers) expect(good(answer).rows.length).toBeGreaterThan(0)
    expect(called.filter((kind) => kind === 'login')).toHaveLength(1)
    expect(erp.overruns).toBe(0)
  })

  it('of each user is their own', async () => {
    const { read, cookies } = filled()
    good(await read('customers', dialect))
    const target = { list: 'customers', user: 'ben', login: 'ben@erp', sealed: 'sealed:ben' }
    good(await read('customers', dialect, 1, { target }))
    expect([...cookies.keys()]).toEqual(['anna@erp', 'ben@erp'])
  })

  it('with a wrong password is refused, with who mends it; it is not tried twice, and no data is asked for', async () => {
    const { read, called } = filled()
    const target = { list: 'products', user: 'anna', login: 'anna@erp', sealed: 'sealed:wrong' }
    const failure = bad(await read('products', dialect, 1, { target }))
    expect(failure).toEqual({
      type: 'refused',
      reason: 'The ERP does not take the login of anna',
      mend: 'Correct the ERP login of anna (name and password) in the settings.',
    })
    expect(called).toEqual(['login'])
  })

  it('with a password that does not open is refused before any call', async () => {
    const { read, called } = filled()
    const target = { list: 'products', user: 'anna', login: 'anna@erp', sealed: 'sealed:by-another-key' }
    const failure = bad(await read('products', dialect, 1, { target }))
    expect(failure).toMatchObject({
      type: 'refused',
      mend: 'Store the ERP password of anna again; ERP_KEY was changed since.',
    })
    expect(JSON.stringify(failure)).not.toContain('by-another-key')
    expect(called).toEqual([])
  })

  it.each([
    ['nothing', { empty: true }],
    ['an error', { status: 500, body: 'oops' }],
    ['a dead connection', { cut: 0 }],
    ['a redirect without a session', { status: 302 }],
    ['a good answer without a session', { status: 200, body: '{"ok":true}' }],
  ] as const)('whose login is answered with %s is a failure of the ERP', async (_name, fault) => {
    const { erp, read, called } = filled()
    erp.faults.add({ match: { path: /login$/ }, do: fault })
    expect(bad(await read('products', dialect))).toMatchObject({ type: 'unavailable' })
    expect(called).toEqual(['login'])
    good(await read('products', dialect))
  })

  it('and the password are in no failure, whatever the ERP answers', async () => {
    for (const fault of [
      { empty: true },
      { errorText: 'no' },
      { status: 500, body: 'x' },
      { redirectLoop: true },
      { cut: 3 },
    ] as const) {
      const { erp, read, cookies, waits } = filled()
      good(await read('products', dialect))
      const cookie = cookies.get('anna@erp')!
      erp.faults.add({ match: {}, times: Number.POSITIVE_INFINITY, do: fault })
      const told = JSON.stringify([bad(await read('products', dialect)), waits])
      expect(told).not.toContain(cookie.split('=')[1])
      expect(told).not.toContain('her secret')
    }
  })
})

describe('A login that is sent back to the sign-in page', () => {
  it('was none, whatever cookie came with it', async () => {
    const { read, network, called } = filled()
    const headers = { location: '/login?again=1', 'set-cookie': 'ERPSESSION=none; Path=/' }
    network.answer = async () => new Response(null, { status: 302, headers })
    expect(bad(await read('products', 'html'))).toMatchObject({
      type: 'unavailable',
      reason: "The ERP's login sent us back to its sign-in page",
    })
    expect(called).toEqual(['login'])
  })
})

describe('The password', () => {
  it.each(dialects)('goes into the body of the login and nowhere else (%s)', async (dialect) => {
    const { read, requests } = filled()
    good(await read('products', dialect))
    const told = await Promise.all(
      requests.map(async (request) => `${request.url} ${JSON.stringify([...request.headers])}`),
    )
    expect(told.join()).not.toMatch(/secret/)
    const bodies = await Promise.all(requests.map((request) => request.text()))
    expect(bodies.map((body) => /secret/.test(body))).toEqual([true, false])
  })

  it.each([
    ['as it is', (body: string) => `Bad request: ${body}`],
    ['in the escapes of a page', (body: string) => `<p>${body.replaceAll('&', '&amp;')}</p>`],
  ])('that a server repeats %s goes into no reason', async (_how, page) => {
    const { read, network, requests } = filled()
    for (const dialect of dialects) {
      network.answer = async () =>
        new Response(page((await requests.at(-1)?.clone().text()) ?? ''), { status: 422 })
      expect(bad(await read('products', dialect))).toMatchObject({
        reason: "The ERP's login answered HTTP 422",
      })
    }
    network.answer = async () => new Response('No room', { status: 500 })
    expect(bad(await read('products', 'json'))).toMatchObject({
      reason: "The ERP's login answered HTTP 500: No room",
    })
  })
})
