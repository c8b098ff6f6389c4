import type * as z from 'zod'
import type { ErpStatus, Started } from '../../sync/protocol/erp.ts'
import type { Conflict, HistoryEntry, Token } from '../../sync/protocol/records.ts'
import type { PartReport, Run } from '../../sync/protocol/runs.ts'
import type {
  Account,
  Growth,
  Project,
  ReadingsAnswer,
  SmartSyncAnswer,
  Snapshot,
  SyncStatusAnswer,
} from '../../sync/protocol/smart-sync.ts'

// One of each thing that the API answers with. Times count from when the tests began, so that "2 h ago" stays true.

const HOUR = 3_600_000
export const DAY = 24 * HOUR
let now = Date.now()
export const ago = (ms: number) => new Date(now - ms).toISOString()
/** Where the machine is busy, a file of tests takes longer than `just now` lasts: times count from here on. */
export const beginAgain = () => {
  now = Date.now()
}

const none = { followers: null, likes: null, comments: null, videos: null, views: null }

export const project = (over: Partial<Project> = {}): Project => ({
  id: 'harbour',
  workspace_id: 'main',
  name: 'Harbour Films',
  tab: 'Harbour Films',
  active: true,
  time_zone: 'UTC',
  owner: null,
  write_back: false,
  accounts: 2,
  totals: { followers: 1_234_567, likes: 89_000, comments: 310, videos: 42, views: 98_765_432 },
  ...over,
})

export const projects = [
  project(),
  project({ id: 'kelp', name: '海藻の森', accounts: 1, totals: { ...none, followers: 900 }, active: false }),
]

export const account = (over: Partial<Account> = {}): Account => ({
  id: 'acc-1',
  project_id: 'harbour',
  platform: 'YouTube',
  profile_url: 'https://youtube.com/@harbour',
  username: 'harbour',
  followers: 1_200_000,
  likes: 88_000,
  comments: null,
  videos: 40,
  views: 98_000_000,
  version: 1_041,
  updated_at: ago(2 * HOUR),
  origin: 'smart-sync.sheet',
  pins: [
    {
      column: 'likes',
      value: 88_000,
      source: 'api',
      by: 'Ada',
      note: 'bot likes removed',
      until: null,
      at: ago(2 * DAY),
    },
  ],
  ...over,
})

export const accounts = [
  account({
    id: 'acc-2',
    username: null,
    profile_url: 'https://www.tiktok.com/@kelp',
    platform: 'TikTok',
    followers: 34_567,
    pins: [],
  }),
  account(),
]

const changes = (n: number | null) => ({ followers: n, likes: 0, comments: null, videos: 1, views: n })
export const growth: Growth = { day: changes(1_200), week: changes(-40), month: changes(null) }

const day = (back: number) => ago(back * DAY).slice(0, 10)
export const snapshots: Snapshot[] = [
  { ...none, day: day(4), followers: 100 },
  { ...none, day: day(3), followers: 150 },
  { ...none, day: day(1), followers: 450 },
  { ...none, day: day(0), followers: 800 },
]

export const history: HistoryEntry[] = [
  {
    lane: 'workspace:main',
    version: 1_041,
    op: 'update',
    at: ago(2 * HOUR),
    origin: 'smart-sync.sheet',
    actor: 'cron',
    run_id: '01RUN2',
    changes: [
      { column: 'followers', before: 1_100_000, after: 1_200_000, origin: 'Harbour Films!C4', rule: 'max' },
      { column: 'username', before: null, after: 'harbour', origin: 'Harbour Films!B4', rule: 'theirs' },
    ],
  },
  {
    lane: 'workspace:main',
    version: 990,
    op: 'refuse',
    at: ago(3 * DAY),
    origin: 'readings',
    actor: 'parser-1',
    run_id: '01RUN1',
    changes: [{ column: 'followers', before: 1_100_000, after: 900, origin: 'parser-1', rule: 'max' }],
  },
]

const counts = {
  read: 2,
  merged: 1,
  written: 1,
  skipped: 1,
  rejected: 0,
  conflicts: 0,
  deleted: 0,
  calls: 3,
}

export const part = (over: Partial<PartReport> = {}): PartReport => ({
  id: 'harbour',
  name: 'Harbour Films',
  status: 'done',
  rows: 2,
  updated: 1,
  derived: 2,
  sent: 0,
  warnings: [],
  at: ago(3 * HOUR),
  ...over,
})

export const run = (over: Partial<Omit<Run, 'report'>> & { report?: Partial<Run['report']> } = {}): Run => ({
  id: '01RUN2',
  link: 'smart-sync.sheet',
  scope: 'main',
  lane: 'workspace:main',
  trigger: 'cron',
  parts: null,
  full: false,
  actor: 'cron',
  status: 'done',
  enqueued_at: ago(3 * HOUR + 2_000),
  started_at: ago(3 * HOUR + 1_500),
  finished_at: ago(3 * HOUR),
  ...over,
  report: { counts, parts: [part()], warnings: [], warnings_cut: 0, ...over.report },
})

export const unreadable = {
  kind: 'unreadable',
  message: 'is not a number: the cell took no part in the merge',
  where: 'Harbour Films!D6',
  raw: 'n/a',
}

export const degraded = run({
  id: '01RUN1',
  status: 'degraded',
  trigger: 'manual',
  actor: 'Ada',
  report: {
    counts: { ...counts, conflicts: 1 },
    reason: 'Google Sheets answered 403.',
    mend: 'Share the sheet with tidemark@example.com.',
    parts: [part({ status: 'degraded', reason: 'Google Sheets answered 403.', warnings: [unreadable] })],
  },
})

export const conflict = (over: Partial<Conflict> = {}): Conflict => ({
  id: 'con-1',
  lane: 'workspace:main',
  link: 'smart-sync.sheet',
  scope: 'main',
  part: 'harbour',
  table: 'accounts',
  key: 'acc-1',
  column: null,
  kind: 'duplicate_key',
  base: null,
  ours: 'row 5',
  theirs: 'row 14',
  detail: 'The same address stands in rows 5 and 14. Row 5 is synced.',
  recommendations: ['Delete row 14 if it is a copy.'],
  opened_at: ago(3 * HOUR),
  run_id: '01RUN1',
  resolved_at: null,
  resolution: null,
  ...over,
})

export const settled = conflict({
  id: 'con-0',
  resolved_at: ago(HOUR),
  resolution: 'row 14 is gone',
})

export const status = (over: Partial<SyncStatusAnswer> = {}): SyncStatusAnswer => ({
  success: true,
  total_projects: 2,
  active_projects: 1,
  cache_enabled: false,
  timestamp: ago(0),
  last_run: { id: '01RUN2', status: 'done', finished_at: ago(4 * HOUR) },
  next_due: ago(-5.2 * HOUR),
  open_conflicts: 0,
  sheets_reachable: true,
  sheets_trouble: null,
  ...over,
})

export const synced = (over: Partial<SmartSyncAnswer['results'][number]> = {}): SmartSyncAnswer => {
  const result = {
    success: true,
    project_id: 'harbour',
    project_name: 'Harbour Films',
    total_accounts: 1_204,
    updated_count: 17,
    snapshot_count: 1_204,
    timestamp: ago(0),
    run_id: '01RUN2',
    warnings: [],
    ...over,
  }
  return {
    success: result.success,
    total_projects: 1,
    success_count: result.success ? 1 : 0,
    error_count: result.success ? 0 : 1,
    results: [result],
    timestamp: ago(0),
  }
}

export const readingsAnswer = (accepted: number): z.infer<typeof ReadingsAnswer> => ({
  success: true,
  accepted,
  unchanged: 0,
  rejected: [],
  timestamp: ago(0),
})

export const token = (over: Partial<Token> = {}): Token => ({
  id: 'a1b2c3',
  role: 'admin',
  user_id: null,
  name: 'Ada',
  kind: 'token',
  created_at: ago(20 * DAY),
  expires_at: null,
  last_used_at: ago(5 * HOUR),
  revoked_at: null,
  ...over,
})

type ErpScope = ErpStatus['systems'][number]['scopes'][number]

const erpScope = (over: Partial<ErpScope> = {}): ErpScope => ({
  scope: 'shared',
  lane: 'products',
  active: true,
  rows: 6_000,
  last_status: 'unchanged',
  last_good_at: ago(HOUR),
  last_full_at: ago(3 * HOUR),
  last_check_at: ago(HOUR),
  next_due_at: ago(-2 * HOUR),
  trouble: null,
  checks: 12,
  skips: 9,
  waiting_rows: 0,
  resumes_at_page: null,
  bound: null,
  ...over,
})

const erpSystem = (
  system: string,
  per: 'user' | 'shared',
  check_ms: number,
  scopes: ErpScope[],
): ErpStatus['systems'][number] => ({
  link: `${system}.erp`,
  system,
  per,
  probe: 'rolling',
  check_ms,
  full_ms: DAY,
  priority: 1,
  scopes,
})

export const erpStatus = (over: Partial<ErpStatus> = {}): ErpStatus => ({
  configured: true,
  systems: [
    erpSystem('customers', 'user', HOUR / 2, [
      erpScope({ scope: 'ann', lane: 'customers:ann', rows: 5_700, bound: { checks: 23, ms: 11.5 * HOUR } }),
    ]),
    erpSystem('products', 'shared', 2 * HOUR, [erpScope()]),
  ],
  runs: [],
  gate: { concurrency: 1, inside: [], waiting: [], closed_until: null },
  forecast: { scopes: 2, call_ms: 3_000, share: 0.21 },
  images: { pending: 2, stored: 5_900, dead: 0 },
  unmatched_prices: 0,
  orders: [],
  timestamp: ago(0),
  ...over,
})

export const erpStarted: Started = {
  started: [{ link: 'products.erp', scope: 'shared', answer: 'queued', run_id: '01RUN2' }],
  timestamp: ago(0),
}
