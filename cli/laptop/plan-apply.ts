import { Refusal } from '../failure.ts'
import type { Sqlite } from './file.ts'
import type { FilePlan, LanePlan } from './plan.ts'
import { recordedPlans } from './plan-file.ts'
import { expectingRemote, moved } from './plan-remote.ts'
import { newReport, type SyncDeps, type SyncReport, syncFile } from './sync.ts'

/** `moved`: it is not any more as it was planned (`now` is how it is), and nothing was changed. */
export type Applied =
  | { readonly type: 'applied'; readonly report: SyncReport }
  | { readonly type: 'moved'; readonly now: readonly LanePlan[] }

/**
 * Does exactly what was planned: it is planned again, and done only where it comes to the same. The server takes the edits only where the
 * lane still stands at the version of the plan; and nothing is written that was not shown then.
 */
export async function applyToFile(db: Sqlite, plan: FilePlan, deps: SyncDeps): Promise<Applied> {
  const only = plan.lanes.flatMap(({ tables }) => tables)
  const now = await recordedPlans(db, deps, only)
  const isSame =
    now.length === plan.lanes.length &&
    now.every((one) =>
      plan.lanes.some(({ lane, digest }) => lane === one.plan.lane && digest === one.plan.digest),
    )
  if (!isSame) return { type: 'moved', now: now.map((one) => one.plan) }
  const report = newReport()
  for (const { plan: lane, recorded } of now) {
    if (lane.version === null) continue
    const remote = expectingRemote(deps.remote, recorded, lane.version)
    add(report, await synced(db, { ...deps, remote, single: true }, lane.tables))
  }
  return { type: 'applied', report }
}

/** The server's own refusal is told as ours. */
async function synced(db: Sqlite, deps: SyncDeps, tables: readonly string[]): Promise<SyncReport> {
  try {
    return await syncFile(db, deps, tables)
  } catch (error) {
    if (!(error instanceof Refusal) || error.problem.type !== 'urn:tidemark:problem:moved') throw error
    throw moved(error.problem.detail)
  }
}

function add(all: SyncReport, one: SyncReport): void {
  all.rows += one.rows
  all.deleted += one.deleted
  all.went += one.went
  all.requests += one.requests
  all.restored += one.restored
  all.unplaced.push(...one.unplaced)
  all.notes.push(...one.notes)
  all.paused.push(...one.paused)
  Object.assign(all.tables, one.tables)
  all.rejected = one.rejected
  all.conflicts = one.conflicts
}
