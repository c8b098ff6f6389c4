import type { ChangeAnswer, ChangeRequest, Plan } from '../protocol/lane.ts'
import { isEmpty } from './changes.ts'
import { commit, type Fence } from './commit.ts'
import { conflictEvents, loggedConflict } from './events.ts'
import { readFacts, workOf } from './facts.ts'
import { planOf } from './plan-view.ts'
import type { Engine } from './ports.ts'
import { type Declared, prepare } from './prepare.ts'
import { brokenWhole } from './whole.ts'
import { changesetOf } from './work.ts'

/**
 * Plans a proposal against the lane as it stands, or applies it in one commit. With `expect`, only the plan of that digest is
 * applied: anything else is answered `moved`. A proposal that is applied again finds nothing left to do. `stale`: the lane has
 * another holder.
 */
export async function applyChange(
  engine: Engine,
  declared: Declared,
  fence: Fence,
  { actor, origin, proposal, dryRun, expect }: ChangeRequest,
): Promise<{ type: 'stale' } | { type: 'answer'; answer: ChangeAnswer; fence: Fence }> {
  const answered = (answer: ChangeAnswer, now = fence) => ({ type: 'answer' as const, answer, fence: now })
  const prepared = await prepare(engine, declared, fence.lane, proposal, actor)
  if ('type' in prepared) return answered({ type: 'failed', failure: prepared })
  const at = engine.clock.now()
  const facts = await readFacts(engine.database, fence.lane, prepared.asks)
  const work = workOf(declared.tables, facts, { actor, now: at })
  const skips = prepared.work(work)
  if ('type' in skips) return answered({ type: 'failed', failure: skips })
  for (const { table } of new Set(work.drafts.values())) {
    const broken = brokenWhole(work, table)
    if (broken !== null)
      return answered({
        type: 'failed',
        failure: { type: 'bad_request', detail: `${broken}.`, kept: 'Nothing was changed.' },
      })
  }
  const set = changesetOf(work, true)
  const plan: Plan = planOf(fence.lane, set, skips, declared.links)
  const { version } = fence
  if (dryRun) return answered({ type: 'planned', version, plan })
  // Sent again after it was done, there is nothing left to do, and nothing that could be done otherwise.
  if (isEmpty(set)) return answered({ type: 'applied', version, plan })
  if (expect !== undefined && expect !== plan.digest) return answered({ type: 'moved', version, plan })
  await engine.beforeBatch()
  const done = await commit(engine.database, {
    id: engine.ids.next(),
    fence,
    set,
    link: '',
    scope: '',
    origin,
    actor,
    runId: null,
    at,
    extra: conflictEvents(
      set.conflicts,
      { lane: fence.lane, runId: null, commit: `${fence.lane}_${version + 1}` },
      at,
    ),
  })
  if (done.type === 'stale') return { type: 'stale' }
  if (done.type === 'violation')
    return answered({
      type: 'failed',
      failure: {
        type: 'conflict',
        detail: `Two rows would hold one unique value: ${done.detail}`,
        mend: 'Undo or restore fewer rows at once.',
      },
    })
  engine.log('commit', {
    lane: fence.lane,
    proposal: proposal.type,
    actor,
    version: done.version,
    rows: set.changes.length,
    rowsWritten: done.rowsWritten,
  })
  for (const conflict of set.conflicts)
    engine.log('conflict.opened', { lane: fence.lane, ...loggedConflict(conflict) })
  return answered({ type: 'applied', version: done.version, plan }, { ...fence, version: done.version })
}
