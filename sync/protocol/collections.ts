import * as z from 'zod'
import { LIMITS, Scalar, Time } from './common.ts'

// What travels at /api/sync (seeds/collections: names and shapes are theirs). `local` is a device, `remote` the server.

export const StrategyName = z.enum(['rename_local', 'keep_local', 'keep_remote', 'merge'])

/** How devices keep the collections, and what settles a column that two of them changed. */
export const SyncConfig = z
  .strictObject({
    /** Devices sync by themselves: when they change something, are told of news, or come back on line */
    autoSyncEnabled: z.boolean().default(true),
    /** They sync this often whatever happens; null: only when there is a reason */
    syncIntervalMinutes: z
      .number()
      .int()
      .min(1)
      .max(24 * 60)
      .nullable()
      .default(null),
    conflictResolutionStrategy: z.enum(['manual', 'newest', 'keep_remote', 'keep_local']).default('manual'),
    /** Null: all */
    collectionsToSync: z.array(z.string().min(1).max(100)).max(200).nullable().default(null),
    /** Tries of a sync that fails, before it is reported as failed */
    maxRetries: z.number().int().min(0).max(20).default(3),
    /** Edits of one push */
    batchSize: z.number().int().min(1).max(1_000).default(1_000),
  })
  .meta({ id: 'SyncConfig' })
export type SyncConfig = z.infer<typeof SyncConfig>

/** A change of the configuration. */
export const ConfigChange = z
  .object({
    key: z.string(),
    at: Time,
    by: z.string(),
    /** null: back to the default */
    value: z.unknown(),
  })
  .meta({ id: 'ConfigChange' })

const Counts = z.record(z.string(), z.number().int())

/** One sync: of a device, or of all live ones that somebody asked. */
export const SyncLog = z
  .object({
    id: z.string(),
    startTime: Time,
    endTime: Time.nullable(),
    status: z.enum(['running', 'completed', 'failed']),
    trigger: z.enum(['manual', 'automatic']),
    collections: z.array(z.string()),
    /** Documents by collection */
    localToRemote: Counts,
    remoteToLocal: Counts,
    conflicts: Counts,
    durationSeconds: z.number().nullable(),
    /** Name of the device; null: all that were live */
    device: z.string().nullable(),
    error: z.string().nullable(),
  })
  .meta({ id: 'SyncLog' })
export type SyncLog = z.infer<typeof SyncLog>

/** What a sync that was asked for came to. Devices that did not answer in time sync on; the log has them later. */
export const SyncOutcome = SyncLog.extend({
  devices: z.array(
    z.object({
      name: z.string(),
      status: z.enum(['completed', 'failed', 'waiting']),
      error: z.string().nullable(),
    }),
  ),
}).meta({ id: 'SyncOutcome' })
export type SyncOutcome = z.infer<typeof SyncOutcome>

export const SyncInput = z
  .strictObject({ collections: z.array(z.string().min(1).max(100)).min(1).max(200).optional() })
  .meta({ id: 'SyncInput' })

/** A device tells what a sync of its came to. Sending it again changes nothing. */
export const SyncReportInput = z
  .strictObject({
    /** The device's own, drawn for each sync */
    id: z.string().regex(/^[\w-]{8,64}$/),
    /** The sync that was asked for, where one was */
    nudge: z.string().max(64).optional(),
    startTime: Time,
    endTime: Time,
    status: z.enum(['completed', 'failed']),
    localToRemote: Counts,
    remoteToLocal: Counts,
    conflicts: Counts,
    error: z.string().max(1_000).optional(),
  })
  .meta({ id: 'SyncReportInput' })
export type SyncReportInput = z.infer<typeof SyncReportInput>

export const SyncStatus = z
  .object({
    lastSyncTime: Time.nullable(),
    lastSyncStatus: z.enum(['running', 'completed', 'failed']).nullable(),
    lastSyncDuration: z.number().nullable(),
    totalSyncsCompleted: z.number().int(),
    totalConflicts: z.number().int(),
    unresolvedConflicts: z.number().int(),
    /** A device is on line */
    isOnline: z.boolean(),
    isSyncing: z.boolean(),
  })
  .meta({ id: 'SyncStatus' })

export const NetworkStatus = z
  .object({
    is_running: z.boolean(),
    is_online: z.boolean(),
    last_check: Time.nullable(),
    check_interval_seconds: z.number().int(),
    devices: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        user: z.string().nullable(),
        is_online: z.boolean(),
        last_check: Time.nullable(),
        check_interval_seconds: z.number().int(),
      }),
    ),
  })
  .meta({ id: 'NetworkStatus' })

const Sides = z.record(z.string(), Scalar)

/** A conflict as people see it. What another person's row holds is not shown to those who may not see it. */
export const SyncConflict = z
  .object({
    _id: z.string(),
    collection: z.string(),
    /** Key of the device's row */
    localId: z.string(),
    /** Key of the row here: the same, or that which holds the value; null: it is somebody else's, or there is none */
    remoteId: z.string().nullable(),
    /** The column, or the first of several; null: the row as such */
    field: z.string().nullable(),
    localValue: Scalar,
    remoteValue: Scalar,
    timestamp: Time,
    resolved: z.boolean(),
    notes: z.string(),
    kind: z.string(),
    base: Sides.nullable(),
    /** What stands here (null: no row), and what the edit says (null: that the row is deleted) */
    remote: Sides.nullable(),
    local: Sides.nullable(),
    /** Who made the edit that waits (a device's or person's name), and when by its own clock; absent: not known */
    localBy: z.string().optional(),
    localAt: Time.optional(),
    /** The same of what stands here; absent: not known, or not the reader's to know */
    remoteBy: z.string().optional(),
    remoteAt: Time.optional(),
    recommendations: z.array(z.string()),
    /** The strategies that can settle it, and those of them that need a new value */
    strategies: z.array(z.object({ strategy: StrategyName, needsValue: z.boolean(), suggestion: Scalar })),
    resolution: z.string().nullable(),
    resolved_by: z.string().nullable(),
    resolved_at: Time.nullable(),
  })
  .meta({ id: 'SyncConflict' })
export type SyncConflict = z.infer<typeof SyncConflict>

export const ConflictsQuery = z.object({
  resolved: z.enum(['true', 'false']).optional(),
  collection: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(LIMITS.page).default(100),
  before: z.string().optional(),
})

/** Plan only, or apply what a plan showed. */
const planned = {
  dry_run: z.boolean().default(false),
  /** Digest of the plan that was shown, by lane: anything else is refused */
  expect: z.record(z.string(), z.string()).optional(),
}

export const ResolveInput = z
  .strictObject({
    strategy: StrategyName,
    newValue: Scalar.optional(),
    values: z.record(z.string().max(100), Scalar).optional(),
    notes: z.string().max(2_000).default(''),
    ...planned,
  })
  .meta({ id: 'ResolveInput' })

export const AutoResolveInput = z.strictObject(planned).meta({ id: 'AutoResolveInput' })

export const UndoInput = z
  .strictObject({
    /** A run's id */
    run: z.string().optional(),
    /** A commit: of a push, a resolution, an undo */
    lane: z.string().optional(),
    version: z.number().int().min(1).optional(),
    /** A conflict that was settled */
    conflict: z.string().optional(),
    /** Pin what a remote would propose again */
    pin: z.boolean().default(false),
    ...planned,
  })
  .refine(
    ({ run, lane, version, conflict }) =>
      [run, conflict, version].filter((one) => one !== undefined).length === 1 &&
      (lane === undefined) === (version === undefined),
    'one of: run; conflict; lane and version',
  )
  .meta({ id: 'UndoInput' })

export const RestoreInput = z
  .strictObject({
    lane: z.string(),
    tables: z.array(
      z.object({
        name: z.string(),
        columns: z.array(z.string()),
        rows: z.array(z.array(Scalar)),
        from: z.string().optional(),
        until: z.string().optional(),
      }),
    ),
    ...planned,
  })
  .meta({ id: 'RestoreInput' })

/** What would change, or has: to the column. */
export const PlanView = z
  .object({
    lane: z.string(),
    /** `moved`: the plan is another one than was expected, and nothing was changed */
    status: z.enum(['planned', 'applied', 'moved', 'failed']),
    version: z.number().int(),
    digest: z.string(),
    changes: z.array(
      z.object({
        table: z.string(),
        key: z.string(),
        op: z.enum(['insert', 'update', 'delete', 'refuse', 'pin', 'unpin']),
        columns: z.record(z.string(), z.object({ before: Scalar, after: Scalar })),
      }),
    ),
    settles: z.array(z.object({ conflict: z.string(), strategy: z.string() })),
    opens: z.array(
      z.object({
        conflict: z.string(),
        table: z.string(),
        key: z.string(),
        kind: z.string(),
        detail: z.string(),
      }),
    ),
    skips: z.array(z.object({ about: z.string(), reason: z.string() })),
    offers: z.array(z.object({ table: z.string(), key: z.string(), column: z.string(), link: z.string() })),
    error: z.string().optional(),
  })
  .meta({ id: 'Plan' })
export type PlanView = z.infer<typeof PlanView>

/** One plan a lane. */
export const PlanAnswer = z
  .object({ dry_run: z.boolean(), plans: z.array(PlanView) })
  .meta({ id: 'PlanAnswer' })
export type PlanAnswer = z.infer<typeof PlanAnswer>

export const ResolveAnswer = z
  .object({
    success: z.boolean(),
    message: z.string(),
    conflict_id: z.string(),
    resolved_by: z.string().nullable(),
    resolved_at: Time.nullable(),
    /** The lane and version that the resolution can be undone by */
    lane: z.string(),
    version: z.number().int().nullable(),
    dry_run: z.boolean(),
    plans: z.array(PlanView),
  })
  .meta({ id: 'ResolveAnswer' })

export const AutoResolveAnswer = z
  .object({
    resolved: z.number().int(),
    skipped: z.number().int(),
    failed: z.number().int(),
    results: z.array(
      z.object({
        conflict_id: z.string(),
        status: z.enum(['resolved', 'skipped', 'failed']),
        strategy: z.string().nullable(),
        reason: z.string(),
      }),
    ),
    dry_run: z.boolean(),
    plans: z.array(PlanView),
  })
  .meta({ id: 'AutoResolveAnswer' })
