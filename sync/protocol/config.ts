import * as z from 'zod'

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

/** Any JSON over HTTP: `{username}`, `{profile_url}` and `{platform}` in the URL; per metric the path to its number. */
const JsonReader = z.strictObject({
  type: z.literal('json'),
  source: Source,
  /** Asked for accounts of this platform only; absent: for all */
  platform: z.string().max(50).optional(),
  url: z.string().max(2_000),
  fields: z.partialRecord(
    z.enum(['followers', 'likes', 'comments', 'videos', 'views']),
    z.string().regex(/^[\w-]+(\.[\w-]+)*$/, 'a path like data.stats.followerCount'),
  ),
  headers: z.record(z.string(), z.string().max(1_000)).optional(),
})

/** Parsers that Tidemark calls itself, and how often. */
const Readers = z.strictObject({
  every_hours: Hours.default(6),
  readers: z
    .array(z.discriminatedUnion('type', [YouTubeReader, JsonReader]))
    .max(20)
    .refine(
      (list) => new Set(list.map(({ source }) => source)).size === list.length,
      'each needs its own source',
    ),
})
export type ReaderConfig = z.infer<typeof Readers>['readers'][number]
export const ReaderConfig = z.discriminatedUnion('type', [YouTubeReader, JsonReader])

/** What an operator may change at run time, by key. Applied to the next run without a redeploy. */
export const ConfigValues = {
  'smart-sync.schedule': Schedule,
  'smart-sync.aliases': Aliases,
  'smart-sync.readers': Readers,
} as const

export const ConfigKey = z.enum(['smart-sync.schedule', 'smart-sync.aliases', 'smart-sync.readers'])
export type ConfigKey = z.infer<typeof ConfigKey>

export const ConfigEntry = z
  .object({ key: ConfigKey, value: z.unknown(), updated_at: z.iso.datetime(), updated_by: z.string() })
  .meta({ id: 'ConfigEntry' })
