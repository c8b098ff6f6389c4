import { Webhook } from 'standardwebhooks'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Problem } from '../../sync/protocol/common.ts'
import { isPrivateHost } from '../../workers/smart-sync/deliver.ts'
import { webhookSecret } from '../../workers/smart-sync/derived-secret.ts'
import type { Offer } from '../../workers/smart-sync/env.ts'
import smartSync from '../../workers/smart-sync/index.ts'
import { type Doors, look, openDoors } from './world.ts'

const URL_OF_HOOK = 'https://hooks.example/tidemark'
let doors: Doors
/** What the receiver was sent, and what it answers next: a status, or that it can't be reached */
let received: { request: Request; body: string }[]
let answers: (number | 'unreachable')[]

beforeEach(async () => {
  received = []
  answers = []
  vi.stubGlobal('fetch', async (request: Request) => {
    received.push({ request, body: await request.clone().text() })
    const answer = answers.shift() ?? 200
    if (answer === 'unreachable') throw new TypeError('connection refused')
    return new Response('thank you', { status: answer, headers: { location: 'https://elsewhere.example' } })
  })
  doors = await openDoors()
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

interface Made {
  readonly id: string
  readonly secret: string
}

async function addWebhook(body: object = {}): Promise<Made> {
  const answer = await doors.call('admin', 'POST', '/api/webhooks', { body: { url: URL_OF_HOOK, ...body } })
  expect(answer.status).toBe(201)
  return answer.json<Made>()
}

/** A run that changes something, which the engine's commit makes an event of. Answers the ids of its deliveries. */
async function syncSomething(): Promise<string[]> {
  const before = new Set(look(doors, 'SELECT id FROM deliveries').map(({ id }) => id))
  doors.sheet.tabs.get('annie')?.push({ profile_url: `https://x.com/${doors.sheet.stamp}`, followers: 1 })
  doors.sheet.stamp++
  await doors.call('admin', 'POST', '/api/admin/smart_sync?project_id=annie')
  const after = look(doors, 'SELECT id FROM deliveries').map(({ id }) => String(id))
  return after.filter((id) => !before.has(id))
}

interface Message {
  readonly deliveryId: string
  readonly attempts?: number
}

/** Hands a batch to the consumer; answers what became of each message: acked, or to be retried after so many seconds. */
async function consume(messages: readonly Message[], queue = 'tidemark-events', env = doors.inner) {
  const outcomes = new Map<string, 'acked' | number>()
  const batch = {
    queue,
    messages: messages.map(({ deliveryId, attempts = 1 }) => ({
      body: { deliveryId },
      attempts,
      ack: () => outcomes.set(deliveryId, 'acked'),
      retry: ({ delaySeconds }: { delaySeconds: number }) => outcomes.set(deliveryId, delaySeconds),
    })),
  }
  await smartSync.queue(batch as unknown as MessageBatch<Offer>, env)
  return outcomes
}

const delivery = (id: string) =>
  look(doors, 'SELECT status, attempts, last_error FROM deliveries WHERE id = ?', id)[0]

describe('a webhook', () => {
  it('has a secret that is shown once and stored nowhere: it is derived', async () => {
    const { id, secret } = await addWebhook()
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
    expect(await webhookSecret(doors.inner.WEBHOOK_KEY, id)).toBe(secret)
    expect((await addWebhook()).secret).not.toBe(secret)
    const list = await doors.call('admin', 'GET', '/api/webhooks')
    expect(list.text).not.toContain('whsec')
    expect(JSON.stringify(look(doors, 'SELECT * FROM webhooks'))).not.toContain(secret)
  })

  it('is for all events, or for those that it names', async () => {
    await addWebhook({ events: ['run.failed'] })
    expect(await syncSomething()).toEqual([])
    await addWebhook()
    expect(await syncSomething()).toHaveLength(1)
    const wrong = await doors.call('admin', 'POST', '/api/webhooks', {
      body: { url: URL_OF_HOOK, events: ['run.started'] },
    })
    expect(wrong.status).toBe(400)
  })

  it('can be removed; what still waited for it is not sent', async () => {
    const { id } = await addWebhook()
    const [waiting = ''] = await syncSomething()
    expect((await doors.call('admin', 'DELETE', `/api/webhooks/${id}`)).status).toBe(204)
    expect((await doors.call('admin', 'DELETE', `/api/webhooks/${id}`)).status).toBe(404)
    expect(await consume([{ deliveryId: waiting }])).toEqual(new Map([[waiting, 'acked']]))
    expect(received).toEqual([])
    expect(delivery(waiting)).toMatchObject({ status: 'dead', last_error: 'the webhook was removed' })
  })

  it.each([
    'http://localhost/x',
    'http://LOCALHOST./x',
    'http://app.localhost/x',
    'http://127.0.0.1/x',
    'http://127.1/x',
    'http://2130706433/x',
    'http://0x7f.0.0.1/x',
    'http://10.1.2.3/x',
    'http://172.16.0.1/x',
    'http://172.31.255.255/x',
    'http://192.168.1.1/x',
    'http://169.254.169.254/latest/meta-data',
    'http://100.64.0.1/x',
    'http://0.0.0.0/x',
    'http://224.0.0.1/x',
    'http://255.255.255.255/x',
    'http://[::1]/x',
    'http://[::]/x',
    'http://[::ffff:10.0.0.1]/x',
    'http://[fd00::1]/x',
    'http://[fe80::1]/x',
    'http://[64:ff9b::7f00:1]/x',
    'http://intranet/x',
    'http://printer.local/x',
    'http://db.internal/x',
  ])('may not lead inside: %s', async (url) => {
    expect(isPrivateHost(url)).toBe(true)
    const answer = await doors.call('admin', 'POST', '/api/webhooks', { body: { url } })
    expect(answer.status).toBe(400)
    expect(Problem.strict().parse(answer.json()).errors?.[0]?.path).toBe('url')
  })

  it.each([
    'https://example.com/x',
    'https://172.15.0.1/',
    'https://172.32.0.1/',
    'https://[2606:4700::1]/',
    'https://100.128.0.1/',
  ])('may lead outside: %s', (url) => expect(isPrivateHost(url)).toBe(false))

  it.each(['ftp://example.com/x', 'javascript:alert(1)', 'https://user:secret@example.com/x', 'nowhere'])(
    'is an http(s) address without a password: not %s',
    async (url) => {
      expect((await doors.call('admin', 'POST', '/api/webhooks', { body: { url } })).status).toBe(400)
    },
  )

  it('may lead to this machine where that is allowed', async () => {
    Object.assign(doors.inner, { ALLOW_PRIVATE_WEBHOOKS: '1' })
    await addWebhook({ url: 'http://127.0.0.1:9/x' })
    const [id = ''] = await syncSomething()
    await consume([{ deliveryId: id }])
    expect(delivery(id)).toMatchObject({ status: 'sent' })
    const [second = ''] = await syncSomething()
    Object.assign(doors.inner, { ALLOW_PRIVATE_WEBHOOKS: undefined })
    await consume([{ deliveryId: second }])
    expect(delivery(second)).toMatchObject({ status: 'dead' })
    expect(received).toHaveLength(1)
  })
})

describe('a delivery', () => {
  it('is signed as Standard Webhooks says, over the body that was sent', async () => {
    const { secret } = await addWebhook()
    const [id = ''] = await syncSomething()
    expect(await consume([{ deliveryId: id }])).toEqual(new Map([[id, 'acked']]))
    const [{ request, body } = { request: new Request(URL_OF_HOOK), body: '' }] = received
    const headers = Object.fromEntries(request.headers)
    expect(request.url).toBe(URL_OF_HOOK)
    expect([request.method, request.redirect]).toEqual(['POST', 'manual'])
    expect(headers).toMatchObject({ 'webhook-id': id, 'content-type': 'application/json' })
    expect(new Webhook(secret).verify(body, headers)).toMatchObject({ type: 'run.completed' })
    expect(() => new Webhook(secret).verify(body.replace('annie', 'bobby'), headers)).toThrow()
    expect(delivery(id)).toMatchObject({ status: 'sent', attempts: 1, last_error: null })
  })

  it.each([[500], [404], [302], ['unreachable' as const]])(
    'answered by %s is tried again later, and later still',
    async (answer) => {
      await addWebhook()
      const [id = ''] = await syncSomething()
      const delays = []
      for (let attempts = 1; attempts <= 4; attempts++) {
        answers = [answer]
        delays.push((await consume([{ deliveryId: id, attempts }])).get(id))
      }
      expect(delays).toEqual([5, 10, 20, 40])
      expect(delivery(id)).toMatchObject({ status: 'pending', attempts: 4 })
      expect(delivery(id)?.last_error).toContain(answer === 'unreachable' ? 'refused' : String(answer))
      expect(received.every(({ request }) => request.url === URL_OF_HOOK)).toBe(true)
      expect((await consume([{ deliveryId: id, attempts: 5 }])).get(id)).toBe('acked')
      expect(delivery(id)).toMatchObject({ status: 'sent', attempts: 5, last_error: null })
    },
  )

  it('waits an hour at most between two tries', async () => {
    await addWebhook()
    const [id = ''] = await syncSomething()
    answers = [500]
    expect((await consume([{ deliveryId: id, attempts: 40 }])).get(id)).toBe(3_600)
  })

  it('that is done is not sent again by a message that comes twice', async () => {
    await addWebhook()
    const [id = ''] = await syncSomething()
    for (let i = 0; i < 3; i++) expect((await consume([{ deliveryId: id }])).get(id)).toBe('acked')
    expect((await consume([{ deliveryId: 'unknown' }])).get('unknown')).toBe('acked')
    expect(received).toHaveLength(1)
  })

  it('comes on the dead-letter list when its tries are over, and goes out when someone sends it again', async () => {
    await addWebhook()
    const [id = ''] = await syncSomething()
    answers = [500]
    await consume([{ deliveryId: id }])
    expect((await consume([{ deliveryId: id }], 'tidemark-events-dead')).get(id)).toBe('acked')
    const dead = await doors.call('admin', 'GET', '/api/webhooks/deliveries?status=dead')
    expect(dead.json()).toMatchObject([{ id, status: 'dead', last_error: 'the receiver answered 500' }])
    await consume([{ deliveryId: id }])
    expect(received).toHaveLength(1)

    const retried = await doors.call('admin', 'POST', `/api/webhooks/deliveries/${id}/retry`)
    expect(retried.status).toBe(202)
    expect(retried.json()).toMatchObject({ id, status: 'pending', attempts: 0 })
    expect(doors.offered).toEqual([id])
    await consume([{ deliveryId: id }])
    expect(delivery(id)).toMatchObject({ status: 'sent' })
  })

  it('that is buried after it was sent stays sent', async () => {
    await addWebhook()
    const [id = ''] = await syncSomething()
    await consume([{ deliveryId: id }])
    await consume([{ deliveryId: id }], 'tidemark-events-dead-staging')
    expect(delivery(id)).toMatchObject({ status: 'sent' })
  })

  it('that fails stops no other one of its batch', async () => {
    await addWebhook()
    const ids = [...(await syncSomething()), ...(await syncSomething()), ...(await syncSomething())]
    answers = [500]
    const outcomes = await consume(ids.map((deliveryId) => ({ deliveryId })))
    expect([...outcomes.values()].sort()).toEqual([5, 'acked', 'acked'])
  })

  it('whose database fails is tried again, and nothing throws', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    doors.database.broken = new Error('D1 is away')
    expect(await consume([{ deliveryId: 'any' }])).toEqual(new Map([['any', 5]]))
    expect(await consume([{ deliveryId: 'any' }], 'tidemark-events-dead')).toEqual(new Map([['any', 5]]))
    expect(log).toHaveBeenCalledTimes(2)
  })

  it('needs the key, and says so by name', async () => {
    await expect(consume([], 'tidemark-events', { ...doors.inner, WEBHOOK_KEY: '' })).rejects.toThrow(
      'WEBHOOK_KEY',
    )
  })

  it('is listed newest first, page by page', async () => {
    await addWebhook()
    const ids = [...(await syncSomething()), ...(await syncSomething()), ...(await syncSomething())]
    const first = await doors.call('admin', 'GET', '/api/webhooks/deliveries?limit=2')
    const path = /<([^>]+)>/.exec(first.headers.get('link') ?? '')?.[1] ?? ''
    const second = await doors.call('admin', 'GET', path)
    const listed = [first, second].flatMap((page) => page.json<{ id: string }[]>().map(({ id }) => id))
    expect(listed.toSorted()).toEqual(ids.toSorted())
    expect((await doors.call('admin', 'GET', '/api/webhooks/deliveries?status=lost')).status).toBe(400)
  })
})
