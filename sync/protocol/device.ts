import * as z from 'zod'
import { Scalar, Time } from './common.ts'

// What travels between devices and push-pull (docs/protocol.md). Fields are only ever added.

export const PROTOCOL = 1
/** Mutations of one push; rows of a page, and of one of a first reading */
export const DEVICE_LIMITS = {
  mutations: 1_000,
  rows: 1_000,
  snapshot: 3_000,
  key: 2_000,
  text: 20_000,
  bucket: 500,
} as const

/** Types of columns as devices know them; `money` is in the smallest unit, `time` is ISO-8601 with milliseconds. */
export const DeviceType = z.enum(['text', 'url', 'integer', 'real', 'money', 'time'])
export type DeviceType = z.infer<typeof DeviceType>

export const DeviceColumn = z
  .object({
    name: z.string(),
    type: DeviceType,
    /** Devices may propose it */
    write: z.boolean(),
    /** Longest text, in characters */
    max: z.number().int().optional(),
    /** What it may hold, where that is limited */
    values: z.array(z.string()).optional(),
    /** Names under which programs are known to keep it */
    aliases: z.array(z.string()).optional(),
  })
  .meta({ id: 'DeviceColumn' })
export type DeviceColumn = z.infer<typeof DeviceColumn>

export const DeviceTableView = z
  .object({
    name: z.string(),
    lane: z.string(),
    key: z.string(),
    label: z.string(),
    columns: z.array(DeviceColumn),
  })
  .meta({ id: 'DeviceTable' })
export type DeviceTableView = z.infer<typeof DeviceTableView>

/** How an operator wants devices to sync. A device that can't obey one does what it did before there were any. */
const DeviceSettings = z
  .object({
    /** Sync by yourself: after an edit, when told of news, when back on line; else only when a person says so */
    autoSyncEnabled: z.boolean(),
    /** And this often whatever happens, in minutes; null: only when there is a reason */
    syncIntervalMinutes: z.number().int().nullable(),
    /** Tries of a sync that fails, after the first, before it is reported as failed */
    maxRetries: z.number().int(),
    /** Most mutations of one push */
    batchSize: z.number().int(),
  })
  .meta({ id: 'DeviceSettings' })
export type DeviceSettings = z.infer<typeof DeviceSettings>

export const TablesAnswer = z
  .object({
    protocol: z.literal(PROTOCOL),
    tables: z.array(DeviceTableView),
    settings: DeviceSettings.optional(),
  })
  .meta({ id: 'TablesAnswer' })
export type TablesAnswer = z.infer<typeof TablesAnswer>

const values = z.record(z.string().max(100), Scalar)

/** One edit of one row. Each is judged alone: a bad one is rejected, and the others go on. */
export const DeviceMutation = z
  .strictObject({
    table: z.string().max(100),
    op: z.enum(['insert', 'update', 'delete']),
    key: z.string().min(1).max(DEVICE_LIMITS.key),
    /** Columns that changed */
    values: values.optional(),
    /** What the server's row said of these columns when they were changed; of a `delete`: what the row that is deleted said */
    base: values.optional(),
    /** When, by the device's clock */
    at: Time.optional(),
  })
  .meta({ id: 'Mutation' })
export type DeviceMutation = z.infer<typeof DeviceMutation>

const Lane = z.string().min(1).max(200)
const Cursor = z.string().min(1).max(2_500)
const Incarnation = z.string().regex(/^[\w-]{1,64}$/, '1 to 64 letters, digits, - or _')

export const PullQuery = z.object({ lane: Lane, cursor: Cursor.optional() })

const Key = z.string().max(DEVICE_LIMITS.key)

export const RowsQuery = z.object({
  lane: Lane,
  table: z.string(),
  from: Key.optional(),
  limit: z.coerce.number().int().min(1).max(DEVICE_LIMITS.bucket).default(DEVICE_LIMITS.bucket),
})

export const DigestQuery = RowsQuery.omit({ limit: true }).extend({
  columns: z
    .string()
    .max(2_000)
    .optional()
    .meta({ description: 'Names with commas between; all without it' }),
})

/** Digests of a table's live rows, for a device that compares its own. */
export const DigestAnswer = z
  .object({
    version: z.number().int(),
    columns: z.array(z.string()),
    /** First key, count of rows, and SHA-256 in hexadecimal of the rows as lines of JSON */
    buckets: z.array(z.tuple([z.string(), z.number().int(), z.string()])),
    /** Where the next answer begins; absent: this is the end */
    next: z.string().optional(),
  })
  .meta({ id: 'Digest' })
export type DigestAnswer = z.infer<typeof DigestAnswer>

/** Live rows in the order of their keys, from a key on. */
export const RowsAnswer = z
  .object({
    version: z.number().int(),
    columns: z.array(z.string()),
    rows: z.array(z.array(Scalar)),
    next: z.string().optional(),
  })
  .meta({ id: 'Rows' })
export type RowsAnswer = z.infer<typeof RowsAnswer>

export const PushInput = z
  .strictObject({
    lane: Lane,
    incarnation: Incarnation,
    /** Number of the first mutation; the others follow it */
    first: z.number().int().min(1).optional(),
    mutations: z.array(z.unknown()).max(DEVICE_LIMITS.mutations).default([]),
    /** Only say what would become of them; nothing is changed */
    dry_run: z.boolean().optional(),
    /** Refuse unless the lane still stands at this version */
    expect: z.number().int().min(0).optional(),
    /** Answer also what changed since */
    cursor: Cursor.optional(),
  })
  .refine(({ first, mutations }) => mutations.length === 0 || first !== undefined, {
    path: ['first'],
    message: 'mutations need the number of the first one',
  })
  .meta({ id: 'PushInput' })
export type PushInput = z.infer<typeof PushInput>

/** Changed rows of one table, each as it stands now. */
export const PageTable = z
  .object({
    name: z.string(),
    columns: z.array(z.string()),
    rows: z.array(z.array(Scalar)),
    deleted: z.array(z.string()),
  })
  .meta({ id: 'PageTable' })
export type PageTable = z.infer<typeof PageTable>

const page = {
  cursor: z.string().optional(),
  more: z.literal(true).optional(),
  /** Part of a first reading */
  fresh: z.literal(true).optional(),
  /** How many rows a first reading has; in its first page */
  total: z.number().int().optional(),
  /** The cursor can't be continued: read everything again */
  resnapshot: z.literal(true).optional(),
  tables: z.array(PageTable).optional(),
  /** Conflicts that were settled since: id, table and key of the row. The row stands as it is shown, or is gone */
  resolved: z.array(z.tuple([z.string(), z.string(), z.string()])).optional(),
  /** Rows of this device that wait whole in a conflict again, though the page shows them as deleted: id, table and key */
  reopened: z.array(z.tuple([z.string(), z.string(), z.string()])).optional(),
}

export const PullAnswer = z.object(page).meta({ id: 'PullAnswer' })
export type PullAnswer = z.infer<typeof PullAnswer>

export const MutationResult = z
  .object({
    n: z.number().int(),
    status: z.enum(['applied', 'merged', 'conflict', 'rejected']),
    /** What the server calls the row, where the device called it otherwise */
    key: z.string().optional(),
    /** Columns that stand otherwise than proposed */
    set: values.optional(),
    reason: z.string().optional(),
    /** Id of the conflict */
    conflict: z.string().optional(),
  })
  .meta({ id: 'MutationResult' })
export type MutationResult = z.infer<typeof MutationResult>

export const PushAnswer = z
  .object({
    /** The highest number that is settled */
    last: z.number().int(),
    /** Those that were not simply applied */
    results: z.array(MutationResult).optional(),
    /** `dry_run`: the lane's version that it was judged at */
    version: z.number().int().optional(),
    ...page,
  })
  .meta({ id: 'PushAnswer' })
export type DevicePushAnswer = z.infer<typeof PushAnswer>
