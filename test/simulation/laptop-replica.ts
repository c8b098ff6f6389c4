import { DatabaseSync } from 'node:sqlite'
import { Refusal } from '../../cli/failure.ts'
import { attach } from '../../cli/laptop/attach.ts'
import { transaction } from '../../cli/laptop/file.ts'
import { linksOf } from '../../cli/laptop/link.ts'
import { countWaiting } from '../../cli/laptop/outbox.ts'
import { type Remote, remoteOf } from '../../cli/laptop/remote.ts'
import { rowsOf } from '../../cli/laptop/rows.ts'
import { syncFile } from '../../cli/laptop/sync.ts'
import { fileOf } from '../../cli/laptop/values.ts'
import type { DeviceMutation, MutationResult } from '../../sync/protocol/device.ts'
import type { DeviceServer } from './device-world.ts'
import { type Cut, networkTo, ORIGIN } from './network.ts'
import type { Fault } from './replica.ts'

// A laptop as the command makes one: a SQLite file that a program writes with ordinary SQL, our triggers in it, and the real
// sync. The same words as `replica.ts`, so that worlds may mix phones and laptops.

type Row = Record<string, string | number | null>

export interface Laptop {
  readonly user: string
  db: DatabaseSync
  readonly clock: { offset: number }
  /** Bodies of pushes, for echoes */
  readonly sent: string[]
  /** Edits that the server answered, with what it said of them; by incarnation and number */
  readonly answered: Map<string, { readonly mutation: DeviceMutation; readonly result?: MutationResult }>
}

const PRODUCTS = `CREATE TABLE products (
  id INTEGER PRIMARY KEY, url TEXT UNIQUE NOT NULL, title TEXT, price REAL, lifecycle_stage TEXT DEFAULT 'pending_assessment',
  modesty_status TEXT, assessed_at TEXT, notes TEXT
)`

/** A program's table, and the one that it shares */
export interface Program {
  readonly sql: string
  readonly table: string
  readonly shared: string
  /** What the program calls a row by */
  readonly key?: string
}

const LISTINGS: Program = { sql: PRODUCTS, table: 'products', shared: 'listings' }

export async function newLaptop(
  user: string,
  server: DeviceServer,
  offset: number,
  { sql, table, shared }: Program = LISTINGS,
): Promise<Laptop> {
  const laptop: Laptop = {
    user,
    db: new DatabaseSync(':memory:'),
    clock: { offset },
    sent: [],
    answered: new Map(),
  }
  laptop.db.exec(sql)
  const views = await remoteOf(ORIGIN, networkTo(server, user).http).tables()
  const view = views.find(({ name }) => name === shared)
  if (!view) throw new Error(`the server shares no ${shared}`)
  await transaction(laptop.db, PATIENCE, () => attach(laptop.db, { table, view, url: ORIGIN }))
  return laptop
}

const PATIENCE = { wait: async () => undefined, say: () => undefined }

/** The file's rows as they would travel, under the server's names. */
export function seen({ db }: Laptop): Map<string, Row> {
  const [link] = linksOf(db)
  if (!link) throw new Error('the file is not attached')
  const rows = rowsOf(db, link)
  return new Map(
    rows.names().map((row) => [rows.keyOf(row), { id: rows.keyOf(row), ...(rows.file(row) as Row) }]),
  )
}

/** What a program does, in SQL as programs write it. An update of a row that is not there is none. */
export function edit(
  { db }: Laptop,
  { op, key, values = {} }: DeviceMutation,
  { table, key: called = 'url' }: Program = LISTINGS,
): void {
  if (op === 'delete') {
    db.prepare(`DELETE FROM ${table} WHERE ${called} = ?`).run(key)
    return
  }
  const given = Object.entries(values).filter(([name]) => name !== 'product_url')
  const names = given.map(([name]) => name)
  const said = given.map(([name, value]) =>
    name === 'assessed_at' ? fileOf('time', 'sql', value, null) : value,
  )
  if (op === 'insert')
    db.prepare(
      `INSERT OR REPLACE INTO ${table} (${called}, ${names.join()}) VALUES (?${', ?'.repeat(names.length)})`,
    ).run(key, ...said)
  else
    db.prepare(`UPDATE ${table} SET ${names.map((name) => `${name} = ?`).join()} WHERE ${called} = ?`).run(
      ...said,
      key,
    )
}

/** A copy of the file as it is. */
export const backUp = ({ db }: Laptop): Tables =>
  db
    .prepare(
      `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rowid`,
    )
    .all()
    .map(({ name }) => ({ name: String(name), rows: db.prepare(`SELECT * FROM ${String(name)}`).all() }))
type Tables = readonly { readonly name: string; readonly rows: readonly Record<string, unknown>[] }[]

/** The file is what it was then, marks and all. */
export function putBack({ db }: Laptop, tables: Tables): void {
  db.exec('BEGIN')
  // Marks come last: filling the table makes some of its own.
  const last = (name: string) => Number(name.startsWith('tidemark_dirty'))
  for (const { name, rows } of tables.toSorted((a, b) => last(a.name) - last(b.name))) {
    db.exec(`DELETE FROM ${name}`)
    for (const row of rows)
      db.prepare(`INSERT INTO ${name} VALUES (${Object.keys(row).map(() => '?')})`).run(
        ...(Object.values(row) as string[]),
      )
  }
  db.exec('COMMIT')
}

/** Edits that were made and did not go yet. */
export const waiting = ({ db }: Laptop, lane = 'listings'): number =>
  countWaiting(db, lane) + db.prepare('SELECT row FROM tidemark_dirty_1').all().length

const KILLED = new Error('killed')

/**
 * One sync, in which requests meet these faults in turn. `dies`: the process is killed in the middle of that transaction.
 * False: it did not come to its end.
 */
export async function syncLaptop(
  laptop: Laptop,
  server: DeviceServer,
  faults: Fault[],
  dies: number | null = null,
): Promise<boolean> {
  const network = networkTo(server, laptop.user)
  const http = remoteOf(ORIGIN, network.http)
  let killed = false
  let steps = 0
  const meet = async <T>(ask: () => Promise<T>): Promise<T> => {
    const fault = faults.shift() ?? { type: 'none' }
    network.next = () => CUTS[fault.type] ?? (fault.type === 'server dies' ? fault.crash : 'none')
    if (fault.type === 'echo' && laptop.sent.length > 0)
      await server.ask(laptop.user, 'POST', '/api/push', laptop.sent[fault.back % laptop.sent.length])
    if (killed || fault.type === 'killed before') throw die()
    const answer = await onItsWay(ask())
    if (fault.type === 'killed after') throw die()
    return answer
  }
  /** A request that a killed process had sent arrives all the same, before anything else happens. */
  const underWay: Promise<unknown>[] = []
  const onItsWay = <T>(answer: Promise<T>): Promise<T> => {
    underWay.push(answer)
    return answer
  }
  const die = () => {
    killed = true
    return KILLED
  }
  const remote: Remote = {
    ...http,
    pull: (lane, cursor) => meet(() => http.pull(lane, cursor)),
    push: (body) =>
      meet(async () => {
        laptop.sent.push(body)
        const reply = await http.push(body)
        if (reply.type === 'answered') note(laptop, body, reply.answer)
        return reply
      }),
  }
  try {
    await syncFile(laptop.db, {
      ...PATIENCE,
      remote,
      now: () => {
        // A killed process commits nothing any more.
        if (killed || steps++ === dies) throw die()
        return server.world.clock.now() + laptop.clock.offset
      },
      moved: () => undefined,
    })
    return true
  } catch (error) {
    if (error === KILLED || error instanceof Refusal) return false
    throw error
  } finally {
    await Promise.allSettled(underWay)
  }
}

const CUTS: Partial<Record<Fault['type'], Cut>> = {
  'request lost': 'before',
  'answer lost': 'after',
  twice: 'twice',
}

function note(
  { answered }: Laptop,
  body: string,
  { last, results = [] }: { last: number; results?: readonly MutationResult[] | undefined },
): void {
  const {
    incarnation,
    first = 1,
    mutations,
  } = JSON.parse(body) as {
    incarnation: string
    first?: number
    mutations: DeviceMutation[]
  }
  for (const [i, mutation] of mutations.entries()) {
    const result = results.find(({ n }) => n === first + i)
    if (first + i <= last)
      answered.set(`${incarnation} ${first + i}`, { mutation, ...(result && { result }) })
  }
}
