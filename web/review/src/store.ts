import { answerTo } from './answer.ts'
import type { Store } from './database.ts'
import { type Copy, type Entry, merged, REMEMBERED } from './outbox.ts'
import { dayOf, type Kept, PENDING, type Status } from './queue.ts'
import type { Deps } from './sync.ts'
import { apply, copyIn, reading, recent, unsettled, writing } from './transaction.ts'

/** Reads, decides and stores in one transaction. */
export const changing =
  (store: Store): Deps['change'] =>
  (read, decide) =>
    writing(store, async (tx) => {
      const copy = await copyIn(tx)
      const entries = await (read === 'all' ? tx.objectStore('entries').getAll() : unsettled(tx))
      const change = decide({ copy, entries })
      await tx.objectStore('meta').put(change.copy, 'copy')
      for (const entry of change.entries) await tx.objectStore('entries').put(entry)
      for (const effect of change.effects) await apply(tx, effect, Date.now())
      return { copy: change.copy, entries: merged(entries, change.entries) }
    })

/** Stores an answer, in place of one that has not left the phone; false where the listing was removed meanwhile. */
export const storeAnswer = (store: Store, id: string, status: Status, now: number): Promise<boolean> =>
  writing(store, async (tx) => {
    const kept = await tx.objectStore('rows').get(id)
    if (!kept) return false
    const earlier = await unsettled(tx)
    for (const entry of earlier)
      if (entry.state === 'waiting' && entry.mutation.key === id)
        await tx.objectStore('entries').delete(entry.id)
    // Its key is drawn by the store.
    await tx.objectStore('entries').add({
      mutation: answerTo(kept, earlier, status, now),
      state: 'waiting',
    } as Entry)
    return true
  })

/** Takes an answer back; false where it has left the phone. */
export const withdraw = (store: Store, id: number): Promise<boolean> =>
  writing(store, async (tx) => {
    const entry = await tx.objectStore('entries').get(id)
    if (entry?.state !== 'waiting') return false
    await tx.objectStore('entries').delete(id)
    return true
  })

/** A person has seen what became of an answer. */
export const dismiss = (store: Store, id: number): Promise<void> =>
  writing(store, async (tx) => {
    const entry = await tx.objectStore('entries').get(id)
    if (entry?.state === 'rejected') await tx.objectStore('entries').delete(id)
    if (entry?.state !== 'settled' || !entry.result) return
    const { result, ...rest } = entry
    await tx.objectStore('entries').put(rest)
  })

/** What the page shows. */
export interface Look {
  readonly copy: Copy | undefined
  readonly kept: readonly Kept[]
  /** Not settled, and the last ones that are */
  readonly entries: readonly Entry[]
}

/** Rows that wait, were reviewed today, were answered lately, or are named. */
export async function look(store: Store, named: readonly string[], now: number): Promise<Look> {
  const tx = reading(store)
  const rows = tx.objectStore('rows')
  const today = IDBKeyRange.lowerBound(new Date(dayOf(now)).toISOString())
  const entries = merged(await recent(tx), await unsettled(tx))
  const keys = new Set([...named, ...entries.map(({ mutation }) => mutation.key)])
  const [pending, reviewed, ...others] = await Promise.all([
    rows.index('stage').getAll(PENDING),
    rows.index('assessed').getAll(today),
    ...[...keys].map((key) => rows.get(key)),
  ])
  const all = [...pending, ...reviewed, ...others.filter((kept) => kept !== undefined)]
  return {
    copy: (await tx.objectStore('meta').get('copy')) as Copy | undefined,
    entries,
    kept: [...new Map(all.map((kept) => [kept.id, kept])).values()],
  }
}

/** Whether there is anything to send. */
export async function hasUnsent(store: Store): Promise<boolean> {
  const index = store.transaction('entries').store.index('state')
  return (await index.count('waiting')) + (await index.count('sending')) > 0
}

/** Removes what was acknowledged so long ago that no restored server may ask for it. */
export async function forget(store: Store, now: number): Promise<void> {
  const tx = store.transaction('entries', 'readwrite')
  const old = IDBKeyRange.upperBound(now - REMEMBERED)
  for await (const cursor of tx.store.index('settled').iterate(old))
    if (cursor.value.state === 'settled') await cursor.delete()
  await tx.done
}
