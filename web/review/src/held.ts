import type { Store } from './database.ts'
import { afterFork, type Entry } from './outbox.ts'
import type { Person } from './server.ts'
import { copyIn, draw, unsettled, type Writing, writing } from './transaction.ts'

/** Answers of one person on a phone where another one has signed in. Nothing leaves until somebody says under whose name. */
export interface Held {
  readonly of: Person
  readonly by: Person
}

/**
 * Notes who is signed in. A life of its own for each person: what one has sent is not offered again under the name of
 * another. Signing in again as who gave the answers lets them go.
 */
export const welcome = (store: Store, by: Person): Promise<Held | null> =>
  writing(store, async (tx) => {
    const meta = tx.objectStore('meta')
    const held = (await meta.get('held')) as Held | undefined
    const before = (await meta.get('person')) as Person | undefined
    const of = held?.of ?? before
    await meta.put(by, 'person')
    await meta.delete('held')
    if (!of || of.user === by.user) return null
    if ((await unsent(tx)).length === 0) {
      await beginAnew(tx)
      return null
    }
    await meta.put({ of, by }, 'held')
    return { of, by }
  })

/** A person's word: they leave under the name of who is signed in, or are forgotten. */
export const release = (store: Store, how: 'send' | 'discard'): Promise<void> =>
  writing(store, async (tx) => {
    if (!(await tx.objectStore('meta').get('held'))) return
    await beginAnew(tx)
    if (how === 'discard') for (const { id } of await unsent(tx)) await tx.objectStore('entries').delete(id)
    await tx.objectStore('meta').delete('held')
  })

async function beginAnew(tx: Writing): Promise<void> {
  const { copy, entries } = afterFork(await copyIn(tx), await unsettled(tx), draw())
  await tx.objectStore('meta').put(copy, 'copy')
  for (const entry of entries) await tx.objectStore('entries').put(entry)
}

const unsent = async (tx: Writing): Promise<Entry[]> =>
  (await unsettled(tx)).filter(({ state }) => state !== 'rejected')
