import type { V4WorkerOptions } from 'miniflare'

/** One statement for D1. */
export type Statement = { sql: string; params?: readonly (string | number | null)[] }
export type Row = Record<string, string | number | null>

/** What the runtime's process is started with. */
export type ServeOptions = {
  workers: { name: string; script: string; options: V4WorkerOptions }[]
  /** D1, Durable Objects with their alarms and rate limits live here; queues live in memory, as everywhere locally */
  state: string
  host: string
  port: number
  /** Numbered .sql files; the ones not yet applied are applied before the first request */
  migrations: string
}

/** Requests to the runtime's process, and what each answers. */
export type Calls = {
  serve: { input: ServeOptions; output: string }
  batch: { input: Statement[]; output: Row[][] }
  cron: { input: { worker: string; cron: string }; output: { outcome: string } }
  evict: { input: { worker: string; className: string; name: string }; output: null }
  stop: { input: null; output: null }
}
export type CallName = keyof Calls

export type Request = { [N in CallName]: { id: number; call: N; input: Calls[N]['input'] } }[CallName]

/** A line that a Worker logged, or that the runtime itself had to say (level `runtime`). */
export type LogLine = { level: string; message: string; at: number }

export type Reply =
  | { id: number; output: Calls[CallName]['output'] }
  | { id: number; failure: string }
  | { log: LogLine }
