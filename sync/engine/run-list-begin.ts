import type { List } from './declare.ts'
import { knownRows } from './list-scratch.ts'
import {
  beginReading,
  choosePages,
  conclusive,
  type ListMemory,
  type ListState,
  resumeReading,
  rotated,
} from './list-state.ts'
import type { Part } from './ports.ts'
import { LEASE, onFailure, onSuccess, remoteContext, type Step, type StepAnswer } from './run.ts'
import { endRun } from './run-end.ts'
import { fingerprintOf } from './run-frame.ts'
import { WARNINGS } from './run-report.ts'
import { type Checkpoint, noTally, type RunFrame, saveRun } from './run-state.ts'
import { bookkeeping } from './run-write-back.ts'

/** A broken reading is gone on with within this time; later the list is another one anyway. */
const RESUME = 24 * 3_600_000

/** Begins a run over a list: asks whether it changed, in the way that the list offers, and decides what to read. */
export async function beginList(
  step: Step,
  frame: RunFrame,
  list: List,
  mode: 'full' | 'check',
): Promise<StepAnswer> {
  const { run, engine, scratch, link } = step
  const [part] = frame.parts
  if (!part)
    return endRun(step, null, {
      reason: `${run.scope} has no list any more`,
      mend: 'Nothing: what was synced stays.',
    })
  const onlyWaiting = run.trigger === 'after'
  scratch.asked = true
  let stamp: string | null = null
  let trouble: Checkpoint['trouble'] = null
  if (list.probe === 'stamp' && !onlyWaiting) {
    const answer = await engine.remotes(link.remote).probe(remoteContext(step, frame, [part.id]))
    if (answer.ok) {
      onSuccess(scratch)
      stamp = answer.value
    } else {
      const next = onFailure(step, answer.failure)
      if (next.type === 'wait') return { type: 'wait', at: next.at, reason: answer.failure.reason }
      trouble = { reason: next.reason, mend: next.mend }
    }
  }
  const known = await knownRows(step, part.id)
  const reading = trouble || onlyWaiting ? null : whatToRead(frame, list, part, mode, known, stamp, step)
  const waiting = await rowsWait(step, part, onlyWaiting)
  const todo = reading !== null || waiting
  run.report.parts = [
    {
      id: part.id,
      name: part.name,
      status: trouble ? 'degraded' : todo ? 'waiting' : 'unchanged',
      rows: known,
      updated: 0,
      derived: 0,
      sent: 0,
      warnings: todo ? [] : storedWarnings(frame),
      at: null,
      ...trouble,
    },
  ]
  run.checkpoint = {
    hash: frame.hash,
    mode,
    stamp,
    read: reading === null ? [] : [part.id],
    todo: todo && !trouble ? [part.id] : [],
    cursor: null,
    trouble,
    inboxHead: frame.inboxHead,
    memory: frame.state?.memory ?? null,
    again: [],
    deleted: {},
    tally: noTally,
    list: reading ?? beginReading('chosen', known, null),
    deferred: waiting,
  }
  engine.log('run.begun', {
    run: run.id,
    lane: run.lane,
    link: run.link,
    scope: run.scope,
    mode,
    reading: reading?.reading ?? 'nothing',
  })
  if (!todo || trouble) return endRun(step, frame, null)
  // A page may take long: that the run has begun is told now.
  return (await bookkeeping(step, [saveRun(run, engine.clock.now() + LEASE)]))
    ? { type: 'more' }
    : { type: 'stale' }
}

/** Which pages this run reads; null: the list says that it is as it was. */
function whatToRead(
  frame: RunFrame,
  list: List,
  part: Part,
  mode: 'full' | 'check',
  known: number,
  stamp: string | null,
  { run, engine }: Step,
): ListState | null {
  const memory = frame.state?.list ?? null
  const resume = memory?.resume
  const fresh = resume && resume.hash === frame.hash && engine.clock.now() - resume.at < RESUME
  if (fresh && !run.full) return resumeReading(resume.state, known, stamp)
  const everything = beginReading('all', known, stamp)
  if (run.full || memory === null || memory.again) return everything
  if (list.probe === 'recentFirst')
    // A released pin made everything due: then also what is old is merged again.
    return frame.state?.lastFullAt === null ? everything : beginReading('known', known, null)
  if (mode === 'full') return everything
  if (list.probe === 'rolling')
    return beginReading('chosen', known, null, choosePages(memory, list.probePages))
  return stamp !== null && frame.state?.fingerprints[part.id] === fingerprintOf(frame, part, stamp)
    ? null
    : everything
}

async function rowsWait({ engine, link, run }: Step, part: Part, onlyUnmatched: boolean): Promise<boolean> {
  const [found] = await engine.database.batch([
    {
      sql: `SELECT 1 FROM link_deferred WHERE link = ?1 AND scope = ?2 AND part = ?3
        AND (?4 = 0 OR kind != 'details') LIMIT 1`,
      params: [link.name, run.scope, part.id, onlyUnmatched ? 1 : 0],
    },
  ])
  return (found?.rows.length ?? 0) > 0
}

/** What was wrong with pages that are not read again is still wrong. */
const storedWarnings = (frame: RunFrame) =>
  Object.values(frame.pages)
    .flatMap(({ warnings }) => warnings)
    .slice(0, WARNINGS)

/** What the next run needs to know of the list. */
export function listMemory(checkpoint: Checkpoint, frame: RunFrame, now: number): ListMemory | null {
  const before = frame.state?.list ?? null
  const { list: state } = checkpoint
  if (!state || !frame.list) return before
  const broken = state.over === null
  if (broken) {
    const goesOn = checkpoint.trouble !== null && state.reading === 'all' && state.next > 1
    const resume = goesOn ? { hash: checkpoint.hash, state, at: now } : null
    // The pages that were read show nothing new from now on: a look at the front would stop before those that were not.
    const again = before?.again || (state.reading !== 'chosen' && state.done > 0)
    if (before) return { ...before, again, resume }
    return resume && { pages: 0, total: 0, rotation: 2, again: true, resume }
  }
  // Nothing was read: the remote said that nothing changed, or only waiting rows were tried again.
  if (state.pages === null) return before
  const pages = state.pages
  const turned =
    before && state.over === 'chosen' ? rotated(before, frame.list.probePages) : (before?.rotation ?? 2)
  return {
    pages,
    total: state.total ?? 0,
    rotation: turned,
    again: checkpoint.again.length > 0 || !conclusive(state, frame.list.probe),
    resume: null,
  }
}
