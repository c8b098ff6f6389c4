import type { Row, SqlValue, Statement } from '../../db/database.ts'
import type { Report, Run, RunStatus, Trigger } from '../protocol/runs.ts'
import type { LinkDeclaration, List, Schedule } from './declare.ts'
import type { Deletions } from './guard.ts'
import type { ListMemory, ListState } from './list-state.ts'
import type { Part, RemoteColumn, Warning } from './ports.ts'

/** A run as a lane holds it; its row in D1 says the same. */
export interface RunState {
  readonly id: string
  readonly link: string
  readonly scope: string
  readonly lane: string
  readonly trigger: Trigger
  readonly parts: readonly string[] | null
  readonly full: boolean
  readonly actor: string
  readonly enqueuedAt: number
  status: RunStatus
  startedAt: number | null
  finishedAt: number | null
  checkpoint: Checkpoint | null
  report: Report
}

/**
 * Where a run stands. Written in the same batch as the rows, so that a restarted lane goes on after the last part.
 *
 *   begin ──► todo: [a, b, c] ──a merged──► [b, c] ──► [c] ──► [] ──► end
 *
 * DESIGN keeps this in link_state; with the run's progress it is one row written a step instead of two.
 */
export interface Checkpoint {
  /** Declaration and configuration that the run began with */
  readonly hash: string
  readonly mode: 'full' | 'check'
  /** The remote's stamp before any data was read; null where it could not be asked */
  readonly stamp: string | null
  /** Parts to read from the remote */
  readonly read: readonly string[]
  /** Parts left, in order */
  readonly todo: readonly string[]
  /** Page within the first of them; null: its first page */
  readonly cursor: string | null
  /** Why the remote can't be read: the run goes on without it */
  readonly trouble: { readonly reason: string; readonly mend: string } | null
  readonly inboxHead: number
  /** What the remote asked to remember */
  readonly memory: unknown
  /** Parts whose stamp may not be stored, because they must be read again */
  readonly again: readonly string[]
  /** Part -> rows deleted in this run */
  readonly deleted: Readonly<Record<string, number>>
  /** Counts of the pages that are done, and of the one that is being merged: a page that is repeated counts once */
  readonly tally: Tally
  /** Where the reading of a list stands that is read page by page; null for other links */
  readonly list: ListState | null
  /** Rows that waited are still to be tried again, before any page */
  readonly deferred: boolean
  /** Links both ways: part -> the lane's version up to which everything is in the remote, by this run */
  readonly agreed?: Readonly<Record<string, number>>
  /** Links that export: part -> the table's head when its copy began */
  readonly heads?: Readonly<Record<string, string>>
}

/** Rows read, merged, skipped, rejected, conflicts. */
export type Counted = readonly [number, number, number, number, number]

export interface Tally {
  readonly past: Counted
  readonly page: string
  readonly here: Counted
}

export const noTally: Tally = { past: [0, 0, 0, 0, 0], page: '', here: [0, 0, 0, 0, 0] }

/** What a run works with; read at its begin, and read again by an instance that takes it up. */
export interface RunFrame {
  readonly link: LinkDeclaration
  readonly target: Row
  readonly parts: readonly Part[]
  readonly columns: Readonly<Record<string, RemoteColumn>>
  readonly schedule: Schedule
  readonly hash: string
  readonly subjects: readonly Row[]
  /** What an operator set for this link and for its connection */
  readonly settings: Readonly<Record<string, unknown>>
  /** Calls of the remote that may be under way at once */
  readonly ahead: number
  readonly list: List | null
  readonly state: LinkState | null
  readonly inboxHead: number
  /** Links both ways: table -> the version of its newest change that may not be in the remote */
  readonly outgoing: Readonly<Record<string, number>>
  /** Page -> rows that are here, and what was wrong with it when it was read last */
  readonly pages: Readonly<Record<string, { readonly live: number; readonly warnings: readonly Warning[] }>>
}

export interface LinkState {
  readonly fingerprints: Record<string, string>
  readonly inbox: Record<string, number>
  readonly deletions: Record<string, Deletions>
  readonly memory: unknown
  readonly lastFullAt: number | null
  readonly lastGoodAt: number | null
  readonly nextDueAt: number
  readonly attempt: number
  readonly list: ListMemory | null
  readonly checks: number
  readonly skips: number
  /** JSON: part -> the target that its bases were agreed with */
  readonly target: string | null
}

/** A run without its row's progress. */
export const emptyReport = (): Report => ({
  counts: {
    read: 0,
    merged: 0,
    written: 0,
    skipped: 0,
    rejected: 0,
    conflicts: 0,
    deleted: 0,
    calls: 0,
  },
  parts: [],
  warnings: [],
  warnings_cut: 0,
})

/** The run's row with its present progress and checkpoint: part of every batch of a run. */
export const saveRun = (run: RunState, leaseUntil: number | null): Statement => ({
  sql: `UPDATE runs SET status = ?2, checkpoint = ?3, report = ?4, started_at = ?5, finished_at = ?6, lease_until = ?7
    WHERE id = ?1 AND finished_at IS NULL`,
  params: [
    run.id,
    run.status,
    run.checkpoint && JSON.stringify(run.checkpoint),
    JSON.stringify(run.report),
    run.startedAt,
    run.finishedAt,
    leaseUntil,
  ],
})

/** A queued run's row. */
export const insertRun = (run: RunState): Statement => ({
  sql: `INSERT INTO runs (id, link, scope, lane, trigger, params, actor, status, report, enqueued_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'queued', ?8, ?9) ON CONFLICT (id) DO NOTHING`,
  params: [
    run.id,
    run.link,
    run.scope,
    run.lane,
    run.trigger,
    JSON.stringify({ parts: run.parts, full: run.full }),
    run.actor,
    JSON.stringify(run.report),
    run.enqueuedAt,
  ],
})

/** A run from its row. */
export function runFromRow(row: Row): RunState {
  const params = JSON.parse(String(row.params)) as { parts: string[] | null; full: boolean }
  const time = (value: SqlValue | undefined) => (value == null ? null : Number(value))
  return {
    id: String(row.id),
    link: String(row.link),
    scope: String(row.scope),
    lane: String(row.lane),
    trigger: String(row.trigger) as Trigger,
    parts: params.parts,
    full: params.full,
    actor: String(row.actor),
    enqueuedAt: Number(row.enqueued_at),
    status: String(row.status) as RunStatus,
    startedAt: time(row.started_at),
    finishedAt: time(row.finished_at),
    checkpoint: row.checkpoint == null ? null : (JSON.parse(String(row.checkpoint)) as Checkpoint),
    report: JSON.parse(String(row.report)) as Report,
  }
}

/** A run as it travels. */
export function runView(run: RunState): Run {
  const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString())
  return {
    id: run.id,
    link: run.link,
    scope: run.scope,
    lane: run.lane,
    trigger: run.trigger,
    parts: run.parts ? [...run.parts] : null,
    full: run.full,
    actor: run.actor,
    status: run.status,
    enqueued_at: new Date(run.enqueuedAt).toISOString(),
    started_at: iso(run.startedAt),
    finished_at: iso(run.finishedAt),
    report: run.report,
  }
}

/**
 * A run as `viewer` sees it, who may see only some of its parts: their reports, and sums of nothing else. Who else asked
 * for it is not said.
 */
export function runOfParts(run: Run, visible: (part: string) => boolean, viewer: string): Run {
  const parts = run.report.parts.filter(({ id }) => visible(id))
  const written = parts.reduce((sum, part) => sum + part.updated, 0)
  return {
    ...run,
    actor: run.actor === viewer ? run.actor : 'someone else',
    parts: run.parts?.filter(visible) ?? null,
    report: { ...emptyReport(), parts, counts: { ...emptyReport().counts, written } },
  }
}
