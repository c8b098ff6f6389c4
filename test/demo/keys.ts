import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { type Credentials, generateServiceAccount, type ServiceAccount } from '../emulators/google/index.ts'
import { PATHS } from './home.ts'

/** What a deployment would be asked for, and an admin's token for the demo's own calls. */
export type Keys = {
  credentials: Credentials
  account: ServiceAccount
  webhookKey: string
  youtubeKey: string
  adminToken: string
}

/** Generated at the first start and kept, or a restart would lock everybody out. */
export function keys(): Keys {
  try {
    return JSON.parse(readFileSync(PATHS.keys, 'utf8')) as Keys
  } catch {
    const made: Keys = {
      ...generateServiceAccount(),
      webhookKey: randomBytes(32).toString('base64'),
      youtubeKey: randomBytes(20).toString('base64url'),
      adminToken: randomBytes(32).toString('base64url'),
    }
    writeFileSync(PATHS.keys, JSON.stringify(made, null, 2), { mode: 0o600 })
    return made
  }
}
