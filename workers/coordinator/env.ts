import type { ImageMessage } from '../shared/images.ts'
import type { Gate } from './gate.ts'
import type { Lane } from './lane.ts'

/** What the coordinator is given. */
export interface CoordinatorEnv {
  readonly DB: D1Database
  readonly LANE: DurableObjectNamespace<Lane>
  readonly GATE: DurableObjectNamespace<Gate>
  readonly EVENTS: Queue<{ deliveryId: string }>
  /** Pictures of products, and the queue of those that are to be fetched: this Worker fills it and empties it */
  readonly IMAGES: R2Bucket
  readonly IMAGE_QUEUE: Queue<ImageMessage>
  readonly GOOGLE_CLIENT_EMAIL: string
  readonly GOOGLE_PRIVATE_KEY: string
  /** Another server than Google's real ones, with the same API */
  readonly GOOGLE_ORIGIN?: string
  readonly YOUTUBE_API_KEY?: string
  /** Where the ERP is; without it, nothing of the ERP is asked */
  readonly ERP_ORIGIN?: string
  /** Opens passwords of the ERP; smart-sync has the same one and seals them */
  readonly ERP_KEY: string
}
