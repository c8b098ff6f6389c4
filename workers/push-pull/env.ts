import { d1Database } from '../../db/d1.ts'
import type { Database } from '../../db/database.ts'
import type { Door } from '../shared/app.ts'
import type { LaneNamespace } from '../shared/lanes.ts'

/** What this Worker is given. Tests hand in another `Database`. */
export interface PushPullEnv {
  readonly DB: D1Database
  readonly LANE: LaneNamespace
  readonly database?: Database
}

export interface PushPull extends Door {
  Bindings: PushPullEnv
}

export const database = (env: PushPullEnv): Database => env.database ?? d1Database(env.DB)
