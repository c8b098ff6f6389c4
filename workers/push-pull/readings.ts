import type { RouteHandler } from '@hono/zod-openapi'
import type { Database } from '../../db/database.ts'
import { type NamedAccount, readNamedAccounts } from '../../db/reads/accounts.ts'
import type { Actor } from '../../sync/protocol/common.ts'
import type { Mutation, MutationAnswer, Push } from '../../sync/protocol/lane.ts'
import { Reading } from '../../sync/protocol/smart-sync.ts'
import { profileUrlKey } from '../../sync/remotes/profile-url.ts'
import { ownerOf } from '../shared/access.ts'
import { Refusal } from '../shared/app.ts'
import { askLane, type LaneNamespace } from '../shared/lanes.ts'
import { workspaceLane } from '../shared/names.ts'
import { sha256 } from '../shared/sha256.ts'
import { database, type PushPull } from './env.ts'
import type * as routes from './routes.ts'
import { iso } from './views.ts'

/** A parser's clock may be ahead by this; a reading from further in the future would outrank all later ones. */
const CLOCK_SLACK = 5 * 60_000
/** Mutations of one push */
const CHUNK = 500

interface Outcome {
  accepted: number
  unchanged: number
  rejected: { index: number; reason: string }[]
}

export const pushReadings: RouteHandler<typeof routes.pushReadings, PushPull> = async (c) => {
  const now = Date.now()
  const key = c.req.header('idempotency-key') ?? null
  const { readings } = c.req.valid('json')
  const outcome = await takeReadings(database(c.env), c.env.LANE, c.get('actor'), readings, key, now)
  return c.json({ success: outcome.rejected.length === 0, ...outcome, timestamp: iso(now) }, 200)
}

/** Takes readings in: judges each alone, finds its account, and pushes to the lanes of their workspaces. */
async function takeReadings(
  database: Database,
  lanes: LaneNamespace,
  actor: Actor,
  given: readonly unknown[],
  key: string | null,
  now: number,
): Promise<Outcome> {
  const outcome: Outcome = { accepted: 0, unchanged: 0, rejected: [] }
  const judged = given.map((raw) => judge(raw, now))
  const named = judged.flatMap((reading) => ('reason' in reading ? [] : [reading]))
  const accountOf = await findAccounts(database, ownerOf(actor), named)
  const byWorkspace = new Map<string, { index: number; mutation: Mutation }[]>()
  for (const [index, reading] of judged.entries()) {
    const account = 'reason' in reading ? null : accountOf(reading)
    if ('reason' in reading || !account) {
      const reason = 'reason' in reading ? reading.reason : 'there is no such account'
      outcome.rejected.push({ index, reason })
      continue
    }
    const list = byWorkspace.get(account.workspace_id) ?? []
    list.push({ index, mutation: proposalOf(account.id, reading) })
    byWorkspace.set(account.workspace_id, list)
  }
  for (const [workspace, list] of byWorkspace)
    for (let from = 0; from < list.length; from += CHUNK) {
      const slice = list.slice(from, from + CHUNK)
      const mutations = slice.map(({ mutation }) => mutation)
      const id = await pushId(actor.id, key, workspace, from, mutations)
      const push: Push = { id, actor: actor.name, origin: 'readings', mutations }
      count(outcome, slice, await pushTo(lanes, workspaceLane(workspace), push, outcome))
    }
  outcome.rejected.sort((a, b) => a.index - b.index)
  return outcome
}

const proposalOf = (account_id: string, { metric, source, value, at }: Reading): Mutation => ({
  type: 'propose',
  table: 'metric_readings',
  key: `${account_id}:${metric}:${source}`,
  values: { account_id, metric, source, value, at: Date.parse(at) },
})

/** Pushes to a lane. Where it fails, what earlier pushes of this request had taken in stays, and the failure says so. */
async function pushTo(lanes: LaneNamespace, lane: string, push: Push, soFar: Outcome) {
  try {
    const answer = await askLane(lanes, lane, (stub) => stub.push(lane, push))
    if (answer.type === 'failed') throw new Refusal(answer.failure)
    return answer.results
  } catch (error) {
    const taken = soFar.accepted + soFar.unchanged
    if (!(error instanceof Refusal) || taken === 0) throw error
    throw new Refusal({
      ...error.failure,
      kept: `${taken} of the readings were taken in. Sending all of them again changes nothing in those.`,
    })
  }
}

function judge(raw: unknown, now: number): Reading | { reason: string } {
  const parsed = Reading.safeParse(raw)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    return { reason: `${issue?.path.join('.') || 'reading'}: ${issue?.message}` }
  }
  if (Date.parse(parsed.data.at) > now + CLOCK_SLACK)
    return { reason: `at: ${parsed.data.at} is in the future` }
  if (parsed.data.account_id !== undefined) return parsed.data
  if (parsed.data.project_id === undefined || parsed.data.profile_url === undefined)
    return { reason: 'name the account by account_id, or by project_id and profile_url' }
  return parsed.data
}

/** Finds the accounts of all readings in one query, of those that `owner` may see. */
async function findAccounts(database: Database, owner: string | null, readings: readonly Reading[]) {
  const urlKey = ({ profile_url = '' }: Reading) => profileUrlKey(profile_url) ?? ''
  const names = readings.map((reading) =>
    reading.account_id === undefined
      ? ([null, reading.project_id ?? '', urlKey(reading)] as const)
      : ([reading.account_id, null, null] as const),
  )
  const rows = await readNamedAccounts(database, owner, names)
  const byId = new Map(rows.map((row) => [row.id, row]))
  const byUrl = new Map(rows.map((row) => [`${row.project_id} ${row.profile_url_key}`, row]))
  return (reading: Reading): NamedAccount | undefined =>
    reading.account_id === undefined
      ? byUrl.get(`${reading.project_id} ${urlKey(reading)}`)
      : byId.get(reading.account_id)
}

/** The caller's key, or the content itself: the same readings sent again are the same push. */
async function pushId(
  actor: string,
  key: string | null,
  workspace: string,
  from: number,
  mutations: readonly Mutation[],
): Promise<string> {
  const name = key === null ? JSON.stringify(mutations) : `${key} ${from}`
  return `r_${await sha256(`${actor} ${workspace} ${name}`, 16)}`
}

function count(
  outcome: Outcome,
  slice: readonly { index: number }[],
  results: readonly MutationAnswer[],
): void {
  results.forEach((result, i) => {
    if (result.status === 'applied') outcome.accepted++
    else if (result.status === 'rejected')
      outcome.rejected.push({ index: slice[i]?.index ?? -1, reason: result.reason ?? '' })
    else outcome.unchanged++
  })
}
