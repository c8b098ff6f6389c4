import * as z from 'zod'
import { LIMITS, Scalar, Time } from './common.ts'
import { DEVICE_LIMITS, DeviceColumn } from './device.ts'
import { PlanView } from './plan.ts'

export { PlanView } from './plan.ts'

// What travels at /api/sync (seeds/collections: names and shapes are theirs). `local` is a device, `remote` the server.

export const StrategyName = z.enum(['rename_local', 'keep_local', 'keep_remote', 'merge'])

const settings = {
  /** Devices sync by themselves: when they change something, are told of news, or come back on line */
  autoSyncEnabled: z.boolean(),
  /** They sync this often whatever happens; null: only when there is a reason */
  syncIntervalMinutes: z
    .number()
    .int()
    .min(1)
    .max(24 * 60)
    .nullable(),
  conflictResolutionStrategy: z.enum(['manual', 'newest', 'keep_remote', 'keep_local']),
  /** Null: all */
  collectionsToSync: z.array(z.string().min(1).max(100)).max(200).nullable(),
  /** Tries of a sync that fails, before it is reported as failed */
  maxRetries: z.number().int().min(0).max(20),
  /** Edits of one push */
  batchSize: z.number().int().min(1).max(1_000),
}

/** How devices keep the collections, and what settles a column that two of them changed. */
export const SyncConfig = z
  .strictObject({
    autoSyncEnabled: settings.autoSyncEnabled.default(true),
    syncIntervalMinutes: settings.syncIntervalMinutes.default(null),
    conflictResolutionStrategy: settings.conflictResolutionStrategy.default('manual'),
    collectionsToSync: settings.collectionsToSync.default(null),
    maxRetries: settings.maxRetries.default(3),
    batchSize: settings.batchSize.default(1_000),
  })
  .meta({ id: 'SyncConfig' })
export type SyncConfig = z.infer<typeof SyncConfig>

/** What is to be changed of it; the rest stays. */
export const SyncConfigInput = z.strictObject(settings).partial().meta({ id: 'SyncConfigInput' })

/** The configuration as it holds: the collections that are synced by name, where the setting says all. */
export const SyncConfigView = z
  .object({ ...settings, collectionsToSync: z.array(z.string()) })
  .meta({ id: 'SyncConfigView' })

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

/** `before`: milliseconds and number of the change that the last page ended at. */
export const ConfigHistoryQuery = z.object({
  limit: z.coerce.number().int().min(1).max(LIMITS.page).default(50),
  before: z
    .string()
    .regex(/^\d{1,15}\.\d{1,9}$/)
    .optional(),
})

const Counts = z.record(z.string(), z.number().int())

/** The same as a device says it: bounded, for it is stored as it comes. */
const ReportedCounts = z
  .record(z.string().min(1).max(100), z.number().int().min(0))
  .refine((counts) => Object.keys(counts).length <= 200, 'at most 200 collections')

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
    /** Who began it where nobody asked: a person, or the device by itself */
    trigger: z.enum(['manual', 'automatic']).optional(),
    startTime: Time,
    endTime: Time,
    status: z.enum(['completed', 'failed']),
    localToRemote: ReportedCounts,
    remoteToLocal: ReportedCounts,
    conflicts: ReportedCounts,
    error: z.string().max(1_000).optional(),
  })
  .meta({ id: 'SyncReportInput' })
export type SyncReportInput = z.infer<typeof SyncReportInput>

/** `known`: it was there already. */
export const SyncReported = z.object({ id: z.string(), known: z.boolean() }).meta({ id: 'SyncReported' })

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

/** Devices that are paired, and which of them can be told of news at this moment. */
export const NetworkStatus = z
  .object({
    /** Devices look after the network by themselves (autoSyncEnabled) */
    is_running: z.boolean(),
    is_online: z.boolean(),
    last_check: Time.nullable(),
    /** A device that watches its files looks for the network this often */
    check_interval_seconds: z.number().int(),
    devices: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        user: z.string().nullable(),
        /** It holds a live socket of a collection's lane */
        is_online: z.boolean(),
        /** When it was last heard of: now, its last report, or the last use of its token (to the hour) */
        last_check: Time.nullable(),
        /** The same for one that is not on line and syncs by the clock: how often it does */
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
    /** The link both ways whose sheet disputes; absent: a device does */
    link: z.string().optional(),
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
    /** The strategies that the reader can settle it by, and those of them that need a new value */
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
export type ResolveInput = z.infer<typeof ResolveInput>

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
export type UndoInput = z.infer<typeof UndoInput>

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
export type RestoreInput = z.infer<typeof RestoreInput>

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
export type ResolveAnswer = z.infer<typeof ResolveAnswer>

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
export type AutoResolveAnswer = z.infer<typeof AutoResolveAnswer>

/** A collection as people see it. */
export const CollectionView = z
  .object({
    name: z.string(),
    label: z.string(),
    /** Fields whose value at most one document has */
    unique: z.array(z.string()),
    columns: z.array(DeviceColumn),
    /** Live documents */
    documents: z.number().int(),
    unresolvedConflicts: z.number().int(),
    /** Devices sync it; false: it is paused (`collectionsToSync`) */
    synced: z.boolean(),
  })
  .meta({ id: 'Collection' })
export type CollectionView = z.infer<typeof CollectionView>

/** A document: its key and fields, and what follows from how it came to be. */
export const CollectionDocument = z
  .object({
    id: z.string(),
    /** When its last edit was made, by the clock of whoever made it */
    updatedAt: Time,
    /** When that was committed here */
    syncedAt: Time,
    /** Whether a device's edit made it what it is */
    origin: z.enum(['local', 'remote']),
    syncStatus: z.enum(['synced', 'conflict']),
  })
  .catchall(Scalar)
  .meta({ id: 'Document' })
export type CollectionDocument = z.infer<typeof CollectionDocument>

export const CollectionQuery = z.object({
  /** Only this document */
  id: z.string().max(DEVICE_LIMITS.key).optional(),
  limit: z.coerce.number().int().min(1).max(LIMITS.page).default(100),
  after: z.string().optional().meta({ description: 'Where the last page ended' }),
})
