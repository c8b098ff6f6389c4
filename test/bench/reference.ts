import { convertV4MiniflareOptions, Miniflare } from 'miniflare'
import { d1Database } from '../../db/d1.ts'
import { REFERENCE_TABS } from '../demo/reference-tabs.ts'
import { googleWorld } from '../engine/google-world.ts'
import { hourOf } from '../engine/workbooks-world.ts'
import { instance, migrations, syncRequest, testClock } from '../engine/world.ts'
import type { ReadBench } from './measured.ts'
import { median, print } from './print.ts'
import { builtWorker } from './worker.ts'

/** What a read of the sheet took in the seed, by what is read, in milliseconds */
const SEED = { 'employee_settings/E-001': 890, 'dynamic_rates?at=60000': 1_333, 'ranks?at=60000': 1_372 }

/** An hour of many workbooks through one gate, on a virtual clock. */
export async function benchWorkbooks(): Promise<void> {
  const seconds = (ms: number) => `${Math.round(ms / 1_000)} s`
  for (const share of [0, 0.3]) {
    const hour = await hourOf(50, 15, { share })
    print(`an hour of 50 workbooks, ${share * 100} % of calls failing`, [
      ['calls', String(hour.calls), `at most a minute: ${JSON.stringify(hour.most)}`],
      ['refused for their number (429)', String(hour.refused), 'wanted: 0'],
      ['all read for the first time after', seconds(hour.begun), ''],
      ['longest from a person’s edit until it is here', seconds(hour.typed), ''],
      ['longest from the bot’s edit until it is in the sheet', seconds(hour.set), ''],
      ['edits / lost / rows doubled', `${hour.edits} / ${hour.lost} / ${hour.doubled}`, 'wanted: none'],
    ])
  }
}

/** One read inside the runtime, against the same from the sheet at the seed's latency. */
export async function benchReference(): Promise<void> {
  const contents = await builtWorker('reference-worker')
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      workers: [
        {
          name: 'bench',
          modules: [{ type: 'ESModule', path: 'index.js', contents }],
          compatibilityDate: '2026-10-01',
          d1Databases: { DB: 'bench' },
          r2Buckets: { IMAGES: 'images' },
          queueProducers: { IMAGE_QUEUE: 'images' },
          durableObjects: { LANE: { className: 'Lane', scriptName: 'lanes' } },
        },
        {
          name: 'lanes',
          modules: true,
          script: `import { DurableObject } from 'cloudflare:workers'
            export class Lane extends DurableObject {}
            export default { fetch: () => new Response() }`,
          compatibilityDate: '2026-10-01',
          durableObjects: { LANE: 'Lane' },
        },
      ],
    }),
  )
  try {
    await miniflare.ready
    const bindings = await miniflare.getBindings<{ DB: Parameters<typeof d1Database>[0] }>('bench')
    const database = d1Database(bindings.DB)
    for (const sql of migrations)
      await database.batch(sql.split('--> statement-breakpoint').map((text) => ({ sql: text, params: [] })))
    const clock = testClock(Date.now())
    const { google, remote } = googleWorld(clock)
    google.person.create({ id: 'book', sheets: REFERENCE_TABS })
    google.person.share('book', { email: 'robot@tidemark.test', role: 'writer' })
    await database.batch([
      {
        sql: `INSERT INTO config VALUES ('sheets.reference', '{"spreadsheet_id":"book"}', 0, 'ann')`,
        params: [],
      },
    ])
    const world = { database, storage: new Map<string, unknown>(), clock, alarm: null as number | null }
    const { lane } = instance(world, 'reference', () => remote)
    await lane.request(syncRequest({ link: 'reference.sheet', scope: 'shared' }))
    while (world.alarm !== null) {
      clock.set(world.alarm)
      world.alarm = null
      await lane.alarm()
    }
    const actor = { id: 'bot', name: 'bot', role: 'hook', user: null }
    const answer = await miniflare.dispatchFetch('http://bench/', {
      headers: { 'x-tidemark-actor': encodeURIComponent(JSON.stringify(actor)) },
    })
    if (!answer.ok) throw new Error(await answer.text())
    const { floor = [], ...reads } = (await answer.json()) as ReadBench
    print('one read of reference data inside the runtime, median', [
      ['SELECT 1 (the floor)', `${median(floor).toFixed(3)} ms`, '', ''],
      ...Object.entries(SEED).map(([path, sheet]) => {
        const ms = median(reads[path] ?? [])
        const ratio = `${Math.round(sheet / ms)} × faster than the sheet’s ${sheet} ms`
        return [path, `${ms.toFixed(3)} ms`, 'wanted: 1 ms or less', `${ratio} (wanted: 2000)`]
      }),
    ])
  } finally {
    await miniflare.dispose()
  }
}
