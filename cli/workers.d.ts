import type * as workers from '@cloudflare/workers-types'

// The client's types are the Workers' own, and their files name globals of the Workers' runtime. Only those names are
// lent to Node's programs: with both sets of globals, fetch and timers of the two runtimes would contradict each other.
// What speaks of requests speaks of Node's; the Workers' own project checks the real thing.
declare global {
  type D1Database = workers.D1Database
  type Queue<Body = unknown> = workers.Queue<Body>
  type MessageBatch<Body = unknown> = workers.MessageBatch<Body>
  type RateLimit = workers.RateLimit
  const caches: {
    readonly default: {
      match(address: string): Promise<Response | undefined>
      put(address: string, answer: Response): Promise<void>
    }
  }
  interface Fetcher {
    fetch(request: Request): Promise<Response & { json<T>(): Promise<T> }>
  }
  interface ExportedHandler<Env = unknown, Body = unknown> {
    fetch?: unknown
    queue?: (batch: MessageBatch<Body>, env: Env) => Promise<void>
  }
}
