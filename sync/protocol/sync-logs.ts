import * as z from 'zod'
import { Time } from './common.ts'

// What travels at /api/sync of syncs and devices (seeds/collections: names and shapes are theirs).

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
