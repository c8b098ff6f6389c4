import type { Row } from '../../db/database.ts'
import type { MutationAnswer } from '../protocol/lane.ts'
import type { Decision, EditContext, EditedTable, TwoWayPolicy } from './declare.ts'
import { workOf } from './facts.ts'
import type { Deletions } from './guard.ts'
import { judge, type PushWork } from './judge.ts'
import type { Plan } from './plan.ts'
import type { Page, Part, RemoteEdit } from './ports.ts'
import { judgeTogether } from './promises.ts'
import { type Asked, askedOf } from './two-way-ask.ts'
import type { TwoWayFacts } from './two-way-facts.ts'
import { Outcome } from './two-way-outcome.ts'
import type { LinkRow, TwoWayLink } from './two-way-rows.ts'
import { brokenWhole } from './whole.ts'
import { changesetOf, rowKey, settleConflict } from './work.ts'

export interface TwoWayInput {
  readonly link: TwoWayLink
  readonly scope: string
  readonly part: Part
  readonly page: Page
  readonly facts: TwoWayFacts
  readonly policy: TwoWayPolicy
  readonly deletions: Deletions
  /** Merge every row, also those that show what they did */
  readonly full: boolean
  /** A person said that the page counts, whatever was changed here */
  readonly asShown: boolean
  /** What a person said of a page that the guard held: what vanished goes (`take`), or is put back (`keep`); null: nothing */
  readonly word: 'take' | 'keep' | null
  readonly run: string
  readonly now: number
  readonly newKey: () => string
}

export interface TwoWayPlan extends Plan {
  /** What the remote should show otherwise */
  readonly edits: readonly RemoteEdit[]
  /** What is to be remembered of rows, by key; null: nothing any more */
  readonly remember: ReadonlyMap<string, LinkRow | null>
  /** Keys of rows whose cells were not judged: what is asked about them stays asked */
  readonly unjudged: ReadonlySet<string>
  /** Nothing was taken or sent, as rows may be gone: another look, or a person, must say first */
  readonly postponed: boolean
  /** The page can't be taken as a whole */
  readonly refused: { readonly reason: string; readonly mend: string } | null
}

/**
 * Merges a page both ways. Pure. What its rows say new is judged as the edits of a device are; what stands here otherwise goes to
 * the remote; what vanished is judged at its second look.
 */
export function planTwoWay(input: TwoWayInput): TwoWayPlan {
  const { link, facts, page, run, now } = input
  const { table } = link
  const asked = askedOf(link, facts, page, input)
  const edits = asked.flatMap(({ edits: of }) => of)
  // One row after the other may be what the table is not: it is asked of all of them, at the end.
  const tables = new Map([[table.name, { ...withPolicy(table, input.policy), whole: null }]])
  const { work, fit } = judgeTogether(
    tables,
    facts.lane,
    edits.map(({ edit }) => edit),
    (claims) => {
      const push = { id: run, actor: link.remote, origin: link.remote, mutations: [] }
      const all: PushWork = {
        ...workOf(tables, { ...facts.lane, claims }, { actor: link.remote, now }),
        push,
      }
      for (const one of asked) settleAnswered(all, table.name, one)
      return {
        work: all,
        fit: edits.map(({ edit, origin }) => judge({ ...all, push: { ...push, origin } }, edit)),
      }
    },
  )
  const answers = new Map(edits.map(({ edit }, i) => [edit, fit[i] as MutationAnswer]))
  const outcome = new Outcome(input, work)
  for (const one of asked) outcome.take(one, answers)
  outcome.doubles()
  outcome.vanished(asked)
  const postponed = outcome.postponed()
  if (postponed) {
    const result = outcome.result(asked)
    return {
      ...result,
      counts: { ...result.counts, deleted: 0 },
      entries: postponed,
      edits: [],
      remember: new Map(),
      unjudged: new Set(asked.map(({ key }) => key)),
      postponed: true,
      changes: [],
      pins: [],
      conflicts: outcome.conflicts.filter(({ kind }) => kind === 'deletion_guard'),
      refused: null,
    }
  }
  outcome.append()
  const broken = brokenWhole(work, table)
  const set = changesetOf(work, true)
  return {
    ...outcome.result(asked),
    changes: set.changes,
    pins: set.pins,
    settled: set.settled ?? [],
    conflicts: [...set.conflicts.map((conflict) => outcome.own(conflict)), ...outcome.conflicts],
    refused:
      broken === null
        ? null
        : {
            reason: `${wrongThere(table, asked) ?? broken}. Nothing of the tab “${input.part.name}” was taken; what stood before stands.`,
            mend: 'Correct the rows there: the whole table is taken with the next look.',
          },
  }
}

/** What is wrong in the part by itself: people correct what they see there. */
const wrongThere = ({ whole }: EditedTable, asked: readonly Asked[]): string | null =>
  whole?.(asked.map(({ row, stored }) => ({ ...stored, ...row.values }))) ?? null

/** What stands where both sides changed a column, as an operator chose. */
function withPolicy(table: EditedTable, policy: TwoWayPolicy): EditedTable {
  const disputed = (
    _column: string,
    _theirs: Row,
    { row, at, now }: EditContext & { readonly row: Row },
  ): Decision => {
    if (policy === 'theirs' || policy === 'ours')
      return { take: policy === 'theirs', rule: `policy ${policy}` }
    if (policy === 'newest')
      return { take: (at ?? now) >= Number(row.edited_at ?? row.updated_at ?? 0), rule: 'policy newest' }
    return {
      conflict: 'changed on both sides to different values',
      recommendations: [
        'Type the value that holds into the cell, or take our note away to keep what the cell says.',
        'Or choose here: the cell’s value (keep_local), the database’s (keep_remote), or another one (merge).',
      ],
    }
  }
  return { ...table, device: { ...table.device, disputed } }
}

/** Conflicts that a person answered in the remote end so, before what was said there is judged. */
function settleAnswered(work: PushWork, table: string, { key, ended }: Asked): void {
  const open = work.open.get(rowKey(table, key)) ?? []
  for (const { of, how } of ended) {
    const conflict = open.find(({ id }) => id === of.conflict)
    if (how !== null && conflict) settleConflict(work, conflict, how, 'answered at the cell')
  }
}
