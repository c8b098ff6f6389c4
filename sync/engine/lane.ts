import { query } from '../../db/database.ts'
import type {
  ActionAnswer,
  ActionRequest,
  ChangeAnswer,
  ChangeRequest,
  Push,
  PushAnswer,
  RunAnswer,
  RunRequest,
} from '../protocol/lane.ts'
import type { LiveEvent, Trigger } from '../protocol/runs.ts'
import { type ActionState, actionFromRow, giveUpAction, stepAction, takeAction } from './action.ts'
import { applyChange } from './change.ts'
import { assertEpoch, claim, type Fence, isEpochFailure } from './commit.ts'
import { type LinkDeclaration, proposedBy, type System } from './declare.ts'
import { due } from './due.ts'
import type { Engine } from './ports.ts'
import { applyPush } from './push.ts'
import { joinable, LOOK_AGAIN, nextRun, type Waiting, wakeAt } from './queue.ts'
import { LEASE, newScratch, type RunScratch, type Step, type StepAnswer, stepRun } from './run.ts'
import { endRun } from './run-end.ts'
import { readFrame, scheduleOf } from './run-frame.ts'
import { emptyReport, insertRun, type RunState, runFromRow, runView } from './run-state.ts'
import { createTurns } from './turns.ts'

/** Requests that come so close together are one run, in milliseconds: a person's double click. */
const JOIN_WINDOW = 100
/** The same where a program tells of what people do: a burst of edits. */
const BURST_WINDOW = 2_000
/** Longest work of one alarm (15 min are allowed); the lane then arms the next. */
const BUDGET = 20_000
/** Unexpected errors (database, bugs) of one run in a row before it ends as failed: one bad run wedges nothing. */
const ERRORS = 6
/** What comes by itself may be told that it is not due */
const BY_ITSELF: ReadonlySet<Trigger> = new Set(['cron', 'login', 'reconnect', 'read'])

/** What a lane needs of its Durable Object. */
export interface LaneDeps {
  readonly engine: Engine
  readonly systems: readonly System[]
  /** The epoch that this object last held; survives eviction, may be lost */
  readonly loadEpoch: () => Promise<number>
  readonly saveEpoch: (epoch: number) => Promise<void>
  readonly setAlarm: (at: number) => Promise<void>
  /** Tells the live sockets */
  readonly broadcast: (event: LiveEvent) => void
  /** Ends this instance: another holds the lane. It never claims again. */
  readonly abandon: (reason: string) => void
  /** Events may wait to be sent. It does not fail: the cron offers again what was not offered */
  readonly offerEvents: () => Promise<void>
}

const UNEXPECTED = {
  reason: 'Something unexpected went wrong; the log has the details.',
  mend: 'Everything committed before stays. The next run goes on from there.',
}

interface Queued extends Waiting {
  readonly run: RunState
  readonly scratch: RunScratch
  notBefore: number
  /** Unexpected errors since the last commit */
  errors: number
  /** After an unexpected error the run is read again from D1 before it goes on */
  unsure: boolean
  /** The run's row is in D1 */
  readonly stored: Promise<void>
  /** A page is on its way; settles when it is here */
  arrived: Promise<void> | null
  stepped: number
}

/**
 * A lane: the one writer of its rows. Its queue is a cache of the unfinished runs in D1, its epoch the fence of every
 * batch; it can lose memory and storage at any await, and nothing is lost but time.
 *
 *   request ─► run row in D1 ─► queue ─alarm─► step, step, … ─► ended
 *   push ────────────────────────────► between two steps, first
 */
export function createLane(name: string, deps: LaneDeps) {
  const { engine } = deps
  const links = new Map(deps.systems.flatMap((system) => system.links).map((link) => [link.name, link]))
  const tables = new Map(deps.systems.flatMap((system) => system.tables).map((table) => [table.name, table]))
  const turns = createTurns(() => engine.clock.now())
  const queue: Queued[] = []
  const waiters = new Map<string, (() => void)[]>()
  const actions: ActionState[] = []
  let acting: Promise<void> | null = null
  /** Runs and actions that ended here: an answer of D1 that was under way meanwhile does not bring them back */
  const ended = new Set<string>()
  let steps = 0
  /** An alarm is at work: it sees by itself what arrives */
  let working = false
  /** Settles when there is something new to do */
  let news = signal()
  let fence: Fence | null = null
  let opening: Promise<Fence> | null = null
  let abandoned = false

  /** Claims the lane once in this instance's life and rebuilds the queue from D1. */
  function open(): Promise<Fence> {
    if (abandoned) throw new Error(`lane ${name} is held by another instance`)
    opening ??= (async () => {
      const own = await deps.loadEpoch()
      const claimed = await claim(engine.database, name, own)
      await deps.saveEpoch(claimed.epoch)
      fence = claimed
      await rebuild()
      // The alarm of an instance that was killed may never have been set.
      await arm()
      return claimed
    })().catch((error) => {
      opening = null
      throw error
    })
    return opening
  }

  /** Enters the unfinished runs of D1 that the queue does not hold. */
  async function rebuild(): Promise<void> {
    const [runs, asked] = await engine.database.batch([
      { sql: 'SELECT * FROM runs WHERE lane = ?1 AND finished_at IS NULL ORDER BY id', params: [name] },
      { sql: 'SELECT * FROM actions WHERE lane = ?1 AND finished_at IS NULL ORDER BY id', params: [name] },
    ])
    for (const row of runs?.rows ?? []) {
      const known = ended.has(String(row.id)) || queue.some((entry) => entry.id === row.id)
      if (!known && links.has(String(row.link))) enter(runFromRow(row), 0, Promise.resolve())
    }
    for (const row of asked?.rows ?? []) enterAction(actionFromRow(row))
  }

  function enterAction(action: ActionState): void {
    if (ended.has(action.id) || actions.some(({ id }) => id === action.id) || !links.has(action.link)) return
    actions.push(action)
    news.give()
  }

  function enter(run: RunState, notBefore: number, stored: Promise<void>): Queued {
    const scratch = newScratch(() => deps.broadcast({ type: 'run', run: runView(run) }))
    // A run taken up from D1 with a checkpoint has read parts that no later caller's edit is in.
    scratch.asked = run.checkpoint !== null
    const entry: Queued = {
      id: run.id,
      link: run.link,
      scope: run.scope,
      parts: run.parts,
      full: run.full,
      get asked() {
        return scratch.asked
      },
      run,
      scratch,
      notBefore,
      errors: 0,
      unsure: false,
      stored,
      arrived: null,
      get fetching() {
        return entry.arrived !== null
      },
      onlyWaiting: run.trigger === 'after',
      stepped: 0,
      // Who asks by hand is not told to wait for another link.
      after: run.trigger === 'cron' ? (links.get(run.link)?.after ?? null) : null,
    }
    queue.push(entry)
    news.give()
    return entry
  }

  function leave(entry: Queued): void {
    const at = queue.indexOf(entry)
    if (at >= 0) queue.splice(at, 1)
    tell(entry.id)
  }

  function newRun(link: LinkDeclaration, request: RunRequest): RunState {
    return {
      id: engine.ids.next(),
      link: link.name,
      scope: request.scope,
      lane: name,
      trigger: request.trigger,
      parts: request.parts,
      full: request.full,
      actor: request.actor,
      enqueuedAt: engine.clock.now(),
      status: 'queued',
      startedAt: null,
      finishedAt: null,
      checkpoint: null,
      report: emptyReport(),
    }
  }

  /** Queues a run, or joins an equal one that has not begun to read. It is in D1 before this answers. */
  async function request(asked: RunRequest): Promise<RunAnswer> {
    const link = links.get(asked.link)
    if (!link || link.lane(asked.scope) !== name)
      throw new Error(`${asked.link} of ${asked.scope} is not of ${name}`)
    await open()
    const skip = BY_ITSELF.has(asked.trigger) ? await notDue(link, asked) : null
    if (skip) return { type: 'skipped', reason: skip }
    const equal = joinable(queue, asked)
    if (equal) {
      engine.log('run.joined', { run: equal.id, lane: name, trigger: asked.trigger, actor: asked.actor })
      const joined = queue.find((entry) => entry.id === equal.id)
      await joined?.stored
      if (joined && hastened(joined, asked.trigger)) await arm()
      return { type: 'joined', runId: equal.id }
    }
    const run = newRun(link, asked)
    // The first of an idle lane waits for equal ones to join it; later ones wait behind it, in the order of their age.
    const now = engine.clock.now()
    const opens = queue.filter((other) => !other.asked).map((other) => other.notBefore)
    const first = queue.length === 0
    const window = asked.trigger === 'hook' ? BURST_WINDOW : first ? JOIN_WINDOW : 0
    const notBefore = Math.max(now + window, ...(first ? [] : opens))
    const stored = engine.database.batch([assertEpoch(held()), insertRun(run)]).then(() => undefined)
    const entry = enter(run, notBefore, stored)
    try {
      await stored
    } catch (error) {
      leave(entry)
      if (isEpochFailure(String(error))) return lost()
      throw error
    }
    engine.log('run.queued', {
      run: run.id,
      lane: name,
      link: run.link,
      scope: run.scope,
      trigger: run.trigger,
      actor: run.actor,
    })
    deps.broadcast({ type: 'run', run: runView(run) })
    await arm()
    return { type: 'queued', runId: run.id }
  }

  /** Whoever waits for an answer does not wait for a burst of edits to end. Whether the run goes on sooner by it. */
  function hastened(entry: Queued, trigger: Trigger): boolean {
    const soon = engine.clock.now() + JOIN_WINDOW
    if (trigger === 'hook' || entry.run.trigger !== 'hook' || entry.asked || entry.notBefore <= soon)
      return false
    entry.notBefore = soon
    return true
  }

  async function notDue(link: LinkDeclaration, { trigger, scope, full }: RunRequest): Promise<string | null> {
    const [state, config] = await engine.database.batch([
      {
        sql: 'SELECT last_full_at, last_good_at, next_due_at FROM link_state WHERE link = ?1 AND scope = ?2',
        params: [link.name, scope],
      },
      { sql: 'SELECT value FROM config WHERE key = ?1', params: [link.config?.schedule ?? ''] },
    ])
    const row = state?.rows[0]
    const decision = due({
      trigger,
      forced: full,
      schedule: scheduleOf(link.schedule, JSON.parse(String(config?.rows[0]?.value ?? 'null'))),
      now: engine.clock.now(),
      zones: [],
      state: row
        ? {
            lastFullAt: row.last_full_at === null ? null : Number(row.last_full_at),
            lastGoodAt: row.last_good_at === null ? null : Number(row.last_good_at),
            nextDueAt: Number(row.next_due_at),
          }
        : null,
    })
    return 'skip' in decision ? decision.skip : null
  }

  /** Applies a push before any further step. */
  async function push(pushed: Push): Promise<PushAnswer> {
    await open()
    return turns.take('push', async () => {
      const result = await applyPush(engine, tables, held(), pushed, async (columns) =>
        (await scopesOfLane())
          .filter(({ link }) =>
            columns.some(({ table, column }) =>
              proposedBy(link).some((of) => of.table.name === table && of.owns.includes(column)),
            ),
          )
          .map(({ link, scope }) =>
            newRun(link, {
              link: link.name,
              scope,
              parts: null,
              trigger: 'pin',
              full: true,
              actor: pushed.actor,
            }),
          ),
      )
      if (result.type === 'stale') return lost()
      if (result.fence.version !== fence?.version)
        deps.broadcast({ type: 'version', lane: name, version: result.fence.version })
      fence = result.fence
      for (const run of result.runs) enter(run, 0, Promise.resolve())
      if (result.runs.length > 0) await arm()
      return result.answer
    })
  }

  /** Plans or applies a proposal, before any further step. */
  async function change(request: ChangeRequest): Promise<ChangeAnswer> {
    await open()
    return turns.take('push', async () => {
      const result = await applyChange(engine, { tables, links: [...links.values()] }, held(), request)
      if (result.type === 'stale') return lost()
      if (result.fence.version !== fence?.version)
        deps.broadcast({ type: 'version', lane: name, version: result.fence.version })
      fence = result.fence
      return result.answer
    })
  }

  async function scopesOfLane(): Promise<{ link: LinkDeclaration; scope: string }[]> {
    const rows = await query<{ link: string; scope: string }>(
      engine.database,
      'SELECT link, scope FROM link_state WHERE lane = ?1',
      name,
    )
    return rows.flatMap(({ link, scope }) => {
      const declared = links.get(link)
      return declared ? [{ link: declared, scope }] : []
    })
  }

  /** Takes an action on. It is in D1 before this answers. */
  async function act(asked: ActionRequest): Promise<ActionAnswer> {
    const link = links.get(asked.link)
    if (!link?.actions?.includes(asked.kind) || link.lane(asked.scope) !== name)
      throw new Error(`${asked.kind} of ${asked.link} in ${asked.scope} is not of ${name}`)
    await open()
    const answer = await takeAction(engine, held(), asked)
    if (answer === 'stale') return lost()
    if (answer.type !== 'accepted') return answer
    await rebuild()
    await arm()
    return answer
  }

  /** Runs steps until the queue is empty, everything waits, or the budget is spent; then arms the next alarm. */
  async function alarm(): Promise<void> {
    await open()
    const until = engine.clock.now() + BUDGET
    working = true
    try {
      for (;;) {
        const now = engine.clock.now()
        startAction(now)
        const entry = nextRun(queue, now)
        const link = entry && links.get(entry.link)
        if (now >= until) break
        if (entry && link) await turns.take('step', () => advance(entry, link))
        else if (!(await somethingArrives(now))) break
      }
    } finally {
      working = false
    }
    await arm()
  }

  /** Waits for a page or an action that is on its way. False: there is none, or another run is due before long. */
  async function somethingArrives(now: number): Promise<boolean> {
    const coming = [...queue.flatMap(({ arrived }) => arrived ?? []), ...(acting ? [acting] : [])]
    const timed = [...queue, ...actions].some((each) => each.notBefore > now)
    if (coming.length === 0 || timed) return false
    await Promise.race([...coming, news.given])
    news = signal()
    return true
  }

  /** Actions go one after the other, beside the runs: the gate makes these pause. */
  function startAction(now: number): void {
    const action = actions.find((each) => each.notBefore <= now)
    const link = action && links.get(action.link)
    if (acting || !action || !link) return
    acting = advanceAction(action, link).then(() => {
      acting = null
      news.give()
      return working || abandoned ? undefined : arm()
    })
  }

  async function advanceAction(action: ActionState, link: LinkDeclaration): Promise<void> {
    try {
      if (action.errors >= ERRORS) {
        if (!(await giveUpAction(engine, held(), link, action))) return lost()
        return done(action)
      }
      const answer = await stepAction(engine, held(), link, action)
      if (answer.type === 'stale') return lost()
      if (answer.type === 'wait') {
        action.notBefore = answer.at
        return
      }
      action.errors = 0
      done(action)
      const { scope, link: of } = action
      // What was made is in the remote now: the next look brings it here.
      if (answer.done)
        await request({ link: of, scope, parts: null, trigger: 'action', full: false, actor: 'action' })
    } catch (error) {
      if (abandoned) return
      action.errors++
      action.notBefore = engine.clock.now() + Math.min(30_000, 250 * 2 ** action.errors)
      engine.log('action.error', { action: action.id, lane: name, error: String(error) })
    }
  }

  function done(action: ActionState): void {
    actions.splice(actions.indexOf(action), 1)
    ended.add(action.id)
    tell(action.id)
  }

  function tell(id: string): void {
    for (const hear of waiters.get(id) ?? []) hear()
    waiters.delete(id)
  }

  async function advance(entry: Queued, link: LinkDeclaration): Promise<void> {
    let step: Step | null = null
    try {
      await entry.stored
      if (entry.unsure && (await reload(entry)) === 'ended') return leave(entry)
      step = {
        engine,
        link,
        run: entry.run,
        scratch: entry.scratch,
        dependents: dependentsOf(link),
        commits: [],
        fence: held(),
      }
      const before = step.fence.version
      const pages = entry.run.checkpoint?.list?.done ?? 0
      const answer = entry.errors >= ERRORS ? await giveUp(step) : await stepRun(step)
      fence = step.fence
      if (answer.type === 'stale') return lost()
      entry.stepped = ++steps
      // Only sending for a page is no line.
      if (answer.type !== 'fetching' || step.commits.length > 0)
        engine.log('run.step', {
          run: entry.id,
          lane: name,
          link: entry.link,
          scope: entry.scope,
          answer: answer.type,
          left: entry.run.checkpoint?.todo.length ?? 0,
          commits: step.commits,
        })
      if (answer.type === 'fetching') return expect(entry, answer.arrived)
      // Only a commit, or a page of a list that is done, is progress: a begin that is repeated after each error succeeds
      // each time.
      if (step.fence.version !== before || (entry.run.checkpoint?.list?.done ?? 0) > pages) entry.errors = 0
      entry.notBefore = answer.type === 'wait' ? answer.at : 0
      if (step.fence.version !== before)
        deps.broadcast({ type: 'version', lane: name, version: step.fence.version })
      deps.broadcast({ type: 'run', run: runView(entry.run) })
      if (answer.type !== 'ended') return
      ended.add(entry.id)
      leave(entry)
      await deps.offerEvents()
      // Its end may have queued a run for rows that waited.
      if (dependentsOf(link).length > 0) await rebuild()
    } catch (error) {
      if (abandoned) throw error
      // What the step committed before the error counts for the push that may come next.
      if (step) fence = step.fence
      entry.errors++
      entry.unsure = true
      entry.notBefore = engine.clock.now() + Math.min(30_000, 250 * 2 ** entry.errors)
      engine.log('run.error', {
        run: entry.id,
        lane: name,
        error: String(error),
        errors: entry.errors,
        commits: step?.commits ?? [],
      })
    }
  }

  /** The run goes on when its page is here; a lane that has nothing else to do by then is woken. */
  function expect(entry: Queued, arrived: Promise<void>): void {
    const here = arrived.then(() => {
      entry.arrived = null
      entry.notBefore = 0
      news.give()
      return working || abandoned ? undefined : arm()
    })
    entry.arrived = here
  }

  /** Links of this lane whose rows may wait for what a link brings. */
  const dependentsOf = (link: LinkDeclaration) =>
    [...links.values()].filter((other) => other.after === link.name && other.adds === false)

  /** Ends a run that can't go on. What it committed counts for the next one (deletions, for the guard), if it can be read. */
  async function giveUp(step: Step): Promise<StepAnswer> {
    const frame = await readFrame(engine.database, step.link, step.run.scope).catch(() => null)
    return endRun(step, frame, UNEXPECTED)
  }

  /** After an unexpected error D1 alone knows how far the run and the lane came. */
  async function reload(entry: Queued): Promise<'going' | 'ended'> {
    const [runs, lanes] = await engine.database.batch([
      { sql: 'SELECT * FROM runs WHERE id = ?1', params: [entry.id] },
      { sql: 'SELECT version, epoch FROM lanes WHERE lane = ?1', params: [name] },
    ])
    const lane = lanes?.rows[0]
    if (lane?.epoch !== held().epoch) return lost()
    fence = { ...held(), version: Number(lane.version) }
    const row = runs?.rows[0]
    if (!row || row.finished_at !== null) return 'ended'
    Object.assign(entry.run, runFromRow(row))
    entry.scratch.frame = null
    entry.scratch.list = null
    entry.scratch.session.clear()
    entry.unsure = false
    return 'going'
  }

  function held(): Fence {
    if (!fence) throw new Error(`lane ${name} is not open`)
    return fence
  }

  function lost(): never {
    abandoned = true
    deps.abandon(`lane ${name} is held by another instance`)
    throw new Error(`lane ${name} is held by another instance`)
  }

  async function arm(): Promise<void> {
    const now = engine.clock.now()
    // Actions go one after the other: the one that is on its way arms the next itself.
    const acts = acting ? [now + LOOK_AGAIN] : actions.map(({ notBefore }) => notBefore)
    const times = [wakeAt(queue, now), ...acts]
    const due = times.filter((at) => at !== null)
    if (due.length > 0) await deps.setAlarm(Math.max(Math.min(...due), now))
  }

  /** Answers when all these runs have ended. The caller sets the limit: an instance may be gone before. */
  async function settled(runIds: readonly string[]): Promise<void> {
    await open()
    const left = runIds.filter((id) => [...queue, ...actions].some((entry) => entry.id === id))
    await Promise.all(left.map(told))
  }

  const told = (id: string): Promise<void> =>
    new Promise((done) => waiters.set(id, [...(waiters.get(id) ?? []), done]))

  /** Answers when this sync of the devices is reported. Its name is a caller's, and no run's. */
  const heard = (sync: string): Promise<void> => told(`sync ${sync}`)
  const reported = (sync: string): void => tell(`sync ${sync}`)

  /** Wakes the lane. A turn that has lasted longer than its lease is given up with this instance. */
  async function poke(): Promise<void> {
    if (turns.since !== null && engine.clock.now() - turns.since > LEASE) lost()
    await open()
    await turns.take('push', rebuild)
    await arm()
  }

  return { request, act, push, change, alarm, settled, heard, reported, poke }
}

export type LaneCore = ReturnType<typeof createLane>

/** A promise, and what settles it. */
function signal(): { readonly given: Promise<void>; readonly give: () => void } {
  let give: () => void = () => undefined
  const given = new Promise<void>((settle) => {
    give = settle
  })
  return { given, give }
}
