import { dirname } from 'node:path'
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from 'miniflare'
import { migrate } from './migrate.ts'
import type { CallName, Calls, LogLine, Reply, Request, ServeOptions } from './protocol.ts'

// The runtime's process: Miniflare and, as its child, workerd. It is started by `startRuntime` and talks to it by
// messages. It leaves when told to, and when whoever started it is gone.

let miniflare: Miniflare | undefined

const answers: { [N in CallName]: (input: Calls[N]['input']) => Promise<Calls[N]['output']> } = {
  async serve(options) {
    miniflare = new Miniflare(convertV4MiniflareOptions(miniflareOptions(options)))
    const url = await miniflare.ready
    const db = await database()
    await migrate(options.migrations, async (statements) =>
      (await db.batch<{ name?: unknown }>(statements.map((sql) => db.prepare(sql)))).map((r) => r.results),
    )
    return url.href
  },
  async batch(statements) {
    const db = await database()
    const prepared = statements.map(({ sql, params = [] }) => db.prepare(sql).bind(...params))
    return (await db.batch<Calls['batch']['output'][number][number]>(prepared)).map((r) => r.results)
  },
  async cron({ worker, cron }) {
    const { outcome } = await (await running().getWorker(worker)).scheduled({
      cron,
      scheduledTime: new Date(),
    })
    return { outcome }
  },
  async evict({ worker, className, name }) {
    await running().unsafeEvictDurableObject(worker, className, { name })
    return null
  },
  async stop() {
    await miniflare?.dispose()
    return null
  },
}

function miniflareOptions({ workers, state, host, port }: ServeOptions) {
  return {
    workers: workers.map(({ name, script, options }) => ({
      ...options,
      name,
      modulesRoot: dirname(script),
      modules: [{ type: 'ESModule' as const, path: script }],
    })),
    host,
    port,
    cf: false,
    telemetry: { enabled: false },
    resourcePersistencePath: state,
    log: new RuntimeLog(LogLevel.WARN),
    handleStructuredLogs: ({
      level,
      message,
      timestamp,
    }: {
      level: string
      message: string
      timestamp: number
    }) => tell({ log: { level, message, at: timestamp } }),
  }
}

/** What Miniflare says itself goes where the Workers' lines go. */
class RuntimeLog extends Log {
  protected override log(message: string) {
    tell({ log: { level: 'runtime', message, at: Date.now() } satisfies LogLine })
  }
}

function running(): Miniflare {
  if (!miniflare) throw new Error('the runtime is not serving yet')
  return miniflare
}

/** The gateway is the first Worker, and every Worker has the same database. */
const database = () => running().getD1Database('DB')

function tell(reply: Reply) {
  if (process.connected) process.send?.(reply)
}

async function handle({ id, call, input }: Request) {
  try {
    const answer = answers[call] as (input: Request['input']) => Promise<Calls[CallName]['output']>
    tell({ id, output: await answer(input) })
  } catch (error) {
    tell({ id, failure: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  }
  if (call === 'stop') process.disconnect()
}

process.on('message', (request: Request) => void handle(request))
process.on('disconnect', () => {
  // Whoever started it may be gone, and nobody else would end a runtime that hangs.
  setTimeout(() => process.kill(-process.pid, 'SIGKILL'), 5_000).unref()
  void Promise.resolve(miniflare?.dispose()).finally(() => process.exit())
})
