import type { PartReport } from '../protocol/runs.ts'
import type { ConflictRow } from './changes.ts'
import { digest } from './digest.ts'
import { DELETIONS, isGuard } from './guard-kinds.ts'
import { scopeKeyOf } from './plan.ts'
import type { Page, Part } from './ports.ts'
import type { Step, StepAnswer } from './run.ts'
import { addWarnings } from './run-report.ts'
import { closeConflicts, savePlan } from './run-save.ts'
import type { Checkpoint, RunFrame } from './run-state.ts'
import type { TwoWayFacts } from './two-way-facts.ts'
import { type Held, pageGuard } from './two-way-guard.ts'
import type { TwoWayLink } from './two-way-rows.ts'

// Pages that are not merged before somebody corrects them, or a person says what is right.

/** The part changes nothing, and is looked at again. */
export function failed(
  { run, engine }: Step,
  next: Checkpoint,
  part: Part,
  report: PartReport,
  why: { readonly reason: string; readonly mend: string },
  page: Page,
): StepAnswer {
  Object.assign(report, { status: 'failed', ...why, at: new Date(engine.clock.now()).toISOString() })
  addWarnings(run.report, report, page.warnings)
  run.checkpoint = { ...next, again: [...next.again, part.id] }
  return { type: 'more' }
}

/** A page that nobody believes without a person's word, as the conflict that asks for it. */
export function guarded(
  { run }: Step,
  link: TwoWayLink,
  frame: RunFrame,
  part: Part,
  page: Page,
  facts: TwoWayFacts,
): { readonly held: Held; readonly conflict: ConflictRow } | null {
  const known = facts.known.filter((entry) => entry[5] >= 0).length
  const verdicts = [...facts.matches.values()]
  const found = verdicts.filter(({ key }) => key !== null).length
  const fresh = verdicts.filter(({ verdict }) => verdict === 'new' || verdict === 'copied').length
  const target = (JSON.parse(frame.state?.target ?? '{}') as Record<string, unknown>)[part.id]
  const otherTarget = target !== undefined && JSON.stringify(target) !== JSON.stringify(frame.target)
  // A row that lost its name is there all the same.
  const shown = page.rows.length + (page.rejected?.length ?? 0)
  const held = pageGuard({ shown, known, found, fresh, partName: part.name, otherTarget })
  if (!held) return null
  const shows = held.kind === 'copied' ? '' : showing(facts)
  const of = [scopeKeyOf({ link, scope: run.scope, part }), held.kind, frame.target, facts.at, shows]
  return {
    held,
    conflict: {
      id: `c_${digest(JSON.stringify(of))}`,
      part: part.id,
      tbl: link.table.name,
      key: part.id,
      col: null,
      kind: held.kind,
      base: null,
      ours: JSON.stringify({ rows: known }),
      theirs: JSON.stringify({ rows: page.rows.length, known: found, new: fresh }),
      detail: held.detail,
      recommendations: ANSWERS[held.kind](part.name),
    },
  }
}

/**
 * Rows of a table that is taken whole, which stand together in the part and not with what stands here: nobody sees there what to
 * correct, so a person is asked. Null: what the part shows is wrong by itself.
 */
export function clashOf(
  { run }: Step,
  link: TwoWayLink,
  frame: RunFrame,
  part: Part,
  facts: TwoWayFacts,
  reason: string,
): ConflictRow | null {
  const isWhole = link.table.whole?.(facts.rows.map(({ values }) => values)) === null
  if (!isWhole || facts.rows.length === 0) return null
  const of = [scopeKeyOf({ link, scope: run.scope, part }), 'clash', frame.target, facts.at, showing(facts)]
  return {
    id: `c_${digest(JSON.stringify(of))}`,
    part: part.id,
    tbl: link.table.name,
    key: part.id,
    col: null,
    kind: 'replaced',
    base: null,
    ours: null,
    // Another run's, so that it is asked anew as long as it is so.
    theirs: JSON.stringify({ rows: facts.rows.length, run: run.id }),
    detail: `With what stands here, ${reason}`,
    recommendations: [
      `Correct the rows in ${part.name}, or those here: the conflict closes by itself.`,
      `Or take ${part.name} as it is, whatever was changed or kept here (keep_local).`,
    ],
  }
}

/** A digest of what the rows of a page show. */
const showing = ({ rows }: TwoWayFacts): string => digest(JSON.stringify(rows.map(({ content }) => content)))

const ANSWERS: Readonly<Record<Held['kind'], (part: string) => readonly string[]>> = {
  emptied: (part) => [
    `Put the rows back into ${part}: the conflict closes by itself.`,
    'Let all rows go (keep_local), or have them written there again (keep_remote).',
  ],
  replaced: (part) => [
    `Undo the import in ${part}: the conflict closes by itself.`,
    `Take ${part} as it is (keep_local), or have the missing rows written there again (keep_remote).`,
  ],
  copied: () => [
    'Set the link back to the workbook that it was: the conflict closes by itself.',
    'Claim this workbook from now on (keep_local), or leave it alone (keep_remote).',
  ],
}

const LEFT_ALONE =
  'It was not claimed, and is left alone. Set the link back, or undo that answer and claim it.'

/** What a person answered to this very question. */
export async function wordOn({ engine }: Step, { id }: ConflictRow): Promise<'take' | 'keep' | null> {
  const [found] = await engine.database.batch([
    { sql: 'SELECT resolution FROM conflicts WHERE id = ?1 AND resolved_at IS NOT NULL', params: [id] },
  ])
  const how = found?.rows[0]?.resolution
  return how === 'keep_local' ? 'take' : how === 'keep_remote' ? 'keep' : null
}

/** Asks a person, unless one has answered that it should stay so (`word`), and changes nothing meanwhile. */
export async function hold(
  step: Step,
  next: Checkpoint,
  part: Part,
  report: PartReport,
  page: Page,
  facts: TwoWayFacts,
  conflict: ConflictRow,
  word: 'take' | 'keep' | null,
): Promise<StepAnswer> {
  const mend = word === null ? conflict.recommendations.join(' ') : LEFT_ALONE
  const answer = failed(step, next, part, report, { reason: conflict.detail, mend }, page)
  if (word !== null) return answer
  step.run.report.counts.conflicts++
  const nothing = {
    changes: [],
    pins: [],
    entries: [],
    warnings: [],
    deferred: [],
    cells: [],
    lookAgain: false,
  }
  const counts = { read: 0, merged: 0, skipped: 0, rejected: 0, deleted: 0 }
  const after = step.run.checkpoint as Checkpoint
  const saved = await savePlan(step, {
    part,
    plan: { ...nothing, counts, conflicts: [conflict] },
    report,
    open: new Set(facts.open.map(({ id }) => id)),
    before: after,
    after,
    rest: closeConflicts(step, otherGuards(facts, conflict), step.engine.clock.now()),
    checkpointed: false,
  })
  return saved ? answer : { type: 'stale' }
}

/** What was asked of the page as it was before, and is no question any more. */
const otherGuards = ({ open }: TwoWayFacts, { id }: ConflictRow): string[] =>
  open.filter((one) => isGuard(one) && one.kind !== DELETIONS && one.id !== id).map((one) => one.id)
