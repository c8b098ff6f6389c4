import type { PlanView } from '../sync/protocol/plan.ts'
import { ask } from './ask.ts'
import type { Context } from './command.ts'
import { EXIT, type Exit } from './exit.ts'
import { cleaned } from './failure.ts'
import { movedIn, showMoved } from './moved.ts'
import { digestsOf, type PlanFile, writePlan } from './plan-file.ts'
import { exitOfPlans, plansInWords } from './plan-words.ts'
import type { Planned } from './proposal.ts'
import type { Paper } from './terminal.ts'

interface Answer {
  readonly plans: readonly PlanView[]
}

/** Something that is planned, shown and done, or not done at all. */
export interface Change<T extends Answer> {
  readonly type: PlanFile['type']
  /** What a plan file keeps of it */
  readonly request: object
  readonly send: (planned: Planned) => Promise<T>
  /** What stands above the rows and columns, and below them */
  readonly before?: (answer: T, paper: Paper) => readonly string[]
  readonly after?: (answer: T, paper: Paper) => readonly string[]
  readonly exit?: (answer: T) => Exit
}

export interface How {
  readonly dryRun?: true
  readonly out?: string
  readonly yes?: true
}

/**
 * Plans it (`--dry-run`, `--out`); else does it. Where somebody sits at a terminal it is planned and shown first, and done as it was
 * shown.
 */
export async function change<T extends Answer>(context: Context, what: Change<T>, how: How): Promise<Exit> {
  if (how.dryRun || how.out !== undefined) return planOnly(context, what, how.out)
  if (how.yes || context.json) return carryOut(context, what, null)
  const { stdin, stderr } = context.surroundings
  if (!stdin.isTTY || !stderr.isTTY) return carryOut(context, what, null)
  const planned = await what.send({ dry_run: true })
  context.show(planned, inWords(what))
  if (planned.plans.every(isEmpty)) return exitOf(what, planned)
  const said = await ask(context.surroundings, 'Do this? [y/N] ', 'shown')
  if (/^\s*y(es)?\s*$/i.test(said ?? '')) {
    const { plans } = planned
    return carryOut(context, what, { expect: digestsOf(plans), plans })
  }
  context.note(() => 'Nothing was changed.')
  return EXIT.fine
}

/** Does it; with a plan, exactly that, or nothing. */
export async function carryOut<T extends Answer>(
  context: Context,
  what: Change<T>,
  planned: { readonly expect: PlanFile['expect']; readonly plans: readonly PlanView[] } | null,
): Promise<Exit> {
  try {
    const answer = await what.send(planned ? { expect: planned.expect } : {})
    if (planned && answer.plans.some(({ status }) => status === 'moved'))
      return showMoved(context, planned.plans, answer.plans)
    context.show(answer, inWords(what))
    return exitOf(what, answer)
  } catch (error) {
    const moved = movedIn(error)
    if (!moved) throw error
    return showMoved(context, planned?.plans ?? [], moved)
  }
}

async function planOnly<T extends Answer>(
  context: Context,
  what: Change<T>,
  out: string | undefined,
): Promise<Exit> {
  const answer = await what.send({ dry_run: true })
  const { type, request } = what
  const file = { type, request, expect: digestsOf(answer.plans), plans: answer.plans }
  if (out !== undefined) await writePlan(out, file)
  context.show({ ...answer, ...file }, (_file, paper) => [
    ...inWords(what)(cleaned(answer), paper),
    ...(out === undefined
      ? [paper.paint.dim('Nothing was changed.')]
      : [paper.paint.dim(`Nothing was changed; to do exactly this: tidemark apply ${out}`)]),
  ])
  return exitOf(what, answer)
}

const isEmpty = ({ changes, settles, opens }: PlanView) =>
  changes.length + settles.length + opens.length === 0

const inWords =
  <T extends Answer>({ before, after }: Change<T>) =>
  (answer: T, paper: Paper): string[] => [
    ...(before?.(answer, paper) ?? []),
    ...plansInWords(answer.plans, paper),
    ...(after?.(answer, paper) ?? []),
  ]

const exitOf = <T extends Answer>({ exit }: Change<T>, answer: T): Exit =>
  exit?.(answer) ?? exitOfPlans(answer.plans)
