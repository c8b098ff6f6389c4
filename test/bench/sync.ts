import { convertV4MiniflareOptions, Miniflare } from 'miniflare'
import { d1Database } from '../../db/d1.ts'
import type { Database } from '../../db/database.ts'
import { createLane } from '../../sync/engine/lane.ts'
import { systems } from '../../sync/systems/index.ts'
import { googleWorld, HEADER } from '../engine/google-world.ts'
import { migrations, testClock, testIds, testRandom } from '../engine/world.ts'
import { print } from './print.ts'

const SIZES = [50, 1_000, 10_000]

/** What one sync cost: calls of Google by kind, and rows as D1 bills them. */
interface Cost {
  readonly calls: string
  readonly rowsRead: number
  readonly rowsWritten: number
  readonly ms: number
}

/** Google calls and D1 rows of a first, an unchanged and a 1 %-changed sync, on D1 and the emulated Google. */
export async function benchSync(): Promise<void> {
  for (const size of SIZES) {
    const projects = size === 50 ? 5 : 20
    const world = await open(size, projects)
    try {
      const first = await world.sync()
      const unchanged = await world.sync()
      world.change(Math.max(1, size / 100))
      const changed = await world.sync()
      const line = (name: string, cost: Cost) => [
        name,
        cost.calls,
        `${cost.rowsRead} read`,
        `${cost.rowsWritten} written`,
        `${Math.round(cost.ms)} ms`,
      ]
      print(`sync of ${size} accounts in ${projects} tabs: Google calls, D1 rows`, [
        line('first', first),
        line('unchanged', unchanged),
        line('1 % changed', changed),
      ])
    } finally {
      await world.close()
    }
  }
}

async function open(size: number, projects: number) {
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
  await miniflare.ready
  const d1 = (await miniflare.getBindings<{ DB: Parameters<typeof d1Database>[0] }>()).DB
  const plain = d1Database(d1)
  for (const sql of migrations)
    await plain.batch(sql.split('--> statement-breakpoint').map((text) => ({ sql: text, params: [] })))
  const cost = { rowsRead: 0, rowsWritten: 0 }
  const database: Database = {
    async batch(statements) {
      const results = await plain.batch(statements)
      for (const result of results) {
        cost.rowsRead += result.rowsRead
        cost.rowsWritten += result.rowsWritten
      }
      return results
    },
  }
  const clock = testClock()
  const { google, remote } = googleWorld(clock)
  const perTab = size / projects
  const tab = (i: number) => `Project ${String(i).padStart(2, '0')}`
  google.person.create({
    id: 'sheet-1',
    sheets: Array.from({ length: projects }, (_, i) => ({
      title: tab(i),
      rowCount: perTab + 100,
      columnCount: HEADER.length,
      rows: [
        HEADER,
        ...Array.from({ length: perTab }, (_, n) => [
          `https://youtube.com/@channel-${i}-${n}`,
          'youtube',
          `Channel ${n} of ${i}`,
          ...[1, 2, 3, 4, 5].map((m) => String(1_000 * m + n)),
        ]),
      ],
    })),
  })
  google.person.share('sheet-1', { email: 'robot@tidemark.test', role: 'writer' })
  await plain.batch([
    { sql: `INSERT INTO workspaces VALUES ('w1', 'Bench', 'sheet-1')`, params: [] },
    ...Array.from({ length: projects }, (_, i) => ({
      sql: `INSERT INTO projects (id, workspace_id, name, tab) VALUES (?1, 'w1', ?2, ?2)`,
      params: [`p${i}`, tab(i)],
    })),
  ])
  let alarm: number | null = null
  let epoch = 0
  const lane = createLane('workspace:w1', {
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
  let edits = 0
  return {
    async sync(): Promise<Cost> {
      Object.assign(cost, { rowsRead: 0, rowsWritten: 0 })
      google.calls.length = 0
      const start = performance.now()
      await lane.request({
        link: 'smart-sync.sheet',
        scope: 'w1',
        parts: null,
        trigger: 'manual',
        full: false,
        actor: 'bench',
      })
      while (alarm !== null) {
        clock.set(alarm)
        alarm = null
        await lane.alarm()
      }
      const kinds = Object.entries(Object.groupBy(google.calls, ({ kind }) => kind))
      return {
        ...cost,
        ms: performance.now() - start,
        calls: kinds.map(([kind, calls]) => `${calls?.length} ${kind}`).join(', '),
      }
    },
    change(rows: number) {
      edits++
      for (let n = 0; n < rows; n++)
        google.person.set('sheet-1', {
          cell: `${tab(n % projects)}!D${2 + Math.floor(n / projects)}`,
          text: String(1_000_000 + edits),
        })
    },
    close: () => miniflare.dispose(),
  }
}
