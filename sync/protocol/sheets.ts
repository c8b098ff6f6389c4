import * as z from 'zod'
import { Time } from './common.ts'
import { SheetPolicy } from './config.ts'
import { RunStatus } from './runs.ts'

/** What the script of a workbook sends: that it changed, and nothing of what stands in it. */
export const SheetPing = z.strictObject({
  spreadsheet_id: z.string().regex(/^[\w-]{1,200}$/),
  /** Ids of the tabs, where they are known; for the log */
  tabs: z.array(z.number().int()).max(200).optional(),
})

/** What a ping started. */
export const SheetPinged = z
  .object({
    success: z.literal(true),
    runs: z.array(z.object({ link: z.string(), scope: z.string(), run_id: z.string() })),
  })
  .meta({ id: 'SheetPinged' })

const Count = z.number().int().nonnegative()

/** One table of a link both ways, in its tab. */
const SheetTab = z.object({
  table: z.string(),
  label: z.string(),
  /** Title of the tab as it was set; a tab that was renamed since is found all the same */
  tab: z.string(),
  policy: SheetPolicy,
  rows: Count,
  open_conflicts: Count,
  /** What a guard stopped in it */
  guard: z.object({ conflict: z.string(), kind: z.string(), detail: z.string() }).nullable(),
})

/** A link both ways: tables and their workbook. */
export const Sheet = z
  .object({
    /** What operators call it: `reference` */
    name: z.string(),
    link: z.string(),
    lane: z.string(),
    /** Key of its settings */
    setting: z.string(),
    /** null: no workbook is linked */
    spreadsheet_id: z.string().nullable(),
    url: z.string().nullable(),
    check_minutes: z.number(),
    tabs: z.array(SheetTab),
    last_status: RunStatus.nullable(),
    last_good_at: Time.nullable(),
    last_check_at: Time.nullable(),
    next_due_at: Time.nullable(),
    trouble: z.object({ reason: z.string(), mend: z.string() }).nullable(),
    open_conflicts: Count,
    /** Instant sync: when the workbook's script was heard last, in the last days; null: not */
    last_ping_at: Time.nullable(),
  })
  .meta({ id: 'Sheet' })
export type Sheet = z.infer<typeof Sheet>

/** Instant sync for a workbook: what an admin pastes where. */
export const SheetScript = z
  .object({
    name: z.string(),
    spreadsheet_id: z.string(),
    /** The Apps Script, with the address in it */
    script: z.string(),
    /** Where it sends to */
    address: z.url(),
    /** For the script property; never in the script or an address. An admin may ask for it again */
    secret: z.string(),
    property: z.string(),
    instructions: z.array(z.string()),
  })
  .meta({ id: 'SheetScript' })

/** Calls a minute by what Google counts. */
const Calls = z.object({ read: z.number(), write: z.number() })

/** Which share of Google's quota the configured checks use. */
export const SheetsForecast = z
  .object({
    /** Calls a minute that Google allows, all workbooks together */
    limits: Calls,
    /** As checks went of late */
    expected: Calls,
    /** If each check finds changes, and makes as many calls as the largest run did */
    worst: Calls,
    links: z.array(
      z.object({
        name: z.string(),
        kind: z.enum(['tables', 'workspace']),
        check_minutes: z.number(),
        /** Of the quota of the kind that it uses most of */
        expected_share: z.number(),
        worst_share: z.number(),
        /** At worst the quota does not do for this schedule */
        exceeds: z.boolean(),
        /** An interval that does; null: the present one */
        fits_minutes: z.number().int().nullable(),
      }),
    ),
    timestamp: Time,
  })
  .meta({ id: 'SheetsForecast' })
export type SheetsForecast = z.infer<typeof SheetsForecast>
