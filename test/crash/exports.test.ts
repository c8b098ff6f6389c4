import { expect, test } from 'vitest'
import { emulatedGoogle, remoteOf } from '../engine/google-world.ts'
import { durable, rows, testIds } from '../engine/world.ts'
import { stoppableLane, stopper } from './stoppable.ts'

// The world stops at every call that a backup makes, of D1, the gate and Google, before and after its effect: while the tab is new,
// and while an older copy stands in it.

const LANE = 'backups'
const TAB = 'Backup of metric_readings'
/** Three slices of nine columns */
const ROWS = 2_300

async function tell(stopAt: number | null) {
  const world = durable()
  const google = emulatedGoogle(world.clock)
  google.person.create({ id: 'book' })
  google.person.share('book', { email: 'robot@tidemark.test', role: 'writer' })
  world.file.exec(
    `INSERT INTO config VALUES ('backups.sheet', '{"spreadsheet_id": "book", "tables": ["metric_readings"]}', 0, 'ann')`,
  )
  const add = (from: number, to: number) =>
    world.file.exec(`WITH RECURSIVE n(i) AS (SELECT ${from} UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ${to})
      INSERT INTO metric_readings (id, account_id, metric, source, value, at, version, updated_at, origin)
      SELECT printf('r%05d', i), 'a', 'views', 's', i, 0, 1, 0, 'push' FROM n`)
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
  const run = async () => {
    const request = { link: 'backups.sheet', scope: 'shared', parts: null, full: false, actor: 'ann' }
    await persist(() => lane.request({ ...request, trigger: 'manual' }))
    for (let i = 0; world.alarm !== null; i++) {
      if (i > 200) throw new Error(`still busy, stopped at ${stopAt}`)
      world.clock.set(world.alarm)
      world.alarm = null
      await persist(() => lane.alarm())
    }
  }
  add(0, 5)
  await run()
  const first = google.person.values('book', TAB).slice(1)
  add(5, ROWS)
  await run()
  const seen = {
    first,
    second: google.person.values('book', TAB).slice(1),
    tabs: google.person.file('book').sheets.map(({ title }) => title),
    open: rows(world, 'SELECT id FROM runs WHERE finished_at IS NULL'),
    failed: rows(world, `SELECT id FROM runs WHERE status NOT IN ('done', 'unchanged')`),
  }
  return { points: stop.passed, stops, seen }
}

test('stopped at any await, and restarted, it ends with the same backups and nothing beside them', async () => {
  const whole = await tell(null)
  expect(whole.seen.first).toHaveLength(6)
  expect(whole.seen.second).toHaveLength(ROWS + 1)
  expect(whole.seen.tabs).toEqual(['Sheet1', TAB])
  expect(whole.points).toBeGreaterThan(100)
  for (let point = 0; point < whole.points; point++) {
    const broken = await tell(point)
    expect(broken.stops, `stopped at ${point}`).toBe(1)
    expect(broken.seen, `stopped at ${point}`).toEqual(whole.seen)
  }
}, 300_000)
