import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT } from '../../cli/deploy/workers.ts'
import { bundles } from './bundles.ts'
import { groupOf } from './processes.ts'
import type { CallName, Calls, LogLine, Reply, Row, ServeOptions, Statement } from './protocol.ts'

export type RuntimeOptions = {
  /** Where D1 and the Durable Objects are kept. Without it: a new folder, removed at the end */
  state?: string
  host?: string
  /** 0, the default: any free port */
  port?: number
  /** Vars and secrets by Worker, over those of its wrangler.toml */
  vars?: Partial<Record<WorkerName, Record<string, string>>>
  /** The repository whose Workers run; only tests of the runtime itself say another one */
  root?: string
  onLog?: (line: LogLine) => void
}

export type WorkerName = 'gateway' | 'smart-sync' | 'push-pull' | 'delta-check' | 'coordinator'

/** The five Workers, running. */
export type Runtime = {
  /** The gateway */
  url: URL
  /** The process that leads the runtime's group; workerd is in the group too */
  pid: number
  /** Rows of one statement on D1, past the product's own door: for seeding and for looking */
  query<R extends Row = Row>(sql: string, ...params: NonNullable<Statement['params']>): Promise<R[]>
  /** Several statements in one D1 transaction */
  batch(statements: Statement[]): Promise<Row[][]>
  /** Fires the cron of delta-check now, and waits until its handler has returned */
  cron(): Promise<{ outcome: string }>
  /** Takes a Durable Object out of memory once it is idle; its storage and alarm stay */
  evict(className: 'Lane' | 'Gate', name: string): Promise<void>
  /** Settles when it is no longer there, for whatever reason */
  ended: Promise<void>
  /** What the Workers logged so far, the last 5,000 lines */
  logs(): readonly LogLine[]
  /** Ends it in good order */
  stop(): Promise<void>
  /** SIGKILL to the whole group: what was acknowledged is in the state folder, nothing else is. Queued messages are gone */
  kill(): Promise<void>
}

/**
 * Runs the five real Workers, from their wrangler.toml, in one local runtime in a process group of its own.
 * The group ends with the process that started it, however that one ends.
 */
export async function startRuntime(options: RuntimeOptions = {}): Promise<Runtime> {
  const { root = ROOT, host = '127.0.0.1', port = 0, vars = {} } = options
  const built = await bundles(root)
  const state = options.state ?? (await mkdtemp(join(tmpdir(), 'tidemark-')))
  const lines: LogLine[] = []
  const group = startGroup((line) => {
    lines.push(line)
    if (lines.length > KEPT_LINES) lines.shift()
    options.onLog?.(line)
  })
  const serve: ServeOptions = {
    workers: built.map((bundle) => {
      const own = vars[bundle.name.replace('tidemark-', '') as WorkerName]
      return { ...bundle, options: { ...bundle.options, bindings: { ...bundle.options.bindings, ...own } } }
    }),
    state,
    host,
    port,
    migrations: join(root, 'migrations'),
  }
  const cleanUp = async () => {
    if (options.state === undefined) await rm(state, { recursive: true, force: true })
  }

  let url: string
  try {
    url = await group.call('serve', serve)
  } catch (error) {
    await group.kill()
    await cleanUp()
    throw error
  }

  return {
    url: new URL(url),
    pid: group.pid,
    async query<R extends Row>(sql: string, ...params: NonNullable<Statement['params']>) {
      const [rows = []] = await group.call('batch', [{ sql, params }])
      return rows as R[]
    },
    batch: (statements) => group.call('batch', statements),
    cron: () => group.call('cron', { worker: 'tidemark-delta-check', cron: '*/5 * * * *' }),
    async evict(className, name) {
      await group.call('evict', { worker: 'tidemark-coordinator', className, name })
    },
    ended: group.ended,
    logs: () => lines,
    async stop() {
      await group.stop()
      await cleanUp()
    },
    async kill() {
      await group.kill()
      await cleanUp()
    },
  }
}

const KEPT_LINES = 5_000

type Group = {
  pid: number
  ended: Promise<void>
  call<N extends CallName>(name: N, input: Calls[N]['input']): Promise<Calls[N]['output']>
  stop(): Promise<void>
  kill(): Promise<void>
}

/** A process that leads a group, and the conversation with it. */
function startGroup(onLog: (line: LogLine) => void): Group {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'serve.ts')], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...process.env, CLOUDFLARE_CF_FETCH_ENABLED: 'false', WRANGLER_SEND_METRICS: 'false' },
  })
  const pid = child.pid
  if (pid === undefined) throw new Error('the runtime could not be started')
  const said = (text: Buffer) =>
    onLog({ level: 'runtime', message: text.toString().trimEnd(), at: Date.now() })
  child.stdout?.on('data', said)
  child.stderr?.on('data', said)

  const waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>()
  let calls = 0
  child.on('message', (reply: Reply) => {
    if ('log' in reply) return onLog(reply.log)
    const caller = waiting.get(reply.id)
    waiting.delete(reply.id)
    if ('failure' in reply) caller?.reject(new Error(reply.failure))
    else caller?.resolve(reply.output as never)
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve())).then(() => {
    // Where the leader alone was killed, workerd would go on, holding the port and the files.
    killGroup()
    for (const caller of waiting.values()) caller.reject(new Error('the runtime has ended'))
    waiting.clear()
  })

  const killGroup = () => {
    try {
      process.kill(-pid, 'SIGKILL')
    } catch {
      // Nobody of the group is left.
    }
  }
  process.once('exit', killGroup)
  const gone = async () => {
    await ended
    // The leader's end is seen first; workerd's files and port are free when it has gone too.
    while (groupOf(pid).length > 0) await new Promise((resolve) => setTimeout(resolve, 5))
    process.off('exit', killGroup)
  }

  const call: Group['call'] = (name, input) =>
    new Promise((resolve, reject) => {
      if (!child.connected) return reject(new Error('the runtime has ended'))
      const id = ++calls
      waiting.set(id, { resolve, reject })
      child.send({ id, call: name, input })
    })

  return {
    pid,
    ended,
    call,
    async stop() {
      await Promise.race([call('stop', null).catch(() => undefined), ended])
      await Promise.race([gone(), deadline(child, killGroup)])
      await gone()
    },
    async kill() {
      killGroup()
      await gone()
    },
  }
}

/** A runtime that was asked to leave and stays is not waited for. */
function deadline(child: ChildProcess, killGroup: () => void): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      killGroup()
      resolve()
    }, STOP_MS)
    child.once('exit', () => clearTimeout(timer))
  })
}

/** An idle runtime leaves in 20 ms; one with a request under way finishes or is cut by then. */
const STOP_MS = 5_000
