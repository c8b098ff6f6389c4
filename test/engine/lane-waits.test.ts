import { beforeEach, expect, test } from 'vitest'
import type { RemoteFailure } from '../../sync/engine/ports.ts'
import { type LaneWorld, laneWorld, ring, runsOf } from './lane-world.ts'
import { type Durable, drain, type FakeRemote, rows, syncRequest } from './world.ts'

let world: Durable
let remote: FakeRemote
let start: LaneWorld['start']

beforeEach(() => {
  ;({ world, remote, start } = laneWorld())
})

const down = { type: 'unavailable', reason: 'no answer', mend: 'check the network' } as const
const failing = (failure: RemoteFailure) => ({ ok: false, failure }) as const
/** Rings alarms as they come, and tells how long each was away. */
async function waits(lane: ReturnType<typeof start>['lane']): Promise<number[]> {
  const away: number[] = []
  while (world.alarm !== null) {
    away.push(world.alarm - world.clock.now())
    await ring(world, lane)
  }
  return away
}

test('a remote that stays down is tried again by alarms, further and further apart, and the run goes on without it', async () => {
  const { lane } = start()
  await lane.request(syncRequest())
  await drain(world, lane)
  remote.probes = 0
  remote.probe = async () => {
    remote.probes++
    return failing(down)
  }
  await lane.request(syncRequest())
  const away = await waits(lane)
  expect(runsOf(world)[1]).toMatchObject({
    status: 'degraded',
    report: { reason: 'no answer', mend: 'check the network' },
  })
  expect(remote.probes).toBe(7)
  // The first alarm begins the run; each of the others is a try, in the upper half of its step.
  const steps = [250, 500, 1_000, 2_000, 4_000, 4_000]
  expect(away).toHaveLength(1 + steps.length)
  for (const [i, step] of steps.entries()) {
    expect(away[i + 1]).toBeGreaterThanOrEqual(step / 2)
    expect(away[i + 1]).toBeLessThanOrEqual(step)
  }
})

test('a remote that goes down in mid-run degrades the parts that are left, and keeps those that were merged', async () => {
  const { lane } = start()
  const { read } = remote
  remote.read = async (context, part, cursor) =>
    part.id === 'p1' ? read(context, part, cursor) : failing(down)
  await lane.request(syncRequest())
  await drain(world, lane)
  const [run] = runsOf(world)
  expect(run?.report.parts.map(({ id, status }) => [id, status])).toEqual([
    ['p1', 'done'],
    ['p2', 'degraded'],
    ['p3', 'degraded'],
  ])
  expect(rows(world, 'SELECT project_id FROM accounts')).toEqual([{ project_id: 'p1' }])
  // What was not read is read by the next run, though the remote's stamp is the same.
  remote.read = read
  await lane.request(syncRequest())
  await drain(world, lane)
  expect(rows(world, 'SELECT * FROM accounts')).toHaveLength(3)
})

test('a run that waits for its remote lets the others by, and goes on when it was told', async () => {
  const { lane } = start()
  const until = world.clock.now() + 30_000
  remote.fail.push(failing({ type: 'busy', at: until, reason: 'quota' }))
  await lane.request(syncRequest({ parts: ['p1'] }))
  await ring(world, lane)
  const fast = await lane.request(syncRequest({ parts: ['p2'] }))
  await ring(world, lane)
  const finished = runsOf(world).filter(({ status }) => status === 'done')
  expect(finished.map(({ id }) => id)).toEqual(['runId' in fast ? fast.runId : ''])
  expect(world.alarm).toBe(until)
  await drain(world, lane)
  expect(runsOf(world).map(({ status }) => status)).toEqual(['done', 'done'])
})

test('a failure that only a person can mend is not tried again', async () => {
  const { lane } = start()
  remote.fail.push(failing({ type: 'refused', reason: 'not shared', mend: 'share it' }))
  await lane.request(syncRequest())
  const away = await waits(lane)
  expect(away).toHaveLength(1)
  expect(runsOf(world)[0]).toMatchObject({ status: 'degraded', report: { mend: 'share it' } })
})
