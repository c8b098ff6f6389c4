import { createLane, type LaneCore } from '../../sync/engine/lane.ts'
import type { Engine, Remote } from '../../sync/engine/ports.ts'
import { systems } from '../../sync/systems/index.ts'
import { type Durable, testRandom } from '../engine/world.ts'

/**
 * A world that can stop at any await between door, lane, D1 and remote. Every call that leaves the lane is two
 * points: before it takes effect, and after its effect with the answer lost. A stopped instance never goes on: its
 * calls stay unanswered, as those of a killed process do.
 */
export interface Stopper {
  /** Points passed so far */
  readonly passed: number
  /** Settles when the world stops */
  readonly stopped: Promise<'stopped'>
  point<T>(effect: () => Promise<T>): Promise<T>
  /** Lets the call that was on its way when the world stopped arrive now, late */
  land(): Promise<void>
}

/** `stopAt` null: never stops, and counts. */
export function stopper(stopAt: number | null): Stopper {
  let passed = 0
  let dead = false
  let stop: (value: 'stopped') => void = () => undefined
  const stopped = new Promise<'stopped'>((resolve) => {
    stop = resolve
  })
  let onItsWay: (() => Promise<unknown>) | null = null
  const never = <T>() => new Promise<T>(() => undefined)
  const stopsHere = () => {
    if (dead) return true
    if (passed++ !== stopAt) return false
    dead = true
    stop('stopped')
    return true
  }
  return {
    get passed() {
      return passed
    },
    stopped,
    async point(effect) {
      const running = !dead
      if (stopsHere()) {
        if (running) onItsWay = effect
        return never()
      }
      const value = await effect()
      return stopsHere() ? never() : value
    },
    async land() {
      // A batch that comes too late is refused by the fence; its sender is gone and hears nothing.
      await onItsWay?.().catch(() => undefined)
    },
  }
}

/** An instance of the lane whose every way out is a point of `stop`. */
export function stoppableLane(
  world: Durable,
  name: string,
  remote: Remote,
  stop: Stopper,
  ids: { next(): string },
  declared = systems,
): LaneCore {
  const write = remote.write?.bind(remote)
  const edit = remote.edit?.bind(remote)
  const { detail, perform, find, exports } = remote
  const wrapped: Remote = {
    probe: (context) => stop.point(() => remote.probe(context)),
    read: (context, part, cursor) => stop.point(() => remote.read(context, part, cursor)),
    ...(write ? { write: (context, part, cells) => stop.point(() => write(context, part, cells)) } : {}),
    ...(edit ? { edit: (context, part, edits) => stop.point(() => edit(context, part, edits)) } : {}),
    ...(detail ? { detail: (context, part, asked) => stop.point(() => detail(context, part, asked)) } : {}),
    ...(perform ? { perform: (context, action) => stop.point(() => perform(context, action)) } : {}),
    ...(find ? { find: (context, action) => stop.point(() => find(context, action)) } : {}),
    ...(exports
      ? {
          exports: {
            there: (context, parts) => stop.point(() => exports.there(context, parts)),
            write: (context, part, slice) => stop.point(() => exports.write(context, part, slice)),
          },
        }
      : {}),
  }
  const engine: Engine = {
    database: { batch: (statements) => stop.point(() => world.database.batch(statements)) },
    clock: world.clock,
    ids,
    random: testRandom(),
    log: () => undefined,
    remotes: () => wrapped,
    beforeBatch: () => stop.point(async () => undefined),
  }
  return createLane(name, {
    engine,
    systems: declared,
    loadEpoch: () => stop.point(async () => Number(world.storage.get('epoch') ?? 0)),
    saveEpoch: (epoch) => stop.point(async () => void world.storage.set('epoch', epoch)),
    setAlarm: (at) =>
      stop.point(async () => {
        world.alarm = at
      }),
    broadcast: () => undefined,
    abandon: () => undefined,
    offerEvents: () => stop.point(async () => undefined),
  })
}
