import type { Row } from '../../db/database.ts'
import { type Durable, seed } from '../engine/world.ts'

/** What the suite needs to know of a link to hold it to the laws. A link without a fixture fails the suite. */
export interface Fixture {
  readonly scope: string
  readonly parts: readonly string[]
  readonly seed: (world: Durable) => void
  /** The n-th row of a part as the remote shows it */
  readonly row: (part: string, n: number) => Row
  /** The same row after someone changed it, so that its rule takes the change */
  readonly edited: (row: Row) => Row
}

export const fixtures: Readonly<Record<string, Fixture>> = {
  'smart-sync.sheet': {
    scope: 'w1',
    parts: ['p1', 'p2'],
    seed: (world) => seed(world, 2),
    row: (part, n) => ({
      profile_url: `https://site.test/${part}/${n}`,
      username: `user ${n}`,
      followers: n * 10,
      likes: n,
    }),
    edited: (row) => ({ ...row, followers: Number(row.followers) + 1 }),
  },
  'smart-sync.readers': {
    scope: 'w1',
    parts: ['youtube', 'tool'],
    seed: (world) => {
      seed(world, 1)
      world.file.exec(
        `INSERT INTO config VALUES ('smart-sync.readers', '{"readers": [{"source": "youtube"}, {"source": "tool"}]}', 0, 'ann')`,
      )
    },
    row: (part, n) => ({
      id: `a${n}:views:${part}`,
      account_id: `a${n}`,
      metric: 'views',
      source: part,
      value: n,
      at: 1_000,
    }),
    edited: (row) => ({ ...row, value: Number(row.value) + 1, at: Number(row.at) + 1 }),
  },
  'reference.sheet': {
    scope: 'shared',
    parts: ['employee_settings'],
    seed: (world) => linked(world, 'sheets.reference'),
    row: (_part, n) => ({ id: `E${n}`, name: `Employee ${n}`, hourly_wage: 1_000 + n, commission: 0.05 }),
    edited: (row) => ({ ...row, hourly_wage: Number(row.hourly_wage) + 1 }),
  },
  'customers.erp': {
    scope: 'ann',
    parts: ['ann'],
    seed: (world) => erpUser(world),
    row: (_part, n) => ({ erp_id: `C${n}`, name: `Customer ${n}`, city: null }),
    edited: (row) => ({ ...row, city: 'Bergamo' }),
  },
  'products.erp': {
    scope: 'shared',
    parts: ['shared'],
    seed: (world) => erpUser(world),
    row: (_part, n) => ({ id: `P${n}`, name: `Product ${n}`, package_size: n }),
    edited: (row) => ({ ...row, package_size: Number(row.package_size) + 1 }),
  },
  'prices.erp': {
    scope: 'shared',
    parts: ['shared'],
    seed: (world) => {
      erpUser(world)
      const insert = world.file.prepare(
        `INSERT INTO products (id, name, name_key, version, updated_at, origin) VALUES (?, ?, ?, 0, 0, 'seed')`,
      )
      for (let n = 0; n < 1_001; n++) insert.run(`P${n}`, `Product ${n}`, `product${n}`)
    },
    row: (_part, n) => ({ id: `P${n}`, name: `Product ${n}`, price: 100 + n, currency: 'EUR' }),
    edited: (row) => ({ ...row, price: Number(row.price) + 1 }),
  },
  'orders.erp': {
    scope: 'ann',
    parts: ['ann'],
    seed: (world) => erpUser(world),
    row: (_part, n) => ({ erp_id: `O${n}`, number: `${n}`, status: 'open', erp_modified_at: 1_000_000 - n }),
    edited: (row) => ({ ...row, status: 'sent', erp_modified_at: Number(row.erp_modified_at) + 1_000_000 }),
  },
}

const erpUser = (world: Durable) =>
  world.file.exec(`INSERT INTO erp_users VALUES ('ann', 'Ann', 'ann', 'sealed', 1, 0)`)

function linked(world: Durable, key: string): void {
  world.file.prepare(`INSERT INTO config VALUES (?, '{"spreadsheet_id":"book-1"}', 0, 'ann')`).run(key)
}

/** What the suite needs to know of a table that is linked both ways: rows as people type them, and an edit of each. */
export interface Typed {
  readonly row: (n: number) => Row
  readonly edited: (n: number) => Row
}

/** Rows of one table contradict each other nowhere, edited or not. */
export const typed: Readonly<Record<string, Typed>> = {
  employee_settings: {
    row: (n) => ({ id: `E-${n}`, name: `Name ${n}`, hourly_wage: 1_000 + n, commission: 0.05 }),
    edited: (n) => ({ hourly_wage: 5_000 + n }),
  },
  dynamic_rates: {
    row: (n) => ({ range_from: n * 100, range_to: n * 100 + 100, rate: 0.01 }),
    edited: (n) => ({ rate: 0.5 + n / 10 }),
  },
  ranks: {
    row: (n) => ({
      name: `Rank ${n}`,
      min_amount: n * 100,
      max_amount: n * 100 + 100,
      bonus: n,
      emoji: null,
    }),
    edited: (n) => ({ bonus: 7_000 + n }),
  },
  listings: {
    row: (n) => ({ product_url: `https://shop.test/item/${n}`, title: `Item ${n}`, price: 100 + n }),
    edited: (n) => ({ title: `Other ${n}` }),
  },
  employees: {
    row: (n) => ({ employee_id: `B-${n}`, name: `Name ${n}`, monthly_pay: 1_000_00 + n, active: 'yes' }),
    edited: (n) => ({ monthly_pay: 2_000_00 + n }),
  },
}
