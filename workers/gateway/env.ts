import { d1Database } from '../../db/d1.ts'
import type { Database } from '../../db/database.ts'
import type { Door } from '../shared/app.ts'
import type { LaneNamespace } from '../shared/lanes.ts'

/** What the gateway is given. Tests hand in another `Database`. */
export interface GatewayEnv {
  readonly DB: D1Database
  readonly LANE: LaneNamespace
  readonly SMART_SYNC: Fetcher
  readonly PUSH_PULL: Fetcher
  readonly RATE_LIMIT: RateLimit
  /** `team.cloudflareaccess.com`; with ACCESS_AUD: people who passed Cloudflare Access are signed in */
  readonly ACCESS_TEAM_DOMAIN?: string
  readonly ACCESS_AUD?: string
  readonly database?: Database
}

export interface Gateway extends Door {
  Bindings: GatewayEnv
}

export const database = (env: GatewayEnv): Database => env.database ?? d1Database(env.DB)
