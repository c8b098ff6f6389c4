import type { Row } from '../../db/database.ts'
import type { PartReport } from '../protocol/runs.ts'
import type { PageEntry } from './plan.ts'
import type { EditsReport, Part } from './ports.ts'
import { LEASE, onFailure, onSuccess, remembering, remoteContext, type Step, type StepAnswer } from './run.ts'
import { pageStatement } from './run-save.ts'
import { type Checkpoint, type RunFrame, saveRun } from './run-state.ts'
import { inStep } from './run-two-way.ts'
import { addWritten, bookkeeping, journal, journaledOutcome } from './run-write-back.ts'
import { rememberStatements } from './two-way-memory.ts'
import type { TwoWayPlan } from './two-way-plan.ts'
import {
  contentOfValues,
  editedBy,
  type LinkRow,
  nameIn,
  type TwoWayLink,
  WHOLE_ROW,
} from './two-way-rows.ts'

/** What of a plan is needed once the rest of it is committed: a large part's page and facts weigh as much again as the part itself. */
export type ToSend = Pick<TwoWayPlan, 'edits' | 'entries' | 'remember' | 'warnings'> & {
  /** What was remembered before */
  readonly remembered: ReadonlyMap<string, LinkRow>
}

export const toSend = (
  { edits, entries, remember, warnings }: TwoWayPlan,
  remembered: ToSend['remembered'],
): ToSend => ({ edits, entries, remember, warnings, remembered })

/**
 * Sends what the remote should show otherwise, the intent journaled first with what stood there. What the remote confirms is agreed
 * from then on; what it does not is looked at again by the next run.
 */
export async function sendEdits(
  step: Step,
  frame: RunFrame,
  part: Part,
  plan: ToSend,
  next: Checkpoint,
  report: PartReport,
): Promise<StepAnswer> {
  const { engine, run } = step
  const link = step.link as TwoWayLink
  const remote = engine.remotes(link.remote)
  if (!remote.edit) throw new Error(`${link.remote} takes no edits, but ${link.name} goes both ways`)
  const journaled = await journal(step, part, plan.edits)
  if (!journaled) return { type: 'stale' }
  const answer = await remote.edit(remoteContext(step, frame, [part.id]), part, plan.edits)
  let outcome: EditsReport
  if (answer.ok) {
    onSuccess(step.scratch.writes)
    outcome = answer.value
  } else {
    const retry = onFailure(step, answer.failure, step.scratch.writes)
    if (retry.type === 'wait') return { type: 'wait', at: retry.at, reason: answer.failure.reason }
    const message = `${plan.edits.length} changes were not written: ${retry.reason} ${retry.mend}`
    outcome = { written: 0, done: [], theirs: [], repaired: 0, warnings: [{ kind: 'not_written', message }] }
  }
  addWritten(step, report, outcome)
  const done = new Set(outcome.done)
  const all = plan.edits.every(({ id }) => done.has(id))
  const passed = remembering(next, step.scratch)
  run.checkpoint = all ? inStep(step, passed, part.id) : { ...passed, again: [...passed.again, part.id] }
  const { entries, remember } = afterwards(link, plan, done)
  const now = engine.clock.now()
  const saved = await bookkeeping(step, [
    ...rememberStatements({ link: link.name, scope: run.scope, part: part.id }, remember),
    ...pageStatement(
      step,
      part.id,
      { entries, warnings: plan.warnings },
      { rows: JSON.stringify(plan.entries), warnings: JSON.stringify(plan.warnings) },
      now,
    ),
    // What was not answered may be there all the same: the next reading tells.
    ...(answer.ok ? [journaledOutcome(step, part, { ...outcome, done: outcome.done.length })] : []),
    saveRun(run, now + LEASE),
  ])
  return saved ? { type: 'more' } : { type: 'stale' }
}

/** What is remembered once these edits are in the remote. Pure. */
function afterwards(
  link: TwoWayLink,
  plan: ToSend,
  done: ReadonlySet<string>,
): { readonly entries: readonly PageEntry[]; readonly remember: ReadonlyMap<string, LinkRow | null> } {
  const remember = new Map<string, LinkRow | null>()
  const entries = new Map(plan.entries.map((entry) => [entry[0], entry]))
  const of = (key: string): LinkRow | null => {
    const now = remember.get(key)
    if (now !== undefined) return now
    const planned = plan.remember.get(key)
    return planned === undefined ? (plan.remembered.get(key) ?? null) : planned
  }
  const touched = new Set<string>()
  for (const edit of plan.edits) {
    if (!done.has(edit.id)) continue
    const { key, column } = editedBy(edit.id)
    const known = of(key)
    if (edit.type === 'cell' && known) {
      remember.set(key, { ...known, base: { ...known.base, [edit.column]: edit.value } })
      touched.add(key)
    } else if (edit.type === 'row') {
      const base = pick(edit.values, link.owns)
      remember.set(key, { base, disputes: {} })
      entries.set(key, [key, nameIn(link, key, { ...edit.values }), -1, '', contentOfValues(link, base), 0])
    } else if (edit.type === 'clear') {
      remember.set(key, null)
      const entry = entries.get(key)
      if (entry) entries.set(key, [entry[0], entry[1], entry[2], entry[3], entry[4], -1])
    } else if (edit.type === 'note' && known) {
      const disputed = known.disputes[column]
      if (disputed && edit.note)
        remember.set(key, {
          ...known,
          disputes: { ...known.disputes, [column]: { ...disputed, noted: true } },
        })
      touched.add(key)
    }
  }
  for (const key of touched) {
    const entry = entries.get(key)
    const known = remember.get(key)
    if (!entry || !known || known.disputes[WHOLE_ROW]) continue
    const [, name, position, rest, , state] = entry
    const named = link.match.every((column) => column in known.base)
    const is = named ? nameIn(link, key, known.base) : name
    entries.set(key, [key, is, position, rest, contentBy(link, known), state])
  }
  return { entries: [...entries.values()], remember }
}

/** What a row shows of which this is remembered: what was agreed, and in cells that wait what they say. */
function contentBy(link: TwoWayLink, { base, disputes }: LinkRow): string {
  const waiting = Object.entries(disputes)
  const shows = Object.fromEntries(waiting.map(([column, of]) => [column, of.shows]))
  const noted = waiting.flatMap(([column, of]) => (of.noted ? [column] : []))
  return contentOfValues(link, { ...base, ...shows }, noted)
}

const pick = (row: Readonly<Row>, columns: readonly string[]): Row =>
  Object.fromEntries(columns.flatMap((column) => (column in row ? [[column, row[column] ?? null]] : [])))
