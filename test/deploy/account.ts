import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Wrangler, WranglerResult } from '../../cli/deploy/wrangler.ts'

type Config = {
  name: string
  d1_databases: { database_id: string }[]
  services?: { service: string }[]
  durable_objects?: { bindings: { script_name?: string }[] }
  queues?: { producers?: { queue: string }[]; consumers?: { queue: string; dead_letter_queue?: string }[] }
  r2_buckets?: { bucket_name: string }[]
  secrets?: { required: string[] }
  workers_dev: boolean
}

/**
 * An account at Cloudflare as wrangler shows it, strict where the real one is: a Worker can't go up before what it is
 * bound to, nor without its required secrets. `changes` holds the calls that changed something.
 */
export function createAccount() {
  const databases = new Map<string, string>()
  const queues = new Set<string>()
  const buckets = new Set<string>()
  const workers = new Map<string, { secrets: Map<string, string>; tag: string; version: number }>()
  const statements: string[] = []
  const changes: string[] = []
  const refusals: ((line: string) => string | undefined)[] = []
  let admins = 0

  const ok = (answer: unknown = ''): WranglerResult => ({
    code: 0,
    stdout: typeof answer === 'string' ? answer : JSON.stringify(answer),
    stderr: '',
  })
  const no = (stderr: string): WranglerResult => ({ code: 1, stdout: '', stderr })

  const wrangler: Wrangler = async (args, options = {}) => {
    const line = args.join(' ')
    const option = (name: string) => args[args.indexOf(name) + 1] ?? ''
    for (const refuse of refusals) {
      const reason = refuse(line)
      if (reason) return no(reason)
    }

    if (line.startsWith('d1 list')) return ok([...databases].map(([name, uuid]) => ({ name, uuid })))
    if (line.startsWith('queues info')) {
      return queues.has(args[2] ?? '')
        ? ok(`Queue Name: ${args[2]}`)
        : no(`Queue "${args[2]}" does not exist.`)
    }
    if (line.startsWith('r2 bucket lifecycle list')) {
      return buckets.has(args[4] ?? '')
        ? ok(`There are no lifecycle rules for bucket '${args[4]}'.`)
        : no('The specified bucket does not exist. [code: 10006]')
    }
    const named = workers.get(option('--name'))
    if (line.startsWith('secret list')) {
      if (!named) return no(`Worker "${option('--name')}" not found.`)
      return ok([...named.secrets.keys()].map((name) => ({ name, type: 'secret_text' })))
    }
    if (line.startsWith('deployments status')) return ok({ versions: [{ version_id: 'v', percentage: 100 }] })
    if (line.startsWith('versions view')) return ok({ annotations: { 'workers/tag': named?.tag } })
    if (line.startsWith('deploy --dry-run')) {
      const out = option('--outdir')
      mkdirSync(out, { recursive: true })
      writeFileSync(join(out, 'index.js'), `// ${basename(out)} ${source.text}`)
      return ok()
    }

    if (line.startsWith('d1 execute')) {
      const sql = option('--command')
      if (sql.startsWith('SELECT')) return ok([{ results: [{ n: admins }] }])
      statements.push(sql)
      return ok([{ results: [] }])
    }

    if (line.startsWith('d1 migrations apply')) {
      const { d1_databases } = read(option('--config'))
      if (d1_databases[0]?.database_id !== databases.get(args[3] ?? '')) return no('no such database')
      return ok('No migrations to apply!')
    }

    changes.push(args.filter((arg) => !arg.startsWith('-')).join(' '))
    if (line.startsWith('d1 create')) databases.set(args[2] ?? '', `id-of-${args[2]}`)
    else if (line.startsWith('queues create')) queues.add(args[2] ?? '')
    else if (line.startsWith('r2 bucket create')) buckets.add(args[3] ?? '')
    else if (line.startsWith('deploy')) {
      const config = read(option('--config'))
      changes[changes.length - 1] = `deploy ${config.name}`
      const live = workers.get(config.name) ?? { secrets: new Map<string, string>(), tag: '', version: 0 }
      const missing = missingOf(config)
      if (missing) return no(missing)
      const given = line.includes('--secrets-file') ? read(option('--secrets-file')) : {}
      for (const [name, value] of Object.entries(given)) live.secrets.set(name, String(value))
      const secret = config.secrets?.required.find((name) => !live.secrets.has(name))
      if (secret) return no(`The following required secrets have not been set: ${secret}`)
      workers.set(config.name, { ...live, tag: option('--tag'), version: live.version + 1 })
      const targets = config.workers_dev ? [`https://${config.name}.example.workers.dev`] : []
      const output = options.env?.WRANGLER_OUTPUT_FILE_PATH
      if (output) appendFileSync(output, `${JSON.stringify({ type: 'deploy', targets })}\n`)
    } else return no(`the account doesn't know: ${line}`)
    return ok()
  }

  function missingOf(config: Config): string | undefined {
    const ids = new Set(databases.values())
    const bad = config.d1_databases.find(({ database_id }) => !ids.has(database_id))
    if (bad) return `binding DB of type d1 must have a valid id, not ${bad.database_id}`
    const { producers = [], consumers = [] } = config.queues ?? {}
    const names = [...producers, ...consumers].map(({ queue }) => queue)
    const queue = [...names, ...consumers.flatMap((c) => c.dead_letter_queue ?? [])].find(
      (n) => !queues.has(n),
    )
    if (queue) return `Queue "${queue}" does not exist.`
    const bucket = config.r2_buckets?.find(({ bucket_name }) => !buckets.has(bucket_name))
    if (bucket) return `R2 bucket '${bucket.bucket_name}' not found.`
    const scripts = (config.durable_objects?.bindings ?? []).flatMap((b) => b.script_name ?? [])
    const services = (config.services ?? []).map(({ service }) => service)
    const worker = [...scripts, ...services].find((name) => !workers.has(name))
    return worker && `${config.name} is bound to ${worker}, which doesn't exist`
  }

  /** What the Workers are built from: change it, and the next build differs. */
  const source = { text: 'first' }

  return {
    wrangler,
    databases,
    queues,
    buckets,
    workers,
    statements,
    changes,
    refusals,
    source,
    signUp: () => {
      admins += 1
    },
  }
}

const read = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as Config & Record<string, unknown>
