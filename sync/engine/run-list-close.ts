import { query, type Row, type Statement } from '../../db/database.ts'
import type { LinkDeclaration } from './declare.ts'
import { recentDeletions } from './guard.ts'
import { DELETIONS } from './guard-kinds.ts'
import { type ListScratch, MISSING, pageName } from './list-scratch.ts'
import { conclusive, type ListState } from './list-state.ts'
import { nameOf } from './page-index.ts'
import { ambiguityId, type PageEntry, type Plan } from './plan.ts'
import type { Part } from './ports.ts'
import type { Step, StepAnswer } from './run.ts'
import { pinOf } from './run-begin.ts'
import { addWarnings } from './run-report.ts'
import { closeConflicts, goneConflicts, pageStatement, savePlan } from './run-save.ts'
import type { Checkpoint, RunFrame } from './run-state.ts'
import { judgeVanished } from './vanished.ts'

/**
 * The end of a reading. After a quiet pass over all pages, rows that are here and that no page showed are judged: absent
 * once, they are remembered; absent twice, they are deleted under the guard. Any other end deletes nothing.
 */
export async function closeList(
  step: Step,
  frame: RunFrame,
  checkpoint: Checkpoint,
  part: Part,
  state: ListState,
  list: ListScratch,
): Promise<StepAnswer> {
  const { run, engine } = step
  const now = engine.clock.now()
  const probe = frame.list?.probe ?? 'rolling'
  const report = run.report.parts.find(({ id }) => id === part.id)
  if (!report) throw new Error(`the run has no report for ${part.id}`)
  report.at = new Date(now).toISOString()
  report.status = 'done'
  addWarnings(run.report, report, oddities(state, part))

  const whole = state.over === 'quiet'
  const judged = whole ? await judge(step, frame, part, state, list, now) : null
  const again = !conclusive(state, probe) || (judged?.lookAgain ?? false)
  const after: Checkpoint = {
    ...checkpoint,
    stamp: state.observed.stamp ?? checkpoint.stamp,
    todo: [],
    again: again ? [...checkpoint.again, part.id] : checkpoint.again,
    deleted: { [part.id]: (checkpoint.deleted[part.id] ?? 0) + (judged?.plan.counts.deleted ?? 0) },
  }
  if (!judged) {
    run.checkpoint = after
    return { type: 'more' }
  }
  const shown = new Set([...(list.shown ?? []), ...judged.plan.conflicts.map(({ id }) => id)])
  const certain = list.shown !== null && checkpoint.mode === 'full'
  const gone = goneConflicts(judged.open, shown).filter(
    (id) => certain || judged.open.some((open) => open.id === id && open.kind === DELETIONS),
  )
  const saved = await savePlan(step, {
    part,
    plan: judged.plan,
    report,
    open: new Set(judged.open.map(({ id }) => id)),
    before: checkpoint,
    after,
    rest: [
      ...pageStatement(
        step,
        pageName(part.id, MISSING),
        { entries: judged.plan.entries, warnings: [] },
        list.missing,
        now,
      ),
      ...leftovers(step, part, state, list, now),
      ...closeConflicts(step, gone, now),
    ],
    checkpointed: false,
  })
  return saved ? { type: 'more' } : { type: 'stale' }
}

interface Judged {
  readonly plan: Plan
  readonly open: readonly { readonly id: string; readonly kind: string }[]
  readonly lookAgain: boolean
}

async function judge(
  { engine, link, run }: Step,
  frame: RunFrame,
  part: Part,
  state: ListState,
  list: ListScratch,
  now: number,
): Promise<Judged | null> {
  const openConflicts: Statement = {
    sql: `SELECT id, kind FROM conflicts WHERE lane = ?1 AND resolved_at IS NULL AND link = ?2 AND scope = ?3 AND part = ?4`,
    params: [run.lane, link.name, run.scope, part.id],
  }
  // A row that can't be told from others may be one of the missing ones.
  if (!link.scopes.rows || link.deletes === 'never' || state.observed.nameless > 0) {
    const [open] = await engine.database.batch([openConflicts])
    return notJudged(list, (open?.rows ?? []).map(conflictOf))
  }
  const [live, pins, open] = await engine.database.batch([
    link.scopes.rows(run.scope),
    { sql: 'SELECT * FROM pins WHERE lane = ?1 AND tbl = ?2', params: [run.lane, link.table.name] },
    openConflicts,
  ])
  const last = state.pages ?? 0
  const shown = new Set<string>()
  const names = new Set<string>()
  for (const [number, { entries }] of list.pages)
    if (number <= last)
      for (const [key, name] of entries) {
        shown.add(key)
        names.add(name)
      }
  // A row that can't be read, and that no page showed the last time, stands there under its name alone.
  const stands = (key: string) => shown.has(key) || names.has(nameOf(link, { [link.table.key]: key }))
  const since = new Map(list.missing.entries.map((entry) => [entry[0], entry]))
  const keys = (live?.rows ?? []).map(({ key }) => String(key))
  const vanished = keys
    .filter((key) => !stands(key))
    .map((key): PageEntry => since.get(key) ?? [key, key, -1, '', '', 0])
  const doomed = vanished.filter((entry) => entry[5] > 0).map(([key]) => key)
  const known = keys.map((key): PageEntry => [key, key, -1, '', '', 0])
  const judged = judgeVanished(
    {
      link,
      scope: run.scope,
      part,
      known,
      pins: (pins?.rows ?? []).map(pinOf),
      deletions: recentDeletions(frame.state?.deletions[part.id] ?? [], now),
      now,
    },
    vanished,
    shown.size,
    await rowsOf(engine.database, link, doomed),
  )
  return {
    plan: {
      ...nothing,
      changes: judged.changes,
      pins: judged.pins,
      conflicts: judged.conflicts,
      entries: judged.entries.filter((entry) => entry[5] > 0),
      counts: { ...nothing.counts, deleted: judged.changes.length },
    },
    open: (open?.rows ?? []).map(conflictOf),
    lookAgain: judged.lookAgain,
  }
}

const nothing: Plan = {
  changes: [],
  pins: [],
  conflicts: [],
  entries: [],
  warnings: [],
  counts: { read: 0, merged: 0, skipped: 0, rejected: 0, deleted: 0 },
  lookAgain: false,
  deferred: [],
  cells: [],
}

const conflictOf = ({ id, kind }: Row) => ({ id: String(id), kind: String(kind) })

/** What is missing stays so, and with it what was said of it. */
const notJudged = (list: ListScratch, open: Judged['open']): Judged => ({
  plan: { ...nothing, entries: list.missing.entries },
  open: open.filter(({ kind }) => kind !== DELETIONS),
  lookAgain: false,
})

async function rowsOf(
  database: Step['engine']['database'],
  link: LinkDeclaration,
  keys: readonly string[],
): Promise<Map<string, Row>> {
  if (keys.length === 0) return new Map()
  const { name, key } = link.table
  const rows = await query<Row>(
    database,
    `SELECT t.* FROM json_each(?1) j CROSS JOIN ${name} t ON t.${key} = j.value`,
    JSON.stringify(keys),
  )
  return new Map(rows.map((row) => [String(row[key]), row]))
}

/** Pages beyond the last, and waiting rows that the list doesn't show any more, are forgotten; so is what was in doubt. */
function leftovers(step: Step, part: Part, state: ListState, list: ListScratch, now: number): Statement[] {
  const { link, run } = step
  const pages = [...list.pages.keys()].filter((number) => number > (state.pages ?? 0))
  const waiting = [...list.deferred.keys()].filter((name) => !list.seen.has(name))
  const statements: Statement[] = []
  if (pages.length > 0)
    statements.push({
      sql: `DELETE FROM link_pages WHERE link = ?1 AND scope = ?2 AND page IN (SELECT value FROM json_each(?3))`,
      params: [link.name, run.scope, JSON.stringify(pages.map((number) => pageName(part.id, number)))],
    })
  if (waiting.length > 0)
    statements.push({
      sql: `DELETE FROM link_deferred WHERE link = ?1 AND scope = ?2 AND part = ?3
        AND name IN (SELECT value FROM json_each(?4))`,
      params: [link.name, run.scope, part.id, JSON.stringify(waiting)],
    })
  const doubts = waiting
    .filter((name) => list.deferred.get(name)?.kind === 'ambiguous')
    .map((name) => ambiguityId({ link, scope: run.scope, part }, name))
  return [...statements, ...closeConflicts(step, doubts, now)]
}

/** What a person should know of a list that contradicts itself, or would not stand still. */
function oddities({ over, observed, total }: ListState, part: Part) {
  const shown = observed.distinct + observed.nameless
  if (over === 'odd')
    return [
      {
        kind: 'contradiction',
        message: `${part.name} says it has ${total} rows and shows ${shown}${observed.repeats > 0 ? `, ${observed.repeats} of them on two pages` : ''}; nothing was deleted`,
      },
    ]
  if (over === 'restless')
    return [
      { kind: 'restless', message: `${part.name} changed while it was read; the next check reads all of it` },
    ]
  return []
}
