import { type Look, lookAt } from './compare.ts'
import { disputedOf } from './disputed.ts'
import { type Patience, type Sqlite, transaction } from './file.ts'
import { LaneSync } from './lane-sync.ts'
import { renew } from './layout.ts'
import { isAttached } from './link.ts'
import { lineOf, log } from './log.ts'
import type { Came } from './receive.ts'
import { rejectedOf } from './rejected.ts'
import type { Remote } from './remote.ts'

export interface SyncDeps extends Patience {
  readonly remote: Remote
  /** Milliseconds */
  readonly now: () => number
  /** How far a long part is; `of` where it is known */
  readonly moved: (what: 'came' | 'went' | 'compared', done: number, of?: number) => void
  /** Edits of one request only go, in each lane; the others wait for the next sync */
  readonly single?: true
}

/** What a sync of a file did, and what it leaves for a person. */
export interface SyncReport extends Came {
  went: number
  requests: number
  rejected: number
  conflicts: { id: string; row: string; reason: string }[]
  /** Rows that were gone without a deletion, and were put back */
  restored: number
  notes: string[]
  /** By shared table, of those in which something moved */
  tables: Record<string, Moved>
  /** Shared tables that an operator switched off: their edits wait */
  paused: string[]
}

/** Rows that went and came, and conflicts that were opened. */
export interface Moved {
  went: number
  came: number
  conflicts: number
}

export const newReport = (): SyncReport => ({
  rows: 0,
  deleted: 0,
  unplaced: [],
  went: 0,
  requests: 0,
  rejected: 0,
  conflicts: [],
  restored: 0,
  notes: [],
  tables: {},
  paused: [],
})

/** Milliseconds within which one look is as good as another */
const MOMENT = 60_000

/** Brings a file and the server together, lane by lane. `only`: shared tables, or tables of the file; absent: all. */
export async function syncFile(db: Sqlite, deps: SyncDeps, only?: readonly string[]): Promise<SyncReport> {
  const report = newReport()
  const looks = await transaction(db, deps, () => {
    if (isAttached(db)) renew(db)
    return lookAt(db)
  })
  report.notes.push(...looks.flatMap(noteOf))
  const lanes = [...Map.groupBy(looks, ({ link }) => link.lane)].filter(
    ([, found]) =>
      found.every(({ type }) => type !== 'gone') &&
      (only === undefined ||
        found.some(({ link }) => only.includes(link.shared) || only.includes(link.local))),
  )
  for (const [i, [lane, found]] of lanes.entries()) {
    const isLast = i === lanes.length - 1
    const links = found.map(({ link }) => link)
    const finish = () => (isLast ? close(db, report, deps.now()) : undefined)
    await new LaneSync(db, deps, { lane, links, report, finish }).run()
  }
  if (lanes.length === 0) await transaction(db, deps, () => close(db, report, deps.now()))
  return report
}

/** What is left for a person, and the log. Within a transaction. */
function close(db: Sqlite, report: SyncReport, now: number): void {
  const at = new Date(now).toISOString()
  // A sync that found nothing a moment after another one needs not wait for the disk.
  const stale = new Date(now - (lineOf(report) === '' ? MOMENT : 0)).toISOString()
  // A later moment is of a clock that was wrong.
  db.prepare(
    'UPDATE tidemark_file SET synced_at = ?1 WHERE synced_at IS NULL OR synced_at <= ?2 OR synced_at > ?1',
  ).run(at, stale)
  report.rejected = rejectedOf(db).length
  report.conflicts = disputedOf(db).map(({ id, row, reason }) => ({ id, row, reason }))
  log(db, at, report)
}

function noteOf(look: Look): string[] {
  if (look.type === 'gone') return [`${look.reason}: nothing of it was synced`]
  if (look.type === 'rebuilt')
    return [`${look.link.local} was rebuilt by another program: attached again, and compared`]
  return look.type === 'renamed' ? [`the table is called ${look.link.local} now`] : []
}
