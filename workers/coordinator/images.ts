import { type Database, query, statement } from '../../db/database.ts'
import { type ImageLogin, type ImageTask, readImageTask } from '../../db/reads/image-task.ts'
import type { ImageMessage } from '../shared/images.ts'
import { OFFER_AGAIN } from '../shared/offer.ts'
import { sha256 } from '../shared/sha256.ts'
import { judgePicture } from './picture.ts'

// A picture's row in `product_images`, as this consumer moves it:
//
//   pending ── fetched and stored ──▶ stored     a new path in the ERP, or "try again": pending again
//      │  └─── 404, too large, no picture, or the sixth failure ──▶ dead
//      └────── the product or its picture is gone: row and objects are deleted
//
// Messages say only that there is something to look at; the row says what. So a message may come twice, late, or in any
// order, and a lost one is offered again.

/** Where pictures come from. */
export interface ImageSource {
  /** One picture by its path. Waits for its turn at the gate, behind everybody else, for a short while only. Never throws. */
  fetch(login: ImageLogin, path: string): Promise<Fetched>
}

/** `busy`: not asked at all, the ERP has something better to do. `passes`: the same request may succeed later. */
export type Fetched =
  | { readonly type: 'picture'; readonly bytes: Uint8Array; readonly declared: string | null }
  | { readonly type: 'busy'; readonly at: number; readonly reason: string }
  | { readonly type: 'failed'; readonly reason: string; readonly passes: boolean }

/** The part of R2's bucket that is used here. */
export interface ImageStore {
  head(key: string): Promise<object | null>
  put(
    key: string,
    bytes: Uint8Array,
    options: { readonly httpMetadata: { readonly contentType: string } },
  ): Promise<unknown>
  list(options: { readonly prefix: string; readonly cursor?: string }): Promise<{
    readonly objects: readonly { readonly key: string }[]
    readonly truncated: boolean
    readonly cursor?: string
  }>
  delete(keys: string[]): Promise<void>
}

export interface ImageDeps {
  readonly database: Database
  readonly source: ImageSource
  readonly store: ImageStore
  readonly now: () => number
}

/** `null`: nothing is left to do. Otherwise when to come again, in milliseconds since 1970. */
export type Again = number | null

const MINUTE = 60_000
/** Waits after each failure: together they outlast a night in which the ERP is off. A queue delays by 12 hours at most. */
const BACK_OFF = [MINUTE, 5 * MINUTE, 25 * MINUTE, 120 * MINUTE, 600 * MINUTE]
/** Then a person looks. */
const ATTEMPTS = BACK_OFF.length + 1
const ERROR_LENGTH = 300
/** A queue's longest delay, in seconds. https://developers.cloudflare.com/queues/platform/limits/ */
const LONGEST_DELAY = 12 * 60 * 60

const WANTED = `SELECT 1 FROM products WHERE id = ?1 AND deleted_at IS NULL AND image != ''`
/** The product ?1 still waits for the picture at ?2: what became of another one is not recorded, its own message comes. */
const UNCHANGED = `product_id = ?1 AND status = 'pending' AND path = ?2 AND EXISTS (${WANTED})`

/**
 * No picture of a batch is begun after this: each may wait 90 s at the gate, and the queue ends an invocation after 15
 * minutes. https://developers.cloudflare.com/queues/platform/limits/
 */
const LONGEST_BATCH = 10 * MINUTE

/** The queue's consumer: one picture after the other, because the ERP can do one thing at a time. */
export async function consumeImages(
  batch: Pick<MessageBatch<ImageMessage>, 'messages'>,
  deps: ImageDeps,
): Promise<void> {
  const end = deps.now() + LONGEST_BATCH
  for (const message of batch.messages) {
    const { productId } = message.body
    if (deps.now() >= end) {
      message.retry({ delaySeconds: 1 })
      continue
    }
    const again = await fetchImage(deps, productId).catch((error: unknown): Again => {
      console.error(JSON.stringify({ event: 'image.error', product: productId, error: String(error) }))
      return deps.now() + (BACK_OFF[message.attempts - 1] ?? OFFER_AGAIN)
    })
    if (again === null) message.ack()
    else message.retry({ delaySeconds: secondsUntil(again, deps.now()) })
  }
}

/** Brings a product's picture to where its row says. Throws only what database and R2 throw: then nothing is settled. */
export async function fetchImage(deps: ImageDeps, product: string): Promise<Again> {
  const task = await readImageTask(deps.database, product)
  if (task && !task.wanted) await removeRow(deps, product)
  else if (task?.status === 'pending') {
    // After a failure its own message comes when the wait is over; this one is a repeat, and must not use up an attempt.
    const due = task.next_at - OFFER_AGAIN
    if (due > deps.now()) return due
    const again = await tryOnce(deps, product, task)
    if (again !== null) return again
  }
  return tidy(deps, product)
}

async function tryOnce(deps: ImageDeps, product: string, task: ImageTask): Promise<Again> {
  const fetched: Fetched = task.login
    ? await deps.source.fetch(task.login, task.path)
    : { type: 'failed', passes: true, reason: 'No user of the ERP is active, so nobody can sign in there.' }
  if (fetched.type === 'busy') return fetched.at
  if (fetched.type === 'failed') return failed(deps, product, task, fetched)
  const judged = judgePicture(fetched.bytes, fetched.declared)
  if (!judged.ok) return failed(deps, product, task, judged)
  // Named after its content: trying twice writes one object, and no object ever changes under a reader.
  const key = `${folderOf(product)}${await digest(fetched.bytes)}`
  try {
    await deps.store.put(key, fetched.bytes, { httpMetadata: { contentType: judged.type } })
  } catch (error) {
    const reason = `R2 did not store the picture: ${error instanceof Error ? error.message : error}`
    return failed(deps, product, task, { reason, passes: true })
  }
  await deps.database.batch([
    statement(
      `UPDATE product_images SET status = 'stored', attempts = attempts + 1, last_error = NULL, object = ?3, type = ?4,
          bytes = ?5, stored_at = ?6
        WHERE ${UNCHANGED}`,
      product,
      task.path,
      key,
      judged.type,
      fetched.bytes.length,
      deps.now(),
    ),
  ])
  return null
}

/** Counts a failure once, whoever else has the same message; the picture that was stored before stays to be seen. */
async function failed(
  { database, now }: ImageDeps,
  product: string,
  { path, attempts }: ImageTask,
  { reason, passes }: { readonly reason: string; readonly passes: boolean },
): Promise<Again> {
  const tried = attempts + 1
  const dead = !passes || tried >= ATTEMPTS
  const at = now() + (BACK_OFF[tried - 1] ?? 0)
  const words = passes && dead ? `${cut(reason)} Tried ${tried} times.` : cut(reason)
  const [counted] = await query(
    database,
    `UPDATE product_images SET status = ?4, attempts = ?5, last_error = ?6, next_at = ?7
      WHERE ${UNCHANGED} AND attempts = ?3 RETURNING product_id`,
    product,
    path,
    attempts,
    dead ? 'dead' : 'pending',
    tried,
    words,
    at + OFFER_AGAIN,
  )
  return counted && !dead ? at : null
}

/** Not where the product has a picture again meanwhile. */
async function removeRow({ database }: ImageDeps, product: string): Promise<void> {
  await database.batch([
    statement(
      `DELETE FROM product_images WHERE product_id = ?1 AND NOT EXISTS
        (${WANTED})`,
      product,
    ),
  ])
}

/**
 * Deletes a product's objects that its row does not name: earlier pictures, and what was put by somebody whom a crash or
 * a new path kept from recording it. Each product has a folder of its own, so that this needs no count of who else uses an
 * object; equal pictures of two products lie there twice.
 *
 * Two of these may run side by side where a queue hands a message out twice. An object that one records while the other
 * deletes it is missed by one of them: whoever records looks afterwards whether it is there, and whoever deletes looks
 * afterwards whether it was recorded. Then it is fetched again.
 */
async function tidy(deps: ImageDeps, product: string): Promise<Again> {
  const { database, store, now } = deps
  const there = await keysIn(store, folderOf(product))
  const [row] = await query<{ object: string | null }>(
    database,
    'SELECT object FROM product_images WHERE product_id = ?1',
    product,
  )
  const named = row?.object ?? null
  const others = there.filter((key) => key !== named)
  if (others.length > 0) await store.delete(others)
  const lost = named !== null && !there.includes(named) && (await store.head(named)) === null ? [named] : []
  const gone = [...others, ...lost]
  if (gone.length === 0) return null
  const [reopened] = await query(
    database,
    `UPDATE product_images SET object = NULL, type = NULL, bytes = NULL, stored_at = NULL, next_at = ?3,
        attempts = iif(status = 'stored', 0, attempts), status = iif(status = 'stored', 'pending', status)
      WHERE product_id = ?1 AND object IN (SELECT value FROM json_each(?2)) RETURNING status`,
    product,
    JSON.stringify(gone),
    now(),
  )
  return reopened?.status === 'pending' ? now() : null
}

async function keysIn(store: ImageStore, prefix: string): Promise<string[]> {
  const keys: string[] = []
  for (let cursor: string | undefined; ; ) {
    const page = await store.list({ prefix, ...(cursor !== undefined && { cursor }) })
    keys.push(...page.objects.map(({ key }) => key))
    if (!page.truncated || page.cursor === undefined) return keys
    cursor = page.cursor
  }
}

/** Ends in a slash that no product's id can hold here, so that no folder begins with another one's name. */
const folderOf = (product: string): string => `products/${encodeURIComponent(product)}/`

/** The first half of SHA-256: nobody gains by making two pictures alike, and the key stays short enough to read. */
const digest = (bytes: Uint8Array): Promise<string> => sha256(new Uint8Array(bytes), 16)

/** A reason as a sentence of its own. */
const cut = (reason: string): string => {
  const text = reason.trim().slice(0, ERROR_LENGTH)
  return /[.!?]$/.test(text) ? text : `${text}.`
}

const secondsUntil = (at: number, now: number): number =>
  Math.min(LONGEST_DELAY, Math.max(1, Math.ceil((at - now) / 1_000)))
