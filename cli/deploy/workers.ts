import { readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { parse } from 'smol-toml'
import * as z from 'zod'

/** The repository: every path of a Worker begins here. */
export const ROOT = resolve(import.meta.dirname, '../..')

/** The configuration of each Worker. The gateway comes first: locally it is the one that answers HTTP. */
export const CONFIG_FILES = [
  'wrangler.toml',
  'workers/smart-sync/wrangler.toml',
  'workers/push-pull/wrangler.toml',
  'workers/delta-check/wrangler.toml',
  'workers/coordinator/wrangler.toml',
] as const

/** What deploying reads and changes; the rest of a wrangler.toml passes through as it is. */
const Config = z.looseObject({
  name: z.string(),
  main: z.string(),
  workers_dev: z.boolean(),
  assets: z.looseObject({ directory: z.string() }).optional(),
  d1_databases: z
    .array(
      z.looseObject({
        binding: z.string(),
        database_name: z.string(),
        database_id: z.string(),
        migrations_dir: z.string(),
      }),
    )
    .default([]),
  durable_objects: z
    .looseObject({
      bindings: z.array(z.looseObject({ name: z.string(), script_name: z.string().optional() })),
    })
    .optional(),
  services: z.array(z.looseObject({ binding: z.string(), service: z.string() })).default([]),
  queues: z
    .looseObject({
      producers: z.array(z.looseObject({ binding: z.string(), queue: z.string() })).default([]),
      consumers: z
        .array(z.looseObject({ queue: z.string(), dead_letter_queue: z.string().optional() }))
        .default([]),
    })
    .optional(),
  r2_buckets: z.array(z.looseObject({ binding: z.string(), bucket_name: z.string() })).default([]),
  ratelimits: z
    .array(z.looseObject({ name: z.string(), namespace_id: z.string().regex(/^\d+$/) }))
    .default([]),
  secrets: z.object({ required: z.array(z.string()) }).optional(),
})
export type WorkerConfig = z.infer<typeof Config>

/** A Worker and the folder that the paths in its configuration are relative to. */
export type Worker = { config: WorkerConfig; folder: string }

export function readWorkers(root: string = ROOT): Worker[] {
  return CONFIG_FILES.map((file) => {
    const path = join(root, file)
    const parsed = Config.safeParse(parse(readFileSync(path, 'utf8')))
    if (!parsed.success) throw new Error(`${file} is not as expected:\n${z.prettifyError(parsed.error)}`)
    return { config: parsed.data, folder: dirname(path) }
  })
}
