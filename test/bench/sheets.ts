import { convertV4MiniflareOptions, Miniflare } from 'miniflare'
import { d1Database } from '../../db/d1.ts'
import type { Database } from '../../db/database.ts'
import { googleWorld } from '../engine/google-world.ts'
import { type Cost, type NamedBy, wideFill, wideTab, wideTable, wideWorld } from '../engine/wide-world.ts'
import { migrations, testClock } from '../engine/world.ts'
import { print } from './print.ts'

const ROWS = 10_000
const CELLS = 1_000

/** What links both ways cost: Google calls, D1 rows, time, the largest answer and memory. */
export async function benchSheets(): Promise<void> {
  for (const by of ['ids', 'code'] as const) {
    await benchTab(by)
    await benchBlank(by)
  }
}

/** A full tab and an empty table, then what changes afterwards. */
async function benchTab(by: NamedBy): Promise<void> {
  const world = await open(by, ROWS, 0)
  try {
    const lines = [await world.sync('first sync')]
    lines.push(await world.sync('the look after it'))
    lines.push(await world.sync('idle tick'))
    await world.wide.change(CELLS, ROWS, 'changed')
    lines.push(await world.sync(`${CELLS} cells changed here`))
    lines.push(await world.sync('the look after it'))
    world.wide.type(CELLS, ROWS, 'typed')
    lines.push(await world.sync(`${CELLS} cells typed there`))
    lines.push(await world.sync('idle tick'))
    print(`a tab of ${ROWS} rows × 20 columns, rows told apart by ${by}`, lines)
  } finally {
    await world.close()
  }
}

/** A full table and a blank tab. */
async function benchBlank(by: NamedBy): Promise<void> {
  const world = await open(by, 0, ROWS)
  try {
    const lines = [await world.sync('first sync'), await world.sync('the look after it')]
    print(`${ROWS} rows × 20 columns to a blank tab, rows told apart by ${by}`, lines)
  } finally {
    await world.close()
  }
}

async function open(by: NamedBy, typed: number, here: number) {
  const { database, cost, close } = await metered()
  const clock = testClock()
  const { google, remote } = googleWorld(clock)
  await wideTable(database)
  await wideFill(database, here)
  wideTab(google, typed)
  const world = { database, storage: new Map<string, unknown>(), clock, alarm: null }
  const wide = wideWorld(world, google, remote, by)
  google.watch(() => cost.look())
  return {
    wide,
    close,
    async sync(name: string): Promise<string[]> {
      cost.reset()
      const start = performance.now()
      const { calls, bytes, requestBytes, status } = await wide.sync()
      const ms = performance.now() - start
      return [
        name,
        status,
        callsOf(calls),
        ...cost.show(),
        `${Math.round(ms)} ms`,
        sizes(bytes, requestBytes),
      ]
    },
  }
}

const callsOf = (calls: Cost['calls']): string =>
  Object.entries(calls)
    .map(([kind, count]) => `${count} ${kind}`)
    .join(', ')

const mb = (bytes: number): string => (bytes / 1_000_000).toFixed(2)
const sizes = (bytes: number, requestBytes: number) =>
  `largest answer ${mb(bytes)} MB, request ${mb(requestBytes)} MB`

/** D1 in the local runtime, with its bill, and the heap's peak as it was seen at calls and batches. */
async function metered() {
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
  const plain = d1Database((await miniflare.getBindings<{ DB: Parameters<typeof d1Database>[0] }>()).DB)
  for (const sql of migrations)
    await plain.batch(sql.split('--> statement-breakpoint').map((text) => ({ sql: text, params: [] })))
  let [read, written, heap, before] = [0, 0, 0, 0]
  const look = () => {
    heap = Math.max(heap, process.memoryUsage().heapUsed)
  }
  const database: Database = {
    async batch(statements) {
      look()
      const results = await plain.batch(statements)
      for (const result of results) {
        read += result.rowsRead
        written += result.rowsWritten
      }
      look()
      return results
    },
  }
  return {
    database,
    close: () => miniflare.dispose(),
    cost: {
      look,
      reset() {
        globalThis.gc?.()
        before = process.memoryUsage().heapUsed
        ;[read, written, heap] = [0, 0, before]
      },
      show: () => [
        `${read} read`,
        `${written} written`,
        `heap +${Math.round((heap - before) / 1_000_000)} MB`,
      ],
    },
  }
}
