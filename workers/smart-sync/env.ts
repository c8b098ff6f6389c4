import { d1Database } from '../../db/d1.ts'
import type { Database } from '../../db/database.ts'
import type { Door } from '../shared/app.ts'
import type { GateNamespace } from '../shared/gates.ts'
import type { LaneNamespace } from '../shared/lanes.ts'

/** A message of the events queue. */
export interface Offer {
  readonly deliveryId: string
}

/** What this Worker is given. Tests hand in another `Database`. */
export interface SmartSyncEnv {
  readonly DB: D1Database
  readonly LANE: LaneNamespace
  readonly GATE: GateNamespace
  readonly EVENTS: Pick<Queue<Offer>, 'send'>
  /** Every webhook's secret is derived from it */
  readonly WEBHOOK_KEY: string
  /** Seals passwords of the ERP; the coordinator has the same one and opens them */
  readonly ERP_KEY: string
  /** Where workbooks are opened, in place of Google's own pages */
  readonly GOOGLE_ORIGIN?: string
  /** `1`: webhooks may go to this machine and its network (demo, tests) */
  readonly ALLOW_PRIVATE_WEBHOOKS?: string
  readonly database?: Database
}

/** The same, as it is checked at the door. */
export const BINDINGS = {
  DB: 'D1',
  LANE: 'Durable Objects',
  GATE: 'Durable Objects',
  EVENTS: 'queue',
  WEBHOOK_KEY: 'secret',
  ERP_KEY: 'secret',
  GOOGLE_ORIGIN: 'optional text',
  ALLOW_PRIVATE_WEBHOOKS: 'optional text',
} as const

export interface SmartSync extends Door {
  Bindings: SmartSyncEnv
}

export const database = (env: SmartSyncEnv): Database => env.database ?? d1Database(env.DB)
