import type { Statement } from '../../db/database.ts'
import type { PartReport } from '../protocol/runs.ts'
import { recentDeletions } from './guard.ts'
import { isGuard } from './guard-kinds.ts'
import type { Part } from './ports.ts'
import { onFailure, onSuccess, remembering, remoteContext, type Step, type StepAnswer } from './run.ts'
import { addWarnings, tally } from './run-report.ts'
import { closeConflicts, pageStatement, savePlan } from './run-save.ts'
import type { Checkpoint, RunFrame } from './run-state.ts'
import { readTwoWay, type TwoWayFacts } from './two-way-facts.ts'
import { clashOf, failed, guarded, hold, wordOn } from './two-way-hold.ts'
import { rememberStatements } from './two-way-memory.ts'
import { planTwoWay, type TwoWayPlan } from './two-way-plan.ts'
import type { TwoWayLink } from './two-way-rows.ts'
import { sendEdits, toSend } from './two-way-send.ts'
import { heardStatement } from './two-way-unheard.ts'

/**
 * One part of a link both ways: read, merge, commit what was read together with what is remembered of it, then send what stands
 * here otherwise.
 *
 *   read ─ can't be believed ─► held: nothing changes, a person is asked ─► (answered) ─► the next run takes it, or puts it back
 *    └─ merge ─ can't stand together ─► refused with the reason
 *         └─ commit: rows, history, conflicts, memory ─► send: cells, new rows, ids, notes ─► commit: what was sent is agreed
 *
 * What the remote showed is agreed when it is committed, what was sent when the remote has confirmed it. A crash between the two
 * finds the sent value shown and here, and agrees; or finds it unsent, and sends it.
 */
export async function mergeBothWays(
  step: Step,
  frame: RunFrame,
  checkpoint: Checkpoint,
  part: Part,
  report: PartReport,
): Promise<StepAnswer> {
  const { run, engine } = step
  const link = step.link as TwoWayLink
  const next = passedBy(checkpoint, part.id)
  if (checkpoint.trouble) {
    Object.assign(report, { status: 'degraded', ...checkpoint.trouble, at: iso(engine.clock.now()) })
    run.checkpoint = { ...next, again: [...next.again, part.id] }
    return { type: 'more' }
  }
  const context = remoteContext(step, frame, checkpoint.todo)
  const answer = await engine.remotes(link.remote).read(context, part, null)
  if (!answer.ok) {
    const retry = onFailure(step, answer.failure)
    if (retry.type === 'wait') return { type: 'wait', at: retry.at, reason: answer.failure.reason }
    run.checkpoint = { ...checkpoint, trouble: { reason: retry.reason, mend: retry.mend } }
    return { type: 'more' }
  }
  onSuccess(step.scratch)
  const page = answer.value
  if (page.refused) return failed(step, next, part, report, page.refused, page)
  const facts = await readTwoWay(step, link, frame, checkpoint, part, page)
  const judged = guarded(step, link, frame, part, page, facts)
  const word = judged && (await wordOn(step, judged.conflict))
  if (judged && (word === null || (word === 'keep' && judged.held.kind === 'copied')))
    return hold(step, next, part, report, page, facts, judged.conflict, word)
  const now = engine.clock.now()
  const input = {
    link,
    scope: run.scope,
    part,
    page,
    facts,
    policy: link.policy?.(frame.settings, part.id) ?? 'theirs',
    deletions: recentDeletions(frame.state?.deletions[part.id] ?? [], now),
    full: checkpoint.mode === 'full',
    asShown: false,
    word: judged?.held.kind === 'copied' ? null : word,
    run: run.id,
    now,
    newKey: () => engine.ids.next(),
  }
  let plan = planTwoWay(input)
  const clash = plan.refused && clashOf(step, link, frame, part, facts, plan.refused.reason)
  if (clash) {
    if ((await wordOn(step, clash)) !== 'take')
      return hold(step, next, part, report, page, facts, clash, null)
    plan = planTwoWay({ ...input, asShown: true, word: 'take' })
  }
  tally(run, part.id, plan)
  if (plan.refused) return failed(step, next, part, report, plan.refused, page)
  addWarnings(run.report, report, plan.warnings)
  Object.assign(report, {
    status: 'done',
    rows: plan.entries.filter((entry) => entry[5] >= 0).length,
    at: iso(now),
  })
  const again = plan.lookAgain
  const { tally: counted } = run.checkpoint ?? checkpoint
  const after: Checkpoint = {
    ...remembering(next, step.scratch),
    tally: counted,
    again: again ? [...next.again, part.id] : next.again,
    deleted: { ...checkpoint.deleted, [part.id]: (checkpoint.deleted[part.id] ?? 0) + plan.counts.deleted },
  }
  const sends = plan.edits.length > 0
  /** Asked anew after the commit, which may have moved the version */
  const passed = () => (plan.postponed ? after : inStep(step, after, part.id))
  const saved = await savePlan(step, {
    part,
    plan,
    report,
    open: new Set(facts.open.map(({ id }) => id)),
    before: { ...checkpoint, tally: counted },
    after: sends ? { ...checkpoint, tally: counted } : passed(),
    rest: [
      ...memoryOf(step, part.id, plan, facts, now),
      ...rememberStatements({ link: link.name, scope: run.scope, part: part.id }, plan.remember),
      ...closeConflicts(step, closing(facts, plan), now),
      ...(facts.unheard.size > 0 && !plan.postponed ? [heardStatement([link.name, run.scope, part.id])] : []),
    ],
    // A new row has no id there yet: read again after a crash, it must be the one that was made.
    ...(link.rowIds && { meanwhile: (keys) => newcomers(step, part.id, plan, facts, keys, now) }),
    checkpointed: false,
  })
  if (!saved) return { type: 'stale' }
  if (sends) return sendEdits(step, frame, part, toSend(plan, facts.remembered), after, report)
  run.checkpoint = passed()
  return { type: 'more' }
}

/** The checkpoint behind a part. */
const passedBy = (checkpoint: Checkpoint, id: string): Checkpoint => ({
  ...checkpoint,
  cursor: null,
  todo: checkpoint.todo.filter((other) => other !== id),
})

/** Everything that the lane holds by now is in the part, or on its way there. */
export const inStep = ({ fence }: Step, checkpoint: Checkpoint, part: string): Checkpoint => ({
  ...checkpoint,
  agreed: { ...checkpoint.agreed, [part]: fence.version },
})

const iso = (at: number): string => new Date(at).toISOString()

function memoryOf(step: Step, part: string, plan: TwoWayPlan, facts: TwoWayFacts, now: number): Statement[] {
  // Written anew where a guard was answered, so that no later question is taken for the one that was.
  const before = { rows: facts.isAnswered ? '' : JSON.stringify(facts.known), warnings: facts.warnings }
  return pageStatement(step, part, { entries: plan.entries, warnings: plan.warnings }, before, now)
}

/** Rows that were made so far, as the next reading knows them. */
function newcomers(
  step: Step,
  part: string,
  plan: TwoWayPlan,
  facts: TwoWayFacts,
  keys: ReadonlySet<string>,
  now: number,
): Statement[] {
  const before = new Set(facts.known.map(([key]) => key))
  const isNew = (key: string) => keys.has(key) && !before.has(key)
  const made = plan.entries.filter(([key]) => isNew(key))
  if (made.length === 0) return []
  const { link, run } = step
  return [
    ...pageStatement(
      step,
      part,
      { entries: [...facts.known, ...made], warnings: plan.warnings },
      { rows: '', warnings: '' },
      now,
    ),
    ...rememberStatements(
      { link: link.name, scope: run.scope, part },
      new Map([...plan.remember].filter(([key]) => isNew(key))),
    ),
  ]
}

/** Whether a conflict closes when a page does not show it any more. */
const closes = (one: { readonly kind: string }): boolean =>
  isGuard(one) || one.kind === 'unreadable' || one.kind === 'duplicate'

const closing = ({ open }: TwoWayFacts, { conflicts, unjudged }: TwoWayPlan): string[] => {
  const shown = new Set(conflicts.map(({ id }) => id))
  const waits = ({ kind, key }: TwoWayFacts['open'][number]) => kind === 'unreadable' && unjudged.has(key)
  return open.filter((one) => closes(one) && !shown.has(one.id) && !waits(one)).map(({ id }) => id)
}
