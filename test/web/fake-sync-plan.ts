import type { SyncConflict } from '../../sync/protocol/conflicts.ts'
import type { PlanView } from '../../sync/protocol/plan.ts'
import type { Commit, FakeSync } from './fake-sync-world.ts'

type Change = PlanView['changes'][number]
type Row = Record<string, string | number | null>
export type Planned = { readonly plan: PlanView } | { readonly refused: string }

/** What a resolution would change: the engine's rules, as far as a page can see them. */
export function planResolve(sync: FakeSync, conflict: SyncConflict, how: Record<string, unknown>): Planned {
  const why = sync.failing.get(conflict._id)
  if (why) return { refused: why }
  if (conflict.resolved)
    return { refused: `It was settled already: ${conflict.resolution} by ${conflict.resolved_by}.` }
  const { collection: table, localId: key, local, kind, field } = conflict
  const strategy = String(how.strategy)
  const given = {
    ...(how.newValue !== undefined && field ? { [field]: how.newValue as string } : {}),
    ...(how.values as Row | undefined),
  }
  const plan = (changes: Change[]) => ({
    plan: planOf(sync, table, changes, [{ conflict: conflict._id, strategy }]),
  })
  const row = sync.rows.get(`${table} ${key}`)
  if (strategy === 'keep_remote')
    return plan(kind === 'unique' && !row ? [change(table, key, 'delete', null, local ?? {})] : [])
  if (strategy === 'keep_local' && local === null) return plan([change(table, key, 'delete', row ?? {}, {})])
  const wanted = strategy === 'merge' && kind === 'merge' ? given : { ...local, ...given }
  if (field && kind === 'unique' && holderOf(sync, table, key, field, wanted[field] ?? null))
    return { refused: `${field} "${wanted[field]}" is taken by another row.` }
  return plan([change(table, key, row ? 'update' : 'insert', row ?? null, wanted)])
}

/** What undoing these commits' changes would come to; columns that moved since become a conflict. */
export function planUndo(sync: FakeSync, commit: Commit, offers: PlanView['offers'], pin: boolean): PlanView {
  const opens: PlanView['opens'] = []
  const changes = commit.changes.flatMap((done): Change[] => {
    const row = sync.rows.get(`${done.table} ${done.key}`)
    const moved = Object.entries(done.columns).filter(
      ([name, { after }]) => done.op === 'update' && row && (row[name] ?? null) !== after,
    )
    if (moved.length > 0) {
      const detail = `undo: ${moved.map(([name]) => name).join(', ')} was changed since`
      opens.push({ conflict: `u_${done.key}`, table: done.table, key: done.key, kind: 'undo', detail })
      return []
    }
    const back = Object.fromEntries(
      Object.entries(done.columns).map(([name, { before, after }]) => [
        name,
        { before: after, after: before },
      ]),
    )
    const op = done.op === 'insert' ? 'delete' : done.op === 'delete' ? 'insert' : 'update'
    return Object.keys(back).length > 0 ? [{ ...done, op, columns: back }] : []
  })
  const pins = pin
    ? offers.map(({ table, key, column }): Change => {
        const after = changes.find((one) => one.key === key)?.columns[column]?.after ?? null
        return { table, key, op: 'pin', columns: { [column]: { before: null, after } } }
      })
    : []
  return {
    ...planOf(
      sync,
      commit.lane,
      [...changes, ...pins],
      commit.settled.map(({ _id }) => ({ conflict: _id, strategy: 'reopen' })),
    ),
    opens,
    offers: pin ? [] : offers,
  }
}

/** Makes the changes of a plan, and remembers them. */
export function commit(sync: FakeSync, plan: PlanView, settled: readonly SyncConflict[]): number {
  sync.version++
  for (const { table, key, op, columns } of plan.changes) {
    if (op === 'delete') sync.rows.delete(`${table} ${key}`)
    else if (op === 'insert' || op === 'update') {
      const after = Object.fromEntries(Object.entries(columns).map(([name, value]) => [name, value.after]))
      sync.rows.set(`${table} ${key}`, { ...sync.rows.get(`${table} ${key}`), ...after })
    }
  }
  sync.commits.push({ lane: plan.lane, version: sync.version, changes: plan.changes, settled })
  return sync.version
}

function planOf(sync: FakeSync, lane: string, changes: Change[], settles: PlanView['settles']): PlanView {
  const shown = { lane, changes, settles, opens: [], skips: [], offers: [] }
  return { ...shown, status: 'planned', version: sync.version, digest: JSON.stringify(shown) }
}

function change(table: string, key: string, op: Change['op'], before: Row | null, after: Row): Change {
  const names = op === 'delete' && before ? Object.keys(before) : Object.keys(after)
  return {
    table,
    key,
    op,
    columns: Object.fromEntries(
      names
        .map((name) => [name, { before: before?.[name] ?? null, after: after[name] ?? null }] as const)
        .filter(([, value]) => op !== 'update' || value.before !== value.after),
    ),
  }
}

const holderOf = (sync: FakeSync, table: string, key: string, field: string, value: string | number | null) =>
  [...sync.rows].some(
    ([name, row]) => name.startsWith(`${table} `) && name !== `${table} ${key}` && row[field] === value,
  )
