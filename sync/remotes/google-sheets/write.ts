import type { Answer, CellChange, Part, RemoteContext, WriteReport } from '../../engine/ports.ts'
import type { SheetsCalls } from './calls.ts'
import { layoutOf, type Unlaid } from './layout.ts'
import type { Tab } from './tab.ts'
import { endJob, type Job, jobOf } from './write-job.ts'
import { type CarriedOut, carryOut, type Plan } from './write-loop.ts'
import { type ChangePlan, planChanges } from './write-plan.ts'

/** Writes merged values to the cells that still show `seen`, and verifies them: see `carryOut`. */
export async function writeCells(
  calls: SheetsCalls,
  context: RemoteContext,
  part: Part,
  changes: readonly CellChange[],
): Promise<Answer<WriteReport>> {
  const job = jobOf(context, part)
  const answer = await carry(calls, context, part, changes, job)
  if (!answer.ok) return answer
  endJob(context, part)
  const { plan, left } = answer.value
  return {
    ok: true,
    value: {
      written: job.done.size,
      theirs: plan.theirs,
      repaired: job.repaired,
      warnings: [...job.warnings, ...plan.warnings, ...left],
    },
  }
}

/** Puts right what an unsettled write may have hit, so that it isn't read as if a person had entered it. */
export const repairCells = (
  calls: SheetsCalls,
  context: RemoteContext,
  part: Part,
): Promise<Answer<unknown>> => carry(calls, context, part, [], jobOf(context, part))

function carry(
  calls: SheetsCalls,
  context: RemoteContext,
  part: Part,
  changes: readonly CellChange[],
  job: Job,
): Promise<Answer<CarriedOut<Plan & ChangePlan>>> {
  const keys = Object.keys(context.columns).filter((name) => context.columns[name]?.required)
  const planOn = (tab: Tab): (Plan & ChangePlan) | Unlaid => {
    const answer = layoutOf(tab, context.columns)
    if (!answer.ok) return answer
    const { layout } = answer
    return { layout, keys, ...planChanges(tab, layout, context.columns, changes, job.done) }
  }
  return carryOut({
    google: calls,
    context,
    part,
    job,
    planOn,
    calls: changes.length / 5_000,
    adds: false,
  })
}
