import type { WorkerConfig } from './workers.ts'

/** What the account holds already. A Worker that isn't listed was never deployed. */
export type Found = {
  databases: { name: string; id: string }[]
  queues: string[]
  buckets: string[]
  workers: Record<string, { secrets: string[]; tag: string | null }>
}

export type Step =
  | { kind: 'create-database'; name: string }
  | { kind: 'create-queue'; name: string }
  | { kind: 'create-bucket'; name: string }
  | { kind: 'migrate'; database: string }
  /** `secrets`: required ones that it, or another that needs the same, doesn't have yet; they go up with the Worker */
  | { kind: 'deploy'; worker: string; secrets: string[] }
  /** The very same code and configuration is live already */
  | { kind: 'keep'; worker: string }

/**
 * What to do, in order: what the Workers are bound to first, then the schema, then the Workers, each after those it
 * calls. `tags` names each Worker's content; a Worker that is live under its tag stays as it is.
 */
export function plan(workers: readonly WorkerConfig[], tags: Record<string, string>, found: Found): Step[] {
  const databases = unique(workers.flatMap((w) => w.d1_databases.map((d) => d.database_name)))
  const existing = new Set(found.databases.map(({ name }) => name))
  const lacking = new Set(workers.flatMap((worker) => missingSecrets(worker, found)))
  return [
    ...databases
      .filter((name) => !existing.has(name))
      .map((name) => ({ kind: 'create-database' as const, name })),
    ...bucketsOf(workers)
      .filter((name) => !found.buckets.includes(name))
      .map((name) => ({ kind: 'create-bucket' as const, name })),
    ...queuesOf(workers)
      .filter((name) => !found.queues.includes(name))
      .map((name) => ({ kind: 'create-queue' as const, name })),
    ...databases.map((database) => ({ kind: 'migrate' as const, database })),
    ...deployOrder(workers).map(({ name, secrets }): Step => {
      const live = found.workers[name]
      // A secret can't be read back: two Workers have the same one only if they are given it together.
      const missing = (secrets?.required ?? []).filter((secret) => lacking.has(secret))
      const unchanged = live !== undefined && live.tag !== null && live.tag === tags[name]
      return unchanged && missing.length === 0
        ? { kind: 'keep', worker: name }
        : { kind: 'deploy', worker: name, secrets: missing }
    }),
  ]
}

function missingSecrets({ name, secrets }: WorkerConfig, found: Found): string[] {
  return (secrets?.required ?? []).filter((secret) => !found.workers[name]?.secrets.includes(secret))
}

/** Each Worker after the ones that it is bound to: Cloudflare refuses a binding to a Worker that isn't there. */
function deployOrder(workers: readonly WorkerConfig[]): WorkerConfig[] {
  const placed = new Set<string>()
  const order: WorkerConfig[] = []
  while (order.length < workers.length) {
    const ready = workers.filter(
      (worker) => !placed.has(worker.name) && boundTo(worker).every((name) => placed.has(name)),
    )
    if (ready.length === 0) {
      const left = workers.filter(({ name }) => !placed.has(name)).map(({ name }) => name)
      throw new Error(`${left.join(', ')} are bound to each other, or to a Worker that isn't among the five`)
    }
    for (const worker of ready) {
      placed.add(worker.name)
      order.push(worker)
    }
  }
  return order
}

export function queuesOf(workers: readonly WorkerConfig[]): string[] {
  return unique(
    workers.flatMap(({ queues }) => [
      ...(queues?.producers ?? []).map(({ queue }) => queue),
      ...(queues?.consumers ?? []).flatMap(({ queue, dead_letter_queue }) =>
        dead_letter_queue ? [dead_letter_queue, queue] : [queue],
      ),
    ]),
  )
}

export function bucketsOf(workers: readonly WorkerConfig[]): string[] {
  return unique(workers.flatMap(({ r2_buckets }) => r2_buckets.map(({ bucket_name }) => bucket_name)))
}

function boundTo(worker: WorkerConfig): string[] {
  const objects = worker.durable_objects?.bindings.flatMap(({ script_name }) => script_name ?? []) ?? []
  return [...objects, ...worker.services.map(({ service }) => service)].filter((name) => name !== worker.name)
}

const unique = (names: string[]) => [...new Set(names)]
