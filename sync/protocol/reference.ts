import * as z from 'zod'
import { Time } from './common.ts'
import { RunStatus } from './runs.ts'

// Money is an integer in the smallest unit (1,250 is 12.50), a share is a fraction (0.08 is 8 %), also in requests.

const A_FRACTION = 'a fraction: 8 % is 0.08'

const Money = z.number().int().meta({ description: 'In the smallest unit: 1250 is 12.50' })
const Share = z.number().meta({ description: 'A fraction: 0.08 is 8 %' })
/** Who means 8 % and says 8 is told, as in the sheet. */
const ShareInput = Share.min(-1, A_FRACTION).max(1, A_FRACTION)

/** What is known of a row beside what people keep in it. All of it is derived. */
const Metadata = {
  /** When the whole workbook was last read, or last said that nothing changed; null: never yet, as while one of its tabs is held */
  last_synced_at: Time.nullable(),
  last_modified_at: Time.nullable(),
  /** Where the row was changed last */
  source: z.enum(['sheets', 'local']),
  /** `pending`: the sheet doesn't show all of it yet. `conflict`: something of it waits for a person */
  sync_status: z.enum(['synced', 'pending', 'conflict']),
  /** For `If-Match`; 0: it was read from the sheet, and is not in the database yet */
  version: z.number().int(),
}

export const EmployeeSetting = z
  .object({
    id: z.string(),
    name: z.string().nullable(),
    hourly_wage: Money,
    commission: Share,
    ...Metadata,
  })
  .meta({ id: 'EmployeeSetting' })
export type EmployeeSetting = z.infer<typeof EmployeeSetting>

/** `range_to` is not part of the range; null: it has no end. */
export const DynamicRate = z
  .object({ id: z.string(), range_from: Money, range_to: Money.nullable(), rate: Share, ...Metadata })
  .meta({ id: 'DynamicRate' })
export type DynamicRate = z.infer<typeof DynamicRate>

/** `max_amount` is not part of the rank; null: it has no end. */
export const Rank = z
  .object({
    id: z.string(),
    name: z.string(),
    min_amount: Money,
    max_amount: Money.nullable(),
    bonus: Money.nullable(),
    emoji: z.string().nullable(),
    ...Metadata,
  })
  .meta({ id: 'Rank' })
export type Rank = z.infer<typeof Rank>

/** What a row may be set to; columns that are not named stay. A new row needs all that are never empty. */
export const EmployeeSettingInput = z
  .strictObject({ name: z.string().max(200).nullable(), hourly_wage: Money, commission: ShareInput })
  .partial()
export const DynamicRateInput = z
  .strictObject({ range_from: Money, range_to: Money.nullable(), rate: ShareInput })
  .partial()
export const RankInput = z
  .strictObject({
    name: z.string().trim().min(1).max(200),
    min_amount: Money,
    max_amount: Money.nullable(),
    bonus: Money.nullable(),
    emoji: z.string().max(20).nullable(),
  })
  .partial()

/** Name of a row in an address: an employee's id, a rank's name or id, a rate's id or any name of the caller's own. */
export const RowName = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^\P{Cc}*$/u, 'it has a character that nobody can type')

/** An amount in the smallest unit, in an address. */
export const Amount = z
  .string()
  .regex(/^-?\d{1,15}$/, 'a whole number: 12.50 is 1250')
  .transform(Number)
  .meta({ type: 'integer' })

/** The version that a write is based on: `"12"`, or the ETag of a read; `*`: any that is there. */
export const IfMatch = z
  .string()
  .regex(/^\s*(\*|(W\/)?"\d{1,15}(\.[^"]*)?")\s*$/, 'a version in quotation marks ("12"), or *')

/** What was started. */
export const ReferenceSync = z
  .object({
    success: z.literal(true),
    answer: z.enum(['queued', 'joined']),
    run_id: z.string(),
    timestamp: Time,
  })
  .meta({ id: 'ReferenceSync' })

const Count = z.number().int().nonnegative()

/** How the syncs of one table went. Runs read all tables of the workbook: their time and calls are those of all. */
export const TableStatistics = z
  .object({
    table: z.string(),
    /** Live rows */
    rows: Count,
    last_sync_at: Time.nullable(),
    last_status: z.enum(['waiting', 'done', 'unchanged', 'degraded', 'failed']).nullable(),
    /** Runs that the numbers below are of: the last fifty */
    runs: Count,
    /** Rows that came from the sheet, by the last run and by all of them */
    rows_in: z.object({ last: Count, all: Count }),
    /** Cells that went to the sheet */
    cells_out: z.object({ last: Count, all: Count }),
    duration_ms: z.object({ last: Count.nullable(), median: Count.nullable() }),
    /** Share of the runs in which this table failed, or was not read */
    error_rate: z.number().min(0).max(1),
    calls: z.object({ last: Count, day: Count }),
  })
  .meta({ id: 'TableStatistics' })
export type TableStatistics = z.infer<typeof TableStatistics>

export const ReferenceStatistics = z
  .object({
    link: z.string(),
    running: z.string().nullable().meta({ description: 'Id of the run that waits or runs' }),
    last_run: z.object({ id: z.string(), status: RunStatus, finished_at: Time.nullable() }).nullable(),
    tables: z.array(TableStatistics),
    timestamp: Time,
  })
  .meta({ id: 'ReferenceStatistics' })
export type ReferenceStatistics = z.infer<typeof ReferenceStatistics>
