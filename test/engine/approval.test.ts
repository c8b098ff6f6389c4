import { beforeEach, describe, expect, test } from 'vitest'
import type { Strategy } from '../../sync/protocol/lane.ts'
import { type LaneWorld, laneWorld } from './lane-world.ts'
import { type Durable, drain, type FakeRemote, type Instance, rows, syncRequest } from './world.ts'

// More rows are gone from a sheet than the guard lets go: a person says what becomes of them.

const ROWS = 40
const LEFT = 10

let world: Durable
let remote: FakeRemote
let start: LaneWorld['start']
let on: Instance

const tab = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ profile_url: `https://${n}`, followers: n }))
async function show(count: number): Promise<void> {
  remote.tabs.set('p1', tab(count))
  remote.stamp++
  await on.lane.request(syncRequest())
  await drain(world, on.lane)
}
const ids = () =>
  rows(world, "SELECT id FROM accounts WHERE project_id = 'p1' AND deleted_at IS NULL ORDER BY id").map(
    ({ id }) => String(id),
  )
const conflicts = () =>
  rows(world, "SELECT id, resolution FROM conflicts WHERE kind = 'deletion_guard' ORDER BY id")
const answer = (strategy: Strategy, dryRun = false) =>
  on.lane.change({
    actor: 'boss',
    origin: 'person',
    proposal: { type: 'resolve', conflict: String(conflicts()[0]?.id), strategy, notes: '' },
    dryRun,
  })

beforeEach(async () => {
  ;({ world, remote, start } = laneWorld())
  on = start()
  await show(ROWS)
  await show(LEFT)
  await show(LEFT)
})

describe('rows that the guard keeps', () => {
  test('wait for a person, and stay meanwhile', () => {
    expect(ids()).toHaveLength(ROWS)
    expect(conflicts()).toMatchObject([{ resolution: null }])
  })

  test('go when they are let go, all of them, and nothing is asked again', async () => {
    const planned = await answer('keep_local', true)
    expect(planned.type === 'planned' && planned.plan.changes.map(({ op }) => op)).toEqual(
      Array.from({ length: ROWS - LEFT }, () => 'delete'),
    )
    expect(ids()).toHaveLength(ROWS)
    expect((await answer('keep_local')).type).toBe('applied')
    expect(ids()).toHaveLength(LEFT)
    await show(LEFT)
    await show(LEFT)
    expect([ids().length, conflicts()]).toEqual([
      LEFT,
      [expect.objectContaining({ resolution: 'keep_local' })],
    ])
  })

  test('that went and return have their old keys', async () => {
    const before = ids()
    await answer('keep_local')
    await show(LEFT)
    await show(ROWS)
    expect(ids()).toEqual(before)
  })

  test('that were let go come back by an undo', async () => {
    const before = ids()
    await answer('keep_local')
    const undone = await on.lane.change({
      actor: 'boss',
      origin: 'person',
      proposal: { type: 'undo', of: { resolution: String(conflicts()[0]?.id) }, pin: false },
      dryRun: false,
    })
    expect([undone.type, ids()]).toEqual(['applied', before])
    expect(conflicts()).toMatchObject([{ resolution: null }])
  })

  test('stay when they are kept, and are asked about again only when others are gone too', async () => {
    expect((await answer('keep_remote')).type).toBe('applied')
    await show(LEFT)
    await show(LEFT)
    expect([ids().length, conflicts()]).toEqual([
      ROWS,
      [expect.objectContaining({ resolution: 'keep_remote' })],
    ])
    await show(LEFT - 1)
    await show(LEFT - 1)
    expect(conflicts()).toMatchObject([{ resolution: null }])
  })

  test('have no other answer', async () => {
    for (const strategy of ['rename_local', 'merge'] as const)
      expect(await answer(strategy)).toMatchObject({ type: 'failed', failure: { type: 'bad_request' } })
    expect(conflicts()).toMatchObject([{ resolution: null }])
  })
})
