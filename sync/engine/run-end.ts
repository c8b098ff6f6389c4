import type { SqlValue, Statement } from '../../db/database.ts'
import { nextDue } from './due.ts'
import { runEvents } from './events.ts'
import { type Deletions, recentDeletions } from './guard.ts'
import { MEMORY, type Step, type StepAnswer } from './run.ts'
import { fingerprintOf } from './run-frame.ts'
import { listMemory } from './run-list-begin.ts'
import { emptyReport, insertRun, type RunFrame, type RunState, saveRun } from './run-state.ts'
import { bookkeeping } from './run-write-back.ts'

/** Ends a run: its status and report, the link's state, and the events, in one batch. */
export async function endRun(
  step: Step,
  frame: RunFrame | null,
  failure: { reason: string; mend: string } | null,
): Promise<StepAnswer> {
  const { run, engine } = step
  const now = engine.clock.now()
  run.startedAt ??= now
  run.finishedAt = now
  const trouble = failure ?? run.checkpoint?.trouble ?? null
  if (trouble) Object.assign(run.report, { reason: trouble.reason, mend: trouble.mend })
  run.status = failure ? 'failed' : statusOf(step)
  for (const part of run.report.parts)
    if (part.status === 'waiting') part.status = failure ? 'failed' : 'unchanged'
    else if (failure && run.checkpoint?.todo.includes(part.id)) part.status = 'failed'
  const saved = await bookkeeping(step, [
    saveRun({ ...run, checkpoint: null }, null),
    ...(frame ? [linkState(step, frame, now, failure)] : []),
    ...settledWrites(step),
    ...(step.link.settles?.(run.scope, now) ?? []),
    ...(run.report.counts.written > 0 ? waitingRows(step, now) : []),
    ...runEvents(run, now),
  ])
  if (!saved) return { type: 'stale' }
  engine.log('run.ended', {
    run: run.id,
    lane: run.lane,
    link: run.link,
    scope: run.scope,
    status: run.status,
    ms: now - run.startedAt,
    ...run.report.counts,
  })
  return { type: 'ended' }
}

function statusOf({ run }: Step) {
  const { parts } = run.report
  if (parts.some((part) => part.status === 'failed')) return 'failed'
  if (run.checkpoint?.trouble) return 'degraded'
  const moved = parts.some(
    (part) => part.status === 'done' && part.updated + part.derived + part.sent + part.warnings.length > 0,
  )
  return moved ? 'done' : 'unchanged'
}

/** Rows of other links may have waited for what this run brought: they are tried again, by a run that is queued with its end. */
const waitingRows = ({ engine, run, dependents }: Step, now: number): Statement[] =>
  dependents.map((link) => {
    const insert = insertRun({
      id: engine.ids.next(),
      link: link.name,
      scope: run.scope,
      lane: run.lane,
      trigger: 'after',
      parts: null,
      full: false,
      actor: run.link,
      enqueuedAt: now,
      status: 'queued',
      startedAt: null,
      finishedAt: null,
      checkpoint: null,
      report: emptyReport(),
    })
    const at = insert.params.length
    return {
      sql: insert.sql.replace(
        /VALUES \((.*)\) ON CONFLICT/,
        `SELECT $1 WHERE EXISTS (SELECT 1 FROM link_deferred WHERE link = ?${at + 1} AND scope = ?${at + 2}) ON CONFLICT`,
      ),
      params: [...insert.params, link.name, run.scope],
    }
  })

/** Writes whose answer was lost: the part was read again afterwards and showed the values, or it would have been written again. */
const settledWrites = ({ run, link }: Step): Statement[] =>
  link.writes.length === 0
    ? []
    : [
        {
          sql: `UPDATE link_writes SET outcome = '{"confirmed":"by reading"}' WHERE run_id = ?1 AND outcome IS NULL`,
          params: [run.id],
        },
      ]

/**
 * Why a list was not believed: nothing of it could be read, as if its remote were away. A part of a remote that is read in
 * parts says so itself, and the others were read.
 */
function refusalIn(parts: Step['run']['report']['parts']): { reason: string; mend: string } | null {
  const failed = parts.find(({ status, reason }) => status === 'failed' && reason !== undefined)
  return failed ? { reason: failed.reason ?? '', mend: failed.mend ?? '' } : null
}

/** How the remote was found. A run that did not ask it has nothing to say of that, unless something went wrong. */
const OF_THE_REMOTE = ['last_check_at', 'last_run_id', 'last_status', 'trouble']

/** A run that something else than the cron asked for postpones no look at a workbook, or one that is written to would be looked at late. */
const keepsTurn = (
  run: RunState,
  link: Step['link'],
  before: RunFrame['state'],
  attempt: number,
): before is NonNullable<RunFrame['state']> =>
  link.ties !== undefined &&
  run.trigger !== 'cron' &&
  attempt === 0 &&
  before !== null &&
  before.attempt === 0 &&
  before.nextDueAt > run.enqueuedAt

/** Part -> the target that its bases are agreed with. One that waits for a person's word keeps the one of before. */
function targetsOf({ link, target, parts, state }: RunFrame, { report, checkpoint }: Step['run']) {
  if (!link.ties) return state?.target ?? null
  const done = new Set(report.parts.flatMap(({ id, status }) => (status === 'done' ? [id] : [])))
  const now = parts.filter(({ id }) => done.has(id) || checkpoint?.agreed?.[id] !== undefined)
  const before = JSON.parse(state?.target ?? '{}') as object
  return JSON.stringify({ ...before, ...Object.fromEntries(now.map(({ id }) => [id, target])) })
}

/** What the next run needs to know. A run of some parts leaves the scope's own times alone. */
function linkState(
  { run, link, scratch }: Step,
  frame: RunFrame,
  now: number,
  failure: { reason: string; mend: string } | null,
): Statement {
  const { checkpoint } = run
  const before = frame.state
  const again = new Set(checkpoint?.again)
  const fingerprints = { ...before?.fingerprints }
  const inbox = { ...before?.inbox }
  const deletions: Record<string, Deletions> = {}
  for (const part of run.report.parts) {
    const read = checkpoint?.read.includes(part.id) ?? false
    // What is no part any more was not done: should it return, neither its stamp nor its inbox has moved on.
    if (!frame.parts.some(({ id }) => id === part.id)) {
      delete fingerprints[part.id]
      continue
    }
    const declared = frame.parts.find(({ id }) => id === part.id)
    const stamp = checkpoint?.heads?.[part.id] ?? checkpoint?.stamp
    if (read && part.status === 'done' && stamp && declared && !again.has(part.id))
      fingerprints[part.id] = fingerprintOf(frame, declared, stamp)
    else if (read || again.has(part.id)) delete fingerprints[part.id]
    if (link.ties) inbox[part.id] = checkpoint?.agreed?.[part.id] ?? inbox[part.id] ?? 0
    else if (again.has(part.id)) delete inbox[part.id]
    else if (part.status !== 'failed' && checkpoint) inbox[part.id] = checkpoint.inboxHead
  }
  for (const part of frame.parts) {
    const rows = checkpoint?.deleted[part.id] ?? 0
    const all = recentDeletions(before?.deletions[part.id] ?? [], now)
    const recent: Deletions = rows > 0 ? [...all, [now, rows]] : all
    if (recent.length > 0) deletions[part.id] = recent
  }
  const whole = run.parts === null
  // Rows that waited were tried again: that says nothing about the remote.
  const asked = run.trigger !== 'after'
  const good = checkpoint?.trouble == null && run.status !== 'failed'
  const attempt = good ? 0 : (before?.attempt ?? 0) + 1
  // A refused part is read again by itself; it doesn't make the others due.
  const full =
    whole &&
    asked &&
    checkpoint?.mode === 'full' &&
    !checkpoint.trouble &&
    checkpoint.todo.length === 0 &&
    (checkpoint.list === null || checkpoint.list.over !== null)
  const trouble = checkpoint?.trouble ?? (frame.list ? (failure ?? refusalIn(run.report.parts)) : null)
  const startedAt = run.startedAt ?? now
  const checked = asked && checkpoint?.mode === 'check'
  const values: Record<string, SqlValue> = {
    link: link.name,
    scope: run.scope,
    lane: run.lane,
    fingerprints: JSON.stringify(fingerprints),
    memory: JSON.stringify(scratch.session.get(MEMORY) ?? checkpoint?.memory ?? before?.memory ?? null),
    inbox: JSON.stringify(inbox),
    last_full_at: full ? startedAt : (before?.lastFullAt ?? null),
    last_check_at: now,
    last_good_at: good && whole && asked ? startedAt : (before?.lastGoodAt ?? null),
    attempt: asked ? attempt : (before?.attempt ?? 0),
    // From when it was asked for: a run that waited for its turn is due with the others of its interval.
    next_due_at:
      !whole || !asked
        ? (before?.nextDueAt ?? now)
        : keepsTurn(run, link, before, attempt)
          ? before.nextDueAt
          : nextDue(frame.schedule, run.enqueuedAt, attempt),
    last_run_id: run.id,
    last_status: run.status,
    trouble: trouble && JSON.stringify(trouble),
    deletions: JSON.stringify(deletions),
    list: JSON.stringify(checkpoint ? listMemory(checkpoint, frame, now) : (before?.list ?? null)),
    checks: (before?.checks ?? 0) + (checked ? 1 : 0),
    skips: (before?.skips ?? 0) + (checked && run.status === 'unchanged' ? 1 : 0),
    target: targetsOf(frame, run),
  }
  const asBefore = asked || !good || trouble !== null ? [] : OF_THE_REMOTE
  const columns = Object.keys(values).filter((column) => !asBefore.includes(column))
  return {
    sql: `INSERT INTO link_state (${columns.join(', ')}) VALUES (${columns.map((_, i) => `?${i + 1}`).join(', ')})
      ON CONFLICT (link, scope) DO UPDATE SET
        ${columns
          .slice(3)
          .map((column) => `${column} = excluded.${column}`)
          .join(', ')}`,
    params: columns.map((column) => values[column] ?? null),
  }
}
