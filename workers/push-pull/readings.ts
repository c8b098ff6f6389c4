import { type Database, query } from '../../db/database.ts'
import type { Actor } from '../../sync/protocol/common.ts'
import type { Mutation, Push, PushAnswer } from '../../sync/protocol/lane.ts'
import { Reading } from '../../sync/protocol/smart-sync.ts'
import { profileUrlKey } from '../../sync/remotes/profile-url.ts'
import { ownerOf } from '../shared/access.ts'
import { Refusal } from '../shared/app.ts'
import { askLane, type LaneNamespace } from '../shared/lanes.ts'
import { workspaceLane } from '../shared/names.ts'

/** A parser's clock may be ahead by this; a reading from further in the future would outrank all later ones. */
const CLOCK_SLACK = 5 * 60_000
/** Mutations of one push */
const CHUNK = 500

interface Known {
  readonly id: string
  readonly project_id: string
  readonly profile_url_key: string
  readonly workspace_id: string
}

export interface Outcome {
  accepted: number
  unchanged: number
  rejected: { index: number; reason: string }[]
}

/** Takes readings in: judges each alone, finds its account, and pushes to the lanes of their workspaces. */
export async function takeReadings(
  database: Database,
  lanes: LaneNamespace,
  actor: Actor,
  given: readonly unknown[],
  key: string | null,
  now: number,
): Promise<Outcome> {
  const outcome: Outcome = { accepted: 0, unchanged: 0, rejected: [] }
  const judged = given.map((raw) => judge(raw, now))
  const accounts = await findAccounts(
    database,
    ownerOf(actor),
    judged.flatMap((reading) => ('reason' in reading ? [] : [reading])),
  )
  const byWorkspace = new Map<string, { index: number; mutation: Mutation }[]>()
  judged.forEach((reading, index) => {
    const account = 'reason' in reading ? reading : accounts(reading)
    if ('reason' in account || 'reason' in reading) {
      outcome.rejected.push({ index, reason: 'reason' in account ? account.reason : '' })
      return
    }
    const { metric, source, value, at } = reading
    const mutation: Mutation = {
      type: 'propose',
      table: 'metric_readings',
      key: `${account.id}:${metric}:${source}`,
      values: { account_id: account.id, metric, source, value, at: Date.parse(at) },
    }
    const list = byWorkspace.get(account.workspace_id) ?? []
    byWorkspace.set(account.workspace_id, [...list, { index, mutation }])
  })
  for (const [workspace, list] of byWorkspace)
    for (let from = 0; from < list.length; from += CHUNK) {
      const slice = list.slice(from, from + CHUNK)
      const mutations = slice.map(({ mutation }) => mutation)
      const push: Push = {
        id: await pushId(actor.id, key, workspace, from, mutations),
        actor: actor.name,
        origin: 'readings',
        mutations,
      }
      const lane = workspaceLane(workspace)
      count(outcome, slice, await askLane(lanes, lane, (stub) => stub.push(lane, push)))
    }
  outcome.rejected.sort((a, b) => a.index - b.index)
  return outcome
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

/** One query for all accounts that the readings name, of those that `owner` may see. */
async function findAccounts(database: Database, owner: string | null, readings: readonly Reading[]) {
  const urlKey = ({ profile_url = '' }: Reading) => profileUrlKey(profile_url) ?? ''
  const names = readings.map((r) => [
    r.account_id ?? null,
    r.project_id ?? null,
    r.account_id ? null : urlKey(r),
  ])
  const rows =
    names.length === 0
      ? []
      : await query<Known & Record<string, string>>(
          database,
          `SELECT DISTINCT a.id, a.project_id, a.profile_url_key, p.workspace_id FROM json_each(?1) j
            CROSS JOIN accounts a ON (a.id = j.value ->> 0)
              OR (a.project_id = j.value ->> 1 AND a.profile_url_key = j.value ->> 2 AND a.deleted_at IS NULL)
            JOIN projects p ON p.id = a.project_id
            WHERE a.deleted_at IS NULL AND (?2 IS NULL OR p.owner = ?2)`,
          JSON.stringify(names),
          owner,
        )
  const byId = new Map(rows.map((row) => [row.id, row]))
  const byUrl = new Map(rows.map((row) => [`${row.project_id} ${row.profile_url_key}`, row]))
  return (reading: Reading): Known | { reason: string } => {
    const found =
      reading.account_id === undefined
        ? byUrl.get(`${reading.project_id} ${urlKey(reading)}`)
        : byId.get(reading.account_id)
    return found ?? { reason: 'there is no such account' }
  }
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
  const bytes = new TextEncoder().encode(`${actor} ${workspace} ${name}`)
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return `r_${[...hash.slice(0, 16)].map((b) => b.toString(16).padStart(2, '0')).join('')}`
}

function count(outcome: Outcome, slice: readonly { index: number }[], answer: PushAnswer): void {
  if (answer.type === 'failed') throw new Refusal(answer.failure)
  answer.results.forEach((result, i) => {
    if (result.status === 'applied') outcome.accepted++
    else if (result.status === 'rejected')
      outcome.rejected.push({ index: slice[i]?.index ?? -1, reason: result.reason ?? '' })
    else outcome.unchanged++
  })
}
