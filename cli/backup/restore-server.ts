import { join } from 'node:path'
import type { PlanView } from '../../sync/protocol/plan.ts'
import type { Client } from '../client.ts'
import type { Context } from '../command.ts'
import type { Exit } from '../exit.ts'
import { withFile } from '../laptop/open.ts'
import { movedIn, showMoved } from '../moved.ts'
import { exitOfPlans } from '../plan-words.ts'
import { number } from '../print.ts'
import type { Planned, RestorePart } from '../proposal.ts'
import { SERVER_COPY } from './back-up-server.ts'
import { nameOfPart, restoreParts } from './restore-parts.ts'
import type { RestoreRequest } from './restore-request.ts'

export interface PlannedPart {
  readonly part: string
  readonly plan: PlanView
}

/** What bringing the server's tables back would change, part by part. */
export const planRestore = (context: Context, client: Client, request: RestoreRequest) =>
  eachPart(context, request, 'Comparing', (part) => sent(client, part, { dry_run: true }))

/**
 * Brings the server's tables back, each part as one commit. With `expect` (digests by part) all parts are planned anew first: if one of
 * them comes to something else, nothing is changed.
 */
export async function applyRestore(
  context: Context,
  client: Client,
  request: RestoreRequest,
  planned: { readonly expect: Readonly<Record<string, string>>; readonly plans: readonly PlanView[] } | null,
): Promise<{ readonly done: PlannedPart[] } | { readonly moved: Exit }> {
  if (planned) {
    const now = await planRestore(context, client, request)
    const isSame = now.every(({ part, plan }) => planned.expect[part] === plan.digest)
    if (!isSame || now.length !== Object.keys(planned.expect).length)
      return { moved: showMoved(context, planned.plans, plansOf(now)) }
  }
  const done: PlannedPart[] = []
  try {
    await eachPart(context, request, 'Restoring', async (part) => {
      const digest = planned?.expect[nameOfPart(part)]
      const plan = await sent(client, part, digest === undefined ? {} : { expect: { [part.lane]: digest } })
      done.push({ part: nameOfPart(part), plan })
      return plan
    })
  } catch (error) {
    const moved = movedIn(error)
    if (!moved) throw error
    return { moved: showMoved(context, planned?.plans ?? [], [...plansOf(done), ...moved]) }
  }
  return { done }
}

const plansOf = (parts: readonly PlannedPart[]) => parts.map(({ plan }) => plan)

export const exitOfRestore = (parts: readonly PlannedPart[]): Exit => exitOfPlans(plansOf(parts))

async function eachPart(
  context: Context,
  { backup, tables }: RestoreRequest,
  doing: string,
  work: (part: RestorePart) => Promise<PlanView>,
): Promise<PlannedPart[]> {
  return withFile(join(backup, SERVER_COPY), async (db) => {
    const found: PlannedPart[] = []
    let rows = 0
    for (const part of restoreParts(db, tables)) {
      context.progress.say(`${doing} ${part.lane}: ${number(rows)} rows`)
      found.push({ part: nameOfPart(part), plan: await work(part) })
      rows += part.tables[0]?.rows.length ?? 0
    }
    return found
  })
}

async function sent(client: Client, part: RestorePart, how: Planned): Promise<PlanView> {
  const { plans } = await client.collections.restore(part, how)
  const [plan] = plans
  if (!plan) throw new Error('a restore was answered without a plan')
  return plan
}
