import { beforeEach, describe, expect, it } from 'vitest'
import { type ErpOptions, erpImages } from '../../sync/remotes/erp/erp.ts'
import { pictureSource } from '../../workers/coordinator/picture-source.ts'
import { handOver, type ImageWorld, imageWorld, jpeg, mapStore } from './image-world.ts'

// The consumer with the real calls of the ERP: what each answer means for a picture's row.

let world: ImageWorld
let requests: string[]
let answer: () => Response
let login: () => Response
let free: boolean

const options = (): ErpOptions => ({
  origin: 'http://erp.test',
  async fetch(request) {
    requests.push(`${request.method} ${new URL(request.url).pathname}`)
    return request.method === 'POST' ? login() : answer()
  },
  clock: world.clock,
  places: {
    inside: async ({ lease }, _onWait, work) => (free ? work(world.clock.now() + lease) : null),
    penalise: async () => undefined,
  },
  sessions: { get: async () => null, put: async () => undefined },
  unseal: async (sealed) => sealed,
})

beforeEach(async () => {
  world = imageWorld(mapStore())
  requests = []
  free = true
  login = () => new Response('{"ok":true}', { headers: { 'set-cookie': 'ERPSESSION=s; Path=/' } })
  answer = () => new Response(jpeg('one').slice(), { headers: { 'content-type': 'image/jpeg' } })
  await world.product('P-1', '/images/P-1.jpg')
})

const consume = () => handOver({ ...world.deps, source: pictureSource(erpImages(options())) }, ['P-1'])

describe('the ERP', () => {
  it('is signed in to, and gives the picture', async () => {
    expect(await consume()).toEqual(['done'])
    expect(requests).toEqual(['POST /api/login', 'GET /images/P-1.jpg'])
    expect(world.row('P-1')).toMatchObject({ status: 'stored', type: 'image/jpeg' })
  })

  it('is signed in to by its pages where an operator said so', async () => {
    world.file.exec(`INSERT INTO config VALUES ('erp.connection', '{"dialect":"html"}', 0, 'op')`)
    login = () =>
      new Response(null, { status: 302, headers: { location: '/home', 'set-cookie': 'ERPSESSION=s' } })
    expect(await consume()).toEqual(['done'])
    expect(requests).toEqual(['POST /login', 'GET /images/P-1.jpg'])
  })

  it('has no such picture: dead at once', async () => {
    answer = () => new Response('no', { status: 404 })
    expect(await consume()).toEqual(['done'])
    expect(world.row('P-1')).toMatchObject({
      status: 'dead',
      last_error: expect.stringMatching(/no picture at/),
    })
  })

  it('has no place for us: tried again soon, and no attempt', async () => {
    free = false
    const [again] = await consume()
    expect(again).toBeLessThanOrEqual(30)
    expect(world.row('P-1')).toMatchObject({ status: 'pending', attempts: 0 })
    expect(requests).toEqual([])
  })

  it.each<[string, { answer?: () => Response; login?: () => Response }, RegExp]>([
    ['breaks', { answer: () => new Response('oh', { status: 500 }) }, /HTTP 500/],
    ['shows a page', { answer: () => new Response('<html>oh') }, /no picture/],
    [
      'does not take the login',
      { login: () => new Response('{"error":"wrong"}', { status: 401 }) },
      /Correct the ERP login/,
    ],
    ['sends too much', { answer: () => new Response(new Uint8Array(5_000_001)) }, /5000000 bytes/],
    ['is away', { answer: () => fail(new TypeError('connection refused')) }, /connection/],
  ])('%s: tried again later, with words for a person', async (_, instead, words) => {
    answer = instead.answer ?? answer
    login = instead.login ?? login
    expect(await consume()).toEqual([60])
    expect(world.row('P-1')).toMatchObject({ status: 'pending', attempts: 1 })
    expect(world.row('P-1')?.last_error).toMatch(words)
  })

  it('is never asked for a path that leads elsewhere', async () => {
    for (const path of ['//evil.example/a.jpg', 'http://evil.example/a.jpg', 'a.jpg']) {
      await world.product('P-1', path)
      await consume()
      expect(world.row('P-1')?.last_error).toMatch(/no path of a picture/)
    }
    expect(requests).toEqual([])
  })
})

function fail(error: Error): never {
  throw error
}
