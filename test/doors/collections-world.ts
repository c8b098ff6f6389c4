import { expect } from 'vitest'
import * as z from 'zod'
import type { DevicePushAnswer } from '../../sync/protocol/device.ts'
import { type Answer, type Doors, look, type Who } from './world.ts'

// Devices that keep the collection `admins`, as they speak to the doors.

/** Pushes edits of admins from a device of this person; `first` is the number of the first one. */
export async function pushAdmins(
  doors: Doors,
  who: Who,
  first: number,
  ...mutations: readonly Record<string, unknown>[]
): Promise<DevicePushAnswer> {
  const answer = await doors.call(who, 'POST', '/api/push', {
    body: {
      lane: 'admins',
      incarnation: `${who}-laptop`,
      first,
      mutations: mutations.map((each) => ({ table: 'admins', ...each })),
    },
  })
  expect([answer.status, answer.text]).toEqual([200, expect.any(String)])
  return answer.json()
}

export const admin = (key: string, username: string, over: Record<string, unknown> = {}) => ({
  op: 'insert',
  key,
  values: { username, name: `Admin ${key}`, ...over },
  at: new Date().toISOString(),
})

/** Ann's laptop has john_admin, and bob's makes another one: the conflict's id. */
export async function takenName(doors: Doors): Promise<string> {
  await pushAdmins(doors, 'annsDevice', 1, admin('507f-ann', 'john_admin'))
  const { results } = await pushAdmins(doors, 'bobsDevice', 1, admin('507f-bob', ' John_Admin'))
  const id = results?.[0]?.conflict
  if (id === undefined) throw new Error(`no conflict: ${JSON.stringify(results)}`)
  return id
}

/** The id of somebody's token. */
export const tokenOf = (doors: Doors, who: Who): string =>
  String(look(doors, 'SELECT id FROM tokens WHERE name = ?', who)[0]?.id)

/** A device's report of a sync. */
export const reportOf = (id: string, over: Record<string, unknown> = {}) => ({
  id,
  startTime: new Date(Date.now() - 2_000).toISOString(),
  endTime: new Date(Date.now() - 1_000).toISOString(),
  status: 'completed',
  localToRemote: { admins: 5 },
  remoteToLocal: { admins: 2 },
  conflicts: { admins: 1 },
  ...over,
})

/** Follows the Link headers to the end: every element once, and how many pages. */
export async function pagesOf<T>(doors: Doors, from: string): Promise<{ all: T[]; pages: number }> {
  const all: T[] = []
  let pages = 0
  for (let path: string | undefined = from; path; pages++) {
    const answer: Answer = await doors.call('admin', 'GET', path)
    all.push(...answer.json<T[]>())
    path = /<([^>]+)>; rel="next"/.exec(answer.headers.get('link') ?? '')?.[1]
  }
  return { all, pages }
}

const Time = z.iso.datetime()
const Counts = z.record(z.string(), z.number().int())
const Value = z.union([z.string(), z.number(), z.null()])

/** What the seed's document shows, field by field, written from it and not from our schemas. Fields of ours may stand beside. */
export const SEED = {
  sync: z.looseObject({
    startTime: Time,
    endTime: Time,
    status: z.enum(['completed', 'failed']),
    trigger: z.literal('manual'),
    collections: z.array(z.string()),
    localToRemote: Counts,
    remoteToLocal: Counts,
    conflicts: Counts,
    durationSeconds: z.number(),
  }),
  log: z.looseObject({
    startTime: Time,
    endTime: Time.nullable(),
    status: z.enum(['running', 'completed', 'failed']),
    trigger: z.enum(['manual', 'automatic']),
    collections: z.array(z.string()),
    localToRemote: Counts,
    remoteToLocal: Counts,
    conflicts: Counts,
    durationSeconds: z.number().nullable(),
  }),
  status: z.looseObject({
    lastSyncTime: Time.nullable(),
    lastSyncStatus: z.enum(['running', 'completed', 'failed']).nullable(),
    lastSyncDuration: z.number().nullable(),
    totalSyncsCompleted: z.number().int(),
    totalConflicts: z.number().int(),
    unresolvedConflicts: z.number().int(),
    isOnline: z.boolean(),
    isSyncing: z.boolean(),
  }),
  conflict: z.looseObject({
    _id: z.string(),
    collection: z.string(),
    localId: z.string(),
    remoteId: z.string().nullable(),
    field: z.string().nullable(),
    localValue: Value,
    remoteValue: Value,
    timestamp: Time,
    resolved: z.boolean(),
    notes: z.string(),
  }),
  resolved: z.looseObject({
    success: z.literal(true),
    message: z.string(),
    conflict_id: z.string(),
    resolved_by: z.string(),
    resolved_at: Time,
  }),
  network: z.looseObject({
    is_running: z.boolean(),
    is_online: z.boolean(),
    last_check: Time.nullable(),
    check_interval_seconds: z.number().int(),
  }),
  config: z.strictObject({
    autoSyncEnabled: z.boolean(),
    syncIntervalMinutes: z.number().int().nullable(),
    conflictResolutionStrategy: z.string(),
    collectionsToSync: z.array(z.string()),
    maxRetries: z.number().int(),
    batchSize: z.number().int(),
  }),
} as const
