import type { Actor } from '../../sync/protocol/common.ts'
import type { ChangeAnswer, ChangeRequest, Plan, Proposal } from '../../sync/protocol/lane.ts'
import type { PlanView } from '../../sync/protocol/plan.ts'
import { Refusal } from '../shared/app.ts'
import { askLane } from '../shared/lanes.ts'
import { deviceTables } from '../shared/names.ts'
import { shownValue } from '../shared/times.ts'
import type { SmartSyncEnv } from './env.ts'

/** Whether to plan only, and what was planned before, by lane. */
export interface Planned {
  readonly dry_run: boolean
  readonly expect?: Readonly<Record<string, string>> | undefined
}

/** Has a lane plan a proposal, or apply it. */
export function askChange(
  env: SmartSyncEnv,
  lane: string,
  actor: Actor,
  proposal: Proposal,
  { dry_run, expect }: Planned,
): Promise<ChangeAnswer> {
  // A plan of another lane was shown: no digest fits.
  const digest = expect && (expect[lane] ?? '')
  const request: ChangeRequest = {
    actor: actor.name,
    origin: 'api',
    proposal,
    dryRun: dry_run,
    ...(digest !== undefined && { expect: digest }),
  }
  return askLane(env.LANE, lane, (stub) => stub.change(lane, request))
}

/** The same where one lane is all there is: what fails, or is not any more as it was shown, is refused. */
export async function change(...asked: Parameters<typeof askChange>): Promise<PlanView> {
  const answer = await askChange(...asked)
  if (answer.type === 'failed') throw new Refusal(answer.failure)
  const plan = planView(answer)
  if (answer.type === 'moved') throw new Refusal({ ...MOVED, plan })
  return plan
}

/** Said where a plan has become another one since it was shown. */
export const MOVED = {
  type: 'moved',
  detail: 'Something changed since the plan was shown, and it would come to something else by now.',
  kept: 'Nothing was changed.',
  mend: 'Look at the new plan, and send its digest in `expect` if that is what you want.',
} as const

/** A plan as it travels: times are ISO-8601. */
export const planView = ({ type, version, plan }: Exclude<ChangeAnswer, { type: 'failed' }>): PlanView => ({
  lane: plan.lane,
  status: type,
  version,
  digest: plan.digest,
  changes: plan.changes.map((each) => ({ ...each, columns: shownColumns(each) })),
  settles: plan.settles.map((each) => ({ ...each })),
  opens: plan.opens.map((each) => ({ ...each })),
  skips: plan.skips.map((each) => ({ ...each })),
  offers: plan.offers.map((each) => ({ ...each })),
})

/** What there is to say of a lane that answered with a failure. */
export const failedPlan = (lane: string, error: string): PlanView => ({
  lane,
  status: 'failed',
  version: 0,
  digest: '',
  changes: [],
  settles: [],
  opens: [],
  skips: [],
  offers: [],
  error,
})

function shownColumns({ table, columns }: Plan['changes'][number]) {
  const device = deviceTables.find(({ name }) => name === table)?.device ?? { columns: {} }
  return Object.fromEntries(
    Object.entries(columns).map(([name, { before, after }]) => [
      name,
      { before: shownValue(before, name, device), after: shownValue(after, name, device) },
    ]),
  )
}
