import { planPage } from './plan.ts'
import type { Page, Part } from './ports.ts'
import { onFailure, onSuccess, remembering, remoteContext, type Step, type StepAnswer } from './run.ts'
import { readFacts } from './run-facts.ts'
import { addWarnings, tally } from './run-report.ts'
import { closeConflicts, goneConflicts, pageStatement, savePlan } from './run-save.ts'
import type { Checkpoint, RunFrame } from './run-state.ts'
import { writeBack } from './run-write-back.ts'

/** Does the first part that is left: read, merge, commit with the checkpoint, write back. */
export async function mergePart(step: Step, frame: RunFrame, checkpoint: Checkpoint): Promise<StepAnswer> {
  const { run, engine, link } = step
  const id = checkpoint.todo[0] as string
  const part = frame.parts.find((candidate) => candidate.id === id)
  const report = run.report.parts.find((candidate) => candidate.id === id)
  if (!part || !report) return passed(step, checkpoint, id)

  const read = await readPage(step, frame, checkpoint, part)
  if (read.type === 'wait') return read
  const trouble = read.type === 'trouble' ? read : checkpoint.trouble
  const page = read.type === 'page' ? read.page : null
  if (page?.refused) {
    Object.assign(report, {
      status: 'failed',
      ...page.refused,
      at: new Date(engine.clock.now()).toISOString(),
    })
    addWarnings(run.report, report, page.warnings)
    return passed(step, { ...checkpoint, again: [...checkpoint.again, id] }, id)
  }

  const facts = await readFacts(step, frame, checkpoint, part, page)
  const now = engine.clock.now()
  const plan = planPage({
    link,
    scope: run.scope,
    part,
    page,
    ...facts,
    full: checkpoint.mode === 'full',
    now,
    newKey: () => engine.ids.next(),
  })
  tally(run, `${id}|${checkpoint.cursor ?? ''}`, plan)
  // What was wrong with a page that was not read again is still wrong.
  addWarnings(run.report, report, page ? plan.warnings : (frame.pages[id]?.warnings ?? []))
  const idle = page === null && plan.changes.length === 0
  Object.assign(report, {
    status: trouble ? 'degraded' : idle ? 'unchanged' : 'done',
    ...(trouble ? { reason: trouble.reason, mend: trouble.mend } : {}),
    rows: plan.entries.filter((entry) => entry[5] >= 0).length,
    at: new Date(now).toISOString(),
  })
  // What a released pin held back is proposed again, by the remote and by the inbox.
  const again = plan.lookAgain || plan.pins.some(({ op }) => op === 'release')
  const here: Checkpoint = {
    ...remembering(run.checkpoint ?? checkpoint, step.scratch),
    trouble: trouble && { reason: trouble.reason, mend: trouble.mend },
    again: again ? [...checkpoint.again, id] : checkpoint.again,
    deleted: { ...checkpoint.deleted, [id]: (checkpoint.deleted[id] ?? 0) + plan.counts.deleted },
  }
  const cursor = page?.next ?? null
  const next: Checkpoint = {
    ...here,
    cursor,
    todo: cursor === null ? checkpoint.todo.slice(1) : checkpoint.todo,
  }
  // With cells to write, the checkpoint moves on only when they are written: a crash between repeats the part.
  const writes = plan.cells.length > 0
  const held = { entries: plan.entries, warnings: plan.warnings }
  const rest =
    facts.index && link.deletes !== 'never'
      ? pageStatement(step, id, held, { rows: JSON.stringify(facts.known), warnings: facts.warnings }, now)
      : []
  const gone = facts.index ? goneConflicts(facts.open, new Set(plan.conflicts.map((c) => c.id))) : []
  const saved = await savePlan(step, {
    part,
    plan,
    report,
    open: new Set(facts.open.map((conflict) => conflict.id)),
    before: here,
    after: writes ? here : next,
    rest: [...rest, ...closeConflicts(step, gone, now)],
    checkpointed: false,
  })
  if (!saved) return { type: 'stale' }
  return writes ? writeBack(step, frame, part, plan.cells, next, report) : { type: 'more' }
}

/** The part is done with nothing to commit: the next commit stores the checkpoint. */
function passed({ run }: Step, checkpoint: Checkpoint, id: string): StepAnswer {
  run.checkpoint = { ...checkpoint, cursor: null, todo: checkpoint.todo.filter((other) => other !== id) }
  return { type: 'more' }
}

type PageRead =
  | { readonly type: 'page'; readonly page: Page }
  | { readonly type: 'unread' }
  | { readonly type: 'trouble'; readonly reason: string; readonly mend: string }
  | { readonly type: 'wait'; readonly at: number; readonly reason: string }

async function readPage(step: Step, frame: RunFrame, checkpoint: Checkpoint, part: Part): Promise<PageRead> {
  if (checkpoint.trouble || !checkpoint.read.includes(part.id)) return { type: 'unread' }
  const wanted = checkpoint.read.filter((id) => checkpoint.todo.includes(id))
  const answer = await step.engine
    .remotes(step.link.remote)
    .read(remoteContext(step, frame, wanted), part, checkpoint.cursor)
  if (!answer.ok) {
    const next = onFailure(step, answer.failure)
    if (next.type === 'wait') return { type: 'wait', at: next.at, reason: answer.failure.reason }
    return { type: 'trouble', reason: next.reason, mend: next.mend }
  }
  onSuccess(step.scratch)
  return { type: 'page', page: answer.value }
}
