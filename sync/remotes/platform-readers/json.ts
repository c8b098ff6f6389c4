import type { Clock } from '../../engine/ports.ts'
import type { JsonReaderConfig } from '../../protocol/config.ts'
import { MetricName } from '../../protocol/smart-sync.ts'
import type { Fetch } from '../google/fetch.ts'
import {
  type Asked,
  askAll,
  notRead,
  type PlatformReader,
  type PlatformReading,
  type ReaderAccount,
  strictCount,
} from './reader.ts'

export interface JsonOptions {
  readonly fetch: Fetch
  readonly clock: Clock
  /** Milliseconds for one call */
  readonly timeout?: number
}

/** Largest answer in bytes: a count or two needs no more, and a Worker's memory is shared. */
const LARGEST = 1_000_000

/** Numbers from any service that answers JSON over HTTP, one call an account. */
export function jsonReader(
  config: Omit<JsonReaderConfig, 'type'>,
  { fetch, clock, timeout = 30_000 }: JsonOptions,
): PlatformReader {
  async function ask(account: ReaderAccount): Promise<Asked> {
    const url = addressOf(config.url, account)
    if (!url)
      return {
        ok: true,
        answer: { readings: [], warnings: [notRead(account, 'the account has no user name')] },
      }
    const fetched = await get(fetch, url, config.headers, timeout)
    if ('trouble' in fetched) return troubled(account, fetched, clock.now())
    const at = clock.now()
    const readings: PlatformReading[] = []
    const warnings = []
    for (const [metric, path] of Object.entries(config.fields)) {
      const found = standing(fetched.body, path)
      const value = strictCount(found)
      if (value !== null)
        readings.push({ account_id: account.id, metric: MetricName.parse(metric), value, at })
      else {
        const raw = found === undefined ? undefined : JSON.stringify(found).slice(0, 200)
        const message = `${metric}: ${raw === undefined ? 'nothing stands' : 'no whole number stands'} at ${path}`
        warnings.push({
          kind: 'unreadable',
          message,
          where: account.profileUrl,
          ...(raw !== undefined && { raw }),
        })
      }
    }
    return { ok: true, answer: { readings, warnings } }
  }

  return {
    source: config.source,
    read: (accounts) =>
      askAll(
        accounts
          .filter(({ platform }) => config.platforms.includes(platform))
          .map((account) => ({ accounts: [account], ask: () => ask(account) })),
      ),
  }
}

function addressOf(template: string, { username, profileUrl, platform }: ReaderAccount): string | null {
  const values: Record<string, string> = {
    username: (username ?? '').trim().replace(/^@/, ''),
    profile_url: profileUrl,
    platform,
  }
  if (template.includes('{username}') && !values.username) return null
  return template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ''))
}

type Fetched =
  | { readonly body: unknown }
  | { readonly trouble: string; readonly status: number | null; readonly wait: number }

async function get(
  fetch: Fetch,
  url: string,
  headers: Readonly<Record<string, string>>,
  timeout: number,
): Promise<Fetched> {
  try {
    const request = new Request(url, {
      headers: { accept: 'application/json', ...headers },
      // Another host might be handed our headers.
      redirect: 'manual',
      signal: AbortSignal.timeout(timeout),
    })
    const response = await fetch(request)
    const wait = Number(response.headers.get('retry-after') ?? Number.NaN)
    if (!response.ok) {
      await response.body?.cancel()
      return {
        trouble: `HTTP ${response.status}`,
        status: response.status,
        wait: (Number.isNaN(wait) ? 60 : wait) * 1_000,
      }
    }
    const text = await limited(response)
    return text === null ? broken(`the answer is larger than ${LARGEST} bytes`) : { body: JSON.parse(text) }
  } catch (error) {
    const timedOut = error instanceof Error && error.name === 'TimeoutError'
    const notJson = error instanceof SyntaxError
    return broken(
      timedOut ? 'no answer in time' : notJson ? 'the answer is not JSON' : 'the connection failed',
    )
  }
}

const broken = (trouble: string): Fetched => ({ trouble, status: null, wait: 0 })

/** The body as text; null when it is too large. It is not read further then. */
async function limited(response: Response): Promise<string | null> {
  const reader = response.body?.getReader()
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for (;;) {
    const chunk = await reader?.read()
    if (!chunk || chunk.done) return text + decoder.decode()
    bytes += chunk.value.byteLength
    if (bytes > LARGEST) {
      await reader?.cancel()
      return null
    }
    text += decoder.decode(chunk.value, { stream: true })
  }
}

/** 401 and 403 will not pass for the others either; 429 says so itself. */
function troubled(
  account: ReaderAccount,
  { trouble, status, wait }: { trouble: string; status: number | null; wait: number },
  now: number,
): Asked {
  const reason = `${account.platform} ${account.username ?? account.profileUrl}: ${trouble}`
  if (status === 429) return { ok: false, stop: true, failure: { type: 'busy', at: now + wait, reason } }
  if (status === 401 || status === 403) {
    const mend = 'Check the headers (keys, tokens) in the settings of this reader.'
    return { ok: false, stop: true, failure: { type: 'refused', reason, mend } }
  }
  if (status !== null && status < 500)
    return { ok: true, answer: { readings: [], warnings: [notRead(account, reason)] } }
  return {
    ok: false,
    stop: false,
    failure: { type: 'unavailable', reason, mend: 'Nothing to do: it is tried again.' },
  }
}

/** What stands at `a.b.0`; own properties only. */
function standing(value: unknown, path: string): unknown {
  let here = value
  for (const name of path.split('.')) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, name)) return undefined
    here = Reflect.get(here, name)
  }
  return here
}
