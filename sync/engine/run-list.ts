import type { Statement } from '../../db/database.ts'
import { recentDeletions } from './guard.ts'
import { type ListFacts, readListFacts, readsFor } from './list-facts.ts'
import { anew, indexed, isYoung, sendFor, sendForWaiting, setAside, WAITING } from './list-pages.ts'
import {
  forgetPass,
  type ListScratch,
  namesIn,
  namesOf,
  news,
  noPage,
  note,
  openList,
  pageName,
  release,
} from './list-scratch.ts'
import { afterPage, type ListState, refusalOf, type Seen, upcoming } from './list-state.ts'
import { isAsBefore, isNews, type PageIndex } from './page-index.ts'
import { ambiguityId, type Deferred, type PageEntry, type Plan, planPage } from './plan.ts'
import type { Page, Part } from './ports.ts'
import { onFailure, onSuccess, remembering, type Step, type StepAnswer } from './run.ts'
import { closeList } from './run-list-close.ts'
import { addWarnings, tally } from './run-report.ts'
import { closeConflicts, pageStatement, savePlan } from './run-save.ts'
import type { Checkpoint, RunFrame } from './run-state.ts'

export type { ListScratch } from './list-scratch.ts'

/**
 * One step of a run that reads a list page by page: the rows that wait, then a page, then the next, and the close. Pages
 * are sent for ahead of their turn, as many as the remote takes at once, and merged in their order; rows and checkpoint
 * are one batch, so that a run that is stopped anywhere reads at most the pages on their way again.
 */
export async function stepList(step: Step, frame: RunFrame, checkpoint: Checkpoint): Promise<StepAnswer> {
  const { run, scratch } = step
  const part = frame.parts.find(({ id }) => id === checkpoint.todo[0])
  const state = checkpoint.list
  if (!part || !state) {
    run.checkpoint = { ...checkpoint, todo: [] }
    return { type: 'more' }
  }
  scratch.list ??= await openList(step, part.id, state)
  const list = scratch.list
  const waiting = checkpoint.deferred ? waitingRows(list, state) : []
  if (checkpoint.deferred && waiting.length === 0) {
    run.checkpoint = { ...checkpoint, deferred: false }
    return { type: 'more' }
  }
  if (waiting.length === 0 && state.over) return closeList(step, frame, checkpoint, part, state, list)

  const wanted = waiting.length > 0 ? WAITING : (upcoming(state, 1)[0] ?? 1)
  if (wanted === WAITING) sendForWaiting(step, frame, part, list, waiting)
  else sendFor(step, frame, part, list, upcoming(state, frame.ahead))
  const fetched = list.ahead.get(wanted)
  if (!fetched) throw new Error(`page ${wanted} was not sent for`)
  if (fetched.error === null && fetched.answer === null) return { type: 'fetching', arrived: fetched.arrived }
  list.ahead.delete(wanted)
  if (fetched.answer === null) throw fetched.error
  if (!fetched.answer.ok) return unread(step, checkpoint, part, list, fetched.answer.failure)
  onSuccess(scratch)
  const page = fetched.answer.value
  const index = fetched.index ? anew(fetched.index, list) : indexed(step, part, list, page)
  const aside = setAside(index, fetched.failed)
  return wanted === WAITING
    ? mergeWaiting(step, checkpoint, part, list, page, aside)
    : mergeListPage(step, frame, checkpoint, part, list, wanted, page, aside)
}

/**
 * The rows that wait: all of them when a run begins, and when all of the list was read those that were in doubt, because
 * the row in their way may have turned out to be gone.
 */
const waitingRows = (list: ListScratch, state: ListState): Deferred[] =>
  [...list.deferred.values()].filter(({ kind }) => state.over !== 'quiet' || kind === 'ambiguous')

/** A page could not be read: it is tried again, and after a while the run stops; the next one goes on from here. */
function unread(
  step: Step,
  checkpoint: Checkpoint,
  part: Part,
  list: ListScratch,
  failure: Parameters<typeof onFailure>[1],
): StepAnswer {
  const next = onFailure(step, failure)
  if (next.type === 'wait') return { type: 'wait', at: next.at, reason: failure.reason }
  list.ahead.clear()
  return stop(step, checkpoint, part, 'degraded', next)
}

/** The list is given up for this run; what was merged stays. */
function stop(
  { run, engine }: Step,
  checkpoint: Checkpoint,
  part: Part,
  status: 'degraded' | 'failed',
  { reason, mend }: { reason: string; mend: string },
): StepAnswer {
  const report = run.report.parts.find(({ id }) => id === part.id)
  if (report) Object.assign(report, { status, reason, mend, at: new Date(engine.clock.now()).toISOString() })
  run.checkpoint = {
    ...checkpoint,
    todo: [],
    deferred: false,
    trouble: status === 'degraded' ? { reason, mend } : checkpoint.trouble,
  }
  return { type: 'more' }
}

async function mergeListPage(
  step: Step,
  frame: RunFrame,
  checkpoint: Checkpoint,
  part: Part,
  list: ListScratch,
  number: number,
  page: Page,
  { index, waiting }: { index: PageIndex; waiting: readonly Deferred[] },
): Promise<StepAnswer> {
  const { run, engine } = step
  const state = checkpoint.list as ListState
  const now = engine.clock.now()
  const seen = whatIsSeen(state, list, number, page, index, frame, now)
  const recent = recentDeletions(frame.state?.deletions[part.id] ?? [], now)
  const refused = page.refused ?? refusalOf(state, seen, recent, run.full)
  if (refused) return stop(step, checkpoint, part, 'failed', refused)

  release(list, number, index)
  const stored = list.pages.get(number) ?? noPage
  const full = checkpoint.mode === 'full'
  const facts = await readListFacts(step, part, list, index, full)
  const plan = withWaiting(planOf(step, part, list, page, index, facts, full, now), waiting)
  tally(run, `${part.id}/${number}`, plan)
  for (const { id } of plan.conflicts) list.shown?.add(id)
  const next = afterPage(state, seen, frame.list?.probe ?? 'rolling', frame.state?.list ?? null)
  const report = run.report.parts.find(({ id }) => id === part.id)
  if (!report) throw new Error(`the run has no report for ${part.id}`)
  addWarnings(run.report, report, plan.warnings)
  const some = next.reading === 'chosen'
  Object.assign(report, {
    page: some ? next.done : number,
    pages: some ? next.done + next.chosen.length : seen.pages,
    rows: seen.total,
  })
  const here = remembering(run.checkpoint ?? checkpoint, step.scratch)
  const held = { entries: plan.entries, warnings: plan.warnings }
  const settles = waitingStatements(step, part, list, index, plan, full, now)
  // Pins and conflicts stand as before unless this commit touches some, or somebody else's came before it.
  const untouched = settles.length + plan.pins.length + plan.conflicts.length === 0
  const standing = untouched && list.standing?.version === step.fence.version ? list.standing : null
  const reads = readsFor(step, part, list, next, plan, full, standing !== null)
  const ahead = reads?.statements ?? []
  const saved = await savePlan(step, {
    part,
    plan,
    report,
    open: facts.standing.open,
    before: here,
    after: { ...here, list: next, deferred: next.over === 'quiet' },
    rest: [...pageStatement(step, pageName(part.id, number), held, stored, now), ...settles, ...ahead],
    checkpointed: true,
  })
  if (!saved) return { type: 'stale' }
  list.standing = standing && { ...standing, version: step.fence.version }
  // A lost reply brings nothing along.
  if (saved.length >= ahead.length) reads?.keep(saved.slice(saved.length - ahead.length), step.fence.version)
  remember(list, number, plan)
  settleWaiting(list, index, plan, full)
  for (const name of index.names) list.seen.set(name, number)
  const samePass = next.pass === state.pass && next.reading === state.reading && next.head === 0
  if (!samePass && next.head === 0 && !next.over) forgetPass(list)
  else if (!samePass) list.ahead.clear()
  return { type: 'more' }
}

/** What the page shows, against this pass and against what is known. */
function whatIsSeen(
  state: ListState,
  list: ListScratch,
  number: number,
  page: Page,
  index: PageIndex,
  frame: RunFrame,
  now: number,
): Seen {
  const names = namesOf(index)
  const before = list.pages.get(number - 1)
  const rows = page.rows.length + (page.rejected?.length ?? 0)
  const unseen = names.filter((name) => !list.seen.has(name))
  const changed = new Set(news(index).map(({ name }) => name))
  const inPass = number - 1 >= state.start && state.reading !== 'chosen'
  return {
    page: number,
    // A page beyond the last one may not say how many there are: there are fewer.
    pages: page.pages ?? Math.min(state.pages ?? number, Math.max(0, number - 1)),
    total: page.total ?? state.total ?? rows,
    stamp: page.stamp ?? null,
    rows,
    nameless: index.nameless,
    repeats: names.filter((name) => (list.seen.get(name) ?? number) !== number).length,
    fresh: names.filter((name) => !list.where.has(name)).length,
    news: names.filter((name) => !list.seen.has(name) || changed.has(name)).length,
    sameAsLast: inPass && before !== undefined && names.length > 0 && namesIn(before).join() === names.join(),
    sameRows: namesIn(list.pages.get(number) ?? noPage).join() === names.join(),
    settled:
      index.unread.size === 0 &&
      [...index.rows.values()].every((row) => isAsBefore(row) && !isYoung(row, frame.list, now)),
    distinct: list.seen.size + unseen.length,
  }
}

const planOf = (
  { link, run, engine }: Step,
  part: Part,
  list: ListScratch,
  page: Page,
  index: PageIndex,
  facts: ListFacts,
  full: boolean,
  now: number,
): Plan =>
  planPage({
    link,
    scope: run.scope,
    part,
    page,
    index,
    known: [...index.names].flatMap((name) => {
      const entry = list.where.get(name)?.entry
      return entry ? [entry] : []
    }),
    stored: facts.stored,
    pins: facts.standing.pins,
    inbox: [],
    deletions: [],
    claims: list.claims,
    full,
    now,
    newKey: () => engine.ids.next(),
  })

const withWaiting = (plan: Plan, waiting: readonly Deferred[]): Plan => ({
  ...plan,
  deferred: [...plan.deferred, ...waiting],
  warnings: [
    ...plan.warnings,
    ...waiting.map(({ row, reason }) => ({
      kind: 'details',
      message: `${reason}; the row waits and is tried again by the next run`,
      where: String(Object.values(row)[0] ?? ''),
    })),
    ...plan.deferred.map(({ kind, row, reason }) => ({
      kind,
      message: `${reason}; the row waits`,
      where: String(row.name ?? Object.values(row)[0] ?? ''),
    })),
  ],
})

/** Rows that wait from now on, and rows that waited and are merged. */
function waitingStatements(
  { link, run }: Step,
  part: Part,
  list: ListScratch,
  index: PageIndex,
  plan: Plan,
  full: boolean,
  now: number,
): Statement[] {
  const known = (d: Deferred) => JSON.stringify(list.deferred.get(d.name)) === JSON.stringify(d)
  const fresh = plan.deferred.filter((deferred) => !known(deferred))
  const settled = settledNames(list, index, plan, full)
  const key = [link.name, run.scope, part.id]
  const statements: Statement[] = []
  if (fresh.length > 0)
    statements.push({
      sql: `INSERT INTO link_deferred (link, scope, part, name, kind, row, reason, since, run_id)
        SELECT ?1, ?2, ?3, j.value ->> 'name', j.value ->> 'kind', j.value -> 'row', j.value ->> 'reason', ?5, ?6
        FROM json_each(?4) j WHERE true
        ON CONFLICT (link, scope, part, name) DO UPDATE SET kind = excluded.kind, row = excluded.row,
          reason = excluded.reason, run_id = excluded.run_id`,
      params: [...key, JSON.stringify(fresh), now, run.id],
    })
  if (settled.length > 0)
    statements.push({
      sql: `DELETE FROM link_deferred WHERE link = ?1 AND scope = ?2 AND part = ?3
        AND name IN (SELECT value FROM json_each(?4))`,
      params: [...key, JSON.stringify(settled)],
    })
  const of = { link, scope: run.scope, part }
  const doubts = settled
    .filter((name) => list.deferred.get(name)?.kind === 'ambiguous')
    .map((name) => ambiguityId(of, name))
  return [...statements, ...closeConflicts({ link } as Step, doubts, now)]
}

/** Rows that waited, were looked at now, and wait no longer. */
function settledNames(list: ListScratch, index: PageIndex, plan: Plan, full: boolean): string[] {
  const waits = new Set(plan.deferred.map(({ name }) => name))
  return [...index.rows.values()]
    .filter((row) => full || isNews(row))
    .map(({ name }) => name)
    .filter((name) => list.deferred.has(name) && !waits.has(name))
}

function settleWaiting(list: ListScratch, index: PageIndex, plan: Plan, full: boolean): void {
  for (const name of settledNames(list, index, plan, full)) list.deferred.delete(name)
  for (const deferred of plan.deferred) list.deferred.set(deferred.name, deferred)
}

function remember(list: ListScratch, number: number, plan: Plan): void {
  list.pages.set(number, {
    entries: plan.entries,
    rows: JSON.stringify(plan.entries),
    warnings: JSON.stringify(plan.warnings),
  })
  for (const entry of plan.entries) note(list, number, entry)
}

/** Rows that waited are merged as a page of their own; what came of them goes to the pages on which they stand. */
async function mergeWaiting(
  step: Step,
  checkpoint: Checkpoint,
  part: Part,
  list: ListScratch,
  page: Page,
  { index, waiting }: { index: PageIndex; waiting: readonly Deferred[] },
): Promise<StepAnswer> {
  const { run, engine } = step
  const now = engine.clock.now()
  const facts = await readListFacts(step, part, list, index, true)
  const plan = withWaiting(planOf(step, part, list, page, index, facts, true, now), waiting)
  tally(run, `${part.id}/waiting`, plan)
  const report = run.report.parts.find(({ id }) => id === part.id)
  if (!report) throw new Error(`the run has no report for ${part.id}`)
  addWarnings(run.report, report, plan.warnings)
  const waits = new Set(plan.deferred.map(({ name }) => name))
  const merged = new Map(
    plan.entries.filter(([, name]) => !waits.has(name)).map((entry) => [entry[1], entry]),
  )
  const pages = [...list.pages].filter(([, { entries }]) => entries.some(([, name]) => merged.has(name)))
  const held = pages.map(([number, stored]) => ({
    number,
    stored,
    entries: stored.entries.map((old): PageEntry => {
      const entry = merged.get(old[1])
      return entry ? [entry[0], entry[1], old[2], entry[3], entry[4], 0] : old
    }),
    warnings: JSON.parse(stored.warnings) as Plan['warnings'],
  }))
  const here: Checkpoint = { ...(run.checkpoint ?? checkpoint) }
  const saved = await savePlan(step, {
    part,
    plan,
    report,
    open: facts.standing.open,
    before: here,
    after: { ...here, deferred: false },
    rest: [
      ...held.flatMap(({ number, stored, entries, warnings }) =>
        pageStatement(step, pageName(part.id, number), { entries, warnings }, stored, now),
      ),
      ...waitingStatements(step, part, list, index, plan, true, now),
    ],
    checkpointed: false,
  })
  if (!saved) return { type: 'stale' }
  list.standing = null
  for (const { number, entries, stored } of held) {
    list.pages.set(number, { ...stored, entries, rows: JSON.stringify(entries) })
    for (const entry of entries) note(list, number, entry)
  }
  settleWaiting(list, index, plan, true)
  return { type: 'more' }
}
