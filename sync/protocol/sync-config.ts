import * as z from 'zod'
import { LIMITS, Time } from './common.ts'

// How devices sync, as an operator sets it at run time (seeds/collections: names are theirs).

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
