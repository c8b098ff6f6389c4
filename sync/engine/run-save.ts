import type { Result, Statement } from '../../db/database.ts'
import type { PartReport } from '../protocol/runs.ts'
import { type Changeset, type ConflictRow, isEmpty, isWrite } from './changes.ts'
import { commit } from './commit.ts'
import { digest } from './digest.ts'
import { dayIn } from './due.ts'
import { conflictEvents, loggedConflict } from './events.ts'
import type { PageEntry, Plan } from './plan.ts'
import type { Part, Warning } from './ports.ts'
import { LEASE, type Step } from './run.ts'
import { WARNINGS } from './run-report.ts'
import { type Checkpoint, saveRun } from './run-state.ts'
import { disputeUnique, newConflicts } from './run-unique.ts'
import { bookkeeping } from './run-write-back.ts'

/** Rows of one commit. Larger ones gain nothing and hold D1's one writer longer. */
const SLICE = 500

/** What a merged page comes to, as it is saved. */
export interface Save {
  readonly part: Part
  readonly plan: Plan
  readonly report: PartReport
  /** Ids of conflicts that are open already */
  readonly open: ReadonlySet<string>
  /** The run's checkpoint until the last slice is in, and after it */
  readonly before: Checkpoint
  readonly after: Checkpoint
  /** Memory of the page, rows that wait, conflicts that closed, reads for what comes next: in the last slice's batch */
  readonly rest: readonly Statement[]
  /** What goes with a slice before the last: given the keys that are in by then, so that another reading knows them */
  readonly meanwhile?: (keys: ReadonlySet<string>) => readonly Statement[]
  /** Store the checkpoint though nothing else is to be written: pages of a slow list are not read twice */
  readonly checkpointed: boolean
}

/**
 * Commits a plan in slices, each with the run's progress; the last carries the page's memory, the derived rows and the
 * checkpoint `after`; until then it is `before`. Nothing to say: nothing is written, and the next commit stores it.
 * Results of `rest`, in order; empty where D1's reply was lost, or nothing was written. Null: the lane has another holder.
 */
export async function savePlan(step: Step, save: Save): Promise<readonly Result[] | null> {
  const { run, engine, link } = step
  const { part, plan, report, before, after, rest } = save
  const now = engine.clock.now()
  const possible = await disputeUnique(step, part, plan)
  const isKnown = ({ id, kind }: ConflictRow) => save.open.has(id) && kind !== 'merge' && kind !== 'unique'
  const set: Changeset = {
    changes: possible.changes,
    pins: plan.pins,
    conflicts: await newConflicts(
      step,
      possible.conflicts.filter((conflict) => !isKnown(conflict)),
    ),
    ...(plan.settled && { settled: plan.settled }),
  }
  const full = after.mode === 'full' && after.list === null
  const derive =
    link.derive && (full || set.changes.length > 0)
      ? link.derive(
          part,
          dayIn(part.timeZone, now),
          now,
          JSON.stringify([...new Set(set.changes.map(({ key }) => key))]),
        )
      : []
  run.checkpoint = after
  const nothing = isEmpty(set) && derive.length === 0 && plan.cells.length === 0
  if (nothing && rest.length === 0 && !save.checkpointed) return []
  // What touches no synced row moves no version.
  if (nothing && (after.list !== null || link.ties)) {
    const saved = await bookkeeping(step, [...rest, saveRun(run, engine.clock.now() + LEASE)])
    return saved?.slice(0, rest.length) ?? null
  }
  let results: readonly Result[] = []
  const keys = new Set<string>()
  // What is taken whole or not at all is one commit, however large.
  for (const { set: slice, last } of slices(set, link.table.whole ? set.changes.length : SLICE)) {
    run.checkpoint = last ? after : before
    for (const { key } of slice.changes) keys.add(key)
    const beside = last ? rest : (save.meanwhile?.(keys) ?? [])
    const saved = await saveSlice(step, slice, report, before, last ? derive : [], beside)
    if (!saved) return null
    const derived = saved.slice(0, last ? derive.length : 0)
    report.derived += derived.reduce((sum, result) => sum + result.rowsWritten, 0)
    results = saved.slice(derived.length, derived.length + rest.length)
  }
  return results
}

function slices(
  { changes, pins, conflicts, settled = [] }: Changeset,
  size: number,
): { set: Changeset; last: boolean }[] {
  const count = Math.max(1, Math.ceil(changes.length / Math.max(1, size)))
  return Array.from({ length: count }, (_, i) => ({
    set: {
      changes: changes.slice(i * size, (i + 1) * size),
      pins: i === 0 ? pins : [],
      conflicts: i === 0 ? conflicts : [],
      settled: i === 0 ? settled : [],
    },
    last: i === count - 1,
  }))
}

/**
 * One commit; results of `derive` and `rest`. A unique value claimed twice is bisected down to the row, which becomes a
 * conflict; the others go on.
 */
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
    extra: [
      ...derive,
      ...rest,
      ...conflictEvents(set.conflicts, { lane: run.lane, runId: run.id, commit: run.id }, at),
      saveRun(run, at + LEASE),
    ],
  }
  await engine.beforeBatch()
  const answer = await commit(engine.database, input)
  if (answer.type === 'stale') return null
  if (answer.type === 'committed') {
    step.fence = { ...step.fence, version: answer.version }
    const { version, rowsWritten } = answer
    step.commits.push({ version, rows: set.changes.length, rowsWritten })
    for (const conflict of set.conflicts)
      engine.log('conflict.opened', {
        lane: run.lane,
        link: link.name,
        scope: run.scope,
        run: run.id,
        ...loggedConflict(conflict),
      })
    return answer.extra.slice(0, derive.length + rest.length)
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
      { ...set, changes: [], conflicts: [...set.conflicts, ...conflicts] },
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

/** What a page held, for the next run to compare with; no statement where it held the same. */
export function pageStatement(
  { link, run }: Step,
  page: string,
  held: { readonly entries: readonly PageEntry[]; readonly warnings: readonly Warning[] },
  before: { readonly rows: string; readonly warnings: string },
  now: number,
): Statement[] {
  const rows = JSON.stringify(held.entries)
  const warnings = JSON.stringify(held.warnings.slice(0, WARNINGS))
  if (rows === before.rows && warnings === before.warnings) return []
  return [
    {
      sql: `INSERT INTO link_pages (link, scope, page, rows, live, run_id, at, warnings)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
        ON CONFLICT (link, scope, page) DO UPDATE SET rows = excluded.rows, live = excluded.live,
          run_id = excluded.run_id, at = excluded.at,
          warnings = excluded.warnings`,
      params: [
        link.name,
        run.scope,
        page,
        rows,
        held.entries.filter((entry) => entry[5] >= 0).length,
        run.id,
        now,
        warnings,
      ],
    },
  ]
}

/** Closes conflicts that the remote doesn't show any more. */
export const closeConflicts = (step: Step, ids: readonly string[], now: number): Statement[] =>
  ids.length === 0
    ? []
    : [
        {
          sql: `UPDATE conflicts SET resolved_at = ?1, resolution = 'gone', resolved_by = ?2
        WHERE id IN (SELECT value FROM json_each(?3)) AND resolved_at IS NULL`,
          params: [now, step.link.remote, JSON.stringify(ids)],
        },
      ]

/** Conflicts that a page shows close by themselves when a whole read of it no longer shows them. */
export function goneConflicts(
  open: readonly { readonly id: string; readonly kind: string }[],
  shown: ReadonlySet<string>,
): string[] {
  return open
    .filter(({ id, kind }) => kind !== 'merge' && kind !== 'unique' && !shown.has(id))
    .map(({ id }) => id)
}
