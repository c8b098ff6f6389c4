import type { Row, Statement } from '../../db/database.ts'
import type { Failure } from '../protocol/failures.ts'
import type { ChangeAnswer, ChangeRequest, Plan, Proposal } from '../protocol/lane.ts'
import { autoResolve, namesFor } from './auto-resolve.ts'
import { conflictOf, isEmpty, type StoredConflict } from './changes.ts'
import { commit, type Fence } from './commit.ts'
import type { LinkDeclaration, TableDeclaration } from './declare.ts'
import { conflictEvents, loggedConflict } from './events.ts'
import { type Ask, readFacts, workOf } from './facts.ts'
import { pinOwned } from './pin-owned.ts'
import { planOf } from './plan-view.ts'
import type { Engine } from './ports.ts'
import { type Resolution, resolve } from './resolve.ts'
import { restore } from './restore.ts'
import { sidesOf } from './sides.ts'
import { type Past, type Skip, undo } from './undo.ts'
import { changesetOf, type Work } from './work.ts'

/** What a lane knows of what it holds. */
export interface Declared {
  readonly tables: ReadonlyMap<string, TableDeclaration>
  readonly links: readonly LinkDeclaration[]
}

/** What is asked before a proposal can be worked out, and how that is done: pure but for the work. */
interface Prepared {
  readonly asks: readonly Ask[]
  readonly work: (work: Work) => Failure | readonly Skip[]
}

/**
 * Plans a proposal against the lane as it stands, or applies it in one commit. With `expect`, only the plan of that digest is
 * applied: anything else is answered `moved`. A proposal that is applied again finds nothing left to do. `stale`: the lane has
 * another holder.
 */
export async function applyChange(
  engine: Engine,
  declared: Declared,
  fence: Fence,
  { actor, origin, proposal, dryRun, expect }: ChangeRequest,
): Promise<{ type: 'stale' } | { type: 'answer'; answer: ChangeAnswer; fence: Fence }> {
  const answered = (answer: ChangeAnswer, now = fence) => ({ type: 'answer' as const, answer, fence: now })
  const prepared = await prepare(engine, declared, fence.lane, proposal, actor)
  if ('type' in prepared) return answered({ type: 'failed', failure: prepared })
  const at = engine.clock.now()
  const facts = await readFacts(engine.database, fence.lane, prepared.asks)
  const work = workOf(declared.tables, facts, { actor, now: at })
  const skips = prepared.work(work)
  if ('type' in skips) return answered({ type: 'failed', failure: skips })
  const set = changesetOf(work, true)
  const plan: Plan = planOf(fence.lane, set, skips, declared.links)
  const { version } = fence
  if (dryRun) return answered({ type: 'planned', version, plan })
  // Sent again after it was done, there is nothing left to do, and nothing that could be done otherwise.
  if (isEmpty(set)) return answered({ type: 'applied', version, plan })
  if (expect !== undefined && expect !== plan.digest) return answered({ type: 'moved', version, plan })
  await engine.beforeBatch()
  const done = await commit(engine.database, {
    id: engine.ids.next(),
    fence,
    set,
    link: '',
    scope: '',
    origin,
    actor,
    runId: null,
    at,
    extra: conflictEvents(
      set.conflicts,
      { lane: fence.lane, runId: null, commit: `${fence.lane}_${version + 1}` },
      at,
    ),
  })
  if (done.type === 'stale') return { type: 'stale' }
  if (done.type === 'violation')
    return answered({
      type: 'failed',
      failure: {
        type: 'conflict',
        detail: `Two rows would hold one unique value: ${done.detail}`,
        mend: 'Undo or restore fewer rows at once.',
      },
    })
  engine.log('commit', {
    lane: fence.lane,
    proposal: proposal.type,
    actor,
    version: done.version,
    rows: set.changes.length,
    rowsWritten: done.rowsWritten,
  })
  for (const conflict of set.conflicts)
    engine.log('conflict.opened', { lane: fence.lane, ...loggedConflict(conflict) })
  return answered({ type: 'applied', version: done.version, plan }, { ...fence, version: done.version })
}

function prepare(
  engine: Engine,
  declared: Declared,
  lane: string,
  proposal: Proposal,
  actor: string,
): Promise<Prepared | Failure> {
  if (proposal.type === 'resolve') return prepareResolve(engine, declared, lane, proposal, actor)
  if (proposal.type === 'auto') return prepareAuto(engine, declared, lane, proposal)
  if (proposal.type === 'undo') return prepareUndo(engine, declared, lane, proposal)
  return prepareRestore(engine, declared, lane, proposal)
}

async function prepareResolve(
  engine: Engine,
  declared: Declared,
  lane: string,
  proposal: Extract<Proposal, { type: 'resolve' }>,
  actor: string,
): Promise<Prepared | Failure> {
  const [found] = await engine.database.batch([
    { sql: 'SELECT * FROM conflicts WHERE id = ?1 AND lane = ?2', params: [proposal.conflict, lane] },
  ])
  const [row] = found?.rows ?? []
  if (!row) return { type: 'not_found', detail: `There is no conflict ${proposal.conflict}.` }
  const conflict = conflictOf(row)
  if (conflict.resolvedAt !== null) {
    const again = conflict.resolution === proposal.strategy && conflict.resolvedBy === actor
    if (again) return { asks: [], work: () => [] }
    return {
      type: 'conflict',
      detail: `It was settled already: ${conflict.resolution} by ${conflict.resolvedBy}.`,
      mend: 'Undo that first, if it should end otherwise.',
    }
  }
  const how: Resolution = {
    strategy: proposal.strategy,
    newValue: proposal.newValue,
    values: proposal.values && { ...proposal.values },
    notes: proposal.notes,
  }
  const { newValue } = how
  const said =
    newValue === undefined
      ? []
      : (declared.tables.get(conflict.tbl)?.unique ?? []).map(({ column }): Row => ({ [column]: newValue }))
  return {
    asks: asksOf(declared, [conflict], [...said, how.values ?? {}]),
    work: (work) => {
      const failure = resolve(work, conflict, how)
      if (failure) return failure
      // A remote that disputes would bring its value back.
      if (conflict.link !== '')
        pinOwned(work, declared.links, `settled: ${how.strategy}`, shownBy(declared, conflict))
      return []
    },
  }
}

/** What the remote shows that disputes: it does not come between. */
function shownBy({ tables }: Declared, conflict: StoredConflict): Row | null {
  const table = tables.get(conflict.tbl)
  return table ? sidesOf(conflict, table).theirs : null
}

async function prepareAuto(
  engine: Engine,
  declared: Declared,
  lane: string,
  { max, table }: Extract<Proposal, { type: 'auto' }>,
): Promise<Prepared> {
  const [found] = await engine.database.batch([
    {
      sql: `SELECT * FROM conflicts WHERE lane = ?1 AND resolved_at IS NULL AND link = '' AND (?2 IS NULL OR tbl = ?2)
        ORDER BY opened_at, id LIMIT ?3`,
      params: [lane, table ?? null, max],
    },
  ])
  const conflicts = (found?.rows ?? []).map(conflictOf)
  return {
    asks: asksOf(declared, conflicts, []),
    work: (work) =>
      conflicts.flatMap((conflict) => {
        const how = autoResolve(work, conflict)
        if ('skip' in how) return [{ about: conflict.id, reason: how.skip }]
        const failure = resolve(work, conflict, how)
        return failure ? [{ about: conflict.id, reason: failure.detail }] : []
      }),
  }
}

/** Rows of the conflicts and of who holds their values, and of the names that they may be given. */
function asksOf(declared: Declared, conflicts: readonly StoredConflict[], said: readonly Row[]): Ask[] {
  return [...new Set(conflicts.map(({ tbl }) => tbl))].flatMap((name) => {
    const table = declared.tables.get(name)
    if (!table) return []
    const own = conflicts.filter(({ tbl }) => tbl === name)
    const theirs = own.map((conflict) => ({ conflict, values: sidesOf(conflict, table).theirs ?? {} }))
    return [
      {
        table,
        keys: own.flatMap(({ key, holder }) => (holder === undefined ? [key] : [key, holder])),
        values: [
          ...said,
          ...theirs.flatMap(({ conflict, values }) => [values, ...namesFor(conflict, values)]),
        ],
        open: true,
      },
    ]
  })
}

async function prepareUndo(
  engine: Engine,
  declared: Declared,
  lane: string,
  { of, pin }: Extract<Proposal, { type: 'undo' }>,
): Promise<Prepared | Failure> {
  const [history, settled, opened] = await engine.database.batch(pastStatements(lane, of))
  const rows = history?.rows ?? []
  if (rows.length + (opened?.rows ?? []).length === 0)
    return {
      type: 'not_found',
      detail: 'Nothing that could be undone was found.',
      mend: 'See the history of the row.',
    }
  const past = rows.map(
    (row): Past => ({
      tbl: String(row.tbl),
      key: String(row.key),
      op: String(row.op),
      before: row.before == null ? null : (JSON.parse(String(row.before)) as Row),
      after: JSON.parse(String(row.after ?? '{}')) as Row,
    }),
  )
  const asked = (opened?.rows ?? []).map(conflictOf)
  const times = new Set(rows.map(({ at }) => Number(at)))
  const ended = new Set(past.flatMap(({ op, after }) => (op === 'resolve' ? [after.conflict] : [])))
  const conflicts = {
    settled: (settled?.rows ?? []).map(conflictOf),
    opened: asked.filter(({ id, openedAt }) => ('run' in of || times.has(openedAt)) && !ended.has(id)),
    amended: asked.filter(({ openedAt }) => !('run' in of || times.has(openedAt))),
  }
  const names = [...new Set([...past, ...conflicts.settled, ...asked].map(({ tbl }) => tbl))]
  return {
    asks: names.flatMap((name): Ask[] => {
      const table = declared.tables.get(name)
      const own = past.filter(({ tbl }) => tbl === name)
      return table
        ? [
            {
              table,
              keys: own.map(({ key }) => key),
              values: own.map(({ before }) => before ?? {}),
              open: true,
            },
          ]
        : []
    }),
    work: (work) => {
      const skips = undo(work, past, conflicts)
      if (pin) pinOwned(work, declared.links, 'undone')
      return skips
    },
  }
}

/** The history of what is undone, the conflicts that it settled, and those that it opened. */
function pastStatements(lane: string, of: Extract<Proposal, { type: 'undo' }>['of']): Statement[] {
  if ('run' in of) {
    // A run's history lies above that of the time before it was asked for.
    const floor = `coalesce((SELECT version FROM history WHERE lane = ?1
        AND at < (SELECT enqueued_at FROM runs WHERE id = ?2) ORDER BY version DESC LIMIT 1), 0)`
    return [
      {
        sql: `SELECT * FROM history WHERE lane = ?1 AND version > ${floor} AND run_id = ?2 ORDER BY version, n`,
        params: [lane, of.run],
      },
      { sql: 'SELECT * FROM conflicts WHERE false', params: [] },
      { sql: 'SELECT * FROM conflicts WHERE lane = ?1 AND run_id = ?2', params: [lane, of.run] },
    ]
  }
  const version =
    'version' in of ? '?2' : '(SELECT resolved_version FROM conflicts WHERE id = ?2 AND lane = ?1)'
  const params = [lane, 'version' in of ? of.version : of.resolution]
  return [
    { sql: `SELECT * FROM history WHERE lane = ?1 AND version = ${version} ORDER BY n`, params },
    { sql: `SELECT * FROM conflicts WHERE lane = ?1 AND resolved_version = ${version}`, params },
    { sql: `SELECT * FROM conflicts WHERE lane = ?1 AND version = ${version}`, params },
  ]
}

async function prepareRestore(
  engine: Engine,
  declared: Declared,
  lane: string,
  { tables }: Extract<Proposal, { type: 'restore' }>,
): Promise<Prepared | Failure> {
  const named = tables.map((kept) => ({ kept, table: declared.tables.get(kept.name) }))
  const strange = named.find(({ kept, table }) => !table?.device || !kept.columns.includes(table.key))
  if (strange)
    return {
      type: 'bad_request',
      detail: `${strange.kept.name} is no table of ${lane} that can be restored.`,
    }
  const known = named.flatMap(({ kept, table }) => (table ? [{ kept, table }] : []))
  const present = await engine.database.batch(
    known.map(({ kept, table: { name, key } }) => ({
      sql: `SELECT ${key} AS key FROM ${name} WHERE deleted_at IS NULL AND ${key} >= ?1 AND (?2 IS NULL OR ${key} < ?2)`,
      params: [kept.from ?? '', kept.until ?? null],
    })),
  )
  const keysOf = (i: number) => (present[i]?.rows ?? []).map(({ key }) => String(key))
  return {
    asks: known.map(({ kept, table }, i) => ({
      table,
      keys: [...keysOf(i), ...kept.rows.map((row) => String(row[kept.columns.indexOf(table.key)]))],
      values: kept.rows.map((row) =>
        Object.fromEntries(kept.columns.map((column, at) => [column, row[at] ?? null])),
      ),
      open: false,
    })),
    work: (work) => known.flatMap(({ kept, table }, i) => restore(work, table, kept, keysOf(i))),
  }
}
