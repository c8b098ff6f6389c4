import { expect, test } from 'vitest'
import type { Push } from '../../sync/protocol/lane.ts'
import {
  type Durable,
  durable,
  type FakeRemote,
  fakeRemote,
  rows,
  seed,
  syncRequest,
  testIds,
} from '../engine/world.ts'
import { stoppableLane, stopper } from './stoppable.ts'

const LANE = 'workspace:w1'

/** What a person or program does; each is repeated until it is answered, as callers do. */
type Action =
  | { do: 'sync' }
  | { do: 'person'; edit: (remote: FakeRemote) => void }
  | { do: 'push'; push: (world: Durable) => Push }

const idOf = (world: Durable, url: string) =>
  String(rows(world, 'SELECT id FROM accounts WHERE profile_url_key = ?', url)[0]?.id)

const reading = (world: Durable, url: string, value: number): Push => ({
  id: `reading-${url}-${value}`,
  actor: 'parser',
  origin: 'api',
  mutations: [
    {
      type: 'propose',
      table: 'metric_readings',
      key: `${idOf(world, url)}:followers:tool`,
      values: { account_id: idOf(world, url), metric: 'followers', source: 'tool', value, at: value },
    },
  ],
})

/** A story that touches every kind of change: inserts, MAX, readings, pins, duplicates, renames, deletions, write-back. */
const story: Action[] = [
  { do: 'sync' },
  { do: 'push', push: (world) => reading(world, 'https://a', 1100) },
  {
    do: 'push',
    push: (world) => ({
      id: 'pin-b',
      actor: 'ann',
      origin: 'api',
      mutations: [
        {
          type: 'pin',
          table: 'accounts',
          key: idOf(world, 'https://b'),
          column: 'followers',
          value: 900,
          note: 'agreed',
          until: null,
        },
      ],
    }),
  },
  {
    do: 'person',
    edit: (remote) => {
      const tab = remote.tabs.get('p1')!
      tab[1]!.followers = 5000
      tab.push({ profile_url: 'https://A', followers: 1 })
      tab[2]!.profile_url = 'https://renamed'
      remote.tabs.get('p2')!.pop()
      remote.stamp++
    },
  },
  { do: 'sync' },
  { do: 'sync' },
  {
    do: 'push',
    push: (world) => ({
      id: 'unpin-b',
      actor: 'ann',
      origin: 'api',
      mutations: [{ type: 'unpin', table: 'accounts', key: idOf(world, 'https://b'), column: 'followers' }],
    }),
  },
  { do: 'sync' },
]

/** Tells the story in a world that stops at `stopAt` and is then restarted; answers what everyone can see afterwards. */
async function tell(
  stopAt: number | null,
  late = false,
): Promise<{ seen: unknown; points: number; stops: number }> {
  const world = durable()
  seed(world, 2, { write_back: 1 })
  world.file.exec(
    `INSERT INTO webhooks VALUES ('hook', 'https://hook.test', '["run.completed","conflict.opened"]', 1, 0, 'ann')`,
  )
  const remote = fakeRemote()
  remote.tabs.set('p1', [
    { profile_url: 'https://a', username: 'a', followers: 1000 },
    { profile_url: 'https://b', username: 'b', followers: 2000 },
    { profile_url: 'https://old', username: 'old', followers: 7 },
  ])
  remote.tabs.set('p2', [
    { profile_url: 'https://c', username: 'c', followers: 5 },
    { profile_url: 'https://d', username: 'd', followers: 6 },
  ])
  const ids = testIds()
  let stop = stopper(stopAt)
  let lane = stoppableLane(world, LANE, remote, stop, ids)
  let stops = 0

  /** Until it is answered. A stop loses the instance; what is durable stays, and the alarm that was ringing rings again. */
  const persist = async (action: () => Promise<unknown>) => {
    const fenced = (error: unknown) => {
      if (!/held by another instance/.test(String(error))) throw error
      return 'fenced' as const
    }
    for (;;) {
      const end = await Promise.race([action().then(() => 'answered' as const, fenced), stop.stopped])
      if (end === 'answered') return
      // Stopped, or fenced by a claim of the dead instance that came late: either way the object starts again.
      stops++
      const before = stop
      stop = stopper(null)
      lane = stoppableLane(world, LANE, remote, stop, ids)
      // What the cron does for lanes that have unfinished runs.
      await lane.poke()
      if (late && end === 'stopped') await before.land()
    }
  }
  const drain = async () => {
    for (let i = 0; world.alarm !== null; i++) {
      if (i > 200) throw new Error(`still busy, stopped at ${stopAt}`)
      world.clock.set(world.alarm)
      const ringing = world.alarm
      world.alarm = null
      await persist(async () => {
        world.alarm ??= null
        await lane.alarm()
      }).catch((error) => {
        world.alarm = ringing
        throw error
      })
    }
  }
  for (const action of story) {
    if (action.do === 'person') action.edit(remote)
    else if (action.do === 'push') await persist(() => lane.push(action.push(world)))
    else {
      await persist(() => stop.point(() => lane.request(syncRequest())))
      await drain()
    }
    await drain()
  }
  return { seen: visible(world, remote), points: stop.passed, stops }
}

/** Everything that people and programs can see, without ids, versions and times, which a restart may change. */
function visible(world: Durable, remote: FakeRemote) {
  const name = `(SELECT profile_url_key FROM accounts a WHERE a.id = t.`
  return {
    accounts: rows(
      world,
      `SELECT project_id, platform, profile_url, username, followers, likes, comments, videos, views,
        deleted_at IS NOT NULL AS gone FROM accounts ORDER BY profile_url_key`,
    ),
    snapshots: rows(
      world,
      `SELECT ${name}account_id) AS account, day, followers FROM account_snapshots t ORDER BY 1, 2`,
    ),
    history: rows(
      world,
      `SELECT ${name}key) AS account, op, before, after, why FROM history t
        WHERE op != 'insert' AND op != 'delete' ORDER BY 1, 2, 3, 4, 5`,
    ),
    inserts: rows(
      world,
      `SELECT op, count(*) AS n FROM history WHERE op IN ('insert', 'delete') GROUP BY op`,
    ),
    pins: rows(world, `SELECT ${name}key) AS account, col, value, source FROM pins t ORDER BY 1, 2`),
    conflicts: rows(world, `SELECT id, kind, detail, resolved_at IS NULL AS open FROM conflicts ORDER BY id`),
    unfinished: rows(world, 'SELECT count(*) AS n FROM runs WHERE finished_at IS NULL'),
    written: rows(world, `SELECT json(cells) AS cells FROM link_writes WHERE outcome IS NULL`),
    conflictEvents: rows(world, `SELECT count(*) AS n FROM deliveries WHERE type = 'conflict.opened'`),
    sheet: [...remote.tabs],
  }
}

test('a world that stops at any await, and is restarted, ends as the one that was not stopped', async () => {
  const whole = await tell(null)
  expect(whole.stops).toBe(0)
  expect(whole.points).toBeGreaterThan(150)
  for (let point = 0; point < whole.points; point++) {
    const broken = await tell(point)
    expect(broken.stops, `stopped at ${point}`).toBe(1)
    expect(broken.seen, `stopped at ${point}`).toEqual(whole.seen)
  }
})

test('a call that was on its way when the world stopped, and arrives after the restart, changes nothing', async () => {
  const whole = await tell(null)
  for (let point = 0; point < whole.points; point++) {
    const broken = await tell(point, true)
    expect(broken.seen, `late at ${point}`).toEqual(whole.seen)
  }
})
