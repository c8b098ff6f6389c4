import * as z from 'zod'
import { Time, Warning } from './common.ts'

/**
 * Why a run was asked for. `login`, `reconnect`, `read`: somebody signed in, came back on line, or read old rows.
 * `after`: another link brought rows that this one's waiting rows may match. `action`: something was done in the remote.
 * `write`: something was written here that a remote should show.
 */
export const Trigger = z.enum([
  'manual',
  'cron',
  'readings',
  'pin',
  'hook',
  'login',
  'reconnect',
  'read',
  'after',
  'action',
  'write',
])
export type Trigger = z.infer<typeof Trigger>

/**
 * queued → running → done | unchanged | degraded | failed.
 * `degraded`: the remote could not be read; what D1 and the inbox had was merged. `failed`: nothing could be done.
 */
export const RunStatus = z.enum(['queued', 'running', 'done', 'unchanged', 'degraded', 'failed'])
export type RunStatus = z.infer<typeof RunStatus>

const Count = z.number().int().nonnegative()

/** What a run did, in rows (`calls`: calls of the remote). */
const Counts = z
  .object({
    read: Count,
    merged: Count,
    written: Count,
    skipped: Count,
    rejected: Count,
    conflicts: Count,
    deleted: Count,
    calls: Count,
  })
  .meta({ id: 'Counts' })

/** What became of one part (a tab, a page) of a run. */
export const PartReport = z
  .object({
    id: z.string(),
    name: z.string(),
    status: z.enum(['waiting', 'done', 'unchanged', 'degraded', 'failed']),
    /** Rows of the part in D1 when the run had passed */
    rows: Count,
    /** Rows that the run changed */
    updated: Count,
    /** Rows that the table's hook wrote beside them (snapshots) */
    derived: Count,
    /** Cells written to the remote */
    sent: Count,
    /** Lists that are read page by page: pages done in this run, and of how many */
    page: Count.optional(),
    pages: Count.optional(),
    /** Failed or degraded: why, and what to do */
    reason: z.string().optional(),
    mend: z.string().optional(),
    warnings: z.array(Warning),
    at: Time.nullable(),
  })
  .meta({ id: 'PartReport' })
export type PartReport = z.infer<typeof PartReport>

/** Progress while a run runs, its report afterwards. Stored with the run. */
export const Report = z
  .object({
    counts: Counts,
    parts: z.array(PartReport),
    /** What the run waits for at the moment, in words */
    waits: z.string().optional(),
    /** Why the run is degraded or failed, in words, and what to do */
    reason: z.string().optional(),
    mend: z.string().optional(),
    warnings: z.array(Warning),
    /** Warnings beyond the first 200 are counted only */
    warnings_cut: Count,
  })
  .meta({ id: 'Report' })
export type Report = z.infer<typeof Report>

export const Run = z
  .object({
    id: z.string(),
    link: z.string(),
    scope: z.string(),
    lane: z.string(),
    trigger: Trigger,
    /** Part ids; null: all */
    parts: z.array(z.string()).nullable(),
    full: z.boolean(),
    actor: z.string(),
    status: RunStatus,
    enqueued_at: Time,
    started_at: Time.nullable(),
    finished_at: Time.nullable(),
    report: Report,
  })
  .meta({ id: 'Run' })
export type Run = z.infer<typeof Run>

/** What the live socket says: a run began, moved or ended; a lane reached a version; please sync. */
export const LiveEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('run'), run: Run }),
  z.object({ type: z.literal('version'), lane: z.string(), version: z.number().int() }),
  /** Somebody asks for a sync now; devices report it under this id */
  z.object({ type: z.literal('sync'), lane: z.string(), id: z.string() }),
])
export type LiveEvent = z.infer<typeof LiveEvent>
