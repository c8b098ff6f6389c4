import { expect, test } from 'vitest'
import { emulatedGoogle, HEADER, remoteOf } from '../engine/google-world.ts'
import { type Durable, durable, rows, seed, syncRequest, testIds } from '../engine/world.ts'
import { stoppableLane, stopper } from './stoppable.ts'

// The world stops at every call that the real remote makes: of Google, before and after its effect, of the gate, of
// the token's store; while two tabs are read, merged and written back.

const LANE = 'workspace:w1'

async function tell(stopAt: number | null) {
  const world = durable()
  seed(world, 2, { write_back: 1 })
  const google = emulatedGoogle(world.clock)
  const { person } = google
  const tab = (title: string, accounts: string[][]) => ({ title, rows: [HEADER, ...accounts] })
  person.create({
    id: 'sheet-1',
    sheets: [
      tab('Project 1', [
        ['https://youtube.com/@a', 'YouTube', 'a', '1000', '1', '', 'n/a', '5'],
        ['https://youtube.com/@b', 'YouTube', 'b', '2000', '=1+1', '', '', '6'],
      ]),
      tab('Project 2', [['https://youtube.com/@c', 'YouTube', 'c', '3000', '3', '', '', '7']]),
    ],
  })
  person.share('sheet-1', { email: 'robot@tidemark.test', role: 'writer' })
  const ids = testIds()
  let stop = stopper(stopAt)
  let stops = 0
  const start = () => {
    const held = stop
    const remote = remoteOf(google, world.clock, undefined, (call) => held.point(call))
    return stoppableLane(world, LANE, remote, held, ids)
  }
  let lane = start()
  const persist = async (action: () => Promise<unknown>) => {
    while ((await Promise.race([action().then(() => 'answered' as const), stop.stopped])) === 'stopped') {
      stops++
      stop = stopper(null)
      lane = start()
      await lane.poke()
    }
  }
  const sync = async () => {
    await persist(() => lane.request(syncRequest()))
    for (let i = 0; world.alarm !== null; i++) {
      if (i > 200) throw new Error(`still busy, stopped at ${stopAt}`)
      world.clock.set(world.alarm)
      world.alarm = null
      await persist(() => lane.alarm())
    }
  }
  await sync()
  world.file.exec(`UPDATE accounts SET followers = 9000 WHERE profile_url_key LIKE '%@a'`)
  world.file.exec(
    `UPDATE accounts SET likes = 80, comments = 81, videos = 82 WHERE profile_url_key LIKE '%@b'`,
  )
  person.set('sheet-1', { cell: 'Project 2!D2', text: '4,000' })
  await sync()
  // The one redundant read after our own writes: a restarted run may have had it already.
  await sync()
  return { points: stop.passed, stops, seen: visible(world, person.values('sheet-1', 'Project 1!A1:H3')) }
}

const visible = (world: Durable, sheet: unknown) => ({
  sheet,
  accounts: rows(
    world,
    'SELECT profile_url_key, followers, likes, comments, videos FROM accounts ORDER BY 1',
  ),
  history: rows(world, 'SELECT op, after FROM history ORDER BY 1, 2'),
  open: rows(world, 'SELECT (SELECT count(*) FROM runs WHERE finished_at IS NULL) AS n'),
  unsettled: rows(world, 'SELECT * FROM link_writes WHERE outcome IS NULL'),
})

test('stopped at any call of the real remote, and restarted, it ends as the world that was not stopped', async () => {
  const whole = await tell(null)
  expect(whole.points).toBeGreaterThan(80)
  for (let point = 0; point < whole.points; point++) {
    const broken = await tell(point)
    expect(broken.stops, `stopped at ${point}`).toBe(1)
    expect(broken.seen, `stopped at ${point}`).toEqual(whole.seen)
  }
}, 120_000)
