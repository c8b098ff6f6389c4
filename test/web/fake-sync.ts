import type { SyncConflict } from '../../sync/protocol/conflicts.ts'
import type { PlanView } from '../../sync/protocol/plan.ts'
import type { Conflict } from '../../sync/protocol/records.ts'
import { isTied } from '../../sync/protocol/sheet-conflicts.ts'
import type { World } from './fake-data.ts'
import { type Handler, page, type Reply, refuse } from './fake-reply.ts'
import type { Behaviour } from './fake-server.ts'
import { commit, type Planned, planResolve, planUndo } from './fake-sync-plan.ts'
import { COLLECTIONS, type Commit } from './fake-sync-world.ts'

type Body = Record<string, unknown>

/** The routes of the collections and of undo, with the shapes of sync/protocol/collections. */
export function syncRoutes(world: World, behaviour: Behaviour): [string, string, Handler][] {
  const { sync } = world
  const isAdmin = () => behaviour.role === 'admin'
  const maySettle = (id: string) => isAdmin() || sync.owners.get(id) === 'ada'
  const shown = (one: SyncConflict) => ({ ...one, ...(!maySettle(one._id) && { strategies: [] }) })
  const ofSheets = () =>
    isAdmin() ? world.conflicts.filter((one) => isTied(one)).map((one) => asSync(one)) : []
  const find = (id: string) => [...sync.conflicts, ...ofSheets()].find(({ _id }) => _id === id)
  const admin =
    (handler: Handler): Handler =>
    (call) =>
      isAdmin() ? handler(call) : refuse('forbidden', `A ${behaviour.role} may not do this.`, 'Ask an admin.')

  const resolve: Handler = ({ id, body }) => {
    const conflict = find(id)
    const ofSheet = world.conflicts.find((one) => one.id === id && isTied(one))
    if (ofSheet && isAdmin()) return resolveSheet(ofSheet, body)
    if (!conflict || !maySettle(id))
      return refuse('not_found', `There is no conflict ${id}.`, 'Check the id.')
    const answered = settle(world, body, () => planResolve(sync, conflict, body), [conflict])
    if ('reply' in answered) return answered.reply
    if (!body.dry_run) close(conflict, String(body.strategy), String(body.notes ?? ''))
    return {
      body: {
        success: true,
        message: 'Conflict resolved',
        conflict_id: id,
        resolved_by: conflict.resolved_by,
        resolved_at: conflict.resolved_at,
        lane: conflict.collection,
        version: body.dry_run ? null : sync.version,
        dry_run: Boolean(body.dry_run),
        plans: [answered.plan],
      },
    }
  }

  return [
    [
      'GET',
      '/api/sync/conflicts',
      ({ query }) => {
        const [resolved, collection] = [query.get('resolved'), query.get('collection')]
        const rows = [...ofSheets(), ...sync.conflicts].filter(
          (one) =>
            (resolved === null || String(one.resolved) === resolved) &&
            (!collection || one.collection === collection),
        )
        return page(
          rows.map((one) => ({ ...shown(one), id: one._id })),
          query,
          '/api/sync/conflicts',
        )
      },
    ],
    [
      'GET',
      '/api/sync/conflicts/:id',
      ({ id }) => {
        const found = find(id)
        return found
          ? { body: shown(found) }
          : refuse('not_found', `There is no conflict ${id}.`, 'Check the id.')
      },
    ],
    ['POST', '/api/sync/conflicts/:id/resolve', resolve],
    ['POST', '/api/sync/conflicts/auto-resolve', admin(({ body }) => auto(world, body))],
    ['POST', '/api/undo', admin(({ body }) => undo(world, body))],
    ['GET', '/api/collections', () => ({ body: COLLECTIONS.map((name) => ({ name, label: '' })) })],
    ['GET', '/api/sync/status', admin(() => ({ body: statusOf(world) }))],
    [
      'GET',
      '/api/sync/network-status',
      admin(() => ({
        body: {
          is_running: true,
          is_online: sync.devices.some(({ is_online }) => is_online),
          last_check: sync.devices[0]?.last_check ?? null,
          check_interval_seconds: 30,
          devices: sync.devices,
        },
      })),
    ],
    ['GET', '/api/sync/logs', admin(({ query }) => page(sync.logs, query, '/api/sync/logs'))],
    ['GET', '/api/sync/config', admin(() => ({ body: sync.config }))],
    ['GET', '/api/sync/config/history', admin(() => ({ body: sync.configHistory }))],
    ['PUT', '/api/sync/config', admin(({ body }) => configure(world, body))],
    ['POST', '/api/sync/sync', admin(() => syncAll(world))],
  ]
}

/** A plan, or the plan made true, if it still is the one that was shown. */
/** A conflict of a sheet as those of devices are told. */
function asSync(of: Conflict): SyncConflict {
  const isCell = of.kind === 'merge'
  const [base, remote, local] = [of.base, of.ours, of.theirs].map((side) =>
    isCell ? (JSON.parse(String(side)) as Record<string, number>) : null,
  )
  const field = isCell ? (Object.keys(local ?? {})[0] ?? null) : null
  const plain = (strategy: 'keep_local' | 'keep_remote' | 'merge') => ({
    strategy,
    needsValue: strategy === 'merge',
    suggestion: null,
  })
  return {
    _id: of.id,
    collection: of.table,
    link: of.link,
    localId: of.key,
    remoteId: of.key,
    field,
    localValue: field ? (local?.[field] ?? null) : null,
    remoteValue: field ? (remote?.[field] ?? null) : null,
    timestamp: of.opened_at,
    resolved: of.resolved_at !== null,
    notes: of.detail,
    kind: of.kind,
    base: base ?? null,
    remote: remote ?? null,
    local: local ?? null,
    localBy: 'the sheet',
    recommendations: [],
    strategies: of.resolved_at
      ? []
      : [plain('keep_local'), plain('keep_remote'), ...(isCell ? [plain('merge')] : [])],
    resolution: of.resolution,
    resolved_by: of.resolved_at && 'Ada',
    resolved_at: of.resolved_at,
  }
}

/** A guard's rows are let go, or stay; of a cell, the sheet's value is taken or not. */
function resolveSheet(conflict: Conflict, { strategy, dry_run, values }: Body): Reply {
  const isLocal = strategy !== 'keep_remote'
  const theirs: unknown = JSON.parse(String(conflict.theirs ?? '[]'))
  const gone = Array.isArray(theirs) ? theirs.map(String) : []
  const table = conflict.table
  const changes = !isLocal
    ? []
    : Array.isArray(theirs)
      ? gone.map((key) => ({ table, key, op: 'delete' as const, columns: {} }))
      : [{ table, key: conflict.key, op: 'update' as const, columns: sidesOf(conflict, values) }]
  const at = new Date().toISOString()
  if (!dry_run) Object.assign(conflict, { resolved_at: at, resolution: `${strategy}` })
  const plan = {
    lane: conflict.lane,
    status: dry_run ? 'planned' : 'applied',
    version: 1,
    digest: conflict.id,
  }
  return {
    body: {
      success: true,
      message: 'Conflict resolved',
      conflict_id: conflict.id,
      resolved_by: dry_run ? null : 'Ada',
      resolved_at: dry_run ? null : at,
      lane: conflict.lane,
      version: dry_run ? null : 2,
      dry_run: Boolean(dry_run),
      plans: [
        {
          ...plan,
          changes,
          settles: [{ conflict: conflict.id, strategy }],
          opens: [],
          skips: [],
          offers: [],
        },
      ],
    },
  }
}

function sidesOf({ ours, theirs }: Conflict, values: unknown) {
  const before = JSON.parse(String(ours)) as Record<string, number>
  const after = (values ?? JSON.parse(String(theirs))) as Record<string, number>
  return Object.fromEntries(
    Object.keys(after).map((column) => [
      column,
      { before: before[column] ?? null, after: after[column] ?? null },
    ]),
  )
}

function settle(
  { sync }: World,
  body: Body,
  planned: () => Planned,
  settled: readonly SyncConflict[],
): { reply: Reply } | { plan: PlanView } {
  if (!body.dry_run) {
    sync.meanwhile?.()
    sync.meanwhile = null
  }
  const done = planned()
  if ('refused' in done) return { reply: refuse('conflict', done.refused, 'Choose another value.') }
  if (body.dry_run) return { plan: done.plan }
  const expected = (body.expect as Record<string, string> | undefined)?.[done.plan.lane]
  if (expected !== undefined && expected !== done.plan.digest) return { reply: moved([done.plan]) }
  commit(sync, done.plan, settled)
  return { plan: { ...done.plan, status: 'applied' } }
}

function moved(plans: readonly PlanView[]): Reply {
  const reply = refuse('moved', 'Something changed since the plan was shown.', 'Look at the new plan.')
  return { ...reply, body: { ...(reply.body as Body), plan: { ...plans[0], status: 'moved' } } }
}

function close(conflict: SyncConflict, strategy: string, notes: string): void {
  Object.assign(conflict, {
    resolved: true,
    resolution: strategy,
    resolved_by: 'Ada',
    resolved_at: new Date().toISOString(),
    notes,
  })
}

/** Renames what is younger than an hour, keeps what stands of fields where it is newer, and leaves the rest. */
function auto(world: World, body: Body): Reply {
  const { sync } = world
  const open = sync.conflicts.filter(({ resolved }) => !resolved)
  const decided = open.map((conflict) => {
    const age = Date.now() - Date.parse(conflict.timestamp)
    const suggestion = conflict.strategies[0]?.suggestion ?? null
    if (conflict.kind === 'unique' && age < 3_600_000)
      return {
        conflict,
        how: { strategy: 'rename_local', newValue: suggestion },
        reason: 'the local edit is younger than an hour',
      }
    if (conflict.remoteAt && conflict.localAt && conflict.remoteAt > conflict.localAt)
      return { conflict, how: { strategy: 'keep_remote' }, reason: 'the remote row is newer' }
    return {
      conflict,
      how: null,
      reason: 'the local edit is newer than the remote row, and older than an hour: a person must say',
    }
  })
  const does = decided.flatMap(({ conflict, how }) => (how ? { conflict, how } : []))
  const plans = does.flatMap(({ conflict, how }) => {
    const planned = planResolve(sync, conflict, how)
    return 'plan' in planned ? planned.plan : []
  })
  if (!body.dry_run)
    for (const [i, { conflict, how }] of does.entries()) {
      if (plans[i]) commit(sync, plans[i], [conflict])
      close(conflict, how.strategy, 'auto-resolve')
    }
  return {
    body: {
      resolved: does.length,
      skipped: open.length - does.length,
      failed: 0,
      results: decided.map(({ conflict, how, reason }) => ({
        conflict_id: conflict._id,
        status: how ? 'resolved' : 'skipped',
        strategy: how?.strategy ?? null,
        reason,
      })),
      dry_run: Boolean(body.dry_run),
      plans,
    },
  }
}

function undo(world: World, body: Body): Reply {
  const { sync } = world
  const meant = commitOf(world, body)
  if (!meant) return refuse('not_found', 'Nothing that could be undone was found.', 'Check what you named.')
  const offers = body.run
    ? meant.changes.flatMap(({ table, key, columns }) =>
        Object.keys(columns).map((column) => ({ table, key, column, link: 'events.sheet' })),
      )
    : []
  const answered = settle(world, body, () => ({ plan: planUndo(sync, meant, offers, body.pin === true) }), [])
  if ('reply' in answered) return answered.reply
  if (!body.dry_run)
    for (const conflict of meant.settled)
      Object.assign(conflict, {
        resolved: false,
        resolution: null,
        resolved_by: null,
        resolved_at: null,
        notes: '',
      })
  return { body: { dry_run: Boolean(body.dry_run), plans: [answered.plan] } }
}

/** What is meant: a commit made here, or one that the history tells of. */
function commitOf({ sync, history }: World, { run, lane, version, conflict }: Body): Commit | undefined {
  const made = sync.commits.findLast((one) =>
    conflict ? one.settled.some(({ _id }) => _id === conflict) : one.lane === lane && one.version === version,
  )
  if (made || conflict) return made
  const entries = [...history].flatMap(([key, of]) =>
    of
      .filter((one) => (run ? one.run_id === run : one.lane === lane && one.version === version))
      .map((one) => ({ key, one })),
  )
  const [first] = entries
  if (!first) return undefined
  const changes = entries.flatMap(({ key, one }) =>
    one.op === 'insert' || one.op === 'update' || one.op === 'delete'
      ? {
          table: one.lane,
          key,
          op: one.op,
          columns: Object.fromEntries(
            one.changes.map(({ column, before, after }) => [column, { before, after }]),
          ),
        }
      : [],
  )
  for (const { table, key, columns } of changes) {
    const row = sync.rows.get(`${table} ${key}`) ?? {}
    for (const [name, { after }] of Object.entries(columns)) row[name] ??= after
    sync.rows.set(`${table} ${key}`, row)
  }
  return { lane: first.one.lane, version: first.one.version, changes, settled: [] }
}

function configure({ sync }: World, body: Body): Reply {
  if (Number(body.batchSize) > 1_000) return refuse('bad_request', 'batchSize: at most 1000', 'Correct it.')
  sync.config = { ...sync.config, ...body }
  sync.configHistory.unshift({
    key: 'sync.collections',
    at: new Date().toISOString(),
    by: 'Ada',
    value: sync.config,
  })
  return { body: sync.config }
}

async function syncAll({ sync }: World): Promise<Reply> {
  await new Promise((resolve) => setTimeout(resolve, sync.devicesTake))
  const online = sync.devices.filter(({ is_online }) => is_online)
  const log = {
    id: `log_${sync.logs.length + 1}`,
    startTime: new Date(Date.now() - sync.devicesTake).toISOString(),
    endTime: new Date().toISOString(),
    status: 'completed' as const,
    trigger: 'manual' as const,
    collections: [...COLLECTIONS],
    localToRemote: online.length > 0 ? { admins: 5, bookings: 12 } : {},
    remoteToLocal: online.length > 0 ? { admins: 2 } : {},
    conflicts: {},
    durationSeconds: sync.devicesTake / 1000,
    device: null,
    error: null,
  }
  sync.logs.unshift(log)
  return { body: { ...log, devices: online.map(({ name }) => ({ name, status: 'completed', error: null })) } }
}

const statusOf = ({ sync }: World) => ({
  lastSyncTime: sync.logs[0]?.startTime ?? null,
  lastSyncStatus: sync.logs[0]?.status ?? null,
  lastSyncDuration: sync.logs[0]?.durationSeconds ?? null,
  totalSyncsCompleted: 42 + sync.logs.length,
  totalConflicts: sync.conflicts.length,
  unresolvedConflicts: sync.conflicts.filter(({ resolved }) => !resolved).length,
  isOnline: sync.devices.some(({ is_online }) => is_online),
  isSyncing: false,
})
