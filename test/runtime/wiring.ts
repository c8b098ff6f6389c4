import { createHash } from 'node:crypto'
import type { Credentials } from '../emulators/google/index.ts'
import type { Runtime, RuntimeOptions } from './runtime.ts'

/** What the Workers are told about the world outside: nothing but an origin says that it is emulated. */
export type Outside = {
  origin: string
  credentials: Credentials
  webhookKey: string
  youtubeKey: string
  /** Where the ERP is, and the key that seals its passwords; without a key one is made of the webhooks' */
  erpOrigin?: string
  erpKey?: string
}

export function varsFor({
  origin,
  credentials,
  webhookKey,
  youtubeKey,
  erpOrigin,
  erpKey = createHash('sha256').update(`erp ${webhookKey}`).digest('base64url'),
}: Outside): NonNullable<RuntimeOptions['vars']> {
  return {
    coordinator: {
      GOOGLE_ORIGIN: origin,
      GOOGLE_CLIENT_EMAIL: credentials.client_email,
      GOOGLE_PRIVATE_KEY: credentials.private_key,
      YOUTUBE_API_KEY: youtubeKey,
      ERP_KEY: erpKey,
      ...(erpOrigin === undefined ? {} : { ERP_ORIGIN: erpOrigin }),
    },
    'smart-sync': {
      GOOGLE_ORIGIN: origin,
      WEBHOOK_KEY: webhookKey,
      ERP_KEY: erpKey,
      ALLOW_PRIVATE_WEBHOOKS: '1',
    },
  }
}

/** Makes an admin's token valid. The first admin can't be made over HTTP. */
export async function admit(runtime: Runtime, token: string): Promise<void> {
  const hash = createHash('sha256').update(token).digest('hex')
  await runtime.query(
    `INSERT OR IGNORE INTO tokens (hash, id, role, user_id, name, kind, created_at)
      VALUES (?1, ?2, 'admin', NULL, 'npm start', 'token', ?3)`,
    hash,
    hash.slice(0, 16),
    Date.now(),
  )
}
