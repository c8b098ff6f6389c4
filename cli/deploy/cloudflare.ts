import type { Found } from './plan.ts'
import type { Wrangler, WranglerResult } from './wrangler.ts'

/** Asks the account what it holds of the Workers named. Calls only what reads. */
export async function look(
  wrangler: Wrangler,
  workers: readonly string[],
  queues: readonly string[],
  buckets: readonly string[],
): Promise<Found> {
  const databases = json<{ name: string; uuid: string }[]>(
    'list the databases',
    await wrangler(['d1', 'list', '--json']),
  )
  const queueStates = await Promise.all(
    queues.map(async (name) => ({ name, there: await has(wrangler, 'queue', name, ['queues', 'info']) })),
  )
  const bucketStates = await Promise.all(
    buckets.map(async (name) => ({ name, there: await has(wrangler, 'bucket', name, BUCKET_READ) })),
  )
  const states = await Promise.all(
    workers.map(async (name) => [name, await workerState(wrangler, name)] as const),
  )
  return {
    databases: databases.map(({ name, uuid }) => ({ name, id: uuid })),
    queues: queueStates.flatMap(({ name, there }) => (there ? [name] : [])),
    buckets: bucketStates.flatMap(({ name, there }) => (there ? [name] : [])),
    workers: Object.fromEntries(states.flatMap(([name, state]) => (state ? [[name, state]] : []))),
  }
}

/** A call that wrangler could not do: what it was for, and wrangler's own words. */
export class WranglerFailure extends Error {
  constructor(task: string, result: WranglerResult) {
    super(`wrangler could not ${task}:\n${(result.stderr || result.stdout).trim()}`)
  }
}

export function json<T>(task: string, result: WranglerResult): T {
  if (result.code !== 0) throw new WranglerFailure(task, result)
  try {
    return JSON.parse(result.stdout) as T
  } catch {
    throw new WranglerFailure(task, {
      ...result,
      stderr: `it answered no JSON: ${result.stdout.slice(0, 500)}`,
    })
  }
}

/** `r2 bucket info` asks for the bucket's statistics too, which a token that may only deploy is refused. */
const BUCKET_READ = ['r2', 'bucket', 'lifecycle', 'list']

async function has(
  wrangler: Wrangler,
  what: string,
  name: string,
  read: readonly string[],
): Promise<boolean> {
  const result = await wrangler([...read, name])
  if (result.code === 0) return true
  if (/does not exist|not found/i.test(result.stderr + result.stdout)) return false
  throw new WranglerFailure(`look at the ${what} ${name}`, result)
}

async function workerState(wrangler: Wrangler, name: string): Promise<Found['workers'][string] | null> {
  const secrets = await wrangler(['secret', 'list', '--name', name, '--format', 'json'])
  if (secrets.code !== 0 && /not found|does not exist/i.test(secrets.stderr + secrets.stdout)) return null
  return {
    secrets: json<{ name: string }[]>(`list the secrets of ${name}`, secrets).map((secret) => secret.name),
    tag: await liveTag(wrangler, name),
  }
}

/** The tag of the version that all requests reach; null where it has none or can't be told: then it is deployed. */
async function liveTag(wrangler: Wrangler, name: string): Promise<string | null> {
  const status = await wrangler(['deployments', 'status', '--name', name, '--json'])
  if (status.code !== 0) return null
  const { versions = [] } = JSON.parse(status.stdout) as { versions?: { version_id: string }[] }
  const [version, second] = versions
  if (!version || second) return null
  const view = await wrangler(['versions', 'view', version.version_id, '--name', name, '--json'])
  if (view.code !== 0) return null
  const { annotations } = JSON.parse(view.stdout) as { annotations?: Record<string, string> }
  return annotations?.['workers/tag'] ?? null
}
