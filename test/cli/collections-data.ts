import type * as z from 'zod'
import type {
  AutoResolveAnswer,
  PlanAnswer,
  ResolveAnswer,
  SyncConflict,
} from '../../sync/protocol/conflicts.ts'
import type { PlanView } from '../../sync/protocol/plan.ts'
import type { HistoryEntry } from '../../sync/protocol/records.ts'
import type { ConfigChange, SyncConfigView } from '../../sync/protocol/sync-config.ts'
import type { SyncLog, SyncOutcome, SyncStatus } from '../../sync/protocol/sync-logs.ts'
import { ago, DAY } from './data.ts'

// One of each thing that the API says of collections: the seed's own examples.

const MINUTE = 60_000
const HOUR = 60 * MINUTE

export const status = (over: Partial<z.infer<typeof SyncStatus>> = {}): z.infer<typeof SyncStatus> => ({
  lastSyncTime: ago(3 * HOUR),
  lastSyncStatus: 'completed',
  lastSyncDuration: 15.2,
  totalSyncsCompleted: 42,
  totalConflicts: 3,
  unresolvedConflicts: 0,
  isOnline: true,
  isSyncing: false,
  ...over,
})

export const log = (over: Partial<SyncLog> = {}): SyncLog => ({
  id: '01SYNC1',
  startTime: ago(3 * HOUR),
  endTime: ago(3 * HOUR - 15_230),
  status: 'completed',
  trigger: 'manual',
  collections: ['admins', 'bookings'],
  localToRemote: { admins: 5, bookings: 12 },
  remoteToLocal: { admins: 2, bookings: 0 },
  conflicts: { admins: 0, bookings: 0 },
  durationSeconds: 15.23,
  device: 'office laptop',
  error: null,
  ...over,
})

export const outcome = (over: Partial<SyncOutcome> = {}): SyncOutcome => ({
  ...log({ device: null }),
  devices: [{ name: 'office laptop', status: 'completed', error: null }],
  ...over,
})

export const ID = 'c_670abc123def'

export const conflict = (over: Partial<SyncConflict> = {}): SyncConflict => ({
  _id: ID,
  collection: 'admins',
  localId: 'a11',
  remoteId: 'a12',
  field: 'username',
  localValue: 'john_admin',
  remoteValue: 'john_admin',
  timestamp: '2025-10-19T10:25:00.000Z',
  resolved: false,
  notes: "Unique field 'username' conflicts with existing remote document",
  kind: 'unique',
  base: null,
  remote: { username: 'john_admin' },
  local: { username: 'john_admin', name: 'John', role_id: 3 },
  recommendations: [
    "Rename local 'username' to 'john_admin_a7k2' to avoid conflict",
    'Discard local changes and use remote value',
    'Manually edit local document to use a different username',
    'Contact the user to choose a new username',
  ],
  strategies: [
    { strategy: 'rename_local', needsValue: true, suggestion: 'john_admin_a7k2' },
    { strategy: 'keep_remote', needsValue: false, suggestion: null },
  ],
  resolution: null,
  resolved_by: null,
  resolved_at: null,
  ...over,
})

export const merge = conflict({
  _id: 'c_merge',
  collection: 'bookings',
  localId: 'b7',
  remoteId: 'b7',
  field: 'guests',
  localValue: 4,
  remoteValue: 3,
  notes: 'changed on both sides to different values',
  kind: 'merge',
  base: { guests: 2, room: null },
  local: { guests: 4, room: 'Hall' },
  remote: { guests: 3, room: 'Garden' },
  recommendations: ['Keep the local value.'],
  strategies: [
    { strategy: 'keep_local', needsValue: false, suggestion: null },
    { strategy: 'keep_remote', needsValue: false, suggestion: null },
    { strategy: 'merge', needsValue: true, suggestion: null },
  ],
})

export const resolved = conflict({
  _id: 'c_old',
  localValue: 'ann',
  resolved: true,
  resolution: 'rename_local',
  resolved_by: 'Ada',
  resolved_at: ago(2 * DAY),
})

export const plan = (over: Partial<PlanView> = {}): PlanView => ({
  lane: 'admins',
  status: 'planned',
  version: 118,
  digest: 'd1',
  changes: [
    {
      table: 'admins',
      key: 'a11',
      op: 'update',
      columns: {
        username: { before: 'john_admin', after: 'john_admin_2' },
        phone: { before: '1', after: null },
      },
    },
  ],
  settles: [{ conflict: ID, strategy: 'rename_local' }],
  opens: [],
  skips: [],
  offers: [],
  ...over,
})

/** What a plan becomes: planned, or applied where nothing else is said. */
const become = (dry_run: unknown, over: Partial<PlanView>) =>
  plan({ status: dry_run === true ? 'planned' : 'applied', ...over })

type Body = { readonly dry_run?: boolean; readonly strategy?: string }

export const settled = (body: unknown, over: Partial<PlanView> = {}): z.infer<typeof ResolveAnswer> => {
  const { dry_run = false, strategy = '' } = body as Body
  return {
    success: true,
    message: `Conflict ${dry_run ? 'would be ' : ''}resolved using ${strategy} strategy`,
    conflict_id: ID,
    resolved_by: dry_run ? null : 'Ada',
    resolved_at: dry_run ? null : ago(0),
    lane: 'admins',
    version: dry_run ? null : 118,
    dry_run,
    plans: [become(dry_run, over)],
  }
}

export const autoSettled = (
  body: unknown,
  over: Partial<PlanView> = {},
): z.infer<typeof AutoResolveAnswer> => {
  const { dry_run = false } = (body ?? {}) as Body
  const skipped = (conflict_id: string) => ({
    conflict_id,
    status: 'skipped' as const,
    strategy: null,
    reason: 'a person must say',
  })
  const done = (conflict_id: string) => ({
    conflict_id,
    status: 'resolved' as const,
    strategy: 'rename_local',
    reason: 'it is younger than an hour',
  })
  return {
    resolved: 3,
    skipped: 5,
    failed: 0,
    results: [...['c1', 'c2', 'c3'].map(done), ...['c4', 'c5', 'c6', 'c7', 'c8'].map(skipped)],
    dry_run,
    plans: [
      become(dry_run, {
        skips: [{ about: 'c4', reason: 'a person must say' }],
        ...over,
      }),
    ],
  }
}

export const undone = (body: unknown, over: Partial<PlanView> = {}): z.infer<typeof PlanAnswer> => {
  const { dry_run = false } = body as Body
  return { dry_run, plans: [become(dry_run, { settles: [], ...over })] }
}

export const COLLECTIONS = [
  'admins',
  'available_rituals',
  'bookings',
  'employee_bookings',
  'employees',
  'events',
]

export const config: z.infer<typeof SyncConfigView> = {
  autoSyncEnabled: true,
  syncIntervalMinutes: null,
  conflictResolutionStrategy: 'manual',
  collectionsToSync: COLLECTIONS,
  maxRetries: 3,
  batchSize: 100,
}

/** As it holds after a change; null is all collections. */
export const configured = (changes: { readonly collectionsToSync?: string[] | null }) => ({
  ...config,
  ...changes,
  collectionsToSync: changes.collectionsToSync ?? COLLECTIONS,
})

export const configChanges: z.infer<typeof ConfigChange>[] = [
  { key: 'sync.collections', at: ago(2 * DAY), by: 'Ada', value: { batchSize: 100 } },
  { key: 'sync.collections', at: ago(3 * DAY), by: 'Ben', value: null },
]

/** Of one row, newest first: refused, pinned, updated, inserted. */
export const past: HistoryEntry[] = [
  entry('refuse', 7, 1, {
    column: 'name',
    before: 'Ann Lee',
    after: 'Anna',
    rule: 'newest(edited_at)',
    origin: 'device:phone',
  }),
  entry('pin', 6, 2, { column: 'role_id', before: null, after: 3, rule: 'pin', origin: 'Ada: agreed' }),
  entry('update', 5, 24, {
    column: 'name',
    before: 'Ann',
    after: 'Ann Lee',
    rule: 'rename_local',
    origin: 'Ada',
  }),
  entry(
    'insert',
    2,
    240,
    { column: 'name', before: null, after: 'Ann', rule: 'theirs', origin: 'device:laptop' },
    { column: 'role_id', before: null, after: 3, rule: 'theirs', origin: 'device:laptop' },
  ),
]

export function entry(
  op: HistoryEntry['op'],
  version: number,
  hours: number,
  ...changes: HistoryEntry['changes']
): HistoryEntry {
  return {
    lane: 'admins',
    version,
    op,
    at: ago(hours * 60 * MINUTE),
    origin: 'device:laptop',
    actor: 'office laptop',
    run_id: null,
    changes,
  }
}
