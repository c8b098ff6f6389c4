import type { RouteHandler } from '@hono/zod-openapi'
import type { Row } from '../../db/database.ts'
import { readListing, readListings } from '../../db/reads/listings.ts'
import { readSetting } from '../../db/reads/setup.ts'
import { digest } from '../../sync/engine/digest.ts'
import { AssessmentRules, type Listing } from '../../sync/protocol/assessments.ts'
import type { Push } from '../../sync/protocol/lane.ts'
import { notFound } from '../shared/access.ts'
import { nextLink, Refusal } from '../shared/app.ts'
import { etagged } from '../shared/etag.ts'
import { askLane } from '../shared/lanes.ts'
import { deviceTable } from '../shared/names.ts'
import type * as routes from './device-routes.ts'
import { database, type PushPull } from './env.ts'
import { iso } from './views.ts'

const listings = deviceTable('listings')

export const getRules: RouteHandler<typeof routes.rules, PushPull> = async (c) => {
  const setting = await readSetting(database(c.env), listings.device.config ?? '')
  return etagged(c, c.json(AssessmentRules.parse(JSON.parse(String(setting?.value ?? '{}'))), 200))
}

export const listAssessments: RouteHandler<typeof routes.assessments, PushPull> = async (c) => {
  const { stage = null, limit, before = null } = c.req.valid('query')
  const rows = await readListings(database(c.env), stage, before, limit)
  nextLink(c, rows, limit, rows.at(-1)?.id as string | undefined)
  return etagged(c, c.json(rows.map(listingView), 200))
}

/** One assessment through the lane. The same one again changes nothing: the row is already so, or the lane knows the push. */
export const review: RouteHandler<typeof routes.review, PushPull> = async (c) => {
  const called = c.req.valid('param').id
  const { modesty_status, assessed_at } = c.req.valid('json')
  const id = listings.device.key(called) ?? called
  const before = await readListing(database(c.env), id)
  if (!before) throw notFound('listing', called)
  const actor = c.get('actor')
  const lane = listings.device.lane(actor.user)
  const at = assessed_at === undefined ? null : Date.parse(assessed_at)
  const values = { modesty_status, ...(at !== null && { assessed_at: at }) }
  const same = before.modesty_status === modesty_status && (at === null || at === before.assessed_at)
  if (same) return c.json({ status: 'applied' as const, listing: listingView(before) }, 200)
  // Only whoever said the last thing corrects it; between two people the policy decides.
  const own = before.assessed_by === actor.name
  const base: Row = own
    ? { lifecycle_stage: before.lifecycle_stage ?? null, assessed_at: before.assessed_at ?? null }
    : {}
  // Without a key or a time, it is the same word as long as it is said of the same row.
  const { updated_at, lifecycle_stage, modesty_status: status, assessed_at: stood } = before
  const said = [id, modesty_status, at ?? [updated_at, lifecycle_stage, status, stood]]
  const push: Push = {
    id: `review ${actor.id} ${c.req.header('idempotency-key') ?? digest(JSON.stringify(said))}`,
    actor: actor.name,
    origin: 'api',
    mutations: [{ type: 'edit', op: 'update', table: listings.name, key: id, values, base, at }],
  }
  const answer = await askLane(c.env.LANE, lane, (stub) => stub.push(lane, push))
  if (answer.type === 'failed') throw new Refusal(answer.failure)
  const [result] = answer.results
  if (!result || result.status === 'rejected')
    throw new Refusal({ type: 'bad_request', detail: result?.reason ?? 'The assessment was not taken.' })
  const after = await readListing(database(c.env), id)
  if (!after) throw notFound('listing', called)
  const became = result.status === 'merged' || result.status === 'conflict' ? result.status : 'applied'
  return c.json(
    {
      status: became,
      ...(result.reason !== undefined && { reason: result.reason }),
      listing: listingView(after),
    },
    200,
  )
}

const time = (at: unknown): string | null => (at == null ? null : iso(Number(at)))

const listingView = (row: Row): Listing => ({
  id: String(row.id),
  product_url: String(row.product_url),
  title: row.title as string | null,
  retailer: row.retailer as string | null,
  price: row.price as number | null,
  currency: row.currency as string | null,
  image_url: row.image_url as string | null,
  lifecycle_stage: row.lifecycle_stage as Listing['lifecycle_stage'],
  assessed_at: time(row.assessed_at),
  assessed_by: row.assessed_by as string | null,
  modesty_status: row.modesty_status as string | null,
  shopify_status: row.shopify_status as string | null,
  first_seen_at: time(row.first_seen_at),
  last_updated: time(row.last_updated),
  version: Number(row.version),
})
