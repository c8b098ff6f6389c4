import { describe, expect, test } from 'vitest'
import type { Row } from '../../db/database.ts'
import { enter, noSlots, viewOf } from '../../sync/engine/slots.ts'
import type { Trigger } from '../../sync/protocol/runs.ts'
import { systems } from '../../sync/systems/index.ts'
import { fakeLists, listWorld, request, SHARED } from './list-world.ts'
import { drain, instance, rows } from './world.ts'

// The table of the specification once more: what a run writes, how much it reads, and which numbers an operator changes
// under a lane that goes on living. When runs start is in erp-table.test.ts.

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

interface System {
  readonly link: string
  readonly scope: string
  readonly lane: string
  readonly size: number
  readonly total: number
  readonly full: number
  /** What a check reads of a list of 8 pages that stood still, and what a run reads when the longer interval has passed */
  readonly reads: { readonly check: number[]; readonly full: number[] }
}
const all = [1, 2, 3, 4, 5, 6, 7, 8]
const customers: System = {
  link: 'customers.erp',
  scope: 'ann',
  lane: 'customers:ann',
  size: 25,
  total: 5_700,
  full: DAY,
  reads: { check: [1, 2, 3, 8], full: all },
}
const products: System = {
  link: 'products.erp',
  scope: SHARED,
  lane: 'products',
  size: 20,
  total: 6_000,
  full: DAY,
  reads: { check: [], full: all },
}
const prices: System = { ...products, link: 'prices.erp', reads: customers.reads }
/** Newest first: also when all is due, reading ends where nothing is new (D-3). Only a forced run reads the rest. */
const orders: System = {
  link: 'orders.erp',
  scope: 'ann',
  lane: 'orders:ann',
  size: 20,
  total: 200,
  full: 12 * HOUR,
  reads: { check: [1], full: [1] },
}
const table = [customers, products, prices, orders]

const listOf = ({ link, scope }: System) => `${link.split('.')[0]}/${scope}`
const nth = (n: number): Row => {
  const id = `N${String(n).padStart(5, '0')}`
  return { id, erp_id: id, name: `Name ${n}`, price: n, erp_modified_at: Date.UTC(2026, 0) - n * MINUTE }
}
const numbered = (count: number): Row[] => Array.from({ length: count }, (_, n) => nth(n + 1))

/** A lane that lives on from request to request, over a list of so many rows. */
function living(system: System, total: number, size: number) {
  const remote = fakeLists(size)
  const at = listWorld(['ann'], remote)
  const begun: unknown[] = []
  const { lane } = instance(
    at.world,
    system.lane,
    () => remote,
    (engine) => ({
      ...engine,
      log: (event, fields) => void (event === 'run.begun' && begun.push(fields?.mode)),
    }),
    at.ids,
  )
  remote.lists.set(listOf(system), numbered(total))
  // Prices fill products that are here.
  if (system.link === 'prices.erp')
    at.world.file.exec(
      `INSERT INTO products (id, name, name_key, version, updated_at, origin)
        SELECT value ->> 'id', value ->> 'name', '', 0, 0, 'seed' FROM json_each('${JSON.stringify(numbered(total))}')`,
    )
  const ask = async (trigger: Trigger, full = false) => {
    remote.reads.length = 0
    begun.length = 0
    const answer = await lane.request(
      request(system.link, { scope: system.scope, trigger, full }),
    )
    await drain(at.world, lane, 5_000)
    return { answer, mode: begun[0], pages: remote.reads.map(({ page }) => page) }
  }
  const configure = (value: object) =>
    at.world.file
      .prepare(
        `INSERT INTO config VALUES (?, ?, 0, 'op') ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
      )
      .run(system.link, JSON.stringify(value))
  const state = () =>
    rows(at.world, 'SELECT last_full_at, last_good_at, next_due_at FROM link_state')[0] as Record<string, number>
  return { at, remote, lane, ask, configure, state }
}

/** Read in full, and read again, so that nothing is left to look at. */
async function settled(system: System) {
  const lives = living(system, 24, 3)
  lives.configure({ probe_pages: 2 })
  await lives.ask('manual', true)
  await lives.ask('manual', true)
  return lives
}
