import type { PartReport, Run } from '../sync/protocol/runs.ts'
import type { ProjectResult, SmartSyncAnswer } from '../sync/protocol/smart-sync.ts'

/** What the server would have answered, had it waited for these runs. All of them have ended. */
export function answerOf(runs: readonly Run[]): SmartSyncAnswer {
  const results = runs.flatMap((run) => run.report.parts.map((part) => resultOf(run, part)))
  const failed = results.filter(({ success }) => !success).length
  return {
    // A run may fail before it knows its projects.
    success: failed === 0 && runs.every(({ status }) => status !== 'failed'),
    total_projects: results.length,
    success_count: results.length - failed,
    error_count: failed,
    results,
    timestamp: runs.map(endOf).toSorted().at(-1) ?? '',
  }
}

function resultOf(run: Run, part: PartReport): ProjectResult {
  const reason = part.reason ?? run.report.reason
  const mend = part.mend ?? run.report.mend
  const isFailed = part.status === 'failed' || part.status === 'waiting' || run.status === 'failed'
  const isTroubled = isFailed || part.status === 'degraded'
  return {
    success: !isFailed,
    project_id: part.id,
    project_name: part.name,
    total_accounts: part.rows,
    updated_count: part.updated,
    snapshot_count: part.derived,
    timestamp: part.at ?? endOf(run),
    run_id: run.id,
    warnings: part.warnings,
    ...(part.status === 'degraded' ? { degraded: true } : {}),
    ...(isTroubled && reason ? { error: reason } : {}),
    ...(isTroubled && mend ? { mend } : {}),
  }
}

const endOf = (run: Run) => run.finished_at ?? run.enqueued_at
