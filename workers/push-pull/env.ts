import { d1Database } from '../../db/d1.ts'
import type { Database } from '../../db/database.ts'
import type { Door } from '../shared/app.ts'
import type { ImageMessage } from '../shared/images.ts'
import type { LaneNamespace } from '../shared/lanes.ts'

/** R2, as this Worker uses it. An object without a body: the caller's copy is the same. */
interface ImageStore {
  get(
    key: string,
    options: { readonly onlyIf?: Headers },
  ): Promise<{ readonly httpEtag: string; readonly body?: ReadableStream } | null>
}

/** Where good answers are kept, as this Worker uses it: by address. */
export type AnswerCache = {
  readonly match: (address: string) => Promise<Response | undefined>
  readonly put: (address: string, answer: Response) => Promise<void>
}

/** What this Worker is given. Tests hand in another `Database`, and another cache. */
export interface PushPullEnv {
  readonly DB: D1Database
  readonly LANE: LaneNamespace
  /** Pictures of products */
  readonly IMAGES: ImageStore
  readonly IMAGE_QUEUE: Pick<Queue<ImageMessage>, 'send' | 'sendBatch'>
  readonly database?: Database
  readonly cache?: AnswerCache
}

export interface PushPull extends Door {
  Bindings: PushPullEnv
}

export const database = (env: PushPullEnv): Database => env.database ?? d1Database(env.DB)

export const cache = (env: PushPullEnv): AnswerCache => env.cache ?? caches.default
