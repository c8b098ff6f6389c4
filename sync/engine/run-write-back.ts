import type { Result, Statement } from '../../db/database.ts'
import type { PartReport } from '../protocol/runs.ts'
import { chunks } from './chunks.ts'
import { assertEpoch, isEpochFailure } from './commit.ts'
import type { CellChange, Part, WriteReport } from './ports.ts'
import { LEASE, onFailure, onSuccess, remoteContext, type Step, type StepAnswer } from './run.ts'
import { addWarnings } from './run-report.ts'
import { type Checkpoint, type RunFrame, saveRun } from './run-state.ts'

/**
 * Writes merged values to the remote's cells that differ, and moves the checkpoint on. The intent is journaled
 * first with what stood there, so that an overwrite in the window that remains is visible and can be reversed.
 */
export async function writeBack(
  step: Step,
  frame: RunFrame,
  part: Part,
  cells: readonly CellChange[],
  next: Checkpoint,
  report: PartReport,
): Promise<StepAnswer> {
  const { engine, run } = step
  const remote = engine.remotes(step.link.remote)
  if (!remote.write) throw new Error(`${step.link.remote} can't write, but ${step.link.name} writes back`)
  const journaled = await journal(step, part, cells)
  if (!journaled) return { type: 'stale' }
  const answer = await remote.write(remoteContext(step, frame, [part.id]), part, cells)
  let outcome: WriteReport
  if (answer.ok) {
    onSuccess(step.scratch.writes)
    outcome = answer.value
  } else {
    const retry = onFailure(step, answer.failure, step.scratch.writes)
    if (retry.type === 'wait') return { type: 'wait', at: retry.at, reason: answer.failure.reason }
    const message = `${cells.length} cells were not written: ${retry.reason} ${retry.mend}`
    outcome = { written: 0, theirs: [], repaired: 0, warnings: [{ kind: 'not_written', message }] }
  }
  addWritten(step, report, outcome)
  const settled = answer.ok && outcome.theirs.length === 0
  run.checkpoint = settled ? next : { ...next, again: [...next.again, part.id] }
  const saved = await bookkeeping(step, [
    journaledOutcome(step, part, outcome),
    saveRun(run, engine.clock.now() + LEASE),
  ])
  return saved ? { type: 'more' } : { type: 'stale' }
}

/** Writes down what is about to be written, and what stood there. False: the lane has another holder. */
export async function journal(step: Step, part: Part, edits: readonly object[]): Promise<boolean> {
  const at = step.engine.clock.now()
  const journaled = await bookkeeping(
    step,
    chunks(edits.map((edit) => JSON.stringify(edit))).map((json, n) => ({
      sql: `INSERT INTO link_writes (run_id, part, n, cells, at) VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT (run_id, part, n) DO UPDATE SET cells = excluded.cells, outcome = NULL, at = excluded.at`,
      params: [step.run.id, part.id, n, json, at],
    })),
  )
  return journaled !== null
}

/** What became of what was journaled. */
export const journaledOutcome = ({ run }: Step, part: Part, outcome: object): Statement => ({
  sql: 'UPDATE link_writes SET outcome = ?3 WHERE run_id = ?1 AND part = ?2',
  params: [run.id, part.id, JSON.stringify(outcome)],
})

/** Tells of it in the part's report. */
export function addWritten({ run }: Step, report: PartReport, outcome: WriteReport): void {
  report.sent += outcome.written
  addWarnings(run.report, report, [
    ...outcome.warnings,
    ...outcome.theirs.map(({ where, raw }) => ({
      kind: 'theirs',
      message: 'was changed meanwhile and stays; it is merged by the next run',
      where,
      raw,
    })),
  ])
}

/** A batch of progress that touches no synced table: fenced by the epoch. Its results; null: the lane has another holder. */
export async function bookkeeping(
  { engine, fence }: Step,
  statements: Parameters<Step['engine']['database']['batch']>[0],
): Promise<readonly Result[] | null> {
  await engine.beforeBatch()
  try {
    const [, ...results] = await engine.database.batch([assertEpoch(fence), ...statements])
    return results
  } catch (error) {
    if (isEpochFailure(String(error))) return null
    throw error
  }
}
