import type { SqlValue } from '../../db/database.ts'
import type { SheetPolicy } from '../../sync/protocol/config.ts'
import type { DeviceMutation } from '../../sync/protocol/device.ts'
import type { Program } from './laptop-replica.ts'
import type { Shape } from './sheet-shapes.ts'

/** A table that stands in a tab and on devices at once. */
export interface MixedShape extends Shape {
  /** The link is `<link>.sheet`, set under `sheets.<link>` */
  readonly link: string
  readonly lane: string
  /** How a laptop's own program keeps it */
  readonly program: Program
  /** A phone keeps it too; else a second laptop does */
  readonly hasPhone: boolean
  /** Columns that devices keep */
  readonly kept: readonly string[]
  /** Those that they edit */
  readonly edited: readonly string[]
  /** What an operator set for devices, by the policy of the sheet */
  readonly setting: (policy: SheetPolicy) => readonly [key: string, value: object]
  /** A row as a device makes it */
  made(slot: number, row: Readonly<Record<string, SqlValue>>): { key: string; values: Row }
  /** What else a device and a person at the tab say of a row: a verdict, or a value that another row has */
  odd(
    row: Readonly<Row>,
    other: Readonly<Row>,
    n: number,
    at: string,
  ): { device: Partial<DeviceMutation>; cell: [string, SqlValue] }
}

type Row = Record<string, string | number | null>

const STATUSES = ['modest', 'moderately_modest', 'not_modest'] as const

const listings: MixedShape = {
  table: 'listings',
  link: 'listings',
  lane: 'listings',
  hasPhone: true,
  name: 'product_url',
  keyed: true,
  called: (fresh) => url(`n${fresh}`),
  mark: 'retailer',
  free: ['title', 'image_url', 'price'],
  columns: ['product_url', 'title', 'retailer', 'image_url', 'price', 'lifecycle_stage', 'modesty_status'],
  implied: ['lifecycle_stage', 'modesty_status'],
  // The stage is never empty, and follows from a status.
  mend({ lifecycle_stage: stage = null, modesty_status: status = null }) {
    const right = status === null ? (stage ?? 'pending_assessment') : stageOf(status)
    return stage === right ? null : ['lifecycle_stage', right]
  },
  headers: {
    product_url: 'Product url',
    title: 'Title',
    retailer: 'Retailer',
    image_url: 'Image url',
    price: 'Price',
    lifecycle_stage: 'Lifecycle stage',
    modesty_status: 'Modesty status',
  },
  money: ['price'],
  tab: 'Listings',
  row: (slot, fresh) => ({
    product_url: url(slot),
    title: `t${fresh()}`,
    retailer: `m${slot}`,
    image_url: `https://img.example/${fresh()}`,
    price: fresh(),
  }),
  value: (column, _row, fresh) =>
    column === 'price' ? fresh : column === 'title' ? `t${fresh}` : `https://img.example/${fresh}`,
  wrong: (_row, fresh) => [fresh % 2 === 0 ? 'title' : 'image_url', null],
  program: {
    sql: `CREATE TABLE products (
      id INTEGER PRIMARY KEY, url TEXT UNIQUE NOT NULL, title TEXT, retailer TEXT, image_url TEXT,
      lifecycle_stage TEXT DEFAULT 'pending_assessment', modesty_status TEXT, assessed_at TEXT, notes TEXT
    )`,
    table: 'products',
    shared: 'listings',
  },
  kept: ['title', 'retailer', 'image_url', 'lifecycle_stage', 'modesty_status'],
  edited: ['title', 'image_url'],
  setting: (policy) => [
    'assessments.rules',
    { policy: policy === 'manual' ? 'review' : policy === 'newest' ? 'newest' : 'first' },
  ],
  made: (slot, { product_url, title, retailer }) => ({
    key: url(slot),
    values: { product_url, title, retailer, lifecycle_stage: 'pending_assessment' } as Row,
  }),
  odd(_row, _other, n, at) {
    const status = STATUSES[n % STATUSES.length] as string
    return {
      device: {
        at,
        values: {
          lifecycle_stage: stageOf(status),
          modesty_status: status,
          assessed_at: at,
        },
      },
      cell: n % 5 === 0 ? ['lifecycle_stage', 'pending_assessment'] : ['modesty_status', status],
    }
  },
}

const employees: MixedShape = {
  table: 'employees',
  link: 'collections.employees',
  lane: 'employees',
  hasPhone: false,
  name: null,
  mark: 'phone',
  free: ['name', 'role', 'employee_id', 'monthly_pay'],
  columns: ['employee_id', 'name', 'role', 'phone', 'monthly_pay'],
  headers: {
    employee_id: 'Employee id',
    name: 'Name',
    role: 'Role',
    phone: 'Phone',
    monthly_pay: 'Monthly pay',
  },
  money: ['monthly_pay'],
  tab: 'Employees',
  row: (slot, fresh) => ({
    employee_id: `e${fresh()}`,
    name: `n${fresh()}`,
    role: `r${fresh()}`,
    phone: `m${slot}`,
    monthly_pay: fresh(),
  }),
  value: (column, _row, fresh) => (column === 'monthly_pay' ? fresh : `${column[0]}${fresh}`),
  wrong: (_row, fresh) => [fresh % 2 === 0 ? 'role' : 'name', null],
  program: {
    sql: 'CREATE TABLE staff (id TEXT PRIMARY KEY, employee_id TEXT, name TEXT, role TEXT, phone TEXT)',
    table: 'staff',
    shared: 'employees',
    key: 'id',
  },
  kept: ['employee_id', 'name', 'role', 'phone'],
  edited: ['name', 'role', 'employee_id'],
  setting: (policy) => [
    'sync.collections',
    {
      conflictResolutionStrategy: {
        sheet: 'keep_local',
        database: 'keep_remote',
        newest: 'newest',
        manual: 'manual',
      }[policy],
    },
  ],
  made: (slot, { employee_id, name, role, phone }) => ({
    key: `d${slot}`,
    values: { employee_id, name, role, phone } as Row,
  }),
  odd: (_row, { employee_id = null }) => ({
    device: { values: { employee_id } },
    cell: ['employee_id', employee_id],
  }),
}

const stageOf = (status: SqlValue) => (status === 'not_modest' ? 'assessed_rejected' : 'assessed_approved')
const url = (n: number | string) => `https://shop.example/p${n}`

export const MIXED: readonly MixedShape[] = [listings, employees]
