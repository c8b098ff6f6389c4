import { type DBSchema, type IDBPDatabase, openDB } from 'idb'
import type { Copy, Entry } from './outbox.ts'
import type { Kept, Status } from './queue.ts'
import type { Person } from './server.ts'
import type { Visit } from './visit.ts'

/** The lane that reviewers share. */
export const LANE = 'listings'
const NAME = 'tidemark-review'

interface Meta {
  copy: Copy
  rules: readonly Status[]
  visit: Visit
  person: Person
}

export interface Schema extends DBSchema {
  rows: { key: string; value: Kept; indexes: { stage: string; assessed: string } }
  entries: { key: number; value: Entry; indexes: { state: Entry['state']; settled: number } }
  meta: { key: keyof Meta; value: Meta[keyof Meta] }
}

export type Store = IDBPDatabase<Schema>

/** Opens the phone's copy; rejects where the browser refuses to store. */
export function openStore(): Promise<Store> {
  return openDB<Schema>(NAME, 1, {
    upgrade(database) {
      const rows = database.createObjectStore('rows', { keyPath: 'id' })
      rows.createIndex('stage', 'row.lifecycle_stage')
      rows.createIndex('assessed', 'row.assessed_at')
      const entries = database.createObjectStore('entries', { keyPath: 'id', autoIncrement: true })
      entries.createIndex('state', 'state')
      entries.createIndex('settled', 'settledAt')
      database.createObjectStore('meta')
    },
    // Another tab brings a newer shape of the copy: it waits until this one lets go.
    blocking: (_from, _to, event) => (event.target as IDBDatabase).close(),
  })
}

export async function getMeta<Name extends keyof Meta>(
  store: Store,
  name: Name,
): Promise<Meta[Name] | undefined> {
  return (await store.get('meta', name)) as Meta[Name] | undefined
}

export const putMeta = <Name extends keyof Meta>(store: Store, name: Name, value: Meta[Name]) =>
  store.put('meta', value, name)
