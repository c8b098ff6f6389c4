import type { PartReport, Run } from '../../../sync/protocol/runs.ts'
import { isErpRun } from '../data/erp-names.ts'
import { count, duration } from '../format.ts'

const TRIGGERS = {
  manual: 'by hand',
  cron: 'on schedule',
  readings: 'for new readings',
  pin: 'for a changed pin',
  hook: 'by a hook',
  login: 'for a login',
  reconnect: 'for a device that came back',
  read: 'for a reader',
  after: 'after another list',
  action: 'after an order',
  write: 'for a change here',
} as const satisfies Record<Run['trigger'], string>

export const triggerOf = (run: Run) => TRIGGERS[run.trigger]

const warningsOf = (run: Run) =>
  run.report.warnings.length +
  run.report.warnings_cut +
  run.report.parts.reduce((sum, part) => sum + part.warnings.length, 0)

/** What a run did, the important first: why it failed, else `3 rows written · 50 rows read · 2 warnings`. */
export function summary(run: Run): string {
  const { counts, reason } = run.report
  if (reason) return reason
  if (run.status === 'unchanged') return 'Nothing had changed'
  return [
    `${count(counts.written, 'row')} written`,
    `${count(counts.read, 'row')} read`,
    counts.deleted > 0 && `${counts.deleted} deleted`,
    counts.conflicts > 0 && count(counts.conflicts, 'conflict'),
    warningsOf(run) > 0 && count(warningsOf(run), 'warning'),
  ]
    .filter(Boolean)
    .join(' · ')
}

export function partSummary(part: PartReport): string {
  return [
    `${part.updated} of ${count(part.rows, 'row')} changed`,
    part.derived > 0 && `${count(part.derived, 'snapshot')} written`,
    part.sent > 0 && `${count(part.sent, 'cell')} sent`,
  ]
    .filter(Boolean)
    .join(' · ')
}

export function tookOf(run: Run, now: number): string {
  if (!run.started_at) return ''
  const end = run.finished_at ? new Date(run.finished_at).getTime() : now
  return duration(end - new Date(run.started_at).getTime())
}

/** Where a run is in a list that it reads page by page; null: it has parts without pages, or no page came yet. */
export function placeOf(run: Run): { page: number; pages: number; rows: number } | null {
  const part = run.report.parts.find(({ pages }) => pages !== undefined)
  return part?.pages
    ? { page: Math.min(part.page ?? 0, part.pages), pages: part.pages, rows: part.rows }
    : null
}

/** What stays as it was although a run ended badly. */
export function keptBy(run: Run): string {
  if (run.status === 'failed') return 'Every row as it was: a failed run changes nothing it could not merge.'
  return isErpRun(run)
    ? 'Every row. Pages that were read are merged; the next run goes on from there.'
    : 'Every number. What the database and the parsers had was merged; the sheet is read again next time.'
}

/** What a project's newest finished run said of it. */
export function lastPart(runs: readonly Run[], project: string): { run: Run; part: PartReport } | null {
  for (const run of runs) {
    const part = run.finished_at ? run.report.parts.find((candidate) => candidate.id === project) : undefined
    if (part) return { run, part }
  }
  return null
}
