import type { MutationResult } from '../../sync/protocol/device.ts'
import type { Queued } from './outbox.ts'
import type { Rows } from './rows.ts'
import type { Moved, SyncReport } from './sync.ts'

/** What a sync comes to, by shared table. */
export function tallyIn(report: SyncReport, tables: readonly Rows[]) {
  const of = ({ link }: Rows): Moved => {
    const known = report.tables[link.shared] ?? { went: 0, came: 0, conflicts: 0 }
    report.tables[link.shared] = known
    return known
  }
  return {
    /** Edits that the server answered */
    sent(settled: readonly Queued[], results: readonly MutationResult[]): void {
      report.went += settled.length
      const disputed = new Set(results.flatMap(({ n, conflict }) => (conflict === undefined ? [] : [n])))
      for (const { n, link } of settled) {
        const rows = tables.find((one) => one.link.id === link)
        if (!rows) continue
        const moved = of(rows)
        moved.went++
        if (disputed.has(n)) moved.conflicts++
      }
    },
    /** Rows and deletions that `work` adds to the report are of this table */
    came(rows: Rows, work: () => void): void {
      const before = report.rows + report.deleted
      work()
      const came = report.rows + report.deleted - before
      if (came > 0) of(rows).came += came
    },
  }
}
