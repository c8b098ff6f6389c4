import type { LaneCore } from '../../sync/engine/lane.ts'
import type { Engine } from '../../sync/engine/ports.ts'
import type { Report, RunStatus } from '../../sync/protocol/runs.ts'
import {
  type Durable,
  durable,
  type FakeRemote,
  fakeRemote,
  type Instance,
  instance,
  rows,
  seed,
  testIds,
} from './world.ts'

// A lane over three tabs of one row each, and what its tests look at.

export interface LaneWorld {
  readonly world: Durable
  readonly remote: FakeRemote
  /** A new instance of the lane's object; ids go on where the one before it stopped. */
  start(wrap?: (engine: Engine) => Engine): Instance
}

export const PARTS = ['p1', 'p2', 'p3']

export function laneWorld(): LaneWorld {
  const world = durable()
  seed(world, PARTS.length)
  const remote = fakeRemote()
  const ids = testIds()
  for (const part of PARTS) remote.tabs.set(part, [{ profile_url: `https://${part}`, followers: 1 }])
  return { world, remote, start: (wrap) => instance(world, 'workspace:w1', () => remote, wrap, ids) }
}

interface SeenRun {
  readonly id: string
  readonly status: RunStatus
  readonly started_at: number
  readonly finished_at: number | null
  readonly report: Report
}

/** All runs, oldest first. */
export const runsOf = (world: Durable): SeenRun[] =>
  rows(world, 'SELECT * FROM runs ORDER BY id').map(
    (row) => ({ ...row, report: JSON.parse(String(row.report)) }) as unknown as SeenRun,
  )

/** Rings the alarm that is set, at its time. */
export function ring(world: Durable, lane: LaneCore): Promise<void> {
  world.clock.set(world.alarm ?? 0)
  world.alarm = null
  return lane.alarm()
}

/** Makes the next read of a part (of any, if none is named) wait until it is told to go on. */
export function holdRead(remote: FakeRemote, part?: string): { waiting: Promise<void>; release: () => void } {
  let release: () => void = () => undefined
  let arrived: () => void = () => undefined
  const waiting = new Promise<void>((resolve) => {
    arrived = resolve
  })
  const read = remote.read
  remote.read = async (context, of, cursor) => {
    if (part !== undefined && of.id !== part) return read(context, of, cursor)
    remote.read = read
    await new Promise<void>((resolve) => {
      release = resolve
      arrived()
    })
    return read(context, of, cursor)
  }
  return { waiting, release: () => release() }
}

/** Rejects the batches that `chosen` picks. */
export const failingBatches =
  (chosen: (sql: readonly string[]) => boolean) =>
  (engine: Engine): Engine => ({
    ...engine,
    database: {
      batch: (statements) =>
        chosen(statements.map(({ sql }) => sql))
          ? Promise.reject(new Error('D1 is overloaded'))
          : engine.database.batch(statements),
    },
  })
