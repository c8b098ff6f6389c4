import type { LaneCore } from '../../sync/engine/lane.ts'
import type { Remote } from '../../sync/engine/ports.ts'
import type { Actor } from '../../sync/protocol/common.ts'
import type { ChangeAnswer, ChangeRequest } from '../../sync/protocol/lane.ts'
import type { PushPullEnv } from '../../workers/push-pull/env.ts'
import pushPull from '../../workers/push-pull/index.ts'
import { ACTOR } from '../../workers/shared/app.ts'
import type { LaneNamespace } from '../../workers/shared/lanes.ts'
import { type Stopper, stoppableLane, stopper } from '../crash/stoppable.ts'
import { type Durable, durable, testClock, testIds } from '../engine/world.ts'

// The server of the device protocol in this process: the real doors and lanes over SQLite. It can be stopped at any await
// between door, lane and D1, and is then another instance over what is durable.

export interface DeviceServer {
  readonly world: Durable
  /** Plans or applies a proposal, as a person does it */
  change(lane: string, request: ChangeRequest): Promise<ChangeAnswer>
  /** A request of this user. `stopAt`: the lane's instance dies at that await, and nobody answers (null). `late`: the
   * call that was on its way then arrives after the restart. A body of bytes is one that was gzipped. */
  ask(
    user: string,
    method: string,
    path: string,
    body?: string | Uint8Array<ArrayBuffer>,
    fault?: Crash,
  ): Promise<Response | null>
}

export interface Crash {
  readonly stopAt: number
  readonly late: boolean
}

const unused = () => undefined

const none = new Proxy({} as Remote, {
  get: () => () => {
    throw new Error('listings have no remote')
  },
})

/** A request of a user, at the doors in front of these lanes. */
export function doors(world: Durable, laneOf: (name: string) => LaneCore) {
  const LANE: LaneNamespace = {
    getByName: (name) =>
      ({
        push: (_lane, push) => laneOf(name).push(push),
        change: (_lane, request) => laneOf(name).change(request),
      }) as ReturnType<LaneNamespace['getByName']>,
  }
  const env = {
    DB: {},
    LANE,
    IMAGES: { get: unused },
    IMAGE_QUEUE: { send: unused },
    database: world.database,
  } as unknown as PushPullEnv
  return async (
    user: string,
    method: string,
    path: string,
    body?: string | Uint8Array<ArrayBuffer>,
  ): Promise<Response> => {
    const actor: Actor = { id: user, role: 'device', user, name: user }
    const headers = {
      [ACTOR]: encodeURIComponent(JSON.stringify(actor)),
      'content-type': 'application/json',
      ...(body instanceof Uint8Array && { 'content-encoding': 'gzip' }),
    }
    const url = `https://tidemark.example${path}`
    return pushPull.fetch(new Request(url, { method, headers, ...(body !== undefined && { body }) }), env)
  }
}

export function deviceServer(start: number): DeviceServer {
  const world = durable(testClock(start))
  const ids = testIds()
  let stop = stopper(null)
  let lanes = new Map<string, LaneCore>()
  const restart = (next: Stopper) => {
    stop = next
    lanes = new Map()
  }
  const laneOf = (name: string) => {
    const open = lanes.get(name) ?? stoppableLane(world, name, none, stop, ids)
    lanes.set(name, open)
    return open
  }
  const enter = doors(world, laneOf)
  return {
    world,
    change: (lane, request) => laneOf(lane).change(request),
    async ask(user, method, path, body, crash) {
      if (!crash) return enter(user, method, path, body)
      const dying = stopper(crash.stopAt)
      restart(dying)
      const answer = await Promise.race([enter(user, method, path, body), dying.stopped])
      restart(stopper(null))
      if (answer !== 'stopped') return answer
      if (crash.late) await dying.land()
      return null
    },
  }
}
