import type { Row, Statement } from '../../db/database.ts'
import type { Failure } from '../protocol/failures.ts'
import type { Mutation, MutationAnswer, Push, PushAnswer } from '../protocol/lane.ts'
import { isEmpty } from './changes.ts'
import { assertEpoch, type CommitInput, commit, type Fence, isEpochFailure } from './commit.ts'
import { rowStatements } from './commit-statements.ts'
import type { TableDeclaration } from './declare.ts'
import {
  deviceLaneOf,
  digestsOf,
  type Numbered,
  number,
  readDeviceLane,
  remembered,
  saveDeviceLane,
} from './device-lane.ts'
import { digest } from './digest.ts'
import { conflictEvents, loggedConflict } from './events.ts'
import { type Ask, type Facts, readFacts, workOf } from './facts.ts'
import { judge, type PushWork } from './judge.ts'
import type { Engine } from './ports.ts'
import { judgeTogether } from './promises.ts'
import { insertRun, type RunState } from './run-state.ts'
import { changesetOf } from './work.ts'

/**
 * Applies a push in order, in one commit with its answer: repeating it changes nothing and answers the same. Each
 * mutation is judged alone; a bad one is rejected and the rest goes on. A released pin queues, in the same batch, the
 * runs of `remerge` that propose its column again. `stale`: the lane has another holder.
 */
export async function applyPush(
  engine: Engine,
  tables: ReadonlyMap<string, TableDeclaration>,
  fence: Fence,
  push: Push,
  remerge: (columns: readonly { table: string; column: string }[]) => Promise<readonly RunState[]>,
): Promise<
  { type: 'stale' } | { type: 'answer'; answer: PushAnswer; fence: Fence; runs: readonly RunState[] }
> {
  const content = push.device ? '' : contentOf(push)
  const named = [...new Set(push.mutations.map(({ table }) => table))].flatMap(
    (name) => tables.get(name) ?? [],
  )
  const facts = await readFacts(
    engine.database,
    fence.lane,
    named.map((table) => askOf(table, push)),
    [
      push.device
        ? readDeviceLane(push.device, fence.lane)
        : {
            sql: 'SELECT content, answer FROM pushes WHERE lane = ?1 AND id = ?2',
            params: [fence.lane, push.id],
          },
    ],
  )
  const [seen] = facts.first[0]?.rows ?? []
  if (seen && !push.device) {
    const answer: PushAnswer =
      seen.content === content
        ? (JSON.parse(String(seen.answer)) as PushAnswer)
        : {
            type: 'failed',
            failure: {
              type: 'forked',
              detail: `The push ${push.id} was already applied with other content.`,
              mend: 'Send it again under another id.',
            },
          }
    return { type: 'answer', answer, fence, runs: [] }
  }
  const digests = push.device ? digestsOf(push) : []
  const numbered: Numbered = push.device
    ? number(push.device, deviceLaneOf(seen), digests)
    : { type: 'go', known: [] }
  if (numbered.type === 'failed') return { type: 'answer', answer: numbered, fence, runs: [] }
  // What was answered before is answered again, wherever the lane stands by now.
  const isNew = numbered.known.length < push.mutations.length
  if (isNew && push.expect !== undefined && push.expect !== fence.version)
    return { type: 'answer', answer: { type: 'failed', failure: MOVED }, fence, runs: [] }
  const known = numbered.known.length > 0 ? { known: numbered.known.length } : {}
  const now = engine.clock.now()
  const fresh = push.mutations.slice(numbered.known.length)
  const unfit = new Set<number>()
  for (;;) {
    const { work, fit } = judgeAll(tables, facts, push, fresh, unfit, now)
    const results = [...numbered.known, ...fit]
    const set = changesetOf(work, saysEdits(push))
    if (push.dryRun)
      return {
        type: 'answer',
        answer: { type: 'answered', version: fence.version, results, ...known },
        fence,
        runs: [],
      }
    const isNews = !isEmpty(set)
    const answer: PushAnswer = {
      type: 'answered',
      version: fence.version + (isNews ? 1 : 0),
      results,
      ...known,
    }
    const remember = rememberedOf(push, fence, {
      content,
      digests,
      results,
      now,
      fresh: fresh.length,
    })
    if (!isNews) {
      // A device's numbers are settled all the same; a parser's push that says nothing new may be judged again.
      if (push.device && remember.length > 0) {
        await engine.beforeBatch()
        try {
          await engine.database.batch([assertEpoch(fence), ...remember])
        } catch (error) {
          if (isEpochFailure(String(error))) return { type: 'stale' }
          throw error
        }
      }
      return { type: 'answer', answer, fence, runs: [] }
    }
    const released = work.pinChanges.filter(({ op }) => op === 'release')
    const runs =
      released.length === 0
        ? []
        : await remerge(released.map(({ pin }) => ({ table: pin.tbl, column: pin.col })))
    await engine.beforeBatch()
    const input: CommitInput = {
      id: engine.ids.next(),
      fence,
      set,
      link: '',
      scope: '',
      origin: push.origin,
      actor: push.actor,
      runId: null,
      at: now,
      extra: [
        ...remember,
        ...runs.map(insertRun),
        ...conflictEvents(
          set.conflicts,
          { lane: fence.lane, runId: null, commit: `${fence.lane}_${fence.version + 1}` },
          now,
        ),
      ],
    }
    const done = await commit(engine.database, input)
    if (done.type === 'stale') return { type: 'stale' }
    if (done.type === 'violation') {
      const guilty = await firstViolation(engine, fresh.length, (upTo) =>
        rowStatements(
          changesetOf(judgeAll(tables, facts, push, fresh.slice(0, upTo), unfit, now).work, true).changes,
          input,
        ),
      )
      if (guilty === null || unfit.has(guilty)) throw new Error(done.detail)
      engine.log('push.violation', { lane: fence.lane, n: guilty, detail: done.detail })
      unfit.add(guilty)
      continue
    }
    engine.log('commit', {
      lane: fence.lane,
      push: push.device ? `${push.device.incarnation}/${push.device.first}` : push.id,
      version: done.version,
      rows: set.changes.length,
      rowsWritten: done.rowsWritten,
    })
    for (const conflict of set.conflicts)
      engine.log('conflict.opened', { lane: fence.lane, ...loggedConflict(conflict) })
    return { type: 'answer', answer, fence: { ...fence, version: done.version }, runs }
  }
}

const MOVED: Failure = {
  type: 'moved',
  detail: 'The lane has changed since the plan was made.',
  kept: 'Nothing was changed here, and what was to be sent is still in the outbox.',
  mend: 'Make a new plan, look at it, and apply that.',
}

/** What becomes of the mutations, and what they come to. `unfit`: those that the database refused, by their place. */
function judgeAll(
  tables: ReadonlyMap<string, TableDeclaration>,
  facts: Facts,
  push: Push,
  fresh: readonly Mutation[],
  unfit: ReadonlySet<number>,
  now: number,
): { work: PushWork; fit: MutationAnswer[] } {
  return judgeTogether(tables, facts, fresh, (claims) => {
    const work: PushWork = { ...workOf(tables, { ...facts, claims }, { actor: push.actor, now }), push }
    const fit = fresh.map(
      (mutation, i): MutationAnswer =>
        unfit.has(i)
          ? { status: 'rejected', reason: 'a value of it must be unique, and another row holds it' }
          : judge(work, mutation),
    )
    return { work, fit }
  })
}

/** Edits stay in the history where a rule refused them, whoever made them; a parser shows its numbers again. */
const saysEdits = ({ device, mutations }: Push): boolean =>
  device !== undefined || mutations.some(({ type }) => type === 'edit')

function rememberedOf(
  push: Push,
  fence: Fence,
  of: {
    readonly content: string
    readonly digests: readonly string[]
    readonly results: readonly MutationAnswer[]
    readonly fresh: number
    readonly now: number
  },
): Statement[] {
  if (push.device)
    return of.fresh === 0
      ? []
      : [saveDeviceLane(push.device, fence.lane, remembered(of.digests, of.results), of.now)]
  return [
    {
      sql: 'INSERT INTO pushes (lane, id, content, answer, at) VALUES (?1, ?2, ?3, ?4, ?5)',
      params: [
        fence.lane,
        push.id,
        of.content,
        JSON.stringify({ type: 'answered', version: fence.version + 1, results: of.results }),
        of.now,
      ],
    },
  ]
}

/** What a push says; what its edits are based on is how it was come to, and differs when it is said again. */
const contentOf = ({ origin, mutations }: Push): string =>
  digest(JSON.stringify([origin, mutations.map((m) => (m.type === 'edit' ? { ...m, base: undefined } : m))]))

/** What a push asks of a table. */
function askOf(table: TableDeclaration, push: Push): Ask {
  const own = push.mutations.flatMap((m) => (m.table === table.name && m.type !== 'unread' ? [m] : []))
  const keys = own
    .map(({ key }) => (table.device ? table.device.key(key) : key))
    .filter((key) => key !== null)
  const values = own.map((m): Row => {
    if (m.type === 'pin') return { [m.column]: m.value ?? null }
    return m.type === 'unpin' ? {} : { ...m.values }
  })
  return { table, keys, values, open: push.mutations.some(({ type }) => type === 'edit') }
}

/**
 * Which mutation brings two rows to one unique value, though each was judged: the first one with which those before it are refused.
 * Tried in batches that the last statement undoes, with half as many mutations in doubt each time. null: none alone.
 */
async function firstViolation(
  engine: Engine,
  count: number,
  rowsOf: (upTo: number) => readonly Statement[],
): Promise<number | null> {
  const violates = async (upTo: number): Promise<boolean> => {
    await engine.beforeBatch()
    try {
      await engine.database.batch([...rowsOf(upTo), NEVER])
    } catch (error) {
      return /UNIQUE constraint failed/i.test(String(error))
    }
    throw new Error('a batch that ends in an error was taken')
  }
  if (!(await violates(count))) return null
  let [fine, bad] = [0, count]
  while (bad - fine > 1) {
    const middle = Math.floor((fine + bad) / 2)
    if (await violates(middle)) bad = middle
    else fine = middle
  }
  return bad - 1
}

/** Raises: what stands before it in the batch is undone. */
const NEVER: Statement = { sql: "SELECT json('undo')", params: [] }
