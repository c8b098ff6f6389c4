import { afterAll, beforeAll, expect, test } from 'vitest'
import { imageOf } from '../emulators/erp/images.ts'
import { addErpUsers, type Stack, startStack } from './stack.ts'

// From the ERP over HTTP through queue, gate and R2 to a reader, in the real Workers.

let stack: Stack

beforeAll(async () => {
  stack = await startStack()
  await addErpUsers(stack, 'ann')
})
afterAll(() => stack.close())

/** A product that was synced: there and here. Its picture may be one that the ERP does not have. */
async function product(id: string, image: string | null, there = image) {
  stack.erp.person.put('products', { id, name: id, image: there })
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

const shown = async (id: string, more: Record<string, string> = {}) => {
  const headers = { authorization: `Bearer ${stack.adminToken}`, ...more }
  return fetch(new URL(`/api/products/${id}/image`, stack.runtime.url), { headers })
}

test('a picture goes from the ERP into R2, and a reader sees it there', async () => {
  await product('P-1', '/images/P-1.jpg')
  expect(await fetched('P-1')).toMatchObject({ status: 'stored', type: 'image/png', attempts: 1 })
  const answer = await shown('P-1')
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-type')).toBe('image/png')
  expect(new Uint8Array(await answer.arrayBuffer())).toEqual(imageOf('/images/P-1.jpg'))
})

test('who has the picture is told so; a condition that is none gets the picture', async () => {
  const etag = (await shown('P-1')).headers.get('etag') ?? ''
  for (const known of [etag, `"other", ${etag}`, `W/${etag}`])
    expect((await shown('P-1', { 'if-none-match': known })).status, known).toBe(304)
  for (const odd of ['', '"other"', 'no etag', '"open', '"a" "b"', ',', `${etag},`])
    expect((await shown('P-1', { 'if-none-match': odd })).status, odd).toBe(200)
})

test('many at once are asked for one after the other, with one login', async () => {
  for (let i = 2; i <= 12; i++) await product(`P-${i}`, `/images/P-${i}.jpg`)
  const rows = await Promise.all(Array.from({ length: 11 }, (_, i) => fetched(`P-${i + 2}`)))
  expect(rows.every((row) => row?.status === 'stored')).toBe(true)
  expect(stack.erp.mostAtOnce).toBe(1)
  expect(stack.erp.calls.filter(({ method }) => method === 'POST')).toHaveLength(1)
})

test('one that the ERP does not have is on the dead-letter list, and one that is removed is gone', async () => {
  await product('P-404', '/images/nowhere.jpg', null)
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
