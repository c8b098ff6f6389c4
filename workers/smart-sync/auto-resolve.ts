import type { RouteHandler } from '@hono/zod-openapi'
import { readOpenByLane } from '../../db/reads/sync-conflicts.ts'
import { WHY } from '../../sync/engine/auto-resolve.ts'
import type { Actor } from '../../sync/protocol/common.ts'
import { AutoResolveInput } from '../../sync/protocol/conflicts.ts'
import type { PlanView } from '../../sync/protocol/plan.ts'
import { Refusal } from '../shared/app.ts'
import { bothWayNames } from '../shared/names.ts'
import { askSheets } from './ask-sheets.ts'
import { askChange, failedPlan, MOVED, type Planned, planView } from './change.ts'
import { database, type SmartSync, type SmartSyncEnv } from './env.ts'
import type * as routes from './sync-routes.ts'

/**
 * The oldest open conflicts of devices, so many over all lanes, each lane in a commit of its own: where one fails or has
 * moved, the others are settled all the same, and `plans` says which. With `expect` only the lanes that it names are asked.
 */
export const autoResolve: RouteHandler<typeof routes.autoResolve, SmartSync> = async (c) => {
  const { max } = c.req.valid('query')
  const planned = AutoResolveInput.parse(c.req.valid('json') ?? {})
  const open = await readOpenByLane(database(c.env), bothWayNames, max)
  const lanes = [...open].filter(([lane]) => !planned.expect || lane in planned.expect)
  const asked = await Promise.all(
    lanes.map(async ([lane, conflicts]) => {
      const plan = await settleLane(c.env, lane, c.get('actor'), conflicts.length, planned)
      if (plan.status === 'applied') await askSheets(c.env, lane, c.get('actor'))
      return { plan, results: resultsOf(plan, conflicts) }
    }),
  )
  const plans = asked.map(({ plan }) => plan)
  const results = asked.flatMap((each) => each.results)
  const moved = plans.some(({ status }) => status === 'moved')
  if (moved && plans.every(({ status }) => status === 'moved' || status === 'failed'))
    throw new Refusal({ ...MOVED, plans })
  const count = (status: string) => results.filter((each) => each.status === status).length
  return c.json(
    {
      resolved: count('resolved'),
      skipped: count('skipped'),
      failed: count('failed'),
      results,
      dry_run: planned.dry_run,
      plans,
    },
    200,
  )
}

async function settleLane(
  env: SmartSyncEnv,
  lane: string,
  actor: Actor,
  max: number,
  planned: Planned,
): Promise<PlanView> {
  try {
    const answer = await askChange(env, lane, actor, { type: 'auto', max }, planned)
    return answer.type === 'failed' ? failedPlan(lane, answer.failure.detail) : planView(answer)
  } catch (error) {
    if (error instanceof Refusal) return failedPlan(lane, error.failure.detail)
    console.error(JSON.stringify({ event: 'lane.not_settled', lane, error: String(error) }))
    return failedPlan(lane, `The lane ${lane} did not answer.`)
  }
}

interface Result {
  readonly conflict_id: string
  readonly status: 'resolved' | 'skipped' | 'failed'
  readonly strategy: string | null
  readonly reason: string
}

/** What became of each conflict that the plan is about; of a lane that settled nothing, of each that it was asked for. */
function resultsOf(plan: PlanView, conflicts: readonly string[]): Result[] {
  if (plan.status === 'failed' || plan.status === 'moved') {
    const reason = plan.error ?? 'It would come to something else by now.'
    const status = plan.status === 'failed' ? 'failed' : 'skipped'
    return conflicts.map((conflict_id) => ({ conflict_id, status, strategy: null, reason }))
  }
  return [
    ...plan.settles.map(({ conflict, strategy }) => ({
      conflict_id: conflict,
      status: 'resolved' as const,
      strategy,
      reason: Object.hasOwn(WHY, strategy) ? WHY[strategy as keyof typeof WHY] : '',
    })),
    ...plan.skips.map(({ about, reason }) => ({
      conflict_id: about,
      status: 'skipped' as const,
      strategy: null,
      reason,
    })),
  ]
}
