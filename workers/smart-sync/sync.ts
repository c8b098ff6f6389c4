import { type Database, query } from '../../db/database.ts'
import { readRunsById } from '../../db/reads/runs.ts'
import { type RunState, runFromRow } from '../../sync/engine/run-state.ts'
import type { RunRequest } from '../../sync/protocol/lane.ts'
import type { PartReport } from '../../sync/protocol/runs.ts'
import type { ProjectResult, SmartSyncAnswer } from '../../sync/protocol/smart-sync.ts'
import { notFound, type ProjectRow } from '../shared/access.ts'
import { Refusal } from '../shared/app.ts'
import { askLane, type LaneNamespace, settled, WAIT } from '../shared/lanes.ts'
import { SHEET_LINK, workspaceLane } from '../shared/names.ts'

export interface SyncAsked extends Pick<RunRequest, 'full' | 'trigger' | 'actor'> {
  /** null: all active ones */
  readonly project: string | null
}

export type SyncOutcome =
  | { readonly type: 'ended'; readonly answer: SmartSyncAnswer }
  | { readonly type: 'going'; readonly runIds: readonly string[] }

/** Asks the lane of each workspace for a run, and waits for their ends, at most `wait` milliseconds. */
export async function syncProjects(
  database: Database,
  lanes: LaneNamespace,
  asked: SyncAsked,
  wait = WAIT,
): Promise<SyncOutcome> {
  const deadline = Date.now() + wait
  const workspaces =
    asked.project === null ? await activeWorkspaces(database) : [await workspaceOf(database, asked.project)]
  const started = await start(lanes, workspaces, asked)
  const runIds = started.map(({ runId }) => runId)
  await Promise.all(started.map(({ lane, runId }) => settled(lanes, lane, runId, deadline)))
  const runs = (await readRunsById(database, runIds)).map(runFromRow)
  if (runs.length < runIds.length || runs.some((run) => run.finishedAt === null))
    return { type: 'going', runIds }
  return { type: 'ended', answer: await answerOf(database, runs) }
}

/** One run a workspace. Where a lane can't be asked, the runs of the others go on, and the failure says so. */
async function start(lanes: LaneNamespace, workspaces: readonly string[], asked: SyncAsked) {
  const { project, full, trigger, actor } = asked
  const answers = await Promise.allSettled(
    workspaces.map(async (scope) => {
      const lane = workspaceLane(scope)
      const parts = project === null ? null : [project]
      const request: RunRequest = { link: SHEET_LINK, scope, parts, trigger, full, actor }
      const answer = await askLane(lanes, lane, (stub) => stub.request(lane, request))
      if (answer.type === 'skipped') throw new Error(`a manual run was skipped: ${answer.reason}`)
      return { lane, runId: answer.runId }
    }),
  )
  const started = answers.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
  const failed = answers.find((each) => each.status === 'rejected')
  if (!failed) return started
  if (!(failed.reason instanceof Refusal) || started.length === 0) throw failed.reason
  const going = started.map(({ runId }) => runId).join(', ')
  throw new Refusal({
    ...failed.reason.failure,
    kept: `The other workspaces are being synced (${going}).`,
  })
}

async function activeWorkspaces(database: Database): Promise<string[]> {
  const rows = await query<{ id: string }>(
    database,
    'SELECT DISTINCT workspace_id AS id FROM projects WHERE active = 1 ORDER BY 1',
  )
  return rows.map(({ id }) => id)
}

async function workspaceOf(database: Database, projectId: string): Promise<string> {
  const [project] = await query<ProjectRow>(database, 'SELECT * FROM projects WHERE id = ?1', projectId)
  if (!project) throw notFound('project', projectId)
  if (project.active !== 1)
    throw new Refusal({
      type: 'conflict',
      detail: `The project ${projectId} is not active.`,
      mend: `Set it active with PUT /api/projects/${projectId}, then sync it.`,
    })
  return project.workspace_id
}

/** The seed's answer, field for field, from the reports of the runs. */
async function answerOf(database: Database, runs: readonly RunState[]): Promise<SmartSyncAnswer> {
  const results: ProjectResult[] = []
  for (const run of runs) {
    const parts = run.report.parts.length > 0 ? run.report.parts : await partsOf(database, run)
    results.push(...parts.map((part) => resultOf(run, part)))
  }
  const good = results.filter(({ success }) => success).length
  return {
    success: good === results.length,
    total_projects: results.length,
    success_count: good,
    error_count: results.length - good,
    results,
    timestamp: new Date().toISOString(),
  }
}

/** A run that failed before it knew its parts: the projects that it was for. */
async function partsOf(database: Database, run: RunState): Promise<PartReport[]> {
  if (run.status !== 'failed') return []
  const rows = await query<{ id: string; name: string; rows: number }>(
    database,
    `SELECT p.id, p.name, count(a.id) AS rows FROM projects p
      LEFT JOIN accounts a ON a.project_id = p.id AND a.deleted_at IS NULL
      WHERE p.workspace_id = ?1 AND p.active = 1 AND (?2 IS NULL OR p.id IN (SELECT value FROM json_each(?2)))
      GROUP BY p.id ORDER BY p.name, p.id`,
    run.scope,
    run.parts && JSON.stringify(run.parts),
  )
  const { reason = 'The run failed.', mend = 'Look at the run, then sync again.' } = run.report
  return rows.map((row) => ({
    ...row,
    status: 'failed',
    updated: 0,
    derived: 0,
    sent: 0,
    reason,
    mend,
    warnings: [],
    at: null,
  }))
}

function resultOf(run: RunState, part: PartReport): ProjectResult {
  return {
    success: part.status !== 'failed',
    project_id: part.id,
    project_name: part.name,
    total_accounts: part.rows,
    updated_count: part.updated,
    snapshot_count: part.derived,
    timestamp: part.at ?? new Date(run.finishedAt ?? run.enqueuedAt).toISOString(),
    run_id: run.id,
    warnings: part.warnings,
    ...(part.status === 'degraded' ? { degraded: true } : {}),
    ...(part.reason === undefined ? {} : { error: part.reason }),
    ...(part.mend === undefined ? {} : { mend: part.mend }),
  }
}
