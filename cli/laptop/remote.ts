import { gzipSync } from 'node:zlib'
import type * as z from 'zod'
import {
  type DevicePushAnswer,
  type DeviceTableView,
  DigestAnswer,
  PullAnswer,
  PushAnswer,
  RowsAnswer,
  TablesAnswer,
} from '../../sync/protocol/device.ts'
import type { SyncReportInput } from '../../sync/protocol/sync-logs.ts'
import { Refusal, refusal } from '../failure.ts'

export type Page = PullAnswer

/** What becomes of a push. `paused`: an operator switched the collection off; nothing was done. */
export type PushReply =
  | { readonly type: 'answered'; readonly answer: DevicePushAnswer }
  | { readonly type: 'gap'; readonly expected: number }
  | { readonly type: 'forked' }
  | { readonly type: 'paused'; readonly reason: string }

/** The server as a device speaks with it (docs/protocol.md). */
export interface Remote {
  tables(): Promise<readonly DeviceTableView[]>
  /** The same, with what an operator wants of devices */
  offer(): Promise<TablesAnswer>
  pull(lane: string, cursor: string | null): Promise<Page>
  /** Digests over these columns, or over those that the answer names */
  digest(lane: string, table: string, columns: readonly string[]): Promise<DigestAnswer>
  /** Live rows from a key on, in the order of their keys */
  rows(lane: string, table: string, from: string, limit: number): Promise<RowsAnswer>
  /** `body` is sent as it is: a repeat is equal to the byte */
  push(body: string): Promise<PushReply>
  /** Tells what a sync came to */
  report(input: SyncReportInput): Promise<void>
}

/** Smaller bodies are not worth packing. */
const PACK_ABOVE = 1_024

export function remoteOf(url: string, http: typeof fetch): Remote {
  const get = async <T>(schema: z.ZodType<T>, path: string, query: Record<string, string | null> = {}) => {
    const address = new URL(path, url)
    for (const [name, value] of Object.entries(query))
      if (value !== null) address.searchParams.set(name, value)
    return parsed(schema, await http(address))
  }
  return {
    tables: async () => (await get(TablesAnswer, '/api/tables')).tables,
    offer: () => get(TablesAnswer, '/api/tables'),
    pull: (lane, cursor) => get(PullAnswer, '/api/pull', { lane, cursor }),
    async digest(lane, table, columns) {
      const ask = (from: string | null) =>
        get(DigestAnswer, '/api/digest', { lane, table, columns: columns.join(','), from })
      const all = await ask(null)
      for (let { next } = all; next !== undefined; ) {
        const more = await ask(next)
        all.buckets.push(...more.buckets)
        next = more.next
      }
      return all
    },
    rows: (lane, table, from, limit) =>
      get(RowsAnswer, '/api/rows', { lane, table, from, limit: `${limit}` }),
    async push(text) {
      const isPacked = Buffer.byteLength(text) > PACK_ABOVE
      const headers = { 'content-type': 'application/json', ...(isPacked && { 'content-encoding': 'gzip' }) }
      const body = isPacked ? gzipSync(text) : text
      try {
        const response = await http(new URL('/api/push', url), { method: 'POST', headers, body })
        return { type: 'answered', answer: await parsed(PushAnswer, response) }
      } catch (error) {
        const reply = error instanceof Refusal ? replyIn(error) : null
        if (!reply) throw error
        return reply
      }
    },
    async report(input) {
      const headers = { 'content-type': 'application/json' }
      const body = JSON.stringify(input)
      const response = await http(new URL('/api/sync/reports', url), { method: 'POST', headers, body })
      await response.body?.cancel()
    },
  }
}

/** An operator switched the collection off. */
export const isPaused = ({ type }: Refusal['problem']): boolean => type === 'urn:tidemark:problem:paused'

function replyIn({ problem }: Refusal): PushReply | null {
  if (problem.type === 'urn:tidemark:problem:forked') return { type: 'forked' }
  if (isPaused(problem)) return { type: 'paused', reason: problem.detail }
  if (problem.type !== 'urn:tidemark:problem:gap' || problem.expected === undefined) return null
  return { type: 'gap', expected: problem.expected }
}

async function parsed<T>(schema: z.ZodType<T>, response: Response): Promise<T> {
  const text = await response.text().catch(() => {
    throw cutOff(response.url)
  })
  const found = schema.safeParse(jsonOf(text))
  if (found.success) return found.data
  const [issue] = found.error.issues
  throw refusal('garbled', {
    title: 'The answer is not understood',
    detail: `${issue?.path.join('.') || 'The answer'}: ${issue?.message ?? 'not as expected'}.`,
    kept: 'Everything in the file, and everything that was not sent yet.',
    mend: 'Run the same command again. If it goes on, use the tidemark of the same version as the server.',
  })
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const cutOff = (url: string) =>
  refusal('unreachable', {
    title: 'No answer',
    detail: `${url}: the connection was cut in the middle of the answer.`,
    kept: 'Everything in the file, and everything that was not sent yet.',
    mend: 'Check the network, then run the same command again: it goes on where it was.',
  })
