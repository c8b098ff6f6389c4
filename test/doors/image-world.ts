import { convertV4MiniflareOptions, Miniflare } from 'miniflare'
import { productsSystem } from '../../sync/systems/products.ts'
import {
  consumeImages,
  type Fetched,
  type ImageDeps,
  type ImageSource,
  type ImageStore,
} from '../../workers/coordinator/images.ts'
import type { ImageMessage } from '../../workers/shared/images.ts'
import { type Durable, durable } from '../engine/world.ts'

/** Products with pictures in an ERP that is a map, D1, a bucket, and the consumer between them. */
export interface ImageWorld extends Durable {
  /** Path -> bytes of the picture in the ERP */
  readonly erp: Map<string, Uint8Array>
  /** What the ERP answers next, in place of the picture */
  readonly answers: Fetched[]
  /** Login and path of each fetch */
  readonly fetched: { readonly login: string; readonly path: string }[]
  /** Called when the ERP is asked, before it answers */
  meanwhile: () => void
  readonly deps: ImageDeps
  /** A product as a commit of the products' link leaves it; null: it has no picture (any more) */
  product(id: string, image: string | null): Promise<void>
  deleteProduct(id: string): Promise<void>
  row(id: string): ImageRow | undefined
}

export interface ImageRow {
  readonly path: string
  readonly status: 'pending' | 'stored' | 'dead'
  readonly attempts: number
  readonly last_error: string | null
  readonly object: string | null
  readonly type: string | null
  readonly bytes: number | null
  readonly next_at: number
}

/** A JPEG as far as its first bytes say, with these letters in it. */
export const jpeg = (letters: string): Uint8Array =>
  new Uint8Array([0xff, 0xd8, 0xff, 0xe0, ...new TextEncoder().encode(letters), 0xff, 0xd9])

export const picture = (bytes: Uint8Array, declared: string | null = 'image/jpeg'): Fetched => ({
  type: 'picture',
  bytes,
  declared,
})

export function imageWorld(store: ImageStore): ImageWorld {
  const base = durable()
  base.file.exec(
    `INSERT INTO erp_users VALUES ('u1', 'Ann', 'ann', 'sealed-1', 1, 0), ('u2', 'Bob', 'bob', 'sealed-2', 1, 0)`,
  )
  const source: ImageSource = {
    async fetch({ login }, path) {
      world.fetched.push({ login, path })
      world.meanwhile()
      const answer = world.answers.shift()
      if (answer) return answer
      const bytes = world.erp.get(path)
      return bytes
        ? picture(bytes)
        : { type: 'failed', passes: false, reason: 'The ERP has no such picture (404).' }
    },
  }
  const derive = async (id: string) => {
    const statements = productsSystem.links[0]?.derive?.(
      { id: 'shared', name: '', timeZone: 'UTC', options: {} },
      '',
      base.clock.now(),
      JSON.stringify([id]),
    )
    await base.database.batch(statements ?? [])
  }
  const world: ImageWorld = {
    ...base,
    erp: new Map(),
    answers: [],
    fetched: [],
    meanwhile: () => undefined,
    deps: { database: base.database, source, store, now: base.clock.now },
    async product(id, image) {
      base.file
        .prepare(
          `INSERT INTO products (id, name, name_key, image, version, updated_at, origin) VALUES (?1, ?1, ?1, ?2, 1, 1, 'erp')
            ON CONFLICT (id) DO UPDATE SET image = excluded.image, deleted_at = NULL`,
        )
        .run(id, image)
      await derive(id)
    },
    async deleteProduct(id) {
      base.file.prepare('UPDATE products SET deleted_at = 1 WHERE id = ?').run(id)
      await derive(id)
    },
    row: (id) =>
      base.file.prepare('SELECT * FROM product_images WHERE product_id = ?').get(id) as ImageRow | undefined,
  }
  return world
}

/** Hands messages to the consumer as one batch. Answers for each: done, or after how many seconds it comes again. */
export async function handOver(
  deps: ImageDeps,
  products: readonly string[],
  attempts = 1,
): Promise<('done' | number)[]> {
  const outcomes: ('done' | number)[] = []
  const messages = products.map((productId, i) => ({
    body: { productId },
    attempts,
    ack: () => {
      outcomes[i] = 'done'
    },
    retry: ({ delaySeconds }: { delaySeconds: number }) => {
      outcomes[i] = delaySeconds
    },
  }))
  await consumeImages({ messages } as unknown as Pick<MessageBatch<ImageMessage>, 'messages'>, deps)
  return outcomes
}

/** R2 as a map. Lists three keys a page, so that there are further pages. */
export function mapStore(): ImageStore & { readonly objects: Map<string, Uint8Array> } {
  const objects = new Map<string, Uint8Array>()
  return {
    objects,
    head: async (key) => (objects.has(key) ? { key } : null),
    put: async (key, bytes) => objects.set(key, bytes.slice()),
    list: async ({ prefix, cursor = '' }) => {
      const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && key > cursor).sort()
      const page = keys.slice(0, 3)
      const objectsOf = page.map((key) => ({ key }))
      return keys.length > 3
        ? { objects: objectsOf, truncated: true, cursor: page.at(-1) ?? '' }
        : { objects: objectsOf, truncated: false }
    },
    delete: async (keys) => {
      for (const key of keys) objects.delete(key)
    },
  }
}

export interface Bucket extends ImageStore {
  get(key: string): Promise<{
    readonly httpMetadata?: { readonly contentType?: string }
    arrayBuffer(): Promise<ArrayBuffer>
  } | null>
}

/** A real bucket in the local runtime. */
export async function realBucket(): Promise<{ readonly bucket: Bucket; close(): Promise<void> }> {
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      workers: [
        {
          name: 'r2',
          modules: true,
          script: 'export default { fetch: () => new Response() }',
          compatibilityDate: '2026-10-01',
          r2Buckets: { IMAGES: 'test' },
        },
      ],
    }),
  )
  await miniflare.ready
  const { IMAGES } = await miniflare.getBindings<{ IMAGES: Bucket }>()
  return { bucket: IMAGES, close: () => miniflare.dispose() }
}
