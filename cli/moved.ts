import type { PlanView } from '../sync/protocol/plan.ts'
import type { Context } from './command.ts'
import { EXIT, type Exit } from './exit.ts'
import { cleaned, Refusal } from './failure.ts'
import { entriesOf, plansInWords } from './plan-words.ts'
import type { Paper } from './terminal.ts'

/** What it would come to now, lane by lane, where the world moved since the plan was made; null: another failure. */
export function movedIn(error: unknown): readonly PlanView[] | null {
  if (!(error instanceof Refusal) || error.problem.type !== 'urn:tidemark:problem:moved') return null
  const { plan, plans = plan ? [plan] : [] } = error.problem
  return plans
}

/** Says what is different now. `planned` is what a person was shown, `now` what each lane answers: some may have done it all the same. */
export function showMoved(context: Context, planned: readonly PlanView[], now: readonly PlanView[]): Exit {
  const applied = now.filter(({ status }) => status === 'applied')
  const plans = now.filter(({ status }) => status !== 'applied')
  context.show({ status: 'moved', applied, plans }, (shown, paper) => [
    `${paper.paint.yellow('!')} ${paper.paint.bold('The data has changed since this was planned.')} ${shown.applied.length === 0 ? 'Nothing was changed.' : 'Some of it was done:'}`,
    ...plansInWords(shown.applied, paper),
    ...differences(cleaned(planned), shown.plans, paper),
    paper.paint.dim('  Plan again, look at it, and apply the new plan.'),
  ])
  return EXIT.attention
}

/** What only one of both plans says, of the lanes that moved. */
function differences(planned: readonly PlanView[], now: readonly PlanView[], paper: Paper): string[] {
  const blocks = (plans: readonly PlanView[]) =>
    new Map(
      plans.flatMap((plan) =>
        entriesOf(plan, paper).map((lines) => [[plan.lane, ...lines].join('\n'), lines]),
      ),
    )
  const lanes = new Set(now.map(({ lane }) => lane))
  const before = blocks(planned.filter(({ lane }) => lanes.has(lane)))
  const after = blocks(now)
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

/** Of each side; `--json` has all. */
const LINES = 100
