import { getMeta, type Store } from './database.ts'
import { welcome } from './held.ts'
import type { DeviceRequest } from './outbox.ts'
import { ask, type Person, sendToServer } from './server.ts'
import { changing, hasUnsent } from './store.ts'
import { type Outcome, type Reply, sync } from './sync.ts'
import { draw } from './transaction.ts'

const LOCK = 'tidemark-review-sync'

/**
 * Syncs, one tab or worker at a time. Plain HTTP has no locks: two tabs may then send the same frozen bytes, which the
 * server answers alike.
 */
export const exchange = (store: Store): Promise<Outcome> =>
  alone(() =>
    sync({
      change: changing(store),
      send: (request) => sendFrom(store, request),
      isOnline: () => navigator.onLine,
      now: Date.now,
      draw,
    }),
  )

/** Nothing is sent meanwhile. */
export const alone = <T>(work: () => Promise<T>): Promise<T> =>
  navigator.locks ? navigator.locks.request(LOCK, work) : work()

async function sendFrom(store: Store, request: DeviceRequest): Promise<Reply> {
  if (await getMeta(store, 'held')) return { type: 'held' }
  const reply = await sendToServer(request)
  if (reply.type !== 'forked') return reply
  // The server calls this copy somebody else's: another page of this browser may have signed somebody else in.
  const asked = await ask<Person>('GET', '/api/session')
  if (!asked.ok) return asked.status === 401 ? { type: 'out' } : { type: 'away', detail: 'No answer came.' }
  const { name, user } = asked.value
  return (await welcome(store, { name, user })) ? { type: 'held' } : reply
}

/** As `exchange`, but asks nothing where nothing waits. */
export const sendWaiting = async (store: Store): Promise<Outcome> =>
  (await hasUnsent(store)) ? exchange(store) : { type: 'done' }
