import { join } from 'node:path'
import type { Worker, WorkerConfig } from './workers.ts'

export const ENVIRONMENTS = ['production', 'staging'] as const
export type Environment = (typeof ENVIRONMENTS)[number]

/**
 * The Workers under an environment's names, ready to be written anywhere: their paths are absolute.
 *
 * wrangler's own `[env.staging]` inherits no binding, so five files would say everything twice, and a binding
 * forgotten in one copy would be found out by staging's users. Here the names are the only difference, made in one
 * place; the price is that a bare `wrangler deploy --env staging` doesn't exist.
 */
export function inEnvironment(workers: readonly Worker[], environment: Environment): WorkerConfig[] {
  const rename = (name: string) => (environment === 'production' ? name : `${name}-${environment}`)
  return workers.map(({ config, folder }) => ({
    ...config,
    name: rename(config.name),
    main: join(folder, config.main),
    ...(config.assets && { assets: { ...config.assets, directory: join(folder, config.assets.directory) } }),
    d1_databases: config.d1_databases.map((database) => ({
      ...database,
      database_name: rename(database.database_name),
      database_id: rename(database.database_id),
      migrations_dir: join(folder, database.migrations_dir),
    })),
    ...(config.durable_objects && {
      durable_objects: {
        ...config.durable_objects,
        bindings: config.durable_objects.bindings.map((binding) =>
          binding.script_name ? { ...binding, script_name: rename(binding.script_name) } : binding,
        ),
      },
    }),
    services: config.services.map((binding) => ({ ...binding, service: rename(binding.service) })),
    ...(config.queues && {
      queues: {
        ...config.queues,
        producers: config.queues.producers.map((p) => ({ ...p, queue: rename(p.queue) })),
        consumers: config.queues.consumers.map((c) => ({
          ...c,
          queue: rename(c.queue),
          ...(c.dead_letter_queue && { dead_letter_queue: rename(c.dead_letter_queue) }),
        })),
      },
    }),
    r2_buckets: config.r2_buckets.map((bucket) => ({ ...bucket, bucket_name: rename(bucket.bucket_name) })),
    // A rate limit is counted by its id, account-wide: the environments may not share one.
    ratelimits: config.ratelimits.map((limit) => ({
      ...limit,
      namespace_id: String(Number(limit.namespace_id) + ENVIRONMENTS.indexOf(environment)),
    })),
  }))
}

/** The same with the ids that Cloudflare gave to the databases. */
export function withDatabaseIds(
  workers: readonly WorkerConfig[],
  databases: readonly { name: string; id: string }[],
): WorkerConfig[] {
  const ids = new Map(databases.map(({ name, id }) => [name, id]))
  return workers.map((config) => ({
    ...config,
    d1_databases: config.d1_databases.map((d) => ({
      ...d,
      database_id: ids.get(d.database_name) ?? d.database_id,
    })),
  }))
}
