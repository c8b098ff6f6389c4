import type { PartReport, Report } from '../protocol/runs.ts'
import type { Plan } from './plan.ts'
import type { Warning } from './ports.ts'
import { type Counted, noTally, type RunState } from './run-state.ts'

/** Warnings kept in a report; more are counted. */
export const WARNINGS = 200

/** Sets what a page came to. Set, not added, and summed: a page that is repeated after a crash counts once. */
export function tally(run: RunState, page: string, plan: Plan): void {
  if (!run.checkpoint) return
  const { read, merged, skipped, rejected } = plan.counts
  const before = run.checkpoint.tally
  const here: Counted = [read, merged, skipped, rejected, plan.conflicts.length]
  const past = before.page === page ? before.past : add(before.past, before.here)
  run.checkpoint = { ...run.checkpoint, tally: { past, page, here } }
  const [all, ...rest] = add(past, here)
  Object.assign(run.report.counts, {
    read: all,
    merged: rest[0],
    skipped: rest[1],
    rejected: rest[2],
    conflicts: rest[3],
  })
}

const add = (a: Counted, b: Counted): Counted =>
  noTally.past.map((_, i) => (a[i] ?? 0) + (b[i] ?? 0)) as unknown as Counted

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
