import { Webhook } from 'standardwebhooks'
import { type Database, query, type Row, statement } from '../../db/database.ts'

/** Longest that a receiver may take. */
const TIMEOUT = 10_000
const ERROR_LENGTH = 300

/**
 * A webhook's signing secret, derived from the master key and its id: shown once, stored nowhere. The format is that of
 * Standard Webhooks: `whsec_` and base64.
 */
export async function webhookSecret(masterKey: string, webhookId: string): Promise<string> {
  const text = new TextEncoder()
  const key = await crypto.subtle.importKey(
    'raw',
    text.encode(masterKey),
    { name: 'HMAC', hash: 'SHA-256' },
    false,
    ['sign'],
  )
  const mac = await crypto.subtle.sign('HMAC', key, text.encode(`webhook ${webhookId}`))
  return `whsec_${btoa(String.fromCharCode(...new Uint8Array(mac)))}`
}

/** Hosts that only this machine or its network can mean: a webhook may not be used to reach inside. */
export function isPrivateHost(url: string): boolean {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '').toLowerCase()
  if (/^(localhost|.*\.(localhost|local|internal|home\.arpa))$/.test(host) || !/[.:]/.test(host)) return true
  if (
    /^(127|10|0)\.|^192\.168\.|^169\.254\.|^172\.(1[6-9]|2\d|3[01])\.|^100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./.test(
      host,
    )
  )
    return true
  return host.includes(':') && /^(::1?$|::ffff:|f[cd]|fe[89ab])/.test(host)
}

export interface DeliverDeps {
  readonly database: Database
  readonly masterKey: string
  readonly fetch: (request: Request) => Promise<Response>
  readonly now: () => number
}

/** `again`: try later. The receiver tells repeats apart by the `webhook-id` header. */
export async function deliver(deps: DeliverDeps, id: string): Promise<'settled' | 'again'> {
  const { database, now } = deps
  const [row] = await query<Row>(
    database,
    `SELECT d.body, d.attempts, w.id AS webhook, w.url, w.active FROM deliveries d
      LEFT JOIN webhooks w ON w.id = d.webhook_id WHERE d.id = ?1 AND d.status = 'pending'`,
    id,
  )
  if (!row) return 'settled'
  if (row.webhook === null || row.active !== 1) {
    await settle(deps, id, 'dead', 'the webhook was removed')
    return 'settled'
  }
  const body = String(row.body)
  const at = new Date(now())
  const secret = await webhookSecret(deps.masterKey, String(row.webhook))
  const failure = await send(
    deps,
    new Request(String(row.url), {
      method: 'POST',
      redirect: 'manual',
      body,
      signal: AbortSignal.timeout(TIMEOUT),
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
        'webhook-signature': new Webhook(secret).sign(id, at, body),
      },
    }),
  )
  if (failure === null) {
    await settle(deps, id, 'sent', null)
    return 'settled'
  }
  await database.batch([
    statement(
      `UPDATE deliveries SET attempts = attempts + 1, last_error = ?2 WHERE id = ?1 AND status = 'pending'`,
      id,
      failure.slice(0, ERROR_LENGTH),
    ),
  ])
  return 'again'
}

async function send({ fetch }: DeliverDeps, request: Request): Promise<string | null> {
  try {
    const answer = await fetch(request)
    await answer.body?.cancel()
    return answer.ok ? null : `the receiver answered ${answer.status}`
  } catch (error) {
    return `the receiver could not be reached: ${error instanceof Error ? error.message : error}`
  }
}

async function settle(
  { database, now }: DeliverDeps,
  id: string,
  status: 'sent' | 'dead',
  error: string | null,
) {
  await database.batch([
    statement(
      `UPDATE deliveries SET status = ?2, attempts = attempts + 1, last_error = ?3, sent_at = ?4
        WHERE id = ?1 AND status = 'pending'`,
      id,
      status,
      error,
      status === 'sent' ? now() : null,
    ),
  ])
}

/** Retries are over: the delivery is on the dead-letter list until someone sends it again. */
export async function bury(database: Database, id: string): Promise<void> {
  await database.batch([
    statement(`UPDATE deliveries SET status = 'dead' WHERE id = ?1 AND status = 'pending'`, id),
  ])
}

/** Seconds until the next try: 5 s, doubled each time, at most an hour. */
export const retryIn = (attempts: number): number => Math.min(3_600, 5 * 2 ** (attempts - 1))
