import type {
  Customer,
  ErpStatus,
  OrderRequest,
  PriceChange,
  Product,
  ProductImage,
  UnmatchedPrice,
} from '../../sync/protocol/erp.ts'
import type { Run } from '../../sync/protocol/runs.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

export type FakeSystem = ErpStatus['systems'][number]
export type FakeScope = FakeSystem['scopes'][number]

/** The ERP as the fake server knows it. */
export interface FakeErp {
  readonly users: readonly string[]
  systems: FakeSystem[]
  /** Unfinished ones, oldest first */
  runs: Run[]
  gate: ErpStatus['gate']
  forecast: ErpStatus['forecast']
  images: ProductImage[]
  unmatched: UnmatchedPrice[]
  prices: PriceChange[]
  orders: OrderRequest[]
  customers: Customer[]
  products: Product[]
}

/** Names as people have them: short, long, and with what separates them. */
const USERS = [
  'ada',
  'bob',
  'Maximiliane.Oberhausen-Lichtenstein@kundenbetreuung.example.com',
  'jean-pierre+nord',
]

/** Two users, or as many as asked for; none: nothing is set up. */
export function makeErp(count: number, now: number): FakeErp {
  const users = Array.from({ length: count }, (_, i) => USERS[i] ?? `field.agent-${i + 1}`)
  const systems = [
    system('customers', 4, 'rolling', HOUR / 2, 24 * HOUR),
    system('products', 2, 'stamp', 2 * HOUR, 24 * HOUR),
    system('prices', 1, 'rolling', 3 * HOUR, 24 * HOUR),
    system('orders', 3, 'recentFirst', HOUR, 12 * HOUR),
  ]
  if (count > 0) for (const each of systems) addScopes(each, users, now)
  return {
    users,
    systems,
    runs: [],
    gate: { concurrency: 1, inside: [], waiting: [], closed_until: null },
    forecast:
      count > 0
        ? { scopes: 2 * count + 2, call_ms: 3_240, share: 0.034 * count + 0.02 }
        : { scopes: 0, call_ms: null, share: null },
    images: count > 0 ? DEAD.map(deadImage) : [],
    unmatched: count > 0 ? unmatchedPrices(now) : [],
    prices: count > 0 ? priceChanges(now) : [],
    orders: count > 0 ? orderRequests(now) : [],
    customers: count > 0 ? customersOf(users, now) : [],
    products: count > 0 ? PRODUCTS.map((product, i) => productOf(product, i, now)) : [],
  }
}

/** What the status says of it, to an admin (`user` null) or to a user. */
export function erpStatusOf(erp: FakeErp, user: string | null): ErpStatus {
  const isSeen = (scope: string) => user === null || scope === user || scope === 'shared'
  const of = (status: ProductImage['status']) => erp.images.filter((image) => image.status === status).length
  return {
    configured: erp.users.length > 0,
    systems: erp.systems.map((each) => ({
      ...each,
      scopes: each.scopes.filter(({ scope }) => isSeen(scope)),
    })),
    runs: erp.runs.filter(({ scope }) => isSeen(scope)),
    gate: erp.gate,
    forecast: erp.forecast,
    images: { pending: of('pending'), stored: erp.users.length > 0 ? 5_871 : 0, dead: of('dead') },
    unmatched_prices: erp.unmatched.length,
    orders: erp.orders.filter(({ user_id }) => isSeen(user_id)).slice(0, 20),
    timestamp: iso(Date.now()),
  }
}

const system = (
  name: string,
  priority: number,
  probe: FakeSystem['probe'],
  check_ms: number,
  full_ms: number,
): FakeSystem => ({
  link: `${name}.erp`,
  system: name,
  per: name === 'customers' || name === 'orders' ? 'user' : 'shared',
  probe,
  check_ms,
  full_ms,
  priority,
  scopes: [],
})

const ROWS: Readonly<Record<string, number>> = {
  customers: 5_712,
  products: 6_004,
  prices: 5_987,
  orders: 214,
}

function addScopes(system: FakeSystem, users: readonly string[], now: number): void {
  const names = system.per === 'user' ? users : ['shared']
  system.scopes = names.map((scope, i): FakeScope => {
    const rows = Math.max(40, (ROWS[system.system] ?? 100) - i * 131)
    const bound = Math.ceil(rows / 25 / 10)
    return {
      scope,
      lane: system.per === 'user' ? `${system.system}:${scope}` : 'products',
      active: i !== 5,
      rows,
      last_status: i === 4 ? null : 'done',
      last_good_at: iso(now - 20 * MINUTE),
      last_full_at: i === 4 ? null : iso(now - (7 + (i % 9)) * HOUR),
      last_check_at: i === 4 ? null : iso(now - (12 + i) * MINUTE),
      next_due_at: iso(now + (18 + i * 3) * MINUTE),
      trouble: null,
      checks: i === 4 ? 0 : 412 - i * 7,
      skips: i === 4 ? 0 : 380 - i * 7,
      waiting_rows: system.system === 'prices' ? 3 : system.system === 'orders' && i === 1 ? 1 : 0,
      resumes_at_page: null,
      bound: system.probe === 'rolling' ? { checks: bound, ms: bound * system.check_ms } : null,
    }
  })
}

const PRODUCTS = [
  ['Schrauben-Sortiment M4 × 20 verzinkt', 'SCR-0420', 1_249],
  ['Edelstahl-Rückschlagventil mit Doppelkammerdichtung DN 50', 'VLV-50-DKD', 18_990],
  ['Olio extra vergine di oliva, 5 l', 'OIL-5', 4_150],
  ['Farine de blé type 55, sac de 25 kg', 'FLR-55', 2_275],
  ['Donaudampfschifffahrtsgesellschaftskapitänsmütze', 'HAT-1', 7_900],
  ['Cable gland M20', null, 95],
  ['Industrial compressor with dryer and 500 l vessel', 'CMP-500', 1_289_900],
  ['Sample without a price', 'SMP-0', null],
] as const

const productOf = ([name, code, price]: (typeof PRODUCTS)[number], i: number, now: number): Product => ({
  id: `P${1001 + i}`,
  code,
  name,
  description: null,
  product_group: null,
  package_size: 1,
  vat: 22,
  price,
  discount: null,
  currency: 'EUR',
  image: null,
  updated_at: iso(now - i * HOUR),
  version: 10 + i,
})

function priceChanges(now: number): PriceChange[] {
  return Array.from({ length: 14 }, (_, i) => {
    const [name, , price] = PRODUCTS[i % PRODUCTS.length] ?? PRODUCTS[0]
    const after = i === 7 ? null : (price ?? 500)
    const before = i === 3 ? null : Math.round((price ?? 400) * (i % 2 ? 1.08 : 0.955)) + i
    return {
      product_id: `P${1001 + (i % PRODUCTS.length)}`,
      name: i === 9 ? null : name,
      old: before,
      new: after,
      at: iso(now - (12 + i * 97) * MINUTE),
      run_id: i === 5 ? null : '01JD0000000000000000000100',
      id: `${900 - i}.0`,
    }
  })
}

const unmatchedPrices = (now: number): UnmatchedPrice[] => [
  {
    name: 'Rückschlagventil DN 65 (Auslaufartikel, nur auf Anfrage)',
    product_id: null,
    price: 21_400,
    kind: 'unmatched',
    reason: 'No product has this name',
    since: iso(now - 26 * HOUR),
  },
  {
    name: 'CABLE GLAND m20',
    product_id: null,
    price: 99,
    kind: 'ambiguous',
    reason: '2 products have this name: it needs the product’s id',
    since: iso(now - 5 * HOUR),
  },
  {
    name: 'Old stock',
    product_id: 'P9',
    price: 100,
    kind: 'unmatched',
    reason: 'No product has this id',
    since: iso(now - 3 * 24 * HOUR),
  },
]

const DEAD = [
  ['P1002', '/img/vlv-50.jpg', 'The ERP answered 404: there is no such picture.'],
  ['P1007', '/img/compressor-500.tif', 'It is no picture that browsers show: image/tiff, 48 MB.'],
] as const

const deadImage = ([product_id, path, last_error]: (typeof DEAD)[number]): ProductImage => ({
  product_id,
  path,
  status: 'dead',
  attempts: 6,
  last_error,
  type: null,
  bytes: null,
  stored_at: null,
})

const CUSTOMERS = [
  ['Trattoria da Mario', 'Bologna', 'BO'],
  ['Bäckerei Großschönhausen-Niederwürschnitz e. K.', 'Chemnitz', null],
  ['Société anonyme des établissements réunis de la Côte', 'Nice', null],
  ['Mario Rossi', null, null],
] as const

const customersOf = (users: readonly string[], now: number): Customer[] =>
  users.slice(0, 3).flatMap((user) =>
    CUSTOMERS.map(([name, city, province], i) => ({
      id: `${user}:C${i + 1}`,
      erp_id: `C${i + 1}`,
      user_id: user,
      name,
      vat_number: null,
      fiscal_code: null,
      address: null,
      zip: null,
      city,
      province,
      phone: null,
      mobile: null,
      email: null,
      pec: null,
      sdi: null,
      last_order_on: '2026-11-02',
      updated_at: iso(now - HOUR),
      version: i,
    })),
  )

function orderRequests(now: number): OrderRequest[] {
  const request = (n: number, minutes: number, more: Partial<OrderRequest>): OrderRequest => ({
    id: `act-${n}`,
    key: `key-${n}`,
    user_id: 'ada',
    customer: CUSTOMERS[0][0],
    status: 'done',
    erp_id: `E${n}`,
    number: `2026/${1100 + n}`,
    reason: null,
    mend: null,
    actor: 'ada',
    body: { customer_id: 'C1', lines: [{ product_id: 'P1001', quantity: 12 }], note: '' },
    created_at: iso(now - minutes * MINUTE),
    sent_at: iso(now - minutes * MINUTE + 900),
    finished_at: iso(now - minutes * MINUTE + 4_200),
    ...more,
  })
  return [
    request(41, 34, {}),
    request(40, 190, {
      status: 'refused',
      erp_id: null,
      number: null,
      actor: 'Ada',
      customer: CUSTOMERS[1][0],
      reason: 'The ERP refused the order: customer C2 is blocked for unpaid invoices.',
      mend: 'Have the customer unblocked in the ERP, and make the order again.',
      body: { customer_id: 'C2', lines: [{ product_id: 'P1002', quantity: 1 }], note: '' },
    }),
    request(39, 1_500, {
      status: 'unknown',
      erp_id: null,
      number: null,
      user_id: 'bob',
      customer: null,
      actor: 'bob',
      ...DOUBT,
    }),
  ]
}

export const DOUBT = {
  reason: 'The order was sent, no answer came, and the ERP does not show it.',
  mend: 'Look in the ERP whether it is there. If it is not, make it again.',
}

const iso = (ms: number) => new Date(ms).toISOString()
