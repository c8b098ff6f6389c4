import type { DeviceMutation } from '../../sync/protocol/device.ts'
import { Refusal } from '../failure.ts'
import { newIncarnation } from './attach.ts'
import { same } from './edit.ts'
import { named, type Sqlite, transaction } from './file.ts'
import { renew } from './layout.ts'
import { type Link, linksOf } from './link.ts'
import { countWaiting, laneOf } from './outbox.ts'
import {
  type Columns,
  digestOfPlan,
  type FileChange,
  type FilePlan,
  type LanePlan,
  type Send,
} from './plan.ts'
import { withCopies } from './plan-copy.ts'
import { dryRemote, type Recorded } from './plan-remote.ts'
import { rowsOf } from './rows.ts'
import { type SyncDeps, syncFile } from './sync.ts'

/** Looks at a lane that changed meanwhile, before it is told to be restless */
const LOOKS = 4

/** Exactly what a sync of the file would do, without doing it: neither here nor on the server is anything changed. */
export async function planOfFile(
  db: Sqlite,
  file: string,
  deps: SyncDeps,
  only?: readonly string[],
): Promise<FilePlan> {
  const plans = await recordedPlans(db, deps, only)
  return { file, lanes: plans.map(({ plan }) => plan) }
}

export interface PlannedLane {
  readonly plan: LanePlan
  readonly recorded: Recorded
}

export async function recordedPlans(
  db: Sqlite,
  deps: SyncDeps,
  only?: readonly string[],
): Promise<PlannedLane[]> {
  for (let look = 1; ; look++)
    try {
      return await withCopies(db, deps, (copy, before) => plansOf(copy, before, deps, only))
    } catch (error) {
      const isRestless = error instanceof Refusal && error.problem.type === 'urn:tidemark:cli:restless'
      if (!isRestless || look === LOOKS) throw error
    }
}

async function plansOf(
  copy: Sqlite,
  before: Sqlite,
  deps: SyncDeps,
  only: readonly string[] | undefined,
): Promise<PlannedLane[]> {
  await transaction(before, deps, () => renew(before))
  const links = linksOf(before).filter(
    ({ shared, local }) => only === undefined || only.includes(shared) || only.includes(local),
  )
  const planned: PlannedLane[] = []
  for (const [lane, of] of Map.groupBy(links, (link) => link.lane)) {
    const recorded: Recorded = { version: null, mutations: [], results: [], shown: new Map() }
    const paused = await dryRun(copy, deps, { lane, links: of, recorded })
    const plan = {
      lane,
      tables: of.map(({ shared }) => shared),
      version: recorded.version,
      cursor: laneOf(before, lane).cursor,
      sends: sendsOf(recorded),
      changes: of.flatMap((link) => changesIn(before, copy, link)),
      left: countWaiting(copy, lane),
      paused,
    }
    planned.push({ plan: { ...plan, digest: digestOfPlan(plan) }, recorded })
  }
  return planned
}

/** A sync of the copy of one lane, recorded. Answers why an operator switched the lane off, or null. */
async function dryRun(
  copy: Sqlite,
  deps: SyncDeps,
  { lane, links, recorded }: { lane: string; links: readonly Link[]; recorded: Recorded },
): Promise<string | null> {
  const remote = dryRemote(deps.remote, recorded)
  const ask = () => remote.push(JSON.stringify({ lane, incarnation: newIncarnation(), mutations: [] }))
  const first = await ask()
  if (first.type === 'paused') return first.reason
  const only = links.map(({ shared }) => shared)
  await syncFile(copy, { ...deps, remote, moved: () => {}, single: true }, only)
  // What was read page by page is of one version only if the lane still stands there.
  await ask()
  return null
}

function sendsOf({ mutations, results }: Recorded): Send[] {
  const said = new Map(results.map(({ n, ...result }) => [n, result]))
  return mutations.map(({ table, key, op, values = {}, base = {} }: DeviceMutation, i) => ({
    table,
    key,
    op,
    columns: Object.fromEntries(
      Object.keys(op === 'delete' ? base : values).map((name) => [
        name,
        { before: base[name] ?? null, after: values[name] ?? null },
      ]),
    ),
    result: said.get(i) ?? { status: 'applied' },
  }))
}

/** Rows of a table that differ between two files, by the columns that are linked. */
function changesIn(before: Sqlite, after: Sqlite, link: Link): FileChange[] {
  const now = linksOf(after).find(({ id }) => id === link.id)
  if (!now || !exists(before, link.local)) return []
  const [was, is] = [rowsOf(before, link), rowsOf(after, now)]
  const changed = changedRows(before, after, link, now)
  return changed.flatMap((row): FileChange[] => {
    const [old, fresh] = [was.file(row), is.file(row)]
    const columns: Columns = Object.fromEntries(
      link.columns
        .filter(({ name }) => !same(old?.[name], fresh?.[name]))
        .map(({ name }) => [name, { before: old?.[name] ?? null, after: fresh?.[name] ?? null }]),
    )
    if (old && fresh && Object.keys(columns).length === 0) return []
    const op = old ? (fresh ? 'update' : 'delete') : 'insert'
    return [{ table: link.local, row, op, columns }]
  })
}

/** Names of rows that are not alike; the files are compared as a whole, by what stands in them. */
function changedRows(before: Sqlite, after: Sqlite, link: Link, now: Link): string[] {
  const text = ({ local, key, columns }: Link) => {
    const cells = columns.map((column) => named(column.local)).join(', ')
    return `SELECT CAST(${named(key)} AS TEXT) AS row, ${cells} FROM ${named(local)} WHERE typeof(${named(key)}) NOT IN ('null', 'blob')`
  }
  const digests = (db: Sqlite, of: Link) => {
    const statement = db.prepare(text(of))
    statement.setReadBigInts(true)
    const found = new Map<string, string>()
    for (const raw of statement.iterate())
      found.set(
        String(raw.row),
        JSON.stringify(Object.values(raw), (_name, value) => plain(value)),
      )
    return found
  }
  const [was, is] = [digests(before, link), digests(after, now)]
  return [...new Set([...was.keys(), ...is.keys()])].filter((row) => was.get(row) !== is.get(row)).sort()
}

const plain = (value: unknown): unknown => (typeof value === 'bigint' ? `${value}n` : value)

const exists = (db: Sqlite, table: string): boolean =>
  db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ? COLLATE NOCASE").get(table) !==
  undefined
