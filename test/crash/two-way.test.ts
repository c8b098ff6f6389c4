import { expect, test } from 'vitest'
import type { Row } from '../../db/database.ts'
import type { LaneCore } from '../../sync/engine/lane.ts'
import type { Push } from '../../sync/protocol/lane.ts'
import { workbook } from '../engine/two-way-world.ts'
import { durable, rows, syncRequest, testIds } from '../engine/world.ts'
import { stoppableLane, stopper } from './stoppable.ts'

// The world stops at any await of runs that bring rows, write cells, ids, notes and new rows, empty a row and delete one; a new
// instance takes over. It ends as the world that was not stopped.

const STAFF = 'employee_settings'
const RATES = 'dynamic_rates'

const staff = (id: string, hourly_wage: number) => ({ id, name: `N${id}`, hourly_wage, commission: 0.1 })
const range = (range_from: number, rate: number) => ({ range_from, range_to: range_from + 1_000, rate })

/** `late`: what was on its way when the world stopped arrives after the new instance took over. */
async function tell(stopAt: number | null, late = false) {
  const world = durable()
  world.file.exec(
    `INSERT INTO config VALUES ('sheets.reference', '{"spreadsheet_id":"book-1","policy":"manual"}', 0, 'ann')`,
  )
  const book = workbook()
  const ids = testIds()
  let stop = stopper(stopAt)
  let stops = 0
  let lane = stoppableLane(world, 'reference', book, stop, ids)
  /** Repeats what was not answered, as callers do. */
  const persist = async (ask: (to: LaneCore) => Promise<unknown>) => {
    while ((await Promise.race([ask(lane).then(() => 'answered' as const), stop.stopped])) === 'stopped') {
      stops++
      const before = stop
      stop = stopper(null)
      lane = stoppableLane(world, 'reference', book, stop, ids)
      await lane.poke()
      if (late) await before.land()
    }
  }
  const sync = async (full = false) => {
    world.clock.advance(300_000)
    await persist((to) => to.request(syncRequest({ link: 'reference.sheet', scope: 'shared', full })))
    for (let n = 0; world.alarm !== null; n++) {
      if (n > 200) throw new Error(`still busy, stopped at ${stopAt}`)
      world.clock.set(world.alarm)
      world.alarm = null
      await persist((to) => to.alarm())
    }
  }
  const bot = (table: string, key: string, op: 'insert' | 'update' | 'delete', values: Row, base: Row) => {
    const push: Push = {
      id: `${op} ${key}`,
      actor: 'bot',
      origin: 'api',
      mutations: [{ type: 'edit', op, table, key, values, base, at: null }],
    }
    return persist((to) => to.push(push))
  }
  const at = (tab: string, column: string, value: string | number) =>
    book.tabs.get(tab)?.find(({ values }) => values[column] === value)

  for (const n of [1, 2, 3, 4, 5]) book.type(STAFF, staff(`e${n}`, n * 100))
  for (const n of [1, 2]) book.type(RATES, range(n * 10_000, n / 10))
  await sync()
  const [rate] = rows(world, `SELECT * FROM ${RATES} WHERE range_from = 10000`)
  await bot(STAFF, 'e1', 'update', { hourly_wage: 150, commission: 0.2 }, staff('e1', 100))
  await bot(STAFF, 'e2', 'delete', {}, staff('e2', 200))
  await bot(STAFF, 'e9', 'insert', { name: 'Ne9', hourly_wage: 900, commission: 0 }, {})
  await bot(RATES, String(rate?.id), 'update', { rate: 0.15 }, { rate: 0.1 })
  await bot(RATES, 'r9', 'insert', range(90_000, 0.9), {})
  Object.assign(at(STAFF, 'id', 'e1')?.values ?? {}, { hourly_wage: 170, name: 'Anna' })
  book.tabs.get(STAFF)?.splice(2, 1)
  book.type(STAFF, staff('e6', 600))
  book.type(RATES, range(30_000, 0.3))
  await sync()
  await sync()
  const [dispute] = rows(world, `SELECT id FROM conflicts WHERE resolved_at IS NULL`)
  const noted = book.tabs.get(STAFF)?.flatMap(({ notes }) => [...notes])
  await persist((to) =>
    to.change({
      actor: 'ann',
      origin: 'api',
      dryRun: false,
      proposal: { type: 'resolve', conflict: String(dispute?.id), strategy: 'keep_remote', notes: '' },
    }),
  )
  await sync()
  await sync(true)
  await sync(true)
  const called = new Map(
    rows(world, `SELECT id, range_from FROM ${RATES}`).map((row) => [row.id, row.range_from]),
  )
  const known = (key: unknown) => called.get(key as string) ?? key
  const seen = {
    noted,
    tabs: [STAFF, RATES].map((tab) =>
      book.tabs.get(tab)?.map(({ values, ref, notes }) => ({ values, ref: known(ref), notes: [...notes] })),
    ),
    here: [STAFF, RATES].map((table) =>
      rows(world, `SELECT * FROM ${table}`)
        .map(({ id, version, updated_at, edited_at, deleted_at, ...rest }) => ({
          ...rest,
          id: known(id),
          gone: deleted_at !== null,
        }))
        .toSorted((a, b) => String(a.id).localeCompare(String(b.id))),
    ),
    history: rows(world, `SELECT op, key, after FROM history`)
      .map(({ op, key, after }) => {
        const { edited_at, deleted_at, conflict, ...said } = JSON.parse(String(after ?? '{}')) as Row
        return `${op} ${known(key)} ${JSON.stringify({ ...said, id: undefined, gone: deleted_at != null })}`
      })
      .toSorted(),
    conflicts: rows(world, 'SELECT kind, key, col, ours, theirs, resolution FROM conflicts ORDER BY 1, 2'),
    agreed: rows(world, 'SELECT part, key, base, disputes FROM link_rows')
      .map(({ key, ...rest }) => JSON.stringify({ ...rest, key: known(key) }))
      .toSorted(),
    unfinished: rows(world, 'SELECT id FROM runs WHERE finished_at IS NULL'),
  }
  const last = rows(world, 'SELECT status FROM runs ORDER BY id DESC LIMIT 1')
  world.file.close()
  return { points: stop.passed, stops, seen, last }
}

test('unbroken, the story has all that can be broken', async () => {
  const { seen, last } = await tell(null)
  expect(seen.noted).toEqual(['hourly_wage'])
  expect(seen.conflicts).toMatchObject([{ kind: 'merge', key: 'e1', resolution: 'keep_remote' }])
  expect(seen.tabs[0]?.map(({ values }) => values.id)).toEqual(['e1', undefined, 'e4', 'e5', 'e6', 'e9'])
  expect(seen.tabs[1]?.map(({ ref }) => ref)).toEqual([10_000, 20_000, 30_000, 90_000])
  expect(seen.here[0]?.filter(({ gone }) => gone).map(({ id }) => id)).toEqual(['e2', 'e3'])
  expect(last).toEqual([{ status: 'unchanged' }])
})

test.each([
  ['and what was on its way never arrives', false],
  ['and what was on its way arrives late', true],
])(
  'stopped at any await, %s, it ends as the world that was not stopped',
  async (_how, late) => {
    const whole = await tell(null)
    expect(whole.points).toBeGreaterThan(150)
    for (let point = late ? 1 : 0; point < whole.points; point += late ? 3 : 1) {
      const broken = await tell(point, late)
      expect(broken.stops, `stopped at ${point}`).toBe(1)
      expect(broken.seen, `stopped at ${point}`).toEqual(whole.seen)
      expect(broken.last, `stopped at ${point}`).toEqual(whole.last)
    }
  },
  180_000,
)
