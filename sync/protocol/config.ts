import * as z from 'zod'
import { AssessmentRules } from './assessments.ts'
import { MetricName } from './smart-sync.ts'
import { SyncConfig } from './sync-config.ts'

const Hours = z
  .number()
  .min(0.25)
  .max(24 * 30)

/** How often smart sync asks Google whether a sheet changed, and how often it reads it whatever the answer. */
const Schedule = z.strictObject({
  check_minutes: z
    .number()
    .min(1)
    .max(24 * 60)
    .default(30),
  full_hours: z
    .number()
    .min(1)
    .max(24 * 30)
    .default(24),
})

/** Further header names by column: `{ "followers": ["Abonnenten"] }`. */
const Aliases = z.partialRecord(
  z.enum(['profile_url', 'platform', 'username', 'followers', 'likes', 'comments', 'videos', 'views', 'pin']),
  z.array(z.string().trim().min(1).max(100)).max(50),
)

const Source = z.string().regex(/^[\w.-]{1,50}$/)

const YouTubeReader = z.strictObject({ type: z.literal('youtube'), source: Source.default('youtube') })

const PLACES = ['username', 'profile_url', 'platform']

/** `https://host/path/{username}`: the host is fixed, so that no account's data chooses whom we call. */
const UrlTemplate = z
  .string()
  .max(2_000)
  .refine(
    (text) => {
      const names = [...text.matchAll(/\{([^{}]*)\}/g)].map(([, name]) => name ?? '')
      return /^https?:\/\/[^/{}?#@\s]+[/?]/.test(text) && names.every((name) => PLACES.includes(name))
    },
    `an http(s) address with a fixed host; in its path and query {${PLACES.join('}, {')}}`,
  )

/** Any JSON over HTTP, one call an account. */
export const JsonReaderConfig = z.strictObject({
  type: z.literal('json'),
  source: Source,
  /** Asked about accounts of these platforms */
  platforms: z.array(z.string().min(1).max(50)).min(1),
  url: UrlTemplate,
  headers: z.record(z.string(), z.string().max(1_000)).default({}),
  /** Where each metric stands in the answer: `data.stats.followerCount`, `items.0.likes` */
  fields: z
    .partialRecord(MetricName, z.string().regex(/^[^.\s]+(\.[^.\s]+)*$/, 'names joined by dots'))
    .refine((fields) => Object.keys(fields).length > 0, 'at least one metric'),
})
export type JsonReaderConfig = z.infer<typeof JsonReaderConfig>

/** Parsers that Tidemark calls itself, and how often. */
const Readers = z.strictObject({
  every_hours: Hours.default(6),
  readers: z
    .array(z.discriminatedUnion('type', [YouTubeReader, JsonReaderConfig]))
    .max(20)
    .refine(
      (list) => new Set(list.map(({ source }) => source)).size === list.length,
      'each needs its own source',
    )
    .default([]),
})
export type ReaderConfig = z.infer<typeof Readers>['readers'][number]
export const ReaderConfig = z.discriminatedUnion('type', [YouTubeReader, JsonReaderConfig])

/** How the ERP is talked to, all four lists together. */
const ErpConnection = z.strictObject({
  /** Calls under way at once. 1: an ERP that can do one thing at a time */
  concurrency: z.number().int().min(1).max(6).default(1),
  dialect: z.enum(['json', 'html']).default('json'),
  /** Whose login reads the lists that all share; null: the first active user's */
  catalogue_user: z.string().nullable().default(null),
})

const minutes = (usual: number) =>
  z
    .number()
    .min(1)
    .max(24 * 60)
    .default(usual)
const hours = (usual: number) =>
  z
    .number()
    .min(0.05)
    .max(24 * 30)
    .default(usual)
const probe = (usual: 'stamp' | 'recentFirst' | 'rolling') =>
  z.enum(['stamp', 'recentFirst', 'rolling']).default(usual)
/** rolling: pages of a check beside the first and the last */
const probePages = z.number().int().min(1).max(100).default(10)

const ErpCustomers = z.strictObject({
  check_minutes: minutes(30),
  full_hours: hours(24),
  /** A login starts a run where the last good one is older */
  login_hours: hours(2),
  /** So does a device that comes back on line */
  stale_days: z.number().min(0.05).max(90).default(3),
  probe: probe('rolling'),
  probe_pages: probePages,
})
const ErpProducts = z.strictObject({
  check_minutes: minutes(120),
  full_hours: hours(24),
  probe: probe('stamp'),
  probe_pages: probePages,
})
const ErpPrices = z.strictObject({
  check_minutes: minutes(180),
  full_hours: hours(24),
  probe: probe('rolling'),
  probe_pages: probePages,
})
const ErpOrders = z.strictObject({
  check_minutes: minutes(60),
  full_hours: hours(12),
  login_hours: hours(2),
  /** So does somebody who reads orders that were looked at longer ago */
  lazy_minutes: minutes(10),
  probe: probe('recentFirst'),
  probe_pages: probePages,
  /** Younger orders are asked for their delivery documents again, though the list shows them unchanged */
  overlap_days: z.number().min(0).max(365).default(7),
})

/** What stands where a cell was changed on both sides: the sheet's value, the database's, the later one, or a person says. */
export const SheetPolicy = z.enum(['sheet', 'database', 'newest', 'manual'])
export type SheetPolicy = z.infer<typeof SheetPolicy>

/** A workbook that tables are linked to, both ways. Without a spreadsheet the link rests. */
export const SheetLink = z.strictObject({
  /** The long id in the workbook's address */
  spreadsheet_id: z
    .string()
    .regex(/^[\w-]{1,200}$/)
    .nullable()
    .default(null),
  /** Table -> title of its tab, where that is called otherwise than usual. A tab that is renamed later is found all the same */
  tabs: z.record(z.string(), z.string().trim().min(1).max(100)).default({}),
  check_minutes: z
    .number()
    .min(1)
    .max(24 * 60)
    .default(5),
  full_hours: z
    .number()
    .min(1)
    .max(24 * 30)
    .default(24),
  policy: SheetPolicy.default('sheet'),
  /** Table -> another policy than that */
  policies: z.record(z.string(), SheetPolicy).default({}),
})
export type SheetLink = z.infer<typeof SheetLink>

/** Tables that are copied whole into tabs of a workbook. Without a spreadsheet none is. */
const Backups = z.strictObject({
  /** The long id in the workbook's address */
  spreadsheet_id: z
    .string()
    .regex(/^[\w-]{1,200}$/)
    .nullable()
    .default(null),
  /** Names of tables */
  tables: z
    .array(z.string().regex(/^\w{1,100}$/))
    .max(50)
    .default([]),
  every_hours: Hours.default(24),
})

/** What an operator may change at run time, by key. Applied to the next run without a redeploy. */
export const ConfigValues = {
  'smart-sync.schedule': Schedule,
  'smart-sync.aliases': Aliases,
  'smart-sync.readers': Readers,
  'erp.connection': ErpConnection,
  'customers.erp': ErpCustomers,
  'products.erp': ErpProducts,
  'prices.erp': ErpPrices,
  'orders.erp': ErpOrders,
  'assessments.rules': AssessmentRules,
  'sync.collections': SyncConfig,
  'backups.sheet': Backups,
} as const

/** Settings that there is one of each. */
export const ConfigName = z.enum([
  'smart-sync.schedule',
  'smart-sync.aliases',
  'smart-sync.readers',
  'erp.connection',
  'customers.erp',
  'products.erp',
  'prices.erp',
  'orders.erp',
  'assessments.rules',
  'sync.collections',
  'backups.sheet',
])
type ConfigName = z.infer<typeof ConfigName>

/** The workbook of a link both ways: `sheets.reference`. Which links there are is for the declarations to say. */
const SheetKey: z.ZodType<`sheets.${string}`, string> = z
  .string()
  .regex(/^sheets\.[a-z][a-z_.]{0,60}$/)
  .transform((key) => key as `sheets.${string}`)

export const ConfigKey = z.union([ConfigName, SheetKey], {
  error: `no setting is called so; there are ${ConfigName.options.join(', ')}, and sheets.… of each link`,
})
export type ConfigKey = z.infer<typeof ConfigKey>

/** What a setting takes. */
export const configValue = (key: ConfigKey): z.ZodType<object> =>
  key in ConfigValues ? ConfigValues[key as ConfigName] : SheetLink

/** A setting that an operator made. */
export const ConfigEntry = z
  .object({ key: z.string(), value: z.unknown(), updated_at: z.iso.datetime(), updated_by: z.string() })
  .meta({ id: 'ConfigEntry' })

/** A setting as it holds: made, or the default. */
export const ConfigSetting = ConfigEntry.extend({
  updated_at: z.iso.datetime().nullable(),
  updated_by: z.string().nullable(),
}).meta({ id: 'ConfigSetting' })
