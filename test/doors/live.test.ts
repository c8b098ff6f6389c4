import { beforeEach, describe, expect, it } from 'vitest'
import { ask, type Doors, ORIGIN, openDoors, type Who } from './world.ts'

let doors: Doors
beforeEach(async () => {
  doors = await openDoors()
})

const W1 = 'workspace:w1'
const open = (who: Who | null, lane: string, headers: Record<string, string> = {}) =>
  doors.call(who, 'GET', `/api/live?lane=${encodeURIComponent(lane)}`, {
    headers: { upgrade: 'websocket', ...headers },
  })
const forwarded = () => {
  const [call] = doors.lanes.calls.filter(({ method }) => method === 'fetch')
  return call && { lane: call.lane, headers: call.given as Headers }
}

describe('a live socket', () => {
  it('of an admin leads to any workspace’s lane, and hears of all parts', async () => {
    doors.file.exec(`INSERT INTO workspaces VALUES ('empty', 'No project yet', 'sheet-3-id')`)
    for (const lane of [W1, 'workspace:w2', 'workspace:empty'])
      expect((await open('admin', lane)).status).toBe(200)
    expect(forwarded()?.headers.has('x-tidemark-parts')).toBe(false)
  })

  it.each(['ann', 'annsDevice'] as const)('of %s hears of ann’s projects only', async (who) => {
    expect((await open(who, W1)).status).toBe(200)
    expect(forwarded()?.lane).toBe(W1)
    expect(JSON.parse(forwarded()?.headers.get('x-tidemark-parts') ?? '')).toEqual(['annie', 'asleep'])
  })

  it('is named after its token, and carries no secret on', async () => {
    await open('ann', W1, {
      'x-tidemark-token': 'another',
      'x-tidemark-parts': '["bobby"]',
      'x-tidemark-actor': '{}',
    })
    const headers = forwarded()?.headers
    const { id } = (doors.file.prepare(`SELECT id FROM tokens WHERE name = 'ann'`).get() ?? {}) as {
      id: string
    }
    expect(headers?.get('x-tidemark-token')).toBe(id)
    expect(headers?.get('x-tidemark-parts')).toBe('["annie","asleep"]')
    expect(JSON.stringify([...(headers ?? [])])).not.toContain(doors.secrets.ann)
  })

  it('does not say whether a lane is another’s or not there', async () => {
    const [theirs, unknown] = [await open('ann', 'workspace:w2'), await open('ann', 'workspace:w9')]
    expect([theirs.status, unknown.status]).toEqual([404, 404])
    expect(theirs.text.replace('w2', '')).toBe(unknown.text.replace('w9', ''))
    expect((await open('admin', 'workspace:w9')).status).toBe(404)
    expect(forwarded()).toBeUndefined()
  })

  it('is not for hooks, nor for who isn’t signed in', async () => {
    expect((await open('hook', W1)).status).toBe(403)
    expect((await open(null, W1)).status).toBe(401)
  })

  it('is opened by a cookie from our own pages only', async () => {
    const headers = { origin: ORIGIN, 'content-type': 'application/json' }
    const signedIn = await ask(doors.env, 'POST', '/api/session', headers, { token: doors.secrets.ann })
    const cookie = (signedIn.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
    expect((await open(null, W1, { cookie, origin: ORIGIN })).status).toBe(200)
    expect((await open(null, W1, { cookie, origin: 'https://evil.example' })).status).toBe(403)
    expect((await open(null, W1, { cookie })).status).toBe(403)
  })

  it('is a WebSocket', async () => {
    expect((await doors.call('ann', 'GET', `/api/live?lane=${W1}`)).status).toBe(400)
  })
})
