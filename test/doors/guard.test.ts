import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Problem } from '../../sync/protocol/common.ts'
import gateway from '../../workers/gateway/index.ts'
import { hashOf } from '../../workers/gateway/tokens.ts'
import pushPull from '../../workers/push-pull/index.ts'
import smartSync from '../../workers/smart-sync/index.ts'
import { answerOf, ask, type Doors, ORIGIN, openDoors, SECRETS } from './world.ts'

let doors: Doors
beforeEach(async () => {
  doors = await openDoors()
})
afterEach(() => void vi.restoreAllMocks())

async function signIn(): Promise<string> {
  const headers = { origin: ORIGIN, 'content-type': 'application/json' }
  const answer = await ask(doors.env, 'POST', '/api/session', headers, { token: doors.secrets.admin })
  return (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
}
const WORKSPACE = { name: 'One', spreadsheet_id: 'sheet-1-id' }

describe('a request that a browser sends with its cookie', () => {
  it.each([
    ['our own origin', ORIGIN, 200],
    ['another site', 'https://evil.example', 403],
    ['another port of ours', `${ORIGIN}:8443`, 403],
    ['a page of no origin', 'null', 403],
    ['no origin at all', undefined, 403],
  ])('from %s may change things: %s -> %s', async (_, origin, status) => {
    const headers = {
      cookie: await signIn(),
      'content-type': 'application/json',
      ...(origin === undefined ? {} : { origin }),
    }
    const answer = await ask(doors.env, 'PUT', '/api/workspaces/w1', headers, WORKSPACE)
    expect(answer.status).toBe(status)
    // Reading is the browser's own matter: without CORS headers no other site sees the answer.
    const read = await ask(doors.env, 'GET', '/api/workspaces', { ...headers })
    expect(read.status).toBe(200)
    expect(read.headers.get('access-control-allow-origin')).toBeNull()
  })

  it('is not trusted more because of a header that names no token', async () => {
    const headers = {
      cookie: await signIn(),
      'content-type': 'application/json',
      origin: 'https://evil.example',
      authorization: 'Basic Og==',
    }
    expect((await ask(doors.env, 'PUT', '/api/workspaces/w1', headers, WORKSPACE)).status).toBe(403)
  })

  it('can’t sign a browser in from another site', async () => {
    const headers = { origin: 'https://evil.example', 'content-type': 'application/json' }
    const answer = await ask(doors.env, 'POST', '/api/session', headers, { token: doors.secrets.admin })
    expect(answer.status).toBe(403)
    expect(answer.headers.get('set-cookie')).toBeNull()
  })

  it('takes no form for JSON, which any site may post', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
      const headers = { 'content-type': type }
      const body = JSON.stringify({ token: doors.secrets.admin })
      const answer = await ask(doors.env, 'POST', '/api/session', headers, body)
      expect(answer.status).toBe(400)
      expect(answer.json<Problem>().mend).toContain('application/json')
    }
  })
})

describe('a request with a bearer token', () => {
  it('may come from anywhere: whoever sent it knew the token', async () => {
    for (const origin of ['https://evil.example', 'null', ORIGIN]) {
      const answer = await doors.call('admin', 'PUT', '/api/workspaces/w1', {
        body: WORKSPACE,
        headers: { origin },
      })
      expect(answer.status).toBe(200)
    }
  })

  it('is judged by the token and not by a cookie beside it', async () => {
    const answer = await doors.call('ann', 'GET', '/api/session', { headers: { cookie: await signIn() } })
    expect(answer.json()).toMatchObject({ user: 'ann' })
    const headers = { authorization: 'Bearer tm_wrong', cookie: await signIn() }
    expect((await ask(doors.env, 'GET', '/api/session', headers)).status).toBe(401)
  })
})

describe('who calls', () => {
  it('is told by the gateway alone: a header from outside is dropped', async () => {
    const actor = { id: 'x', role: 'admin', user: null, name: 'me' }
    for (const value of [JSON.stringify(actor), encodeURIComponent(JSON.stringify(actor))]) {
      const headers = { 'x-tidemark-actor': value }
      expect((await ask(doors.env, 'GET', '/api/projects', headers)).status).toBe(401)
      const asAnn = await doors.call('ann', 'GET', '/api/projects', { headers })
      for (const secret of SECRETS) expect(asAnn.text).not.toContain(secret)
      expect((await doors.call('ann', 'GET', '/api/workspaces', { headers })).status).toBe(403)
    }
  })

  it('reaches the inner Workers whatever letters the name has', async () => {
    const body = { role: 'user', user_id: 'ann', name: 'Ånn 海 🌊' }
    const { secret } = (await doors.call('admin', 'POST', '/api/tokens', { body })).json<{ secret: string }>()
    const answer = await ask(doors.env, 'GET', '/api/projects', { authorization: `Bearer ${secret}` })
    expect(answer.status).toBe(200)
  })

  it('is asked for by the inner Workers too', async () => {
    const runs = await smartSync.fetch(new Request(`${ORIGIN}/api/runs`), doors.inner)
    const projects = await pushPull.fetch(new Request(`${ORIGIN}/api/projects`), doors.pushPull)
    expect([runs.status, projects.status]).toEqual([401, 401])
  })

  it('is all that the inner Workers learn: no secret goes on to them', async () => {
    const seen: Headers[] = []
    const env = {
      ...doors.env,
      PUSH_PULL: {
        fetch: async (request: Request) => {
          seen.push(request.headers)
          return Response.json([])
        },
      } as Fetcher,
    }
    await ask(env, 'GET', '/api/projects', {
      authorization: `Bearer ${doors.secrets.ann}`,
      cookie: await signIn(),
      'cf-access-jwt-assertion': 'a.b.c',
    })
    expect([...(seen[0]?.keys() ?? [])]).toEqual(['x-tidemark-actor'])
    expect(JSON.stringify([...(seen[0] ?? [])])).not.toContain(doors.secrets.ann)
  })
})

describe('the rate limit', () => {
  it('is one bucket a token, whose secret it is not told', async () => {
    const key = await hashOf(doors.secrets.ann)
    doors.pace.left.set(key, 2)
    const statuses = []
    for (let i = 0; i < 3; i++) statuses.push((await doors.call('ann', 'GET', '/api/projects')).status)
    expect(statuses).toEqual([200, 200, 429])
    expect((await doors.call('bob', 'GET', '/api/projects')).status).toBe(200)
    expect(doors.pace.asked.join()).not.toContain(doors.secrets.ann)
  })

  it('says when to come again', async () => {
    doors.pace.left.set(await hashOf(doors.secrets.ann), 0)
    const answer = await doors.call('ann', 'GET', '/api/projects')
    expect(answer.headers.get('retry-after')).toBe('60')
    expect(Problem.strict().parse(answer.json()).status).toBe(429)
  })

  it('counts guesses for the address, whatever secret each one tries', async () => {
    doors.pace.left.set('from 192.0.2.7', 3)
    const guess = async (path: string, headers: Record<string, string>, body?: object) =>
      (
        await ask(
          doors.env,
          body ? 'POST' : 'GET',
          path,
          { 'cf-connecting-ip': '192.0.2.7', 'content-type': 'application/json', ...headers },
          body,
        )
      ).status
    expect(await guess('/api/projects', { authorization: 'Bearer tm_one' })).toBe(401)
    expect(await guess('/api/session', { authorization: 'Bearer tm_two' }, { code: 'AAAAA-AAAAA' })).toBe(401)
    expect(await guess('/api/devices/pair', { cookie: 'tidemark=tm_3' }, { code: 'B', name: 'x' })).toBe(403)
    expect(await guess('/api/projects', { authorization: 'Bearer tm_four' })).toBe(429)
    expect(await guess('/api/session', {}, { code: 'AAAAA-AAAAA' })).toBe(429)
    expect((await doors.call('ann', 'GET', '/api/projects')).status).toBe(200)
  })
})

describe('a body', () => {
  const bytes = (n: number) => JSON.stringify({ readings: [{ source: 'x'.repeat(n - 28) }] })

  it('may have 1,000,000 bytes and no more', async () => {
    const fits = bytes(1_000_000)
    expect(fits).toHaveLength(1_000_000)
    expect((await doors.call('admin', 'POST', '/api/admin/readings', { body: fits })).status).toBe(200)
    const answer = await doors.call('admin', 'POST', '/api/admin/readings', { body: bytes(1_000_001) })
    expect(answer.status).toBe(413)
    expect(Problem.strict().parse(answer.json()).detail).toContain('1000000')
  })

  it.each([
    ['is not announced', {}],
    ['is announced as short', { 'content-length': '10' }],
  ])('is measured as it comes where its length %s', async (_, headers) => {
    let sent = 0
    const body = new ReadableStream({
      pull(controller) {
        sent += 100_000
        controller.enqueue(new Uint8Array(100_000).fill(32))
        if (sent >= 5_000_000) controller.close()
      },
    })
    const request = new Request(`${ORIGIN}/api/admin/readings`, {
      method: 'POST',
      body,
      duplex: 'half',
      headers: {
        authorization: `Bearer ${doors.secrets.admin}`,
        'content-type': 'application/json',
        ...headers,
      },
    } as RequestInit)
    expect((await gateway.fetch(request, doors.env)).status).toBe(413)
    // The rest was never read.
    expect(sent).toBeLessThan(2_000_000)
  })

  it('that is announced as too long is not read at all', async () => {
    let read = false
    const body = new ReadableStream(
      {
        pull(controller) {
          read = true
          controller.close()
        },
      },
      { highWaterMark: 0 },
    )
    const headers = {
      authorization: `Bearer ${doors.secrets.admin}`,
      'content-type': 'application/json',
      'content-length': '1000001',
    }
    const init = { method: 'POST', body, duplex: 'half', headers } as RequestInit
    const request = new Request(`${ORIGIN}/api/admin/readings`, init)
    expect((await gateway.fetch(request, doors.env)).status).toBe(413)
    expect(read).toBe(false)
  })

  it('is not read for somebody who is not signed in', async () => {
    const answer = await ask(doors.env, 'POST', '/api/admin/readings', {}, bytes(1_000_001))
    expect(answer.status).toBe(401)
  })

  it('that is no JSON, or not what the schema says, is refused with the places', async () => {
    const broken = await doors.call('admin', 'PUT', '/api/workspaces/w1', { body: '{"name": ' })
    expect(broken.status).toBe(400)
    expect(Problem.strict().parse(broken.json()).detail).toContain('JSON')
    const wrong = await doors.call('admin', 'PUT', '/api/workspaces/w1', {
      body: { name: '', spreadsheet_id: 'no' },
    })
    expect(wrong.status).toBe(400)
    expect(wrong.json<Problem>().errors?.map(({ path }) => path)).toEqual(['name', 'spreadsheet_id'])
  })
})

describe('a page of a list', () => {
  it.each(['0', '1001', '-1', '1.5', 'all'])('can’t have %s rows', async (limit) => {
    for (const path of ['/api/runs', '/api/conflicts', '/api/projects/annie/accounts', '/api/history']) {
      const answer = await doors.call('admin', 'GET', `${path}?limit=${limit}&table=accounts&key=a`)
      expect(answer.status).toBe(400)
      expect(answer.json<Problem>().errors?.[0]?.path).toBe('limit')
    }
  })
})

describe('a failure', () => {
  it('that nobody expected is a problem with an id that the log knows, and tells nothing else', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    doors.database.broken = new Error('D1_ERROR: no such table: secrets at /srv/app.ts:12')
    const answer = await doors.call('ann', 'GET', '/api/projects')
    expect(answer.status).toBe(500)
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    const { detail } = Problem.strict().parse(answer.json())
    const [id = 'none'] = /[0-9a-f-]{36}/.exec(detail) ?? []
    expect(log.mock.calls.join()).toContain(id)
    expect(log.mock.calls.join()).toContain('no such table')
    for (const word of ['D1_ERROR', 'secrets', 'app.ts']) expect(answer.text).not.toContain(word)
  })

  it('in an inner Worker is told the same way', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const { PUSH_PULL: worker } = doors.env
    const env = {
      ...doors.env,
      PUSH_PULL: {
        fetch: (request: Request) => {
          doors.database.broken = new Error('D1 is away')
          return worker.fetch(request)
        },
      } as Fetcher,
    }
    const answer = await ask(env, 'GET', '/api/projects', { authorization: `Bearer ${doors.secrets.ann}` })
    expect(answer.status).toBe(500)
    expect(Problem.strict().parse(answer.json()).type).toBe('urn:tidemark:problem:internal')
    expect(answer.text).not.toContain('D1')
  })

  it('of a path that isn’t there is a problem too', async () => {
    for (const [method, path] of [
      ['GET', '/api/nothing'],
      ['POST', '/api/projects'],
      ['GET', '/nothing'],
    ] as const) {
      const answer = await doors.call('admin', method, path)
      expect(answer.status).toBe(404)
      expect(Problem.strict().parse(answer.json()).detail).toContain(path)
    }
  })
})

describe('bindings', () => {
  const broken = {
    ...{ DB: 'text' },
    LANE: {},
    SMART_SYNC: undefined,
    RATE_LIMIT: { limit: 1 },
    ACCESS_AUD: 7,
  }

  it.each(Object.entries(broken))(
    'of the gateway: %s is missing or wrong, and the answer says so',
    async (name, value) => {
      const env = { ...doors.env, [name]: value }
      const answer = await ask(env as never, 'GET', '/api/health')
      expect(answer.status).toBe(500)
      const { detail } = Problem.strict().parse(answer.json())
      expect(detail).toContain(name)
      expect(detail).not.toContain('\n')
    },
  )

  it('of the inner Workers are checked likewise', async () => {
    const env = { ...doors.inner, WEBHOOK_KEY: ' ' }
    const answer = await answerOf(await smartSync.fetch(new Request(`${ORIGIN}/api/runs`), env))
    expect(answer.json<Problem>().detail).toContain('wrangler secret put WEBHOOK_KEY')
    const noLane = { ...doors.pushPull, LANE: undefined }
    const other = await answerOf(await pushPull.fetch(new Request(`${ORIGIN}/api/projects`), noLane as never))
    expect(other.json<Problem>().detail).toContain('LANE')
  })
})

describe('an answer', () => {
  it('is kept by nobody and taken as what it is', async () => {
    const answer = await doors.call('ann', 'GET', '/api/projects')
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer')
  })

  it('to the question of health needs nobody', async () => {
    const answer = await ask(doors.env, 'GET', '/api/health')
    expect([answer.status, answer.json()]).toEqual([200, { ok: true }])
  })
})
