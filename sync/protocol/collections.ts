import * as z from 'zod'
import { LIMITS, Scalar, Time } from './common.ts'
import { DEVICE_LIMITS, DeviceColumn } from './device.ts'

// Collections and their documents as people and programs read them.

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
