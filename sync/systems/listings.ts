import normalizeUrl from 'normalize-url'
import type { Row } from '../../db/database.ts'
import { listings } from '../../db/schema.ts'
import { type DeviceColumn, type EditContext, type System, table } from '../engine/declare.ts'
import { max, min, theirs } from '../engine/merge.ts'
import { AssessmentRules } from '../protocol/assessments.ts'
import { sheet, tab } from './sheet.ts'

// Products that a laptop's catalogue monitor finds and a person assesses on the phone.

const PENDING = 'pending_assessment'
const APPROVED = 'assessed_approved'
const REJECTED = 'assessed_rejected'
/** A device's clock may be ahead by this; a time further in the future is taken for the time of arrival. */
const CLOCK_SLACK = 5 * 60_000

const verdict = ['lifecycle_stage', 'modesty_status', 'assessed_at', 'assessed_by'] as const

const column = (type: DeviceColumn['type'], more: Partial<DeviceColumn> = {}): DeviceColumn => ({
  type,
  write: true,
  ...more,
})

const listingTable = table(listings, {
  key: 'id',
  merge: {
    // What the shop says comes from whoever looked last.
    product_url: theirs,
    title: theirs,
    retailer: theirs,
    price: theirs,
    currency: theirs,
    image_url: theirs,
    first_seen_at: min,
    last_updated: max,
    lifecycle_stage: theirs,
    assessed_at: theirs,
    assessed_by: theirs,
    modesty_status: theirs,
    shopify_status: theirs,
  },
  device: {
    label: 'Listings',
    lane: () => 'listings',
    columns: {
      product_url: column('url', { required: true, max: 2_000, aliases: ['url', 'link'] }),
      title: column('text', { max: 2_000, aliases: ['name'] }),
      retailer: column('text', { max: 200, aliases: ['shop', 'store'] }),
      price: column('money'),
      currency: column('text', { max: 3 }),
      image_url: column('url', { max: 2_000, aliases: ['image'] }),
      lifecycle_stage: column('text', { required: true, values: [PENDING, APPROVED, REJECTED] }),
      assessed_at: column('time'),
      assessed_by: column('text', { max: 200 }),
      modesty_status: column('text', { max: 100 }),
      shopify_status: column('text', { values: ['draft', 'published'] }),
      first_seen_at: column('time', { aliases: ['first_seen'] }),
      last_updated: column('time', { aliases: ['updated_at'] }),
    },
    key: listingKey,
    config: 'assessments.rules',
    admit,
    together: { by: verdict, columns: [...verdict, 'shopify_status'], decide },
    holds: (row) =>
      isAssessed(row) ? `it was assessed as ${row.modesty_status ?? row.lifecycle_stage}` : null,
  },
})

/**
 * A product's address as it names its listing: https, no `www.`, no fragment, no parameters that only say where a visitor
 * came from; null: not an address of a product.
 */
export function listingKey(url: string): string | null {
  if (PLAIN.test(url) && url.length <= LONGEST_KEY) return url
  // Unpacking an address (%2525) can leave one that can be unpacked again; the name of a name is itself.
  let key = normalized(url)
  for (let round = 0; round < UNPACKED && key !== null; round++) {
    const again = normalized(key)
    if (again === key) return key
    key = again
  }
  return null
}

/** Addresses that name themselves, as nearly all do that a device sends: parsing each one thrice is half of a push's time. */
const PLAIN =
  /^https:\/\/(?!www\.)(?!.*xn--)(?:[a-z0-9][a-z0-9-]*\.)+[a-z]{2,}(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9_~.-]+)*$/
const LONGEST_KEY = 2_000

/** How often an address may be unpacked. Each time takes a while, and nobody's product is packed that often. */
const UNPACKED = 5

function normalized(url: string): string | null {
  try {
    const key = normalizeUrl(url, {
      forceHttps: true,
      stripHash: true,
      removeQueryParameters: [/^utm_\w+/i, /^(gclid|fbclid|msclkid|mc_[ce]id|igshid|srsltid)$/i],
    })
    return key.startsWith('https://') && key.length <= LONGEST_KEY ? key : null
  } catch {
    return null
  }
}

const stageOf = ({ approved }: { approved: boolean }) => (approved ? APPROVED : REJECTED)

const isAssessed = (row: Row): boolean => row.lifecycle_stage === APPROVED || row.lifecycle_stage === REJECTED

/** What an edit implies: who assessed and when, that an approved product is published, that a new one is pending. */
function admit(given: Row, context: EditContext): { values: Row } | { reject: string } {
  const { row, now, at, actor } = context
  const { statuses } = AssessmentRules.parse(context.config ?? {})
  const values: Row = { ...given }
  const status = values.modesty_status ?? null
  const known = statuses.find(({ id }) => id === status)
  if (status !== null && !known)
    return {
      reject: `modesty_status: "${String(status)}" is none of ${statuses.map(({ id }) => id).join(', ')}`,
    }
  const said = verdict.filter((name) => name in given)
  if (known && values.lifecycle_stage == null) values.lifecycle_stage = stageOf(known)
  // A verdict that is emptied says that nobody has assessed it.
  else if (said.length > 0 && said.every((name) => given[name] == null)) values.lifecycle_stage = PENDING
  const stage = values.lifecycle_stage ?? row?.lifecycle_stage ?? PENDING
  const contradicts = (shown: typeof known) => shown !== undefined && stage !== stageOf(shown)
  if (known && contradicts(known)) return { reject: `${stage} contradicts ${known.id}` }
  if (stage !== PENDING && said.length > 0) {
    // Another stage without a status: the one that stood is not what was said.
    if (contradicts(statuses.find(({ id }) => id === row?.modesty_status))) values.modesty_status ??= null
    const when = typeof values.assessed_at === 'number' ? values.assessed_at : at
    values.assessed_at = when === null || when > now + CLOCK_SLACK ? now : when
    values.lifecycle_stage = stage
    values.assessed_by ??= actor
    values.shopify_status ??= stage === APPROVED ? 'published' : 'draft'
  }
  if (typeof values.product_url === 'string' && listingKey(values.product_url) !== context.key)
    return { reject: `product_url: "${values.product_url.slice(0, 100)}" is another listing` }
  if (row === null) {
    values.lifecycle_stage ??= PENDING
    values.first_seen_at ??= at ?? now
    if (typeof values.product_url !== 'string') return { reject: 'product_url is missing' }
  }
  return { values }
}

/** A pending row never overwrites an assessed one; of two assessments, the policy says which one stands. */
function decide(values: Row, { row, base, config }: EditContext & { row: Row }) {
  if (!isAssessed(row)) return { take: true, rule: 'stateMachine' }
  if (!isAssessed(values)) return { take: false, rule: 'stateMachine' }
  // Whoever saw what stands and says otherwise corrects it.
  if (saw(base, row)) return { take: true, rule: 'correction' }
  const { modesty_status: status = row.modesty_status } = values
  const same = values.lifecycle_stage === row.lifecycle_stage && status === row.modesty_status
  const { policy } = AssessmentRules.parse(config ?? {})
  if (policy === 'review' && !same)
    return {
      conflict: `it was assessed as ${row.modesty_status ?? row.lifecycle_stage} by ${row.assessed_by ?? 'somebody else'}`,
      recommendations: ['Look at the product, and take one of the two assessments.'],
    }
  if (policy === 'first') return { take: false, rule: 'first' }
  return { take: Number(values.assessed_at) >= Number(row.assessed_at ?? 0), rule: 'newest(assessed_at)' }
}

/** Whether an edit's base is the assessment that stands, as far as it tells of one. */
function saw(base: Row, row: Row): boolean {
  const told = verdict.filter((name) => name in base)
  return (
    told.some((name) => base[name] !== null && base[name] !== PENDING) &&
    told.every((name) => base[name] === (row[name] ?? null))
  )
}

/** A listing is named by what its address comes to: the sheet shows the address. */
const inSheet = tab(listingTable, {
  match: ['id'],
  complete: (values) => ({ ...values, id: listingKey(String(values.product_url ?? '')) }),
  from: ['product_url'],
  columns: { product_url: { type: 'text' } },
})

export const listingsSystem: System = {
  name: 'listings',
  tables: [listingTable],
  links: [sheet('listings', inSheet)],
}
