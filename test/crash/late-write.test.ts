import { expect, test } from 'vitest'
import { systems } from '../../sync/systems/index.ts'
import { emulatedGoogle, remoteOf } from '../engine/google-world.ts'
import { durable, rows, syncRequest, testIds } from '../engine/world.ts'
import { stoppableLane, stopper } from './stoppable.ts'

// A write of which nothing was heard lands late at Google, after the instance that sent it stopped and another one took over:
// rows are added and taken out, ids are given, and no row may stand twice.

const TABS = { employee_settings: 'EmployeeSettings', dynamic_rates: 'DynamicRates' } as const

/** Another declaration of the same links: a run that was begun under the one before begins anew */
const LATER = systems.map((system) => ({
  ...system,
  links: system.links.map((link) => ({
    ...link,
    columns: { ...link.columns, later: { header: 'Later', aliases: [], type: 'text' } },
  })),
}))

/** `stopAt`: the world stops there. `lost`: nothing is heard of both writes. `redeployed`: it goes on under another declaration. What lands late does so once the run has ended. */
async function tell(stopAt: number | null, lost: boolean, redeployed = false) {
  const world = durable()
  world.file.exec(
    `INSERT INTO config VALUES ('sheets.reference', '{"spreadsheet_id":"book","policy":"sheet"}', 0, 'ann')`,
  )
  const google = emulatedGoogle(world.clock)
  const { person, faults } = google
  person.create({
    id: 'book',
    sheets: [
      {
        title: TABS.employee_settings,
        rows: [
          ['Employee ID', 'Name', 'Hourly wage', 'Commission'],
          ['E1', 'Ann', 30, 0.1],
          ['E2', 'Bob', 20, 0.2],
        ],
      },
      {
        title: TABS.dynamic_rates,
        rows: [
          ['From', 'To', 'Rate'],
          [0, 100, 0.2],
          [100, 200, 0.1],
        ],
      },
    ],
  })
  person.share('book', { email: 'robot@tidemark.test' })
  const ids = testIds()
  let declared = systems
  let stop = stopper(null)
  let stops = 0
  /** The call of Google that was on its way when the world stopped */
  const flying: (() => Promise<unknown>)[] = []
  const start = () => {
    const held = stop
    const remote = remoteOf(google, world.clock, undefined, (call) => {
      const { passed } = held
      let carried = false
      const answer = held.point(() => {
        carried = true
        return call()
      })
      if (!carried && held.passed > passed) flying.push(call)
      return answer
    })
    return stoppableLane(world, 'reference', remote, held, ids, declared)
  }
  let lane = start()
  const persist = async (action: () => Promise<unknown>) => {
    while ((await Promise.race([action().then(() => 'answered' as const), stop.stopped])) === 'stopped') {
      stops++
      if (redeployed) declared = LATER
      stop = stopper(null)
      lane = start()
      await lane.poke()
    }
  }
  const sync = async (after = 300_000) => {
    world.clock.advance(after)
    await persist(() => lane.request(syncRequest({ link: 'reference.sheet', scope: 'shared' })))
    for (let n = 0; world.alarm !== null; n++) {
      if (n > 200) throw new Error(`still busy, stopped at ${stopAt}`)
      world.clock.set(world.alarm)
      world.alarm = null
      await persist(() => lane.alarm())
    }
  }
  const bot = (
    table: string,
    key: string,
    op: 'insert' | 'delete',
    values: Record<string, number | string>,
  ) =>
    persist(() =>
      lane.push({
        id: `${op} ${key}`,
        actor: 'bot',
        origin: 'api',
        mutations: [
          {
            type: 'edit',
            op,
            table,
            key,
            values,
            base: op === 'insert' ? {} : (rows(world, `SELECT * FROM ${table} WHERE id = ?`, key)[0] ?? {}),
            at: null,
          },
        ],
      }),
    )
  for (let n = 0; n < 3; n++) await sync()
  await bot('employee_settings', 'E9', 'insert', { name: 'New', hourly_wage: 900, commission: 0 })
  await bot('employee_settings', 'E1', 'delete', {})
  await bot('dynamic_rates', 'r9', 'insert', { range_from: 20_000, range_to: 30_000, rate: 0.05 })
  stop = stopper(stopAt)
  lane = start()
  await lane.poke()
  const opened = stop.passed
  if (lost) faults.add({ match: { api: 'sheets.batchUpdate' }, times: 2, do: { late: true } })
  const before = google.calls.length
  await sync()
  const { passed } = stop
  const writes = google.calls.slice(before).filter(({ api }) => api === 'sheets.batchUpdate').length
  // Google carries nothing out later than 180 s after it was asked.
  for (const call of flying) await call().catch(() => undefined)
  faults.land()
  for (let n = 0; n < 4; n++) await sync()
  const shown = (tab: string) =>
    person
      .values('book', `${tab}!A2:A40`)
      .flat()
      .filter((value) => value !== '')
  return {
    opened,
    passed,
    stops,
    writes,
    seen: {
      staff: shown(TABS.employee_settings),
      rates: shown(TABS.dynamic_rates),
      here: [
        rows(world, 'SELECT id FROM employee_settings WHERE deleted_at IS NULL ORDER BY id'),
        rows(world, 'SELECT range_from FROM dynamic_rates WHERE deleted_at IS NULL ORDER BY 1'),
      ],
      conflicts: rows(world, 'SELECT kind, key FROM conflicts'),
    },
  }
}

test('a write that was on its way when the world stopped, or of which nothing was heard before, doubles no row', async () => {
  const whole = await tell(null, false)
  expect(whole.writes).toBe(2)
  expect(whole.seen).toMatchObject({ staff: ['E2', 'E9'], rates: [0, 100, 200], conflicts: [] })
  for (const [lost, redeployed] of [
    [false, false],
    [true, false],
    [true, true],
  ] as const) {
    const { opened, passed } = await tell(null, lost)
    for (let point = opened; point < passed; point += redeployed ? 3 : 1) {
      const broken = await tell(point, lost, redeployed)
      expect(broken.stops, `stopped at ${point}`).toBe(1)
      expect(broken.seen, `stopped at ${point}, ${lost ? 'not heard of' : 'heard of'}`).toEqual(whole.seen)
    }
  }
}, 120_000)
