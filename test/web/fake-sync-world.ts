import type * as z from 'zod'
import type { SyncConflict } from '../../sync/protocol/conflicts.ts'
import type { PlanView } from '../../sync/protocol/plan.ts'
import type { HistoryEntry } from '../../sync/protocol/records.ts'
import type { ConfigChange, SyncConfig } from '../../sync/protocol/sync-config.ts'
import type { NetworkStatus, SyncLog } from '../../sync/protocol/sync-logs.ts'

type Row = Record<string, string | number | null>

/** What somebody did, as far as it can be undone. */
export interface Commit {
  readonly lane: string
  readonly version: number
  readonly changes: PlanView['changes']
  readonly settled: readonly SyncConflict[]
}

/** Collections, their conflicts and devices, from memory. */
export interface FakeSync {
  rows: Map<string, Row>
  conflicts: SyncConflict[]
  /** Whose device each conflict came from */
  owners: Map<string, string>
  commits: Commit[]
  version: number
  /** Why a resolution of a conflict fails */
  failing: Map<string, string>
  /** Runs before the next change is applied: what somebody else does meanwhile */
  meanwhile: (() => void) | null
  config: SyncConfig
  configHistory: z.infer<typeof ConfigChange>[]
  logs: SyncLog[]
  devices: z.infer<typeof NetworkStatus>['devices']
  /** How long the devices take, in milliseconds */
  devicesTake: number
}

const HOUR = 3_600_000
const iso = (ms: number) => new Date(ms).toISOString()

export const COLLECTIONS = ['admins', 'available_rituals', 'bookings', 'employees', 'events'] as const

/** A few conflicts of each kind, then names that are taken: `count` in all. */
export function makeSync(count: number, now: number, history: Map<string, HistoryEntry[]>): FakeSync {
  const rows = new Map<string, Row>([
    ['admins a_ann', { username: 'john', name: 'John Ferry', email: 'john@temple.example', role: 'editor' }],
    ['events e_lamps', EVENT_HERE],
    ['employees m_17', { employee_id: 'E-017', name: 'Mira Patel', phone: '020 7946 0018' }],
    ['bookings b_3', { devotee_name: 'R. Iyer', people: 6, status: 'confirmed' }],
  ])
  const all = [...first(now), ...more(count - 6, now)].slice(0, count)
  for (const { kind, field, localValue, collection, remoteId } of all)
    if (kind === 'unique' && field && remoteId && !rows.has(`${collection} ${remoteId}`))
      rows.set(`${collection} ${remoteId}`, { [field]: localValue })
  history.set('e_lamps', eventHistory(now))
  history.set('a_ann', [
    entry('admins', 31, now - 400 * HOUR, { op: 'insert', actor: 'Office laptop' }, [
      ['username', null, 'john', ''],
      ['name', null, 'John Ferry', ''],
    ]),
  ])
  return {
    rows,
    conflicts: all,
    owners: new Map(all.map(({ _id }, i) => [_id, i % 3 === 0 ? 'ada' : 'bob'])),
    commits: [],
    version: 60,
    failing: new Map(),
    meanwhile: null,
    config: CONFIG,
    configHistory: [
      { key: 'sync.collections', at: iso(now - 30 * HOUR), by: 'Ada', value: { ...CONFIG, maxRetries: 5 } },
      { key: 'sync.collections', at: iso(now - 300 * HOUR), by: 'Ben', value: CONFIG },
    ],
    logs: logs(now),
    devices: [
      device('Office laptop', 'ada', true, now),
      device('Front desk', 'bob', true, now - 9_000),
      device('Ann’s phone', 'ann', false, now - 52 * HOUR),
    ],
    devicesTake: 40,
  }
}

const CONFIG: SyncConfig = {
  autoSyncEnabled: true,
  syncIntervalMinutes: 60,
  conflictResolutionStrategy: 'manual',
  collectionsToSync: [...COLLECTIONS],
  maxRetries: 3,
  batchSize: 100,
}

const EVENT_HERE: Row = {
  title: 'Festival of lamps',
  description:
    'Lamps are lit at dusk in the main hall. Bring your own oil, please. Parking is behind the kitchen.',
  seats: 120,
}

const plain = (strategy: 'keep_local' | 'keep_remote') => ({ strategy, needsValue: false, suggestion: null })
const named = (suggestion: string) => [
  { strategy: 'rename_local' as const, needsValue: true, suggestion },
  { strategy: 'keep_local' as const, needsValue: true, suggestion },
  plain('keep_remote'),
  { strategy: 'merge' as const, needsValue: true, suggestion },
]
const sides = [
  plain('keep_local'),
  plain('keep_remote'),
  { strategy: 'merge' as const, needsValue: true, suggestion: null },
]

function conflict(
  of: Partial<SyncConflict> & Pick<SyncConflict, '_id' | 'collection' | 'kind'>,
): SyncConflict {
  return {
    localId: 'r',
    remoteId: 'r',
    field: null,
    localValue: null,
    remoteValue: null,
    timestamp: iso(0),
    resolved: false,
    notes: '',
    base: null,
    remote: null,
    local: null,
    recommendations: [],
    strategies: sides,
    resolution: null,
    resolved_by: null,
    resolved_at: null,
    ...of,
  }
}

function first(now: number): SyncConflict[] {
  return [
    conflict({
      _id: 'd_unique',
      collection: 'admins',
      kind: 'unique',
      localId: 'a_new',
      remoteId: 'a_ann',
      field: 'username',
      localValue: 'john',
      remoteValue: 'john',
      timestamp: iso(now - 0.4 * HOUR),
      notes: "Unique field 'username' conflicts with existing remote document",
      base: {},
      remote: { username: 'john' },
      local: { username: 'john', name: 'John Miller', email: 'miller@temple.example', role: 'admin' },
      localBy: 'Front desk',
      localAt: iso(now - 0.5 * HOUR),
      recommendations: [
        "Rename local 'username' to 'john_a7k2' to avoid conflict",
        'Discard local changes and use remote value',
        'Manually edit local document to use a different username',
        'Contact the user to choose a new username',
      ],
      strategies: named('john_a7k2'),
    }),
    conflict({
      _id: 'd_merge',
      collection: 'events',
      kind: 'merge',
      localId: 'e_lamps',
      remoteId: 'e_lamps',
      field: 'description',
      timestamp: iso(now - 2 * HOUR),
      notes: "Field 'description' was changed on both sides",
      base: {
        description:
          'Lamps are lit at dusk in the main hall. Bring your own oil. Parking is behind the kitchen.',
        seats: 100,
      },
      remote: { description: EVENT_HERE.description ?? null, seats: 120 },
      local: {
        description:
          'Lamps are lit at 18:30 in the garden. Bring your own oil. Parking is behind the kitchen, and shoes stay at the gate.',
        seats: 150,
      },
      localValue: 'Lamps are lit at 18:30 in the garden.',
      remoteValue: EVENT_HERE.description ?? null,
      localBy: 'Front desk',
      localAt: iso(now - 5 * HOUR),
      remoteBy: 'Ann',
      remoteAt: iso(now - 3 * HOUR),
    }),
    conflict({
      _id: 'd_phone',
      collection: 'employees',
      kind: 'merge',
      localId: 'm_17',
      remoteId: 'm_17',
      field: 'phone',
      timestamp: iso(now - 6 * HOUR),
      base: { phone: '020 7946 0011' },
      remote: { phone: '020 7946 0018' },
      local: { phone: '020 7946 0042' },
      localValue: '020 7946 0042',
      remoteValue: '020 7946 0018',
      localBy: 'Office laptop',
    }),
    conflict({
      _id: 'd_deleted',
      collection: 'bookings',
      kind: 'deleted',
      localId: 'b_7',
      remoteId: null,
      timestamp: iso(now - 20 * HOUR),
      base: { devotee_name: 'S. Rao', people: 2 },
      local: { people: 4 },
      localBy: 'Front desk',
      strategies: sides.slice(0, 2),
    }),
    conflict({
      _id: 'd_delete',
      collection: 'bookings',
      kind: 'delete',
      localId: 'b_3',
      remoteId: 'b_3',
      timestamp: iso(now - 26 * HOUR),
      base: { devotee_name: 'R. Iyer', people: 4, status: 'requested' },
      remote: { devotee_name: 'R. Iyer', people: 6, status: 'confirmed' },
      localBy: 'Ann’s phone',
      strategies: sides.slice(0, 2),
    }),
    conflict({
      _id: 'd_settled',
      collection: 'employees',
      kind: 'unique',
      localId: 'm_40',
      remoteId: 'm_12',
      field: 'employee_id',
      localValue: 'E-012',
      remoteValue: 'E-012',
      timestamp: iso(now - 70 * HOUR),
      base: {},
      remote: { employee_id: 'E-012' },
      local: { employee_id: 'E-012', name: 'Tara Shah' },
      localBy: 'Office laptop',
      strategies: [],
      resolved: true,
      resolution: 'rename_local',
      resolved_by: 'Ada',
      resolved_at: iso(now - 60 * HOUR),
      notes: 'Asked her by phone',
    }),
  ]
}

function more(count: number, now: number): SyncConflict[] {
  return Array.from({ length: Math.max(0, count) }, (_, i) => {
    const name = `priest${i + 1}`
    return conflict({
      _id: `d_more_${i + 1}`,
      collection: i % 2 ? 'employees' : 'admins',
      kind: 'unique',
      localId: `n_${i + 1}`,
      remoteId: `o_${i + 1}`,
      field: i % 2 ? 'employee_id' : 'username',
      localValue: name,
      remoteValue: name,
      timestamp: iso(now - (30 + i / 10) * HOUR),
      base: {},
      remote: { [i % 2 ? 'employee_id' : 'username']: name },
      local: { [i % 2 ? 'employee_id' : 'username']: name, name: `Person ${i + 1}` },
      localBy: 'Front desk',
      strategies: named(`${name}_x${i % 10}q4`),
    })
  })
}

function entry(
  lane: string,
  version: number,
  at: number,
  more: Partial<HistoryEntry>,
  changes: readonly (readonly [string, string | number | null, string | number | null, string])[],
): HistoryEntry {
  return {
    lane,
    version,
    op: 'update',
    at: iso(at),
    origin: 'device:01K9',
    actor: 'Ann',
    run_id: null,
    changes: changes.map(([column, before, after, rule]) => ({
      column,
      before,
      after,
      origin: 'device:01K9',
      rule,
    })),
    ...more,
  }
}

function eventHistory(now: number): HistoryEntry[] {
  return [
    entry('events', 58, now - 3 * HOUR, {}, [['seats', 100, 120, 'threeWay']]),
    entry('events', 57, now - 8 * HOUR, { op: 'refuse', actor: 'Front desk' }, [
      ['title', null, 'Lamps!', 'newest(edited_at)'],
    ]),
    entry('events', 55, now - 30 * HOUR, { op: 'resolve', actor: 'Ada', origin: 'api' }, [
      ['conflict', null, 'd_old', 'keep_local'],
      ['resolution', null, 'keep_local', ''],
    ]),
    entry('events', 55, now - 30 * HOUR, { actor: 'Ada', origin: 'api' }, [
      ['title', 'Lamp festival', 'Festival of lamps', 'keep_local'],
    ]),
    entry('events', 50, now - 60 * HOUR, { op: 'pin', actor: 'Ada', origin: 'api' }, [
      ['price', 500, 500, 'pin'],
    ]),
    entry(
      'events',
      44,
      now - 90 * HOUR,
      { actor: 'cron', origin: 'events.sheet', run_id: '01JD0000000000000000000097' },
      [['hall', 'garden', 'main hall', 'threeWay']],
    ),
    entry(
      'events',
      43,
      now - 90 * HOUR,
      { actor: 'cron', origin: 'events.sheet', run_id: '01JD0000000000000000000097' },
      [['price', 400, 500, 'max']],
    ),
    entry('events', 12, now - 900 * HOUR, { op: 'insert', actor: 'Office laptop' }, [
      ['title', null, 'Lamp festival', ''],
      ['seats', null, 100, ''],
    ]),
  ]
}

const logs = (now: number): SyncLog[] => {
  const log = (n: number, hours: number, more: Partial<SyncLog>): SyncLog => ({
    id: `log_${n}`,
    startTime: iso(now - hours * HOUR),
    endTime: iso(now - hours * HOUR + 2_400),
    status: 'completed',
    trigger: 'automatic',
    collections: [...COLLECTIONS],
    localToRemote: {},
    remoteToLocal: {},
    conflicts: {},
    durationSeconds: 2.4,
    device: 'Front desk',
    error: null,
    ...more,
  })
  return [
    log(4, 0.1, {
      localToRemote: { admins: 1, bookings: 12 },
      remoteToLocal: { events: 2 },
      conflicts: { admins: 1 },
    }),
    log(3, 2, { trigger: 'manual', device: null, remoteToLocal: { employees: 3 }, durationSeconds: 15.2 }),
    log(2, 20, {
      device: 'Ann’s phone',
      status: 'failed',
      error: 'The network went away; 3 edits wait on the phone.',
    }),
    log(1, 26, { device: 'Office laptop', localToRemote: { employees: 2 } }),
  ]
}

const device = (name: string, user: string, is_online: boolean, at: number) => ({
  id: name,
  name,
  user,
  is_online,
  last_check: iso(at),
  check_interval_seconds: 30,
})
