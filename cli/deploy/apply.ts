import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build, writeConfig } from './build.ts'
import { json, look, WranglerFailure } from './cloudflare.ts'
import { withDatabaseIds } from './environment.ts'
import { bucketsOf, type Found, plan, queuesOf, type Step } from './plan.ts'
import { gatherSecrets, optionalSecrets, type SecretSources } from './secrets.ts'
import { insertToken, signInCode } from './sign-in.ts'
import type { WorkerConfig } from './workers.ts'
import type { Wrangler } from './wrangler.ts'

export type Deployment = {
  /** The Workers under the names of their environment */
  workers: readonly WorkerConfig[]
  /** Where configurations, bundles and the last URL are kept between deployments */
  folder: string
  wrangler: Wrangler
  secrets: SecretSources
  say: (line: string) => void
  now: () => number
  /** Make a sign-in link even though somebody can sign in already */
  signIn: boolean
}

export type Deployed = {
  steps: Step[]
  /** The gateway's address; null where wrangler never told it here */
  url: string | null
  /** A sign-in code, where one was asked for or nobody has a token yet */
  code: string | null
}

/** Looks, plans, and does what the plan says. Everything that can fail without a change comes before the first change. */
export async function deploy(deployment: Deployment): Promise<Deployed> {
  const { wrangler, workers, folder, say } = deployment
  say('Looking at what is there')
  const found = await look(
    wrangler,
    workers.map(({ name }) => name),
    queuesOf(workers),
    bucketsOf(workers),
  )
  say('Building the five Workers')
  const tags = Object.fromEntries(
    (await build(wrangler, workers, folder)).map(({ name, tag }) => [name, tag]),
  )
  const steps = plan(workers, tags, found)
  const secrets = await secretsFor(steps, found, deployment.secrets)

  const databases = [...found.databases]
  for (const step of steps) {
    say(describe(step))
    const configs = withDatabaseIds(workers, databases)
    if (step.kind === 'create-database') databases.push(await createDatabase(wrangler, step.name))
    if (step.kind === 'create-queue') await must(wrangler, step, ['queues', 'create', step.name])
    if (step.kind === 'create-bucket') await must(wrangler, step, ['r2', 'bucket', 'create', step.name])
    if (step.kind === 'migrate') {
      const config = ownerOf(configs, step.database)
      await must(wrangler, step, [
        ...['d1', 'migrations', 'apply', step.database],
        ...['--remote', '--config', writeConfig(folder, config)],
      ])
    }
    if (step.kind === 'deploy') {
      const config = configs.find(({ name }) => name === step.worker)
      if (config)
        await deployWorker(deployment, step, config, tags[step.worker] ?? '', secrets[step.worker] ?? {})
    }
  }
  const gateway = workers.find(({ workers_dev }) => workers_dev)?.name
  return {
    steps,
    url: gateway ? lastUrl(folder, gateway) : null,
    code: await codeFor(deployment, withDatabaseIds(workers, databases)),
  }
}

/** A step in words, as it is said while it is done. */
export function describe(step: Step): string {
  switch (step.kind) {
    case 'create-database':
      return `Creating the database ${step.name}`
    case 'create-queue':
      return `Creating the queue ${step.name}`
    case 'create-bucket':
      return `Creating the bucket ${step.name}`
    case 'migrate':
      return `Applying migrations to ${step.database}`
    case 'deploy':
      return `Deploying ${step.worker}${step.secrets.length > 0 ? ` with ${step.secrets.join(', ')}` : ''}`
    case 'keep':
      return `${step.worker} is live as it is`
  }
}

/** All secrets of all Workers before the first change, so that a missing one leaves everything as it was. */
async function secretsFor(steps: readonly Step[], found: Found, sources: SecretSources) {
  const perWorker: Record<string, Record<string, string>> = {}
  // What one Worker was given, another that needs it under the same name is given too.
  const env = { ...sources.env }
  for (const step of steps) {
    if (step.kind !== 'deploy') continue
    const optional = found.workers[step.worker] ? [] : optionalSecrets(step.worker)
    perWorker[step.worker] = await gatherSecrets(step.secrets, optional, { ...sources, env })
    Object.assign(env, perWorker[step.worker])
  }
  return perWorker
}

async function createDatabase(wrangler: Wrangler, name: string): Promise<{ name: string; id: string }> {
  await must(wrangler, { kind: 'create-database', name }, ['d1', 'create', name])
  const all = json<{ name: string; uuid: string }[]>(
    'list the databases',
    await wrangler(['d1', 'list', '--json']),
  )
  const made = all.find((database) => database.name === name)
  if (!made)
    throw new Error(`The database ${name} was created but isn't listed yet. Run the same command again.`)
  return { name, id: made.uuid }
}

async function deployWorker(
  { wrangler, folder }: Deployment,
  step: Step,
  config: WorkerConfig,
  tag: string,
  secrets: Record<string, string>,
) {
  const temporary = mkdtempSync(join(tmpdir(), 'tidemark-deploy-'))
  try {
    const output = join(temporary, 'output.ndjson')
    const args = ['deploy', '--config', writeConfig(folder, config), '--tag', tag]
    if (Object.keys(secrets).length > 0) {
      const file = join(temporary, 'secrets.json')
      writeFileSync(file, JSON.stringify(secrets), { mode: 0o600 })
      args.push('--secrets-file', file)
    }
    await must(wrangler, step, args, { WRANGLER_OUTPUT_FILE_PATH: output })
    const url = urlIn(output)
    if (url) writeFileSync(urlFile(folder, config.name), url)
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
}

/** wrangler writes what it did as lines of JSON; the address is in none of its other outputs in a stable form. */
function urlIn(output: string): string | null {
  const lines = readIfThere(output)?.split('\n').filter(Boolean) ?? []
  const entries = lines.map((line) => JSON.parse(line) as { type?: string; targets?: string[] })
  const targets = entries.flatMap(({ type, targets = [] }) => (type === 'deploy' ? targets : []))
  return targets.find((target) => target.startsWith('https://')) ?? null
}

const urlFile = (folder: string, worker: string) => join(folder, `${worker}.url`)
const lastUrl = (folder: string, worker: string) => readIfThere(urlFile(folder, worker))

async function codeFor({ wrangler, folder, signIn, now }: Deployment, configs: readonly WorkerConfig[]) {
  const [config] = configs
  const [database] = config?.d1_databases ?? []
  if (!config || !database) return null
  const execute = async (task: string, sql: string) =>
    json<{ results: Record<string, unknown>[] }[]>(
      task,
      await wrangler([
        ...['d1', 'execute', database.database_name, '--remote', '--json'],
        ...['--config', writeConfig(folder, config), '--command', sql],
      ]),
    )
  if (!signIn) {
    const [admins] = await execute('ask who may sign in', ADMINS)
    if (Number(admins?.results[0]?.n) > 0) return null
  }
  const { code, row } = signInCode(now())
  await execute('make a sign-in code', insertToken(row))
  return code
}

const ADMINS =
  "SELECT count(*) AS n FROM tokens WHERE role = 'admin' AND kind <> 'code' AND revoked_at IS NULL"

function ownerOf(configs: readonly WorkerConfig[], database: string): WorkerConfig {
  const owner = configs.find(({ d1_databases }) => d1_databases.some((d) => d.database_name === database))
  if (!owner) throw new Error(`no Worker is bound to ${database}`)
  return owner
}

async function must(wrangler: Wrangler, step: Step, args: string[], env: Record<string, string> = {}) {
  const result = await wrangler(args, { env })
  if (result.code === 0) return
  const failure = new WranglerFailure(`finish this step: ${describe(step)}`, result)
  failure.message +=
    '\n\nThe steps before it are done and kept. Run the same command again to go on from here.'
  throw failure
}

function readIfThere(path: string): string | null {
  return existsSync(path) ? readFileSync(path, 'utf8') : null
}
