import type { IDBPTransaction } from 'idb'
import { LANE, type Schema, type Store } from './database.ts'
import { type Copy, type Effect, type Entry, newCopy, type Values } from './outbox.ts'

const STORES = ['rows', 'entries', 'meta'] as const
export type Reading = IDBPTransaction<Schema, typeof STORES, 'readonly' | 'readwrite'>
export type Writing = IDBPTransaction<Schema, typeof STORES, 'readwrite'>

/** Answers kept at hand for undo. */
const RECENT = 50

export const reading = (store: Store): Reading => store.transaction(STORES) as Reading

/** All of it or nothing. Rejects where the browser refuses to store. */
export async function writing<T>(store: Store, work: (tx: Writing) => Promise<T>): Promise<T> {
  // Strict: on the disk before anything is shown as answered.
  const tx = store.transaction(STORES, 'readwrite', { durability: 'strict' })
  try {
    const value = await work(tx)
    await tx.done
    return value
  } catch (error) {
    tx.done.catch(() => {})
    try {
      tx.abort()
    } catch {
      // It has aborted by itself.
    }
    throw error
  }
}

/** 128 random bits. Not crypto.randomUUID: plain HTTP has none. */
export const draw = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')

/** Made where it is missing: the copy's life begins with the first request. */
export async function copyIn(tx: Reading): Promise<Copy> {
  return ((await tx.objectStore('meta').get('copy')) as Copy | undefined) ?? newCopy(LANE, draw())
}

export async function unsettled(tx: Reading): Promise<Entry[]> {
  const index = tx.objectStore('entries').index('state')
  const states = ['waiting', 'sending', 'rejected'] as const
  return (await Promise.all(states.map((state) => index.getAll(state)))).flat()
}

export async function recent(tx: Reading): Promise<Entry[]> {
  const found: Entry[] = []
  let cursor = await tx.objectStore('entries').openCursor(null, 'prev')
  while (cursor && found.length < RECENT) {
    found.push(cursor.value)
    cursor = await cursor.continue()
  }
  return found
}

export async function apply(tx: Writing, effect: Effect, now: number): Promise<void> {
  const rows = tx.objectStore('rows')
  if (effect.type === 'edit') return edit(tx, effect)
  if (effect.type === 'sweep') {
    for await (const cursor of rows.iterate())
      if (cursor.value.reading < effect.reading && !effect.keep.includes(cursor.key)) await cursor.delete()
    return
  }
  const { columns, rows: given, deleted } = effect.table
  for (const cells of given) {
    const row: Values = Object.fromEntries(columns.map((column, i) => [column, cells[i] ?? null]))
    const id = String(row.id)
    const came = (await rows.get(id))?.came ?? now
    await rows.put({ id, row, came, reading: effect.reading })
  }
  for (const id of deleted) await rows.delete(id)
}

/** The row as the server says that it stands after the mutation. Another name of it replaces this one. */
async function edit(tx: Writing, { mutation, result }: Extract<Effect, { type: 'edit' }>): Promise<void> {
  const rows = tx.objectStore('rows')
  const kept = await rows.get(mutation.key)
  if (!kept) return
  const id = result?.key ?? mutation.key
  const taken = result?.status === 'conflict' ? {} : mutation.values
  if (id !== mutation.key) await rows.delete(mutation.key)
  await rows.put({ ...kept, id, row: { ...kept.row, ...taken, ...result?.set, id } })
}
