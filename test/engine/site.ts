import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Row, SqlValue } from '../../db/database.ts'
import type { System } from '../../sync/engine/declare.ts'
import type { Remote } from '../../sync/engine/ports.ts'
import type {
  ChangeAnswer,
  Mutation,
  MutationAnswer,
  Plan,
  Proposal,
  Push,
} from '../../sync/protocol/lane.ts'
import { systems } from '../../sync/systems/index.ts'
import { type Durable, drain, durable, instance, syncRequest, testIds } from './world.ts'

// A collection with a unique field in its real lane over SQLite, and devices that edit it.

/** An edit as a device says it */
export type Said = readonly [op: 'insert' | 'update' | 'delete', key: string, values?: Row, base?: Row]

const none = (): never => {
  throw new Error('there is no remote')
}

export interface SiteOptions {
  /** The collection, whose lane is named as it */
  readonly table?: string
  readonly declared?: readonly System[]
  /** Statements that make what the declarations need beyond the migrations */
  readonly schema?: string
  readonly remotes?: (name: string) => Remote
}

export function site({
  table = 'admins',
  declared = systems,
  schema = '',
  remotes = none,
}: SiteOptions = {}) {
  const world = durable()
  world.file.exec(schema)
  const ids = testIds()
  const { lane } = instance(world, table, remotes, undefined, ids, declared)
  const next = new Map<string, number>()
  const rows = (sql: string, ...params: SqlValue[]): Row[] => world.file.prepare(sql).all(...params) as Row[]
  async function pushAt(
    device: string,
    saidAt: number,
    ...edits: readonly Said[]
  ): Promise<readonly MutationAnswer[]> {
    const first = next.get(device) ?? 1
    const answer = await lane.push(pushOf(table, device, first, edits, saidAt))
    if (answer.type === 'failed') throw new Error(answer.failure.detail)
    next.set(device, first + edits.length)
    return answer.results
  }
  const change = (
    proposal: Proposal,
    more: { dryRun?: boolean; expect?: string } = {},
  ): Promise<ChangeAnswer> =>
    lane.change({ actor: 'boss', origin: 'person', proposal, dryRun: false, ...more })
  return {
    world,
    lane,
    rows,
    /** Edits of a device, as they come */
    push: (device: string, ...edits: readonly Said[]) => pushAt(device, world.clock.now(), ...edits),
    /** Edits that were made at another time than now */
    pushAt,
    admins: () => rows('SELECT id, username, name FROM admins WHERE deleted_at IS NULL ORDER BY id'),
    conflicts: () =>
      rows(
        'SELECT id, key, kind, op, col, holder, theirs, resolution FROM conflicts ORDER BY opened_at, version, id',
      ),
    version: () => Number(rows('SELECT version FROM lanes WHERE lane = ?', table)[0]?.version ?? 0),
    change,
    /** The proposal as it is applied: anything else throws */
    async applied(proposal: Proposal): Promise<Plan> {
      const answer = await change(proposal)
      if (answer.type !== 'applied')
        throw new Error(answer.type === 'failed' ? answer.failure.detail : answer.type)
      return answer.plan
    },
    /** A run of a link, to its end; answers its id */
    async run(link: string, scope: string, full = false): Promise<string> {
      const answer = await lane.request(syncRequest({ link, scope, full }))
      if (answer.type === 'skipped') throw new Error(answer.reason)
      await drain(world, lane)
      return answer.runId
    },
  }
}

export function pushOf(
  table: string,
  device: string,
  first: number,
  edits: readonly Said[],
  at: number,
): Push {
  return {
    id: '',
    actor: device,
    origin: `device:${device}`,
    device: { incarnation: device, owner: 'ann', first },
    mutations: edits.map(
      ([op, key, values = {}, base = {}]): Mutation => ({ type: 'edit', table, op, key, values, base, at }),
    ),
  }
}

/** All that the database holds, table by table: for "nothing was written". */
export function dump({ file }: Pick<Durable, 'file'>): Record<string, Row[]> {
  const reads = readers.get(file) ?? readersOf(file)
  readers.set(file, reads)
  return Object.fromEntries([...reads].map(([name, read]) => [name, read.all() as Row[]]))
}

const readers = new WeakMap<DatabaseSync, Map<string, StatementSync>>()

const readersOf = (file: DatabaseSync): Map<string, StatementSync> =>
  new Map(
    file
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
      .all()
      .map(({ name }) => [String(name), file.prepare(`SELECT * FROM ${String(name)}`)]),
  )

export type Site = ReturnType<typeof site>
