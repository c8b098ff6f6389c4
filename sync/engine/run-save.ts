import type { Result, Statement } from '../../db/database.ts'
import type { PartReport } from '../protocol/runs.ts'
import { type Changeset, type ConflictRow, isEmpty, isWrite } from './changes.ts'
import { commit } from './commit.ts'
import { digest } from './digest.ts'
import { dayIn } from './due.ts'
import { conflictEvents } from './events.ts'
import type { Plan } from './plan.ts'
import type { Part } from './ports.ts'
import { LEASE, type Step } from './run.ts'
import type { Facts } from './run-facts.ts'
import { WARNINGS } from './run-report.ts'
import { type Checkpoint, saveRun } from './run-state.ts'

/** Rows of one commit. Larger ones gain nothing and hold D1's one writer longer. */
const SLICE = 500

/**
 * Commits a plan in slices, each with the run's progress; the last carries the page's entries, the derived rows and
 * the checkpoint `after`; until then it is `before`. Nothing to say: nothing is written, and the next commit stores it.
 * False: the lane has another holder.
 */
export async function savePlan(
  step: Step,
  part: Part,
  plan: Plan,
  facts: Facts,
  report: PartReport,
  before: Checkpoint,
  after: Checkpoint,
): Promise<boolean> {
  const { run, engine, link } = step
  const now = engine.clock.now()
  const openIds = new Set(facts.open.map((conflict) => conflict.id))
  const set: Changeset = {
    changes: plan.changes,
    pins: plan.pins,
    conflicts: plan.conflicts.filter((conflict) => !openIds.has(conflict.id)),
  }
  const full = after.mode === 'full'
  const derive =
    link.derive && (full || plan.changes.length > 0) ? link.derive(part, dayIn(part.timeZone, now), now) : []
  const rest = [...pageStatement(step, part, plan, facts, now), ...closedConflicts(step, plan, facts, now)]
  run.checkpoint = after
  if (isEmpty(set) && derive.length === 0 && rest.length === 0 && plan.cells.length === 0) return true
  for (const { set: slice, last } of slices(set)) {
    run.checkpoint = last ? after : before
    const derived = await saveSlice(step, slice, report, before, last ? derive : [], last ? rest : [])
    if (!derived) return false
    report.derived += derived.reduce((sum, result) => sum + result.rowsWritten, 0)
  }
  return true
}

function slices({ changes, pins, conflicts }: Changeset): { set: Changeset; last: boolean }[] {
  const count = Math.max(1, Math.ceil(changes.length / SLICE))
  return Array.from({ length: count }, (_, i) => ({
    set: {
      changes: changes.slice(i * SLICE, (i + 1) * SLICE),
      pins: i === 0 ? pins : [],
      conflicts: i === 0 ? conflicts : [],
    },
    last: i === count - 1,
  }))
}

/** One commit. A unique value claimed twice is bisected down to the row, which becomes a conflict; the others go on. */
async function saveSlice(
  step: Step,
  set: Changeset,
  report: PartReport,
  unfinished: Checkpoint,
  derive: readonly Statement[],
  rest: readonly Statement[],
): Promise<readonly Result[] | null> {
  const { run, engine, link } = step
  const at = engine.clock.now()
  const before = { updated: report.updated, counts: { ...run.report.counts } }
  const written = new Set(set.changes.filter(({ op }) => isWrite(op)).map(({ key }) => key))
  report.updated += written.size
  run.report.counts.written += written.size
  run.report.counts.deleted += set.changes.filter(({ op }) => op === 'delete').length
  const input = {
    id: engine.ids.next(),
    fence: step.fence,
    set,
    link: link.name,
    scope: run.scope,
    origin: link.remote,
    actor: run.actor,
    runId: run.id,
    at,
    extra: [...derive, ...rest, ...conflictEvents(set.conflicts, run, at), saveRun(run, at + LEASE)],
  }
  await engine.beforeBatch()
  const answer = await commit(engine.database, input)
  if (answer.type === 'stale') return null
  if (answer.type === 'committed') {
    step.fence = { ...step.fence, version: answer.version }
    engine.log('commit', {
      lane: run.lane,
      link: link.name,
      scope: run.scope,
      run: run.id,
      version: answer.version,
      rows: set.changes.length,
      rowsWritten: answer.rowsWritten,
    })
    for (const conflict of set.conflicts)
      engine.log('conflict.opened', {
        lane: run.lane,
        link: link.name,
        scope: run.scope,
        run: run.id,
        ...conflict,
      })
    return answer.extra.slice(0, derive.length)
  }
  // What is left to blame is a statement of the declaration: a bug, and bisecting would never end.
  if (set.changes.length === 0) throw new Error(answer.detail)
  report.updated = before.updated
  Object.assign(run.report.counts, before.counts)
  if (set.changes.length <= 1) {
    const conflicts = set.changes.map(
      (change): ConflictRow => ({
        id: `c_${digest(`${link.name}|${run.scope}|unique|${change.table.name}|${change.key}`)}`,
        part: report.id,
        tbl: change.table.name,
        key: change.key,
        col: null,
        kind: 'unique',
        base: null,
        ours: JSON.stringify(change.before),
        theirs: JSON.stringify(change.after),
        detail: answer.detail,
        recommendations: [
          'Correct the value that another row has, in the remote; the row is merged at the next run.',
        ],
      }),
    )
    return saveSlice(
      step,
      { changes: [], pins: set.pins, conflicts: [...set.conflicts, ...conflicts] },
      report,
      unfinished,
      derive,
      rest,
    )
  }
  const half = Math.ceil(set.changes.length / 2)
  // Until the second half is in, the part is still to do.
  const { checkpoint } = run
  run.checkpoint = unfinished
  const some = { ...set, changes: set.changes.slice(0, half) }
  if (!(await saveSlice(step, some, report, unfinished, [], []))) return null
  run.checkpoint = checkpoint
  const others = { changes: set.changes.slice(half), pins: [], conflicts: [] }
  return saveSlice(step, others, report, unfinished, derive, rest)
}

/** What the page held, for the next run to compare with; no statement where it held the same. */
function pageStatement(step: Step, part: Part, plan: Plan, facts: Facts, now: number): Statement[] {
  if (!facts.index || step.link.deletes === 'never') return []
  const rows = JSON.stringify(plan.entries)
  const warnings = JSON.stringify(plan.warnings.slice(0, WARNINGS))
  if (rows === JSON.stringify(facts.known) && warnings === facts.warnings) return []
  return [
    {
      sql: `INSERT INTO link_pages (link, scope, page, rows, live, run_id, at, warnings)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
        ON CONFLICT (link, scope, page) DO UPDATE SET rows = excluded.rows, live = excluded.live,
          run_id = excluded.run_id, at = excluded.at,
          warnings = excluded.warnings`,
      params: [
        step.link.name,
        step.run.scope,
        part.id,
        rows,
        plan.entries.filter((entry) => entry[5] >= 0).length,
        step.run.id,
        now,
        warnings,
      ],
    },
  ]
}

/** Conflicts that a page shows close by themselves when a whole read of it no longer shows them. */
function closedConflicts(step: Step, plan: Plan, facts: Facts, now: number): Statement[] {
  if (!facts.index) return []
  const shown = new Set(plan.conflicts.map((conflict) => conflict.id))
  const gone = facts.open.filter(({ id, kind }) => kind !== 'merge' && kind !== 'unique' && !shown.has(id))
  if (gone.length === 0) return []
  return [
    {
      sql: `UPDATE conflicts SET resolved_at = ?1, resolution = 'gone', resolved_by = ?2
        WHERE id IN (SELECT value FROM json_each(?3)) AND resolved_at IS NULL`,
      params: [now, step.link.remote, JSON.stringify(gone.map(({ id }) => id))],
    },
  ]
}
