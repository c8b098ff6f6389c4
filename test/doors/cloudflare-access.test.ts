import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { ask, type Doors, ORIGIN, openDoors, SECRETS } from './world.ts'

const AUDIENCE = 'the application'
let keys: Awaited<ReturnType<typeof generateKeyPair>>
let doors: Doors
let team: string
let asked: string[]
let n = 0

beforeAll(async () => {
  keys = await generateKeyPair('RS256', { extractable: true })
})
beforeEach(async () => {
  // jose keeps a team's keys: each test has a team of its own.
  team = `team${++n}.cloudflareaccess.com`
  asked = []
  const certificates = {
    keys: [{ ...(await exportJWK(keys.publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' }],
  }
  vi.stubGlobal('fetch', async (url: string | URL | Request) => {
    asked.push(String(url instanceof Request ? url.url : url))
    return Response.json(certificates)
  })
  doors = await openDoors()
})
afterEach(() => void vi.unstubAllGlobals())

const assertion = (
  claims: object = { email: 'ann' },
  { issuer = `https://${team}`, audience = AUDIENCE } = {},
) =>
  new SignJWT({ ...claims })
    .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
    .setIssuer(issuer)
    .setAudience(audience)
    .setIssuedAt()
    .setExpirationTime('5 min')
    .sign(keys.privateKey)

const enter = (
  token: string,
  method = 'GET',
  path = '/api/session',
  more: Record<string, string> = {},
  body?: object,
) =>
  ask(
    { ...doors.env, ACCESS_TEAM_DOMAIN: team, ACCESS_AUD: AUDIENCE },
    method,
    path,
    { 'cf-access-jwt-assertion': token, 'content-type': 'application/json', ...more },
    body,
  )

describe('somebody whom Cloudflare Access let in', () => {
  it('is a user, named by the e-mail address', async () => {
    const answer = await enter(await assertion())
    expect(answer.json()).toEqual({ role: 'user', user: 'ann', name: 'ann' })
    expect(asked).toEqual([`https://${team}/cdn-cgi/access/certs`])
  })

  it('sees what that user owns', async () => {
    const answer = await enter(await assertion(), 'GET', '/api/projects')
    expect(answer.json<{ id: string }[]>().map(({ id }) => id)).toEqual(['annie', 'asleep'])
    for (const secret of SECRETS) expect(answer.text).not.toContain(secret)
  })

  it.each([
    ['another application', { audience: 'another' }],
    ['another team', { issuer: 'https://evil.cloudflareaccess.com' }],
  ])('with a token of %s is nobody', async (_, of) => {
    expect((await enter(await assertion({ email: 'ann' }, of))).status).toBe(401)
  })

  it('with a token that is signed by nobody, by another, or names no person is nobody', async () => {
    const unsigned = `${btoa('{"alg":"none"}')}.${btoa(`{"email":"ann","aud":"${AUDIENCE}"}`)}.`
    const other = await generateKeyPair('RS256')
    const forged = await new SignJWT({ email: 'ann' })
      .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
      .setIssuer(`https://${team}`)
      .setAudience(AUDIENCE)
      .setExpirationTime('5 min')
      .sign(other.privateKey)
    for (const token of [unsigned, forged, 'not a token', await assertion({ common_name: 'service' })])
      expect((await enter(token)).status).toBe(401)
  })

  it('may change things from our own pages only: the browser adds the token by itself', async () => {
    const token = await assertion()
    const statuses = []
    for (const origin of [ORIGIN, 'https://evil.example', undefined]) {
      const headers: Record<string, string> = origin === undefined ? {} : { origin }
      const path = '/api/accounts/unknown/pins/likes'
      statuses.push((await enter(token, 'PUT', path, headers, { value: 1 })).status)
    }
    expect(statuses).toEqual([404, 403, 403])
  })

  it('is judged by a bearer token where one is sent: a wrong one is not made up for', async () => {
    const token = await assertion()
    expect((await enter(token, 'GET', '/api/session', { authorization: 'Bearer tm_wrong' })).status).toBe(401)
    const bob = await enter(token, 'GET', '/api/session', { authorization: `Bearer ${doors.secrets.bob}` })
    expect(bob.json()).toMatchObject({ user: 'bob' })
  })

  it('is nobody where it isn’t configured', async () => {
    const headers = { 'cf-access-jwt-assertion': await assertion() }
    for (const env of [doors.env, { ...doors.env, ACCESS_TEAM_DOMAIN: team }])
      expect((await ask(env, 'GET', '/api/session', headers)).status).toBe(401)
    expect(asked).toEqual([])
  })
})
