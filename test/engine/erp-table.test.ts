import { describe, expect, test } from 'vitest'
import type { Trigger } from '../../sync/protocol/runs.ts'
import { systems } from '../../sync/systems/index.ts'
import { fakeLists, type ListWorld, listWorld, request, SHARED } from './list-world.ts'
import { drain, rows } from './world.ts'

// The table of the specification, cell by cell, as a lane answers it.

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const links = new Map(systems.flatMap((system) => system.links).map((link) => [link.name, link]))

interface Cells {
  readonly link: string
  readonly scope: string
  readonly lane: string
  readonly check: number
  readonly full: number
  readonly login: number | null
  readonly reconnect: number | null
  readonly read: number | null
  /** 1 goes first */
  readonly priority: number
}
const table: readonly Cells[] = [
  {
    link: 'customers.erp',
    scope: 'ann',
    lane: 'customers:ann',
    check: 30 * MINUTE,
    full: DAY,
    login: 2 * HOUR,
    reconnect: 3 * DAY,
    read: null,
    priority: 1,
  },
  {
    link: 'products.erp',
    scope: SHARED,
    lane: 'products',
    check: 2 * HOUR,
    full: DAY,
    login: null,
    reconnect: null,
    read: null,
    priority: 3,
  },
  {
    link: 'prices.erp',
    scope: SHARED,
    lane: 'products',
    check: 3 * HOUR,
    full: DAY,
    login: null,
    reconnect: null,
    read: null,
    priority: 4,
  },
  {
    link: 'orders.erp',
    scope: 'ann',
    lane: 'orders:ann',
    check: HOUR,
    full: 12 * HOUR,
    login: 2 * HOUR,
    reconnect: null,
    read: 10 * MINUTE,
    priority: 2,
  },
]

/** A world in which the link has just been read in full, and again, so that nothing is left to look at. */
async function settled({ link, scope, lane }: Cells): Promise<ListWorld> {
  const at = listWorld(['ann'], fakeLists())
  for (let i = 0; i < 2; i++) {
    const on = at.start(lane)
    await on.lane.request(request(link, { scope, full: i === 0 }))
    await drain(at.world, on.lane)
  }
  return at
}

async function ask(at: ListWorld, { link, scope, lane }: Cells, trigger: Trigger, full = false) {
  const on = at.start(lane)
  const answer = await on.lane.request(request(link, { scope, trigger, full }))
  await drain(at.world, on.lane)
  return answer
}

const set = (at: ListWorld, key: string, value: object) =>
  at.world.file
    .prepare(
      `INSERT INTO config VALUES (?, ?, 0, 'op') ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
    )
    .run(key, JSON.stringify(value))

describe.each(table)('$link', (cells) => {
  const lastFull = (at: ListWorld) =>
    Number(rows(at.world, 'SELECT last_full_at FROM link_state WHERE link = ?', cells.link)[0]?.last_full_at)

  test('has its scope and lane, and its place at the gate', () => {
    const link = links.get(cells.link)
    expect(link?.lane('ann')).toBe(cells.lane)
    expect(link?.scopes.per).toBe(cells.scope === SHARED ? 'shared' : 'user')
    const before = table
      .filter(({ priority }) => priority < cells.priority)
      .map((other) => links.get(other.link))
    for (const other of before) expect(other?.priority).toBeGreaterThan(link?.priority ?? 0)
  })

  test('is checked by the cron when its interval has passed, and not before', async () => {
    const at = await settled(cells)
    at.world.clock.advance(cells.check * 0.9 - MINUTE)
    expect(await ask(at, cells, 'cron')).toMatchObject({
      type: 'skipped',
      reason: expect.stringContaining('not due'),
    })
    at.world.clock.advance(MINUTE)
    expect(await ask(at, cells, 'cron')).toMatchObject({ type: 'queued' })
  })

  test('is read in full when its longer interval has passed, and not before', async () => {
    const at = await settled(cells)
    const first = lastFull(at)
    at.world.clock.set(first + cells.full - MINUTE)
    await ask(at, cells, 'manual')
    expect(lastFull(at)).toBe(first)
    at.world.clock.set(first + cells.full)
    await ask(at, cells, 'manual')
    expect(lastFull(at)).toBeGreaterThan(first)
  })

  test('is run by hand at any time, and read in full where it is forced', async () => {
    const at = await settled(cells)
    const first = lastFull(at)
    at.world.clock.advance(1_000)
    expect(await ask(at, cells, 'manual')).toMatchObject({ type: 'queued' })
    expect(lastFull(at)).toBe(first)
    expect(await ask(at, cells, 'manual', true)).toMatchObject({ type: 'queued' })
    expect(lastFull(at)).toBeGreaterThan(first)
  })

  test.each(['login', 'reconnect', 'read'] as const)(
    'is started by a %s as the table says',
    async (trigger) => {
      const at = await settled(cells)
      const limit = cells[trigger]
      const good = Number(rows(at.world, 'SELECT last_good_at FROM link_state')[0]?.last_good_at)
      if (limit === null) {
        at.world.clock.advance(30 * DAY)
        expect(await ask(at, cells, trigger)).toEqual({
          type: 'skipped',
          reason: `a ${trigger} does not start this`,
        })
        return
      }
      at.world.clock.set(good + limit - 1)
      expect(await ask(at, cells, trigger)).toMatchObject({
        type: 'skipped',
        reason: expect.stringContaining('fresh'),
      })
      at.world.clock.set(good + limit)
      expect(await ask(at, cells, trigger)).toMatchObject({ type: 'queued' })
    },
  )

  test('takes other numbers from the configuration with the next request', async () => {
    const at = await settled(cells)
    const good = at.world.clock.now()
    set(at, cells.link, {
      check_minutes: 7,
      full_hours: 5,
      ...(cells.login !== null && { login_hours: 1 }),
      ...(cells.reconnect !== null && { stale_days: 1 }),
      ...(cells.read !== null && { lazy_minutes: 3 }),
    })
    // The interval counts from the next run on.
    await ask(at, cells, 'manual')
    at.world.clock.advance(7 * MINUTE)
    expect(await ask(at, cells, 'cron')).toMatchObject({ type: 'queued' })
    const limits = { login: HOUR, reconnect: DAY, read: 3 * MINUTE }
    for (const trigger of ['read', 'login', 'reconnect'] as const) {
      if (cells[trigger] === null) continue
      const last = Number(rows(at.world, 'SELECT last_good_at FROM link_state')[0]?.last_good_at)
      at.world.clock.set(last + limits[trigger] - 1)
      expect(await ask(at, cells, trigger), trigger).toMatchObject({ type: 'skipped' })
      at.world.clock.set(last + limits[trigger])
      expect(await ask(at, cells, trigger), trigger).toMatchObject({ type: 'queued' })
    }
    const first = lastFull(at)
    at.world.clock.set(Math.max(at.world.clock.now(), good) + 5 * HOUR)
    await ask(at, cells, 'manual')
    expect(lastFull(at)).toBeGreaterThan(first)
  })
})

test('fresh and unfinished are two things: a reconnect is skipped, and what a broken run left is gone on with', async () => {
  const cells = table[0] as Cells
  const at = await settled(cells)
  at.remote.lists.set(
    'customers/ann',
    Array.from({ length: 9 }, (_, n) => ({ erp_id: `C${n}`, name: `Customer ${n}` })),
  )
  at.remote.fault = (_part, page) =>
    page === 3 ? { ok: false, failure: { type: 'refused', reason: 'no login', mend: 'correct it' } } : null
  await ask(at, cells, 'manual', true)
  at.remote.fault = () => null
  expect(await ask(at, cells, 'reconnect')).toMatchObject({ type: 'skipped' })
  at.remote.reads.length = 0
  await ask(at, cells, 'manual')
  expect(at.remote.reads.map(({ page }) => page)).toEqual([3])
})
