import type { Database } from '../../db/database.ts'
import type { LaneCore } from '../../sync/engine/lane.ts'
import type { LaneRpc } from '../../sync/protocol/lane.ts'
import type { GatewayEnv } from '../../workers/gateway/env.ts'
import gateway from '../../workers/gateway/index.ts'
import { makeToken } from '../../workers/gateway/tokens.ts'
import pushPull from '../../workers/push-pull/index.ts'
import type { LaneNamespace } from '../../workers/shared/lanes.ts'
import type { SmartSyncEnv } from '../../workers/smart-sync/env.ts'
import smartSync from '../../workers/smart-sync/index.ts'
import {
  type Durable,
  drain,
  durable,
  type FakeRemote,
  fakeRemote,
  instance,
  rows,
  syncRequest,
  testClock,
  testIds,
} from '../engine/world.ts'

/** The three Workers with HTTP doors, wired as they are on Cloudflare, over SQLite and real lanes in this process. */
export interface Doors {
  readonly file: Durable['file']
  readonly database: Recorded
  readonly lanes: TestLanes
  readonly sheet: FakeRemote
  readonly env: GatewayEnv
  readonly smartSync: SmartSyncEnv
  /** Delivery ids that were handed to the queue */
  readonly offered: string[]
  /** Keys of the rate limit, by how often they may still pass; absent: for ever */
  readonly allowed: Map<string, number>
  /** Every key that the rate limit was asked about */
  readonly paced: string[]
  /** Secrets by who has them: ann and bob are users, each with a device */
  readonly secrets: Readonly<Record<Who, string>>
  /** One request through the gateway */
  call(who: Who | null, method: string, path: string, more?: Call): Promise<Answer>
  /** The id of the live account with this profile URL */
  account(url: string): string
}

export const PEOPLE = {
  admin: { role: 'admin', user: null },
  hook: { role: 'hook', user: null },
  ann: { role: 'user', user: 'ann' },
  bob: { role: 'user', user: 'bob' },
  annsDevice: { role: 'device', user: 'ann' },
  bobsDevice: { role: 'device', user: 'bob' },
} as const
export type Who = keyof typeof PEOPLE

export interface Call {
  readonly body?: unknown
  readonly headers?: Record<string, string>
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The body as JSON */
  // biome-ignore-start lint: none
  readonly json: Json
  // biome-ignore-end lint: none
}

export type Json = { readonly [name: string]: Json } & readonly Json[] & string & number & null
