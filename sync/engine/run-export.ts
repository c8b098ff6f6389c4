import { type Result, type Row, type SqlValue, statement } from '../../db/database.ts'
import type { PartReport } from '../protocol/runs.ts'
import { utf8Length } from './chunks.ts'
import type { Exported } from './declare.ts'
import type { Answer, Part } from './ports.ts'
import { LEASE, onFailure, onSuccess, remoteContext, type Step, type StepAnswer } from './run.ts'
import { endRun } from './run-end.ts'
import { fingerprintOf } from './run-frame.ts'
import { addWarnings } from './run-report.ts'
import { type Checkpoint, noTally, type RunFrame, saveRun } from './run-state.ts'
import { bookkeeping } from './run-write-back.ts'

/** Most cells of one slice, and bytes of what is in them: https://developers.google.com/workspace/sheets/api/limits advises 2 MB */
const CELLS = 10_000
const BYTES = 600_000
/** What a copy shows above its rows: its heading and the headers */
const ABOVE = 2
/** A copy that was taken away while it was being written is begun anew, so many times */
const BEGINNINGS = 3

type Exports = Readonly<Record<string, Exported>>

/** Where the copy of a table stands; the checkpoint's cursor is this as JSON. */
interface Copying {
  /** The last key that is written; null: none is */
  readonly after: string | null
  readonly rows: number
  /** How often it was begun */
  readonly begun: number
  readonly since: number
}

/**
 * A step of a run that copies whole tables out: its begin, one slice of a table, or its end.
 *
 *   begin: which tables changed since their last copy, or lost it? ──none──► end (unchanged, one call)
 *     ▼
 *   a slice: read rows behind the last key, write them, move the checkpoint ──┐
 *     ▲────────────── rows or tables left ────────────────────────────────────┤
 *                                                                             ▼
 *                                                                            end
 *
 * A crash between a slice and its checkpoint writes the slice once more, in the same place. The rows of a slice are those of one
 * moment, those of different slices may not be: a table that moves meanwhile is copied with each row once, and again by the
 * next run. No synced table is written, so the lane's version stands still and only its epoch fences.
 */
export function stepExport(step: Step, frame: RunFrame, exports: Exports): Promise<StepAnswer> {
  const { checkpoint } = step.run
  if (!checkpoint) return begin(step, frame, exports)
  const [id] = checkpoint.todo
  const part = frame.parts.find((candidate) => candidate.id === id)
  if (id === undefined) return endRun(step, frame, null)
  const of = exports[id]
  if (!part || !of) return next(step, { ...checkpoint, cursor: null, todo: checkpoint.todo.slice(1) })
  return writeSlice(step, frame, checkpoint, part, of)
}

async function begin(step: Step, frame: RunFrame, exports: Exports): Promise<StepAnswer> {
  const { run, engine } = step
  run.startedAt ??= engine.clock.now()
  run.status = 'running'
  const chosen = frame.parts.filter(({ id }) => run.parts === null || run.parts.includes(id))
  const known = chosen.filter(({ id }) => exports[id])
  const heads =
    known.length === 0 ? [] : await engine.database.batch(known.map(({ id }) => headOf(exports, id)))
  run.report.parts = chosen.map((part) => reportOf(part, exports))
  const there: Answer<readonly string[]> =
    known.length === 0
      ? { ok: true, value: [] }
      : await target(step).there(
          remoteContext(
            step,
            frame,
            known.map(({ id }) => id),
          ),
          known,
        )
  if (!there.ok) return failed(step, frame, there.failure)
  onSuccess(step.scratch)
  const changed = ({ id }: Part, at: number) =>
    run.full ||
    !there.value.includes(id) ||
    frame.state?.fingerprints[id] !== fingerprintOf(frame, known[at] as Part, headIn(heads[at]))
  const todo = known.filter(changed).map(({ id }) => id)
  for (const part of run.report.parts) if (todo.includes(part.id)) part.status = 'waiting'
  run.checkpoint = {
    hash: frame.hash,
    mode: run.full ? 'full' : 'check',
    stamp: null,
    read: todo,
    todo,
    cursor: null,
    trouble: null,
    inboxHead: 0,
    memory: null,
    again: [],
    deleted: {},
    tally: noTally,
    list: null,
    deferred: false,
    heads: {},
  }
  engine.log('run.begun', {
    run: run.id,
    lane: run.lane,
    link: run.link,
    scope: run.scope,
    mode: run.checkpoint.mode,
    parts: todo.length,
  })
  return todo.length === 0 ? endRun(step, frame, null) : { type: 'more' }
}

async function writeSlice(
  step: Step,
  frame: RunFrame,
  checkpoint: Checkpoint,
  part: Part,
  of: Exported,
): Promise<StepAnswer> {
  const { run, engine } = step
  const report = run.report.parts.find(({ id }) => id === part.id)
  const at: Copying = checkpoint.cursor
    ? JSON.parse(checkpoint.cursor)
    : { after: null, rows: 0, begun: 1, since: engine.clock.now() }
  const most = Math.max(1, Math.floor(CELLS / of.headers.length) - ABOVE)
  const [head, read] = await engine.database.batch([of.head, of.page(at.after, most + 1)])
  const found = read?.rows ?? []
  const rows = fitting(of, found.slice(0, most))
  const isLast = rows.length === found.length
  const heads = { ...checkpoint.heads, ...(at.after === null && { [part.id]: headIn(head) }) }
  const total = at.rows + rows.length
  const answer = await target(step).write(remoteContext(step, frame, [part.id]), part, {
    copy: `${run.id}:${part.id}:${at.begun}`,
    headers: of.headers,
    from: at.rows,
    rows,
    heading: isLast
      ? headingOf(part, total, at.since, engine.clock.now(), heads[part.id] !== headIn(head))
      : null,
  })
  if (!answer.ok) return failed(step, frame, answer.failure)
  onSuccess(step.scratch)
  const done = { ...checkpoint, heads, cursor: null, todo: checkpoint.todo.slice(1) }
  const { value } = answer
  if (value.type === 'gone' && at.begun < BEGINNINGS) {
    const anew: Copying = { after: null, rows: 0, begun: at.begun + 1, since: engine.clock.now() }
    return next(step, { ...checkpoint, cursor: JSON.stringify(anew) })
  }
  const now = new Date(engine.clock.now()).toISOString()
  if (value.type !== 'written') {
    const why = value.type === 'refused' ? value : TAKEN_AWAY
    if (report) Object.assign(report, { status: 'failed', reason: why.reason, mend: why.mend, at: now })
    return next(step, done)
  }
  run.report.counts.read += rows.length
  if (report) {
    report.sent += value.cells
    addWarnings(run.report, report, value.warnings)
    Object.assign(report, { rows: total, at: now, ...(isLast && { status: 'done' }) })
  }
  const key = String(rows.at(-1)?.[0] ?? at.after)
  return next(
    step,
    isLast ? done : { ...checkpoint, heads, cursor: JSON.stringify({ ...at, after: key, rows: total }) },
  )
}

/** Moves the checkpoint, so that another instance goes on there. */
async function next(step: Step, checkpoint: Checkpoint): Promise<StepAnswer> {
  step.run.checkpoint = checkpoint
  const saved = await bookkeeping(step, [saveRun(step.run, step.engine.clock.now() + LEASE)])
  return saved ? { type: 'more' } : { type: 'stale' }
}

/** Without the place to write to there is nothing that this run could do; copies that are whole stay. */
function failed(
  step: Step,
  frame: RunFrame,
  failure: Extract<Answer<never>, { ok: false }>['failure'],
): StepAnswer | Promise<StepAnswer> {
  const then = onFailure(step, failure)
  if (then.type === 'wait') return { type: 'wait', at: then.at, reason: failure.reason }
  return endRun(step, frame, { reason: then.reason, mend: then.mend })
}

const TAKEN_AWAY = {
  reason: 'The hidden tab in which this backup was being written was deleted each time',
  mend: 'Leave it alone until the run has ended; the backup of before stands. The next run tries again.',
}

function target({ engine, link }: Step) {
  const { exports } = engine.remotes(link.remote)
  if (!exports) throw new Error(`${link.remote} can't be copied to, but ${link.name} exports`)
  return exports
}

/** As many of the rows as one call should carry; at least one. */
function fitting({ headers }: Exported, rows: readonly Row[]): SqlValue[][] {
  const fit: SqlValue[][] = []
  let bytes = 0
  for (const row of rows) {
    const cells = headers.map((header) => row[header] ?? null)
    bytes += utf8Length(JSON.stringify(cells))
    if (fit.length > 0 && bytes > BYTES) break
    fit.push(cells)
  }
  return fit
}

const headOf = (exports: Exports, id: string) => exports[id]?.head ?? statement('SELECT 0 AS head')
const headIn = (result: Result | undefined): string => String(result?.rows[0]?.head ?? '')

function reportOf(part: Part, exports: Exports): PartReport {
  return {
    id: part.id,
    name: part.name,
    status: exports[part.id] ? 'unchanged' : 'failed',
    rows: 0,
    updated: 0,
    derived: 0,
    sent: 0,
    warnings: [],
    at: null,
    ...(!exports[part.id] && {
      reason: `There is no table ${part.id}`,
      mend: `Take it out of the list, or correct it: ${Object.keys(exports).sort().join(', ')}.`,
    }),
  }
}

/** The first row of a copy: what it is, and of when. */
function headingOf(part: Part, rows: number, since: number, until: number, moved: boolean): string {
  const time = (at: number) => `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`
  return [
    `Tidemark backup of ${part.id}`,
    `${rows.toLocaleString('en')} ${rows === 1 ? 'row' : 'rows'}`,
    moved ? `${time(since)} to ${time(until)}; rows changed meanwhile` : time(since),
    'the next backup replaces this tab',
  ].join(' · ')
}
