import { convertV4MiniflareOptions, Miniflare } from 'miniflare'
import type { d1Database } from '../../db/d1.ts'
import { migrations } from '../engine/world.ts'
import type { CommitBench, Measured } from './measured.ts'
import { median, print } from './print.ts'
import { builtWorker } from './worker.ts'

/** Rows a second of `commit` against the plainest json_each writes of the same rows and history, in one runtime. */
export async function benchCommit(): Promise<void> {
  const contents = await builtWorker('commit-worker')
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      workers: [
        {
          name: 'bench',
          modules: [{ type: 'ESModule', path: 'index.js', contents }],
          compatibilityDate: '2026-10-01',
          d1Databases: { DB: 'bench' },
        },
      ],
    }),
  )
  try {
    await miniflare.ready
    const { DB } = await miniflare.getBindings<{ DB: Parameters<typeof d1Database>[0] }>()
    for (const sql of migrations)
      for (const statement of sql.split('--> statement-breakpoint')) await DB.prepare(statement).run()
    const answer = await miniflare.dispatchFetch('http://bench/')
    if (!answer.ok) throw new Error(await answer.text())
    const { raw, commit } = (await answer.json()) as CommitBench
    const speed = (all: Measured[]) => median(all.map(({ rowsPerSecond }) => rowsPerSecond))
    print('commit, 500 rows a batch', [
      ['raw json_each write', `${speed(raw)} rows/s`, `${raw[0]?.rowsWrittenPerRow} rows written a row`],
      ['commit', `${speed(commit)} rows/s`, `${commit[0]?.rowsWrittenPerRow} rows written a row`],
      ['ratio', `${Math.round((speed(commit) / speed(raw)) * 100)} %`, 'wanted: 60 % or more'],
    ])
  } finally {
    await miniflare.dispose()
  }
}
