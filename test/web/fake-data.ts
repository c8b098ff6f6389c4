import type * as z from 'zod'
import type { Conflict, HistoryEntry } from '../../sync/protocol/records.ts'
import type { Run } from '../../sync/protocol/runs.ts'
import type {
  Account,
  Growth,
  MetricName,
  Project,
  Snapshot,
  SyncStatusAnswer,
} from '../../sync/protocol/smart-sync.ts'
import { type FakeErp, makeErp } from './fake-erp.ts'
import { type FakeSheets, makeSheets } from './fake-sheets.ts'
import { type FakeSync, makeSync } from './fake-sync-world.ts'

const METRICS = ['followers', 'likes', 'comments', 'videos', 'views'] as const satisfies MetricName[]
const DAY = 86_400_000
const MINUTE = 60_000

export interface World {
  projects: Project[]
  accounts: Account[]
  runs: Run[]
  conflicts: Conflict[]
  history: Map<string, HistoryEntry[]>
  erp: FakeErp
  sync: FakeSync
  sheets: FakeSheets
  trouble: string | null
  /** The clock's reading when the world was made */
  now: number
}

export interface Size {
  readonly projects: number
  readonly accounts: number
  /** Users of the ERP; absent: two */
  readonly users?: number
  /** Conflicts of devices, settled ones too; absent: none */
  readonly conflicts?: number
}

/** A small world in which everything that the pages can show is there once. The same seed gives the same world. */
export function makeWorld(
  { projects: projectCount, accounts: accountCount, users = 2, conflicts = 0 }: Size,
  now: number,
): World {
  const random = mulberry32(20_261_121)
  const projects = Array.from({ length: projectCount }, (_, i) => projectOf(i))
  const accounts = projects.flatMap((project, p) =>
    Array.from({ length: p === 0 ? accountCount : Math.min(accountCount, 10) }, (_, i) =>
      accountOf(project, i, random, now),
    ),
  )
  for (const project of projects) total(project, accounts)
  pinFirst(accounts, now)
  const runs = projects.length > 0 ? runsOf(projects, accounts, now) : []
  const history = new Map(accounts.slice(0, 3).map((account) => [account.id, historyOf(account, runs, now)]))
  return {
    projects,
    accounts,
    runs,
    conflicts: conflictsOf(projects, accounts, runs, now),
    history,
    erp: makeErp(users, now),
    sync: makeSync(conflicts, now, history),
    sheets: makeSheets(now),
    trouble: null,
    now,
  }
}

const NAMES = ['Harbour Films', 'Northern Lights', 'Salt & Stone', 'Long Shore Radio', 'Tidal Kitchen']

function projectOf(i: number): Project {
  const name = NAMES[i] ?? `Project ${i + 1}`
  return {
    id: `project-${i + 1}`,
    workspace_id: 'main',
    name,
    tab: name,
    active: i !== 4,
    time_zone: i === 1 ? 'Europe/Oslo' : 'UTC',
    owner: null,
    write_back: i === 2,
    accounts: 0,
    totals: { followers: null, likes: null, comments: null, videos: null, views: null },
  }
}

const PLATFORMS = [
  ['YouTube', 'https://youtube.com/@'],
  ['TikTok', 'https://tiktok.com/@'],
  ['Instagram', 'https://instagram.com/'],
] as const
const HANDLES = [
  'harbourfilms',
  'northern.lights',
  'saltandstone',
  'long_shore',
  'tidalkitchen',
  'foghorn',
  'kelpforest',
  'lighthouse.diaries',
  'driftwood',
  'sandbar',
  'gullwatch',
  'undertow',
]

function accountOf(project: Project, i: number, random: () => number, now: number): Account {
  const [platform, address] = PLATFORMS[i % 3] ?? PLATFORMS[0]
  const handle = `${HANDLES[i % HANDLES.length]}${i < HANDLES.length ? '' : i}`
  const followers = Math.round(10 ** (3 + random() * 3.2))
  return {
    id: `${project.id}-a${i + 1}`,
    project_id: project.id,
    platform,
    profile_url: `${address}${handle}`,
    username: i === 7 ? null : handle,
    followers,
    likes: Math.round(followers * (2 + random() * 9)),
    comments: i === 5 ? null : Math.round(followers * random() * 0.4),
    videos: Math.round(10 + random() * 900),
    views: Math.round(followers * (20 + random() * 130)),
    version: 40 + i,
    updated_at: iso(now - Math.round(random() * 40 * 60) * MINUTE),
    origin: 'smart-sync',
    pins: [],
  }
}

function total(project: Project, accounts: readonly Account[]): void {
  const own = accounts.filter((account) => account.project_id === project.id)
  project.accounts = own.length
  for (const metric of METRICS) {
    const values = own.map((account) => account[metric]).filter((value) => value !== null)
    project.totals[metric] = values.length > 0 ? values.reduce((a, b) => a + b, 0) : null
  }
}

function pinFirst(accounts: readonly Account[], now: number): void {
  accounts[0]?.pins.push({
    column: 'likes',
    value: accounts[0].likes,
    source: 'api',
    by: 'Ada',
    note: 'Corrected after the platform removed bot likes',
    until: iso(now + 12 * DAY),
    at: iso(now - 2 * DAY),
  })
  accounts[2]?.pins.push({
    column: 'views',
    value: accounts[2].views,
    source: 'smart-sync.sheet',
    by: "'Harbour Films'!G4",
    note: '',
    until: null,
    at: iso(now - 5 * DAY),
  })
}

export function growthOf(totals: Project['totals'], younger = false): Growth {
  const over = (share: number) =>
    Object.fromEntries(
      METRICS.map((metric) => {
        const value = totals[metric]
        if (value === null || younger) return [metric, null]
        return [
          metric,
          metric === 'videos'
            ? Math.round(share * 20)
            : Math.round(value * share * (metric === 'comments' ? -0.1 : 1)),
        ]
      }),
    ) as Growth['day']
  return { day: over(0.0021), week: over(0.013), month: younger ? over(0) : over(0.058) }
}

/** A line that rises to the present value, with two days missing. */
export function snapshotsOf(account: Account, days: number, now: number): Snapshot[] {
  const random = mulberry32(account.id.length * 7919)
  const factor = Array.from(
    { length: days },
    (_, ago) => 1 - ago * 0.0018 - random() * 0.002 * Math.min(1, ago),
  )
  return factor
    .map((share, ago) => ({
      day: iso(now - ago * DAY).slice(0, 10),
      ...(Object.fromEntries(
        METRICS.map((metric) => [
          metric,
          account[metric] === null ? null : Math.round(account[metric] * share),
        ]),
      ) as Omit<Snapshot, 'day'>),
    }))
    .filter((_, ago) => ago !== 11 && ago !== 12)
}

export function newRun(
  projects: readonly Project[],
  number: number,
  now: number,
  parts: string[] | null,
): Run {
  const chosen = projects.filter(
    (project) => project.active && (parts === null || parts.includes(project.id)),
  )
  return {
    id: `01JD${String(number).padStart(22, '0')}`,
    link: 'smart-sync.sheet',
    scope: 'main',
    lane: 'workspace:main',
    trigger: 'manual',
    parts,
    full: false,
    actor: 'Ada',
    status: 'queued',
    enqueued_at: iso(now),
    started_at: null,
    finished_at: null,
    report: {
      counts: { read: 0, merged: 0, written: 0, skipped: 0, rejected: 0, conflicts: 0, deleted: 0, calls: 0 },
      parts: chosen.map((project) => ({
        id: project.id,
        name: project.name,
        status: 'waiting',
        rows: project.accounts,
        updated: 0,
        derived: 0,
        sent: 0,
        warnings: [],
        at: null,
      })),
      warnings: [],
      warnings_cut: 0,
    },
  }
}

/** One more part of a run passes; with the last one the run ends. */
export function advance(run: Run, now: number, trouble: string | null): void {
  run.status = 'running'
  run.started_at ??= iso(now)
  const { parts, counts } = run.report
  const part = parts.find((candidate) => candidate.status === 'waiting')
  if (part) {
    const updated = trouble ? 0 : Math.min(part.rows, part.id === 'project-3' ? 0 : 4)
    Object.assign(part, {
      status: trouble ? 'degraded' : updated ? 'done' : 'unchanged',
      updated,
      derived: part.rows,
      at: iso(now),
    })
    if (trouble) Object.assign(part, TROUBLE)
    if (part.id === 'project-1' && !trouble) part.warnings = [...WARNINGS]
    counts.read += part.rows
    counts.merged += updated
    counts.written += updated
    counts.skipped += part.rows - updated
    counts.calls = 2
  }
  if (parts.some((candidate) => candidate.status === 'waiting')) return
  run.status = trouble ? 'degraded' : counts.written > 0 ? 'done' : 'unchanged'
  if (trouble) Object.assign(run.report, TROUBLE)
  run.finished_at = iso(now)
}

const TROUBLE = {
  reason: 'Google Sheets answered 403: Tidemark may not open the spreadsheet.',
  mend: 'Share it as editor with tidemark@example.iam.gserviceaccount.com; the next run reads it again.',
}
export const TROUBLE_TEXT = `${TROUBLE.reason} ${TROUBLE.mend}`

const WARNINGS = [
  {
    kind: 'unreadable',
    message: 'is not a number: the cell took no part in the merge',
    where: "'Harbour Films'!D6",
    raw: 'n/a',
  },
  {
    kind: 'ambiguous',
    message: 'may be 1,234 or 1.234: write it without a separator',
    where: "'Harbour Films'!C9",
    raw: '1.234',
  },
]

function runsOf(projects: readonly Project[], _accounts: readonly Account[], now: number): Run[] {
  const statuses = ['done', 'unchanged', 'degraded', 'failed', 'done', 'unchanged'] as const
  return Array.from({ length: 14 }, (_, i) => {
    const at = now - (4 + i * 30) * MINUTE
    const status = statuses[i % statuses.length] ?? 'done'
    const run = newRun(projects, 100 - i, at, null)
    run.trigger = (['cron', 'manual', 'cron', 'cron', 'readings', 'pin'] as const)[i % 6] ?? 'cron'
    run.actor = run.trigger === 'cron' ? 'cron' : run.trigger === 'readings' ? 'parser-1' : 'Ada'
    run.started_at = iso(at + 40)
    while (!run.finished_at) advance(run, at + 1_240, status === 'degraded' ? TROUBLE_TEXT : null)
    if (status === 'unchanged') {
      run.status = 'unchanged'
      for (const part of run.report.parts)
        Object.assign(part, { status: 'unchanged', updated: 0, derived: 0, warnings: [] })
      Object.assign(run.report.counts, { merged: 0, written: 0, read: 0, skipped: 0, calls: 1 })
    }
    if (status === 'failed') {
      run.status = 'failed'
      Object.assign(run.report, {
        reason: 'The tab "Salt & Stone" has no column for profile_url: found Name, Link to page, Followers.',
        mend: 'Name the column "Profile URL", or add its name to the aliases.',
      })
      for (const part of run.report.parts)
        Object.assign(part, { status: 'failed', updated: 0, derived: 0, warnings: [] })
    }
    return run
  })
}

function conflictsOf(
  projects: readonly Project[],
  accounts: readonly Account[],
  runs: readonly Run[],
  now: number,
): Conflict[] {
  const account = accounts[3]
  if (!account || projects.length === 0) return []
  const about = {
    lane: 'workspace:main',
    link: 'smart-sync.sheet',
    scope: 'main',
    part: account.project_id,
    table: 'accounts',
  }
  const row = (followers: number, views: number) =>
    JSON.stringify({ profile_url: account.profile_url, username: account.username, followers, views })
  return [
    {
      ...about,
      id: 'c_1',
      key: account.profile_url,
      column: null,
      kind: 'duplicate',
      base: null,
      ours: row(7_304, 498_719),
      theirs: row(6_120, 498_719),
      detail: `${account.profile_url} stands twice: 'Harbour Films'!A5 is used, 'Harbour Films'!A14 is not`,
      recommendations: ['Remove one of the two rows, or correct its key; the conflict closes by itself.'],
      opened_at: iso(now - 3 * 3_600_000),
      run_id: runs[0]?.id ?? null,
      resolved_at: null,
      resolution: null,
    },
    {
      ...about,
      id: 'c_2',
      key: account.project_id,
      column: null,
      kind: 'deletion_guard',
      base: null,
      ours: JSON.stringify(accounts.slice(0, 7).map(({ id }) => id)),
      theirs: null,
      detail: '7 of 12 rows are gone from Harbour Films; more than the guard lets go, so they were kept',
      recommendations: ['Put the rows back; the conflict closes by itself.'],
      opened_at: iso(now - 26 * 3_600_000),
      run_id: runs[2]?.id ?? null,
      resolved_at: iso(now - 25 * 3_600_000),
      resolution: 'The rows came back',
    },
  ]
}

function historyOf(account: Account, runs: readonly Run[], now: number): HistoryEntry[] {
  const entry = (n: number, hours: number, more: Partial<HistoryEntry>): HistoryEntry => ({
    lane: 'workspace:main',
    version: n,
    op: 'update',
    at: iso(now - hours * 3_600_000),
    origin: 'smart-sync',
    actor: 'cron',
    run_id: runs[n % runs.length]?.id ?? null,
    changes: [],
    ...more,
  })
  const followers = account.followers ?? 0
  const step = (
    column: string,
    before: number | null,
    after: number | null,
    origin: string,
    rule: string,
  ) => ({ column, before, after, origin, rule })
  return [
    entry(58, 0.1, { changes: [step('followers', followers - 31, followers, 'reading of youtube', 'max')] }),
    entry(55, 2, {
      op: 'refuse',
      changes: [step('followers', followers - 31, followers - 420, "'Harbour Films'!C2", 'max')],
    }),
    entry(51, 20, {
      op: 'pin',
      actor: 'Ada',
      run_id: null,
      origin: 'pin',
      changes: [step('likes', account.likes, account.likes, 'Ada', 'pin')],
    }),
    entry(47, 50, {
      changes: [
        step('followers', followers - 310, followers - 31, "'Harbour Films'!C2", 'max'),
        step('views', (account.views ?? 0) - 900, account.views, "'Harbour Films'!G2", 'max'),
      ],
    }),
    entry(12, 900, {
      op: 'insert',
      changes: METRICS.map((metric) =>
        step(metric, null, Math.round((account[metric] ?? 0) * 0.9), "'Harbour Films'!A2", 'max'),
      ),
    }),
  ]
}

export function statusOf(world: World): z.infer<typeof SyncStatusAnswer> {
  const last = world.runs.find((run) => run.finished_at !== null)
  return {
    success: true,
    total_projects: world.projects.length,
    active_projects: world.projects.filter((project) => project.active).length,
    cache_enabled: false,
    timestamp: iso(Date.now()),
    last_run: last ? { id: last.id, status: last.status, finished_at: last.finished_at } : null,
    next_due: world.projects.length > 0 ? iso(world.now + 26 * MINUTE) : null,
    open_conflicts: world.conflicts.filter((conflict) => conflict.resolved_at === null).length,
    sheets_reachable: world.projects.length > 0 ? world.trouble === null : null,
    sheets_trouble: world.trouble,
  }
}

export const iso = (ms: number) => new Date(ms).toISOString()

function mulberry32(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
