import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it, test, vi } from 'vitest'
import { LONGEST_IMAGE } from '../../sync/remotes/erp/limits.ts'
import type { Fetched, ImageDeps } from '../../workers/coordinator/images.ts'
import { judgePicture } from '../../workers/coordinator/picture.ts'
import { offerImages } from '../../workers/shared/images.ts'
import {
  type Bucket,
  handOver,
  type ImageWorld,
  imageWorld,
  jpeg,
  mapStore,
  picture,
  realBucket,
} from './image-world.ts'

const MINUTE = 60_000
const PATH = '/images/P-1.jpg'

let store: ReturnType<typeof mapStore>
let world: ImageWorld
beforeEach(async () => {
  store = mapStore()
  world = imageWorld(store)
  world.erp.set(PATH, jpeg('one'))
  await world.product('P-1', PATH)
})

const bytesOf = (id: string) => store.objects.get(world.row(id)?.object ?? '')
const away: Fetched = { type: 'failed', passes: true, reason: 'the ERP did not answer' }

describe('a picture', () => {
  it('is fetched with the login that reads the catalogue, stored under its content, and told in its row', async () => {
    expect(await handOver(world.deps, ['P-1'])).toEqual(['done'])
    expect(world.fetched).toEqual([{ login: 'ann', path: PATH }])
    expect(world.row('P-1')).toMatchObject({
      status: 'stored',
      attempts: 1,
      type: 'image/jpeg',
      bytes: jpeg('one').length,
      last_error: null,
      object: expect.stringMatching(/^products\/P-1\/[0-9a-f]{32}$/),
    })
    expect(bytesOf('P-1')).toEqual(jpeg('one'))
  })

  it('is fetched with the login that an operator chose', async () => {
    world.file.exec(`INSERT INTO config VALUES ('erp.connection', '{"catalogue_user":"u2"}', 0, 'op')`)
    await handOver(world.deps, ['P-1'])
    world.file.exec(`UPDATE erp_users SET active = 0 WHERE id = 'u2'`)
    await world.product('P-1', '/images/other.jpg')
    await handOver(world.deps, ['P-1'])
    expect(world.fetched.map(({ login }) => login)).toEqual(['bob', 'ann'])
  })

  it('is not fetched again by a message that comes twice, or late', async () => {
    await handOver(world.deps, ['P-1', 'P-1'])
    await handOver(world.deps, ['P-1'])
    expect(world.fetched).toHaveLength(1)
    expect(store.objects.size).toBe(1)
  })

  it('is replaced when its path changes; the earlier one is to be seen until then, and deleted after', async () => {
    await handOver(world.deps, ['P-1'])
    world.erp.set('/images/new.jpg', jpeg('new'))
    await world.product('P-1', '/images/new.jpg')
    expect(world.row('P-1')?.status).toBe('pending')
    expect(bytesOf('P-1')).toEqual(jpeg('one'))
    await handOver(world.deps, ['P-1'])
    expect(bytesOf('P-1')).toEqual(jpeg('new'))
    expect(store.objects.size).toBe(1)
  })

  it('that is the same under another path keeps its object', async () => {
    await handOver(world.deps, ['P-1'])
    const object = world.row('P-1')?.object
    world.erp.set('/images/moved.jpg', jpeg('one'))
    await world.product('P-1', '/images/moved.jpg')
    await handOver(world.deps, ['P-1'])
    expect(world.row('P-1')).toMatchObject({ status: 'stored', path: '/images/moved.jpg', object })
    expect([...store.objects.keys()]).toEqual([object])
  })

  it.each(['removed', 'deleted'])('goes with a product that is %s, and touches no other one', async (how) => {
    // A name that begins like the other's, and one that could lead out of its folder.
    for (const id of ['P-10', 'P-1/x', '../P-1']) await world.product(id, PATH)
    await handOver(world.deps, ['P-1', 'P-10', 'P-1/x', '../P-1'])
    if (how === 'removed') await world.product('P-1', null)
    else await world.deleteProduct('P-1')
    expect(await handOver(world.deps, ['P-1'])).toEqual(['done'])
    expect(world.row('P-1')).toBeUndefined()
    expect([...store.objects.keys()].map((key) => key.split('/').slice(0, -1).join('/'))).toEqual([
      'products/P-10',
      'products/P-1%2Fx',
      'products/..%2FP-1',
    ])
  })

  it('of a product that has none is no work', async () => {
    expect(await handOver(world.deps, ['P-404'])).toEqual(['done'])
    expect(world.fetched).toEqual([])
  })

  it('whose object somebody deleted is fetched again when the next message comes', async () => {
    await handOver(world.deps, ['P-1'])
    store.objects.clear()
    expect(await handOver(world.deps, ['P-1'])).toEqual([1])
    expect(world.row('P-1')).toMatchObject({ status: 'pending', object: null })
    await handOver(world.deps, ['P-1'])
    expect(bytesOf('P-1')).toEqual(jpeg('one'))
  })
})

describe('a change while the picture is being fetched', () => {
  const during = (change: () => void) => {
    world.meanwhile = () => {
      world.meanwhile = () => undefined
      change()
    }
  }

  it('of the path: what was fetched is not recorded, and the new one is', async () => {
    world.erp.set('/images/new.jpg', jpeg('new'))
    during(() => void world.product('P-1', '/images/new.jpg'))
    expect(await handOver(world.deps, ['P-1'])).toEqual(['done'])
    expect(world.row('P-1')).toMatchObject({ status: 'pending', path: '/images/new.jpg', object: null })
    expect(store.objects.size).toBe(0)
    await handOver(world.deps, ['P-1'])
    expect(bytesOf('P-1')).toEqual(jpeg('new'))
  })

  it('of the path, where the old one fails: the failure does not count for the new one', async () => {
    during(() => void world.product('P-1', '/images/new.jpg'))
    world.answers.push({ type: 'failed', passes: false, reason: 'gone' })
    await handOver(world.deps, ['P-1'])
    expect(world.row('P-1')).toMatchObject({ status: 'pending', attempts: 0, last_error: null })
  })

  it('of the product, which is deleted: nothing stays', async () => {
    during(() => void world.deleteProduct('P-1'))
    await handOver(world.deps, ['P-1'])
    await handOver(world.deps, ['P-1'])
    expect(world.row('P-1')).toBeUndefined()
    expect(store.objects.size).toBe(0)
  })
})

describe('messages side by side', () => {
  it('a failure that comes late does not take back what others counted', async () => {
    let go: () => void = () => undefined
    const held = new Promise<void>((resolve) => {
      go = resolve
    })
    const source: ImageDeps['source'] = { fetch: () => held.then(() => away) }
    const late = handOver({ ...world.deps, source }, ['P-1'])
    world.answers.push(away, away)
    for (const wait of [MINUTE, 5 * MINUTE]) {
      await handOver(world.deps, ['P-1'])
      world.clock.advance(wait)
    }
    go()
    expect(await late).toEqual(['done'])
    expect(world.row('P-1')).toMatchObject({ status: 'pending', attempts: 2 })
  })

  it('one that deletes what the other just recorded has it fetched again', async () => {
    world.erp.set('/images/new.jpg', jpeg('new'))
    await handOver(world.deps, ['P-1'])
    await world.product('P-1', '/images/new.jpg')
    const deletes: ImageDeps['store'] = {
      ...store,
      delete: async (keys) => {
        await world.product('P-1', PATH)
        await handOver({ ...world.deps, store: { ...store, delete: async () => undefined } }, ['P-1'])
        expect(world.row('P-1')).toMatchObject({ status: 'stored', path: PATH })
        await store.delete(keys)
      },
    }
    expect(await handOver({ ...world.deps, store: deletes }, ['P-1'])).toEqual([1])
    expect(world.row('P-1')).toMatchObject({ status: 'pending', attempts: 0, object: null })
    await handOver(world.deps, ['P-1'])
    expect([...store.objects.values()]).toEqual([jpeg('one')])
  })

  it('what many broken tries left behind is deleted, more than one page of a list', async () => {
    for (let i = 0; i < 8; i++) store.objects.set(`products/P-1/${i}`, jpeg(String(i)))
    await handOver(world.deps, ['P-1'])
    expect([...store.objects.values()]).toEqual([jpeg('one')])
  })
})

describe('a failure that may pass', () => {
  it('is tried again after longer and longer waits, six times in all, and then it is dead with its reason', async () => {
    world.answers.push(...Array<Fetched>(6).fill(away))
    const waits: ('done' | number | undefined)[] = []
    for (let i = 0; i < 6; i++) {
      const [outcome] = await handOver(world.deps, ['P-1'])
      waits.push(outcome)
      if (typeof outcome === 'number') {
        expect(world.row('P-1')).toMatchObject({ status: 'pending', attempts: i + 1 })
        expect(world.row('P-1')?.last_error).toBe('the ERP did not answer.')
        world.clock.advance(outcome * 1_000)
      }
    }
    expect(waits).toEqual([60, 300, 1_500, 7_200, 36_000, 'done'])
    expect(world.row('P-1')).toMatchObject({
      status: 'dead',
      attempts: 6,
      last_error: 'the ERP did not answer. Tried 6 times.',
    })
    await handOver(world.deps, ['P-1'])
    expect(world.fetched).toHaveLength(6)
  })

  it('is not counted twice by a message that comes twice', async () => {
    world.answers.push(away, away)
    expect(await handOver(world.deps, ['P-1', 'P-1'])).toEqual([60, 60])
    expect(world.row('P-1')).toMatchObject({ attempts: 1 })
    expect(world.fetched).toHaveLength(1)
  })

  it('is forgotten once it has passed', async () => {
    world.answers.push(away)
    await handOver(world.deps, ['P-1'])
    world.clock.advance(MINUTE)
    expect(await handOver(world.deps, ['P-1'])).toEqual(['done'])
    expect(world.row('P-1')).toMatchObject({ status: 'stored', attempts: 2, last_error: null })
  })

  it('keeps the earlier picture in sight, dead or not', async () => {
    await handOver(world.deps, ['P-1'])
    await world.product('P-1', '/images/gone.jpg')
    await handOver(world.deps, ['P-1'])
    expect(world.row('P-1')).toMatchObject({
      status: 'dead',
      last_error: 'The ERP has no such picture (404).',
    })
    expect(bytesOf('P-1')).toEqual(jpeg('one'))
  })

  it('is an ERP that has something better to do: that is no attempt', async () => {
    world.answers.push({ type: 'busy', at: world.clock.now() + 30_000, reason: 'an order is being made' })
    expect(await handOver(world.deps, ['P-1'])).toEqual([30])
    expect(world.row('P-1')).toMatchObject({ status: 'pending', attempts: 0 })
    expect(await handOver(world.deps, ['P-1'])).toEqual(['done'])
  })

  it('is a batch that takes long: the rest of it comes again before the queue ends it', async () => {
    await world.product('P-2', PATH)
    await world.product('P-3', PATH)
    world.meanwhile = () => world.clock.advance(5 * MINUTE)
    expect(await handOver(world.deps, ['P-1', 'P-2', 'P-3'])).toEqual(['done', 'done', 1])
    expect(world.row('P-3')).toMatchObject({ status: 'pending', attempts: 0 })
  })

  it('is that nobody can sign in to the ERP', async () => {
    world.file.exec('UPDATE erp_users SET active = 0')
    expect(await handOver(world.deps, ['P-1'])).toEqual([60])
    expect(world.row('P-1')?.last_error).toMatch(/No user of the ERP is active/)
  })

  it('is a bucket that does not take it', async () => {
    const put = vi.spyOn(store, 'put').mockRejectedValueOnce(new Error('internal error (10001)'))
    expect(await handOver(world.deps, ['P-1'])).toEqual([60])
    expect(world.row('P-1')?.last_error).toBe('R2 did not store the picture: internal error (10001).')
    put.mockRestore()
  })

  it('of the database leaves the message to come again, and the others of its batch are done', async () => {
    await world.product('P-2', PATH)
    const errors = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const broken: ImageDeps = {
      ...world.deps,
      database: {
        batch: (statements) =>
          statements.some(({ params }) => params[0] === 'P-1')
            ? Promise.reject(new Error('D1 is away'))
            : world.database.batch(statements),
      },
    }
    expect(await handOver(broken, ['P-1', 'P-2'], 3)).toEqual([1_500, 'done'])
    expect(errors).toHaveBeenCalledOnce()
    errors.mockRestore()
    expect(world.row('P-1')).toMatchObject({ status: 'pending', attempts: 0 })
  })
})

describe('what is no picture', () => {
  const png = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0])
  const of = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'))
  const large = new Uint8Array(LONGEST_IMAGE + 1)
  large.set(jpeg('large'))

  it.each<[string, Uint8Array, string | null, RegExp]>([
    ['an SVG', of('<?xml version="1.0"?>\n<svg onload="x()">'), 'image/svg+xml', /SVG/],
    ['an SVG that calls itself a JPEG', of('<svg xmlns="">'), 'image/jpeg', /SVG/],
    ['a text', of('file not found'), 'text/plain', /not a picture/],
    ['a PDF', of('%PDF-1.7'), 'image/jpeg', /not a picture/],
    ['a RIFF that is a sound', of('RIFF....WAVE'), 'image/webp', /not a picture/],
    [
      'a PNG that calls itself a JPEG',
      png,
      'image/jpeg',
      /calls it image\/jpeg, but its content is image\/png/,
    ],
    ['a JPEG that calls itself a page', jpeg('x'), 'text/html; charset=utf-8', /calls it text\/html/],
    ['one byte too much', large, 'image/jpeg', /larger than 5 MB/],
  ])('%s is dead at once, with a reason', async (_, bytes, declared, reason) => {
    world.answers.push(picture(bytes, declared))
    expect(await handOver(world.deps, ['P-1'])).toEqual(['done'])
    expect(world.row('P-1')).toMatchObject({ status: 'dead', attempts: 1, object: null })
    expect(world.row('P-1')?.last_error).toMatch(reason)
    expect(store.objects.size).toBe(0)
  })

  it.each<[string, Uint8Array, string | null]>([
    ['no bytes', new Uint8Array(), 'image/jpeg'],
    ['a page of the ERP', of('\n<!DOCTYPE html><html>busy'), 'text/html'],
    ['a page of the ERP that calls itself a JPEG', of('<html><body>error'), 'image/jpeg'],
  ])('%s may be a picture later, and is dead after six times', async (_, bytes, declared) => {
    for (let i = 0; i < 6; i++) {
      expect(world.row('P-1')?.status).toBe('pending')
      world.answers.push(picture(bytes, declared))
      const [wait] = await handOver(world.deps, ['P-1'])
      world.clock.advance(Number(wait === 'done' ? 0 : wait) * 1_000)
    }
    expect(world.row('P-1')).toMatchObject({
      status: 'dead',
      last_error: expect.stringMatching(/Tried 6 times/),
    })
  })

  it.each<[string, Uint8Array, string | null, string]>([
    ['a JPEG', jpeg(''), 'image/jpeg', 'image/jpeg'],
    ['a JPEG by its old name', jpeg(''), 'Image/JPG; q=1', 'image/jpeg'],
    ['a PNG', png, 'image/png', 'image/png'],
    ['a WebP', of('RIFF\x04\0\0\0WEBPVP8 '), 'image/webp', 'image/webp'],
    ['a GIF', of('GIF89a..'), 'image/gif', 'image/gif'],
    ['a picture of which nothing is said', png, null, 'image/png'],
    ['a picture of which a server knows nothing', png, 'application/octet-stream', 'image/png'],
    ['the largest picture', large.subarray(0, LONGEST_IMAGE), 'image/jpeg', 'image/jpeg'],
  ])('%s is one', (_, bytes, declared, type) => {
    expect(judgePicture(bytes, declared)).toEqual({ ok: true, type })
  })

  test('bytes of any kind are judged, and what is taken begins as its type says', () => {
    const starts = fc.constantFrom(
      jpeg(''),
      png,
      of('GIF87a'),
      of('RIFF1234WEBP'),
      of('<svg>'),
      of('<html>'),
      of(''),
    )
    const declared = fc.option(
      fc.oneof(fc.string(), fc.constantFrom('image/jpeg', 'image/png', 'image/svg+xml')),
    )
    fc.assert(
      fc.property(starts, fc.uint8Array(), declared, (start, rest, said) => {
        const bytes = new Uint8Array([...start, ...rest])
        const judged = judgePicture(bytes, said)
        if (!judged.ok) return judged.reason !== ''
        const first = { 'image/jpeg': 0xff, 'image/png': 0x89, 'image/gif': 0x47, 'image/webp': 0x52 }[
          judged.type
        ]
        return first === bytes[0]
      }),
    )
  })
})

describe('offering pictures to the queue', () => {
  const queueOf = (calls: string[][], fails = false) => ({
    sendBatch: async (messages: Iterable<{ body: { productId: string } }>) => {
      if (fails) throw new Error('the queue is down')
      calls.push([...messages].map(({ body }) => body.productId))
      return undefined as never
    },
  })

  it('offers what is pending and due, a hundred a call, and again after an hour', async () => {
    for (let i = 2; i <= 250; i++) await world.product(`P-${i}`, PATH)
    const calls: string[][] = []
    await offerImages(world.database, queueOf(calls), world.clock.now())
    await offerImages(world.database, queueOf(calls), world.clock.now())
    expect(calls.map((call) => call.length)).toEqual([100, 100, 50])
    expect(new Set(calls.flat()).size).toBe(250)
    await handOver(world.deps, calls.flat().slice(1))
    world.clock.advance(60 * MINUTE)
    await offerImages(world.database, queueOf(calls), world.clock.now())
    expect(calls.at(-1)).toEqual([calls[0]?.[0]])
  })

  it('does not offer one that the queue itself brings again', async () => {
    world.answers.push(away)
    await handOver(world.deps, ['P-1'])
    world.clock.advance(MINUTE)
    const calls: string[][] = []
    await offerImages(world.database, queueOf(calls), world.clock.now())
    expect(calls).toEqual([])
  })

  it('never fails: a queue that is down gets them the next time', async () => {
    const errors = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const calls: string[][] = []
    await offerImages(world.database, queueOf(calls, true), world.clock.now())
    expect(errors).toHaveBeenCalledOnce()
    errors.mockRestore()
    await offerImages(world.database, queueOf(calls), world.clock.now())
    expect(calls).toEqual([['P-1']])
  })
})

describe('with a real bucket', () => {
  let real: { readonly bucket: Bucket; close(): Promise<void> }
  beforeAll(async () => {
    real = await realBucket()
  })
  afterAll(() => real.close())

  test('a picture is stored with its type, replaced and removed', async () => {
    const own = imageWorld(real.bucket)
    const keys = async () => (await real.bucket.list({ prefix: 'products/' })).objects.map(({ key }) => key)
    own.erp.set(PATH, jpeg('one')).set('/images/new.jpg', jpeg('new'))
    await own.product('P-1', PATH)
    await own.product('caffè / 1', PATH)
    expect(await handOver(own.deps, ['P-1', 'caffè / 1', 'P-1'])).toEqual(['done', 'done', 'done'])
    const stored = await real.bucket.get(own.row('P-1')?.object ?? '')
    expect(new Uint8Array(await stored!.arrayBuffer())).toEqual(jpeg('one'))
    expect(stored?.httpMetadata?.contentType).toBe('image/jpeg')
    await own.product('P-1', '/images/new.jpg')
    await handOver(own.deps, ['P-1'])
    expect(await keys()).toEqual([own.row('caffè / 1')?.object, own.row('P-1')?.object].sort())
    await own.product('P-1', null)
    await handOver(own.deps, ['P-1'])
    expect(await keys()).toEqual([own.row('caffè / 1')?.object])
    await own.deleteProduct('caffè / 1')
    await handOver(own.deps, ['caffè / 1'])
    expect(await keys()).toEqual([])
  })
})
