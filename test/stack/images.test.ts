import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { seal } from '../../workers/shared/seal.ts'
import { jpeg } from '../doors/image-world.ts'
import { type Stack, startStack } from './stack.ts'

// From the ERP over HTTP through queue, gate and R2 to a reader, in the real Workers. An ERP that only signs in and shows
// pictures is enough for that.

const KEY = Buffer.alloc(32, 7).toString('base64url')
const pictures = new Map([['/images/P-1.jpg', Buffer.from(jpeg('one'))]])
const asked: string[] = []
let inside = 0
let mostAtOnce = 0
let erp: Server
let stack: Stack

beforeAll(async () => {
  erp = createServer((request, response) => {
    const path = request.url ?? ''
    asked.push(`${request.method} ${path}`)
    mostAtOnce = Math.max(mostAtOnce, ++inside)
    response.on('close', () => inside--)
    const json = { 'content-type': 'application/json' }
    const picture = pictures.get(path)
    if (request.method === 'POST')
      response.writeHead(200, { ...json, 'set-cookie': 'ERPSESSION=s1; Path=/; HttpOnly' }).end('{"ok":true}')
    else if (request.headers.cookie !== 'ERPSESSION=s1')
      response.writeHead(401, json).end('{"error":"session expired"}')
    else if (picture) response.writeHead(200, { 'content-type': 'image/jpeg' }).end(picture)
    else response.writeHead(404).end()
  }).listen(0, '127.0.0.1')
  await once(erp, 'listening')
  const origin = `http://127.0.0.1:${(erp.address() as AddressInfo).port}`
  stack = await startStack({
    coordinator: { ERP_ORIGIN: origin, ERP_KEY: KEY },
    'smart-sync': { ERP_KEY: KEY },
  })
  await stack.runtime.query(
    `INSERT INTO erp_users (id, name, login, password, updated_at) VALUES ('u1', 'Ann', 'ann', ?1, 0)`,
    await seal(KEY, 'secret'),
  )
})
afterAll(async () => {
  await stack?.close()
  erp.close()
})

async function product(id: string, image: string | null) {
  await stack.runtime.query(
    `INSERT INTO products (id, name, name_key, image, version, updated_at, origin) VALUES (?1, ?1, ?1, ?2, 1, 1, 'erp')
      ON CONFLICT (id) DO UPDATE SET image = excluded.image`,
    id,
    image,
  )
  await stack.runtime.query(
    `INSERT INTO product_images (product_id, path, status, created_at, next_at) VALUES (?1, coalesce(?2, ''), 'pending', 0, 0)
      ON CONFLICT (product_id) DO UPDATE SET status = 'pending', path = coalesce(?2, path), attempts = 0, next_at = 0`,
    id,
    image,
  )
}

/** Hands a product to the queue, as "try again" does, and waits until its row is no longer pending. */
async function fetched(id: string): Promise<Record<string, unknown> | undefined> {
  expect((await stack.call('POST', `/api/images/${id}/retry`)).status).toBe(202)
  for (;;) {
    const [row] = await stack.runtime.query('SELECT * FROM product_images WHERE product_id = ?1', id)
    if (row?.status !== 'pending') return row
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

const shown = async (id: string) => {
  const headers = { authorization: `Bearer ${stack.adminToken}` }
  return fetch(new URL(`/api/products/${id}/image`, stack.runtime.url), { headers })
}

test('a picture goes from the ERP into R2, and a reader sees it there', async () => {
  await product('P-1', '/images/P-1.jpg')
  expect(await fetched('P-1')).toMatchObject({ status: 'stored', type: 'image/jpeg', attempts: 1 })
  const answer = await shown('P-1')
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-type')).toBe('image/jpeg')
  expect(new Uint8Array(await answer.arrayBuffer())).toEqual(jpeg('one'))
})

test('many at once are asked for one after the other, with one login', async () => {
  for (let i = 2; i <= 12; i++) {
    pictures.set(`/images/P-${i}.jpg`, Buffer.from(jpeg(String(i))))
    await product(`P-${i}`, `/images/P-${i}.jpg`)
  }
  const rows = await Promise.all(Array.from({ length: 11 }, (_, i) => fetched(`P-${i + 2}`)))
  expect(rows.every((row) => row?.status === 'stored')).toBe(true)
  expect(mostAtOnce).toBe(1)
  expect(asked.filter((call) => call.startsWith('POST'))).toHaveLength(1)
})

test('one that the ERP does not have is on the dead-letter list, and one that is removed is gone', async () => {
  await product('P-404', '/images/nowhere.jpg')
  expect(await fetched('P-404')).toMatchObject({ status: 'dead', attempts: 1 })
  const dead = await stack.call<{ product_id: string; last_error: string }[]>(
    'GET',
    '/api/images?status=dead',
  )
  expect(dead.body).toMatchObject([{ product_id: 'P-404', last_error: expect.stringMatching(/no picture/) }])
  await product('P-1', null)
  expect(await fetched('P-1')).toBeUndefined()
  expect((await shown('P-1')).status).toBe(404)
})
