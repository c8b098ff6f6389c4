import * as z from 'zod'
import { LIMITS, Time, Warning } from './common.ts'

// The answers of the seed ("Successful Sync Response", "Sync Status Response"), snake_case, field for field,
// and the project's own additions after them.

export const MetricName = z.enum(['followers', 'likes', 'comments', 'videos', 'views'])
export type MetricName = z.infer<typeof MetricName>

/** A count as a platform states it: whole, not negative, exact in JavaScript. */
export const MetricValue = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER)

const Metrics = z.object({
  followers: MetricValue.nullable(),
  likes: MetricValue.nullable(),
  comments: MetricValue.nullable(),
  videos: MetricValue.nullable(),
  views: MetricValue.nullable(),
})

export const ProjectResult = z
  .object({
    success: z.boolean(),
    project_id: z.string(),
    project_name: z.string(),
    total_accounts: z.number().int(),
    updated_count: z.number().int(),
    snapshot_count: z.number().int(),
    timestamp: Time,
    run_id: z.string(),
    warnings: z.array(Warning),
    /** Present and true where the sheet could not be read and the project was synced without it */
    degraded: z.boolean().optional(),
    /** Why the project failed or is degraded, and what to do */
    error: z.string().optional(),
    mend: z.string().optional(),
  })
  .meta({ id: 'ProjectResult' })
export type ProjectResult = z.infer<typeof ProjectResult>

export const SmartSyncAnswer = z
  .object({
    success: z.boolean(),
    total_projects: z.number().int(),
    success_count: z.number().int(),
    error_count: z.number().int(),
    results: z.array(ProjectResult),
    timestamp: Time,
  })
  .meta({ id: 'SmartSyncAnswer' })
export type SmartSyncAnswer = z.infer<typeof SmartSyncAnswer>

/** 202: the runs go on; ask for them by id. */
export const SmartSyncAccepted = z
  .object({ success: z.literal(true), run_ids: z.array(z.string()), timestamp: Time })
  .meta({ id: 'SmartSyncAccepted' })

export const SyncStatusAnswer = z
  .object({
    success: z.boolean(),
    total_projects: z.number().int(),
    active_projects: z.number().int(),
    cache_enabled: z.boolean(),
    timestamp: Time,
    last_run: z.object({ id: z.string(), status: z.string(), finished_at: Time.nullable() }).nullable(),
    next_due: Time.nullable(),
    open_conflicts: z.number().int(),
    /** null: not asked yet */
    sheets_reachable: z.boolean().nullable(),
    /** Why not, and what to do */
    sheets_trouble: z.string().nullable(),
  })
  .meta({ id: 'SyncStatusAnswer' })
export type SyncStatusAnswer = z.infer<typeof SyncStatusAnswer>

export const Workspace = z
  .object({ id: z.string(), name: z.string(), spreadsheet_id: z.string() })
  .meta({ id: 'Workspace' })

export const Id = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, 'letters, digits, _ and -, 64 at most')

/** PUT of a workspace: the spreadsheet by its id, or by its address as copied from the browser. */
export const WorkspaceInput = z.object({
  name: z.string().trim().min(1).max(200),
  spreadsheet_id: z
    .string()
    .trim()
    .transform((text) => /\/spreadsheets\/d\/([\w-]+)/.exec(text)?.[1] ?? text)
    .pipe(z.string().regex(/^[\w-]{10,100}$/, 'not a spreadsheet id or address')),
})

const timeZone = z.string().refine((name) => {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }))
  } catch {
    return false
  }
}, 'not an IANA time zone (like Europe/Berlin)')

export const ProjectInput = z.object({
  workspace_id: Id,
  name: z.string().trim().min(1).max(200),
  tab: z.string().trim().min(1).max(100),
  active: z.boolean().default(true),
  time_zone: timeZone.default('UTC'),
  owner: z.string().max(100).nullable().default(null),
  write_back: z.boolean().default(false),
})

const Growth = z.object({ day: MetricChange(), week: MetricChange(), month: MetricChange() })

function MetricChange() {
  const change = z.number().int().nullable()
  return z.object({ followers: change, likes: change, comments: change, videos: change, views: change })
}

/** Change over 24 h, 7 d and 30 d; null where there is no snapshot so old. */
export const GrowthAnswer = Growth.meta({ id: 'Growth' })
export type Growth = z.infer<typeof GrowthAnswer>

export const Project = z
  .object({
    id: z.string(),
    ...ProjectInput.shape,
    active: z.boolean(),
    time_zone: z.string(),
    owner: z.string().nullable(),
    write_back: z.boolean(),
    accounts: z.number().int(),
    totals: Metrics,
  })
  .meta({ id: 'Project' })
export type Project = z.infer<typeof Project>

export const Pin = z
  .object({
    column: z.string(),
    value: z.union([z.string(), z.number(), z.null()]),
    /** `api`, or the link whose remote shows it (a cell note, a pin column) */
    source: z.string(),
    by: z.string(),
    note: z.string(),
    until: Time.nullable(),
    at: Time,
  })
  .meta({ id: 'Pin' })
export type Pin = z.infer<typeof Pin>

export const Account = z
  .object({
    id: z.string(),
    project_id: z.string(),
    platform: z.string(),
    profile_url: z.string(),
    username: z.string().nullable(),
    ...Metrics.shape,
    version: z.number().int(),
    updated_at: Time,
    origin: z.string(),
    pins: z.array(Pin),
  })
  .meta({ id: 'Account' })
export type Account = z.infer<typeof Account>

export const Snapshot = z.object({ day: z.iso.date(), ...Metrics.shape }).meta({ id: 'Snapshot' })
export type Snapshot = z.infer<typeof Snapshot>

/** Readings from any parser. An account is named by its id, or by its profile URL within a project. */
export const Reading = z
  .object({
    account_id: z.string().max(200).optional(),
    project_id: z.string().max(200).optional(),
    profile_url: z.string().max(2_000).optional(),
    metric: MetricName,
    value: MetricValue,
    at: Time,
    source: z
      .string()
      .trim()
      .regex(/^[\w.-]{1,50}$/, 'letters, digits, . _ -, 50 at most'),
  })
  .meta({ id: 'Reading' })
export type Reading = z.infer<typeof Reading>

/** Each reading is judged by itself: one bad one never stops the others. */
export const ReadingsInput = z.object({ readings: z.array(z.unknown()).min(1).max(LIMITS.page) })

export const ReadingsAnswer = z
  .object({
    success: z.boolean(),
    accepted: z.number().int(),
    /** Same or older than what is stored: nothing changed */
    unchanged: z.number().int(),
    rejected: z.array(z.object({ index: z.number().int(), reason: z.string() })),
    timestamp: Time,
  })
  .meta({ id: 'ReadingsAnswer' })

/** PUT of a pin. Without `value` the metric is pinned to what it is now. */
export const PinInput = z.object({
  value: MetricValue.optional(),
  note: z.string().trim().max(500).default(''),
  until: Time.optional(),
})
