import { type Filling, fillStore } from './demo-data.ts'
import { type ListName, lists, type Row, type Value } from './lists.ts'
import { isoTime } from './orders.ts'
import type { Sessions } from './sessions.ts'
import type { Store } from './store.ts'

/** A row as a person types it; orders take `lines`, `note` and `ddt` with it. */
export type TypedRow = Readonly<Record<string, Value | readonly Readonly<Record<string, Value>>[]>>

/** Whose list it is; may be absent for lists that all share, and where there is one user only. */
export interface Whose {
  readonly user?: string
}

interface Parts {
  readonly store: Store
  readonly sessions: Sessions
  readonly clock: () => number
  readonly setLatency: (ms: number) => void
}

/** What people do in the ERP. */
export function createPerson({ store, sessions, clock, setLatency }: Parts) {
  function userFor(list: ListName, { user }: Whose): string {
    if (!lists[list].perUser) return ''
    const users = sessions.users()
    if (user === undefined && users.length !== 1) throw new Error(`Say whose ${list} these are: { user }`)
    const name = user ?? users[0] ?? ''
    if (!users.includes(name)) throw new Error(`The ERP has no user ${name}`)
    return name
  }

  /** Inserts a row, or changes the fields that are given of the row with that key. */
  function put(list: ListName, typed: TypedRow, whose: Whose = {}): void {
    const { key, fields } = lists[list]
    const user = userFor(list, whose)
    const { lines, note, ddt, ...rest } = typed
    const row = rest as Record<string, Value>
    const id = row[key]
    if (id === undefined || id === null || id === '') throw new Error(`A row of ${list} needs its ${key}`)
    const before = store.state(list, user).byKey.get(String(id))
    const modified = fields.some(({ name }) => name === 'modified') && {
      // A time that somebody sets is kept; one that merely came along with the row is not.
      modified: row.modified && row.modified !== before?.modified ? row.modified : isoTime(clock()),
    }
    store.put(list, user, { ...before, ...row, ...modified })
    if (list !== 'orders') return
    const was = store.detail(user, String(id))
    store.setDetail(user, String(id), {
      lines: rowsOf(lines) ?? was?.lines ?? [],
      note: note === undefined ? (was?.note ?? null) : (note as string | null),
      ddt: rowsOf(ddt) ?? was?.ddt ?? [],
    })
  }

  return {
    put,
    addUser: sessions.addUser,
    removeUser: sessions.removeUser,
    expireSessions: sessions.expireAll,
    /** Milliseconds that every answer takes */
    setLatency,
    /** Demo data for everybody in place of what was there; the same every time. */
    fill: (filling: Filling): void => fillStore(store, sessions.users(), filling, clock()),
    remove: (list: ListName, id: string, whose: Whose = {}): void => {
      store.remove(list, userFor(list, whose), id)
    },
    /** Places a row at an index (from 0), whatever the sort order says. */
    move: (list: ListName, id: string, to: number, whose: Whose = {}): void => {
      store.move(list, userFor(list, whose), id, to)
    },
    /** Sets the whole order; rows that aren't named follow as they stood. */
    order: (list: ListName, ids: readonly string[], whose: Whose = {}): void => {
      store.order(list, userFor(list, whose), ids)
    },
    /** The rows as they stand, in order. */
    rows: (list: ListName, whose: Whose = {}): readonly Row[] => [
      ...store.state(list, userFor(list, whose)).rows,
    ],
  }
}

function rowsOf(value: TypedRow[string]): readonly Row[] | null {
  return Array.isArray(value) ? (value as readonly Row[]) : null
}
