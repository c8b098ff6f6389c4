import { beforeEach, expect, test } from 'vitest'
import type { LaneCore } from '../../sync/engine/lane.ts'
import type { RunRequest } from '../../sync/protocol/lane.ts'
import { type LaneWorld, laneWorld, runsOf } from './lane-world.ts'
import { type Durable, drain, type FakeRemote, rows, syncRequest } from './world.ts'

// A pin's time is over: the rule takes over again with what the remote shows and the pin had kept out.

let world: Durable
let remote: FakeRemote
let start: LaneWorld['start']
let lane: LaneCore

const sync = async (over: Partial<RunRequest> = {}) => {
  await lane.request(syncRequest(over))
  await drain(world, lane)
}
const followers = () =>
  rows(world, "SELECT followers FROM accounts WHERE profile_url = 'https://p1'")[0]?.followers
const down = { ok: false, failure: { type: 'unavailable', reason: 'no answer', mend: 'wait' } } as const

beforeEach(async () => {
  ;({ world, remote, start } = laneWorld())
  ;({ lane } = start())
  await sync()
  const [account] = rows(world, "SELECT id FROM accounts WHERE profile_url = 'https://p1'")
  await lane.push({
    id: 'pin',
    actor: 'ann',
    origin: 'api',
    mutations: [
      {
        type: 'pin',
        table: 'accounts',
        key: String(account?.id),
        column: 'followers',
        value: 50,
        note: '',
        until: world.clock.now() + 60_000,
      },
    ],
  })
  remote.tabs.get('p1')![0]!.followers = 900
  remote.stamp++
  await sync()
  expect(followers()).toBe(50)
  world.clock.advance(120_000)
})

test('the next run merges it, though the remote has not changed', async () => {
  await sync()
  expect(followers()).toBe(900)
  expect(rows(world, 'SELECT * FROM pins')).toEqual([])
  expect(rows(world, "SELECT actor FROM history WHERE op = 'unpin'")).toEqual([{ actor: 'expiry' }])
})

test('a run whose first call fails merges it when the remote answers', async () => {
  remote.fail.push(down)
  await sync()
  expect(followers()).toBe(900)
})

test('where the remote stays down, the run that finds it up again merges it', async () => {
  const { probe } = remote
  remote.probe = async () => down
  await sync()
  expect([followers(), runsOf(world).at(-1)?.status]).toEqual([50, 'degraded'])
  remote.probe = probe
  await sync()
  expect(followers()).toBe(900)
})

test('a run of another part releases it, and leaves the merge to the next run of its own', async () => {
  await sync({ parts: ['p2'] })
  expect(rows(world, 'SELECT * FROM pins')).toEqual([])
  expect(followers()).toBe(50)
  await sync()
  expect(followers()).toBe(900)
})

test('an instance that is lost right after the release leaves the merge to the next', async () => {
  const lost = new Error('gone')
  const doomed = start((engine) => ({
    ...engine,
    remotes: () => ({ ...remote, probe: () => Promise.reject(lost) }),
  }))
  await doomed.lane.request(syncRequest())
  world.clock.set(world.alarm ?? 0)
  await doomed.lane.alarm()
  expect(rows(world, 'SELECT * FROM pins')).toEqual([])
  ;({ lane } = start())
  await lane.poke()
  await drain(world, lane)
  expect(followers()).toBe(900)
})
