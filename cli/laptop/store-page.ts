import type { Sqlite } from './file.ts'
import { receive } from './receive.ts'
import type { Page } from './remote.ts'
import { receiveReopened } from './reopened.ts'
import { receiveResolved } from './resolved.ts'
import type { Rows, Times } from './rows.ts'
import type { SyncReport } from './sync.ts'
import type { tallyIn } from './tally.ts'

/** A page of the feed: what waits again, rows, deletions, then what was settled; and the cursor after it. Within a transaction. */
export function storePage(
  db: Sqlite,
  { tables = [], resolved = [], reopened = [], cursor }: Page,
  to: {
    readonly lane: string
    readonly tables: readonly Rows[]
    readonly report: SyncReport
    readonly tally: ReturnType<typeof tallyIn>
  },
  times: Times,
): void {
  const called = (name: string) => to.tables.find(({ link }) => link.shared === name)
  for (const [id, name, key] of reopened) {
    const rows = called(name)
    if (rows) receiveReopened(db, rows, { id, key }, times)
  }
  for (const table of tables) {
    const rows = called(table.name)
    if (rows) to.tally.came(rows, () => receive(db, rows, table, times, to.report))
  }
  for (const [id, name, key] of resolved) {
    const rows = called(name)
    const isGone = tables.some((table) => table.name === name && table.deleted.includes(key))
    if (!rows) continue
    to.tally.came(rows, () => {
      if (receiveResolved(db, rows, { id, isGone }, times)) to.report.deleted++
    })
  }
  if (cursor !== undefined)
    db.prepare('UPDATE tidemark_lanes SET cursor = ?1 WHERE lane = ?2 AND cursor IS NOT ?1').run(
      cursor,
      to.lane,
    )
}
