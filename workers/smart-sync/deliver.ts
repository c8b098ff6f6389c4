import { Webhook } from 'standardwebhooks'
import { type Database, statement } from '../../db/database.ts'
import { readPendingDelivery } from '../../db/reads/webhooks.ts'
import { webhookSecret } from './derived-secret.ts'

/** Longest that a receiver may take. */
const TIMEOUT = 10_000
const ERROR_LENGTH = 300

/** Names that only this machine or its network resolves. */
const PRIVATE_NAME = /^(localhost|.*\.(localhost|local|lan|internal|intranet|localdomain|home\.arpa))$/
/** IPv4: this host, private, loopback, link-local, carrier, protocol and benchmark nets, multicast and beyond. */
const PRIVATE_V4 =
  /^(0|10|127|22[4-9]|2[3-5]\d)\.|^100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|^169\.254\.|^172\.(1[6-9]|2\d|3[01])\.|^192\.(0\.0|168)\.|^198\.1[89]\./
/** IPv6: unspecified, loopback, IPv4 in disguise, NAT64, unique local, link-local, multicast. */
const PRIVATE_V6 = /^(::|64:ff9b:|f[cd]|fe[89a-f]|ff)/

/**
 * Hosts that only this machine or its network can mean: a webhook may not be used to reach inside. `URL` has already
 * turned every way to write an IPv4 address into the usual one. What a public name resolves to can't be seen from a
 * Worker; from Cloudflare's network, private addresses lead nowhere.
 */
export function isPrivateHost(url: string): boolean {
  const host = new URL(url).hostname.toLowerCase().replace(/\.$/, '')
  if (host.startsWith('[')) return PRIVATE_V6.test(host.slice(1))
  return !host.includes('.') || PRIVATE_NAME.test(host) || PRIVATE_V4.test(host)
}

export interface DeliverDeps {
  readonly database: Database
  readonly masterKey: string
  /** Webhooks may go to this machine and its network */
  readonly allowPrivate: boolean
  readonly fetch: (request: Request) => Promise<Response>
  readonly now: () => number
}

/** `again`: try later. The receiver tells repeats apart by the `webhook-id` header. */
export async function deliver(deps: DeliverDeps, id: string): Promise<'settled' | 'again'> {
  const row = await readPendingDelivery(deps.database, id)
  if (!row) return 'settled'
  if (row.webhook === null || row.active !== 1) {
    await settle(deps, id, 'dead', 'the webhook was removed')
    return 'settled'
  }
  const url = String(row.url)
  if (!deps.allowPrivate && isPrivateHost(url)) {
    await settle(deps, id, 'dead', 'the webhook points into a private network')
    return 'settled'
  }
  const secret = await webhookSecret(deps.masterKey, String(row.webhook))
  const failure = await send(deps, url, id, secret, String(row.body))
  if (failure === null) {
    await settle(deps, id, 'sent', null)
    return 'settled'
  }
  await deps.database.batch([
    statement(
      `UPDATE deliveries SET attempts = attempts + 1, last_error = ?2 WHERE id = ?1 AND status = 'pending'`,
      id,
      failure.slice(0, ERROR_LENGTH),
    ),
  ])
  return 'again'
}

/** Posts a delivery, signed. Answers why it failed, or null. A redirect is a failure: it could lead anywhere. */
async function send(
  { fetch, now }: DeliverDeps,
  url: string,
  id: string,
  secret: string,
  body: string,
): Promise<string | null> {
  const at = new Date(now())
  try {
    const answer = await fetch(
      new Request(url, {
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
export async function bury(database: Database, id: string): Promise<'settled'> {
  await database.batch([
    statement(`UPDATE deliveries SET status = 'dead' WHERE id = ?1 AND status = 'pending'`, id),
  ])
  return 'settled'
}
