import { type Database, query } from '../../db/database.ts'
import { readRunsById } from '../../db/reads/runs.ts'
import { type RunState, runFromRow } from '../../sync/engine/run-state.ts'
import type { Actor } from '../../sync/protocol/common.ts'
import type { RunRequest } from '../../sync/protocol/lane.ts'
import type { PartReport } from '../../sync/protocol/runs.ts'
import type { ProjectResult, SmartSyncAnswer } from '../../sync/protocol/smart-sync.ts'
import { notFound, type ProjectRow } from '../shared/access.ts'
import { Refusal } from '../shared/app.ts'
import { askLane, type LaneNamespace } from '../shared/lanes.ts'
import { SHEET_LINK, workspaceLane } from '../shared/names.ts'

/** Longest that a caller waits for an answer; the runs go on. */
const WAIT = 25_000

export type SyncOutcome =
  | { readonly type: 'ended'; readonly answer: SmartSyncAnswer }
  | { readonly type: 'going'; readonly runIds: readonly string[] }

/** Asks the lane of each workspace for a run, and waits for their ends, at most 25 s. */
export async function syncProjects(
  database: Database,
  lanes: LaneNamespace,
  actor: Actor,
  projectId: string | null,
  full: boolean,
): Promise<SyncOutcome> {
  const deadline = Date.now() + WAIT
  const workspaces =
    projectId === null ? await activeWorkspaces(database) : [await workspaceOf(database, projectId)]
  const started = await Promise.all(
    workspaces.map(async (scope) => {
      const lane = workspaceLane(scope)
      const request: RunRequest = {
        link: SHEET_LINK,
        scope,
        parts: projectId === null ? null : [projectId],
        trigger: actor.role === 'hook' ? 'hook' : 'manual',
        full,
        actor: actor.name,
      }
      const answer = await askLane(lanes, lane, (stub) => stub.request(lane, request))
      if (answer.type === 'skipped') throw new Error(`a manual run was skipped: ${answer.reason}`)
      return { lane, runId: answer.runId }
    }),
  )
  const runIds = started.map(({ runId }) => runId)
  await Promise.all(started.map(({ lane, runId }) => settled(lanes, lane, runId, deadline)))
  const runs = (await readRunsById(database, runIds)).map(runFromRow)
  if (runs.length < runIds.length || runs.some((run) => run.finishedAt === null))
    return { type: 'going', runIds }
  return { type: 'ended', answer: answerOf(runs) }
}

/** Waits for a run's end. An object that is restarted meanwhile is asked again: its new instance goes on with the run. */
async function settled(lanes: LaneNamespace, lane: string, runId: string, deadline: number): Promise<void> {
  while (Date.now() < deadline) {
    try {
      const { all } = await lanes.getByName(lane).settled(lane, [runId], deadline - Date.now())
      if (all) return
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 250))
    }
  }
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
function answerOf(runs: readonly RunState[]): SmartSyncAnswer {
  const results = runs.flatMap((run) => run.report.parts.map((part) => resultOf(run, part)))
  const good = results.filter(({ success }) => success).length
  return {
    success: good === results.length && runs.every(({ status }) => status !== 'failed'),
    total_projects: results.length,
    success_count: good,
    error_count: results.length - good,
    results,
    timestamp: new Date().toISOString(),
  }
}

function resultOf(run: RunState, part: PartReport): ProjectResult {
  const success = part.status !== 'failed'
  return {
    success,
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
