import type { Store } from './database.ts'
import { sendToServer } from './server.ts'
import { changing, hasUnsent } from './store.ts'
import { type Outcome, sync } from './sync.ts'
import { draw } from './transaction.ts'

const LOCK = 'tidemark-review-sync'

/**
 * Syncs, one tab or worker at a time. Plain HTTP has no locks: two tabs may then send the same frozen bytes, which the
 * server answers alike.
 */
export function exchange(store: Store): Promise<Outcome> {
  const work = () => sync({ change: changing(store), send: sendToServer, now: Date.now, draw })
  return navigator.locks ? navigator.locks.request(LOCK, work) : work()
}

/** As `exchange`, but asks nothing where nothing waits. */
export const sendWaiting = async (store: Store): Promise<Outcome> =>
  (await hasUnsent(store)) ? exchange(store) : { type: 'done' }
