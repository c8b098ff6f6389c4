import type { PartReport, Report } from '../protocol/runs.ts'
import type { Plan } from './plan.ts'
import type { Warning } from './ports.ts'
import type { RunState } from './run-state.ts'

/** Warnings kept in a report; more are counted. */
export const WARNINGS = 200

/** Sets what a page came to. Set, not added, and summed: a page that is repeated after a crash counts once. */
export function tally(run: RunState, page: string, plan: Plan): void {
  if (!run.checkpoint) return
  const { read, merged, skipped, rejected } = plan.counts
  const pages = {
    ...run.checkpoint.tally,
    [page]: [read, merged, skipped, rejected, plan.conflicts.length] as const,
  }
  run.checkpoint = { ...run.checkpoint, tally: pages }
  const sum = (i: 0 | 1 | 2 | 3 | 4) => Object.values(pages).reduce((total, counts) => total + counts[i], 0)
  Object.assign(run.report.counts, {
    read: sum(0),
    merged: sum(1),
    skipped: sum(2),
    rejected: sum(3),
    conflicts: sum(4),
  })
}

/** Adds warnings to a part, each once, as many as a report keeps. */
export function addWarnings(total: Report, part: PartReport, warnings: readonly Warning[]): void {
  const name = (w: Warning) => `${w.kind}|${w.where}|${w.message}`
  const known = new Set(part.warnings.map(name))
  const fresh = warnings.filter((warning) => !known.has(name(warning)))
  const kept = total.parts.reduce((sum, other) => sum + other.warnings.length, 0)
  const room = Math.max(0, WARNINGS - kept)
  part.warnings.push(...fresh.slice(0, room))
  total.warnings_cut += Math.max(0, fresh.length - room)
}
