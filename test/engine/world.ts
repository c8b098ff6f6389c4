import { readdirSync, readFileSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import type { Database, Row, SqlValue } from '../../db/database.ts'
import { openSqlite, sqliteDatabase } from '../../db/node/sqlite.ts'
import type { System } from '../../sync/engine/declare.ts'
import { createLane, type LaneCore } from '../../sync/engine/lane.ts'
import type { Answer, Engine, Page, Part, Remote, RemoteContext, RemoteRow } from '../../sync/engine/ports.ts'
import type { RunRequest } from '../../sync/protocol/lane.ts'
import type { LiveEvent } from '../../sync/protocol/runs.ts'
import { systems } from '../../sync/systems/index.ts'

/** The project's migrations, in order. */
export const migrations = readdirSync('migrations')
  .filter((name) => name.endsWith('.sql'))
  .sort()
  .map((name) => readFileSync(`migrations/${name}`, 'utf8'))

/** A clock that moves when it is told to. */
export interface TestClock {
  now(): number
  set(at: number): void
  advance(ms: number): void
}

export function testClock(start = Date.UTC(2026, 10, 21, 9, 0, 0)): TestClock {
  let at = start
  return {
    now: () => at,
    set: (to) => {
      at = Math.max(at, to)
    },
    advance: (ms) => {
      at += ms
    },
  }
}

/** Ids that count up. They sort by age, as real ones do. */
export function testIds(prefix = 'id'): { next(): string } {
  let n = 0
  return { next: () => `${prefix}${String(++n).padStart(6, '0')}` }
}

/** The same sequence for the same seed (a linear congruential generator: Numerical Recipes' constants). */
export function testRandom(seed = 1): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

/** What outlives an instance of a lane: the database, the object's storage, and its alarm. */
export interface Durable {
  readonly file: DatabaseSync
  readonly database: Database
  readonly storage: Map<string, unknown>
  readonly clock: TestClock
  alarm: number | null
}

export function durable(clock = testClock()): Durable {
  const file = openSqlite(migrations)
  return { file, database: sqliteDatabase(file), storage: new Map(), clock, alarm: null }
}

export interface Instance {
  readonly lane: LaneCore
  readonly engine: Engine
  readonly events: LiveEvent[]
  readonly abandoned: string[]
}

/** A world as an instance of a lane needs it: its database may be another one. */
export type Outlasting = Omit<Durable, 'file'>

/** An instance of a lane's object over what is durable. `wrap` may replace parts of the engine (faults, crashes). */
export function instance(
  world: Outlasting,
  name: string,
  remotes: (name: string) => Remote,
  wrap: (engine: Engine) => Engine = (engine) => engine,
  ids = testIds(),
  declared: readonly System[] = systems,
): Instance {
  const events: LiveEvent[] = []
  const abandoned: string[] = []
  const engine = wrap({
    database: world.database,
    clock: world.clock,
    ids,
    random: testRandom(),
    log: () => undefined,
    remotes,
    beforeBatch: async () => undefined,
  })
  const lane = createLane(name, {
    engine,
    systems: declared,
    loadEpoch: async () => Number(world.storage.get('epoch') ?? 0),
    saveEpoch: async (epoch) => void world.storage.set('epoch', epoch),
    setAlarm: async (at) => {
      world.alarm = at
    },
    broadcast: (event) => events.push(event),
    abandon: (reason) => void abandoned.push(reason),
    offerEvents: async () => undefined,
  })
  return { lane, engine, events, abandoned }
}

/** Runs alarms, moving the clock to each, until none is set. */
export async function drain(world: Outlasting, lane: LaneCore, most = 500): Promise<void> {
  for (let i = 0; world.alarm !== null; i++) {
    if (i >= most) throw new Error(`still busy after ${most} alarms`)
    world.clock.set(world.alarm)
    world.alarm = null
    await lane.alarm()
  }
}

export const syncRequest = (over: Partial<RunRequest> = {}): RunRequest => ({
  link: 'smart-sync.sheet',
  scope: 'w1',
  parts: null,
  trigger: 'manual',
  full: false,
  actor: 'ann',
  ...over,
})

/** Rows of a query, for looking. */
export const rows = (world: Pick<Durable, 'file'>, sql: string, ...params: SqlValue[]): Row[] =>
  world.file
    .prepare(sql)
    .all(...params)
    .map((row) => ({ ...(row as Row) }))

/** A workspace w1 with projects p1 … pn. */
export function seed(world: Durable, projects = 1, over: Partial<Row> = {}): void {
  world.file.exec(`INSERT INTO workspaces VALUES ('w1', 'Demo', 'sheet-1')`)
  const insert = world.file.prepare(
    'INSERT INTO projects (id, workspace_id, name, active, tab, time_zone, owner, write_back) VALUES (?, ?, ?, 1, ?, ?, ?, ?)',
  )
  for (let i = 1; i <= projects; i++)
    insert.run(
      `p${i}`,
      'w1',
      `Project ${i}`,
      `Project ${i}`,
      String(over.time_zone ?? 'UTC'),
      null,
      Number(over.write_back ?? 0),
    )
}

/** A remote that is a table in memory: what a person typed, by part. Faults are scripted by `fail`. */
export interface FakeRemote extends Remote {
  readonly tabs: Map<string, Record<string, SqlValue>[]>
  stamp: number
  reads: number
  probes: number
  /** Answers in place of the next calls */
  readonly fail: Answer<never>[]
  pinned: Set<string>
}

/** Rows of a page, where the remote is read page by page */
const PAGE = 20

export function fakeRemote(): FakeRemote {
  const take = (): Answer<never> | undefined => remote.fail.shift()
  const remote: FakeRemote = {
    tabs: new Map(),
    stamp: 1,
    reads: 0,
    probes: 0,
    fail: [],
    pinned: new Set(),
    async probe(context: RemoteContext) {
      context.called('drive')
      remote.probes++
      return take() ?? { ok: true, value: String(remote.stamp) }
    },
    async read(context: RemoteContext, part: Part, cursor: string | null): Promise<Answer<Page>> {
      context.called('read')
      remote.reads++
      const fault = take()
      if (fault) return fault
      const all = remote.tabs.get(part.id) ?? []
      // A list that is read page by page asks for pages by number.
      const page = cursor === null ? null : Number(cursor)
      const pages = Math.max(1, Math.ceil(all.length / PAGE))
      const list = page === null ? all : all.slice((page - 1) * PAGE, page * PAGE)
      return {
        ok: true,
        value: {
          part: part.id,
          rows: list.flatMap((values, position): RemoteRow[] => {
            const url = values.profile_url
            const row = typeof url === 'string' ? { ...values, profile_url_key: url.toLowerCase() } : values
            const pinned = Object.keys(values).filter((column) => remote.pinned.has(`${url}.${column}`))
            return [{ position, values: row, pinned }]
          }),
          warnings: [],
          where: (position, column) => `${part.name}!${column ?? ''}${position + 2}`,
          next: null,
          ...(page === null ? {} : { total: all.length, pages, stamp: String(remote.stamp) }),
        },
      }
    },
    async detail() {
      return { ok: true, value: { rows: new Map(), failed: new Map() } }
    },
    async write(_context, part, changes) {
      const list = remote.tabs.get(part.id) ?? []
      for (const change of changes) {
        const row = list.find((r) => String(r.profile_url).toLowerCase() === change.match.profile_url_key)
        if (row) row[change.column] = change.value
      }
      remote.stamp++
      return { ok: true, value: { written: changes.length, theirs: [], repaired: 0, warnings: [] } }
    },
  }
  return remote
}
