import { beforeEach, expect, test } from 'vitest'
import { holdRead, type LaneWorld, laneWorld, ring, runsOf } from './lane-world.ts'
import { type Durable, drain, type FakeRemote, syncRequest } from './world.ts'

// A workbook's script tells of what people type there, burst by burst.

let world: Durable
let remote: FakeRemote
let start: LaneWorld['start']
beforeEach(() => {
  ;({ world, remote, start } = laneWorld())
})

const hook = () => syncRequest({ trigger: 'hook', actor: 'sheet' })
/** How far away the alarm is, in milliseconds. */
const away = () => (world.alarm ?? 0) - world.clock.now()

test('what hooks tell within two seconds is one run, which begins when they are over', async () => {
  const { lane } = start()
  const began = world.clock.now()
  const first = await lane.request(hook())
  expect(away()).toBe(2_000)
  for (const later of [500, 500, 900]) {
    world.clock.advance(later)
    expect(await lane.request(hook())).toEqual({ ...first, type: 'joined' })
  }
  expect(away()).toBe(100)
  await drain(world, lane)
  expect(runsOf(world)).toHaveLength(1)
  expect((runsOf(world)[0]?.started_at ?? 0) - began).toBe(2_000)
})

test('a person who asks meanwhile is served at once, by the same run', async () => {
  const { lane } = start()
  const first = await lane.request(hook())
  const asked = await lane.request(syncRequest())
  expect(asked).toEqual({ ...first, type: 'joined' })
  expect(away()).toBe(100)
  await drain(world, lane)
  expect(runsOf(world).map(({ status }) => status)).toEqual(['done'])
})

test('what is told while a run reads is one more run, two seconds later', async () => {
  const { lane } = start()
  await lane.request(syncRequest())
  const hold = holdRead(remote)
  const running = ring(world, lane)
  await hold.waiting
  const [second, third] = [await lane.request(hook()), await lane.request(hook())]
  hold.release()
  await running
  expect([second.type, third.type]).toEqual(['queued', 'joined'])
  const told = world.clock.now()
  await drain(world, lane)
  const [, last] = runsOf(world)
  expect((last?.started_at ?? 0) - told).toBe(2_000)
})

test('a person’s double click waits no longer than before', async () => {
  const { lane } = start()
  await lane.request(syncRequest())
  expect(away()).toBe(100)
  await lane.request(syncRequest())
  expect(away()).toBe(100)
})
