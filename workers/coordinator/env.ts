import type { Gate } from './gate.ts'
import type { Lane } from './lane.ts'

/** What the coordinator is given. */
export interface CoordinatorEnv {
  readonly DB: D1Database
  readonly LANE: DurableObjectNamespace<Lane>
  readonly GATE: DurableObjectNamespace<Gate>
  readonly EVENTS: Queue<{ deliveryId: string }>
  readonly GOOGLE_CLIENT_EMAIL: string
  readonly GOOGLE_PRIVATE_KEY: string
  /** Another server than Google's real ones, with the same API */
  readonly GOOGLE_ORIGIN?: string
  readonly YOUTUBE_API_KEY?: string
}
