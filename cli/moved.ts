import * as z from 'zod'
import { PlanView } from '../sync/protocol/collections.ts'
import type { Context } from './command.ts'
import { EXIT, type Exit } from './exit.ts'
import { cleaned, Refusal } from './failure.ts'
import { entriesOf, plansInWords } from './plan-words.ts'
import type { Paper } from './terminal.ts'

/** A plan that could not be carried out because the world moved: what it came to lane by lane, where the server says. */
export interface Moved {
  readonly problem: Refusal['problem'] | null
  readonly plans: readonly PlanView[]
}

const Told = z.union([
  z.object({ plans: z.array(PlanView) }),
  z.object({ plan: PlanView }).transform(({ plan }) => ({ plans: [plan] })),
])

/** null: another failure. */
export function movedIn(error: unknown): Moved | null {
  if (!(error instanceof Refusal) || error.problem.type !== 'urn:tidemark:problem:moved') return null
  return { problem: error.problem, plans: Told.safeParse(error.problem).data?.plans ?? [] }
}

/** Says what is different now. `planned` is what a person was shown, `now` what it would come to; null: it can't be planned. */
export function showMoved(
  context: Context,
  {
    planned,
    done,
    now,
  }: {
    readonly planned: readonly PlanView[]
    /** What was carried out all the same, in other lanes */
    readonly done: readonly PlanView[]
    readonly now: readonly PlanView[] | Refusal
  },
): Exit {
  const applied = done.filter(({ status }) => status === 'applied')
  const plans = now instanceof Refusal ? [] : now
  context.show(
    { status: 'moved', applied, plans, problem: now instanceof Refusal ? now.problem : null },
    (shown, paper) => [
      `${paper.paint.yellow('!')} ${paper.paint.bold('The data has changed since this was planned.')} ${shown.applied.length === 0 ? 'Nothing was changed.' : 'Some of it was done:'}`,
      ...plansInWords(shown.applied, paper),
      ...(shown.problem ? [`  ${shown.problem.detail}`] : differences(cleaned(planned), shown.plans, paper)),
      paper.paint.dim('  Plan again, look at it, and apply the new plan.'),
    ],
  )
  return EXIT.attention
}

/** What only one of both plans says. */
function differences(planned: readonly PlanView[], now: readonly PlanView[], paper: Paper): string[] {
  const blocks = (plans: readonly PlanView[]) =>
    new Map(
      plans.flatMap((plan) =>
        entriesOf(plan, paper).map((lines) => [[plan.lane, ...lines].join('\n'), lines]),
      ),
    )
  const [before, after] = [blocks(planned), blocks(now)]
  const only = (mine: Map<string, string[]>, other: Map<string, string[]>, mark: string) =>
    [...mine]
      .filter(([text]) => !other.has(text))
      .flatMap(([, lines]) => lines.map((line) => `${mark}${line}`))
  const gone = only(before, after, paper.paint.red('−'))
  const come = only(after, before, paper.paint.green('+'))
  return [
    ...(gone.length > 0 ? ['Planned, and no more so:', ...gone.slice(0, LINES)] : []),
    ...(come.length > 0 ? ['It would be now:', ...come.slice(0, LINES)] : []),
  ]
}

const LINES = 100
