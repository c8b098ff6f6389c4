import { convertV4MiniflareOptions, Miniflare } from 'miniflare'
import { d1Database } from '../../db/d1.ts'
import type { Database } from '../../db/database.ts'
import { createLane } from '../../sync/engine/lane.ts'
import { erp as erpRemote } from '../../sync/remotes/erp/erp.ts'
import { systems } from '../../sync/systems/index.ts'
import { createErp } from '../emulators/erp/index.ts'
import { migrations, testClock, testIds, testRandom } from '../engine/world.ts'
import { print } from './print.ts'

/** D1 rows, D1 batches and ERP calls of a first, an unchanged and a checking run, on D1 and the emulated ERP. */
export async function benchErpRows(products: number): Promise<void> {
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      workers: [
        {
          name: 'bench',
          modules: true,
          script: 'export default { fetch: () => new Response() }',
          compatibilityDate: '2026-10-01',
          d1Databases: { DB: 'bench' },
        },
      ],
    }),
  )
  try {
    await miniflare.ready
    const { DB } = await miniflare.getBindings<{ DB: Parameters<typeof d1Database>[0] }>()
    const sync = await open(d1Database(DB), products)
    const rows: string[][] = []
    for (const [name, full] of [
      ['first', true],
      ['unchanged, full', true],
      ['unchanged, a check', false],
    ] as const) {
      const cost = await sync(full)
      rows.push([
        name,
        `${cost.calls} ERP calls`,
        `${cost.batches} D1 batches`,
        `${cost.statements} statements`,
        `${cost.rowsRead} rows read`,
        `${cost.rowsWritten} written`,
      ])
    }
    print(`ERP, D1 rows of a run of ${products} products`, rows)
  } finally {
    await miniflare.dispose()
  }
}

async function open(plain: Database, products: number) {
  for (const sql of migrations)
    await plain.batch(sql.split('--> statement-breakpoint').map((text) => ({ sql: text, params: [] })))
  const cost = { batches: 0, statements: 0, rowsRead: 0, rowsWritten: 0 }
  const database: Database = {
    async batch(statements) {
      const results = await plain.batch(statements)
      cost.batches++
      cost.statements += statements.length
      for (const result of results) {
        cost.rowsRead += result.rowsRead
        cost.rowsWritten += result.rowsWritten
      }
      return results
    },
  }
  const clock = testClock()
  const login = { user: 'ann', password: 'ann' }
  const emulated = createErp({
    clock: clock.now,
    random: testRandom(),
    sleep: async () => undefined,
    users: [login],
  })
  emulated.person.fill({ customersEach: 0, products, ordersEach: 0, prices: 'all' })
  await plain.batch([
    {
      sql: `INSERT INTO erp_users (id, name, login, password, updated_at) VALUES ('ann', 'Ann', 'ann', 'ann', 0)`,
      params: [],
    },
  ])
  const cookies = new Map<string, string | null>()
  const remote = erpRemote({
    origin: 'http://erp.test',
    fetch: (request) => emulated.fetch(request),
    clock,
    places: {
      inside: (asked, _onWait, work) => work(clock.now() + asked.lease),
      penalise: async () => undefined,
    },
    sessions: {
      get: async (name) => cookies.get(name) ?? null,
      put: async (name, cookie) => void cookies.set(name, cookie),
    },
    unseal: async (sealed) => sealed,
  })
  let alarm: number | null = null
  let epoch = 0
  const lane = createLane('products', {
    engine: {
      database,
      clock,
      ids: testIds(),
      random: testRandom(),
      log: () => undefined,
      remotes: () => remote,
      beforeBatch: async () => undefined,
    },
    systems,
    loadEpoch: async () => epoch,
    saveEpoch: async (held) => {
      epoch = held
    },
    setAlarm: async (at) => {
      alarm = at
    },
    broadcast: () => undefined,
    abandon: () => undefined,
    offerEvents: async () => undefined,
  })
  return async (full: boolean) => {
    Object.assign(cost, { batches: 0, statements: 0, rowsRead: 0, rowsWritten: 0 })
    emulated.calls.length = 0
    await lane.request({
      link: 'products.erp',
      scope: 'shared',
      parts: null,
      trigger: 'manual',
      full,
      actor: 'bench',
    })
    while (alarm !== null) {
      clock.set(alarm)
      alarm = null
      await lane.alarm()
    }
    return { ...cost, calls: emulated.calls.length }
  }
}
