import type { Fence } from './commit.ts'
import { type LinkDeclaration, tiedTo } from './declare.ts'
import type { Engine, RemoteContext, RemoteFailure } from './ports.ts'
import { afterFailure } from './retry.ts'
import { beginRun } from './run-begin.ts'
import { endRun } from './run-end.ts'
import { stepExport } from './run-export.ts'
import { readFrame } from './run-frame.ts'
import { type ListScratch, stepList } from './run-list.ts'
import { mergePart } from './run-part.ts'
import { type Checkpoint, type RunFrame, type RunState, saveRun } from './run-state.ts'
import { mergeBothWays } from './run-two-way.ts'
import { bookkeeping } from './run-write-back.ts'
import type { TwoWayLink } from './two-way-rows.ts'

/** A run that has not moved for so long is taken up by another instance, or a restarted one. */
export const LEASE = 120_000

/** Failed calls in a row, and since when. */
export interface Tries {
  tries: number
  waitingSince: number | null
}

/** What one instance remembers of a run; losing it costs time only. */
export interface RunScratch extends Tries {
  frame: RunFrame | null
  /** The remote's own: answers already fetched */
  readonly session: Map<string, unknown>
  /** Writes are counted apart: a part is read again before each, and that it can be read says nothing of them */
  readonly writes: Tries
  /** The remote was asked something: a request that comes now can't be served by this run */
  asked: boolean
  /** What is known of a list that is read page by page, and its pages on their way */
  list: ListScratch | null
  /** Progress that is worth showing and not worth writing */
  readonly tell: () => void
}

export const newScratch = (tell: () => void = () => undefined): RunScratch => ({
  frame: null,
  session: new Map(),
  tries: 0,
  waitingSince: null,
  writes: { tries: 0, waitingSince: null },
  asked: false,
  list: null,
  tell,
})

/** Everything a step works on. `fence` moves with every commit. */
export interface Step {
  readonly engine: Engine
  readonly link: LinkDeclaration
  readonly run: RunState
  readonly scratch: RunScratch
  /** Links whose waiting rows may match what this one brings */
  readonly dependents: readonly LinkDeclaration[]
  /** What the step has committed so far: its line in the log tells of it */
  readonly commits: { readonly version: number; readonly rows: number; readonly rowsWritten: number }[]
  fence: Fence
}

export type StepAnswer =
  | { readonly type: 'more' }
  | { readonly type: 'ended' }
  /** A page is on its way, and the lane may do other things until it is here */
  | { readonly type: 'fetching'; readonly arrived: Promise<void> }
  /** A remote is busy or down: go on at `at` */
  | { readonly type: 'wait'; readonly at: number; readonly reason: string }
  /** Another instance holds the lane */
  | { readonly type: 'stale' }

/**
 * One step of a run: its begin, one part, or its end. The story of a mirror run, a step a call:
 *
 *   begin: is the remote changed? ──no──────────────────────────────► end (unchanged)
 *     │ yes, or the inbox has news, or everything is due
 *     ▼
 *   a part: read its page, merge, commit rows + checkpoint, write back ──┐
 *     ▲──────────────── parts left ──────────────────────────────────────┤
 *     └ remote down: go on with what D1 and the inbox have (degraded)    ▼
 *                                                                       end: report, stamps, next due, events
 *
 * A crash before a part's commit repeats the part; a crash after it goes on with the next: rows and checkpoint are
 * one batch. A crash between a part's commit and its write-back repeats the part, which finds nothing to commit and
 * writes back. A crash before the end's batch repeats the end alone.
 */
export async function stepRun(step: Step): Promise<StepAnswer> {
  const { run, scratch, engine } = step
  // From here on the run may miss what a caller sees: later requests get a run of their own.
  scratch.asked = true
  scratch.frame ??= await readFrame(engine.database, step.link, run.scope)
  const frame = scratch.frame
  if (!frame)
    return endRun(step, null, {
      reason: `${run.scope} does not exist any more`,
      mend: 'Nothing: what was synced stays.',
    })
  if (run.checkpoint && run.checkpoint.hash !== frame.hash) {
    // It begins anew, and what the remote was told before stays true.
    if (!scratch.session.has(MEMORY)) scratch.session.set(MEMORY, run.checkpoint.memory)
    run.checkpoint = null
  }
  if (step.link.exports) return stepExport(step, frame, step.link.exports)
  if (!run.checkpoint) return beginRun(step, frame)
  if (run.checkpoint.list && frame.list && run.checkpoint.todo.length > 0)
    return stepList(step, frame, run.checkpoint)
  if (run.checkpoint.todo.length > 0) return onePart(step, frame, run.checkpoint)
  return endRun(step, frame, null)
}

/** The first part that is left, as its link is tied to it. */
async function onePart(step: Step, frame: RunFrame, checkpoint: Checkpoint): Promise<StepAnswer> {
  const id = checkpoint.todo[0] as string
  if (!step.link.ties) return mergePart(step, frame, checkpoint)
  const part = frame.parts.find((candidate) => candidate.id === id)
  const report = step.run.report.parts.find((candidate) => candidate.id === id)
  if (!part || !report || !step.link.ties[id]) {
    step.run.checkpoint = { ...checkpoint, todo: checkpoint.todo.slice(1) }
    return { type: 'more' }
  }
  const tied: Step = { ...step, link: tiedTo(step.link, id) }
  try {
    return await mergeBothWays(tied, frame, checkpoint, part, report)
  } finally {
    // What it committed before an error counts for whoever writes next.
    step.fence = tied.fence
  }
}

/** What the remote is told at a call. */
export function remoteContext(step: Step, frame: RunFrame, parts: readonly string[]): RemoteContext {
  const { run, scratch, link } = step
  const checkpoint = run.checkpoint
  return {
    target: frame.target,
    columns: link.ties ? link.columns : frame.columns,
    ...(link.ties && { both: bothOf(link as TwoWayLink) }),
    parts: frame.parts.filter((part) => parts.includes(part.id)),
    subjects: frame.subjects,
    get memory() {
      return scratch.session.get(MEMORY) ?? checkpoint?.memory ?? frame.state?.memory ?? null
    },
    remember: (memory) => void scratch.session.set(MEMORY, memory),
    keep: () => keepMemory(step),
    scratch: scratch.session,
    priority: link.priority,
    settings: frame.settings,
    ahead: frame.ahead,
    waits: (reason) => {
      if ((run.report.waits ?? null) === reason) return
      if (reason === null) delete run.report.waits
      else run.report.waits = reason
      scratch.tell()
    },
    called: () => void run.report.counts.calls++,
  }
}

/** Stores what the remote wants remembered, where an instance that takes the run up finds it. */
async function keepMemory(step: Step): Promise<boolean> {
  const { run, scratch, engine } = step
  run.checkpoint &&= remembering(run.checkpoint, scratch)
  return (await bookkeeping(step, [saveRun(run, engine.clock.now() + LEASE)])) !== null
}

/** A checkpoint with what the remote wants remembered by now. */
export const remembering = (checkpoint: Checkpoint, { session }: RunScratch): Checkpoint => ({
  ...checkpoint,
  memory: session.get(MEMORY) ?? checkpoint.memory,
})

const bothOf = ({ named, match, rowIds }: TwoWayLink) => ({ match: named ?? match, rowIds })

/** Where the session keeps what the remote wants remembered, until the next commit stores it. */
export const MEMORY = 'engine:memory'

/** Counts a failed call and says whether to wait or to go on without the remote. */
export function onFailure({ engine, scratch, run }: Step, failure: RemoteFailure, counted: Tries = scratch) {
  const now = engine.clock.now()
  counted.tries++
  counted.waitingSince ??= now
  const next = afterFailure(failure, counted.tries, counted.waitingSince, now, engine.random)
  engine.log('remote.failed', {
    run: run.id,
    lane: run.lane,
    link: run.link,
    ...failure,
    tries: counted.tries,
    next: next.type,
  })
  if (next.type === 'give_up') onSuccess(counted)
  return next
}

/** A call succeeded: failures in a row start anew. */
export function onSuccess(counted: Tries): void {
  counted.tries = 0
  counted.waitingSince = null
}
